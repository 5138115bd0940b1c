"""What a response and its items tell at their end: how it went, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from cliproxy_core.base.jsonval import Json, JsonObject
from cliproxy_core.ir.stream import Reason, Stopped

__all__ = ["CALLS", "is_cut", "mime_of", "seconds_of", "stop_of"]

# The year 10000. Later ones are in other units, or do not fit where they are written.
_LATEST: Final = 253_402_300_800

CALLS: Final = frozenset({"function_call", "custom_tool_call"})
"""The types of items that are calls of the caller's tools."""

_INCOMPLETE: Final[Mapping[str, Reason]] = {
    "max_output_tokens": Reason.MAX_OUTPUT,
    "content_filter": Reason.REFUSAL,
}

# Words that some upstreams write into `stop_reason` beside the status (facts/02, 3.1).
_WORDS: Final[Mapping[str, Reason]] = {
    "max_tokens": Reason.MAX_OUTPUT,
    "max_output_tokens": Reason.MAX_OUTPUT,
    "model_context_window_exceeded": Reason.CONTEXT_WINDOW,
    "refusal": Reason.REFUSAL,
    "content_filter": Reason.REFUSAL,
    "pause_turn": Reason.PAUSE,
    "stop_sequence": Reason.STOP_SEQUENCE,
}


def stop_of(response: JsonObject, *, calls: bool, cut: bool) -> Stopped:
    """Why the model stopped. A cut goes before calls, as nobody may act upon one."""
    sequence = _text(response, "stop_sequence") or None
    word = _text(response, "stop_reason")
    if response.get("status") == "incomplete":
        details = response.get("incomplete_details")
        told = _text(details, "reason") if isinstance(details, dict) else ""
        reason = _INCOMPLETE.get(told, Reason.OTHER)
        return Stopped(reason, told or "incomplete", sequence)
    native = word or "completed"
    if cut:
        return Stopped(Reason.MAX_OUTPUT, native, sequence)
    if calls:
        return Stopped(Reason.TOOL_USE, native, sequence)
    if word in _WORDS:
        return Stopped(_WORDS[word], native, sequence)
    ended = Reason.END if sequence is None else Reason.STOP_SEQUENCE
    return Stopped(ended, native, sequence)


def is_cut(item: JsonObject) -> bool:
    """Whether an item is a call whose arguments are not all there."""
    return _text(item, "type") in CALLS and item.get("status") == "incomplete"


def mime_of(item: JsonObject) -> str:
    """The media type of a generated image; the vendor makes PNG unless told."""
    form = _text(item, "output_format") or "png"
    return "image/svg+xml" if form == "svg" else f"image/{form}"


def seconds_of(created: Json) -> int | None:
    """The time of a response; fractions of a second are nothing to anybody."""
    if isinstance(created, int | float) and 0 <= created < _LATEST:
        return int(created)
    return None


def _text(holder: JsonObject, key: str) -> str:
    value = holder.get(key)
    return value if isinstance(value, str) else ""
