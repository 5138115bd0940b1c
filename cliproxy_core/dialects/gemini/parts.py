"""Parts of a turn, read into the neutral form.

The vendor takes every key in camel case and in snake case; what is read here is camel
case, one object at a time, since further down keys are the caller's own. Null and
absent mean the same to the vendor. How things were spelled is kept with the request.

What a part is shows in which of its fields is there. A part that the neutral form has
no word for is a `NativePart` and stays as it is.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Mapping, Set
from typing import Final

from cliproxy_core.base.errors import DecodeError
from cliproxy_core.base.jsonval import (
    Json,
    JsonObject,
    as_object,
    kind_of,
    need_str,
    opt_bool,
    opt_object,
    opt_str,
    parse_each,
    write,
)
from cliproxy_core.ir.media import Media
from cliproxy_core.ir.reasoning import Signature
from cliproxy_core.ir.request import (
    NO_EXTRAS,
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

from .arguments import EMPTY
from .carrier import is_sealed, unwrap
from .decode import media_kind
from .grammar import NAME

__all__ = [
    "BYPASS",
    "RESULT_WORDS",
    "extras_of",
    "objects",
    "parse_part",
    "plain",
]

# Gemini API, "Thought signatures", FAQ (2026-11): either word stands in the slot of a
# call that the API did not make, so that it is not checked. Facts/02, section 3.7.1.
BYPASS: Final = "skip_thought_signature_validator"
_BYPASSES: Final = (BYPASS, "context_engineering_is_the_way_to_go")

_SNAKE: Final = re.compile(r"_([a-z])")
_SAFE: Final = str.maketrans("+/", "-_")

_TEXT: Final = frozenset({"text", "thought", "thoughtSignature"})
_CALL: Final = frozenset({"functionCall", "thoughtSignature"})
_CALLED: Final = frozenset({"id", "name", "args"})
_ANSWER: Final = frozenset({"functionResponse"})
_ANSWERED: Final = frozenset({"id", "name", "response", "parts"})
_INLINE: Final = frozenset({"inlineData"})
_FILE: Final = frozenset({"fileData"})
_STREAMED: Final = frozenset({"partialArgs", "willContinue"})

# google-genai 3.4, `types.FunctionResponse.response` (2026-11): `output` holds what the
# function gave and `error` why it failed; without both all of it is output. Callers
# also write `result` (the SDK, when it calls functions itself) or `content`.
_OUTPUTS: Final = ("output", "result")
_ERROR: Final = "error"
_CONTENT: Final = "content"
RESULT_WORDS: Final = frozenset({*_OUTPUTS, _ERROR, _CONTENT})
"""Keys of a response that say what their value is."""


def plain(holder: JsonObject) -> JsonObject:
    """The object with its keys in camel case and without nulls; itself if it is so."""
    if "_" not in "".join(holder) and None not in holder.values():
        return holder
    return {
        _SNAKE.sub(lambda match: match[1].upper(), key): value
        for key, value in holder.items()
        if value is not None
    }


def objects(value: Json, path: str) -> list[Json]:
    """A list of objects; the vendor takes one alone for a list of one."""
    if isinstance(value, dict):
        return [value]
    if isinstance(value, list):
        return value
    raise DecodeError(path, f"expected an array, got {kind_of(value)}")


def extras_of(holder: JsonObject, known: Set[str]) -> Extras:
    """The fields of an object that nothing else carries."""
    if holder.keys() <= known:
        return NO_EXTRAS
    return Extras(NAME, {k: v for k, v in holder.items() if k not in known})


def parse_part(raw: JsonObject) -> Part:
    """Read one part. Calls and results without an id have an empty one so far."""
    text = raw.get("text")
    if len(raw) == 1 and isinstance(text, str):
        return Text(text)  # the common case, without another call
    part = plain(raw)
    for field, reader in _READERS.items():
        if field in part:
            return reader(part, raw)
    if "text" in part or part.keys() == {"thoughtSignature"}:
        return _parse_text(part)
    return NativePart(NAME, raw)


def _proof(part: JsonObject) -> Signature | None:
    """The state in a part's slot. What only tells not to look for it proves nothing."""
    text = opt_str(part, "thoughtSignature", "")
    return None if not text or _is_bypass(text) else unwrap(text)


def _is_bypass(text: str) -> bool:
    """The slot holds bytes: callers bring the word back in either alphabet, or encode
    it once more. Proofs are much longer than that."""
    return len(text) <= _BYPASS_MOST and _bytes(text) in _BYPASS_BYTES


def _bytes(text: str) -> bytes:
    safe = text.translate(_SAFE).rstrip("=")
    try:
        return base64.urlsafe_b64decode(safe + "=" * (-len(safe) % 4))
    except (binascii.Error, ValueError):
        return b""


_BYPASS_BYTES: Final = frozenset(
    each for word in _BYPASSES for each in (_bytes(word), word.encode())
)
_BYPASS_MOST: Final = 2 * max(map(len, _BYPASSES))


