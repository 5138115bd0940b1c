"""Levels and budgets of thinking, both ways."""

from __future__ import annotations

import pytest

from cliproxy_core.ir.reasoning import (
    BudgetRange,
    Effort,
    Signature,
    ThinkingSupport,
    budget_of,
    effort_of,
)

# fmt: off
BUDGETS = [
    (0,       Effort.NONE),
    (1,       Effort.MINIMAL),
    (512,     Effort.MINIMAL),
    (513,     Effort.LOW),
    (1024,    Effort.LOW),
    (1025,    Effort.MEDIUM),
    (8192,    Effort.MEDIUM),
    (8193,    Effort.HIGH),
    (24576,   Effort.HIGH),
    (24577,   Effort.XHIGH),
    (10**9,   Effort.XHIGH),
]
# fmt: on


@pytest.mark.parametrize(("budget", "effort"), BUDGETS)
def test_a_budget_amounts_to_a_level(budget: int, effort: Effort) -> None:
    assert effort_of(budget) is effort


@pytest.mark.parametrize("effort", list(Effort))
def test_a_level_comes_back_from_its_budget(effort: Effort) -> None:
    back = effort_of(budget_of(effort))
    assert back is (Effort.XHIGH if effort is Effort.MAX else effort)


def test_more_effort_is_more_budget() -> None:
    budgets = [budget_of(effort) for effort in Effort]
    assert budgets == sorted(set(budgets))


def test_a_signature_does_not_show() -> None:
    assert "canary" not in repr(Signature("canary", "claude_messages"))


@pytest.mark.parametrize(("asked", "taken"), [(0, 5), (5, 5), (7, 7), (9, 9), (10, 9)])
def test_a_range_clamps(asked: int, taken: int) -> None:
    assert BudgetRange(5, 9).clamp(asked) == taken


# fmt: off
SUPPORTS = [
    # what a model takes                                           thinks  can rest
    (ThinkingSupport(),                                            False,  False),
    (ThinkingSupport(levels=(Effort.NONE,)),                       False,  True),
    (ThinkingSupport(levels=(Effort.LOW,)),                        True,   False),
    (ThinkingSupport(levels=(Effort.NONE, Effort.LOW)),            True,   True),
    (ThinkingSupport(levels=(Effort.LOW,), zero_allowed=True),     True,   True),
    (ThinkingSupport(budgets=BudgetRange(1, 9)),                   True,   False),
    (ThinkingSupport(budgets=BudgetRange(0, 9)),                   True,   True),
    (ThinkingSupport(budgets=BudgetRange(1, 9), zero_allowed=True), True,  True),
]
# fmt: on


@pytest.mark.parametrize(("support", "thinks", "can_rest"), SUPPORTS)
def test_what_a_model_takes(
    support: ThinkingSupport, thinks: bool, can_rest: bool
) -> None:
    assert (support.thinks, support.can_rest) == (thinks, can_rest)


def test_its_steps_are_in_order() -> None:
    levels = (Effort.MAX, Effort.NONE, Effort.LOW)
    assert ThinkingSupport(levels=levels).steps == (Effort.LOW, Effort.MAX)
