"""Token counts, both ways."""

from __future__ import annotations

from typing import Any

import pytest

from cliproxy_core.base.jsonval import dumps
from cliproxy_core.dialects.openai_responses.usage import (
    MAX_COUNT,
    emit_usage,
    parse_usage,
)
from cliproxy_core.ir.usage import Usage


def counts(
    into: int, cached: int, written: int, out: int, reasoning: int
) -> dict[str, Any]:
    return {
        "input_tokens": into,
        "input_tokens_details": {
            "cached_tokens": cached,
            "cache_write_tokens": written,
        },
        "output_tokens": out,
        "output_tokens_details": {"reasoning_tokens": reasoning},
        "total_tokens": into + out,
    }


BOTH_WAYS = [
    (Usage(input_uncached=3, cache_read=0, output=2), counts(3, 0, 0, 2, 0)),
    (
        Usage(
            input_uncached=13,
            cache_read=22000,
            cache_write_other=31,
            output=1,
            reasoning=3,
        ),
        counts(22044, 22000, 31, 4, 3),
    ),
    (
        Usage(input_uncached=0, cache_read=5, output=0, reasoning=9),
        counts(5, 5, 0, 9, 9),
    ),
]


@pytest.mark.parametrize(("usage", "raw"), BOTH_WAYS)
def test_both_ways(usage: Usage, raw: dict[str, Any]) -> None:
    assert emit_usage(usage) == raw
    assert parse_usage(raw) == usage


PARSED = [
    ({}, Usage()),
    ({"input_tokens": True, "output_tokens": "7"}, Usage()),
    ({"input_tokens": 3, "output_tokens": 2}, Usage(input_uncached=3, output=2)),
    ({"input_tokens": -3}, Usage(input_uncached=0)),
    ({"input_tokens_details": None, "output_tokens_details": [1]}, Usage()),
    (
        {"input_tokens": 2**63, "output_tokens": 2**63},
        Usage(input_uncached=MAX_COUNT, output=MAX_COUNT),
    ),
    # More from the cache than there was: never less than nothing.
    (
        counts(3, 5, 0, 2, 4),
        Usage(input_uncached=0, cache_read=5, output=0, reasoning=4),
    ),
    # xAI: reasoning stands beside the output, as the total shows.
    (
        {**counts(3, 0, 0, 2, 4), "total_tokens": 9},
        Usage(input_uncached=3, cache_read=0, output=2, reasoning=4),
    ),
]


@pytest.mark.parametrize(("raw", "usage"), PARSED)
def test_parsed(raw: dict[str, Any], usage: Usage) -> None:
    assert parse_usage(raw) == usage


def test_any_counts_can_be_written() -> None:
    raw: dict[str, Any] = {"input_tokens": 2**63, "output_tokens": 2**63}
    assert dumps(emit_usage(parse_usage(raw)))


def test_what_nobody_knows_is_nought() -> None:
    assert emit_usage(Usage()) == counts(0, 0, 0, 0, 0)


def test_all_kinds_of_writing_to_a_cache_count() -> None:
    usage = Usage(input_uncached=1, cache_write_5m=2, cache_write_1h=3, output=4)
    assert emit_usage(usage) == counts(6, 0, 5, 4, 0)


def test_counts_of_this_api_alone_are_kept() -> None:
    raw = counts(3, 1, 0, 2, 0)
    raw["input_tokens_details"]["image_tokens"] = 2
    raw["cost"] = 1
    assert emit_usage(parse_usage(raw)) == raw


def test_counts_of_another_api_are_not_repeated() -> None:
    usage = Usage(input_uncached=3, output=2, raw={"prompt_tokens": 3})
    assert emit_usage(usage) == counts(3, 0, 0, 2, 0)
