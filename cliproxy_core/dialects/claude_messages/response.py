"""A complete message of this API, and the neutral response."""

from __future__ import annotations

from typing import Final

import attrs

from cliproxy_core.base.errors import DecodeError
from cliproxy_core.base.jsonval import (
    Json,
    JsonObject,
    as_array,
    as_object,
    as_str,
    each,
    need,
    need_str,
    opt_array,
    opt_object,
    opt_str,
)
from cliproxy_core.ir.dialect import StreamContext
from cliproxy_core.ir.reasoning import Signature
from cliproxy_core.ir.request import (
    NO_EXTRAS,
    Dropped,
    Emitted,
    Extras,
    NativePart,
    Part,
    Reasoning,
    Redacted,
    Refusal,
    Text,
    ToolCall,
    ToolKind,
)
from cliproxy_core.ir.response import Candidate, Response
from cliproxy_core.ir.stream import Reason
from cliproxy_core.ir.usage import Usage

from .arguments import settled
from .carrier import Place, wrap
from .citations import emit_citation
from .grammar import NAME
from .payloads import thinking_block
from .request_blocks import parse_call, parse_text
from .rest import Rest, extras_of, restored
from .usage import emit_reason, emit_usage, parse_reason, parse_usage

__all__ = ["emit_response", "parse_response", "skim_response"]

_KNOWN: Final = frozenset(
    {"id", "type", "role", "model", "content", "stop_reason", "stop_sequence", "usage"}
)

_LIMITS: Final = ("max_tokens", "model_context_window_exceeded")

_THINKING: Final = frozenset({"type", "thinking", "signature"})
_SEALED: Final = frozenset({"type", "data"})


def parse_response(payload: JsonObject, _context: StreamContext) -> Response:
    """Read a message. Raises `DecodeError` with the path of the fault."""
    content = opt_array(payload, "content", "")
    if content is None:
        raise DecodeError(".content", "required")
    parts = tuple(
        _part(as_object(b, path), path) for b, path in each(content, ".content")
    )
    word = opt_str(payload, "stop_reason", "")
    if word in _LIMITS:
        parts = _cut_short(parts)
    calls = any(isinstance(part, ToolCall) for part in parts)
    usage = opt_object(payload, "usage", "")
    rest = Rest({k: v for k, v in payload.items() if k not in _KNOWN})
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
        extras=rest.extras,
    )


def _cut_short(parts: tuple[Part, ...]) -> tuple[Part, ...]:
    """A call at the limit has an empty input here. It must not look runnable."""
    match parts:
        case (*before, ToolCall(arguments="{}") as call):
            return (*before, attrs.evolve(call, arguments="{"))
        case _:
            return parts


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
    """A block as its issuer wrote it: here a proof is in no carrier of ours."""
    kind = as_str(need(block, "type", path), f"{path}.type")
    try:
        match kind:
            case "text":
                return parse_text(block)
            case "thinking":
                proof = opt_str(block, "signature", "")
                signature = Signature(proof, NAME) if proof else None
                text = need_str(block, "thinking", "")
                return Reasoning(text, signature, extras_of(block, _THINKING))
            case "redacted_thinking":
                sealed = Signature(need_str(block, "data", ""), NAME)
                return Redacted(sealed, extras_of(block, _SEALED))
            case "tool_use":
                return parse_call({**block, "input": block.get("input") or {}})
            case _:
                return NativePart(NAME, block)
    except DecodeError as error:
        raise error.under(path) from None


# Emitting.


def emit_response(response: Response, context: StreamContext) -> Emitted:
    """Write a response as a message."""
    candidate = response.candidates[0]
    content = _Content(context)
    for index, part in enumerate(candidate.parts):
        content.add(part, f".candidates[0].parts[{index}]")
    if candidate.tokens:
        content.drop(".candidates[0].tokens", "this API tells no probabilities")
    for index in range(1, len(response.candidates)):
        content.drop(f".candidates[{index}]", "this API gives one answer")
    calls = any(isinstance(part, ToolCall) for part in candidate.parts)
    payload: JsonObject = {
        "id": response.id or context.ids("msg_"),
        "type": "message",
        "role": "assistant",
        "model": response.model or context.model,
        "content": content.blocks,
        "stop_reason": emit_reason(
            candidate.reason,
            candidate.native_reason,
            tools=calls,
            cut=content.cut,
            declined=any(isinstance(p, Refusal) and p.text for p in candidate.parts),
        ),
        "stop_sequence": candidate.sequence,
        "usage": emit_usage(response.usage, whole=True),
    }
    if response.extras.dialect == NAME:
        payload = restored(payload, response.extras)
    return Emitted(payload, tuple(content.dropped))


