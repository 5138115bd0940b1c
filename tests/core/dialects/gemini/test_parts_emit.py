"""Parts written for this API, and what cannot be written."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from cliproxy_core.dialects.gemini.parts import parse_part
from cliproxy_core.dialects.gemini.parts_emit import Answer, Writer
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
    Refusal,
    Text,
    ToolCall,
    ToolKind,
    ToolResult,
)

NAME = "gemini"
CACHE: Any = {"type": "ephemeral"}
PROOF = Signature("c2ln", NAME)
FOREIGN = Signature("s", "claude_messages")
SIGNED = {"thoughtSignature": "c2ln"}
SOURCE = Citation(dialect="x", raw={}, url="u")
ODD = Extras("other", {"a": 1})
OWN = Extras(NAME, {"new": 1, "functionCall": {"old": 2}})


def write(part: Part, *, own: bool = False) -> tuple[Any, list[str]]:
    """The part, and the paths of what was dropped."""
    writer = Writer([], own)
    written = writer.part(part, ".m")
    assert all(each.reason for each in writer.dropped)
    return written, [each.path for each in writer.dropped]


def call(arguments: str = "{}", **more: Any) -> ToolCall:
    return ToolCall(**{"call_id": "c", "name": "f", "arguments": arguments, **more})


def called(args: Any, **more: Any) -> Any:
    return {"functionCall": {"id": "c", "name": "f", "args": args}, **more}


def media(kind: MediaKind = MediaKind.IMAGE, **fields: Any) -> MediaPart:
    return MediaPart(Media(kind=kind, **fields))


def blob(mime: str, data: str = "AAAA") -> Any:
    return {"inlineData": {"mimeType": mime, "data": data}}


def file(url: str, mime: str) -> Any:
    return {"fileData": {"fileUri": url, "mimeType": mime}}


DOCUMENT, AUDIO, VIDEO = MediaKind.DOCUMENT, MediaKind.AUDIO, MediaKind.VIDEO
PNG = media(mime="image/png", data="AAAA")
WEB = "https://a.b/"

# fmt: off
CASES: list[tuple[Part, Any, list[str]]] = [
    (Text("hi"), {"text": "hi"}, []),
    (Text(""), None, []),
    (Text("", signature=PROOF), {"text": "", **SIGNED}, []),
    (Text("hi", CACHE, ODD, FOREIGN, (SOURCE,)), {"text": "hi"},
     [".m.cache_control", ".m.citations", ".m.a", ".m.signature"]),
    (Text("hi", signature=PROOF), {"text": "hi", **SIGNED}, []),
    (Refusal("no"), {"text": "no"}, [".m"]),
    (Refusal(""), None, []),
    (Reasoning("t"), None, [".m"]),
    (Reasoning("t", FOREIGN), None, [".m"]),
    (Reasoning("t", PROOF), {"text": "t", "thought": True, **SIGNED}, []),
    (Redacted(PROOF), {"text": "", "thought": True, **SIGNED}, []),
    (Redacted(FOREIGN), None, [".m"]),
    (NativePart(NAME, {"x": 1}), {"x": 1}, []),
    (NativePart("other", {"x": 1}), None, [".m"]),
    (call('{"a": 1.50}'), called({"a": 1.5}), []),
    (call(""), called({}), []),
    (call("null"), called({}), []),
    (call("[1]"), called({"arguments": "[1]"}), [".m.arguments"]),
    (call('{"a'), called({"arguments": '{"a'}), [".m.arguments"]),
    (call("free", kind=ToolKind.CUSTOM), called({"input": "free"}), []),
    (call(signature=PROOF), called({}, **SIGNED), []),
    (call(signature=FOREIGN, cache=CACHE, extras=ODD), called({}),
     [".m.cache_control", ".m.signature", ".m.a"]),
    (call(extras=OWN),
     {"functionCall": {"id": "c", "name": "f", "args": {}, "old": 2}, "new": 1}, []),
    (PNG, blob("image/png"), []),
    (MediaPart(PNG.media, CACHE, ODD), blob("image/png"),
     [".m.cache_control", ".m.a"]),
    (media(data="AAAA"), blob("image/jpeg"), [".m.type"]),
    (media(data="AAAA", mime="image/JPG"), blob("image/jpeg"), []),
    (media(data="AAAA", mime="image/png", detail="auto"), blob("image/png"), []),
    (media(data="AAAA", mime="image/png", detail="low"), blob("image/png"),
     [".m.detail"]),
    (media(url="data:image/png;base64,AAAA"), blob("image/png"), []),
    (media(url=WEB + "p.PNG?q=x.gif"), file(WEB + "p.PNG?q=x.gif", "image/png"), []),
    (media(url=WEB + "p"), file(WEB + "p", "image/jpeg"), [".m.type"]),
    (media(url=WEB + "p.x/y"), file(WEB + "p.x/y", "image/jpeg"), [".m.type"]),
    (media(url="gs://b/p.webp"), file("gs://b/p.webp", "image/webp"), []),
    (media(url="ftp://a/p.png"), None, [".m"]),
    (media(file_id="f"), None, [".m"]),
    (media(AUDIO, mime="audio/mp3", data="AAAA"), blob("audio/mpeg"), []),
    (media(VIDEO, url=WEB + "v.mov"), file(WEB + "v.mov", "video/quicktime"), []),
    (media(DOCUMENT, mime="application/pdf", data="AAAA", filename="n"),
     {"inlineData": {"mimeType": "application/pdf", "data": "AAAA",
                     "displayName": "n"}}, []),
    (media(DOCUMENT, text="hé"),
     blob("text/plain", base64.b64encode("hé".encode()).decode()), []),
    (media(DOCUMENT, text="# h", mime="text/markdown"),
     blob("text/markdown", base64.b64encode(b"# h").decode()), []),
]
# fmt: on


@pytest.mark.parametrize(("part", "document", "dropped"), CASES)
def test_from_another_dialect(part: Part, document: Any, dropped: list[str]) -> None:
    assert write(part) == (document, dropped)


@pytest.mark.parametrize(
    "raw",
    [
        {"text": ""},
        {"text": "t", "thought": True},
        {"text": "t", "partMetadata": {"a_b": 1}, **SIGNED},
        {"inlineData": {"mimeType": "image/jpg", "data": "AAAA", "displayName": "n"}},
        {"fileData": {"fileUri": "any"}},
        {"functionCall": {"id": "c", "name": "f", "args": {}}, **SIGNED},
        {"functionResponse": {"id": "c", "name": "f", "response": {"output": "x"}}},
        {
            "functionResponse": {
                "id": "c",
                "name": "f",
                "response": {"error": "x"},
                "parts": [{"fileData": {"fileUri": "u"}}],
                "scheduling": "SILENT",
            }
        },
        {"codeExecutionResult": {"outcome": "OUTCOME_OK"}},
    ],
    ids=str,
)
def test_from_this_dialect_it_stays_as_it_was(raw: Any) -> None:
    assert write(parse_part(raw), own=True) == (raw, [])


@pytest.mark.parametrize("own", [True, False])
def test_foreign_state_is_never_sent(own: bool) -> None:
    for part in (Reasoning("t", FOREIGN), Redacted(FOREIGN)):
        assert write(part, own=own) == (None, [".m"])
    assert write(Text("t", signature=FOREIGN), own=own) == (
        {"text": "t"},
        [".m.signature"],
    )
    assert write(call(signature=FOREIGN), own=own) == (called({}), [".m.signature"])


# Results.


def result(*parts: Any, **more: Any) -> ToolResult:
    return ToolResult(call_id="c", parts=parts, **more)


def answer(part: ToolResult) -> tuple[Any, list[Any], list[str]]:
    """The response, what stands beside it, and the paths of what was dropped."""
    writer = Writer([])
    found = writer.answer(part, "f", ".m")
    assert isinstance(found, Answer)
    assert found.part["functionResponse"]["id"] == "c"  # type: ignore[index,call-overload]
    assert found.part["functionResponse"]["name"] == "f"  # type: ignore[index,call-overload]
    told: Any = found.part["functionResponse"]
    rest = {key: told[key] for key in told if key not in ("id", "name")}
    return rest, found.beside, [each.path for each in writer.dropped]


def response(value: Any, **more: Any) -> Any:
    return {"response": value, **more}


DEEP = '{"a":' * 300 + "1" + "}" * 300
WIDE = '{"a":[' + ",".join(["{}"] * 300) + "]}"

# fmt: off
RESULTS: list[tuple[ToolResult, Any, list[Any], list[str]]] = [
    (result(Text("sunny")), response({"output": "sunny"}), [], []),
    (result(), response({"output": ""}), [], []),
    (result(Text("a"), Text("b")), response({"output": "a\nb"}), [], []),
    (result(Text("no"), error=True), response({"error": "no"}), [], []),
    (result(Text("ok"), error=False), response({"output": "ok"}), [], []),
    (result(Text('{"a": 1}')), response({"a": 1}), [], []),
    (result(Text('{"a": 1}'), error=True), response({"error": '{"a": 1}'}), [], []),
    (result(Text('{"error": 1, "a": 2}')),
     response({"output": {"error": 1, "a": 2}}), [], []),
    (result(Text('{"output": 1}')), response({"output": {"output": 1}}), [], []),
    (result(Text("{}")), response({"output": {}}), [], []),
    (result(Text('[{"id": 1}]')), response({"output": [{"id": 1}]}), [], []),
    (result(Text("{not json}")), response({"output": "{not json}"}), [], []),
    (result(Text("5")), response({"output": "5"}), [], []),
    (result(Text(DEEP)), response({"output": DEEP}), [], []),
    (result(Text(WIDE)), response({"a": [{}] * 300}), [], []),
    (result(Text("{}"), kind=ToolKind.CUSTOM), response({"output": "{}"}), [], []),
    (result(Text("a"), PNG), response({"output": "a"}, parts=[blob("image/png")]),
     [], []),
    (result(PNG), response({"output": ""}, parts=[blob("image/png")]), [], []),
    (result(media(AUDIO, mime="audio/wav", data="AAAA")), response({"output": ""}),
     [blob("audio/wav")], []),
    (result(media(url=WEB + "p.png")), response({"output": ""}),
     [file(WEB + "p.png", "image/png")], []),
    (result(NativePart("other", {})), response({"output": ""}), [], [".m"]),
    (result(Text("a", CACHE, ODD, None, (SOURCE,)), cache=CACHE, extras=ODD),
     response({"output": "a"}), [],
     [".m.cache_control", ".m.cache_control", ".m.a", ".m.citations", ".m.a"]),
]
# fmt: on


@pytest.mark.parametrize(("part", "told", "beside", "dropped"), RESULTS)
def test_a_result(
    part: ToolResult, told: Any, beside: list[Any], dropped: list[str]
) -> None:
    assert answer(part) == (told, beside, dropped)


@pytest.mark.parametrize("text", ['{"a":1}', '{"error":1}', '{"result":"x"}', "5", ""])
def test_a_result_means_the_same_when_it_is_read_again(text: str) -> None:
    writer = Writer([])
    for error in (None, True):
        part = ToolResult(call_id="c", name="f", parts=(Text(text),), error=error)
        assert parse_part(writer.answer(part, "f", "").part) == part


def test_a_result_on_its_own_has_the_name_that_it_came_with() -> None:
    written, _ = write(ToolResult(call_id="c", parts=(Text("x"),), name="n"))
    assert written["functionResponse"]["name"] == "n"
