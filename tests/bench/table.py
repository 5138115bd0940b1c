"""The budgets, what was measured, and both in one table."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

import attrs

__all__ = ["Budget", "Measured", "budgets", "parse_table", "render"]

BUDGETS: Final = Path(__file__).with_name("budget.toml")

HEADER: Final = ("Row", "Variant", "Measured", "Budget", "", "On this machine")


@attrs.frozen(kw_only=True)
class Budget:
    """What one row may cost."""

    table: str
    title: str
    unit: str
    budget: float
    stretch: float | None = None


@attrs.frozen(kw_only=True)
class Measured:
    """What one variant of a row did cost."""

    row: str
    variant: str
    value: float | None
    """In the row's unit; None where it is the unit, or where it failed."""
    raw: str
    """The same in the machine's units, or what went wrong."""
    judged: bool = True
    """Whether the budget is meant for this variant."""


def budgets() -> dict[str, Budget]:
    """Every row of the budget file, by name."""
    document = tomllib.loads(BUDGETS.read_text(encoding="utf-8"))
    return {row: Budget(**fields) for row, fields in document.items()}


def render(
    table: str, measured: Iterable[Measured], before: Mapping[tuple[str, str], str]
) -> str:
    """A Markdown table of the rows that belong to it, in the budget file's order."""
    rows = budgets()
    order = [name for name, budget in rows.items() if budget.table == table]
    mine = sorted((m for m in measured if m.row in order), key=_by(order))
    header = [*HEADER, *(["Before"] if before else [])]
    lines = [header]
    for one in mine:
        budget = rows[one.row]
        cells = _cells(one, budget)
        if before:
            cells.append(before.get((budget.title, one.variant), "-"))
        lines.append(cells)
    return _aligned(lines)


def parse_table(text: str) -> dict[tuple[str, str], str]:
    """What a table that was written before says, by title and variant."""
    out: dict[tuple[str, str], str] = {}
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("|") and len(cells) >= len(HEADER) and cells[0] != HEADER[0]:
            out[cells[0], cells[1]] = cells[2]
    return out


def _by(order: Sequence[str]) -> _Rank:
    return _Rank({name: rank for rank, name in enumerate(order)})


@attrs.frozen
class _Rank:
    """Sorts by the place in the budget file."""

    ranks: Mapping[str, int]

    def __call__(self, one: Measured) -> int:
        return self.ranks[one.row]


def _cells(one: Measured, budget: Budget) -> list[str]:
    told = "-" if one.value is None else f"{one.value:.2f} {budget.unit}"
    limit = f"{budget.budget:g} {budget.unit}"
    return [budget.title, one.variant, told, limit, _verdict(one, budget), one.raw]


def _verdict(one: Measured, budget: Budget) -> str:
    if one.value is None or not one.judged:
        return ""
    if one.value > budget.budget:
        return "**over**"
    if budget.stretch is not None and one.value <= budget.stretch:
        return "stretch"
    return "ok"


def _aligned(lines: Sequence[Sequence[str]]) -> str:
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    rule = ["-" * width for width in widths]
    out = [
        "| " + " | ".join(c.ljust(w) for c, w in zip(line, widths, strict=True)) + " |"
        for line in (lines[0], rule, *lines[1:])
    ]
    return "\n".join(out) + "\n"
