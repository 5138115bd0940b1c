"""How much a model shall think: levels, budgets, and the way between them.

The figures are those that CLIProxyAPI's users know (facts/02, section 3.4.1).
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import Final

import attrs

from cliproxy_core.base.value import value

__all__ = ["Effort", "ReasoningWish", "Signature", "budget_of", "effort_of"]


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
class Signature:
    """Opaque proof of a piece of reasoning; only its issuer can read it."""

    text: str = attrs.field(repr=False)
    issuer: str
    """The dialect whose upstream made it. It is replayed to that dialect only."""
    format: str | None = None
    """The issuer's own name for the kind of proof."""
