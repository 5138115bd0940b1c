"""Token counts and finish reasons, both ways."""

from __future__ import annotations

from typing import Any

import pytest

from cliproxy_core.dialects.gemini.usage import (
    REASONS,
    emit_reason,
    emit_usage,
    is_cut,
    parse_reason,
    parse_usage,
)
from cliproxy_core.ir.stream import Reason
from cliproxy_core.ir.usage import Usage


def counts(*numbers: int | None, **more: Any) -> dict[str, Any]:
    """Prompt, cached, candidates, thoughts, total."""
    names = ("prompt", "cachedContent", "candidates", "thoughts", "total")
    found = zip(names, numbers, strict=True)
    return {f"{n}TokenCount": c for n, c in found if c is not None} | more


BOTH_WAYS = [
    (counts(15, 5, 7, None, 22), Usage(input_uncached=10, cache_read=5, output=7)),
    (
        counts(10, None, 3, 2, 15),
        Usage(input_uncached=10, output=3, reasoning=2),
    ),
    (counts(9, None, None, None, 9), Usage(input_uncached=9)),
    (counts(9, None, None, 5, 14), Usage(input_uncached=9, reasoning=5)),
    (
        counts(0, 0, 0, 0, 0),
        Usage(input_uncached=0, cache_read=0, output=0, reasoning=0),
    ),
    (
        counts(10, 4, 3, None, 20, toolUsePromptTokenCount=7),
        Usage(input_uncached=13, cache_read=4, output=3),
    ),
]


@pytest.mark.parametrize(("raw", "usage"), BOTH_WAYS)
def test_both_ways(raw: dict[str, Any], usage: Usage) -> None:
    parsed = parse_usage(raw)
    assert parsed == usage
    assert emit_usage(parsed) == raw
    assert parsed.total == raw["totalTokenCount"]


@pytest.mark.parametrize(("raw", "usage"), BOTH_WAYS[:5])
def test_without_the_vendors_own_object(raw: dict[str, Any], usage: Usage) -> None:
    assert emit_usage(usage) == raw


def test_details_of_the_vendors_own_are_kept() -> None:
    details = {"trafficType": "ON_DEMAND", "promptTokensDetails": [{"tokenCount": 9}]}
    raw = counts(9, None, 1, None, 10, **details)
    assert emit_usage(parse_usage(raw)) == raw
    foreign = Usage(input_uncached=1, output=1, raw={"prompt_tokens": 1})
    assert emit_usage(foreign) == counts(1, None, 1, None, 2)


def test_thoughts_inside_the_candidates_are_taken_out() -> None:
    parsed = parse_usage(counts(10, None, 7, 2, 17))
    assert (parsed.output, parsed.reasoning, parsed.total) == (5, 2, 17)


@pytest.mark.parametrize("odd", [None, "5", True, 1.5, -3])
def test_what_is_no_count_is_not_counted(odd: Any) -> None:
    parsed = parse_usage({"promptTokenCount": odd, "trafficType": "ON_DEMAND"})
    assert parsed.input_total == (0 if odd == -3 else None)


def test_more_from_the_cache_than_the_prompt_has_is_no_debt() -> None:
    assert parse_usage(counts(3, 5, None, None, None)).input_uncached == 0


@pytest.mark.parametrize(
    ("word", "calls", "reason"),
    [
        ("STOP", False, Reason.END),
        ("STOP", True, Reason.TOOL_USE),
        ("MAX_TOKENS", True, Reason.MAX_OUTPUT),
        ("SAFETY", True, Reason.REFUSAL),
        ("MALFORMED_FUNCTION_CALL", False, Reason.OTHER),
        ("UNEXPECTED_TOOL_CALL", True, Reason.OTHER),
        ("MISSING_THOUGHT_SIGNATURE", False, Reason.OTHER),
        ("TOMORROW", False, Reason.OTHER),
    ],
)
def test_why_it_stopped(word: str, calls: bool, reason: Reason) -> None:
    assert parse_reason(word, calls=calls) is reason


@pytest.mark.parametrize("word", REASONS)
def test_a_word_of_its_own_comes_back(word: str) -> None:
    assert emit_reason(parse_reason(word, calls=False), word) == word


@pytest.mark.parametrize(
    ("reason", "native", "word"),
    [
        (Reason.END, "end_turn", "STOP"),
        (Reason.TOOL_USE, "tool_calls", "STOP"),
        (Reason.STOP_SEQUENCE, None, "STOP"),
        (Reason.PAUSE, None, "STOP"),
        (Reason.MAX_OUTPUT, "length", "MAX_TOKENS"),
        (Reason.CONTEXT_WINDOW, None, "MAX_TOKENS"),
        (Reason.REFUSAL, "OTHER", "SAFETY"),
        (Reason.REFUSAL, "SPII", "SPII"),
        (Reason.OTHER, None, "OTHER"),
    ],
)
def test_how_an_end_is_said(reason: Reason, native: str | None, word: str) -> None:
    assert emit_reason(reason, native) == word


def test_what_was_cut() -> None:
    cut = [reason for reason in Reason if is_cut(reason)]
    assert cut == [Reason.MAX_OUTPUT, Reason.CONTEXT_WINDOW]
