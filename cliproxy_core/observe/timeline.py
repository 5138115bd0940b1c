"""Named instants of one request, each kept when it happens.

The first byte is stamped where it arrives, not when it is logged, so that the time to
it is right whatever happens afterwards (facts/01, section 11).
"""

from __future__ import annotations

import attrs

from cliproxy_core.base.clock import Mono
from cliproxy_core.base.word import Word

__all__ = ["Instant", "Timeline"]


class Instant(Word):
    """What happened. Each happens at most once for a request."""

    BEGAN = "began"
    OPENED = "opened"  # the first attempt was sent
    ANSWERED = "answered"  # the last attempt's head came
    COMMITTED = "committed"  # the first content went downstream
    ENDED = "ended"


@attrs.define
class Timeline:
    """When what happened."""

    _at: dict[Instant, Mono] = attrs.field(factory=dict, init=False)

    def mark(self, instant: Instant, now: Mono) -> None:
        self._at[instant] = now

    def mark_once(self, instant: Instant, now: Mono) -> None:
        self._at.setdefault(instant, now)

    def span(self, start: Instant, end: Instant) -> float | None:
        """Seconds between two instants, if both happened."""
        if start in self._at and end in self._at:
            return round(self._at[end] - self._at[start], 6)
        return None
