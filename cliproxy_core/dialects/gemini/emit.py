"""What streams and complete answers write alike: parts, and finish reasons.

This API runs no risk with calls: there is no way to announce one bit by bit, so a call
whose arguments were cut is left out, and the answer is said to be cut.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from cliproxy_core.base.errors import DecodeError
from cliproxy_core.base.jsonval import JsonObject, loads
from cliproxy_core.ir.media import Media, MediaKind
from cliproxy_core.ir.reasoning import Signature
from cliproxy_core.ir.stream import Reason

from .carrier import wrap
from .usage import emit_reason, is_cut

__all__ = [
    "NOTHING",
    "finish_word",
    "is_lost",
    "media_part",
    "native_part",
    "words_part",
]

NOTHING: Final[JsonObject] = {"text": ""}
"""The part of a chunk that only finishes: the SDKs' chats forget turns without one."""

_MALFORMED: Final = "MALFORMED_FUNCTION_CALL"

# What is assumed of generated media whose type nobody told.
_MIMES: Final[Mapping[MediaKind, str]] = {
    MediaKind.IMAGE: "image/png",
    MediaKind.AUDIO: "audio/wav",
    MediaKind.VIDEO: "video/mp4",
    MediaKind.DOCUMENT: "application/pdf",
}


def words_part(
    text: str, signature: Signature | None, *, thought: bool, sealed: bool = False
) -> JsonObject:
    """Words or thinking, and the state that goes with them."""
    part: JsonObject = {"text": text}
    if thought:
        part["thought"] = True
    if signature is not None:
        part["thoughtSignature"] = wrap(signature, sealed=sealed)
    return part


def media_part(media: Media) -> JsonObject | None:
    """A generated medium; None where there is nothing of it."""
    mime = media.mime or _MIMES[media.kind]
    if media.data:
        return {"inlineData": {"mimeType": mime, "data": media.data}}
    if media.url:
        return {"fileData": {"mimeType": mime, "fileUri": media.url}}
    return None


def native_part(raw: JsonObject) -> JsonObject:
    """A part of this dialect's own, as it came."""
    return {key: value for key, value in raw.items() if key != "deltas"}


def is_lost(arguments: str, reason: Reason) -> bool:
    """Whether a call without arguments may have been cut before them."""
    return is_cut(reason) and not arguments.strip()


def finish_word(
    reason: Reason, native: str | None, lost: list[str], *, refused: bool = False
) -> str:
    """The finish reason, given the arguments of the calls that were left out.

    Words of declining are plain words here, so that the end has to tell.
    """
    if refused and reason is Reason.END:
        return emit_reason(Reason.REFUSAL, None)
    if not lost or reason not in (Reason.END, Reason.TOOL_USE):
        return emit_reason(reason, native)
    return (
        _MALFORMED if all(map(_is_json, lost)) else emit_reason(Reason.MAX_OUTPUT, None)
    )


def _is_json(text: str) -> bool:
    try:
        loads(text)
    except DecodeError:
        return False
    return True
