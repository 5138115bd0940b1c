"""Prints `docs/reference/grammars.md`: the table of each dialect, as a drawing too."""

from __future__ import annotations

import inspect
import sys
from typing import Final

from cliproxy_core.dialects import DIALECTS
from cliproxy_core.ir.grammar import Grammar, diagram

from .markdown import code, prose, table

__all__ = ["page"]

HEAD: Final = """# Grammars

<!-- Generated from cliproxy_core/dialects/*/grammar.py: make bless -->

What may follow what in the stream of each dialect.
The same tables are held against what upstreams send, what our encoders write, \
and what [`cliproxy lint`](../howto/read-a-lint-report.md) reads.
A row of a table is a symbol; a frame may take several steps or none.
"""


def page() -> str:
    """The whole page."""
    return "\n".join([HEAD, *(_section(name) for name in DIALECTS)])


def _section(name: str) -> str:
    dialect = DIALECTS[name]
    module = sys.modules[dialect.classify.__module__]
    grammar = dialect.grammar
    parts = [
        f"## {name}",
        prose(inspect.getdoc(module)),
        f"```mermaid\n{diagram(grammar)}```",
        "Phases:",
        "\n".join(
            f"- `{phase.name}`: {phase.value}"
            for phase in type(grammar.start)
            if phase in grammar.rows
        ),
        table(["Symbol", "Leads", "Besides"], _symbols(grammar)),
    ]
    return "\n\n".join(parts) + "\n"


def _symbols(grammar: Grammar) -> list[list[str]]:
    ways: dict[str, list[str]] = {}
    for (phase, symbol), target in grammar.table.items():
        same = phase is target
        step = f"{phase.name}, stays" if same else f"{phase.name} to {target.name}"
        ways.setdefault(symbol, []).append(step)
    rows = [
        [code(symbol), "; ".join(steps), _besides(grammar, symbol)]
        for symbol, steps in ways.items()
    ]
    last = grammar.end.name
    rows += [
        [code(symbol), f"anywhere before {last}, stays", ""]
        for symbol in sorted(grammar.anywhere)
    ]
    for symbol in sorted(grammar.fatal):
        after = [then for first, then in grammar.epilogue if first == symbol]
        follows = f"only {code(after[0])} may follow" if after else ""
        rows.append([code(symbol), f"anywhere before {last}, ends all", follows])
    return rows


def _besides(grammar: Grammar, symbol: str) -> str:
    said: list[str] = []
    if symbol in grammar.opens:
        said.append(f"opens a number; numbers are {grammar.numbering.value}")
    if symbol in grammar.inside:
        said.append("belongs to an open number")
    if symbol in grammar.shared:
        said.append(f"concerns every {'item' if grammar.branches else 'candidate'}")
    return "; ".join(said)
