"""Pictures that an assistant made, in the form that OpenRouter gave them.

They stand beside the words: `images` of a message or a delta, each like a content part.
"""

from __future__ import annotations

from cliproxy_core.base.jsonval import (
    Json,
    JsonObject,
    need_str,
    opt_object,
    opt_str,
    parse_each,
)
from cliproxy_core.ir.media import Media, MediaKind, parse_data_url
from cliproxy_core.ir.request import Extras, MediaPart

from .grammar import NAME

__all__ = ["emit_image", "parse_images", "picture_in"]


def parse_images(values: list[Json] | None, path: str) -> list[MediaPart]:
    """The `images` of a message in a caller's history."""
    return parse_each(values, path, _parse_image) if values else []


def _parse_image(entry: JsonObject) -> MediaPart:
    inner = opt_object(entry, "image_url", "") or {}
    url = need_str(inner, "url", ".image_url")
    detail = opt_str(inner, "detail", ".image_url")
    found = parse_data_url(url)
    if found is None:
        media = Media(kind=MediaKind.IMAGE, url=url, detail=detail)
    else:
        mime, data = found
        media = Media(kind=MediaKind.IMAGE, mime=mime, data=data, detail=detail)
    return MediaPart(media, extras=Extras(NAME, {}))


def picture_in(entry: JsonObject) -> tuple[str, str] | None:
    """Type and bytes of an entry that an upstream sent, if it holds them."""
    inner = entry.get("image_url")
    url = inner.get("url") if isinstance(inner, dict) else inner
    return parse_data_url(url) if isinstance(url, str) else None


def emit_image(media: Media, index: int | None = None) -> JsonObject | None:
    """The entry for a picture; in a delta with its place in the list."""
    url = media.url
    if media.data is not None:
        url = f"data:{media.mime or 'image/png'};base64,{media.data}"
    if url is None:
        return None
    place: JsonObject = {} if index is None else {"index": index}
    return {"type": "image_url", "image_url": {"url": url}, **place}
