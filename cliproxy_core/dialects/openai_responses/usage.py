"""Token counts as this API writes them, and as the ledger keeps them.

`input_tokens` includes what came from a cache and what was written to one,
`output_tokens` includes reasoning. A few vendors (xAI) leave reasoning out of it; their
own total gives them away.

Clients demand both detail objects with all their counts, so what nobody knows is
written there as 0. A 0 that stands for reasoning or for writing to a cache is therefore
read as unknown; one for what came from a cache is news, and is kept.
"""

from __future__ import annotations

from typing import Final

from cliproxy_core.base.jsonval import JsonObject
from cliproxy_core.ir.usage import Usage

__all__ = ["MAX_COUNT", "emit_usage", "parse_usage"]

# Of any count. Readers of JSON in double precision lose digits beyond it, and sums of
# such counts can still be written; no answer has a billionth of it.
MAX_COUNT: Final = 2**53 - 1


def parse_usage(raw: JsonObject) -> Usage:
    """The counts of a `usage` object; what is not a count is unknown."""
    into, out = _details(raw, "input"), _details(raw, "output")
    prompt, generated = _count(raw, "input_tokens"), _count(raw, "output_tokens")
    cached = _count(into, "cached_tokens")
    written = _count(into, "cache_write_tokens") or None
    reasoning = _count(out, "reasoning_tokens") or None
    total = _count(raw, "total_tokens")
    if reasoning and prompt is not None and generated is not None:
        beside = total == prompt + generated + reasoning
        generated = generated if beside else max(generated - reasoning, 0)
    if prompt is not None:
        prompt = max(prompt - (cached or 0) - (written or 0), 0)
    return Usage(
        input_uncached=prompt,
        cache_read=cached,
        cache_write_other=written,
        output=generated,
        reasoning=reasoning,
        raw=raw,
    )


def emit_usage(usage: Usage) -> JsonObject:
    """A `usage` object; counts that this API requires and nobody knows are 0."""
    raw: JsonObject = usage.raw or {}
    ours: JsonObject = raw if "input_tokens_details" in raw else {}
    prompt, generated = usage.input_total or 0, usage.output_total or 0
    return {
        **ours,
        "input_tokens": prompt,
        "input_tokens_details": {
            **_details(ours, "input"),
            "cached_tokens": usage.cache_read or 0,
            "cache_write_tokens": usage.cache_write or 0,
        },
        "output_tokens": generated,
        "output_tokens_details": {
            **_details(ours, "output"),
            "reasoning_tokens": usage.reasoning or 0,
        },
        "total_tokens": prompt + generated,
    }


def _details(raw: JsonObject, kind: str) -> JsonObject:
    details = raw.get(f"{kind}_tokens_details")
    return details if isinstance(details, dict) else {}


def _count(holder: JsonObject, key: str) -> int | None:
    count = holder.get(key)
    if isinstance(count, bool) or not isinstance(count, int):
        return None
    return min(max(0, count), MAX_COUNT)
