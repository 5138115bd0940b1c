"""A connection machine driven from protocol callbacks: the fast path.

Every callback is an input; what the machine orders is done before the callback
returns. There is no task, queue or future per chunk. One write per input: bytes are
gathered until something else has to be done.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable, Iterable
from typing import Final, TypeAlias, cast

from cliproxy_driver import bug

from cliproxy_core.base.clock import Mono, Now
from cliproxy_core.base.contract import Machine, Tick
from cliproxy_core.gateway.connection import Effect, Input
from cliproxy_core.gateway.wirewords import (
    BytesReceived,
    CloseConnection,
    DownstreamBlocked,
    DownstreamFlowing,
    DownstreamGone,
    PauseDownstream,
    ResumeDownstream,
    Retired,
    SendBytes,
)
from cliproxy_core.lifecycle.effects import (
    Abort,
    Open,
    PauseUpstream,
    PoolEffect,
    Release,
    Report,
    ResumeUpstream,
)
from cliproxy_core.lifecycle.inputs import Granted, Refused

from .dial import Dialer, Upstream

# After a graceful close: how long a client may take to read what was already said.
FLUSH: Final = 30.0

__all__ = ["Downstream", "Hosted", "Registry"]

Hosted: TypeAlias = Machine[Input, Effect]


class Registry:
    """The connections that are open, so that they can be closed."""

    def __init__(self) -> None:
        self.open: set[Downstream] = set()
        self._emptied = asyncio.Event()

    def discard(self, connection: Downstream) -> None:
        self.open.discard(connection)
        if not self.open:
            self._emptied.set()

    async def drain(self, seconds: float) -> None:
        """Close what is idle, and wait for the rest as long as allowed."""
        for connection in list(self.open):
            connection.retire()
        self._emptied.clear()
        if self.open and seconds:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._emptied.wait()

    def abort(self) -> None:
        for connection in list(self.open):
            connection.abort()


class Downstream(asyncio.Protocol):
    """One accepted connection and the machine that runs it."""

    def __init__(
        self,
        machine: Hosted,
        clock: Callable[[], Now],
        registry: Registry,
        dialer: Dialer,
        settle: Callable[[PoolEffect | Report], Iterable[Granted | Refused]],
    ) -> None:
        self.machine = machine
        self._clock = clock
        self._registry = registry
        self._dialer = dialer
        self._settle = settle
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._inputs: deque[Input] = deque()
        self._gathered: list[bytes] = []
        self._busy = False
        self._timer: asyncio.TimerHandle | None = None
        self._armed = 0.0
        self._links: dict[int, Upstream] = {}
        self._dials: dict[int, asyncio.Task[None]] = {}

    # Callbacks are inputs.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports have the methods of one without being one.
        self._transport = cast("asyncio.Transport", transport)
        self._registry.open.add(self)
        self._arm()

    def data_received(self, data: bytes) -> None:
        self.feed(BytesReceived(data))

    def eof_received(self) -> bool:
        self.feed(DownstreamGone())
        return False

    def connection_lost(self, _: Exception | None) -> None:
        self._registry.discard(self)
        self.feed(DownstreamGone())
        self._transport = None
        if self._timer is not None:
            self._timer.cancel()

    def pause_writing(self) -> None:
        self.feed(DownstreamBlocked())

    def resume_writing(self) -> None:
        self.feed(DownstreamFlowing())

    # Orders of the server.

    def retire(self) -> None:
        """The server stops: no further request on this connection."""
        self.feed(Retired())

    def abort(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    # The loop.

    def feed(self, event: Input) -> None:
        """Give the machine one input and do all that it causes."""
        self.hear((event,))

    def hear(self, events: Iterable[Input]) -> None:
        """Give the machine what one callback brought, and do all that it causes.

        Doing one thing may cause another input on the spot (a write that blocks, a
        credential that is granted): it waits until everything before it is done.
        """
        self._inputs.extend(events)
        if not self._busy:
            self._run(self._clock())

    def _run(self, now: Now) -> None:
        self._busy = True
        inputs, gathered, handle = self._inputs, self._gathered, self.machine.handle
        try:
            while inputs:
                for effect in handle(inputs.popleft(), now):
                    if type(effect) is SendBytes:
                        gathered.append(effect.data)
                    else:
                        self._perform(effect)
                if gathered and not inputs:
                    self._flush()  # which may bring an input
        except Exception as error:
            self._give_up(error, now)
        finally:
            self._busy = False
        self._arm()

    def _give_up(self, error: Exception, now: Now) -> None:
        """A bug of ours. Nobody waits for ever, and nothing stays held, for it."""
        self._settle(Report(bug(error)))
        self._inputs.clear()
        self._gathered.clear()
        try:
            for effect in self.machine.handle(DownstreamGone(), now):
                if type(effect) is not SendBytes:
                    self._perform(effect)
        finally:
            self.abort()

    def _flush(self) -> None:
        gathered, transport = self._gathered, self._transport
        data = gathered[0] if len(gathered) == 1 else b"".join(gathered)
        gathered.clear()
        if transport is not None and data and not transport.is_closing():
            transport.write(data)

    def _perform(self, effect: Effect) -> None:
        match effect:
            case Open(attempt=attempt):
                self._open(effect, attempt)
            case Abort(attempt=attempt):
                self._abort(attempt)
            case Release(attempt=attempt):
                if attempt in self._links:
                    self._links.pop(attempt).release(attempt)
            case PauseUpstream(attempt=attempt):
                if attempt in self._links:
                    self._links[attempt].pause(attempt)
            case ResumeUpstream(attempt=attempt):
                if attempt in self._links:
                    self._links[attempt].resume(attempt)
            case PauseDownstream():
                if self._transport is not None:
                    self._transport.pause_reading()
            case ResumeDownstream():
                if self._transport is not None:
                    self._transport.resume_reading()
            case CloseConnection(reset=reset):
                self._close(reset=reset)
            case SendBytes(data=data):
                self._gathered.append(data)
            case _:
                self._inputs.extend(self._settle(effect))

    def _open(self, order: Open, attempt: int) -> None:
        self._links.clear()

        def opened(connection: Upstream) -> None:
            self._dials.pop(attempt, None)
            self._links[attempt] = connection

        task = self._dialer.open(order, self.hear, opened)
        if task is not None:
            self._dials[attempt] = task

    def _abort(self, attempt: int) -> None:
        connection = self._links.pop(attempt, None)
        if connection is not None:
            connection.abort(attempt)
        task = self._dials.pop(attempt, None)
        if task is not None:
            task.cancel()

    def _close(self, *, reset: bool) -> None:
        if self._gathered:
            self._flush()
        transport = self._transport
        if transport is None:
            return
        if reset:
            transport.abort()
            return
        transport.close()
        if transport.get_write_buffer_size():
            self._loop.call_later(FLUSH, transport.abort)

    # The timer is moved when it fires, not whenever the deadline moves away.

    def _arm(self) -> None:
        deadline = self.machine.deadline
        if deadline is None or self._transport is None:
            return
        if self._timer is not None:
            if self._armed <= deadline:
                return
            self._timer.cancel()
        self._armed = deadline
        self._timer = self._loop.call_at(deadline, self._fire)

    def _fire(self) -> None:
        self._timer = None
        deadline = self.machine.deadline
        if deadline is not None and deadline <= self._armed:
            self._inputs.append(Tick())
            self._run(self._clock().not_before(Mono(self._armed)))
        else:
            self._arm()
