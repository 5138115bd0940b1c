"""Parts of this dialect and of others, as content parts."""

from __future__ import annotations

from typing import Any

import pytest

from cliproxy_core.dialects.openai_responses.parts import INPUT, OUTPUT, kept
from cliproxy_core.dialects.openai_responses.parts_emit import Writer
from cliproxy_core.ir.citation import Citation
from cliproxy_core.ir.media import Media, MediaKind
from cliproxy_core.ir.reasoning import Signature
from cliproxy_core.ir.request import (
    Extras,
    MediaPart,
    NativePart,
    Reasoning,
    Refusal,
    Text,
)

NAME = "openai_responses"
PNG = "data:image/png;base64,AA=="
PDF = "data:application/pdf;base64,AA=="


def own() -> Writer:
    return Writer(own=True)


def foreign(*, files: bool = False) -> Writer:
    return Writer(own=False, files=files)


def lost(writer: Writer) -> list[str]:
    return [dropped.path for dropped in writer.dropped]


@pytest.mark.parametrize(
    ("part", "told"),
    [
        (Text("a"), {"type": INPUT, "text": "a"}),
        (
            Text("a", {"type": "ephemeral"}, kept({"type": "text", "x": 1})),
            {
                "type": "text",
                "text": "a",
                "cache_control": {"type": "ephemeral"},
                "x": 1,
            },
        ),
        (Refusal("no"), {"type": "refusal", "refusal": "no"}),
        (NativePart(NAME, {"type": "new"}), {"type": "new"}),
        (
            MediaPart(Media(kind=MediaKind.DOCUMENT, data="AA==", detail="low")),
            {"type": "input_file", "file_data": "AA==", "detail": "low"},
        ),
        (
            MediaPart(
                Media(kind=MediaKind.AUDIO, mime="audio/wav", data="AA"),
                extras=kept({"input_audio": {"new": 1}}),
            ),
            {
                "type": "input_audio",
                "input_audio": {"data": "AA", "format": "wav", "new": 1},
            },
        ),
        (
            MediaPart(
                Media(kind=MediaKind.AUDIO, mime="audio/mpeg", data="AA"),
                extras=kept({"input_audio": False}),
            ),
            {"type": "input_audio", "data": "AA", "format": "mpeg"},
        ),
    ],
)
def test_parts_of_this_dialect(part: Any, told: Any) -> None:
    writer = own()
    assert writer.part(part, INPUT, ".p") == told
    assert lost(writer) == []


@pytest.mark.parametrize(
    ("media", "told"),
    [
        (
            Media(kind=MediaKind.IMAGE, mime="image/png", data="AA==", detail="low"),
            {"type": "input_image", "image_url": PNG, "detail": "low"},
        ),
        (
            Media(kind=MediaKind.IMAGE, url="https://x/y"),
            {"type": "input_image", "image_url": "https://x/y", "detail": "auto"},
        ),
        (
            Media(kind=MediaKind.DOCUMENT, mime="application/pdf", data="AA=="),
            {"type": "input_file", "file_data": PDF, "filename": "document.pdf"},
        ),
        (
            Media(kind=MediaKind.DOCUMENT, mime="text/plain", data="AA=="),
            {
                "type": "input_file",
                "file_data": "data:text/plain;base64,AA==",
                "filename": "document.txt",
            },
        ),
        (
            Media(kind=MediaKind.DOCUMENT, url="https://x/y", filename="a.pdf"),
            {"type": "input_file", "file_url": "https://x/y", "filename": "a.pdf"},
        ),
        (
            Media(kind=MediaKind.DOCUMENT, mime="text/plain", text="words"),
            {"type": "input_text", "text": "words"},
        ),
        (
            Media(kind=MediaKind.AUDIO, mime="audio/mpeg", data="AA"),
            {"type": "input_audio", "input_audio": {"data": "AA", "format": "mp3"}},
        ),
        (
            Media(kind=MediaKind.AUDIO, mime="audio/x-wav", data="AA"),
            {"type": "input_audio", "input_audio": {"data": "AA", "format": "wav"}},
        ),
        (Media(kind=MediaKind.AUDIO, url="https://x/y"), None),
        (Media(kind=MediaKind.VIDEO, url="https://x/y"), None),
        (Media(kind=MediaKind.IMAGE), None),
        (Media(kind=MediaKind.DOCUMENT), None),
    ],
)
def test_media_of_other_dialects(media: Media, told: Any) -> None:
    writer = foreign()
    assert writer.part(MediaPart(media), INPUT, ".p") == told
    assert lost(writer) == ([] if told else [".p"])


def test_files_of_the_same_store_and_of_others() -> None:
    picture = MediaPart(Media(kind=MediaKind.IMAGE, file_id="f"))
    assert foreign(files=True).part(picture, INPUT, ".p") == {
        "type": "input_image",
        "file_id": "f",
        "detail": "auto",
    }
    document = MediaPart(Media(kind=MediaKind.DOCUMENT, file_id="f"))
    assert foreign(files=True).part(document, INPUT, ".p") == {
        "type": "input_file",
        "file_id": "f",
    }
    writer = foreign()
    assert writer.part(picture, INPUT, ".p") is None
    assert lost(writer) == [".p"]


def test_what_a_document_that_becomes_words_loses() -> None:
    writer = foreign()
    media = Media(kind=MediaKind.DOCUMENT, text="words", filename="a.txt")
    assert writer.part(MediaPart(media), INPUT, ".p") == {
        "type": INPUT,
        "text": "words",
    }
    assert lost(writer) == [".p.filename"]


def test_the_assistant_shows_no_media() -> None:
    writer = foreign()
    picture = MediaPart(Media(kind=MediaKind.IMAGE, url="u"))
    assert writer.part(picture, OUTPUT, ".p") is None
    assert lost(writer) == [".p"]
    assert own().part(picture, OUTPUT, ".p") == {
        "type": "input_image",
        "image_url": "u",
    }


def test_words_with_notes_of_other_dialects() -> None:
    writer = foreign()
    part = Text(
        "abc",
        {"type": "ephemeral"},
        Extras("other", {"x": 1, "nothing": None, "empty": []}),
        Signature("s", "gemini"),
        (
            Citation(dialect="other", raw={}, url="https://a"),
            Citation(dialect="other", raw={}),
        ),
    )
    assert writer.part(part, OUTPUT, ".p") == {
        "type": OUTPUT,
        "text": "abc",
        "annotations": [
            {
                "type": "url_citation",
                "start_index": 0,
                "end_index": 3,
                "url": "https://a",
                "title": "",
            }
        ],
    }
    assert lost(writer) == [
        ".p.signature",
        ".p.citations[1]",
        ".p.cache_control",
        ".p.x",
    ]
    assert all(dropped.reason for dropped in writer.dropped)


def test_parts_that_have_no_place() -> None:
    writer = foreign()
    parts: Any = [NativePart("other", {}), Reasoning("hm"), Text("a")]
    assert writer.content(parts, INPUT, ".m") == [{"type": INPUT, "text": "a"}]
    assert lost(writer) == [".m.content[0]", ".m.content[1]"]
