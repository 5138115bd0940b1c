"""Prints `docs/reference/dropped.md` from what the matrix pins."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from typing import Final

from tests.architecture.sources import ROOT

__all__ = ["page"]

PINNED: Final = ROOT / "tests" / "matrix" / "dropped.toml"

HEAD: Final = """# What does not cross

<!-- Generated from tests/matrix/dropped.toml: make bless -->

Between dialects some things have no place, or only one that is near.
Whatever is lost on the way is reported beside the result: `Plan.dropped` has \
the place in the caller's document and the reason.
With `strict` each of them is an error.

There is one table for each direction, made of requests that use every field of \
the vendor's API.
The same dialect on both sides loses nothing: the caller's bytes go on as they are.
Whoever refers to what an upstream keeps (an earlier response, a thread, cached \
content) gets an error and not a table: such a request means nothing elsewhere.
"""

TITLES: Final[Mapping[str, str]] = {
    "openai_chat": "Chat Completions",
    "openai_responses": "Responses",
    "claude_messages": "Claude Messages",
    "gemini": "Gemini",
}


def page() -> str:
    """The whole page."""
    tables = tomllib.loads(PINNED.read_text(encoding="utf-8"))
    parts = [HEAD]
    for direction, rows in tables.items():
        caller, upstream = direction.split(" to ")
        parts.append(f"## From {TITLES[caller]} to {TITLES[upstream]}\n")
        parts.append(_table(rows))
    return "\n".join(parts)


def _table(rows: Mapping[str, str]) -> str:
    """One row for each field, wherever in a list it was."""
    reasons: dict[str, dict[str, None]] = {}
    for path, why in rows.items():
        field = re.sub(r"\[\d+\]", "[]", path).removeprefix(".")
        reasons.setdefault(field, {}).update(dict.fromkeys(why.split("; ")))
    lines = ["| The caller's field | What becomes of it |", "|---|---|"]
    lines += [f"| `{field}` | {'; '.join(why)} |" for field, why in reasons.items()]
    return "\n".join(lines) + "\n"
