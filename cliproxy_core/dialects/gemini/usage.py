"""Token counts and finish reasons as Gemini writes them, and as the neutral form does.

`promptTokenCount` includes what came from a cache and leaves out what the vendor's own
tools put into the prompt; `candidatesTokenCount` leaves out thoughts. A few relays
count thoughts among the candidates' tokens; their own total gives them away.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from cliproxy_core.base.jsonval import Json, JsonObject
from cliproxy_core.ir.stream import Reason
from cliproxy_core.ir.usage import Usage

__all__ = [
    "REASONS",
    "emit_reason",
    "emit_usage",
    "is_cut",
    "parse_reason",
    "parse_usage",
]

# google-genai 3.4, `types.FinishReason`. Words that are not here are `OTHER`.
REASONS: Final[Mapping[str, Reason]] = {
    "STOP": Reason.END,
    "MAX_TOKENS": Reason.MAX_OUTPUT,
    # The limit of one request; the vendor can be asked to go on.
    "CONTINUATION": Reason.MAX_OUTPUT,
    "SAFETY": Reason.REFUSAL,
    "RECITATION": Reason.REFUSAL,
    "LANGUAGE": Reason.REFUSAL,
    "BLOCKLIST": Reason.REFUSAL,
    "PROHIBITED_CONTENT": Reason.REFUSAL,
    "SPII": Reason.REFUSAL,
    "IMAGE_SAFETY": Reason.REFUSAL,
    "IMAGE_PROHIBITED_CONTENT": Reason.REFUSAL,
    "IMAGE_RECITATION": Reason.REFUSAL,
    "ESCALATION": Reason.REFUSAL,
    "PUP_LIMITED_DISABLED": Reason.REFUSAL,
    "MODEL_ARMOR": Reason.REFUSAL,
    "OTHER": Reason.OTHER,
    "MALFORMED_FUNCTION_CALL": Reason.OTHER,
    "UNEXPECTED_TOOL_CALL": Reason.OTHER,
    "TOO_MANY_TOOL_CALLS": Reason.OTHER,
    "MISSING_THOUGHT_SIGNATURE": Reason.OTHER,
    "MALFORMED_RESPONSE": Reason.OTHER,
    "IMAGE_OTHER": Reason.OTHER,
    "NO_IMAGE": Reason.OTHER,
}

_WORDS: Final[Mapping[Reason, str]] = {
    Reason.END: "STOP",
    Reason.STOP_SEQUENCE: "STOP",
    Reason.TOOL_USE: "STOP",
    Reason.MAX_OUTPUT: "MAX_TOKENS",
    Reason.CONTEXT_WINDOW: "MAX_TOKENS",
    Reason.REFUSAL: "SAFETY",
    Reason.PAUSE: "STOP",
    Reason.OTHER: "OTHER",
}


_CACHED: Final = "cachedContentTokenCount"
_THOUGHTS: Final = "thoughtsTokenCount"
_FETCHED: Final = "toolUsePromptTokenCount"


def parse_reason(word: str, *, calls: bool) -> Reason:
    """Why the model stopped; an end with calls has the word of one without."""
    reason = REASONS.get(word, Reason.OTHER)
    return Reason.TOOL_USE if calls and reason is Reason.END else reason


def emit_reason(reason: Reason, native: str | None) -> str:
    """The finish reason; a word of this API's own is kept where it means the same."""
    if native is not None and REASONS.get(native) is reason:
        return native
    return _WORDS[reason]


def is_cut(reason: Reason) -> bool:
    """Whether the model had more to say."""
    return reason in (Reason.MAX_OUTPUT, Reason.CONTEXT_WINDOW)


def parse_usage(raw: JsonObject) -> Usage:
    """The counts of a `usageMetadata` object; what is not a count is unknown."""
    prompt, cached = _count(raw, "promptTokenCount"), _count(raw, _CACHED)
    fetched = _count(raw, _FETCHED)
    output, thoughts = _count(raw, "candidatesTokenCount"), _count(raw, _THOUGHTS)
    total = _count(raw, "totalTokenCount")
    if output is not None and thoughts:
        without_thoughts = (prompt or 0) + (fetched or 0) + output
        if total == without_thoughts and output >= thoughts:
            output -= thoughts
    if prompt is not None:
        prompt = max(prompt - (cached or 0), 0)
    if fetched is not None:
        prompt = (prompt or 0) + fetched
    return Usage(
        input_uncached=prompt,
        cache_read=cached,
        output=output,
        reasoning=thoughts,
        raw=raw,
    )


def emit_usage(usage: Usage) -> JsonObject:
    """A `usageMetadata` object; what nobody knows is left out."""
    raw: JsonObject = usage.raw or {}
    ours: JsonObject = raw if "totalTokenCount" in raw else {}
    payload: JsonObject = {**ours}
    if usage.input_total is not None:
        payload["promptTokenCount"] = usage.input_total - (_count(ours, _FETCHED) or 0)
    if usage.cache_read is not None:
        payload[_CACHED] = usage.cache_read
    if usage.output is not None:
        payload["candidatesTokenCount"] = usage.output
    if usage.reasoning is not None:
        payload[_THOUGHTS] = usage.reasoning
    payload["totalTokenCount"] = usage.total or 0
    return payload


def _count(holder: Mapping[str, Json], key: str) -> int | None:
    count = holder.get(key)
    if isinstance(count, bool) or not isinstance(count, int):
        return None
    return max(0, count)
