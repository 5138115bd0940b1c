"""Counting the tokens of a request."""

from __future__ import annotations

from typing import Any

import pytest

from cliproxy_core.base.errors import DecodeError
from cliproxy_core.dialects.claude_messages import DIALECT
from cliproxy_core.dialects.claude_messages.count import COUNTING
from cliproxy_core.ir.reasoning import ReasoningWish
from cliproxy_core.ir.request import (
    NO_EXTRAS,
    Message,
    Request,
    Role,
    Sampling,
    Text,
    Tool,
)

ASKED: Any = {
    "model": "m",
    "system": "s",
    "messages": [{"role": "user", "content": "hi"}],
    "tools": [{"name": "f", "input_schema": {"type": "object"}}],
    "tool_choice": {"type": "auto"},
    "thinking": {"type": "enabled", "budget_tokens": 2048},
    "output_config": {"effort": "low"},
    "mcp_servers": [],
}


def test_it_is_a_dialect_that_counts() -> None:
    assert DIALECT.counting is COUNTING


def test_what_is_asked_comes_back_as_it_was() -> None:
    emitted = COUNTING.emit_request(COUNTING.parse_request(ASKED))
    assert (emitted.payload, emitted.dropped) == (ASKED, ())


def test_what_is_about_drawing_the_answer_is_left_out() -> None:
    request = Request(
        model="m",
        messages=(Message(role=Role.USER, parts=(Text("hi"),)),),
        stream=True,
        tools=(Tool(name="f"),),
        sampling=Sampling(max_output=4000, temperature=1, stop=("x",)),
        reasoning=ReasoningWish(budget=2000),
        user="u",
        tier="auto",
        extras=NO_EXTRAS,
    )
    payload = COUNTING.emit_request(request).payload
    assert payload.keys() == {"model", "messages", "tools", "thinking"}


def test_the_answer_both_ways() -> None:
    assert COUNTING.emit_answer(7) == {"input_tokens": 7}
    assert COUNTING.parse_answer({"input_tokens": 7, "context_management": {}}) == 7


@pytest.mark.parametrize("answer", [{}, {"input_tokens": "7"}, {"input_tokens": True}])
def test_an_answer_without_a_count_is_a_complaint(answer: Any) -> None:
    with pytest.raises(DecodeError) as caught:
        COUNTING.parse_answer(answer)
    assert caught.value.path == ".input_tokens"
