"""Images and documents, both ways.

What the neutral form tells only in part (a document made of blocks, an unknown field)
keeps its `source` as it came.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Final

from cliproxy_core.base.jsonval import (
    Json,
    JsonObject,
    as_object,
    need,
    need_str,
    opt_object,
)
from cliproxy_core.ir.media import Media, MediaKind, parse_data_url
from cliproxy_core.ir.request import MediaPart, NativePart

from .grammar import NAME
from .rest import rest_of

__all__ = ["emit_source", "parse_media"]

PLAIN: Final = "text/plain"
PDF: Final = "application/pdf"

# Anthropic SDK 2.12, `Base64ImageSourceParam.media_type`.
_IMAGES: Final = frozenset({"image/jpeg", "image/png", "image/gif", "image/webp"})

# The name that many clients give, and the one that the API knows.
_ALIASES: Final = {"image/jpg": "image/jpeg"}

# Documents that are words, beside `text/*`.
_WORDS: Final = frozenset(
    {"application/json", "application/xml", "application/yaml", "application/x-yaml"}
)

_KINDS: Final[Mapping[str, MediaKind]] = {
    "image": MediaKind.IMAGE,
    "document": MediaKind.DOCUMENT,
}

_MEDIUM: Final = frozenset({"type", "source", "cache_control"})
_TITLED: Final = _MEDIUM | {"title"}


def parse_media(block: JsonObject, word: str) -> MediaPart | NativePart:
    """An `image` or a `document`. Raises `DecodeError` with the path inside it."""
    kind = _KINDS[word]
    source = as_object(need(block, "source", ""), ".source")
    title = block.get("title") if kind is MediaKind.DOCUMENT else None
    name = title if isinstance(title, str) else None
    media = _parse_source(source, kind, name)
    if media is None:
        return NativePart(NAME, block)
    rest = rest_of(block, _TITLED if name is not None else _MEDIUM)
    if emit_source(media, own=True) != source:
        rest.fields["source"] = source
    return MediaPart(media, opt_object(block, "cache_control", ""), rest.extras)


def _parse_source(
    source: JsonObject, kind: MediaKind, name: str | None
) -> Media | None:
    """Where the bytes are; None if only this dialect can tell."""
    path = ".source"
    match need_str(source, "type", path):
        case "base64":
            mime = need_str(source, "media_type", path)
            data = need_str(source, "data", path)
            return Media(kind=kind, mime=mime, data=data, filename=name)
        case "url":
            return Media(kind=kind, url=need_str(source, "url", path), filename=name)
        case "file":
            file_id = need_str(source, "file_id", path)
            return Media(kind=kind, file_id=file_id, filename=name)
        case "text" if kind is MediaKind.DOCUMENT:
            text = need_str(source, "data", path)
            return Media(kind=kind, mime=PLAIN, text=text, filename=name)
        case "content" if kind is MediaKind.DOCUMENT:
            words = _words(source.get("content"))
            if words is None:
                return None
            return Media(kind=kind, mime=PLAIN, text=words, filename=name)
        case _:
            return None


def _words(content: Json) -> str | None:
    """The text of a document made of blocks, if there is nothing else in it."""
    if isinstance(content, str):
        return content
    if not isinstance(content, list):
        return None
    texts: list[str] = []
    for block in content:
        text = block.get("text") if isinstance(block, dict) else None
        if not isinstance(text, str):
            return None
        texts.append(text)
    return "\n".join(texts)


def emit_source(media: Media, *, own: bool = False) -> JsonObject | None:
    """The `source` of an image or a document; None if this API has no such thing.

    `own` is for what this API's own callers said: they know what it takes.
    """
    if media.kind not in (MediaKind.IMAGE, MediaKind.DOCUMENT):
        return None
    if media.file_id is not None:
        return {"type": "file", "file_id": media.file_id} if own else None
    mime, data = media.mime, media.data
    if media.url is not None:
        inline = parse_data_url(media.url)
        if inline is None:
            return _address(media, own=own)
        mime, data = inline
    if media.kind is MediaKind.IMAGE:
        return _image(mime, data, own=own)
    if media.text is not None:
        return {"type": "text", "media_type": PLAIN, "data": media.text}
    if data is None:
        return None
    if mime in (PDF, None) or own:
        return _base64(mime or PDF, data)
    return _plain(data) if mime.startswith("text/") or mime in _WORDS else None


def _address(media: Media, *, own: bool) -> JsonObject | None:
    """A document at an address is a PDF."""
    document = media.kind is MediaKind.DOCUMENT
    if document and media.mime not in (PDF, None) and not own:
        return None
    return {"type": "url", "url": media.url}


def _image(mime: str | None, data: str | None, *, own: bool) -> JsonObject | None:
    if data is None:
        return None
    if own:
        return _base64(mime or "image/png", data)
    mime = _ALIASES.get(mime or "", mime or "image/png")
    return _base64(mime, data) if mime in _IMAGES else None


def _base64(mime: str, data: str) -> JsonObject:
    return {"type": "base64", "media_type": mime, "data": data}


def _plain(data: str) -> JsonObject | None:
    try:
        text = base64.b64decode(data, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return None
    return {"type": "text", "media_type": PLAIN, "data": text}
