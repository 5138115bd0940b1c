"""Content parts: each kind both ways, and what this API takes from nobody."""

from __future__ import annotations

from typing import Any

import pytest

from cliproxy_core.base.errors import DecodeError
from cliproxy_core.dialects.openai_chat.parts import emit_part, parse_content
from cliproxy_core.ir.media import Media, MediaKind
from cliproxy_core.ir.reasoning import Signature
from cliproxy_core.ir.request import (
    Dropped,
    Extras,
    MediaPart,
    NativePart,
    Part,
    Redacted,
    Refusal,
    Text,
)


def media(kind: MediaKind, **fields: Any) -> MediaPart:
    return MediaPart(Media(kind=kind, **fields))


@pytest.mark.parametrize(
    ("raw", "part"),
    [
        ({"type": "text", "text": "a"}, Text("a")),
        (
            {"type": "text", "text": "a", "new": 1},
            Text("a", extras=Extras("openai_chat", {"new": 1})),
        ),
        (
            {"type": "text", "text": "a", "cache_control": {"type": "ephemeral"}},
            Text("a", {"type": "ephemeral"}, Extras("openai_chat", {})),
        ),
        ({"type": "refusal", "refusal": "no"}, Refusal("no")),
        (
            {"type": "image_url", "image_url": {"url": "https://x"}},
            media(MediaKind.IMAGE, url="https://x"),
        ),
        (
            {
                "type": "image_url",
                "image_url": {"url": "data:image/png;base64,AA==", "detail": "high"},
            },
            media(MediaKind.IMAGE, mime="image/png", data="AA==", detail="high"),
        ),
        (
            {"type": "input_audio", "input_audio": {"data": "AA", "format": "wav"}},
            media(MediaKind.AUDIO, mime="audio/wav", data="AA"),
        ),
        (
            {
                "type": "file",
                "file": {"filename": "a", "file_data": "data:text/plain;base64,AA"},
            },
            media(MediaKind.DOCUMENT, mime="text/plain", data="AA", filename="a"),
        ),
        (
            {"type": "file", "file": {"file_data": "AA"}},
            media(MediaKind.DOCUMENT, data="AA"),
        ),
        (
            {"type": "file", "file": {"file_id": "f"}},
            media(MediaKind.DOCUMENT, file_id="f"),
        ),
        (
            {"type": "video_url", "video_url": {"url": "https://x"}},
            media(MediaKind.VIDEO, url="https://x"),
        ),
        (
            {"type": "image_url", "image_url": {"url": "u", "x": 1}, "y": 2},
            MediaPart(
                Media(kind=MediaKind.IMAGE, url="u"),
                extras=Extras("openai_chat", {"y": 2, "image_url": {"x": 1}}),
            ),
        ),
        (
            {"type": "image_url", "image_url": {"url": "u", "detail": "original"}},
            MediaPart(
                Media(kind=MediaKind.IMAGE, url="u", detail="original"),
                extras=Extras("openai_chat", {}),
            ),
        ),
        (
            {"type": "input_audio", "input_audio": {"data": "AA", "format": "mp3"}},
            media(MediaKind.AUDIO, mime="audio/mpeg", data="AA"),
        ),
        (
            {"type": "file", "file": {"filename": "a", "file_data": "https://x"}},
            MediaPart(
                Media(kind=MediaKind.DOCUMENT, url="https://x", filename="a"),
                extras=Extras("openai_chat", {}),
            ),
        ),
        (
            {"type": "video_url", "video_url": {"url": "data:video/mp4;base64,AA"}},
            media(MediaKind.VIDEO, mime="video/mp4", data="AA"),
        ),
        ({"type": "new"}, NativePart("openai_chat", {"type": "new"})),
    ],
)
def test_parts_both_ways(raw: Any, part: Part) -> None:
    assert parse_content([raw]) == [part]
    losses: list[Dropped] = []
    assert emit_part(part, ".content[0]", losses) == raw
    assert losses == []


@pytest.mark.parametrize(
    ("part", "want", "lost"),
    [
        (
            media(MediaKind.IMAGE, url="u", detail="original"),
            {"type": "image_url", "image_url": {"url": "u", "detail": "high"}},
            [],
        ),
        (
            media(MediaKind.IMAGE, url="u", detail="medium"),
            {"type": "image_url", "image_url": {"url": "u"}},
            [".p.detail"],
        ),
        (
            media(MediaKind.AUDIO, mime="audio/x-wav;rate=8000", data="AA"),
            {"type": "input_audio", "input_audio": {"data": "AA", "format": "wav"}},
            [],
        ),
        (
            media(MediaKind.DOCUMENT, mime="application/pdf", data="AA"),
            {
                "type": "file",
                "file": {
                    "filename": "document.pdf",
                    "file_data": "data:application/pdf;base64,AA",
                },
            },
            [],
        ),
        (
            media(MediaKind.DOCUMENT, text="a", filename="t"),
            {"type": "text", "text": "t:\n\na"},
            [],
        ),
        (
            MediaPart(
                Media(kind=MediaKind.DOCUMENT, text="a"),
                {"type": "ephemeral"},
                Extras("claude_messages", {"context": "c"}),
            ),
            {"type": "text", "text": "a"},
            [".p.context", ".p.cache_control"],
        ),
    ],
)
def test_media_of_others(part: Part, want: Any, lost: list[str]) -> None:
    losses: list[Dropped] = []
    assert emit_part(part, ".p", losses) == want
    assert [drop.path for drop in losses] == lost


def test_the_name_of_a_file_tells_what_its_bytes_are() -> None:
    raw: Any = {"type": "file", "file": {"filename": "a.PDF", "file_data": "AA"}}
    (part,) = parse_content([raw])
    want = Media(
        kind=MediaKind.DOCUMENT, mime="application/pdf", data="AA", filename="a.PDF"
    )
    assert part == MediaPart(want)


@pytest.mark.parametrize(
    "part",
    [
        media(MediaKind.IMAGE, file_id="f"),
        media(MediaKind.AUDIO, url="https://x"),
        media(MediaKind.DOCUMENT, url="https://x"),
        NativePart("claude_messages", {"type": "search_result"}),
        Redacted(Signature("s", "openai_chat")),
    ],
)
def test_what_has_no_place_is_reported(part: Part) -> None:
    losses: list[Dropped] = []
    assert emit_part(part, ".p", losses) is None
    assert [drop.path for drop in losses] == [".p"]


@pytest.mark.parametrize(
    ("raw", "path"),
    [
        (5, ""),
        ([5], "[0]"),
        ([{}], "[0].type"),
        ([{"type": "text", "text": 5}], "[0].text"),
        ([{"type": "image_url", "image_url": "u"}], "[0].image_url"),
        ([{"type": "image_url", "image_url": {}}], "[0].image_url.url"),
        (
            [{"type": "input_audio", "input_audio": {"data": ""}}],
            "[0].input_audio.format",
        ),
        ([{"type": "file", "file": {}}], "[0].file"),
        ([{"type": "text", "text": "", "cache_control": 1}], "[0].cache_control"),
    ],
)
def test_a_complaint_names_the_place(raw: Any, path: str) -> None:
    with pytest.raises(DecodeError) as caught:
        parse_content(raw)
    assert caught.value.path == path


def test_a_string_is_one_text() -> None:
    assert parse_content("") == [Text("")]
