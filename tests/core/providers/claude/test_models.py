"""Levels and budgets by model."""

from __future__ import annotations

import pytest

from cliproxy_core.providers.claude.models import LEVELS, wants_effort

BUDGETS = (0, 1, 512, 1024, 5000, 8192, 24576, 24577, 32768, 200_000)
EFFORTS = [
    # budget, with `xhigh`, without
    (0, "low", "low"),
    (512, "low", "low"),
    (1024, "low", "low"),
    (1025, "medium", "medium"),
    (8192, "medium", "medium"),
    (24576, "high", "high"),
    (24577, "xhigh", "max"),
    (200_000, "xhigh", "max"),
]


@pytest.mark.parametrize(("budget", "fine", "coarse"), EFFORTS)
def test_the_level_of_a_budget(budget: int, fine: str, coarse: str) -> None:
    assert wants_effort("claude-opus-4-7", budget) == fine
    assert wants_effort("claude-opus-4-7-20990101", budget) == fine
    assert wants_effort("claude-sonnet-4-6", budget) == coarse


@pytest.mark.parametrize("model", ["claude-opus-4-1", "claude-3", "gpt-5", ""])
def test_a_model_that_is_not_listed_takes_budgets(model: str) -> None:
    assert [wants_effort(model, budget) for budget in BUDGETS] == [None] * len(BUDGETS)


@pytest.mark.parametrize("model", LEVELS)
@pytest.mark.parametrize("budget", BUDGETS)
def test_a_level_is_one_that_the_model_has(model: str, budget: int) -> None:
    assert wants_effort(model, budget) in LEVELS[model]
