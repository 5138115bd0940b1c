"""Content parts: words, pictures, sounds and files, as neutral parts.

A field that the neutral form has no word for stays with its part as an extra, and so
does one that is null: absent and null are different things. Words are `output_text`
where the assistant speaks and `input_text` elsewhere; a part whose type is not the one
of its place keeps it as an extra too. Of such extras only those are named that are a
loss to other dialects; the rest is in `raw`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Set
from typing import Final, TypeAlias

from cliproxy_core.base.errors import DecodeError
from cliproxy_core.base.jsonval import (
    Json,
    JsonObject,
    kind_of,
    need_str,
    opt_array,
    opt_object,
    opt_str,
    parse_each,
)
from cliproxy_core.ir.media import Media, MediaKind, parse_data_url
from cliproxy_core.ir.request import (
    NO_EXTRAS,
    Extras,
    MediaPart,
    NativePart,
    Refusal,
    Text,
)

from .grammar import NAME
from .notes import parse_citation

__all__ = [
    "FLAT",
    "INPUT",
    "NOTHING",
    "OUTPUT",
    "ContentPart",
    "extras_of",
    "kept",
    "own_fields",
    "parse_content",
    "rest_of",
    "telling",
]

ContentPart: TypeAlias = Text | MediaPart | NativePart | Refusal

INPUT: Final = "input_text"
OUTPUT: Final = "output_text"
"""The types of words, by who speaks."""

FLAT: Final = False
"""Stands as the extra `input_audio` of a sound that came without that object."""

_TEXTS: Final = frozenset({INPUT, OUTPUT, "text"})
_TEXT: Final = frozenset({"type", "text", "annotations", "cache_control"})
_IMAGE: Final = frozenset({"type", "detail", "cache_control"})
_FILE: Final = frozenset({"type", "filename", "detail", "cache_control"})
_SOUND: Final = frozenset({"data", "format"})
NOTHING: Final[tuple[Json, ...]] = (None, "", [], {})
"""Extras that say nothing, so that nothing is lost with them."""

_SPELLING: Final = ("input_audio", FLAT)

_QUIET: Final = frozenset({"id", "status", "type", "summary"})
"""Extras that say nothing elsewhere: names and states of items, and spellings."""


_BARE: Final = 2
"""How many fields words have that are only words."""


def rest_of(holder: JsonObject, known: Set[str]) -> JsonObject:
    """The fields of an object that nothing else carries, and those that are null."""
    return {k: v for k, v in holder.items() if k not in known or v is None}


def extras_of(holder: JsonObject, known: Set[str]) -> Extras:
    rest = rest_of(holder, known)
    return kept(rest) if rest else NO_EXTRAS


def kept(fields: JsonObject, quiet: Set[str] = _QUIET) -> Extras:
    """Fields as extras of this dialect; those that are `quiet` are no loss."""
    told = telling(fields, quiet)
    return (
        Extras(NAME, fields) if len(told) == len(fields) else Extras(NAME, told, fields)
    )


def telling(fields: JsonObject, quiet: Set[str] = _QUIET) -> JsonObject:
    """Those of some fields that are a loss where they do not go."""
    return {
        key: value
        for key, value in fields.items()
        if key not in quiet and value not in NOTHING and (key, value) != _SPELLING
    }


def own_fields(extras: Extras) -> Mapping[str, Json]:
    """All fields of extras of this dialect."""
    return extras.fields if extras.raw is None else extras.raw


def parse_content(value: Json, words: str) -> list[ContentPart]:
    """A string or a list of parts; `words` is the type that words have there."""
    if isinstance(value, str):
        return [Text(value)]
    if not isinstance(value, list):
        raise DecodeError("", f"expected a string or an array, got {kind_of(value)}")
    return parse_each(value, "", lambda part: _parse_part(part, words))


def _parse_part(part: JsonObject, words: str) -> ContentPart:
    kind = need_str(part, "type", "")
    if kind in _TEXTS:
        text = need_str(part, "text", "")
        if kind == words and len(part) == _BARE:
            return Text(text)
        return _parse_text(part, text, kind, words)
    if kind == "refusal":
        text = need_str(part, "refusal", "")
        return Refusal(text) if len(part) == _BARE else NativePart(NAME, part)
    reader = _READERS.get(kind)
    if reader is None:
        return NativePart(NAME, part)
    media, fields = reader(part)
    cache = opt_object(part, "cache_control", "")
    return MediaPart(media, cache, kept(fields) if fields else NO_EXTRAS)


def _parse_text(part: JsonObject, text: str, kind: str, words: str) -> Text:
    fields = rest_of(part, _TEXT)
    if kind != words:
        fields["type"] = kind
    notes = opt_array(part, "annotations", "")
    if notes is not None and not notes:
        fields["annotations"] = notes
    return Text(
        text,
        opt_object(part, "cache_control", ""),
        kept(fields) if fields else NO_EXTRAS,
        citations=tuple(parse_each(notes or (), ".annotations", parse_citation)),
    )


# Media: what they are, and the fields that this does not say.

_Read: TypeAlias = tuple[Media, JsonObject]


def _parse_image(part: JsonObject) -> _Read:
    url, file_id = opt_str(part, "image_url", ""), opt_str(part, "file_id", "")
    detail = opt_str(part, "detail", "")
    kind = MediaKind.IMAGE
    if url is None:
        if file_id is None:
            raise DecodeError("", "needs image_url or file_id")
        media = Media(kind=kind, file_id=file_id, detail=detail)
        return media, rest_of(part, _IMAGE | {"file_id"})
    fields = rest_of(part, _IMAGE | {"image_url"})
    found = parse_data_url(url)
    if found is None:
        return Media(kind=kind, url=url, detail=detail), fields
    mime, data = found
    _keep_odd("image_url", url, mime, fields)
    return Media(kind=kind, mime=mime, data=data, detail=detail), fields


def _parse_file(part: JsonObject) -> _Read:
    data, url = opt_str(part, "file_data", ""), opt_str(part, "file_url", "")
    file_id = opt_str(part, "file_id", "")
    name, detail = opt_str(part, "filename", ""), opt_str(part, "detail", "")
    kind = MediaKind.DOCUMENT
    if data is not None:
        fields = rest_of(part, _FILE | {"file_data"})
        found = parse_data_url(data)
        mime = None
        if found is not None:
            mime = found[0]
            _keep_odd("file_data", data, mime, fields)
            data = found[1]
        media = Media(kind=kind, mime=mime, data=data, filename=name, detail=detail)
        return media, fields
    if url is not None:
        media = Media(kind=kind, url=url, filename=name, detail=detail)
        return media, rest_of(part, _FILE | {"file_url"})
    if file_id is None:
        raise DecodeError("", "needs file_data, file_url or file_id")
    media = Media(kind=kind, file_id=file_id, filename=name, detail=detail)
    return media, rest_of(part, _FILE | {"file_id"})


def _keep_odd(key: str, url: str, mime: str, fields: JsonObject) -> None:
    """An address with parameters beside its type cannot be made again of the bytes."""
    if not url.startswith(f"data:{mime};base64,"):
        fields[key] = url


def _parse_audio(part: JsonObject) -> _Read:
    """The bytes in an object of their own, or (as some clients have it) without."""
    inner = opt_object(part, "input_audio", "")
    path = "" if inner is None else ".input_audio"
    sound = part if inner is None else inner
    data, form = need_str(sound, "data", path), need_str(sound, "format", path)
    media = Media(kind=MediaKind.AUDIO, mime=f"audio/{form}", data=data)
    if inner is None:
        fields = rest_of(part, {"type", "cache_control", *_SOUND})
        fields.setdefault("input_audio", FLAT)
        return media, fields
    fields = rest_of(part, {"type", "cache_control", "input_audio"})
    more = rest_of(inner, _SOUND)
    if more:
        fields["input_audio"] = more
    return media, fields


_READERS: Final[Mapping[str, Callable[[JsonObject], _Read]]] = {
    "input_image": _parse_image,
    "input_file": _parse_file,
    "input_audio": _parse_audio,
}
