"""Pictures that an assistant made, both ways."""

from __future__ import annotations

from typing import Any

import pytest

from cliproxy_core.base.errors import DecodeError
from cliproxy_core.dialects.openai_chat.media import (
    emit_image,
    parse_images,
    picture_in,
)
from cliproxy_core.ir.media import Media, MediaKind


def image(url: str, **more: Any) -> dict[str, Any]:
    return {"type": "image_url", "image_url": {"url": url}, **more}


@pytest.mark.parametrize(
    ("url", "media"),
    [
        (
            "data:image/webp;base64,AA==",
            Media(kind=MediaKind.IMAGE, mime="image/webp", data="AA=="),
        ),
        ("https://x.test/a", Media(kind=MediaKind.IMAGE, url="https://x.test/a")),
    ],
)
def test_a_picture_both_ways(url: str, media: Media) -> None:
    (part,) = parse_images([image(url)], ".images")
    assert part.media == media
    assert emit_image(media) == image(url)
    assert emit_image(media, 3) == image(url, index=3)


def test_a_picture_that_is_nowhere() -> None:
    assert emit_image(Media(kind=MediaKind.IMAGE, file_id="f")) is None
    assert parse_images(None, ".images") == []


@pytest.mark.parametrize(
    ("entry", "want"),
    [
        (image("data:image/png;base64,AA=="), ("image/png", "AA==")),
        ({"image_url": "data:image/png;base64,AA=="}, ("image/png", "AA==")),
        (image("https://x.test"), None),
        ({"image_url": 5}, None),
        ({}, None),
    ],
)
def test_the_bytes_of_an_upstreams_picture(entry: Any, want: Any) -> None:
    assert picture_in(entry) == want


@pytest.mark.parametrize(
    ("entry", "path"),
    [(5, "[0]"), ({}, "[0].image_url.url"), ({"image_url": 5}, "[0].image_url")],
)
def test_a_complaint_names_the_place(entry: Any, path: str) -> None:
    with pytest.raises(DecodeError) as caught:
        parse_images([entry], ".images")
    assert caught.value.path == f".images{path}"