def _parse_text(part: JsonObject) -> Part:
    text, proof = opt_str(part, "text", "") or "", _proof(part)
    extras = extras_of(part, _TEXT)
    if not opt_bool(part, "thought", ""):
        return Text(text, None, extras, proof)
    if proof is not None and not text and _is_whole(proof, part):
        return Redacted(proof, extras)
    return Reasoning(text, proof, extras)


def _is_whole(proof: Signature, part: JsonObject) -> bool:
    """Whether a proof without thinking is all there is: this API's own always is."""
    return proof.issuer == NAME or is_sealed(need_str(part, "thoughtSignature", ""))


# Calls and results.


def _parse_call(part: JsonObject, raw: JsonObject) -> ToolCall | NativePart:
    path = ".functionCall"
    call = plain(as_object(part["functionCall"], path))
    if not _STREAMED.isdisjoint(call):
        return NativePart(NAME, raw)  # a piece of a call that came bit by bit
    args = opt_object(call, "args", path)
    return ToolCall(
        call_id=opt_str(call, "id", path) or "",
        name=need_str(call, "name", path),
        arguments=EMPTY if args is None else _written(args, f"{path}.args"),
        signature=_proof(part),
        extras=_nested(part, _CALL, "functionCall", call, _CALLED),
    )


def _parse_result(part: JsonObject, _raw: JsonObject) -> ToolResult:
    path = ".functionResponse"
    answer = plain(as_object(part["functionResponse"], path))
    response = opt_object(answer, "response", path) or {}
    text, error = _result_text(response, f"{path}.response")
    media: list[Part] = []
    if "parts" in answer:
        values = objects(answer["parts"], f"{path}.parts")
        media = parse_each(values, f"{path}.parts", parse_part)
    inner = [p for p in media if isinstance(p, Text | MediaPart | NativePart)]
    return ToolResult(
        call_id=opt_str(answer, "id", path) or "",
        parts=(Text(text), *inner) if text or not inner else tuple(inner),
        name=opt_str(answer, "name", path) or None,
        plain=not inner,
        error=True if error else None,
        extras=_nested(part, _ANSWER, "functionResponse", answer, _ANSWERED),
    )


def _result_text(response: JsonObject, path: str) -> tuple[str, bool]:
    """What a function gave, as text, and whether that is why it failed."""
    if len(response) == 1:
        ((key, value),) = response.items()
        if key in _OUTPUTS or key == _ERROR:
            text = value if isinstance(value, str) else _written(value, f"{path}.{key}")
            return text, key == _ERROR
        if key == _CONTENT and isinstance(value, str):
            return value, False
    return _written(response, path) if response else "", False


def _written(value: Json, path: str) -> str:
    try:
        return write(value).decode()
    except DecodeError as error:
        raise error.under(path) from None


def _nested(
    part: JsonObject, known: Set[str], name: str, inner: JsonObject, read: Set[str]
) -> Extras:
    """Unknown fields of a part, and those of the object in it under its name."""
    if part.keys() <= known and inner.keys() <= read:
        return NO_EXTRAS
    fields = {key: value for key, value in part.items() if key not in known}
    more = {key: value for key, value in inner.items() if key not in read}
    if more:
        fields[name] = more
    return Extras(NAME, fields)


# Media.


def _parse_inline(part: JsonObject, raw: JsonObject) -> MediaPart | NativePart:
    path = ".inlineData"
    blob = plain(as_object(part["inlineData"], path))
    mime, data = need_str(blob, "mimeType", path), need_str(blob, "data", path)
    name = opt_str(blob, "displayName", path)
    if part.get("thought"):
        return NativePart(NAME, raw)  # a draft of a picture
    media = Media(kind=media_kind(mime), mime=mime, data=data, filename=name)
    known = frozenset({"mimeType", "data", "displayName"})
    extras = _nested(part, _INLINE, "inlineData", blob, known)
    return MediaPart(media, None, extras)


def _parse_file(part: JsonObject, raw: JsonObject) -> MediaPart | NativePart:
    path = ".fileData"
    file = plain(as_object(part["fileData"], path))
    url, mime = need_str(file, "fileUri", path), opt_str(file, "mimeType", path)
    name = opt_str(file, "displayName", path)
    if part.get("thought"):
        return NativePart(NAME, raw)
    media = Media(kind=media_kind(mime or ""), mime=mime, url=url, filename=name)
    known = frozenset({"mimeType", "fileUri", "displayName"})
    extras = _nested(part, _FILE, "fileData", file, known)
    return MediaPart(media, None, extras)


_READERS: Final[Mapping[str, Callable[[JsonObject, JsonObject], Part]]] = {
    "functionCall": _parse_call,
    "functionResponse": _parse_result,
    "inlineData": _parse_inline,
    "fileData": _parse_file,
}
