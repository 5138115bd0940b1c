"""Content blocks and the parts of a message, both ways.

A block that the neutral form has no word for is a `NativePart` and stays as it is.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Final

from cliproxy_core.base.errors import DecodeError
from cliproxy_core.base.jsonval import (
    JsonObject,
    as_object,
    as_str,
    dumps,
    each,
    kind_of,
    need,
    opt_bool,
    opt_object,
    opt_str,
)
from cliproxy_core.ir.media import Media, MediaKind, parse_data_url
from cliproxy_core.ir.request import (
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

from .carrier import unwrap
from .grammar import NAME

__all__ = ["NO_REST", "emit_source", "extras_of", "parse_block", "rest_of"]

PLAIN: Final = "text/plain"
PDF: Final = "application/pdf"

# The name that many clients give, and the one that the API knows.
_IMAGES: Final = {"image/jpg": "image/jpeg"}

# How many fields each form of a source has; more of them need this very dialect.
_SOURCE_SIZES: Final = {"base64": 3, "text": 3, "url": 2, "file": 2}

_MEDIA: Final[Mapping[str, MediaKind]] = {
    "image": MediaKind.IMAGE,
    "document": MediaKind.DOCUMENT,
}


NO_REST: Final = Extras(NAME, {})
"""Nothing unknown, in a document of this dialect."""

_BARE_TEXT: Final = 2
"""The fields of a text block that has only words."""

_TEXT: Final = frozenset({"type", "text", "cache_control"})
_CALL: Final = frozenset({"type", "id", "name", "input", "cache_control"})
_RESULT: Final = frozenset(
    {"type", "tool_use_id", "content", "is_error", "cache_control"}
)
_MEDIUM: Final = frozenset({"type", "source", "cache_control"})
_TITLED: Final = _MEDIUM | {"title"}


def extras_of(holder: JsonObject, known: frozenset[str]) -> Extras:
    """The fields that nobody else takes care of, as what travels along."""
    if holder.keys() <= known:
        return NO_REST
    return Extras(NAME, rest_of(holder, known))


def rest_of(holder: JsonObject, known: frozenset[str]) -> JsonObject:
    """The fields that nobody else takes care of."""
    return {key: value for key, value in holder.items() if key not in known}


def parse_block(block: JsonObject, path: str) -> Part:
    """Read one content block. Raises `DecodeError` with the path of the fault."""
    kind = block.get("type")
    if not isinstance(kind, str):
        kind = _str(block, "type", path)  # complains
    match kind:
        case "text":
            return _text(block, path)
        case "image" | "document":
            return _media(block, _MEDIA[kind], path)
        case "tool_use":
            return _call(block, path)
        case "tool_result":
            return _result(block, path)
        case "thinking":
            proof = opt_str(block, "signature", path) or ""
            return Reasoning(_str(block, "thinking", path), unwrap(proof))
        case "redacted_thinking":
            data = _str(block, "data", path)
            sealed = unwrap(data)
            return Reasoning("") if sealed is None else Redacted(sealed)
        case _:
            return NativePart(NAME, block)


def _str(block: JsonObject, key: str, path: str) -> str:
    value = block.get(key)
    if isinstance(value, str):
        return value  # without spelling out where it stands
    return as_str(need(block, key, path), f"{path}.{key}")


def _text(block: JsonObject, path: str) -> Text:
    text = _str(block, "text", path)
    if len(block) == _BARE_TEXT:
        return Text(text, None, NO_REST)
    cache = opt_object(block, "cache_control", path)
    return Text(text, cache, extras_of(block, _TEXT))


def _call(block: JsonObject, path: str) -> ToolCall:
    given = as_object(need(block, "input", path), f"{path}.input")
    return ToolCall(
        call_id=_str(block, "id", path),
        name=_str(block, "name", path),
        arguments=dumps(given).decode(),
        cache=opt_object(block, "cache_control", path),
        extras=extras_of(block, _CALL),
    )


def _result(block: JsonObject, path: str) -> ToolResult:
    content = block.get("content")
    parts: tuple[Text | MediaPart | NativePart, ...] = ()
    if isinstance(content, str):
        parts = (Text(content),)
    elif isinstance(content, list):
        inner = each(content, f"{path}.content")
        parts = tuple(_inner(as_object(b, p), p) for b, p in inner)
    elif content is not None:
        got = kind_of(content)
        raise DecodeError(
            f"{path}.content", f"expected a string or an array, got {got}"
        )
    return ToolResult(
        call_id=_str(block, "tool_use_id", path),
        parts=parts,
        plain=not isinstance(content, list),
        error=opt_bool(block, "is_error", path),
        cache=opt_object(block, "cache_control", path),
        extras=extras_of(block, _RESULT),
    )


def _inner(block: JsonObject, path: str) -> Text | MediaPart | NativePart:
    part = parse_block(block, path)
    if isinstance(part, Text | MediaPart | NativePart):
        return part
    return NativePart(NAME, block)


# Media.


def _media(block: JsonObject, kind: MediaKind, path: str) -> MediaPart | NativePart:
    source = as_object(need(block, "source", path), f"{path}.source")
    title = block.get("title") if kind is MediaKind.DOCUMENT else None
    name = title if isinstance(title, str) else None
    media = _source(source, kind, name, f"{path}.source")
    if media is None:
        return NativePart(NAME, block)
    return MediaPart(
        media,
        opt_object(block, "cache_control", path),
        extras_of(block, _TITLED if name else _MEDIUM),
    )


def _source(
    source: JsonObject, kind: MediaKind, name: str | None, path: str
) -> Media | None:
    """Where the bytes are; None if only this dialect can tell."""
    form = _str(source, "type", path)
    if len(source) != _SOURCE_SIZES.get(form):
        return None
    match form:
        case "base64":
            mime, data = _str(source, "media_type", path), _str(source, "data", path)
            return Media(kind=kind, mime=mime, data=data, filename=name)
        case "url":
            return Media(kind=kind, url=_str(source, "url", path), filename=name)
        case "file":
            file_id = _str(source, "file_id", path)
            return Media(kind=kind, file_id=file_id, filename=name)
        case _:
            if kind is not MediaKind.DOCUMENT or source.get("media_type") != PLAIN:
                return None
            data = base64.b64encode(_str(source, "data", path).encode()).decode()
            return Media(kind=kind, mime=PLAIN, data=data, filename=name)


def emit_source(media: Media) -> JsonObject | None:
    """The `source` of an image or a document; None if this API has no such thing."""
    if media.kind not in (MediaKind.IMAGE, MediaKind.DOCUMENT):
        return None
    if media.file_id is not None:
        return {"type": "file", "file_id": media.file_id}
    mime, data = media.mime, media.data
    if media.url is not None:
        inline = parse_data_url(media.url)
        if inline is None:
            return {"type": "url", "url": media.url}
        mime, data = inline
    if data is None:
        return None
    if media.kind is MediaKind.IMAGE:
        return _base64(_IMAGES.get(mime or "", mime or "image/png"), data)
    if mime in (PDF, None):
        return _base64(PDF, data)
    return _plain(data) if mime == PLAIN else None


def _base64(mime: str, data: str) -> JsonObject:
    return {"type": "base64", "media_type": mime, "data": data}


def _plain(data: str) -> JsonObject | None:
    try:
        text = base64.b64decode(data, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return None
    return {"type": "text", "media_type": PLAIN, "data": text}
