"""The parts of a turn, written as this API's; what cannot be written is reported."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Final

import attrs

from cliproxy_core.base.errors import DecodeError
from cliproxy_core.base.jsonval import Json, JsonObject, loads_exact, write
from cliproxy_core.ir.media import Media, MediaKind, parse_data_url
from cliproxy_core.ir.reasoning import Signature
from cliproxy_core.ir.request import (
    Dropped,
    Extras,
    MediaPart,
    NativePart,
    Part,
    Reasoning,
    Redacted,
    Refusal,
    Text,
    ToolCall,
    ToolKind,
    ToolResult,
)

from .arguments import object_text, parse_object
from .emit import words_part
from .grammar import NAME
from .parts import RESULT_WORDS

__all__ = ["Answer", "Writer"]

# The writer ends at 254 levels; so many brackets cannot be that deep, with what stands
# around them.
SAFE_NESTING: Final = 200

# What is assumed of media whose type nobody told.
_MIMES: Final[Mapping[MediaKind, str]] = {
    MediaKind.IMAGE: "image/jpeg",
    MediaKind.AUDIO: "audio/wav",
    MediaKind.VIDEO: "video/mp4",
    MediaKind.DOCUMENT: "application/pdf",
}

# Names that other APIs use, and those in the vendor's lists of what it takes (Gemini
# API, "Image understanding", "Audio understanding", 2026-11).
_SYNONYMS: Final[Mapping[str, str]] = {
    "image/jpg": "image/jpeg",
    "audio/mp3": "audio/mpeg",
    "audio/x-wav": "audio/wav",
    "audio/wave": "audio/wav",
}

_ENDINGS: Final[Mapping[str, str]] = {
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "png": "image/png",
    "webp": "image/webp",
    "gif": "image/gif",
    "heic": "image/heic",
    "heif": "image/heif",
    "pdf": "application/pdf",
    "txt": "text/plain",
    "md": "text/markdown",
    "csv": "text/csv",
    "html": "text/html",
    "mp3": "audio/mpeg",
    "wav": "audio/wav",
    "ogg": "audio/ogg",
    "flac": "audio/flac",
    "aac": "audio/aac",
    "mp4": "video/mp4",
    "webm": "video/webm",
    "mov": "video/quicktime",
}

# Gemini API, "Function calling", multimodal function responses (2026-11): other media
# than these stand beside the response.
_IN_RESULTS: Final = frozenset(
    {"image/png", "image/jpeg", "image/webp", "application/pdf", "text/plain"}
)

# Gemini API, "File input methods" (2026-11): files of its own, of Cloud Storage, and
# whatever is public on the web.
_SCHEMES: Final = ("https://", "http://", "gs://")


@attrs.define
class Answer:
    """The result of a call, and the media that have no place inside of it."""

    part: JsonObject
    beside: list[Json] = attrs.field(factory=list)


@attrs.define
class Writer:
    """Writes parts, and notes what cannot be written."""

    dropped: list[Dropped]
    own: bool = False
    """Whether the request came from this dialect."""

    def drop(self, path: str, reason: str) -> None:
        self.dropped.append(Dropped(path, reason))

    def part(self, part: Part, path: str) -> JsonObject | None:
        """One part that is no result; None if it has no place in this API."""
        match part:
            case Text():
                return self._text(part, path)
            case Refusal(text=text):
                if text:
                    self.drop(path, "a refusal, sent as plain text")
                return {"text": text} if text else None
            case MediaPart():
                return self._media(part, path)
            case ToolCall():
                return self._call(part, path)
            case Reasoning(text=text, signature=signature, extras=extras):
                return self._thought(text, signature, extras, path)
            case Redacted(sealed=sealed, extras=extras):
                return self._thought("", sealed, extras, path)
            case NativePart(dialect=dialect, raw=raw):
                if dialect == NAME:
                    return raw
                self.drop(path, f"a part that only {dialect} knows")
                return None
            case ToolResult():
                return self.answer(part, part.name or "", path).part

    def fields(self, extras: Extras, path: str) -> JsonObject:
        """The extra fields that this dialect sent itself; others are lost."""
        if extras.dialect == NAME:
            return dict(extras.fields)
        for key in extras.fields:
            self.drop(f"{path}.{key}", f"a field that only {extras.dialect} knows")
        return {}

    def uncached(self, cache: JsonObject | None, path: str) -> None:
        if cache is not None:
            self.drop(f"{path}.cache_control", "this API has no cache marks")

    def _finish(
        self, out: JsonObject, inner: JsonObject, extras: Extras, path: str
    ) -> JsonObject:
        """A part of one object, with the extra fields that came with both."""
        if not extras.fields:
            return out
        fields = self.fields(extras, path)
        (name,) = out.keys() - {"thoughtSignature"}
        more = fields.pop(name, None)
        inner.update(more if isinstance(more, dict) else {})
        return {**out, **fields}

    def _signature(self, signature: Signature | None, path: str) -> Signature | None:
        """State goes back to the API that made it, and to no other."""
        if signature is not None and signature.issuer != NAME:
            self.drop(f"{path}.signature", "signed for another issuer")
            return None
        return signature

    def _text(self, part: Text, path: str) -> JsonObject | None:
        self.uncached(part.cache, path)
        if part.citations:
            self.drop(f"{path}.citations", "sources have no place in a request here")
        fields = self.fields(part.extras, path) if part.extras.fields else {}
        signature = self._signature(part.signature, path) if part.signature else None
        if not part.text and signature is None and not self.own:
            return None
        return {**words_part(part.text, signature, thought=False), **fields}

    def _thought(
        self, text: str, signature: Signature | None, extras: Extras, path: str
    ) -> JsonObject | None:
        """Thinking that nobody here signed is worth nothing to the vendor; its own
        summaries come back without a proof."""
        unsigned = signature is None and not self.own
        if unsigned or (signature is not None and signature.issuer != NAME):
            self.drop(path, "thinking that this API did not sign")
            return None
        fields = self.fields(extras, path)
        return {**words_part(text, signature, thought=True), **fields}

    # Calls and results.

    def _call(self, part: ToolCall, path: str) -> JsonObject:
        self.uncached(part.cache, path)
        call: JsonObject = {
            "id": part.call_id,
            "name": part.name,
            "args": self._arguments(part, path),
        }
        out: JsonObject = {"functionCall": call}
        signature = self._signature(part.signature, path)
        if signature is not None:
            out["thoughtSignature"] = signature.text
        return self._finish(out, call, part.extras, path)

    def _arguments(self, part: ToolCall, path: str) -> JsonObject:
        if part.kind is ToolKind.FUNCTION:
            args = parse_object(part.arguments)
            if args is not None:
                return args  # without a second look
        text = object_text(part.arguments, part.kind)
        args = None if text is None else parse_object(text)
        if args is not None:
            return args
        self.drop(f"{path}.arguments", "not a JSON object, sent as text inside of one")
        return {"arguments": part.arguments}

    def answer(self, result: ToolResult, name: str, path: str) -> Answer:
        """A result, under the name of its function."""
        self.uncached(result.cache, path)
        words = [part.text for part in result.parts if isinstance(part, Text)]
        response = _response("\n".join(words), result)
        answer: JsonObject = {"id": result.call_id, "response": response}
        if name:
            answer["name"] = name
        inside: list[Json] = []
        beside: list[Json] = []
        for part in result.parts:
            if isinstance(part, Text):
                self._bare(part, path)
                continue
            written = self.part(part, path)
            if written is not None:
                (inside if self.own or _fits(written) else beside).append(written)
        if inside:
            answer["parts"] = inside
        out: JsonObject = {"functionResponse": answer}
        return Answer(self._finish(out, answer, result.extras, path), beside)

    def _bare(self, part: Text, path: str) -> None:
        """Nothing but the words of a text has a place in a result."""
        self.uncached(part.cache, path)
        self.fields(part.extras, path)
        if part.citations:
            self.drop(f"{path}.citations", "sources have no place in a request here")

    # Media.

    def _media(self, part: MediaPart, path: str) -> JsonObject | None:
        self.uncached(part.cache, path)
        media = part.media
        if media.detail not in (None, "auto"):
            self.drop(f"{path}.detail", "this API has no such setting")
        written = self._blob(media, path) or self._file(media, path)
        if written is None:
            kind = media.kind.value
            self.drop(path, f"this API takes no {kind} of that form")
            return None
        ((key, inner),) = written.items()
        if media.filename is not None:
            inner["displayName"] = media.filename
        return self._finish({key: inner}, inner, part.extras, path)

    def _blob(self, media: Media, path: str) -> dict[str, JsonObject] | None:
        mime, data = media.mime, media.data
        if media.text is not None:
            mime, data = mime or "text/plain", _encoded(media.text)
        elif media.url is not None:
            found = parse_data_url(media.url)
            mime, data = found if found is not None else (mime, None)
        if data is None:
            return None
        if mime is None:
            mime = self._assumed(media, path)
        return {"inlineData": {"mimeType": self._synonym(mime), "data": data}}

    def _file(self, media: Media, path: str) -> dict[str, JsonObject] | None:
        url = media.url
        if url is None or not (self.own or url.lower().startswith(_SCHEMES)):
            return None
        file: JsonObject = {"fileUri": url}
        mime = media.mime
        if mime is None and not self.own:
            mime = _of_ending(url) or self._assumed(media, path)
        if mime is not None:
            file["mimeType"] = self._synonym(mime)
        return {"fileData": file}

    def _synonym(self, mime: str) -> str:
        return mime if self.own else _SYNONYMS.get(mime.lower(), mime)

    def _assumed(self, media: Media, path: str) -> str:
        mime = _MIMES[media.kind]
        self.drop(f"{path}.type", f"not told, assumed to be {mime}")
        return mime


def _response(text: str, result: ToolResult) -> JsonObject:
    """What a function gave, as the object that it must be."""
    if result.error:
        return {"error": text}
    value: Json = text
    if result.kind is ToolKind.FUNCTION and text[:1] in ("{", "["):
        value = _structure(text)
    if isinstance(value, dict) and value and RESULT_WORDS.isdisjoint(value):
        return value
    return {"output": value}


def _structure(text: str) -> Json:
    """Objects and arrays are structure here, if they can be written again."""
    try:
        value = loads_exact(text)
        if text.count("{") + text.count("[") > SAFE_NESTING:
            write(value)
    except DecodeError:
        return text
    return value


def _fits(part: JsonObject) -> bool:
    blob = part.get("inlineData")
    return isinstance(blob, dict) and blob.get("mimeType") in _IN_RESULTS


def _of_ending(url: str) -> str | None:
    name = url.partition("?")[0].partition("#")[0].rpartition("/")[2]
    return _ENDINGS.get(name.rpartition(".")[2].lower()) if "." in name else None


def _encoded(text: str) -> str:
    return base64.b64encode(text.encode("utf-8", "replace")).decode()
