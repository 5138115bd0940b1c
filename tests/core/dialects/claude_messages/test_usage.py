"""Token counts and stop reasons, both ways."""

from __future__ import annotations

from typing import Any

import pytest

from cliproxy_core.dialects.claude_messages.usage import (
    REASONS,
    emit_reason,
    emit_usage,
    merge_raw,
    parse_reason,
    parse_usage,
)
from cliproxy_core.ir.stream import Reason
from cliproxy_core.ir.usage import Usage

# fmt: off
BOTH_WAYS: list[tuple[dict[str, Any], Usage]] = [
    ({"input_tokens": 3, "output_tokens": 1}, Usage(input_uncached=3, output=1)),
    ({"input_tokens": 6, "cache_creation_input_tokens": 31,
      "cache_read_input_tokens": 22000, "output_tokens": 5},
     Usage(input_uncached=6, cache_read=22000, cache_write_other=31, output=5)),
    ({"input_tokens": 6, "cache_creation_input_tokens": 7,
      "cache_creation": {"ephemeral_5m_input_tokens": 4,
                         "ephemeral_1h_input_tokens": 2},
      "output_tokens": 5, "output_tokens_details": {"thinking_tokens": 2}},
     Usage(input_uncached=6, cache_write_5m=4, cache_write_1h=2, cache_write_other=1,
           output=3, reasoning=2)),
]
# fmt: on


@pytest.mark.parametrize(("raw", "usage"), BOTH_WAYS)
def test_both_ways(raw: dict[str, Any], usage: Usage) -> None:
    assert parse_usage(raw) == usage
    assert parse_usage(raw).raw == raw
    assert emit_usage(usage, whole=True) == raw


def test_what_only_this_api_tells_comes_back_to_it() -> None:
    raw: Any = {
        "input_tokens": 3,
        "output_tokens": 1,
        "server_tool_use": {"web_search_requests": 2, "web_fetch_requests": 0},
        "service_tier": "standard",
        "inference_geo": None,
    }
    told = {key: value for key, value in raw.items() if value is not None}
    assert emit_usage(parse_usage(raw), whole=True) == told
    foreign = Usage(output=1, raw={"total_tokens": 4, "service_tier": "x"})
    assert emit_usage(foreign, whole=False) == {"output_tokens": 1}


def test_what_is_no_count_is_unknown() -> None:
    raw: dict[str, Any] = {
        "input_tokens": -1,
        "output_tokens": True,
        "cache_read_input_tokens": "3",
        "cache_creation": [],
        "output_tokens_details": None,
    }
    assert parse_usage(raw) == Usage()


def test_numbers_that_do_not_add_up_stay_above_zero() -> None:
    raw: dict[str, Any] = {
        "cache_creation_input_tokens": 1,
        "cache_creation": {"ephemeral_5m_input_tokens": 4},
        "output_tokens": 1,
        "output_tokens_details": {"thinking_tokens": 2},
    }
    assert parse_usage(raw) == Usage(
        cache_write_5m=4, cache_write_other=0, output=0, reasoning=2
    )


def test_an_unknown_input_is_told_only_where_it_must_be() -> None:
    assert emit_usage(None, whole=True) == {"input_tokens": 0, "output_tokens": 0}
    assert emit_usage(None, whole=False) == {"output_tokens": 0}


def test_a_later_null_says_nothing() -> None:
    ledger: dict[str, Any] = {}
    assert merge_raw(ledger, {"input_tokens": 1, "output_tokens": 1})
    assert merge_raw(ledger, {"input_tokens": None, "output_tokens": 2})
    assert not merge_raw(ledger, {"input_tokens": None})
    assert not merge_raw(ledger, "usage")
    assert ledger == {"input_tokens": 1, "output_tokens": 2}


@pytest.mark.parametrize("word", REASONS)
def test_every_word_comes_back(word: str) -> None:
    reason = parse_reason(word)
    assert emit_reason(reason, word, tools=reason is Reason.TOOL_USE) == word


def test_an_unknown_word_is_another_reason() -> None:
    assert parse_reason("because") is Reason.OTHER


@pytest.mark.parametrize(
    ("reason", "tools", "word"),
    [
        (Reason.END, False, "end_turn"),
        (Reason.END, True, "tool_use"),
        (Reason.OTHER, False, "end_turn"),
        (Reason.OTHER, True, "tool_use"),
        (Reason.TOOL_USE, True, "tool_use"),
        (Reason.TOOL_USE, False, "end_turn"),
        (Reason.MAX_OUTPUT, True, "max_tokens"),
        (Reason.CONTEXT_WINDOW, True, "model_context_window_exceeded"),
        (Reason.REFUSAL, False, "refusal"),
        (Reason.STOP_SEQUENCE, False, "stop_sequence"),
        (Reason.PAUSE, False, "pause_turn"),
    ],
)
def test_reasons_and_calls_agree(reason: Reason, tools: bool, word: str) -> None:
    assert emit_reason(reason, "stop", tools=tools) == word


def test_every_reason_has_a_word() -> None:
    assert all(emit_reason(reason, None, tools=False) for reason in Reason)


@pytest.mark.parametrize(
    ("reason", "native", "word"),
    [
        (Reason.TOOL_USE, "tool_use", "max_tokens"),
        (Reason.END, "end_turn", "max_tokens"),
        (Reason.OTHER, None, "max_tokens"),
        (Reason.REFUSAL, "refusal", "refusal"),
        (Reason.MAX_OUTPUT, "max_tokens", "max_tokens"),
    ],
)
def test_a_cut_call_is_never_run(reason: Reason, native: str | None, word: str) -> None:
    assert emit_reason(reason, native, tools=True, cut=True) == word


@pytest.mark.parametrize(
    ("reason", "tools", "word"),
    [
        (Reason.END, False, "refusal"),
        (Reason.OTHER, False, "refusal"),
        (Reason.END, True, "tool_use"),
        (Reason.MAX_OUTPUT, False, "max_tokens"),
        (Reason.STOP_SEQUENCE, False, "stop_sequence"),
    ],
)
def test_words_that_decline_show_in_the_reason(
    reason: Reason, tools: bool, word: str
) -> None:
    assert emit_reason(reason, "stop", tools=tools, declined=True) == word
