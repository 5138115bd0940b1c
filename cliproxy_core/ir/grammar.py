"""What may follow what in a stream: a table for each dialect, and its checker.

The same checker runs on what our encoders emit, in `lint`, and in the tests; what an
upstream sends is held against the same table by the dialect's mender. A table has
phases for rows and symbols for columns; what is not in it is illegal.

A chat stream carries several candidates, each with a life of its own: a step names
its lane, and symbols in `shared` belong to every lane at once. In a Responses stream
it is the items that live side by side: lane 0 is the response, and while that is in a
phase of `branches`, other lanes may begin.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import attrs

from cliproxy_core.base.value import value

__all__ = ["Checker", "Grammar", "Numbering", "Step", "Violation", "diagram"]


class Step(NamedTuple):
    """One symbol of a stream: what it is, which block or call, which candidate."""

    symbol: str
    number: int = -1
    lane: int = 0


class Numbering(enum.Enum):
    """How blocks are numbered."""

    SEQUENTIAL = "one open at a time, counted from 0 without gaps"
    DENSE = "counted from 0 without gaps, any of them may go on"


@value(kw_only=True)
class Grammar:
    """The legal streams of one dialect."""

    dialect: str
    start: enum.Enum
    end: enum.Enum
    table: Mapping[tuple[enum.Enum, str], enum.Enum]
    anywhere: frozenset[str] = frozenset()
    """Symbols that are legal in every phase but the last and change nothing."""
    fatal: frozenset[str] = frozenset({"error"})
    """Symbols that are legal in every phase but the last and end the stream."""
    epilogue: frozenset[tuple[str, str]] = frozenset()
    """A fatal symbol, and one that may still follow it."""
    shared: frozenset[str] = frozenset()
    """Symbols that concern every lane."""
    branches: Mapping[enum.Enum, enum.Enum] = attrs.field(factory=dict)
    """The phase of lane 0, and the one in which the next lane begins meanwhile: lanes
    are then counted without gaps. Empty: each begins in `start`, at any time."""
    opens: frozenset[str] = frozenset()
    inside: frozenset[str] = frozenset()
    numbering: Numbering = Numbering.SEQUENTIAL
    rows: Mapping[enum.Enum, Mapping[str, enum.Enum]] = attrs.field(
        init=False, repr=False, eq=False
    )
    """The table by phases, for the checker."""

    @rows.default
    def _by_phase(self) -> Mapping[enum.Enum, Mapping[str, enum.Enum]]:
        rows: dict[enum.Enum, dict[str, enum.Enum]] = {self.start: {}, self.end: {}}
        for (phase, symbol), target in self.table.items():
            rows.setdefault(phase, {})[symbol] = target
            rows.setdefault(target, {})
        for target in self.branches.values():
            rows.setdefault(target, {})
        return rows


@value
class Violation:
    """A step that the grammar does not allow."""

    symbol: str
    rule: str


@attrs.define
class _Lane:
    """One candidate: where it is and how many blocks it has opened."""

    row: Mapping[str, enum.Enum]
    phase: enum.Enum
    opened: int = 0


@attrs.define
class Checker:
    """Holds a stream against its grammar, step by step."""

    grammar: Grammar
    settled: Sequence[Step] | None = attrs.field(default=None, init=False)
    """The last steps, if they changed nothing: the very same may follow unchecked."""
    _lanes: dict[int, _Lane] = attrs.field(factory=dict, init=False)
    _over: bool = attrs.field(default=False, init=False)
    _last: str = attrs.field(default="", init=False)
    """The fatal symbol that ended the stream."""

    def __attrs_post_init__(self) -> None:
        self._lane(0)

    @property
    def complete(self) -> bool:
        """Whether the stream may stop here: every lane ended, or an error ended all."""
        end = self.grammar.end
        return self._over or all(lane.phase is end for lane in self._lanes.values())

    def check(self, steps: Sequence[Step]) -> Violation | None:
        """Take the steps of one frame; return the first that is illegal, if any."""
        self.settled = None
        changed = False
        for step in steps:
            lane = self._lanes.get(step.lane) or self._lane(step.lane)
            if lane is None:
                rule = f"index {step.lane - 1} where {len(self._lanes) - 1} is next"
                return Violation(step.symbol, rule)
            target = lane.row.get(step.symbol)
            if target is None or self._over or step.symbol in self.grammar.shared:
                changed = True
                violation = self._unusual(step, lane)
                if violation is not None:
                    return violation
            else:
                if step.number >= 0:
                    changed = changed or step.symbol in self.grammar.opens
                    violation = self._number(step, lane)
                    if violation is not None:
                        return violation
                if target is not lane.phase:
                    changed = True
                    lane.phase, lane.row = target, self.grammar.rows[target]
        if not changed and type(steps) is tuple:  # others may change behind our back
            self.settled = steps
        return None

    def fork(self) -> Checker:
        """Another one, as far as this one is, that goes on alone."""
        other = Checker(self.grammar)
        other._lanes = {n: attrs.evolve(lane) for n, lane in self._lanes.items()}
        other._over, other._last = self._over, self._last
        return other

    def _lane(self, number: int) -> _Lane | None:
        """A new lane; None for a branch that leaves a gap."""
        start, branches = self.grammar.start, self.grammar.branches
        if branches and self._lanes:
            if number != len(self._lanes):
                return None
            trunk = self._lanes[0].phase
            start = branches.get(trunk, trunk)
        lane = self._lanes[number] = _Lane(self.grammar.rows[start], start)
        return lane

    def _number(self, step: Step, lane: _Lane) -> Violation | None:
        grammar = self.grammar
        if step.symbol in grammar.opens:
            if step.number != lane.opened:
                rule = f"index {step.number} where {lane.opened} is next"
                return Violation(step.symbol, rule)
            lane.opened += 1
            return None
        last = lane.opened - 1
        sequential = grammar.numbering is Numbering.SEQUENTIAL
        if step.number > last or (sequential and step.number != last):
            return Violation(step.symbol, f"index {step.number} is not open")
        return None

    def _unusual(self, step: Step, lane: _Lane) -> Violation | None:
        grammar = self.grammar
        if self._over and (self._last, step.symbol) in grammar.epilogue:
            self._last = step.symbol
            return None
        if self._over or lane.phase is grammar.end:
            return Violation(step.symbol, "after the end")
        if step.symbol in grammar.anywhere:
            return None
        if step.symbol in grammar.fatal:
            self._over, self._last = True, step.symbol
            return None
        if step.symbol not in grammar.shared:
            return Violation(step.symbol, f"not allowed {lane.phase.value}")
        for each in self._lanes.values():
            target = each.row.get(step.symbol)
            if target is None:
                return Violation(step.symbol, f"not allowed {each.phase.value}")
            each.phase, each.row = target, grammar.rows[target]
        return None


def diagram(grammar: Grammar) -> str:
    """The table as a Mermaid state diagram."""
    lines = ["stateDiagram-v2", f"  [*] --> {grammar.start.name}"]
    lines += [
        f"  {phase.name} --> {target.name}: {symbol}"
        for (phase, symbol), target in grammar.table.items()
    ]
    lines += [
        f"  {phase.name} --> {target.name}: (each item)"
        for phase, target in grammar.branches.items()
    ]
    lines.append(f"  {grammar.end.name} --> [*]")
    return "\n".join(lines) + "\n"
