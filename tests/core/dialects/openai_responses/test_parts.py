"""Content parts: each form both ways, and what other dialects lose here."""

from __future__ import annotations

from typing import Any

import pytest

from cliproxy_core.base.errors import DecodeError
from cliproxy_core.dialects.openai_responses.parts import (
    INPUT,
    OUTPUT,
    extras_of,
    kept,
    own_fields,
    parse_content,
    rest_of,
    telling,
)
from cliproxy_core.dialects.openai_responses.parts_emit import Writer
from cliproxy_core.ir.citation import Citation
from cliproxy_core.ir.media import Media, MediaKind
from cliproxy_core.ir.request import (
    NO_EXTRAS,
    Extras,
    MediaPart,
    NativePart,
    Refusal,
    Text,
)

NAME = "openai_responses"
PNG = "data:image/png;base64,AA=="
PDF = "data:application/pdf;base64,AA=="
SOURCE: dict[str, Any] = {
    "type": "url_citation",
    "url": "https://a",
    "title": "A",
    "start_index": 0,
    "end_index": 2,
}
FILE_SOURCE = {"type": "file_citation", "file_id": "f", "filename": "n", "index": 1}


def own() -> Writer:
    return Writer(own=True)


@pytest.mark.parametrize(
    ("raw", "part"),
    [
        ({"type": INPUT, "text": "a"}, Text("a")),
        (
            {"type": INPUT, "text": "a", "cache_control": {"type": "ephemeral"}},
            Text("a", {"type": "ephemeral"}),
        ),
        (
            {"type": INPUT, "text": "", "prompt_cache_breakpoint": {"mode": "x"}},
            Text("", extras=kept({"prompt_cache_breakpoint": {"mode": "x"}})),
        ),
        (
            {"type": OUTPUT, "text": "a", "annotations": [], "logprobs": []},
            Text(
                "a",
                extras=kept({"type": OUTPUT, "annotations": [], "logprobs": []}),
            ),
        ),
        (
            {"type": INPUT, "text": "ab", "annotations": [SOURCE]},
            Text(
                "ab",
                citations=(
                    Citation(
                        dialect=NAME,
                        raw=SOURCE,
                        url="https://a",
                        title="A",
                        start=0,
                        end=2,
                    ),
                ),
            ),
        ),
        (
            {"type": "text", "text": "a"},
            Text("a", extras=kept({"type": "text"})),
        ),
        ({"type": "refusal", "refusal": "no"}, Refusal("no")),
        (
            {"type": "refusal", "refusal": "no", "new": 1},
            NativePart(NAME, {"type": "refusal", "refusal": "no", "new": 1}),
        ),
        (
            {"type": "of_the_future", "x": 1},
            NativePart(NAME, {"type": "of_the_future", "x": 1}),
        ),
        (
            {"type": "input_image", "image_url": PNG, "detail": "high"},
            MediaPart(
                Media(
                    kind=MediaKind.IMAGE, mime="image/png", data="AA==", detail="high"
                )
            ),
        ),
        (
            {"type": "input_image", "image_url": "https://x/y", "file_id": None},
            MediaPart(
                Media(kind=MediaKind.IMAGE, url="https://x/y"),
                extras=kept({"file_id": None}),
            ),
        ),
        (
            {"type": "input_image", "file_id": "f", "detail": "auto"},
            MediaPart(Media(kind=MediaKind.IMAGE, file_id="f", detail="auto")),
        ),
        (
            {"type": "input_image", "image_url": "data:image/png;a=b;base64,AA=="},
            MediaPart(
                Media(kind=MediaKind.IMAGE, mime="image/png", data="AA=="),
                extras=kept({"image_url": "data:image/png;a=b;base64,AA=="}),
            ),
        ),
        (
            {"type": "input_file", "file_data": PDF, "filename": "a.pdf"},
            MediaPart(
                Media(
                    kind=MediaKind.DOCUMENT,
                    mime="application/pdf",
                    data="AA==",
                    filename="a.pdf",
                )
            ),
        ),
        (
            {"type": "input_file", "file_data": "AA==", "detail": "low"},
            MediaPart(Media(kind=MediaKind.DOCUMENT, data="AA==", detail="low")),
        ),
        (
            {"type": "input_file", "file_url": "https://x/y"},
            MediaPart(Media(kind=MediaKind.DOCUMENT, url="https://x/y")),
        ),
        (
            {"type": "input_file", "file_id": "f", "file_data": None},
            MediaPart(
                Media(kind=MediaKind.DOCUMENT, file_id="f"),
                extras=kept({"file_data": None}),
            ),
        ),
        (
            {"type": "input_audio", "input_audio": {"data": "AA", "format": "mp3"}},
            MediaPart(Media(kind=MediaKind.AUDIO, mime="audio/mp3", data="AA")),
        ),
        (
            {
                "type": "input_audio",
                "input_audio": {"data": "AA", "format": "wav", "new": 1},
                "x": 2,
            },
            MediaPart(
                Media(kind=MediaKind.AUDIO, mime="audio/wav", data="AA"),
                extras=kept({"x": 2, "input_audio": {"new": 1}}),
            ),
        ),
        (
            {"type": "input_audio", "data": "AA", "format": "mpeg"},
            MediaPart(
                Media(kind=MediaKind.AUDIO, mime="audio/mpeg", data="AA"),
                extras=kept({"input_audio": False}),
            ),
        ),
    ],
    ids=str,
)
def test_parts_both_ways(raw: Any, part: Any) -> None:
    assert parse_content([raw], INPUT) == [part]
    writer = own()
    assert writer.content([part], INPUT, ".p") == [raw]
    assert writer.dropped == []


