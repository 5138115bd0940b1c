"""Which Claude models take a level of effort instead of a budget of tokens.

Levels by model family as of November 2026 (facts/02, section 3.4.4). A model that is
not listed takes a budget.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from cliproxy_core.ir.reasoning import Effort, effort_of

__all__ = ["LEVELS", "wants_effort"]

_TO_MAX: Final = ("low", "medium", "high", "max")
_ALL: Final = ("low", "medium", "high", "xhigh", "max")

LEVELS: Final[Mapping[str, tuple[str, ...]]] = {
    "claude-sonnet-4-6": _TO_MAX,
    "claude-opus-4-6": _TO_MAX,
    "claude-opus-4-7": _ALL,
    "claude-opus-4-8": _ALL,
    "claude-fable-5": _ALL,
    "claude-opus-5": _ALL,
    "claude-sonnet-5": _ALL,
}


def wants_effort(model: str, budget: int) -> str | None:
    """The level that stands for a budget, or None for a model that takes budgets."""
    levels = next((v for k, v in LEVELS.items() if model.startswith(k)), None)
    if levels is None:
        return None
    match effort_of(budget):
        case Effort.NONE | Effort.MINIMAL:
            return "low"
        case Effort.XHIGH | Effort.MAX:
            return "xhigh" if "xhigh" in levels else "max"
        case level:
            return str(level.value)
