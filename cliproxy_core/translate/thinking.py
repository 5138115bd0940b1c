"""How much a model shall think: what the caller wants, fitted to what the model takes.

    a wish, from the body or a suffix --ask--> level | budget | auto | off
                                     --fit--> the same, allowed by the model
                                   --write--> a wish that says exactly what to write

Neither parsers nor emitters know what a model can do; this step does. What it changes
is reported. What a caller asks wrongly of a model in the model's own family of APIs is
an error, as it would be at the vendor; what was meant for another family's models is
brought near.
The rules and figures are those that CLIProxyAPI's users know (facts/02, section 3.4).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, TypeAlias

import attrs

from cliproxy_core.base.errors import DecodeError
from cliproxy_core.base.value import value
from cliproxy_core.ir.reasoning import (
    Effort,
    ReasoningWish,
    ThinkingSupport,
    budget_of,
    effort_of,
)
from cliproxy_core.ir.request import Dropped

from .thinking_wires import CLAUDE, WIRES, Wire

__all__ = ["Fitted", "fit_thinking", "split_suffix"]

# A thousand times the largest budget there is (128,000), and a bound for the conversion
# from text.
MAX_BUDGET_DIGITS: Final = 9

AUTO: Final = -1
"""The budget that lets the model decide: in Gemini's API, and in suffixes."""

SUFFIX: Final = ".model"
"""Where a suffix stands."""


# What another family's strongest levels become, best first.
_INSTEAD: Final[Mapping[Effort, tuple[Effort, ...]]] = {
    Effort.XHIGH: (Effort.XHIGH, Effort.MAX, Effort.HIGH),
    Effort.MAX: (Effort.MAX, Effort.XHIGH, Effort.HIGH),
}

_RANKS: Final[Mapping[Effort, int]] = {effort: i for i, effort in enumerate(Effort)}

_WORDS: Final[Mapping[str, ReasoningWish]] = {
    **{effort.value: ReasoningWish(effort=effort) for effort in Effort},
    "auto": ReasoningWish(adaptive=True),
    str(AUTO): ReasoningWish(adaptive=True),
}

_Ask: TypeAlias = Effort | int
"""A level, or a budget; `AUTO` is a budget."""


@value
class Fitted:
    """What to write about thinking, and what is not as the caller said it."""

    wish: ReasoningWish | None
    dropped: tuple[Dropped, ...] = ()


_NOTHING_SAID: Final = Fitted(None)


def split_suffix(model: str) -> tuple[str, ReasoningWish | None]:
    """`name(high)`, `name(8192)`: the bare name, and what the suffix asks for.

    A suffix that asks for nothing known is taken off all the same.
    """
    name, bracket, rest = model.rpartition("(")
    if not bracket or not rest.endswith(")"):
        return model, None
    word = rest[:-1].lower()
    wish = _WORDS.get(word)
    if wish is None and word.isascii() and word.isdigit():
        digits = word.lstrip("0")
        if len(digits) <= MAX_BUDGET_DIGITS:
            budget = int(digits or "0")
            return name, ReasoningWish(budget=budget) if budget else _WORDS["none"]
    return name, wish


def fit_thinking(
    body: ReasoningWish | None,
    support: ThinkingSupport | None,
    *,
    source: str,
    target: str,
    suffix: ReasoningWish | None = None,
    default: Effort | None = None,
) -> Fitted:
    """Fit what the caller wants to what the model takes. Raises `DecodeError`.

    `support` is None for a model that nothing is known of: its callers know. A suffix
    goes before the body. `default` is for an upstream that wants a level where callers
    of other dialects say nothing (Codex).
    """
    if body is None and suffix is None and default is None:
        return _NOTHING_SAID
    wish = body or ReasoningWish()
    if suffix is not None:
        wish = attrs.evolve(suffix, visible=wish.visible)
    case = _Case(
        wish=wish,
        support=support,
        caller=WIRES[source],
        wire=WIRES[target],
        suffixed=suffix is not None,
        default=None if source == target else default,
    )
    fitted = _fitted(case)
    return attrs.evolve(fitted, wish=None) if fitted.wish == ReasoningWish() else fitted


