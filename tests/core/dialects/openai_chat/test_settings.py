"""Reasoning, formats and sampling: each form both ways."""

from __future__ import annotations

from typing import Any

import pytest

from cliproxy_core.dialects.openai_chat.settings import (
    emit_format,
    emit_reasoning,
    emit_sampling,
    parse_format,
    parse_reasoning,
    parse_sampling,
)
from cliproxy_core.ir.reasoning import Effort, ReasoningWish
from cliproxy_core.ir.request import (
    NO_EXTRAS,
    Dropped,
    Extras,
    ResponseFormat,
    Sampling,
)

OWN = Extras("openai_chat", {})


@pytest.mark.parametrize(
    ("payload", "wish"),
    [
        ({}, None),
        ({"reasoning_effort": "minimal"}, ReasoningWish(effort=Effort.MINIMAL)),
        ({"reasoning_effort": "none"}, ReasoningWish(effort=Effort.NONE)),
        (
            {"reasoning": {"effort": "high", "exclude": False}},
            ReasoningWish(effort=Effort.HIGH, visible=True),
        ),
        ({"reasoning": {"max_tokens": 9}}, ReasoningWish(budget=9)),
        ({"reasoning": {"enabled": True}}, ReasoningWish(adaptive=True)),
    ],
)
def test_wishes_of_callers_both_ways(payload: Any, wish: ReasoningWish | None) -> None:
    assert parse_reasoning(payload) == wish
    if wish is not None:
        assert emit_reasoning(wish, OWN, []) == payload


@pytest.mark.parametrize(
    ("payload", "wish"),
    [
        ({"reasoning_effort": "auto"}, ReasoningWish(adaptive=True)),
        ({"include_reasoning": False}, ReasoningWish(visible=False)),
        ({"reasoning": {"summary": "none"}}, ReasoningWish(visible=False)),
        (
            {"reasoning": {"summary": "auto"}, "include_reasoning": False},
            ReasoningWish(visible=True),
        ),
        (
            {"thinking": {"type": "disabled"}, "reasoning_effort": "low"},
            ReasoningWish(effort=Effort.NONE),
        ),
        ({"thinking": {"type": "enabled"}}, ReasoningWish(adaptive=True)),
        (
            {"thinking": {"type": "enabled", "budget_tokens": 9}},
            ReasoningWish(budget=9),
        ),
        (
            {"thinking": {"type": "enabled", "effort": "high"}},
            ReasoningWish(effort=Effort.HIGH),
        ),
        ({"thinking": "hard"}, None),
    ],
)
def test_wishes_as_other_services_have_them(
    payload: Any, wish: ReasoningWish | None
) -> None:
    assert parse_reasoning(payload) == wish


def test_wishes_that_say_the_same() -> None:
    off: Any = {"reasoning": {"enabled": False, "max_tokens": 5}}
    assert parse_reasoning(off) == ReasoningWish(effort=Effort.NONE)
    assert parse_reasoning({"reasoning": {}}) is None
    both: Any = {"reasoning_effort": "low", "reasoning": {"effort": "high"}}
    assert parse_reasoning(both) == ReasoningWish(effort=Effort.HIGH)
    assert emit_reasoning(ReasoningWish(), OWN, []) == {}


@pytest.mark.parametrize(
    ("wish", "effort", "lost"),
    [
        (ReasoningWish(effort=Effort.MAX), "max", []),
        (ReasoningWish(budget=8000), "medium", [".reasoning.budget"]),
        (ReasoningWish(adaptive=True), "high", [".reasoning.adaptive"]),
        (ReasoningWish(adaptive=True, effort=Effort.LOW), "low", []),
        (ReasoningWish(visible=True), None, [".reasoning.visible"]),
    ],
)
def test_wishes_of_other_dialects(
    wish: ReasoningWish, effort: str | None, lost: list[str]
) -> None:
    losses: list[Dropped] = []
    told = emit_reasoning(wish, NO_EXTRAS, losses)
    assert told.get("reasoning_effort") == effort
    assert [drop.path for drop in losses] == lost


@pytest.mark.parametrize(
    ("raw", "wanted"),
    [
        ({"type": "text"}, ResponseFormat(type="text")),
        ({"type": "json_object"}, ResponseFormat(type="json_object")),
        (
            {
                "type": "json_schema",
                "json_schema": {"name": "n", "description": "d", "schema": {"a": 1}},
            },
            ResponseFormat(
                type="json_schema", name="n", description="d", schema={"a": 1}
            ),
        ),
    ],
)
def test_formats_both_ways(raw: Any, wanted: ResponseFormat) -> None:
    assert parse_format(raw, ".response_format") == wanted
    assert emit_format(wanted) == raw


def test_a_schema_of_other_dialects_gets_a_name() -> None:
    told = emit_format(ResponseFormat(type="json_schema", schema={}))
    assert told["json_schema"] == {"name": "answer", "schema": {}}
    assert parse_format({"type": "grammar"}, ".response_format") is None


def test_sampling_both_ways() -> None:
    raw: Any = {
        "max_completion_tokens": 5,
        "temperature": 0.5,
        "top_p": 1,
        "stop": ["a"],
        "seed": 1,
        "presence_penalty": 0.1,
        "frequency_penalty": 0,
        "n": 2,
        "top_k": 3,
        "logprobs": True,
        "top_logprobs": 0,
    }
    assert emit_sampling(parse_sampling(raw), own=True, losses=[]) == raw
    assert parse_sampling({"model": "m"}) == Sampling()
