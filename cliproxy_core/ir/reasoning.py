"""How much a model shall think: levels, budgets, and the way between them.

The figures are those that CLIProxyAPI's users know (facts/02, section 3.4.1).
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import Final

import attrs

from cliproxy_core.base.value import value

__all__ = [
    "BudgetRange",
    "Effort",
    "ReasoningWish",
    "Signature",
    "ThinkingSupport",
    "budget_of",
    "effort_of",
]


class Effort(enum.Enum):
    """How much thinking is asked for, weakest first."""

    NONE = "none"
    MINIMAL = "minimal"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    XHIGH = "xhigh"
    MAX = "max"


BUDGETS: Final[Mapping[Effort, int]] = {
    Effort.NONE: 0,
    Effort.MINIMAL: 512,
    Effort.LOW: 1024,
    Effort.MEDIUM: 8192,
    Effort.HIGH: 24576,
    Effort.XHIGH: 32768,
    Effort.MAX: 128000,
}

# Upper bounds; anything above the last is XHIGH, never MAX.
LEVELS: Final = (
    (0, Effort.NONE),
    (512, Effort.MINIMAL),
    (1024, Effort.LOW),
    (8192, Effort.MEDIUM),
    (24576, Effort.HIGH),
)


def budget_of(effort: Effort) -> int:
    """Thinking tokens that a level stands for."""
    return BUDGETS[effort]


def effort_of(budget: int) -> Effort:
    """The level that a budget of thinking tokens amounts to."""
    return next((level for top, level in LEVELS if budget <= top), Effort.XHIGH)


@value(kw_only=True)
class ReasoningWish:
    """What the caller said about thinking. Effort and visibility are two axes."""

    effort: Effort | None = None
    budget: int | None = None
    """Thinking tokens, when the caller gave a number."""
    adaptive: bool = False
    """The model shall decide how much (Claude's `adaptive`)."""
    visible: bool | None = None
    """Whether a summary is wanted; `None`: not said."""


@value
class BudgetRange:
    """How many thinking tokens a model takes, both ends included."""

    least: int
    most: int

    def clamp(self, budget: int) -> int:
        return min(max(budget, self.least), self.most)


@value(kw_only=True)
class ThinkingSupport:
    """What a model may be told about thinking; by default that it does none.

    What is not known of a model is no `ThinkingSupport` at all, never an empty one.
    """

    levels: tuple[Effort, ...] = ()
    """Among them `NONE`, where that is a level like the others."""
    budgets: BudgetRange | None = None
    zero_allowed: bool = False
    """Whether it can do without thinking."""
    dynamic_allowed: bool = False
    """Whether it may be told to decide by itself."""
    foreign: bool = False
    """Whether the API that serves it is another vendor's (Kimi behind Claude Messages):
    what is said there was not said with this model in mind."""

    @property
    def steps(self) -> tuple[Effort, ...]:
        """The levels at which it thinks, weakest first."""
        return tuple(e for e in Effort if e in self.levels and e is not Effort.NONE)

    @property
    def thinks(self) -> bool:
        return bool(self.steps) or self.budgets is not None

    @property
    def can_rest(self) -> bool:
        """Whether it can be told not to think, in one way or another."""
        from_zero = self.budgets is not None and self.budgets.least <= 0
        return self.zero_allowed or from_zero or Effort.NONE in self.levels


@value
class Signature:
    """Opaque proof of a piece of reasoning; only its issuer can read it."""

    text: str = attrs.field(repr=False)
    issuer: str
    """The dialect whose upstream made it. It is replayed to that dialect only."""
    format: str | None = None
    """The issuer's own name for the kind of proof."""
