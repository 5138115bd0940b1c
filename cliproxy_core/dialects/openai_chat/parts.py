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
    "is_bare",
    "own_fields",
    "parse_content",
    "said_of",
]

ContentPart: TypeAlias = Text | MediaPart | NativePart | Refusal
Losses: TypeAlias = list[Dropped]

_TEXT: Final = frozenset({"type", "text", "cache_control"})
_DETAILS: Final = frozenset({"auto", "low", "high"})

# Formats of `input_audio` whose media type is not `audio/<format>`, and the reverse.
_SOUNDS: Final[Mapping[str, str]] = {"mp3": "audio/mpeg"}
_FORMS: Final[Mapping[str, str]] = {
    "mpeg": "mp3",
    "mpga": "mp3",
    "x-wav": "wav",
    "wave": "wav",
    "vnd.wave": "wav",
}

# What bytes without a type are, by the ending of their file's name.
_ENDINGS: Final[Mapping[str, str]] = {
    "pdf": "application/pdf",
    "txt": "text/plain",
    "md": "text/markdown",
    "csv": "text/csv",
    "html": "text/html",
    "json": "application/json",
    "xml": "application/xml",
}
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
    if _is_odd(media):
        extras = Extras(NAME, extras.fields)
    more = {key: value for key, value in inner.items() if key not in known}
    if more:
        extras = Extras(NAME, {**extras.fields, kind: more})
    return MediaPart(media, cache, extras)


def _is_odd(media: Media) -> bool:
    """Whether it can be said to no other caller's upstream than this one's."""
    address = media.kind is MediaKind.DOCUMENT and media.url is not None
    return address or media.detail not in (None, *_DETAILS)


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
    mime = _SOUNDS.get(form, f"audio/{form}")
    return Media(kind=MediaKind.AUDIO, mime=mime, data=data), {"data", "format"}


def _parse_file(inner: JsonObject, path: str) -> _Read:
    name, file_id = opt_str(inner, "filename", path), opt_str(inner, "file_id", path)
    data = opt_str(inner, "file_data", path)
    known = {"filename", "file_id", "file_data"}
    kind = MediaKind.DOCUMENT
    if data is None:
        if file_id is None:
            raise DecodeError(path, "needs file_data or file_id")
        return Media(kind=kind, file_id=file_id, filename=name), known
    if data.startswith(("https://", "http://")):  # OpenRouter, "PDF inputs"
        return Media(kind=kind, url=data, filename=name), known
    found = parse_data_url(data)
    ending = (name or "").rpartition(".")[2].lower()
    mime, text = found if found is not None else (_ENDINGS.get(ending), data)
    return Media(kind=kind, mime=mime, data=text, filename=name), known


def _parse_video(inner: JsonObject, path: str) -> _Read:
    url = need_str(inner, "url", path)
    found = parse_data_url(url)
    if found is None:
        return Media(kind=MediaKind.VIDEO, url=url), {"url"}
    return Media(kind=MediaKind.VIDEO, mime=found[0], data=found[1]), {"url"}


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
        case Text():
            return _emit_text(part, path, losses)
        case Refusal(text=text):
            return {"type": "refusal", "refusal": text}
        case NativePart(dialect=dialect, raw=raw):
            if dialect == NAME:
                return raw
            losses.append(Dropped(path, f"a part that only {dialect} knows"))
            return None
        case MediaPart(media=media) if media.text is not None:
            return _emit_words(part, media.text, path, losses)
        case MediaPart():
            return _emit_media(part, path, losses)
        case _:
            losses.append(Dropped(path, "a part that has no place here"))
            return None


def said_of(part: Text, path: str, losses: Losses) -> JsonObject:
    """What came with words, as fields beside them; the rest of it is lost."""
    for i, _ in enumerate(part.citations):
        reason = "a message that is sent has no sources"
        losses.append(Dropped(f"{path}.citations[{i}]", reason))
    if part.signature is not None:
        losses.append(Dropped(f"{path}.signature", "signed for another issuer"))
    return {
        **own_fields(part.extras, path, losses),
        **cached(part.cache, part.extras, path, losses),
    }


def is_bare(part: Text) -> bool:
    """Whether nothing came with it that may be lost or must be put back."""
    return (
        part.cache is None
        and not part.extras.fields
        and not part.citations
        and part.signature is None
    )


def _emit_text(part: Text, path: str, losses: Losses) -> JsonObject:
    if is_bare(part):
        return {"type": "text", "text": part.text}
    fields = said_of(part, path, losses)
    return {**fields, "type": "text", "text": part.text}


def _emit_words(part: MediaPart, text: str, path: str, losses: Losses) -> JsonObject:
    """A document of plain words: any upstream reads those, and few read files."""
    own_fields(part.extras, path, losses)
    cached(part.cache, part.extras, path, losses)
    if part.media.filename is None:
        return {"type": "text", "text": text}
    return {"type": "text", "text": f"{part.media.filename}:\n\n{text}"}


def _emit_media(part: MediaPart, path: str, losses: Losses) -> JsonObject | None:
    own = part.extras.dialect == NAME
    told = _media_fields(part.media, path, losses, own=own)
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


def _media_fields(
    media: Media, path: str, losses: Losses, *, own: bool
) -> tuple[str, JsonObject] | None:
    url = _url(media)
    match media.kind:
        case MediaKind.IMAGE if url is not None:
            return "image_url", {"url": url, **_detail(media, path, losses, own=own)}
        case MediaKind.AUDIO if media.data is not None:
            form = (media.mime or "audio/wav").partition(";")[0].removeprefix("audio/")
            told = _FORMS.get(form, form)
            return "input_audio", {"data": media.data, "format": told}
        case MediaKind.VIDEO if url is not None:
            return "video_url", {"url": url}
        case MediaKind.DOCUMENT:
            return _emit_file(media, url, own=own)
        case _:
            return None


def _detail(media: Media, path: str, losses: Losses, *, own: bool) -> JsonObject:
    detail = media.detail
    if detail is None:
        return {}
    if detail == "original" and not own:  # what Codex says for all there is
        detail = "high"
    if detail in _DETAILS or own:
        return {"detail": detail}
    losses.append(Dropped(f"{path}.detail", "not a level of this API"))
    return {}


def _emit_file(
    media: Media, url: str | None, *, own: bool
) -> tuple[str, JsonObject] | None:
    """Bytes or an id; an address only where the caller of this API gave one."""
    fields: JsonObject = {}
    if media.filename is not None:
        fields["filename"] = media.filename
    if media.data is not None:
        if media.mime is None:
            return "file", {**fields, "file_data": media.data}
        # The vendor wants a name beside bytes; its ending tells what they are.
        form = media.mime.partition("/")[2]
        return "file", {"filename": f"document.{form}", **fields, "file_data": url}
    if media.file_id is not None:
        return "file", {**fields, "file_id": media.file_id}
    if media.url is not None and own:
        return "file", {**fields, "file_data": media.url}
    return None


def _url(media: Media) -> str | None:
    if media.data is None:
        return media.url
    return f"data:{media.mime or 'application/octet-stream'};base64,{media.data}"
