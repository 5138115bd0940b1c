"""Parts of a turn, and what they are in neutral form."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from cliproxy_core.base.errors import DecodeError
from cliproxy_core.dialects.gemini.carrier import wrap
from cliproxy_core.dialects.gemini.parts import (
    BYPASS,
    extras_of,
    objects,
    parse_part,
    plain,
)
from cliproxy_core.ir.media import Media, MediaKind
from cliproxy_core.ir.reasoning import Signature
from cliproxy_core.ir.request import (
    NO_EXTRAS,
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

NAME = "gemini"
PROOF = Signature("c2ln", NAME)
FOREIGN = Signature("s:1", "claude_messages", "v")


def call(**more: Any) -> ToolCall:
    return ToolCall(**{"call_id": "", "name": "f", "arguments": "{}", **more})


def result(text: str, *parts: Any, **more: Any) -> ToolResult:
    return ToolResult(
        **{"call_id": "", "name": "f", "parts": (Text(text), *parts), **more}
    )


def own(**fields: Any) -> Extras:
    return Extras(NAME, fields)


def answered(response: Any, **more: Any) -> Any:
    return {"functionResponse": {"name": "f", "response": response, **more}}


def blob(mime: str, **more: Any) -> Any:
    return {"inlineData": {"mimeType": mime, "data": "AAAA", **more}}


def inline(kind: MediaKind, mime: str, **more: Any) -> Media:
    return Media(kind=kind, mime=mime, data="AAAA", **more)


def file(kind: MediaKind, mime: str | None) -> MediaPart:
    return MediaPart(Media(kind=kind, mime=mime, url="u"))


PNG = inline(MediaKind.IMAGE, "image/png")
CODE: Any = {"executableCode": {"language": "PYTHON", "code": "1"}}
PIECE: Any = {"functionCall": {"partialArgs": [], "willContinue": True}}
DRAFT: Any = {"thought": True, **blob("image/png")}
DRAFT_FILE: Any = {"thought": True, "fileData": {"fileUri": "u"}}

# fmt: off
CASES: list[tuple[Any, Part]] = [
    ({"text": "hi"}, Text("hi")),
    ({"text": ""}, Text("")),
    ({"text": "hi", "thought": False}, Text("hi")),
    ({"text": "hi", "thought": None, "functionCall": None}, Text("hi")),
    ({"text": "hi", "partMetadata": {"a_b": 1}},
     Text("hi", None, own(partMetadata={"a_b": 1}))),
    ({"text": "hi", "thoughtSignature": "c2ln"}, Text("hi", signature=PROOF)),
    ({"text": "hi", "thought_signature": "c2ln"}, Text("hi", signature=PROOF)),
    ({"thoughtSignature": "c2ln"}, Text("", signature=PROOF)),
    ({"text": "hi", "thoughtSignature": wrap(FOREIGN)}, Text("hi", signature=FOREIGN)),
    ({"text": "m", "thought": True}, Reasoning("m")),
    ({"text": "m", "thought": True, "thoughtSignature": "c2ln"}, Reasoning("m", PROOF)),
    ({"text": "m", "thought": True, "thoughtSignature": wrap(FOREIGN)},
     Reasoning("m", FOREIGN)),
    ({"text": "", "thought": True, "thoughtSignature": "c2ln"}, Redacted(PROOF)),
    ({"text": "", "thought": True, "thoughtSignature": wrap(FOREIGN)},
     Reasoning("", FOREIGN)),
    ({"text": "", "thought": True, "thoughtSignature": wrap(FOREIGN, sealed=True)},
     Redacted(FOREIGN)),
    ({"text": "", "thought": True, "thoughtSignature": ""}, Reasoning("")),
    ({"functionCall": {"name": "f"}}, call()),
    ({"function_call": {"id": "i", "name": "f", "args": {"a_b": 1.0}}},
     call(call_id="i", arguments='{"a_b":1.0}')),
    ({"functionCall": {"name": "f", "args": {}, "new": 1}, "more": 2},
     call(extras=own(more=2, functionCall={"new": 1}))),
    ({"functionCall": {"name": "f"}, "thoughtSignature": "c2ln"},
     call(signature=PROOF)),
    (PIECE, NativePart(NAME, PIECE)),
    (answered({"output": "ok"}), result("ok")),
    (answered({"result": "ok"}), result("ok")),
    (answered({"content": "ok"}), result("ok")),
    (answered({"output": {"a": 1}}), result('{"a":1}')),
    (answered({"content": [1]}), result('{"content":[1]}')),
    (answered({"output": "ok", "more": 1}), result('{"output":"ok","more":1}')),
    (answered({"error": "no"}), result("no", error=True)),
    (answered({"error": {"code": 1}}), result('{"code":1}', error=True)),
    (answered({}), result("")),
    ({"function_response": {"id": "i"}}, result("", call_id="i", name=None)),
    (answered({}, scheduling="SILENT"),
     result("", extras=own(functionResponse={"scheduling": "SILENT"}))),
    (answered({"output": "ok"}, parts=[blob("image/png")]),
     result("ok", MediaPart(PNG), plain=False)),
    (answered({}, parts=blob("image/png")),
     result("", plain=False, parts=(MediaPart(PNG),))),
    (blob("image/png"), MediaPart(PNG)),
    ({"inline_data": {"mime_type": "image/png", "data": "AAAA"}}, MediaPart(PNG)),
    (blob("audio/wav"), MediaPart(inline(MediaKind.AUDIO, "audio/wav"))),
    (blob("video/mp4"), MediaPart(inline(MediaKind.VIDEO, "video/mp4"))),
    (blob("application/pdf", displayName="n"),
     MediaPart(inline(MediaKind.DOCUMENT, "application/pdf", filename="n"))),
    ({**blob("image/png", new=1), "mediaResolution": {"level": "L"}},
     MediaPart(PNG, None, own(mediaResolution={"level": "L"}, inlineData={"new": 1}))),
    (DRAFT, NativePart(NAME, DRAFT)),
    ({"fileData": {"fileUri": "u", "mimeType": "image/png"}},
     file(MediaKind.IMAGE, "image/png")),
    ({"file_data": {"file_uri": "u"}}, file(MediaKind.DOCUMENT, None)),
    (DRAFT_FILE, NativePart(NAME, DRAFT_FILE)),
    (CODE, NativePart(NAME, CODE)),
    ({}, NativePart(NAME, {})),
]
# fmt: on


@pytest.mark.parametrize(("raw", "part"), CASES, ids=str)
def test_a_part_is_read(raw: Any, part: Part) -> None:
    assert parse_part(raw) == part


def encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()


# Callers bring the word back as it is, in the other alphabet, or encoded once more.
@pytest.mark.parametrize(
    "word",
    [
        BYPASS,
        BYPASS.replace("_", "/"),
        encoded(BYPASS.encode()),
        "context_engineering_is_the_way_to_go",
        encoded(b"context_engineering_is_the_way_to_go"),
    ],
)
def test_a_word_that_only_skips_the_check_proves_nothing(word: str) -> None:
    raw: Any = {"functionCall": {"name": "f"}, "thoughtSignature": word}
    assert parse_part(raw) == call()


def test_what_is_no_base64_is_no_bypass() -> None:
    raw: Any = {"text": "a", "thoughtSignature": "?"}
    assert parse_part(raw) == Text("a", signature=Signature("?", NAME))


DEEP: Any = {}
for _ in range(300):
    DEEP = {"a": DEEP}

BAD = [
    ({"text": 7}, ".text"),
    ({"text": "a", "thought": "yes"}, ".thought"),
    ({"text": "a", "thoughtSignature": 7}, ".thoughtSignature"),
    ({"functionCall": 7}, ".functionCall"),
    ({"functionCall": {}}, ".functionCall.name"),
    ({"functionCall": {"name": "f", "id": 7}}, ".functionCall.id"),
    ({"functionCall": {"name": "f", "args": "{}"}}, ".functionCall.args"),
    ({"functionCall": {"name": "f", "args": DEEP}}, ".functionCall.args"),
    ({"functionResponse": []}, ".functionResponse"),
    (answered("ok"), ".functionResponse.response"),
    (answered(DEEP), ".functionResponse.response"),
    (answered({"output": DEEP}), ".functionResponse.response.output"),
    (answered({}, parts=7), ".functionResponse.parts"),
    (answered({}, parts=[blob(7)]), ".functionResponse.parts[0].inlineData.mimeType"),  # type: ignore[arg-type]
    ({"inlineData": "AAAA"}, ".inlineData"),
    ({"inlineData": {"mimeType": "a/b"}}, ".inlineData.data"),
    ({"fileData": {}}, ".fileData.fileUri"),
    ({"fileData": {"fileUri": "u", "mimeType": 7}}, ".fileData.mimeType"),
]


@pytest.mark.parametrize(("raw", "path"), BAD, ids=[path for _, path in BAD])
def test_a_bad_part_is_a_complaint(raw: Any, path: str) -> None:
    with pytest.raises(DecodeError) as caught:
        parse_part(raw)
    assert caught.value.path == path


def test_keys_are_read_in_either_spelling() -> None:
    camel: Any = {"aB": {"c_d": 1}}
    assert plain(camel) is camel
    assert plain({"a_b": {"c_d": 1}, "e": None}) == camel


def test_one_object_is_a_list_of_one() -> None:
    assert objects({"a": 1}, ".p") == [{"a": 1}]
    assert objects([1], ".p") == [1]
    with pytest.raises(DecodeError, match=r"\.p: expected an array, got a string"):
        objects("x", ".p")


def test_known_fields_leave_no_extras() -> None:
    assert extras_of({"a": 1}, {"a", "b"}) is NO_EXTRAS
    assert extras_of({"a": 1, "c": 2}, {"a", "b"}) == own(c=2)
