"""Neutral parts as content parts of this API."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import attrs

from cliproxy_core.base.jsonval import Json, JsonObject
from cliproxy_core.ir.media import Media, MediaKind
from cliproxy_core.ir.request import (
    Dropped,
    Extras,
    MediaPart,
    NativePart,
    Part,
    Refusal,
    Text,
)

from .grammar import NAME
from .notes import emit_citation
from .parts import FLAT, INPUT, NOTHING, OUTPUT, own_fields

__all__ = ["Writer"]

# What media types are called here, and how files of them end.
_FORMS: Final = {"mpeg": "mp3", "x-wav": "wav", "wave": "wav", "vnd.wave": "wav"}
_ENDINGS: Final = {"plain": "txt", "markdown": "md", "javascript": "js"}


@attrs.define
class Writer:
    """Writes parts for one request, and notes what cannot be written."""

    own: bool
    """Whether the request came from this dialect."""
    files: bool = True
    """Whether the caller's file ids mean something to this API's vendor."""
    dropped: list[Dropped] = attrs.field(factory=list)

    def drop(self, path: str, reason: str) -> None:
        self.dropped.append(Dropped(path, reason))

    def fields(self, extras: Extras, path: str) -> JsonObject:
        """The extra fields that this dialect wrote itself; others are lost."""
        if extras.dialect == NAME:
            return dict(own_fields(extras))
        for key, value in extras.fields.items():
            if value not in NOTHING:
                self.drop(f"{path}.{key}", f"a field that only {extras.dialect} knows")
        return {}

    def cached(self, cache: JsonObject | None, path: str) -> JsonObject:
        """A cache mark goes back to the dialect that it came from."""
        if cache is None:
            return {}
        if self.own:
            return {"cache_control": cache}
        self.drop(f"{path}.cache_control", "this API has no such cache marks")
        return {}

    def content(self, parts: Sequence[Part], words: str, path: str) -> list[Json]:
        """Parts as a list; `words` is the type that words have there."""
        out: list[Json] = []
        for i, part in enumerate(parts):
            written = self.part(part, words, f"{path}.content[{i}]")
            if written is not None:
                out.append(written)
        return out

    def part(self, part: Part, words: str, path: str) -> JsonObject | None:
        """One part, or nothing if this API has no place for it there."""
        match part:
            case Text():
                return self._text(part, words, path)
            case Refusal(text=text):
                return {"type": "refusal", "refusal": text}
            case MediaPart(media=media):
                told = None
                if self.own or words == INPUT:
                    told = self._media(media, path)
                if told is None:
                    self.drop(path, f"no place for {media.kind.value} of that form")
                    return None
                return self._with_extras(told, part, path)
            case NativePart(dialect=dialect, raw=raw):
                if dialect == NAME:
                    return raw
                self.drop(path, f"a part that only {dialect} knows")
                return None
            case _:
                self.drop(path, "a part that has no place here")
                return None

    def _text(self, part: Text, words: str, path: str) -> JsonObject:
        out: JsonObject = {"type": words, "text": part.text}
        if part.signature is not None:
            self.drop(f"{path}.signature", "signed for another issuer")
        if part.citations or (words == OUTPUT and not self.own):
            out["annotations"] = self._notes(part, path)
        if part.cache is None and not part.extras.dialect:
            return out
        return {
            **out,
            **self.cached(part.cache, path),
            **self.fields(part.extras, path),
        }

    def _notes(self, part: Text, path: str) -> list[Json]:
        notes: list[Json] = []
        for i, citation in enumerate(part.citations):
            note = emit_citation(citation, len(part.text))
            if note is None:
                self.drop(f"{path}.citations[{i}]", "a source without an address")
            else:
                notes.append(note)
        return notes

    def _with_extras(self, told: JsonObject, part: MediaPart, path: str) -> JsonObject:
        fields = self.fields(part.extras, path)
        inner, more = told.get("input_audio"), fields.get("input_audio")
        if isinstance(inner, dict):
            if isinstance(more, dict):
                fields["input_audio"] = {**inner, **more}
            elif more is FLAT:
                del fields["input_audio"]
                told = {"type": told["type"], **inner}
        return {**told, **self.cached(part.cache, path), **fields}

    def _media(self, media: Media, path: str) -> JsonObject | None:
        """As this API writes it. A document that is plain text is words here."""
        if media.file_id is not None and not self.files:
            return None
        address = _address(media)
        out: JsonObject = {}
        match media.kind:
            case MediaKind.IMAGE if address is not None:
                out = {"type": "input_image", "image_url": address}
            case MediaKind.IMAGE if media.file_id is not None:
                out = {"type": "input_image", "file_id": media.file_id}
            case MediaKind.AUDIO if media.data is not None:
                form = _form(media.mime, own=self.own)
                sound: JsonObject = {"data": media.data, "format": form}
                return {"type": "input_audio", "input_audio": sound}
            case MediaKind.DOCUMENT if media.text is not None:
                if media.filename is not None:
                    self.drop(f"{path}.filename", "the document became words")
                return {"type": INPUT, "text": media.text}
            case MediaKind.DOCUMENT:
                return self._file(media, address)
            case _:
                return None
        if media.detail is not None:
            out["detail"] = media.detail
        elif not self.own:
            out["detail"] = "auto"  # required, and what unsaid means elsewhere
        return out

    def _file(self, media: Media, address: str | None) -> JsonObject | None:
        out: JsonObject = {"type": "input_file"}
        name = media.filename
        if media.data is not None:
            out["file_data"] = media.data if media.mime is None else address
            if name is None and not self.own:
                name = _name(media.mime)  # the vendor wants one beside the bytes
        elif media.url is not None:
            out["file_url"] = media.url
        elif media.file_id is not None:
            out["file_id"] = media.file_id
        else:
            return None
        if name is not None:
            out["filename"] = name
        if media.detail is not None:
            out["detail"] = media.detail
        return out


def _address(media: Media) -> str | None:
    if media.data is None:
        return media.url
    return f"data:{media.mime or 'application/octet-stream'};base64,{media.data}"


def _form(mime: str | None, *, own: bool) -> str:
    """`wav` or `mp3`, as far as the vendor goes."""
    form = (mime or "audio/wav").removeprefix("audio/")
    return form if own else _FORMS.get(form, form)


def _name(mime: str | None) -> str:
    """A file name, for bytes that came without; its ending tells what they are."""
    form = (mime or "application/pdf").partition("/")[2]
    return f"document.{_ENDINGS.get(form, form)}"
