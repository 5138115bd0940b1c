"""What a vendor's SDK made of an answer, in words that all dialects share.

A reading of a streamed answer equals the reading of the same answer sent whole: that is
what makes it worth comparing. So it holds what a program acts on, and nothing that may
differ between the two (ids of answers and items, times, how the text was cut).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, NoReturn, TypeAlias

import attrs

__all__ = [
    "Candidate",
    "ContradictionError",
    "Fault",
    "Part",
    "Reading",
    "call",
    "exact",
    "joined",
    "other",
]

Part: TypeAlias = tuple[str, ...]
"""A kind, and what there is of it, all as text so that a difference can be read.

`("text", words)`, `("reasoning", words)`, `("summary", words)`, `("refusal", words)`,
`("signature", proof)`, `("encrypted", data)`, `("call", id, name, exact arguments)`,
`("cut call", id, name, text that is no JSON)`, `("custom", id, name, input)`,
`("citations", JSON)`, `("other", JSON)`.
"""


@attrs.frozen
class Candidate:
    """One of the answers to a prompt; most dialects know only one."""

    parts: tuple[Part, ...]
    finish: str | None
    """Why it ended, in the vendor's word. None: it was cut."""
    detail: str | None = None
    """What the vendor says more about the end: the stop sequence, the limit."""
    role: str = "assistant"


@attrs.frozen
class Fault:
    """An error inside an answer, in the vendor's words."""

    kind: str | None
    code: str | int | None
    message: str | None


@attrs.frozen(kw_only=True)
class Reading:
    """An answer."""

    candidates: tuple[Candidate, ...]
    usage: Mapping[str, Any] | None = None
    """As the vendor counts and names it; counts that are null are left out."""
    error: Fault | None = None
    kept: bool = True
    """Whether the SDK remembers the turn when it manages the conversation."""

    def settled(self) -> Reading:
        """With calls that were cut as calls without arguments.

        A complete Claude answer can say no more of them.
        """
        candidates = tuple(
            attrs.evolve(c, parts=tuple(map(_settle, c.parts))) for c in self.candidates
        )
        return attrs.evolve(self, candidates=candidates)


class ContradictionError(AssertionError):
    """A stream said one thing in pieces and another as a whole."""


def exact(value: Any) -> str:
    """JSON as text: 1, 1.0 and true differ, and so does the order of keys."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def call(ident: str | None, name: str | None, arguments: str | None) -> Part:
    """A call whose arguments came as text."""
    text = arguments or ""
    try:
        parsed = json.loads(text, parse_constant=_refuse)
    except ValueError:
        return ("cut call", ident or "", name or "", text)
    return ("call", ident or "", name or "", exact(parsed))


def other(value: Any, kind: str = "other") -> Part:
    """What has no words of its own here; still not to be lost."""
    return (kind, json.dumps(value, ensure_ascii=False, sort_keys=True))


def joined(parts: Iterable[Part]) -> tuple[Part, ...]:
    """Parts without empty words, neighbours of the same kind as one.

    For dialects where a stream cuts a text into parts of its own.
    """
    out: list[Part] = []
    for part in parts:
        kind, *rest = part
        if kind in ("text", "reasoning"):
            if rest == [""]:
                continue
            if out and out[-1][0] == kind:
                part = (kind, out.pop()[1] + rest[0])
        out.append(part)
    return tuple(out)


def _settle(part: Part) -> Part:
    match part:
        case ("cut call", ident, name, _):
            return ("call", ident, name, "{}")
        case _:
            return part


def _refuse(word: str) -> NoReturn:
    raise ValueError(f"{word} is no JSON")
