"""Content parts: text, images, sounds and files, both ways.

A field that this dialect does not know stays with its part as an extra. A part with
`cache_control` is tagged too, so that emitting can tell whether the caller's own
dialect put the mark there: this API's upstreams need not know it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Set
from typing import Final, TypeAlias

from cliproxy_core.base.errors import DecodeError
from cliproxy_core.base.jsonval import (
    Json,
    JsonObject,
    as_object,
    need,
    need_str,
    opt_object,
    opt_str,
    parse_each,
)
from cliproxy_core.ir.media import Media, MediaKind, parse_data_url
from cliproxy_core.ir.request import (
    NO_EXTRAS,
    Dropped,
    Extras,
    MediaPart,
    NativePart,
    Part,
    Refusal,
    Text,
)

from .grammar import NAME

__all__ = [
    "ContentPart",
    "Losses",
    "cached",
    "emit_part",
    "extras_of",
    "own_fields",
    "parse_content",
]

ContentPart: TypeAlias = Text | MediaPart | NativePart | Refusal
Losses: TypeAlias = list[Dropped]

_TEXT: Final = frozenset({"type", "text", "cache_control"})
_BARE_TEXT: Final = 2
"""How many fields a text has that holds only words."""


def extras_of(holder: JsonObject, known: Set[str]) -> Extras:
    """The fields of an object that nothing else carries."""
    if holder.keys() <= known and "cache_control" not in holder:
        return NO_EXTRAS
    fields = {key: value for key, value in holder.items() if key not in known}
    return Extras(NAME, fields)


def own_fields(extras: Extras, path: str, losses: Losses) -> dict[str, Json]:
    """The extra fields that this dialect sent itself; others are lost."""
    if extras.dialect == NAME:
        return dict(extras.fields)
    losses += [
        Dropped(f"{path}.{key}", f"a field that only {extras.dialect} knows")
        for key in extras.fields
    ]
    return {}


def cached(
    cache: JsonObject | None, extras: Extras, path: str, losses: Losses
) -> JsonObject:
    """A cache mark goes back to the dialect that it came from."""
    if cache is None:
        return {}
    if extras.dialect == NAME:
        return {"cache_control": cache}
    losses.append(Dropped(f"{path}.cache_control", "this API has no cache marks"))
    return {}


# Parsing.


def parse_content(value: Json) -> list[ContentPart]:
    """A string or a list of parts."""
    if isinstance(value, str):
        return [Text(value)]
    if not isinstance(value, list):
        raise DecodeError("", "expected a string or an array")
    return parse_each(value, "", _parse_part)


def _parse_part(part: JsonObject) -> ContentPart:
    kind = need_str(part, "type", "")
    cache = opt_object(part, "cache_control", "")
    if kind == "text":
        text = need_str(part, "text", "")
        if len(part) == _BARE_TEXT:
            return Text(text)
        return Text(text, cache, extras_of(part, _TEXT))
    if kind == "refusal":
        return Refusal(need_str(part, "refusal", ""))
    reader = _READERS.get(kind)
    if reader is None:
        return NativePart(NAME, part)
    where = f".{kind}"
    inner = as_object(need(part, kind, ""), where)
    media, known = reader(inner, where)
    extras = extras_of(part, {"type", kind, "cache_control"})
    more = {key: value for key, value in inner.items() if key not in known}
    if more:
        extras = Extras(NAME, {**extras.fields, kind: more})
    return MediaPart(media, cache, extras)


_Read: TypeAlias = tuple[Media, Set[str]]


def _parse_image(inner: JsonObject, path: str) -> _Read:
    url = need_str(inner, "url", path)
    detail = opt_str(inner, "detail", path)
    found = parse_data_url(url)
    if found is None:
        media = Media(kind=MediaKind.IMAGE, url=url, detail=detail)
    else:
        mime, data = found
        media = Media(kind=MediaKind.IMAGE, mime=mime, data=data, detail=detail)
    return media, {"url", "detail"}


def _parse_audio(inner: JsonObject, path: str) -> _Read:
    data = need_str(inner, "data", path)
    form = need_str(inner, "format", path)
    media = Media(kind=MediaKind.AUDIO, mime=f"audio/{form}", data=data)
    return media, {"data", "format"}


def _parse_file(inner: JsonObject, path: str) -> _Read:
    name, file_id = opt_str(inner, "filename", path), opt_str(inner, "file_id", path)
    data = opt_str(inner, "file_data", path)
    known = {"filename", "file_id", "file_data"}
    if data is None:
        if file_id is None:
            raise DecodeError(path, "needs file_data or file_id")
        kind = MediaKind.DOCUMENT
        return Media(kind=kind, file_id=file_id, filename=name), known
    found = parse_data_url(data)
    mime, text = found if found is not None else (None, data)
    media = Media(kind=MediaKind.DOCUMENT, mime=mime, data=text, filename=name)
    return media, known


def _parse_video(inner: JsonObject, path: str) -> _Read:
    url = need_str(inner, "url", path)
    return Media(kind=MediaKind.VIDEO, url=url), {"url"}


_READERS: Final[Mapping[str, Callable[[JsonObject, str], _Read]]] = {
    "image_url": _parse_image,
    "input_audio": _parse_audio,
    "file": _parse_file,
    "video_url": _parse_video,
}


# Emitting.


def emit_part(part: Part, path: str, losses: Losses) -> JsonObject | None:
    """One part, or nothing if this API has no place for it."""
    match part:
        case Text(text=text, cache=cache, extras=extras):
            if cache is None and not extras.fields:
                return {"type": "text", "text": text}
            return {
                **own_fields(extras, path, losses),
                "type": "text",
                "text": text,
                **cached(cache, extras, path, losses),
            }
        case Refusal(text=text):
            return {"type": "refusal", "refusal": text}
        case NativePart(dialect=dialect, raw=raw):
            if dialect == NAME:
                return raw
            losses.append(Dropped(path, f"a part that only {dialect} knows"))
            return None
        case MediaPart():
            return _emit_media(part, path, losses)
        case _:
            losses.append(Dropped(path, "a part that has no place here"))
            return None


def _emit_media(part: MediaPart, path: str, losses: Losses) -> JsonObject | None:
    told = _media_fields(part.media)
    if told is None:
        kind = part.media.kind.value
        losses.append(Dropped(path, f"this API takes no {kind} of that form"))
        return None
    kind, inner = told
    extras = own_fields(part.extras, path, losses)
    more = extras.pop(kind, None)
    if isinstance(more, dict):
        inner = {**more, **inner}
    cache = cached(part.cache, part.extras, path, losses)
    return {**extras, "type": kind, kind: inner, **cache}


def _media_fields(media: Media) -> tuple[str, JsonObject] | None:
    url = _url(media)
    match media.kind:
        case MediaKind.IMAGE if url is not None:
            detail: JsonObject = {"detail": media.detail} if media.detail else {}
            return "image_url", {"url": url, **detail}
        case MediaKind.AUDIO if media.data is not None:
            form = (media.mime or "audio/wav").removeprefix("audio/")
            return "input_audio", {"data": media.data, "format": form}
        case MediaKind.VIDEO if url is not None:
            return "video_url", {"url": url}
        case MediaKind.DOCUMENT if media.data is not None or media.file_id is not None:
            fields: JsonObject = {"filename": media.filename} if media.filename else {}
            if media.data is None:
                return "file", {**fields, "file_id": media.file_id}
            data = media.data if media.mime is None else url
            return "file", {**fields, "file_data": data}
        case _:
            return None


def _url(media: Media) -> str | None:
    if media.data is None:
        return media.url
    return f"data:{media.mime or 'application/octet-stream'};base64,{media.data}"
