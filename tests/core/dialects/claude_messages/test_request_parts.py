"""Parts of a message as content blocks, and what cannot be one."""

from __future__ import annotations

from typing import Any

import pytest

from cliproxy_core.dialects.claude_messages.request_parts import CallIds, Writer
from cliproxy_core.ir.citation import Citation
from cliproxy_core.ir.media import Media, MediaKind
from cliproxy_core.ir.reasoning import Signature
from cliproxy_core.ir.request import (
    Dropped,
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
    ToolResult,
)

NAME = "claude_messages"
CACHE: Any = {"type": "ephemeral"}
PNG = Media(kind=MediaKind.IMAGE, mime="image/png", data="AAAA")
SOURCE: Any = {"type": "base64", "media_type": "image/png", "data": "AAAA"}
URL: Any = {"type": "url", "url": "u"}
FOREIGN = Signature("s", "gemini")
OWN = Citation(dialect=NAME, raw={"x": 1})
OTHER = Citation(dialect="gemini", raw={"x": 2}, url="u")


def write(part: Part, *, native: bool) -> tuple[Any, list[str]]:
    """The block, and the paths of what was dropped."""
    dropped: list[Dropped] = []
    block = Writer(native, dropped).block(part, ".m")
    assert all(each.reason for each in dropped)
    return block, [each.path for each in dropped]


def call(arguments: str) -> ToolCall:
    return ToolCall(call_id="c:1", name="f", arguments=arguments)


def use(given: Any) -> Any:
    return {"type": "tool_use", "id": "c_1", "name": "f", "input": given}


def result(*parts: Any, plain: bool = False, **more: Any) -> ToolResult:
    return ToolResult(call_id="c:1", parts=parts, plain=plain, **more)


def answer(**fields: Any) -> Any:
    return {"type": "tool_result", "tool_use_id": "c_1", **fields}


def media(kind: MediaKind = MediaKind.IMAGE, **fields: Any) -> MediaPart:
    return MediaPart(Media(kind=kind, **fields))


# fmt: off
CASES: list[tuple[Part, Any, list[str]]] = [
    (Text("hi"), {"type": "text", "text": "hi"}, []),
    (Text("hi", CACHE), {"type": "text", "text": "hi", "cache_control": CACHE}, []),
    (Text("hi", extras=Extras("x", {"a": 1})),
     {"type": "text", "text": "hi"}, [".m.a"]),
    (Text("hi", extras=Extras(NAME, {"a": 1})),
     {"type": "text", "text": "hi", "a": 1}, []),
    (Text(""), None, []),
    (Text(" \n"), None, [".m"]),
    (Refusal("no"), {"type": "text", "text": "no"}, [".m"]),
    (Refusal(" "), None, [".m"]),
    (MediaPart(PNG), {"type": "image", "source": SOURCE}, []),
    (MediaPart(PNG, CACHE),
     {"type": "image", "source": SOURCE, "cache_control": CACHE}, []),
    (media(url="u", detail="low"), {"type": "image", "source": URL}, [".m.detail"]),
    (media(url="u", detail="auto"), {"type": "image", "source": URL}, []),
    (media(url="u", filename="n"), {"type": "image", "source": URL}, [".m.filename"]),
    (media(MediaKind.DOCUMENT, url="u", filename="n"),
     {"type": "document", "source": URL, "title": "n"}, []),
    (media(file_id="f"), None, [".m"]),
    (media(MediaKind.AUDIO, data="AAAA"), None, [".m"]),
    (call('{"a": 1}'), use({"a": 1}), []),
    (call(""), use({}), []),
    (call("[1]"), use({"input": "[1]"}), [".m.arguments"]),
    (call('{"a'), use({"input": '{"a'}), [".m.arguments"]),
    (call("null"), use({}), []),
    (ToolCall(call_id="c:1", name="f", arguments="ls", kind=ToolKind.CUSTOM),
     use({"input": "ls"}), []),
    (ToolCall(call_id="c:1", name="f", arguments="{}", signature=FOREIGN),
     use({}), [".m.signature"]),
    (Text("hi", signature=FOREIGN), {"type": "text", "text": "hi"}, [".m.signature"]),
    (Text("hi", citations=(OWN, OTHER)),
     {"type": "text", "text": "hi", "citations": [{"x": 1}]}, [".m.citations"]),
    (Text("hi", citations=(OTHER,)), {"type": "text", "text": "hi"},
     [".m.citations"]),
    (Reasoning("t", Signature("s", NAME), Extras(NAME, {"a": 1}, {"b": None})),
     {"type": "thinking", "thinking": "t", "signature": "s", "a": 1, "b": None}, []),
    (MediaPart(Media(kind=MediaKind.DOCUMENT, text="w"),
               extras=Extras(NAME, {"source": {"type": "content"}})),
     {"type": "document", "source": {"type": "content"}}, []),
    (result(plain=True), answer(), []),
    (result(Text("ok"), plain=True, error=False),
     answer(content="ok", is_error=False), []),
    (result(Text("")), answer(content=[]), []),
    (result(Text("ok"), MediaPart(PNG), cache=CACHE),
     answer(content=[{"type": "text", "text": "ok"},
                     {"type": "image", "source": SOURCE}], cache_control=CACHE), []),
    (result(MediaPart(PNG), plain=True),
     answer(content=[{"type": "image", "source": SOURCE}]), []),
    (Reasoning("t", Signature("s", NAME)),
     {"type": "thinking", "thinking": "t", "signature": "s"}, []),
    (Reasoning("t"), None, [".m"]),
    (Reasoning("t", FOREIGN), None, [".m"]),
    (Redacted(Signature("d", NAME)), {"type": "redacted_thinking", "data": "d"}, []),
    (Redacted(FOREIGN), None, [".m"]),
    (NativePart(NAME, {"type": "x"}), {"type": "x"}, []),
    (NativePart("gemini", {"type": "x"}), None, [".m"]),
]
# fmt: on


@pytest.mark.parametrize(("part", "block", "dropped"), CASES)
def test_from_another_dialect(part: Part, block: Any, dropped: list[str]) -> None:
    assert write(part, native=False) == (block, dropped)


@pytest.mark.parametrize(
    ("part", "block"),
    [
        (Text(""), {"type": "text", "text": ""}),
        (
            media(file_id="f"),
            {"type": "image", "source": {"type": "file", "file_id": "f"}},
        ),
        (call("{}"), {**use({}), "id": "c:1"}),
        (result(plain=True), {**answer(), "tool_use_id": "c:1"}),
    ],
)
def test_from_this_dialect_it_stays_as_it_was(part: Part, block: Any) -> None:
    assert write(part, native=True) == (block, [])


@pytest.mark.parametrize("native", [True, False])
def test_unsigned_thinking_is_never_sent(native: bool) -> None:
    for part in (Reasoning("t"), Reasoning("t", FOREIGN), Redacted(FOREIGN)):
        assert write(part, native=native) == (None, [".m"])


def test_ids_are_legal_and_stay_different() -> None:
    ids = CallIds()
    asked = ["call.with space:1", "call_with_space_1", "call_with-space_1", "", "é"]
    given = [ids.legal(call_id) for call_id in asked]
    assert given == [
        "call_with_space_1",
        "call_with_space_1_2",
        "call_with-space_1",
        "toolu_unnamed",
        "_",
    ]
    assert [ids.legal(call_id) for call_id in asked] == given
    assert ids.legal("ö") == "__2"
