"""Content blocks, read."""

from __future__ import annotations

from typing import Any

import pytest

from cliproxy_core.base.errors import DecodeError
from cliproxy_core.dialects.claude_messages.request_blocks import (
    Loose,
    bound,
    parse_block,
)
from cliproxy_core.ir.citation import Citation
from cliproxy_core.ir.media import Media, MediaKind
from cliproxy_core.ir.reasoning import Signature
from cliproxy_core.ir.request import (
    Extras,
    MediaPart,
    NativePart,
    Part,
    Reasoning,
    Redacted,
    Text,
    ToolCall,
    ToolResult,
)

NAME = "claude_messages"
CACHE: Any = {"type": "ephemeral"}
NONE = Extras(NAME, {})
IMAGE = MediaKind.IMAGE
CITED: Any = {"type": "char_location", "cited_text": "c", "document_title": "d"}
SERVER: Any = {"type": "server_tool_use", "id": "s", "name": "w", "input": {}}


def result(**fields: Any) -> Any:
    return {"type": "tool_result", "tool_use_id": "t", **fields}


# fmt: off
BLOCKS: list[tuple[Any, Part]] = [
    ({"type": "text", "text": "hi"}, Text("hi", extras=NONE)),
    ({"type": "text", "text": "hi", "cache_control": CACHE, "citations": None},
     Text("hi", CACHE, Extras(NAME, {}, {"citations": None}))),
    ({"type": "text", "text": "hi", "citations": []},
     Text("hi", extras=Extras(NAME, {}, {"citations": []}))),
    ({"type": "text", "text": "hi", "citations": [CITED], "new": 1},
     Text("hi", extras=Extras(NAME, {"new": 1}), citations=(
         Citation(dialect=NAME, raw=CITED, title="d", quoted="c"),))),
    ({"type": "image", "source": {"type": "url", "url": "u"}},
     MediaPart(Media(kind=IMAGE, url="u"), None, NONE)),
    ({"type": "tool_use", "id": "t", "name": "f", "input": {"b": 1, "a": "ü"},
      "cache_control": CACHE, "caller": {}},
     ToolCall(call_id="t", name="f", arguments='{"b":1,"a":"ü"}', cache=CACHE,
              extras=Extras(NAME, {"caller": {}}))),
    (result(), ToolResult(call_id="t", parts=(), extras=NONE)),
    (result(content="ok", is_error=True, cache_control=CACHE, new=1),
     ToolResult(call_id="t", parts=(Text("ok"),), error=True, cache=CACHE,
                extras=Extras(NAME, {"new": 1}))),
    (result(content=[]), ToolResult(call_id="t", parts=(), plain=False, extras=NONE)),
    (result(content=[{"type": "text", "text": "a"}, SERVER,
                     {"type": "tool_use", "id": "x", "name": "y", "input": {}}]),
     ToolResult(call_id="t", plain=False, extras=NONE, parts=(
         Text("a", extras=NONE), NativePart(NAME, SERVER),
         NativePart(NAME, {"type": "tool_use", "id": "x", "name": "y", "input": {}}),
     ))),
    ({"type": "thinking", "thinking": "t", "signature": "s"},
     Reasoning("t", Signature("s", NAME), NONE)),
    ({"type": "thinking", "thinking": "t", "signature": "s", "new": 1},
     Reasoning("t", Signature("s", NAME), Extras(NAME, {"new": 1}))),
    ({"type": "thinking", "thinking": "t", "signature": ""},
     Reasoning("t", None, NONE)),
    ({"type": "thinking", "thinking": "t"}, Reasoning("t", None, NONE)),
    ({"type": "thinking", "thinking": "t", "signature": "cliproxy1:gemini::s"},
     Reasoning("t", Signature("s", "gemini"), NONE)),
    ({"type": "redacted_thinking", "data": "d"}, Redacted(Signature("d", NAME), NONE)),
    ({"type": "redacted_thinking", "data": "cliproxy1:responses:enc:d"},
     Redacted(Signature("d", "responses", "enc"), NONE)),
    ({"type": "redacted_thinking", "data": "cliproxy1:"}, Reasoning("")),
    (SERVER, NativePart(NAME, SERVER)),
]
# fmt: on


