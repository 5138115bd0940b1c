"""One slot for each named timer of a machine; its deadline is the earliest.

A machine sets and clears slots and never computes `deadline` by hand, so no
branch can forget a timer (quinn-proto's timer table).
"""

from __future__ import annotations

import enum
from typing import Generic, TypeVar

import attrs

from .clock import Mono

__all__ = ["Deadlines"]

Timer = TypeVar("Timer", bound=enum.Enum)


@attrs.define
class Deadlines(Generic[Timer]):
    """The armed timers of one machine."""

    next: Mono | None = attrs.field(default=None, init=False)
    """When the earliest armed timer is due. Kept, because drivers ask all the time."""
    _slots: dict[Timer, Mono] = attrs.field(factory=dict, init=False)

    def set(self, timer: Timer, at: Mono) -> None:
        self._slots[timer] = at
        self.next = min(self._slots.values())

    def clear(self, timer: Timer) -> None:
        if self._slots.pop(timer, None) is not None:
            self.next = min(self._slots.values(), default=None)

    def clear_all(self) -> None:
        self._slots.clear()
        self.next = None

    def armed(self, timer: Timer) -> bool:
        return timer in self._slots

    def take_due(self, now: Mono) -> list[Timer]:
        """Disarm and return every timer that is due, earliest first."""
        due = sorted((at, t.name, t) for t, at in self._slots.items() if at <= now)
        for _, _, timer in due:
            del self._slots[timer]
        self.next = min(self._slots.values(), default=None)
        return [timer for _, _, timer in due]
