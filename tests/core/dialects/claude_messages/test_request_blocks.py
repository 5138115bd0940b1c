"""Content blocks, read, and sources of media both ways."""

from __future__ import annotations

from typing import Any

import pytest

from cliproxy_core.base.errors import DecodeError
from cliproxy_core.dialects.claude_messages.request_blocks import (
    emit_source,
    parse_block,
    rest_of,
)
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
IMAGE, DOCUMENT = MediaKind.IMAGE, MediaKind.DOCUMENT
SERVER: Any = {"type": "server_tool_use", "id": "s", "name": "w", "input": {}}


def result(**fields: Any) -> Any:
    return {"type": "tool_result", "tool_use_id": "t", **fields}


# fmt: off
BLOCKS: list[tuple[Any, Part]] = [
    ({"type": "text", "text": "hi"}, Text("hi", extras=NONE)),
    ({"type": "text", "text": "hi", "cache_control": CACHE, "citations": None},
     Text("hi", CACHE, Extras(NAME, {"citations": None}))),
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
     Reasoning("t", Signature("s", NAME))),
    ({"type": "thinking", "thinking": "t", "signature": ""}, Reasoning("t")),
    ({"type": "thinking", "thinking": "t"}, Reasoning("t")),
    ({"type": "thinking", "thinking": "t", "signature": "cliproxy1:gemini::s"},
     Reasoning("t", Signature("s", "gemini"))),
    ({"type": "redacted_thinking", "data": "d"}, Redacted(Signature("d", NAME))),
    ({"type": "redacted_thinking", "data": "cliproxy1:responses:enc:d"},
     Redacted(Signature("d", "responses", "enc"))),
    ({"type": "redacted_thinking", "data": "cliproxy1:"}, Reasoning("")),
    (SERVER, NativePart(NAME, SERVER)),
]

SOURCES: list[tuple[Any, Media]] = [
    ({"type": "base64", "media_type": "image/png", "data": "AAAA"},
     Media(kind=IMAGE, mime="image/png", data="AAAA")),
    ({"type": "url", "url": "https://x/y"}, Media(kind=IMAGE, url="https://x/y")),
    ({"type": "file", "file_id": "f"}, Media(kind=IMAGE, file_id="f")),
    ({"type": "base64", "media_type": "application/pdf", "data": "AAAA"},
     Media(kind=DOCUMENT, mime="application/pdf", data="AAAA")),
    ({"type": "text", "media_type": "text/plain", "data": "ü"},
     Media(kind=DOCUMENT, mime="text/plain", data="w7w=")),
]
# fmt: on


@pytest.mark.parametrize(("block", "part"), BLOCKS)
def test_blocks(block: Any, part: Part) -> None:
    assert parse_block(block) == part


@pytest.mark.parametrize(("source", "media"), SOURCES)
def test_sources_both_ways(source: Any, media: Media) -> None:
    block = {"type": media.kind.value, "source": source, "cache_control": CACHE}
    assert parse_block(block) == MediaPart(media, CACHE, NONE)
    assert emit_source(media) == source


def test_the_title_of_a_document() -> None:
    block: Any = {
        "type": "document",
        "source": {"type": "url", "url": "u"},
        "title": "t",
        "context": "c",
    }
    part = parse_block(block)
    assert isinstance(part, MediaPart)
    assert part.media.filename == "t"
    assert part.extras.fields == {"context": "c"}
    part = parse_block({**block, "title": None})
    assert isinstance(part, MediaPart)
    assert part.extras.fields == {"context": "c", "title": None}


@pytest.mark.parametrize(
    "block",
    [
        {"type": "document", "source": {"type": "content", "content": []}},
        {"type": "image", "source": {"type": "url", "url": "u", "new": 1}},
        {
            "type": "image",
            "source": {"type": "text", "media_type": "text/plain", "data": "x"},
        },
        {
            "type": "document",
            "source": {"type": "text", "media_type": "text/html", "data": "x"},
        },
    ],
)
def test_media_that_only_this_api_takes(block: Any) -> None:
    assert parse_block(block) == NativePart(NAME, block)


@pytest.mark.parametrize(
    ("media", "source"),
    [
        (
            Media(kind=IMAGE, url="data:image/gif;base64,AAAA"),
            {"type": "base64", "media_type": "image/gif", "data": "AAAA"},
        ),
        (
            Media(kind=IMAGE, mime="image/jpg", data="AAAA"),
            {"type": "base64", "media_type": "image/jpeg", "data": "AAAA"},
        ),
        (
            Media(kind=IMAGE, data="AAAA"),
            {"type": "base64", "media_type": "image/png", "data": "AAAA"},
        ),
        (
            Media(kind=DOCUMENT, data="AAAA"),
            {"type": "base64", "media_type": "application/pdf", "data": "AAAA"},
        ),
        (Media(kind=DOCUMENT, mime="text/plain", data="!"), None),
        (Media(kind=DOCUMENT, mime="text/plain", data="/w=="), None),
        (Media(kind=DOCUMENT, mime="text/html", data="AAAA"), None),
        (Media(kind=IMAGE), None),
        (Media(kind=MediaKind.AUDIO, data="AAAA"), None),
        (Media(kind=MediaKind.VIDEO, url="u"), None),
    ],
)
def test_media_of_other_dialects(media: Media, source: Any) -> None:
    assert emit_source(media) == source


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


def test_rest_of() -> None:
    assert rest_of({"a": 1, "b": None}, frozenset({"a"})) == {"b": None}
