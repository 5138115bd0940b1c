"""A complete response of this API, and the neutral one, both ways.

Whole answers bend the same rules as streams do, so what the mender puts right in one is
put up with here. Writing one goes through the encoder, so that it is what the last
event of the stream would have told.
"""

from __future__ import annotations

from typing import Final

from cliproxy_core.base.errors import DecodeError
from cliproxy_core.base.jsonval import (
    JsonObject,
    as_array,
    as_object,
    each,
    need,
    need_str,
    opt_array,
    opt_object,
    opt_str,
)
from cliproxy_core.ir.citation import TokenProb
from cliproxy_core.ir.dialect import StreamContext
from cliproxy_core.ir.media import Media, MediaKind
from cliproxy_core.ir.reasoning import Signature
from cliproxy_core.ir.request import (
    NO_EXTRAS,
    Dropped,
    Emitted,
    Extras,
    MediaPart,
    NativePart,
    Part,
    Reasoning,
    Redacted,
    Refusal,
    Text,
    ToolCall,
    ToolKind,
)
from cliproxy_core.ir.response import Candidate, Response, spell_out
from cliproxy_core.ir.usage import Usage

from .decode import BETWEEN
from .encode import ResponsesEncoder
from .grammar import NAME
from .mend_forms import arguments_of
from .notes import parse_citation, parse_probs
from .outcome import is_cut, mime_of, seconds_of, stop_of
from .usage import parse_usage

__all__ = ["emit_response", "parse_response", "skim_response"]

# The rest is news to the neutral form.
_KNOWN: Final = frozenset(
    {
        "id",
        "object",
        "created_at",
        "status",
        "error",
        "incomplete_details",
        "model",
        "output",
        "usage",
        "stop_reason",
        "stop_sequence",
    }
)

_FINAL: Final = frozenset({"completed", "incomplete"})


def parse_response(payload: JsonObject, context: StreamContext) -> Response:
    """Read a response. Raises `DecodeError` with the path of the fault."""
    status = opt_str(payload, "status", "")
    if status is not None and status not in _FINAL:
        raise DecodeError(".status", "the response is not complete")
    parts: list[Part] = []
    tokens: list[TokenProb] = []
    output = as_array(need(payload, "output", ""), ".output")
    for value, path in each(output, ".output"):
        _item(as_object(value, path), path, context, parts, tokens)
    stopped = stop_of(
        payload,
        calls=any(isinstance(part, ToolCall) for part in parts),
        cut=any(is_cut(item) for item in output if isinstance(item, dict)),
    )
    usage = opt_object(payload, "usage", "")
    rest = {key: value for key, value in payload.items() if key not in _KNOWN}
    return Response(
        id=opt_str(payload, "id", "") or "",
        model=opt_str(payload, "model", "") or "",
        created=seconds_of(payload.get("created_at")),
        candidates=(
            Candidate(
                parts=tuple(parts),
                reason=stopped.reason,
                native_reason=stopped.native,
                sequence=stopped.sequence,
                tokens=tuple(tokens),
            ),
        ),
        usage=None if usage is None else parse_usage(usage),
        extras=Extras(NAME, rest) if rest else NO_EXTRAS,
    )


def skim_response(payload: JsonObject) -> Usage | None:
    """The token counts; raises `DecodeError` for what has no output."""
    as_array(need(payload, "output", ""), ".output")
    usage = opt_object(payload, "usage", "")
    return None if usage is None else parse_usage(usage)


def _item(
    item: JsonObject,
    path: str,
    context: StreamContext,
    parts: list[Part],
    tokens: list[TokenProb],
) -> None:
    match need_str(item, "type", path):
        case "message":
            content = item.get("content")
            if isinstance(content, str):
                parts.append(Text(content))
            elif content is not None:
                for value, place in each(
                    as_array(content, f"{path}.content"), f"{path}.content"
                ):
                    _content(as_object(value, place), place, parts, tokens)
        case "reasoning":
            _reasoning(item, path, parts)
        case "function_call" | "custom_tool_call":
            parts.append(_call(item, path, context))
        case "image_generation_call" if opt_str(item, "result", path):
            data = opt_str(item, "result", path)
            media = Media(kind=MediaKind.IMAGE, mime=mime_of(item), data=data)
            parts.append(MediaPart(media))
        case _:
            parts.append(NativePart(NAME, item))


def _content(
    part: JsonObject, path: str, parts: list[Part], tokens: list[TokenProb]
) -> None:
    match need_str(part, "type", path):
        case "output_text" | "text":
            found = opt_array(part, "annotations", path) or []
            sources = tuple(parse_citation(a) for a in found if isinstance(a, dict))
            parts.append(Text(need_str(part, "text", path), citations=sources))
            tokens += parse_probs(part.get("logprobs"))
        case "refusal":
            parts.append(Refusal(need_str(part, "refusal", path)))
        case _:
            pass  # no part of a message that anybody was told of


def _reasoning(item: JsonObject, path: str, parts: list[Part]) -> None:
    """All that may be read of an item, or what its issuer sealed, or nothing."""
    texts: list[str] = []
    for key in ("summary", "content"):
        for value, place in each(opt_array(item, key, path) or [], f"{path}.{key}"):
            texts.append(need_str(as_object(value, place), "text", place))
    sealed = opt_str(item, "encrypted_content", path)
    proof = Signature(sealed, NAME) if sealed else None
    if texts:
        parts.append(Reasoning(BETWEEN.join(filter(None, texts)), proof))
    elif proof is not None:
        parts.append(Redacted(proof))


def _call(item: JsonObject, path: str, context: StreamContext) -> ToolCall:
    function = item["type"] == "function_call"
    key = "arguments" if function else "input"
    try:
        arguments = arguments_of(item.get(key) or "")
    except DecodeError as error:
        raise error.under(f"{path}.{key}") from None
    if arguments is None:
        raise DecodeError(f"{path}.{key}", "neither text nor an object")
    return ToolCall(
        call_id=opt_str(item, "call_id", path) or context.ids("call_"),
        name=need_str(item, "name", path),
        arguments=arguments,
        kind=ToolKind.FUNCTION if function else ToolKind.CUSTOM,
        namespace=opt_str(item, "namespace", path) or None,
    )


def emit_response(response: Response, context: StreamContext) -> Emitted:
    """The whole answer as this API writes it."""
    encoder = ResponsesEncoder(context)
    encoder.feed(spell_out(response))
    own = response.extras.fields if response.extras.dialect == NAME else {}
    payload: JsonObject = {**(encoder.response or {}), **own}
    lost = [
        Dropped(f".{what}", "has no place in a response of this API")
        for what, count in sorted(encoder.dropped.items())
        for _ in range(count)
    ]
    return Emitted(payload, tuple(lost))