@value(kw_only=True)
class _Case:
    """One wish, and all that decides what becomes of it."""

    wish: ReasoningWish
    support: ThinkingSupport | None
    caller: Wire
    wire: Wire
    suffixed: bool
    default: Effort | None

    @property
    def native(self) -> bool:
        """Whether the wish is the target's own words."""
        return self.caller is self.wire and not self.suffixed

    @property
    def kin(self) -> bool:
        """Whether the caller means the models of this family."""
        foreign = self.support is not None and self.support.foreign
        return self.caller.family == self.wire.family and not foreign

    @property
    def takes_budgets(self) -> bool:
        """Whether a number of tokens stays one, rather than become a level."""
        if self.support is None:
            return self.wire.budgets
        wordless = not self.support.steps
        return self.support.budgets is not None and (self.wire.budgets or wordless)

    @property
    def ask(self) -> _Ask | None:
        """What is asked for: of a level and a budget, the one that the model takes."""
        wish = self.wish
        if wish.effort is Effort.NONE:
            return Effort.NONE
        if wish.budget is not None and (wish.effort is None or self.takes_budgets):
            return wish.budget
        if wish.effort is not None:
            return wish.effort
        return AUTO if wish.adaptive else None

    @property
    def place(self) -> str:
        """Where the caller said how much."""
        if self.suffixed:
            return SUFFIX
        if isinstance(self.ask, Effort):
            off = self.ask is Effort.NONE
            return self.caller.off if off else self.caller.effort
        return self.caller.adaptive if self.wish.budget is None else self.caller.budget


def _fitted(case: _Case) -> Fitted:
    ask, support = case.ask, case.support
    if support is not None and not support.thinks:
        return _thoughtless(case)
    if ask is None:
        return _unsaid(case)
    if case.native and (support is None or _is_bare_effort(case)):
        return Fitted(case.wish)
    if isinstance(ask, int) and ask < AUTO:
        raise DecodeError(case.place, "expected -1, 0 or a number of tokens")
    answer = _as_asked(ask, case) if support is None else _allowed(ask, support, case)
    answer = _sayable(answer, case)
    return Fitted(_written(answer, case), tuple(_changes(ask, answer, case)))


def _thoughtless(case: _Case) -> Fitted:
    """Nothing is written for a model that does not think; that is no error."""
    if case.ask in (None, 0, Effort.NONE):
        return Fitted(None)
    return Fitted(None, (Dropped(case.place, "this model does not think"),))


def _unsaid(case: _Case) -> Fitted:
    """How much is not said. Claude shows thinking only where some is asked for."""
    wish, support = case.wish, case.support
    if case.default is not None:
        answer: _Ask = case.default
        if support is not None:
            answer = _near(case.default, support, case)
        return Fitted(_written(_sayable(answer, case), case))
    if support is None or not wish.visible or case.wire is not CLAUDE:
        return Fitted(wish)
    if support.budgets is not None and not support.steps:
        answer = _near(Effort.LOW, support, case)  # the vendor's least, 1024 tokens
    else:
        answer = _auto(support, case)
    reason = "thinking is turned on, or there is none to show"
    return Fitted(_written(answer, case), (Dropped(case.caller.visible, reason),))


def _is_bare_effort(case: _Case) -> bool:
    """Claude's effort alone is about the whole answer; it turns no thinking on."""
    wish = case.wish
    alone = wish.budget is None and not wish.adaptive
    return alone and wish.effort is not Effort.NONE and case.wire is CLAUDE


# What the model takes.


def _as_asked(ask: _Ask, case: _Case) -> _Ask:
    """For a model that nothing is known of. In Claude's API most take budgets."""
    if isinstance(ask, Effort) and case.wire is CLAUDE:
        return budget_of(ask)
    return ask


def _allowed(ask: _Ask, support: ThinkingSupport, case: _Case) -> _Ask:
    if ask == 0 or ask is Effort.NONE:
        return _off(ask, support, case)
    if ask == AUTO:
        return _auto(support, case)
    if isinstance(ask, int):
        return _budget(ask, support, case)
    if case.kin and support.steps and ask not in support.steps:
        levels = (Effort.NONE, *support.steps) if support.can_rest else support.steps
        words = ", ".join(level.value for level in levels)
        raise DecodeError(case.place, f"expected one of {words} for this model")
    return _near(ask, support, case)


