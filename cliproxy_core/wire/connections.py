"""Which idle connection takes the next request. Knows no sockets.

The one used last is taken first, so that a load which shrinks lets the surplus grow
old and be closed.
"""

from __future__ import annotations

from typing import Final, Generic, TypeVar

import attrs

from cliproxy_core.base.clock import Mono, Now

from .url import Origin

__all__ = ["IdleConnections"]

# Many servers close an idle connection after 60 seconds or more (nginx: 75); staying
# below that makes it us who closes, and a stale connection rare.
MAX_IDLE_SECONDS: Final = 50.0

# Enough for a steady load of long streams to one upstream; more are closed.
MAX_IDLE_PER_ORIGIN: Final = 64

C = TypeVar("C")


@attrs.define
class IdleConnections(Generic[C]):
    """Connections that are open and not in use, by where they lead."""

    _idle: dict[Origin, list[tuple[Mono, C]]] = attrs.field(factory=dict, init=False)

    @property
    def deadline(self) -> Mono | None:
        """When the oldest has been idle for too long."""
        return min((held[0][0] for held in self._idle.values()), default=None)

    def take(self, origin: Origin) -> C | None:
        """An idle connection to there, now in use."""
        held = self._idle.get(origin)
        if not held:
            return None
        _, connection = held.pop()
        if not held:
            del self._idle[origin]
        return connection

    def put(self, origin: Origin, connection: C, now: Now) -> list[C]:
        """Keep one that is not in use any more; return those to be closed for it."""
        held = self._idle.setdefault(origin, [])
        held.append((now.after(MAX_IDLE_SECONDS), connection))
        return [held.pop(0)[1]] if len(held) > MAX_IDLE_PER_ORIGIN else []

    def drop(self, origin: Origin, connection: C) -> None:
        """It was closed by the other side."""
        held = [h for h in self._idle.pop(origin, []) if h[1] is not connection]
        if held:
            self._idle[origin] = held

    def expire(self, now: Now) -> list[C]:
        """Those that have been idle for too long, to be closed."""
        out: list[C] = []
        for origin, held in list(self._idle.items()):
            out += [c for due, c in held if due <= now.mono]
            kept = [(due, c) for due, c in held if due > now.mono]
            if kept:
                self._idle[origin] = kept
            else:
                del self._idle[origin]
        return out

    def clear(self) -> list[C]:
        """All of them, to be closed."""
        out = [c for held in self._idle.values() for _, c in held]
        self._idle.clear()
        return out