@attrs.define
class _Content:
    """The content of a message, as the stream of the same parts would leave it."""

    context: StreamContext
    blocks: list[Json] = attrs.field(factory=list, init=False)
    dropped: list[Dropped] = attrs.field(factory=list, init=False)
    cut: bool = attrs.field(default=False, init=False)
    """Whether some call is less than was meant."""
    _unsigned: JsonObject | None = attrs.field(default=None, init=False)
    """The last block, if it is thinking that nobody signed."""

    def drop(self, path: str, reason: str) -> None:
        self.dropped.append(Dropped(path, reason))

    def add(self, part: Part, path: str) -> None:
        match part:
            case Text():
                self._text(part, path)
            case Refusal(text=text):
                if text:
                    self._put({"type": "text", "text": text}, NO_EXTRAS)
            case Reasoning(text=text, signature=signature):
                block = thinking_block(text, wrap(signature))
                self._put(block, part.extras)
                self._unsigned = block if signature is None else None
            case Redacted(sealed=sealed):
                block = {"type": "redacted_thinking", "data": wrap(sealed)}
                self._put(block, part.extras)
            case ToolCall():
                self._call(part, path)
            case NativePart(dialect=dialect, raw=raw) if dialect == NAME:
                self._put(_native(raw), NO_EXTRAS)
            case _:
                self.drop(path, "this API has no place for it in an answer")

    def _put(self, block: JsonObject, extras: Extras) -> None:
        if extras.dialect == NAME:
            block.update(restored(block, extras))
        self.blocks.append(block)
        self._unsigned = None

    def _text(self, part: Text, path: str) -> None:
        """Words. This API refuses an empty text when it comes back."""
        cited = [emit_citation(citation) for citation in part.citations]
        own: list[Json] = [raw for raw in cited if raw is not None]
        if len(own) < len(cited):
            self.drop(f"{path}.citations", "sources without an address")
        if part.text or own:
            block: JsonObject = {"type": "text", "text": part.text}
            if own:
                block["citations"] = own
            self._put(block, part.extras)
        if part.signature is not None:
            self._carry(wrap(part.signature, Place.PREVIOUS), None)

    def _call(self, part: ToolCall, path: str) -> None:
        if part.signature is not None:
            self._carry(wrap(part.signature, Place.NEXT), self._unsigned)
        given, arguments = settled(part.arguments, part.kind)
        self.cut = self.cut or arguments.cut
        if arguments.broken:
            self.drop(f"{path}.arguments", "not a JSON object")
        block: JsonObject = {
            "type": "tool_use",
            "id": part.call_id or self.context.ids("toolu_"),
            "name": part.name,
            "input": given,
        }
        self._put(block, part.extras)

    def _carry(self, proof: str, unsigned: JsonObject | None) -> None:
        """Say what has no slot of its own, in thinking that nobody signed."""
        if unsigned is None:
            self.blocks.append(thinking_block("", proof))
        else:
            unsigned["signature"] = proof
        self._unsigned = None


def _native(raw: JsonObject) -> JsonObject:
    """A block of this dialect's own; one collected from a stream gets its input."""
    deltas = raw.get("deltas")
    if not isinstance(deltas, list):
        return dict(raw)
    pieces = [
        text
        for delta in deltas
        if isinstance(delta, dict)
        and isinstance(text := delta.get("partial_json"), str)
    ]
    block = {key: value for key, value in raw.items() if key != "deltas"}
    if pieces:
        block["input"], _ = settled("".join(pieces), ToolKind.FUNCTION)
    return block