def test_a_string_and_what_is_no_content() -> None:
    assert parse_content("a", INPUT) == [Text("a")]
    bad: Any
    for bad in (None, 7, {}):
        with pytest.raises(DecodeError, match="expected a string or an array"):
            parse_content(bad, INPUT)


def test_the_type_of_words_depends_on_who_speaks() -> None:
    assert parse_content([{"type": OUTPUT, "text": "a"}], OUTPUT) == [Text("a")]
    assert own().part(Text("a"), OUTPUT, "") == {"type": OUTPUT, "text": "a"}


@pytest.mark.parametrize(
    ("raw", "path"),
    [
        (7, "[0]"),
        ({}, "[0].type"),
        ({"type": 7}, "[0].type"),
        ({"type": INPUT}, "[0].text"),
        ({"type": INPUT, "text": 7}, "[0].text"),
        ({"type": INPUT, "text": "", "annotations": 7}, "[0].annotations"),
        ({"type": INPUT, "text": "", "annotations": [7]}, "[0].annotations[0]"),
        ({"type": "refusal"}, "[0].refusal"),
        ({"type": "input_image"}, "[0]"),
        ({"type": "input_image", "image_url": {"url": "x"}}, "[0].image_url"),
        ({"type": "input_image", "image_url": "x", "detail": 123}, "[0].detail"),
        ({"type": "input_file", "filename": "x"}, "[0]"),
        ({"type": "input_audio"}, "[0].data"),
        ({"type": "input_audio", "input_audio": {}}, "[0].input_audio.data"),
    ],
    ids=str,
)
def test_a_bad_part_is_a_complaint(raw: Any, path: str) -> None:
    with pytest.raises(DecodeError) as caught:
        parse_content([raw], INPUT)
    assert caught.value.path == path


def test_what_is_left_of_an_object() -> None:
    assert rest_of({"a": 1, "b": None, "c": 2}, {"a", "b"}) == {"b": None, "c": 2}
    assert extras_of({"a": 1}, {"a"}) is NO_EXTRAS
    assert extras_of({"a": None}, {"a"}) == kept({"a": None})


def test_only_what_is_a_loss_elsewhere_is_named() -> None:
    fields: dict[str, Any] = {"id": "i", "empty": [], "x": False, "input_audio": False}
    assert telling(fields) == {"x": False}
    assert kept(fields) == Extras(NAME, {"x": False}, fields)
    assert kept({"x": 1}) == Extras(NAME, {"x": 1})
    assert kept({"x": 1, "id": 2}, {"x"}) == Extras(NAME, {"id": 2}, {"x": 1, "id": 2})
    assert own_fields(kept(fields)) == fields
    assert own_fields(kept({"x": 1})) == {"x": 1}


def test_annotations_of_files_stay_what_they_are() -> None:
    raw: Any = {"type": OUTPUT, "text": "ab", "annotations": [FILE_SOURCE]}
    parts = parse_content([raw], OUTPUT)
    assert own().content(parts, OUTPUT, "") == [raw]
