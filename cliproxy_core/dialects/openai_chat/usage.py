"""Token counts as Chat writes them, and as the ledger keeps them.

`prompt_tokens` includes what came from a cache and what was written to one,
`completion_tokens` includes reasoning. A few vendors (xAI) leave reasoning out of
it; their own total gives them away.
"""

from __future__ import annotations

from collections.abc import Mapping

from cliproxy_core.base.jsonval import Json, JsonObject
from cliproxy_core.ir.usage import Usage

__all__ = ["emit_usage", "parse_usage"]


def parse_usage(raw: JsonObject) -> Usage:
    """The counts of a `usage` object; what is not a count is unknown."""
    into, out = _details(raw, "prompt"), _details(raw, "completion")
    prompt, completion = _count(raw, "prompt_tokens"), _count(raw, "completion_tokens")
    # DeepSeek tells cache hits beside the prompt, not inside its details.
    cached = _count(into, "cached_tokens")
    if cached is None:
        cached = _count(raw, "prompt_cache_hit_tokens")
    written = _count(into, "cache_write_tokens")
    if written is None:
        written = _count(into, "cached_creation_tokens")
    reasoning = _count(out, "reasoning_tokens")
    if prompt is not None:
        prompt = max(prompt - (cached or 0) - (written or 0), 0)
    if completion is not None and reasoning and not _excludes_reasoning(raw, reasoning):
        completion = max(completion - reasoning, 0)
    return Usage(
        input_uncached=prompt,
        cache_read=cached,
        cache_write_other=written,
        output=completion,
        reasoning=reasoning,
        raw=raw,
    )


def emit_usage(usage: Usage) -> JsonObject:
    """A `usage` object; counts that this API requires and nobody knows are 0."""
    raw: JsonObject = usage.raw or {}
    ours: JsonObject = raw if "prompt_tokens" in raw else {}
    prompt, completion = usage.input_total or 0, usage.output_total or 0
    into: JsonObject = {**_details(ours, "prompt")}
    out: JsonObject = {**_details(ours, "completion")}
    if usage.cache_read is not None:
        into["cached_tokens"] = usage.cache_read
    if usage.cache_write is not None:
        into["cache_write_tokens"] = usage.cache_write
    if usage.reasoning is not None:
        out["reasoning_tokens"] = usage.reasoning
    payload: JsonObject = {
        **ours,
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
    }
    if into:
        payload["prompt_tokens_details"] = into
    if out:
        payload["completion_tokens_details"] = out
    return payload


def _excludes_reasoning(raw: JsonObject, reasoning: int) -> bool:
    prompt, completion = _count(raw, "prompt_tokens"), _count(raw, "completion_tokens")
    total = _count(raw, "total_tokens")
    if not reasoning or prompt is None or completion is None or total is None:
        return False
    return total == prompt + completion + reasoning


def _details(raw: Mapping[str, Json], kind: str) -> JsonObject:
    details = raw.get(f"{kind}_tokens_details")
    return details if isinstance(details, dict) else {}


def _count(holder: Mapping[str, Json], key: str) -> int | None:
    count = holder.get(key)
    if isinstance(count, bool) or not isinstance(count, int):
        return None
    return max(0, count)
