"""A client's connection: its transport as `drive` wants it.

What is to be sent is gathered while one input is handled and goes out as one write.
While it blocks, nothing is taken out of the inbox, and so nothing more is read from
the upstream. Two things end a blocked write: a client that hangs up, and the time
allowed to a client that reads nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import anyio
from anyio.abc import SocketStream
from cliproxy_driver import Performer, drive

from cliproxy_core.base.clock import Mono, Now
from cliproxy_core.base.contract import Tick
from cliproxy_core.gateway.app import App
from cliproxy_core.gateway.connection import Connection, Effect, Input
from cliproxy_core.gateway.wirewords import (
    BytesReceived,
    CloseConnection,
    DownstreamGone,
    PauseDownstream,
    ResumeDownstream,
    SendBytes,
)
from cliproxy_core.observe.log import LogLine

from .session import Session
from .wires import BROKEN

__all__ = ["GONE", "TICK", "Downstream"]

READ_BYTES: Final = 65536

# A client that has closed its side may still read. What was said before is sent, but
# not waited for longer than this.
LAST_WORDS: Final = 1.0

TICK: Final[Input] = Tick()
GONE: Final[Input] = DownstreamGone()


class Downstream:
    """A connection's transport as `drive` wants it."""

    def __init__(
        self,
        app: App,
        log: Callable[[LogLine], None],
        stream: SocketStream,
        session: Session[Input],
    ) -> None:
        self._stream = stream
        self._session = session
        self._shared = Performer(app, log, session.upstreams, session.post)
        self._stall = app.config.timeouts.stall
        self._gathered: list[bytes] = []
        self._sending = False
        self._ended = False
        self._gate: anyio.Event | None = None

    async def run(self, machine: Connection) -> None:
        """From the first byte to the last."""
        await drive(machine, self, first=TICK, tick=TICK, gone=GONE)
        await self.flush()

    async def listen(self) -> None:
        """Read what the client sends, until it hangs up."""
        while True:
            while self._gate is not None:
                await self._gate.wait()
            try:
                data = await self._stream.receive(READ_BYTES)
            except anyio.EndOfStream:
                break
            except BROKEN:
                self._session.cut()
                return
            await self._session.put(BytesReceived(data))
        self._ended = True
        if self._sending:
            self._session.cut()
        self._session.post(DownstreamGone())

    # What `drive` calls.

    def now(self) -> Now:
        return self._session.now()

    async def wait(self, deadline: Mono | None) -> Input | None:
        """Send what was gathered, then wait."""
        if self._gathered:
            await self.flush()
        return await self._session.wait(deadline)

    async def perform(self, effect: Effect) -> None:
        """Do it, except that what is to be sent is gathered first."""
        match effect:
            case SendBytes(data=data):
                self._gathered.append(data)
            case CloseConnection():
                pass  # the machine is done, and that closes it
            case PauseDownstream():
                self._gate = anyio.Event()
            case ResumeDownstream():
                if self._gate is not None:
                    self._gate.set()
                    self._gate = None
            case _:
                self._shared.perform(effect)

    def abandon(self, effect: Effect) -> None:
        """The bookkeeping only."""
        match effect:
            case (
                SendBytes() | CloseConnection() | PauseDownstream() | ResumeDownstream()
            ):
                pass
            case _:
                self._shared.abandon(effect)

    # Sending.

    async def flush(self) -> None:
        """Send what was gathered."""
        data = b"".join(self._gathered)
        self._gathered.clear()
        if not data:
            return
        self._sending = True
        allowed = LAST_WORDS if self._ended else self._stall
        try:
            await self._session.within(allowed, self._stream.send(data))
        except BROKEN:
            self._session.cut()
        finally:
            self._sending = False

    async def close(self) -> None:
        """Close at once; everything that was sent is with the kernel."""
        with anyio.CancelScope(shield=True):
            await self._stream.aclose()