@pytest.mark.parametrize(("block", "part"), BLOCKS)
def test_blocks(block: Any, part: Part) -> None:
    assert parse_block(block) == part


@pytest.mark.parametrize(
    ("block", "path"),
    [
        ({"type": 1}, ".type"),
        ({"type": "tool_use", "id": "t", "name": "f"}, ".input"),
        ({"type": "tool_use", "id": "t", "name": "f", "input": "{}"}, ".input"),
        ({"type": "tool_use", "name": "f", "input": {}}, ".id"),
        ({"type": "tool_result"}, ".tool_use_id"),
        (result(content=1), ".content"),
        (result(content=[1]), ".content[0]"),
        (result(content=[{"type": "text"}]), ".content[0].text"),
        (result(is_error="x"), ".is_error"),
        ({"type": "image"}, ".source"),
        ({"type": "image", "source": {}}, ".source.type"),
        ({"type": "image", "source": {"type": "url", "u": 1}}, ".source.url"),
        ({"type": "thinking"}, ".thinking"),
        ({"type": "thinking", "thinking": "", "signature": 1}, ".signature"),
        ({"type": "redacted_thinking"}, ".data"),
        ({"type": "text", "text": "", "cache_control": 1}, ".cache_control"),
    ],
)
def test_faults_are_named(block: Any, path: str) -> None:
    with pytest.raises(DecodeError) as caught:
        parse_block(block)
    assert caught.value.path == path


# Carriers.


def thinking(text: str, slot: str) -> Any:
    return {"type": "thinking", "thinking": text, "signature": slot}


def carrier(place: str, text: str = "") -> Any:
    return thinking(text, f"cliproxy1:gemini:{place}:SIG")


USE: Any = {"type": "tool_use", "id": "t", "name": "f", "input": {}}
WORDS: Any = {"type": "text", "text": "hi"}
OWN = thinking("mine", "EqQB")


def places(*blocks: Any) -> list[str]:
    """The parts in words, those that took the proof with a star."""
    out = []
    for part in bound([parse_block(block) for block in blocks]):
        star = "*" if getattr(part, "signature", None) is not None else ""
        out.append(type(part).__name__ + star)
    return out


# fmt: off
BOUND: list[tuple[list[Any], list[str]]] = [
    ([carrier("next"), USE],                    ["ToolCall*"]),
    ([carrier("next", "hm"), USE],              ["Reasoning", "ToolCall*"]),
    ([carrier("next"), WORDS, USE, USE],        ["Text", "ToolCall*", "ToolCall"]),
    ([carrier("next"), carrier("next"), USE],   ["ToolCall*"]),
    ([USE, carrier("next"), USE],               ["ToolCall", "ToolCall*"]),
    ([WORDS, carrier("previous")],              ["Text*"]),
    ([WORDS, USE, carrier("previous")],         ["Text*", "ToolCall"]),
    ([carrier("previous"), WORDS],              ["Text"]),
    ([carrier("next"), WORDS],                  ["Text"]),
    ([carrier("next"), OWN, USE],               ["Reasoning*", "ToolCall"]),
    ([WORDS, USE],                              ["Text", "ToolCall"]),
]
# fmt: on


@pytest.mark.parametrize(("blocks", "parts"), BOUND)
def test_carriers_are_bound(blocks: list[Any], parts: list[str]) -> None:
    assert places(*blocks) == parts


def test_what_a_part_takes_from_a_carrier() -> None:
    read = [parse_block(carrier("next/v1", "hm")), parse_block(USE)]
    assert isinstance(read[0], Loose)
    thought, call = bound(read)
    assert thought == Reasoning("hm", None, NONE)
    assert isinstance(call, ToolCall)
    assert call.signature == Signature("SIG", "gemini", "v1")
