"""A complete message of this API, and the neutral response."""

from __future__ import annotations

from typing import Final

from cliproxy_core.base.errors import DecodeError
from cliproxy_core.base.jsonval import (
    JsonObject,
    as_array,
    as_object,
    as_str,
    each,
    loads,
    need,
    opt_array,
    opt_object,
    opt_str,
    write,
)
from cliproxy_core.ir.dialect import StreamContext
from cliproxy_core.ir.reasoning import Signature
from cliproxy_core.ir.request import (
    Emitted,
    Extras,
    NativePart,
    Part,
    Reasoning,
    Redacted,
    Refusal,
    Text,
    ToolCall,
)
from cliproxy_core.ir.response import Candidate, Response
from cliproxy_core.ir.stream import Reason
from cliproxy_core.ir.usage import Usage

from .carrier import wrap
from .grammar import NAME
from .usage import emit_reason, emit_usage, parse_reason, parse_usage

__all__ = ["emit_response", "parse_response", "skim_response"]

_KNOWN: Final = frozenset(
    {"id", "type", "role", "model", "content", "stop_reason", "stop_sequence", "usage"}
)


def parse_response(payload: JsonObject, _context: StreamContext) -> Response:
    """Read a message. Raises `DecodeError` with the path of the fault."""
    content = opt_array(payload, "content", "")
    if content is None:
        raise DecodeError(".content", "required")
    parts = tuple(
        _part(as_object(b, path), path) for b, path in each(content, ".content")
    )
    word = opt_str(payload, "stop_reason", "")
    calls = any(isinstance(part, ToolCall) for part in parts)
    usage = opt_object(payload, "usage", "")
    rest = {key: value for key, value in payload.items() if key not in _KNOWN}
    return Response(
        id=opt_str(payload, "id", "") or "",
        model=opt_str(payload, "model", "") or "",
        candidates=(
            Candidate(
                parts=parts,
                reason=_reason(word, calls=calls),
                native_reason=word,
                sequence=opt_str(payload, "stop_sequence", ""),
            ),
        ),
        usage=None if usage is None else parse_usage(usage),
        extras=Extras(NAME, rest),
    )


def skim_response(payload: JsonObject) -> Usage | None:
    """The token counts; raises `DecodeError` for what holds no content."""
    as_array(need(payload, "content", ""), ".content")
    usage = opt_object(payload, "usage", "")
    return None if usage is None else parse_usage(usage)


def _reason(word: str | None, *, calls: bool) -> Reason:
    """Calls and `tool_use` come together, as they do in a mended stream."""
    if word in (None, "", "end_turn", "tool_use"):
        return Reason.TOOL_USE if calls else Reason.END
    return parse_reason(word or "")


def _part(block: JsonObject, path: str) -> Part:
    match as_str(need(block, "type", path), f"{path}.type"):
        case "text":
            citations = block.get("citations")
            extras = Extras(NAME, {"citations": citations} if citations else {})
            return Text(_text(block, "text", path), extras=extras)
        case "thinking":
            proof = opt_str(block, "signature", path)
            signature = Signature(proof, NAME) if proof else None
            return Reasoning(_text(block, "thinking", path), signature)
        case "redacted_thinking":
            return Redacted(Signature(_text(block, "data", path), NAME))
        case "tool_use":
            return ToolCall(
                call_id=_text(block, "id", path),
                name=_text(block, "name", path),
                arguments=write(opt_object(block, "input", path) or {}).decode(),
            )
        case _:
            return NativePart(NAME, block)


def _text(block: JsonObject, key: str, path: str) -> str:
    return as_str(need(block, key, path), f"{path}.{key}")


def emit_response(response: Response, context: StreamContext) -> Emitted:
    """Write a response as a message."""
    candidate = response.candidates[0]
    content = [
        block
        for part in candidate.parts
        if (block := _block(part, context)) is not None
    ]
    calls = any(isinstance(part, ToolCall) for part in candidate.parts)
    extras = response.extras
    payload: JsonObject = {
        "id": response.id or context.ids("msg_"),
        "type": "message",
        "role": "assistant",
        "model": response.model or context.model,
        "content": content,
        "stop_reason": emit_reason(
            candidate.reason, candidate.native_reason, tools=calls
        ),
        "stop_sequence": candidate.sequence,
        "usage": emit_usage(response.usage, whole=True),
        **(extras.fields if extras.dialect == NAME else {}),
    }
    return Emitted(payload)


def _block(part: Part, context: StreamContext) -> JsonObject | None:
    match part:
        case Text(text=text) | Refusal(text=text):
            if not text:
                return None  # this API refuses an empty text when it comes back
            block: JsonObject = {"type": "text", "text": text}
            if isinstance(part, Text) and part.extras.dialect == NAME:
                block.update(part.extras.fields)
            return block
        case Reasoning(text=text, signature=signature):
            proof = wrap(signature)
            return {"type": "thinking", "thinking": text, "signature": proof}
        case Redacted(sealed=sealed):
            return {"type": "redacted_thinking", "data": wrap(sealed)}
        case ToolCall(call_id=call_id, name=name, arguments=arguments):
            return {
                "type": "tool_use",
                "id": call_id or context.ids("toolu_"),
                "name": name,
                "input": _object(arguments),
            }
        case NativePart(dialect=dialect, raw=raw) if dialect == NAME:
            return _native(raw)
        case _:
            return None  # generated media and other dialects' parts have no place here


def _object(text: str) -> JsonObject:
    """Arguments as the object that they must be here; a cut one is worth nothing."""
    try:
        value = loads(text)
    except DecodeError:
        return {}
    return value if isinstance(value, dict) else {}


def _native(raw: JsonObject) -> JsonObject:
    """A block of this dialect's own; one collected from a stream gets its input."""
    deltas = raw.get("deltas")
    if not isinstance(deltas, list):
        return raw
    pieces = [
        text
        for delta in deltas
        if isinstance(delta, dict)
        and isinstance(text := delta.get("partial_json"), str)
    ]
    block = {key: value for key, value in raw.items() if key != "deltas"}
    if pieces:
        block["input"] = _object("".join(pieces))
    return block
