"""Content blocks, read as parts of a message.

A block that the neutral form has no word for is a `NativePart` and stays as it is.
Thinking that only carries what goes with another part is bound to that part.
"""

from __future__ import annotations

from typing import Final, TypeAlias

import attrs

from cliproxy_core.base.errors import DecodeError
from cliproxy_core.base.jsonval import (
    JsonObject,
    as_object,
    kind_of,
    need,
    need_str,
    opt_array,
    opt_bool,
    opt_object,
    opt_str,
    parse_each,
    write,
)
from cliproxy_core.base.value import value
from cliproxy_core.ir.request import (
    MediaPart,
    NativePart,
    Part,
    Reasoning,
    Redacted,
    Text,
    ToolCall,
    ToolResult,
)

from .carrier import Carried, Place, unwrap
from .citations import parse_citation
from .grammar import NAME
from .media import parse_media
from .rest import NO_REST, extras_of, rest_of

__all__ = ["Loose", "bound", "parse_block", "parse_call", "parse_text"]

_BARE_TEXT: Final = 2
_BARE_CALL: Final = 4
_BARE_RESULT: Final = 3
"""How many fields blocks have that hold what they must and nothing else."""

_TEXT: Final = frozenset({"type", "text", "cache_control", "citations"})
_CALL: Final = frozenset({"type", "id", "name", "input", "cache_control"})
_RESULT: Final = frozenset(
    {"type", "tool_use_id", "content", "is_error", "cache_control"}
)
_THINKING: Final = frozenset({"type", "thinking", "signature"})
_SEALED: Final = frozenset({"type", "data"})


@value
class Loose:
    """Thinking whose proof belongs to another part."""

    thinking: Reasoning
    carried: Carried


_Read: TypeAlias = Part | Loose


def parse_block(block: JsonObject) -> _Read:
    """Read one content block. Raises `DecodeError` with the path inside it."""
    kind, text = block.get("type"), block.get("text")
    if kind == "text" and len(block) == _BARE_TEXT and isinstance(text, str):
        return Text(text, None, NO_REST)  # the common case, without another call
    if not isinstance(kind, str):
        kind = need_str(block, "type", "")  # complains
    match kind:
        case "text":
            return parse_text(block)
        case "tool_use":
            return parse_call(block)
        case "tool_result":
            return _result(block)
        case "image" | "document":
            return parse_media(block, kind)
        case "thinking":
            return _thinking(block)
        case "redacted_thinking":
            carried = unwrap(need_str(block, "data", ""))
            if carried is None:
                return Reasoning("")
            return Redacted(carried.signature, extras_of(block, _SEALED))
        case _:
            return NativePart(NAME, block)


def parse_text(block: JsonObject) -> Text:
    text = need_str(block, "text", "")
    cache = opt_object(block, "cache_control", "")
    if "citations" not in block:
        return Text(text, cache, extras_of(block, _TEXT))
    cited = opt_array(block, "citations", "")
    rest = rest_of(block, _TEXT)
    if cited == []:
        rest.hush("citations", cited)
    citations = parse_each(cited or (), ".citations", parse_citation)
    return Text(text, cache, rest.extras, citations=tuple(citations))


def parse_call(block: JsonObject) -> ToolCall:
    given = as_object(need(block, "input", ""), ".input")
    bare = len(block) == _BARE_CALL
    return ToolCall(
        call_id=need_str(block, "id", ""),
        name=need_str(block, "name", ""),
        arguments=write(given).decode(),
        cache=None if bare else opt_object(block, "cache_control", ""),
        extras=NO_REST if bare else extras_of(block, _CALL),
    )


def _thinking(block: JsonObject) -> Reasoning | Loose:
    text = need_str(block, "thinking", "")
    carried = unwrap(opt_str(block, "signature", "") or "")
    extras = extras_of(block, _THINKING)
    if carried is None or carried.place is Place.OWN:
        return Reasoning(text, None if carried is None else carried.signature, extras)
    return Loose(Reasoning(text, None, extras), carried)


def _result(block: JsonObject) -> ToolResult:
    content = block.get("content")
    parts: tuple[Text | MediaPart | NativePart, ...] = ()
    if isinstance(content, str):
        parts = (Text(content),)
    elif isinstance(content, list):
        parts = tuple(parse_each(content, ".content", _inner))
    elif content is not None:
        got = kind_of(content)
        raise DecodeError(".content", f"expected a string or an array, got {got}")
    call_id = need_str(block, "tool_use_id", "")
    plain = not isinstance(content, list)
    if content is not None and len(block) == _BARE_RESULT:
        return ToolResult(call_id=call_id, parts=parts, plain=plain, extras=NO_REST)
    return ToolResult(
        call_id=call_id,
        parts=parts,
        plain=plain,
        error=opt_bool(block, "is_error", ""),
        cache=opt_object(block, "cache_control", ""),
        extras=extras_of(block, _RESULT),
    )


def _inner(block: JsonObject) -> Text | MediaPart | NativePart:
    part = parse_block(block)
    if isinstance(part, Text | MediaPart | NativePart):
        return part
    return NativePart(NAME, block)


# Carriers.


def bound(read: list[_Read]) -> tuple[Part, ...]:
    """What carriers hold, with the parts that it belongs to.

    Each part takes one proof; one that finds no part is lost. A block that was there
    for nothing but the carrier vanishes.
    """
    if Loose not in map(type, read):
        return tuple(read)  # type: ignore[arg-type]
    out: list[Part | None] = [None if isinstance(r, Loose) else r for r in read]
    for at, each in enumerate(read):
        if isinstance(each, Loose):
            _bind(out, at, each.carried)
            out[at] = each.thinking if each.thinking.text else None
    return tuple(part for part in out if part is not None)


def _bind(parts: list[Part | None], at: int, carried: Carried) -> None:
    """Put a proof on the nearest part of its kind, unless other thinking is between."""
    forward = carried.place is Place.NEXT
    places = range(at + 1, len(parts)) if forward else range(at - 1, -1, -1)
    for place in places:
        part = parts[place]
        if isinstance(part, Reasoning | Redacted):
            return
        if isinstance(part, ToolCall if forward else Text):
            if part.signature is None:
                parts[place] = attrs.evolve(part, signature=carried.signature)
            return
