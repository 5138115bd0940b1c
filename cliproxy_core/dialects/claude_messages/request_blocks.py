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
    kind_of,
    need,
    need_str,
    opt_bool,
    opt_object,
    opt_str,
    parse_each,
    write,
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
_BARE_CALL: Final = 4
_BARE_RESULT: Final = 3
"""How many fields blocks have that hold what they must and nothing else."""

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


def parse_block(block: JsonObject) -> Part:
    """Read one content block. Raises `DecodeError` with the path inside it."""
    kind, text = block.get("type"), block.get("text")
    if kind == "text" and len(block) == _BARE_TEXT and isinstance(text, str):
        return Text(text, None, NO_REST)  # the common case, without another call
    if not isinstance(kind, str):
        kind = need_str(block, "type", "")  # complains
    match kind:
        case "text":
            return _text(block)
        case "tool_use":
            return _call(block)
        case "tool_result":
            return _result(block)
        case "image" | "document":
            return _media(block, _MEDIA[kind])
        case "thinking":
            proof = opt_str(block, "signature", "") or ""
            return Reasoning(need_str(block, "thinking", ""), unwrap(proof))
        case "redacted_thinking":
            sealed = unwrap(need_str(block, "data", ""))
            return Reasoning("") if sealed is None else Redacted(sealed)
        case _:
            return NativePart(NAME, block)


def _text(block: JsonObject) -> Text:
    text = need_str(block, "text", "")
    cache = opt_object(block, "cache_control", "")
    return Text(text, cache, extras_of(block, _TEXT))


def _call(block: JsonObject) -> ToolCall:
    given = as_object(need(block, "input", ""), ".input")
    bare = len(block) == _BARE_CALL
    return ToolCall(
        call_id=need_str(block, "id", ""),
        name=need_str(block, "name", ""),
        arguments=write(given).decode(),
        cache=None if bare else opt_object(block, "cache_control", ""),
        extras=NO_REST if bare else extras_of(block, _CALL),
    )


def _result(block: JsonObject) -> ToolResult:
    content = block.get("content")
    parts: tuple[Text | MediaPart | NativePart, ...] = ()
    if isinstance(content, str):
        parts = (Text(content),)
    elif isinstance(content, list):
        parts = tuple(parse_each(content, ".content", _inner))
    elif content is not None:
        got = kind_of(content)
        raise DecodeError(".content", f"expected a string or an array, got {got}")
    call_id = need_str(block, "tool_use_id", "")
    plain = not isinstance(content, list)
    if content is not None and len(block) == _BARE_RESULT:
        return ToolResult(call_id=call_id, parts=parts, plain=plain, extras=NO_REST)
    return ToolResult(
        call_id=call_id,
        parts=parts,
        plain=plain,
        error=opt_bool(block, "is_error", ""),
        cache=opt_object(block, "cache_control", ""),
        extras=extras_of(block, _RESULT),
    )


def _inner(block: JsonObject) -> Text | MediaPart | NativePart:
    part = parse_block(block)
    if isinstance(part, Text | MediaPart | NativePart):
        return part
    return NativePart(NAME, block)


# Media.


def _media(block: JsonObject, kind: MediaKind) -> MediaPart | NativePart:
    source = as_object(need(block, "source", ""), ".source")
    title = block.get("title") if kind is MediaKind.DOCUMENT else None
    name = title if isinstance(title, str) else None
    media = _source(source, kind, name)
    if media is None:
        return NativePart(NAME, block)
    return MediaPart(
        media,
        opt_object(block, "cache_control", ""),
        extras_of(block, _TITLED if name else _MEDIUM),
    )


def _source(source: JsonObject, kind: MediaKind, name: str | None) -> Media | None:
    """Where the bytes are; None if only this dialect can tell."""
    path = ".source"
    form = need_str(source, "type", path)
    if len(source) != _SOURCE_SIZES.get(form):
        return None
    match form:
        case "base64":
            mime, data = (
                need_str(source, "media_type", path),
                need_str(source, "data", path),
            )
            return Media(kind=kind, mime=mime, data=data, filename=name)
        case "url":
            return Media(kind=kind, url=need_str(source, "url", path), filename=name)
        case "file":
            file_id = need_str(source, "file_id", path)
            return Media(kind=kind, file_id=file_id, filename=name)
        case _:
            if kind is not MediaKind.DOCUMENT or source.get("media_type") != PLAIN:
                return None
            data = base64.b64encode(need_str(source, "data", path).encode()).decode()
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
