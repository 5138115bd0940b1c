"""Prints `docs/reference/events.md` from the closed union of stream events."""

from __future__ import annotations

import enum
import inspect
from typing import Final, get_args

from cliproxy_core.ir import stream
from cliproxy_core.ir.citation import Citation, TokenProb
from cliproxy_core.ir.failure import Failure, Kind
from cliproxy_core.ir.reasoning import Signature
from cliproxy_core.ir.usage import Usage

from .markdown import code, field_rows, prose, table

__all__ = ["page"]

HEAD: Final = """# Stream events

<!-- Generated from cliproxy_core/ir: make bless -->

Every dialect's stream is decoded to these and encoded from these; there are no others.
[The neutral form](../explanation/neutral-form.md) says why they are as they are.
"""

FIELDS: Final = ["Field", "Type", "Default", "Meaning"]
CARRIED: Final = (Usage, Signature, Citation, TokenProb, Failure)


def page() -> str:
    """The whole page."""
    parts = [HEAD, prose(inspect.getdoc(stream)).partition("\n\n")[2]]
    parts += [_section(event) for event in get_args(stream.Event)]
    parts += ["## Why it stopped", _words(stream.Reason)]
    parts += ["## Why it failed", "The word is that of logs and errors.", _words(Kind)]
    parts.append("## What events carry")
    parts += [_section(shape).replace("## ", "### ", 1) for shape in CARRIED]
    return "\n\n".join(part.strip() for part in parts) + "\n"


def _words(words: type[enum.Enum]) -> str:
    rows = [[code(f"{words.__name__}.{w.name}"), code(str(w.value))] for w in words]
    return table(["Name", "Word"], rows)


def _section(shape: type) -> str:
    said = f"## {shape.__name__}\n\n{prose(inspect.getdoc(shape))}"
    rows = field_rows(shape)
    if not rows:
        return said
    return f"{said}\n\n{table(FIELDS, rows)}{_derived(shape)}"


def _derived(shape: type) -> str:
    names = [n for n, member in vars(shape).items() if isinstance(member, property)]
    if not names:
        return ""
    return f"\n\nFrom these follow {', '.join(code(name) for name in names)}."
