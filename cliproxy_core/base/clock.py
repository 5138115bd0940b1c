"""Time comes in as a value: two clocks that cannot be mixed up."""

from __future__ import annotations

from typing import NewType

from .value import value

__all__ = ["Mono", "Now", "Wall", "earlier", "earliest"]

Mono = NewType("Mono", float)
"""Seconds on a clock that never jumps. Deadlines and durations use it."""

Wall = NewType("Wall", float)
"""Seconds since the epoch. Token expiry and `Retry-After` dates use it."""


@value
class Now:
    """Both clocks, read once by the driver for each input."""

    mono: Mono
    wall: Wall

    def after(self, seconds: float) -> Mono:
        return Mono(self.mono + seconds)

    def not_before(self, deadline: Mono) -> Now:
        """The same instant, but never earlier than `deadline` (loops wake early)."""
        return Now(max(self.mono, deadline), self.wall)


def earlier(one: Mono | None, other: Mono | None) -> Mono | None:
    """The first of two deadlines, either of which may be unset."""
    if one is None:
        return other
    return one if other is None or one <= other else other


def earliest(*deadlines: Mono | None) -> Mono | None:
    """The first of several deadlines, any of which may be unset."""
    return min((d for d in deadlines if d is not None), default=None)
