"""What a bend is: a stream that breaks its dialect's rules, and what it should mean."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import attrs

from cliproxy_core.testing.script import End
from tests.interop.readings import Part, Stop, Tokens

__all__ = ["Bend", "Breaks", "Means"]


COUNTED: Final = Tokens(10, 4, 5)


@attrs.frozen(kw_only=True)
class Means:
    """The complete answer that a client must come to."""

    parts: tuple[Part, ...]
    stop: Stop = Stop.END
    tokens: Tokens | None = COUNTED
    """None: the upstream told none."""
    sources: tuple[str, ...] = ()
    """Addresses that the words are said to be from."""
    own: bool = False
    """Whether there is more, which only the upstream's own dialect has words for."""


@attrs.frozen(kw_only=True)
class Breaks:
    """No answer can be made of it."""

    said: str = ""
    """Words that came before the error."""
    words: str = ""
    """What the upstream said of the error, where it said anything."""


@attrs.frozen
class Bend:
    """One stream of an upstream."""

    name: str
    frames: Sequence[bytes]
    means: Means | Breaks
    end: End = End.CHUNKED

    def __str__(self) -> str:
        return self.name
