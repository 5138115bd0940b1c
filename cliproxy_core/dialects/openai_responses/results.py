"""Results of calls: the outputs of this API, both ways.

An output is a string or a list of parts. From other dialects it is a string wherever
that says it all: not every server takes lists there.

Clients hand pictures on as words where a tool gives nothing else: a string that spells
a list of parts with pictures among them means that list, in both directions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, TypeAlias

import attrs

from cliproxy_core.base.errors import DecodeError
from cliproxy_core.base.jsonval import (
    Json,
    JsonObject,
    loads,
    need,
    opt_object,
    opt_str,
)
from cliproxy_core.ir.request import (
    Extras,
    MediaPart,
    NativePart,
    Part,
    Refusal,
    Text,
    ToolKind,
    ToolResult,
)

from .grammar import NAME
from .parts import INPUT, extras_of, own_fields, parse_content
from .parts_emit import Writer

__all__ = ["OUTPUTS", "emit_result", "parse_result"]

MARK: Final = "Error: "
"""Stands before the words of a result that is an error: there is no field for it."""

OUTPUTS: Final[Mapping[str, ToolKind]] = {
    "function_call_output": ToolKind.FUNCTION,
    "custom_tool_call_output": ToolKind.CUSTOM,
}

_OUTPUT: Final = frozenset({"type", "call_id", "output", "name", "cache_control"})

_ResultPart: TypeAlias = Text | MediaPart | NativePart


# Parsing.


def parse_result(item: JsonObject, kind: ToolKind) -> ToolResult | NativePart:
    output = need(item, "output", "")
    call_id = opt_str(item, "call_id", "")
    if call_id is None:
        return NativePart(NAME, item)  # of a call that only its upstream knows
    extras = extras_of(item, _OUTPUT)
    shown = _pictures_in(output) if isinstance(output, str) else None
    if shown is not None:
        extras = Extras(NAME, extras.fields, {**own_fields(extras), "output": output})
        output = shown
    return ToolResult(
        call_id=call_id,
        parts=_parse_parts(output),
        name=opt_str(item, "name", ""),
        kind=kind,
        plain=isinstance(output, str),
        cache=opt_object(item, "cache_control", ""),
        extras=extras,
    )


def _parse_parts(output: Json) -> tuple[_ResultPart, ...]:
    try:
        parts = parse_content(output, INPUT)
    except DecodeError as error:
        raise error.under(".output") from None
    return tuple(
        NativePart(NAME, {"type": "refusal", "refusal": part.text})
        if isinstance(part, Refusal)
        else part
        for part in parts
    )


# Emitting.


def emit_result(result: ToolResult, path: str, writer: Writer) -> JsonObject:
    custom = result.kind is ToolKind.CUSTOM
    kind = "custom_tool_call_output" if custom else "function_call_output"
    item: JsonObject = {"type": kind, "call_id": result.call_id}
    if writer.own:
        item["output"] = _output(result.parts, result.plain, path, writer)
        if result.name is not None:
            item["name"] = result.name
    else:
        parts: Sequence[Part] = result.parts
        if result.error:
            writer.drop(f"{path}.is_error", f"said in words: {MARK!r} stands first")
            parts = _marked(parts)
        plain = not parts or (len(parts) == 1 and isinstance(parts[0], Text))
        item["output"] = _output(parts, plain, path, writer)
    if result.cache is None and not result.extras.dialect:
        return item
    return {
        **item,
        **writer.cached(result.cache, path),
        **writer.fields(result.extras, path),
    }


def _output(parts: Sequence[Part], plain: bool, path: str, writer: Writer) -> Json:
    """A string or a list of parts. What was said of the only words is in the list."""
    if plain and not parts:
        return ""
    content = writer.content(parts, INPUT, path)
    first = parts[0] if parts else None
    if plain and len(parts) == 1 and isinstance(first, Text):
        shown = None if writer.own else _pictures_in(first.text)
        return first.text if shown is None else shown
    return content


def _pictures_in(text: str) -> list[Json] | None:
    """The parts that a result's words spell out, if there are pictures among them."""
    if not text.startswith("[") or '"input_image"' not in text:
        return None
    try:
        parts = loads(text)
        _parse_parts(parts)
    except DecodeError:
        return None
    if not isinstance(parts, list) or not all(_is_shown(part) for part in parts):
        return None
    return parts


def _is_shown(part: Json) -> bool:
    """Whether this is words or a picture as the vendor writes them, to the letter."""
    if not isinstance(part, dict):
        return False
    if part.get("type") == INPUT:
        return isinstance(part.get("text"), str)
    if part.get("type") != "input_image" or not isinstance(part.get("image_url"), str):
        return False
    return isinstance(part.get("detail", ""), str)


def _marked(parts: Sequence[Part]) -> tuple[Part, ...]:
    """The parts of a result that is an error, so that the model can see that."""
    for i, part in enumerate(parts):
        if isinstance(part, Text):
            if part.text[: len(MARK) - 2].lower() == MARK[:-2].lower():
                return tuple(parts)
            said = attrs.evolve(part, text=MARK + part.text)
            return (*parts[:i], said, *parts[i + 1 :])
    return (Text(MARK.rstrip()), *parts)
