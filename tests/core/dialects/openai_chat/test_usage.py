"""Token counts: totals that include, ledgers that do not overlap."""

from __future__ import annotations

from typing import Any

import pytest

from cliproxy_core.dialects.openai_chat.usage import emit_usage, parse_usage
from cliproxy_core.ir.usage import Usage


@pytest.mark.parametrize(
    ("raw", "want"),
    [
        ({}, Usage()),
        (
            {"prompt_tokens": 10, "completion_tokens": 5},
            Usage(input_uncached=10, output=5),
        ),
        (
            {
                "prompt_tokens": 100,
                "completion_tokens": 20,
                "prompt_tokens_details": {
                    "cached_tokens": 30,
                    "cache_write_tokens": 40,
                },
                "completion_tokens_details": {"reasoning_tokens": 5},
            },
            Usage(
                input_uncached=30,
                cache_read=30,
                cache_write_other=40,
                output=15,
                reasoning=5,
            ),
        ),
        (
            {"prompt_tokens": 10, "prompt_cache_hit_tokens": 4},
            Usage(input_uncached=6, cache_read=4),
        ),
        (
            {
                "prompt_tokens": 10,
                "prompt_tokens_details": {"cached_creation_tokens": 0},
            },
            Usage(input_uncached=10, cache_write_other=0),
        ),
        # The vendor's own total says that reasoning is not inside.
        (
            {
                "prompt_tokens": 10,
                "completion_tokens": 5,
                "total_tokens": 22,
                "completion_tokens_details": {"reasoning_tokens": 7},
            },
            Usage(input_uncached=10, output=5, reasoning=7),
        ),
        (
            {"prompt_tokens": 3, "prompt_tokens_details": {"cached_tokens": 5}},
            Usage(input_uncached=0, cache_read=5),
        ),
        (
            {"prompt_tokens": "3", "completion_tokens": True, "total_tokens": -1},
            Usage(),
        ),
        ({"prompt_tokens": 3, "prompt_tokens_details": None}, Usage(input_uncached=3)),
    ],
)
def test_what_upstreams_count(raw: Any, want: Usage) -> None:
    got = parse_usage(raw)
    assert got == want
    assert got.raw == raw


def test_what_callers_are_told() -> None:
    usage = Usage(input_uncached=13, cache_read=7, cache_write_1h=1, output=4)
    assert emit_usage(usage) == {
        "prompt_tokens": 21,
        "completion_tokens": 4,
        "total_tokens": 25,
        "prompt_tokens_details": {"cached_tokens": 7, "cache_write_tokens": 1},
    }
    assert emit_usage(Usage(reasoning=2, raw={"input_tokens": 9})) == {
        "prompt_tokens": 0,
        "completion_tokens": 2,
        "total_tokens": 2,
        "completion_tokens_details": {"reasoning_tokens": 2},
    }


def test_counts_that_only_this_api_knows_are_given_back() -> None:
    raw: Any = {
        "prompt_tokens": 3,
        "completion_tokens": 2,
        "total_tokens": 5,
        "cost": 0.1,
        "completion_tokens_details": {"audio_tokens": 1},
    }
    assert emit_usage(parse_usage(raw)) == raw
