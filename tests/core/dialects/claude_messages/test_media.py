"""Images and documents, both ways."""

from __future__ import annotations

from typing import Any

import pytest

from cliproxy_core.base.errors import DecodeError
from cliproxy_core.dialects.claude_messages.media import emit_source, parse_media
from cliproxy_core.ir.media import Media, MediaKind
from cliproxy_core.ir.request import Extras, MediaPart, NativePart

NAME = "claude_messages"
CACHE: Any = {"type": "ephemeral"}
IMAGE, DOCUMENT = MediaKind.IMAGE, MediaKind.DOCUMENT
BLOCKS: Any = [{"type": "text", "text": "a"}, {"type": "text", "text": "b", "x": 1}]


def parse(block: Any) -> MediaPart | NativePart:
    return parse_media(block, block["type"])


# fmt: off
SOURCES: list[tuple[Any, Media]] = [
    ({"type": "base64", "media_type": "image/bmp", "data": "AAAA"},
     Media(kind=IMAGE, mime="image/bmp", data="AAAA")),
    ({"type": "url", "url": "https://x/y"}, Media(kind=IMAGE, url="https://x/y")),
    ({"type": "file", "file_id": "f"}, Media(kind=IMAGE, file_id="f")),
    ({"type": "base64", "media_type": "application/pdf", "data": "AAAA"},
     Media(kind=DOCUMENT, mime="application/pdf", data="AAAA")),
    ({"type": "text", "media_type": "text/plain", "data": "\u00fc"},
     Media(kind=DOCUMENT, mime="text/plain", text="\u00fc")),
    ({"type": "url", "url": "https://x/y"}, Media(kind=DOCUMENT, url="https://x/y")),
]

# What is told only in part.
WHOLE: list[tuple[Any, Media]] = [
    ({"type": "url", "url": "u", "new": 1}, Media(kind=DOCUMENT, url="u")),
    ({"type": "text", "media_type": "text/html", "data": "x"},
     Media(kind=DOCUMENT, mime="text/plain", text="x")),
    ({"type": "content", "content": "x"},
     Media(kind=DOCUMENT, mime="text/plain", text="x")),
    ({"type": "content", "content": BLOCKS},
     Media(kind=DOCUMENT, mime="text/plain", text="a\nb")),
]
# fmt: on


@pytest.mark.parametrize(("source", "media"), SOURCES)
def test_sources_both_ways(source: Any, media: Media) -> None:
    block = {"type": media.kind.value, "source": source, "cache_control": CACHE}
    assert parse(block) == MediaPart(media, CACHE, Extras(NAME, {}))
    assert emit_source(media, own=True) == source


@pytest.mark.parametrize(("source", "media"), WHOLE)
def test_a_source_that_is_told_in_part_stays_whole(source: Any, media: Media) -> None:
    block = {"type": "document", "source": source}
    assert parse(block) == MediaPart(media, None, Extras(NAME, {"source": source}))


def test_the_title_of_a_document() -> None:
    block: Any = {
        "type": "document",
        "source": {"type": "url", "url": "u"},
        "title": "t",
        "context": "c",
    }
    part = parse(block)
    assert isinstance(part, MediaPart)
    assert part.media.filename == "t"
    assert part.extras.fields == {"context": "c"}
    part = parse({**block, "title": None})
    assert isinstance(part, MediaPart)
    assert part.extras == Extras(NAME, {"context": "c"}, {"title": None})


@pytest.mark.parametrize(
    "block",
    [
        {"type": "document", "source": {"type": "content", "content": [{}]}},
        {"type": "document", "source": {"type": "content", "content": None}},
        {"type": "document", "source": {"type": "new"}},
        {"type": "image", "source": {"type": "text", "data": "x"}},
    ],
)
def test_media_that_only_this_api_takes(block: Any) -> None:
    assert parse(block) == NativePart(NAME, block)


def base64(mime: str) -> Any:
    return {"type": "base64", "media_type": mime, "data": "AAAA"}


def plain(text: str) -> Any:
    return {"type": "text", "media_type": "text/plain", "data": text}


# fmt: off
FOREIGN: list[tuple[Media, Any]] = [
    (Media(kind=IMAGE, url="data:image/gif;base64,AAAA"), base64("image/gif")),
    (Media(kind=IMAGE, mime="image/jpg", data="AAAA"),    base64("image/jpeg")),
    (Media(kind=IMAGE, data="AAAA"),                      base64("image/png")),
    (Media(kind=IMAGE, mime="image/bmp", data="AAAA"),    None),
    (Media(kind=IMAGE, url="u"),                {"type": "url", "url": "u"}),
    (Media(kind=IMAGE, file_id="f"),            None),
    (Media(kind=IMAGE),                         None),
    (Media(kind=DOCUMENT, data="AAAA"),         base64("application/pdf")),
    (Media(kind=DOCUMENT, url="u"),             {"type": "url", "url": "u"}),
    (Media(kind=DOCUMENT, url="u", mime="text/plain"),      None),
    (Media(kind=DOCUMENT, text="w", mime="text/markdown"),  plain("w")),
    (Media(kind=DOCUMENT, mime="text/csv", data="YQ=="),    plain("a")),
    (Media(kind=DOCUMENT, mime="application/json", data="e30="), plain("{}")),
    (Media(kind=DOCUMENT, mime="text/plain", data="!"),     None),
    (Media(kind=DOCUMENT, mime="text/plain", data="/w=="),  None),
    (Media(kind=DOCUMENT, mime="application/zip", data="AAAA"), None),
    (Media(kind=DOCUMENT),                      None),
    (Media(kind=MediaKind.AUDIO, data="AAAA"),  None),
    (Media(kind=MediaKind.VIDEO, url="u"),      None),
]
# fmt: on


@pytest.mark.parametrize(("media", "source"), FOREIGN)
def test_media_of_other_dialects(media: Media, source: Any) -> None:
    assert emit_source(media) == source


@pytest.mark.parametrize(
    ("block", "path"),
    [
        ({"type": "image"}, ".source"),
        ({"type": "image", "source": {}}, ".source.type"),
        ({"type": "image", "source": {"type": "url", "u": 1}}, ".source.url"),
        ({"type": "image", "source": {"type": "file"}}, ".source.file_id"),
        ({"type": "image", "source": {"type": "base64"}}, ".source.media_type"),
        ({"type": "document", "source": {"type": "text"}}, ".source.data"),
    ],
)
def test_faults_are_named(block: Any, path: str) -> None:
    with pytest.raises(DecodeError) as caught:
        parse(block)
    assert caught.value.path == path
