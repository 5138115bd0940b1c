"""What waits to be handled, and the alarm clock beside it.

Waiting arms no timer when something is there already, nor when the alarm is set for
an earlier time anyway: it is moved when it rings. A deadline that has passed while
inputs were queueing is told behind those that came before it, so that a flood cannot
hide it and a late wake-up does not outrun what was received in time.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable
from typing import Final, Generic, TypeVar

import anyio
import attrs

from cliproxy_core.base.clock import Mono

__all__ = ["Inbox"]

# Reads of at most 64 KiB each: a megabyte, after which the sender has to wait.
MAX_WAITING: Final = 16

In = TypeVar("In")


@attrs.define(eq=False)
class Inbox(Generic[In]):
    """A bounded queue of inputs with one reader and an alarm."""

    rung: Callable[[float], float]
    """Told the time when the alarm rings; returns when it should ring next."""
    _queue: deque[In] = attrs.field(factory=deque, init=False)
    _arrival: anyio.Event | None = attrs.field(default=None, init=False)
    _room: anyio.Event | None = attrs.field(default=None, init=False)
    _closed: bool = attrs.field(default=False, init=False)
    _armed: float = attrs.field(default=math.inf, init=False)
    _alarm: anyio.CancelScope | None = attrs.field(default=None, init=False)
    _ringing: bool = attrs.field(default=False, init=False)
    _ahead: int = attrs.field(default=0, init=False)
    """How many inputs came before the alarm that is to be told."""

    async def put(self, event: In) -> None:
        """Add an input as soon as there is room; nothing fills a closed inbox."""
        while len(self._queue) >= MAX_WAITING and not self._closed:
            if self._room is None:
                self._room = anyio.Event()
            await self._room.wait()
        self.post(event)

    def post(self, event: In) -> None:
        """Add an input at once."""
        if not self._closed:
            self._queue.append(event)
            self._wake()

    def close(self) -> None:
        """Nobody reads any more: let go of whoever waits for room."""
        self._closed = True
        self._queue.clear()
        self._make_room()

    async def wait(self, deadline: Mono | None) -> In | None:
        """The next input, or None when the deadline came first."""
        while True:
            if deadline is not None and not self._ringing:
                self.arm(deadline)
            if self._ringing and self._ahead <= 0:
                self._ringing = False
                if deadline is not None and deadline <= anyio.current_time():
                    return None
                continue  # it rang for something else: arm it again
            if self._queue:
                self._ahead -= 1
                event = self._queue.popleft()
                self._make_room()
                return event
            self._arrival = anyio.Event()
            await self._arrival.wait()

    def arm(self, at: float) -> None:
        """Ring then at the latest."""
        if at < self._armed:
            self._armed = at
            if self._alarm is not None:
                self._alarm.deadline = at

    async def ring(self) -> None:
        """The alarm clock: a task for as long as the inbox is in use."""
        while True:
            with anyio.CancelScope(deadline=self._armed) as self._alarm:
                await anyio.sleep_forever()
            self._armed = math.inf
            self._alarm = None
            self._ringing, self._ahead = True, len(self._queue)
            self._armed = min(self._armed, self.rung(anyio.current_time()))
            self._wake()

    def _wake(self) -> None:
        if self._arrival is not None:
            self._arrival.set()
            self._arrival = None

    def _make_room(self) -> None:
        if self._room is not None:
            self._room.set()
            self._room = None
