"""What each dialect can say about thinking, and where it says so: a table.

It has a row for every dialect that may be on either side of a translation.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from cliproxy_core.base.value import value
from cliproxy_core.ir.reasoning import Effort

__all__ = ["CLAUDE", "WIRES", "Wire"]


@value(kw_only=True)
class Wire:
    """One dialect: places in its documents, and what it can express."""

    family: str
    """Who shares it means the same models: what they do not take is an error."""
    effort: str
    """The place of the level, as complaints write it. Those of the rest:"""
    budget: str
    adaptive: str
    off: str
    visible: str
    budgets: bool
    """Whether it takes numbers of tokens as well as levels."""
    adapts: bool
    """Whether it can say that the model decides."""
    usual: Effort
    """The level nearest to letting the model decide."""


_CONFIG: Final = ".generationConfig.thinkingConfig"
WIRES: Final[Mapping[str, Wire]] = {
    "openai_chat": Wire(
        family="openai",
        effort=".reasoning_effort",
        budget=".reasoning.max_tokens",
        adaptive=".reasoning.enabled",
        off=".reasoning_effort",
        visible=".reasoning.exclude",
        budgets=False,
        adapts=False,
        usual=Effort.MEDIUM,
    ),
    "openai_responses": Wire(
        family="openai",
        effort=".reasoning.effort",
        budget=".reasoning.max_tokens",
        adaptive=".reasoning.effort",
        off=".reasoning.effort",
        visible=".reasoning.summary",
        budgets=False,
        adapts=False,
        usual=Effort.MEDIUM,
    ),
    # A model here that takes levels takes them beside `adaptive`; the vendor's default
    # for the effort is high ("Effort").
    "claude_messages": Wire(
        family="claude",
        effort=".output_config.effort",
        budget=".thinking.budget_tokens",
        adaptive=".thinking.type",
        off=".thinking.type",
        visible=".thinking.display",
        budgets=True,
        adapts=True,
        usual=Effort.HIGH,
    ),
    "gemini": Wire(
        family="gemini",
        effort=f"{_CONFIG}.thinkingLevel",
        budget=f"{_CONFIG}.thinkingBudget",
        adaptive=f"{_CONFIG}.thinkingBudget",
        off=f"{_CONFIG}.thinkingBudget",
        visible=f"{_CONFIG}.includeThoughts",
        budgets=True,
        adapts=True,
        usual=Effort.MEDIUM,
    ),
}

CLAUDE: Final = WIRES["claude_messages"]
