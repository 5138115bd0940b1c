"""Token counts and stop reasons: this API's words and the neutral ones.

`input_tokens` excludes what was read from a cache or written to one; `output_tokens`
includes thinking, which `output_tokens_details` may tell apart.
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
    "merge_raw",
    "own_word",
    "parse_reason",
    "parse_usage",
]

# `sensitive` is not documented but sent (facts/02, section 2.4.2).
REASONS: Final[Mapping[str, Reason]] = {
    "end_turn": Reason.END,
    "stop_sequence": Reason.STOP_SEQUENCE,
    "tool_use": Reason.TOOL_USE,
    "max_tokens": Reason.MAX_OUTPUT,
    "model_context_window_exceeded": Reason.CONTEXT_WINDOW,
    "refusal": Reason.REFUSAL,
    "sensitive": Reason.REFUSAL,
    "pause_turn": Reason.PAUSE,
}

_WORDS: Final[Mapping[Reason, str]] = {
    Reason.END: "end_turn",
    Reason.STOP_SEQUENCE: "stop_sequence",
    Reason.TOOL_USE: "tool_use",
    Reason.MAX_OUTPUT: "max_tokens",
    Reason.CONTEXT_WINDOW: "model_context_window_exceeded",
    Reason.REFUSAL: "refusal",
    Reason.PAUSE: "pause_turn",
    Reason.OTHER: "end_turn",
}


# With these a caller runs the calls.
_RUNS: Final = frozenset({Reason.TOOL_USE, Reason.END, Reason.OTHER})


# Words of other APIs, as gateways and imitators leave them, in lower case.
_ELSEWHERE: Final[Mapping[str, str]] = {
    "stop": "end_turn",
    "tool_calls": "tool_use",
    "function_call": "tool_use",
    "length": "max_tokens",
    "max_output_tokens": "max_tokens",
    "content_filter": "refusal",
    "safety": "refusal",
}


def own_word(word: str) -> str:
    """A stop reason in a word of this API, where it is known in another's."""
    return _ELSEWHERE.get(word.lower(), word)


def parse_reason(word: str) -> Reason:
    return REASONS.get(own_word(word), Reason.OTHER)


def emit_reason(
    reason: Reason,
    native: str | None,
    *,
    tools: bool,
    cut: bool = False,
    declined: bool = False,
) -> str:
    """The word for a reason. Calls and `tool_use` come together or not at all.

    A cut stays a cut even when there are calls: the last one may be incomplete. One
    that is known to be (`cut`) is never announced for a whole one. Words of the model's
    by which it `declined` are plain words here: only the reason tells.
    """
    if cut and reason in _RUNS:
        return _WORDS[Reason.MAX_OUTPUT]
    if declined and not tools and reason in (Reason.END, Reason.OTHER):
        return _WORDS[Reason.REFUSAL]
    if reason is Reason.TOOL_USE and not tools:
        return "end_turn"
    if reason in (Reason.END, Reason.OTHER) and tools:
        return "tool_use"
    if native is not None and REASONS.get(native) is reason:
        return native
    return _WORDS[reason]


def merge_raw(ledger: JsonObject, later: Json) -> bool:
    """Put a later `usage` object over what is known; whether it said anything.

    Merging happens on the raw fields because a later report may leave out the split of
    a total that an earlier one gave.
    """
    if not isinstance(later, dict):
        return False
    known = {key: value for key, value in later.items() if value is not None}
    ledger.update(known)
    return bool(known)


# What only this API tells beside counts; and what another's object has that looks like
# one of its own.
_OWN: Final = ("server_tool_use", "service_tier", "speed", "inference_geo")
_FOREIGN: Final = frozenset({"total_tokens", "prompt_tokens", "totalTokenCount"})


def parse_usage(raw: JsonObject) -> Usage:
    """The ledger of a `usage` object. What is not a count is unknown."""
    split = raw.get("cache_creation")
    split = split if isinstance(split, dict) else {}
    write_5m = _count(split.get("ephemeral_5m_input_tokens"))
    write_1h = _count(split.get("ephemeral_1h_input_tokens"))
    written = _count(raw.get("cache_creation_input_tokens"))
    if written is not None:
        written = max(0, written - (write_5m or 0) - (write_1h or 0))
    details = raw.get("output_tokens_details")
    thought = (
        _count(details.get("thinking_tokens")) if isinstance(details, dict) else None
    )
    output = _count(raw.get("output_tokens"))
    if output is not None and thought is not None:
        output = max(0, output - thought)
    return Usage(
        input_uncached=_count(raw.get("input_tokens")),
        cache_read=_count(raw.get("cache_read_input_tokens")),
        cache_write_5m=write_5m,
        cache_write_1h=write_1h,
        cache_write_other=written,
        output=output,
        reasoning=thought,
        raw=dict(raw),
    )


def emit_usage(usage: Usage | None, *, whole: bool) -> JsonObject:
    """A `usage` object; `whole` also tells an unknown input, as zero.

    Only `output_tokens` must be there in a `message_delta`.
    """
    usage = usage or Usage()
    out: JsonObject = {}
    if whole or usage.input_uncached is not None:
        out["input_tokens"] = usage.input_uncached or 0
    if usage.cache_write is not None:
        out["cache_creation_input_tokens"] = usage.cache_write
    if usage.cache_read is not None:
        out["cache_read_input_tokens"] = usage.cache_read
    if usage.cache_write_5m is not None or usage.cache_write_1h is not None:
        out["cache_creation"] = {
            "ephemeral_5m_input_tokens": usage.cache_write_5m or 0,
            "ephemeral_1h_input_tokens": usage.cache_write_1h or 0,
        }
    out["output_tokens"] = usage.output_total or 0
    if usage.reasoning is not None:
        out["output_tokens_details"] = {"thinking_tokens": usage.reasoning}
    raw = usage.raw or {}
    if _FOREIGN.isdisjoint(raw):
        out.update({key: raw[key] for key in _OWN if raw.get(key) is not None})
    return out


def _count(value: Json) -> int | None:
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    return None
