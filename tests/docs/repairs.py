"""Prints `docs/reference/repairs.md`: the names in the menders, and where they occur.

The names are read from the source, where each is counted under its name. Where they
occur is tried: every bend that has a meaning is given to its mender.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Final

from cliproxy_core.base.ids import Ids
from cliproxy_core.dialects import DIALECTS
from cliproxy_core.ir.dialect import StreamContext
from cliproxy_core.wire.sse import SseDecoder
from tests.architecture.sources import ROOT
from tests.interop.bends.bend import Means
from tests.interop.bends.tables import TABLES

from .markdown import cell, code, table

__all__ = ["fits", "made", "named", "page"]

HEAD: Final = """# Repairs

<!-- Generated from the menders and the bends of tests/interop: make bless -->

What upstreams bend and a caller does not notice.
These names are counted in `ResponseStream.repairs`, in `cliproxy translate --json`, \
and in [a lint report](../howto/read-a-lint-report.md).
The second column names streams of the test suite that are mended so.
In a name, `...` stands for a word that the mender fills in.
"""

GAP: Final = "..."
EXAMPLES: Final = 3

BENDS: Final = {
    "openai_chat": "chat",
    "openai_responses": "responses",
    "claude_messages": "claude",
    "gemini": "gemini",
}


def page() -> str:
    """The whole page."""
    return "\n".join([HEAD, *(_section(name) for name in DIALECTS)])


def _section(name: str) -> str:
    tried = made(name)
    rows = [
        [code(repair), cell(_seen(tried.get(repair, [])))] for repair in _rows(name)
    ]
    return f"## {name}\n\n{table(['Repair', 'Seen in'], rows)}\n"


def _rows(name: str) -> list[str]:
    """The names; for one with a gap, the fillings that were seen."""
    whole = {repair for repair in named(name) if GAP not in repair}
    seen = set(made(name)) - whole
    gaps = {
        repair
        for repair in named(name)
        if GAP in repair and not any(fits(other, repair) for other in seen)
    }
    return sorted(whole | seen | gaps)


def fits(found: str, repair: str) -> bool:
    """Whether a name is one from the source, or one with its gap filled."""
    head, gap, tail = repair.partition(GAP)
    if not gap:
        return found == repair
    return found.startswith(head) and found.endswith(tail)


def _seen(bends: list[str]) -> str:
    others = ["others"] if len(bends) > EXAMPLES else []
    return "; ".join([*bends[:EXAMPLES], *others])


@cache
def made(dialect: str) -> Mapping[str, list[str]]:
    """The repairs that were tried, and the bends that they are for."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for bend in TABLES[BENDS[dialect]]:
        if not isinstance(bend.means, Means):
            continue
        context = StreamContext(ids=Ids(b"repairs"), created=0, model="m")
        mender, source = DIALECTS[dialect].mender(context), SseDecoder()
        mender.feed([*source.feed(b"".join(bend.frames)), *source.finish()])
        mender.finish()
        for repair in +mender.repairs:
            if bend.name not in found[repair]:
                found[repair].append(bend.name)
    return found


def named(dialect: str) -> list[str]:
    """The names that a dialect's menders count under."""
    folder = ROOT / "cliproxy_core" / "dialects" / dialect
    return sorted({n for path in folder.glob("mend*.py") for n in _in(path)})


def _in(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef):
            yield from _in_function(node)


def _in_function(function: ast.FunctionDef) -> Iterator[str]:
    words = {
        target.id: node.value
        for node in ast.walk(function)
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(function):
        if isinstance(node, ast.Subscript) and _last(node.value) == "repairs":
            yield from _spelled(node.slice, words)
        elif isinstance(node, ast.Call) and _counts(node.func):
            for argument in node.args[:1]:
                yield from _spelled(argument, words)


def _counts(function: ast.expr) -> bool:
    """Whether a call counts a repair, or notes it to be counted."""
    if not isinstance(function, ast.Attribute):
        return False
    noted = isinstance(function.value, ast.Name) and function.value.id == "fixes"
    return function.attr in ("mend", "_mend") or (function.attr == "append" and noted)


def _last(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else ""


def _spelled(node: ast.expr, words: Mapping[str, ast.expr]) -> Iterator[str]:
    match node:
        case ast.Constant(value=str(text)):
            yield text
        case ast.JoinedStr(values=values):
            yield "".join(
                str(piece.value) if isinstance(piece, ast.Constant) else GAP
                for piece in values
            )
        case ast.IfExp(body=body, orelse=orelse):
            yield from _spelled(body, words)
            yield from _spelled(orelse, words)
        case ast.Name(id=name) if name in words:
            yield from _spelled(words[name], {})
        case _:
            pass