def _off(ask: _Ask, support: ThinkingSupport, case: _Case) -> _Ask:
    """Claude's API can always disable thinking; elsewhere there may be a least."""
    if support.can_rest or case.wire is CLAUDE:
        return Effort.NONE
    numeric = not support.steps or (ask == 0 and case.takes_budgets)
    if support.budgets is not None and numeric:
        return support.budgets.least
    return support.steps[0]


def _auto(support: ThinkingSupport, case: _Case) -> _Ask:
    """The model decides, where it can; else about the middle.

    A caller of Claude's API who says `adaptive` expects a model that thinks as much as
    a question deserves; other APIs have that only at their strongest.
    """
    if case.caller is CLAUDE and case.wire is not CLAUDE and not case.suffixed:
        if support.budgets is not None and not support.steps:
            return support.budgets.most
        return _near(Effort.XHIGH, support, case)
    adaptive = case.native and case.wire is CLAUDE and bool(support.steps)
    if adaptive or (support.dynamic_allowed and case.wire.adapts):
        return AUTO
    if support.budgets is not None and not support.steps:
        return (support.budgets.least + support.budgets.most) // 2
    return _near(case.wire.usual, support, case)


def _budget(ask: int, support: ThinkingSupport, case: _Case) -> _Ask:
    if support.budgets is None or not case.takes_budgets:
        return _near(effort_of(ask), support, case)
    answer = support.budgets.clamp(ask)
    if answer != ask and case.kin and not case.suffixed:
        least, most = support.budgets.least, support.budgets.most
        reason = f"expected {least} to {most} tokens for this model"
        raise DecodeError(case.place, reason)
    return answer


def _near(wanted: Effort, support: ThinkingSupport, case: _Case) -> _Ask:
    """The nearest level, the weaker of two; a budget where the model has no levels."""
    steps = support.steps
    if support.budgets is not None and not steps:
        return support.budgets.clamp(budget_of(wanted))
    for level in () if case.kin else _INSTEAD.get(wanted, ()):
        if level in steps:
            return level
    return min(steps, key=lambda step: abs(_RANKS[step] - _RANKS[wanted]))


# What is written.


def _sayable(answer: _Ask, case: _Case) -> _Ask:
    if answer == 0:
        return Effort.NONE
    if isinstance(answer, int) and answer != AUTO and not case.wire.budgets:
        return effort_of(answer)
    return answer


def _written(answer: _Ask, case: _Case) -> ReasoningWish:
    if answer is Effort.NONE:
        return ReasoningWish(effort=answer)
    visible = case.wish.visible
    if answer == AUTO:
        return ReasoningWish(adaptive=True, visible=visible)
    if isinstance(answer, Effort):
        adaptive = case.wire is CLAUDE
        return ReasoningWish(effort=answer, adaptive=adaptive, visible=visible)
    beside = case.native and case.wish.effort is not Effort.NONE
    effort = case.wish.effort if beside else None
    return ReasoningWish(effort=effort, budget=answer, visible=visible)


def _changes(ask: _Ask, answer: _Ask, case: _Case) -> Iterator[Dropped]:
    wish = case.wish
    exact = budget_of(ask) if isinstance(ask, Effort) else ask
    if answer not in (ask, exact) and not (answer is Effort.NONE and exact == 0):
        yield Dropped(case.place, _change(ask, answer))
    if wish.budget is not None and wish.effort not in (None, Effort.NONE):
        if isinstance(ask, Effort):
            yield Dropped(case.caller.budget, "the level says how much")
        elif not (case.native and isinstance(answer, int)):
            yield Dropped(case.caller.effort, "the budget says how much")
    if answer is Effort.NONE and wish.visible:
        yield Dropped(case.caller.visible, "there is no thinking to show")


def _change(ask: _Ask, answer: _Ask) -> str:
    if isinstance(ask, int) and isinstance(answer, int) and AUTO not in (ask, answer):
        return f"budget {ask} clamped to {answer}"
    return f"{_name(ask)} became {_name(answer)}"


def _name(ask: _Ask) -> str:
    if isinstance(ask, Effort):
        return f"level {ask.value}"
    return "auto" if ask == AUTO else f"budget {ask}"
