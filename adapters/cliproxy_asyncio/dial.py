"""Connections to upstreams: dialling, reuse, and their protocol callbacks."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Callable, Sequence
from typing import Final, TypeAlias, TypedDict, cast

import attrs
from cliproxy_driver import LINGER, Engine, Link

from cliproxy_core.base.clock import Mono, Now, earliest
from cliproxy_core.lifecycle.effects import Open
from cliproxy_core.lifecycle.inputs import (
    Fault,
    UpstreamBroke,
    UpstreamConnected,
    UpstreamInput,
)
from cliproxy_core.wire.connections import IdleConnections

__all__ = ["Dialer", "Upstream"]

# RFC 8305, section 5: the recommended delay before the next address is tried too.
HAPPY_EYEBALLS: Final = 0.25


Deliver: TypeAlias = Callable[[Sequence[UpstreamInput]], None]
"""Takes what one read of an upstream brought."""


class _Race(TypedDict, total=False):
    """How addresses are raced, as keywords of `create_connection`."""

    happy_eyeballs_delay: float


class Upstream(asyncio.Protocol):
    """One connection to an upstream, from dial to close."""

    def __init__(self, dialer: Dialer, link: Link) -> None:
        self.link = link
        self._dialer = dialer
        self._deliver: Deliver | None = None
        self._transport: asyncio.Transport | None = None
        self._in_use = False

    # Orders. Those that name an attempt which is over mean somebody else's exchange.

    def begin(self, order: Open, deliver: Deliver) -> None:
        assert self._transport is not None
        self._deliver = deliver
        self._in_use = True
        self._transport.write(self.link.begin(order))
        deliver((UpstreamConnected(order.attempt),))

    def pause(self, attempt: int) -> None:
        if self.link.attempt == attempt and self._transport is not None:
            self._transport.pause_reading()

    def resume(self, attempt: int) -> None:
        if self.link.attempt == attempt and self._transport is not None:
            self._transport.resume_reading()

    def release(self, attempt: int) -> None:
        if self.link.attempt == attempt:
            self._deliver = None
            self._dialer.linger(self)

    def abort(self, attempt: int) -> None:
        if self.link.attempt == attempt:
            self.close()

    def close(self) -> None:
        self._deliver = None
        self._in_use = False
        if self._transport is not None:
            self._transport.abort()

    # Callbacks.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports have the methods of one without being one.
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        events = self.link.received(data)
        if events and self._deliver is not None:
            self._deliver(events)
        if self.link.attempt is None and self._in_use:
            self._rest()

    def eof_received(self) -> bool:
        return False  # close our side too: connection_lost follows

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        self._dialer.forget(self)
        detail = "" if exc is None else type(exc).__name__
        deliver, self._deliver = self._deliver, None
        events = self.link.closed(detail)
        if events and deliver is not None:
            deliver(events)

    def _rest(self) -> None:
        """The exchange is over: keep the connection or close it."""
        self._deliver = None
        self._in_use = False
        transport = self._transport
        if transport is None or transport.is_closing():
            return
        if self.link.reusable:
            self._dialer.keep(self)
        else:
            transport.abort()


@attrs.define(eq=False)
class Dialer:
    """Makes connections to upstreams and keeps idle ones."""

    engine: Engine
    clock: Callable[[], Now]
    tls: ssl.SSLContext
    idle: IdleConnections[Upstream] = attrs.field(factory=IdleConnections, init=False)
    _lingering: dict[Upstream, Mono] = attrs.field(factory=dict, init=False)
    """Answers that are complete, waiting for the end of their HTTP bodies."""
    _dialling: set[asyncio.Task[None]] = attrs.field(factory=set, init=False)
    _sweeper: asyncio.TimerHandle | None = attrs.field(default=None, init=False)

    def open(
        self,
        order: Open,
        deliver: Deliver,
        opened: Callable[[Upstream], None],
    ) -> asyncio.Task[None] | None:
        """Have an exchange carried. `opened` tells which connection does it.

        Returns the task that dials, where there was no idle connection.
        """
        connection = None if order.fresh else self.idle.take(order.origin)
        if connection is not None:
            opened(connection)
            connection.begin(order, deliver)
            return None
        loop = asyncio.get_running_loop()
        task = loop.create_task(self._dial(order, deliver, opened))
        self._dialling.add(task)
        task.add_done_callback(self._dialling.discard)
        return task

    def keep(self, connection: Upstream) -> None:
        """An exchange is over and its connection may carry another."""
        self._lingering.pop(connection, None)
        origin = connection.link.origin
        for surplus in self.idle.put(origin, connection, self.clock()):
            surplus.close()
        self._arm()

    def linger(self, connection: Upstream) -> None:
        """An answer is complete; its connection is kept if its body ends soon."""
        self._lingering[connection] = self.clock().after(LINGER)
        self._arm()

    def forget(self, connection: Upstream) -> None:
        """A connection was closed."""
        self._lingering.pop(connection, None)
        self.idle.drop(connection.link.origin, connection)

    def close(self) -> None:
        """Close every idle connection and give up dialling."""
        if self._sweeper is not None:
            self._sweeper.cancel()
        for task in self._dialling:
            task.cancel()
        for connection in (*self.idle.clear(), *self._lingering):
            connection.close()
        self._lingering.clear()

    async def _dial(
        self,
        order: Open,
        deliver: Deliver,
        opened: Callable[[Upstream], None],
    ) -> None:
        loop = asyncio.get_running_loop()
        origin = order.origin
        link = Link(origin, self.engine.client())
        secure = origin.scheme == "https"
        try:
            _, connection = await loop.create_connection(
                lambda: Upstream(self, link),
                origin.host,
                origin.port,
                ssl=self.tls if secure else None,
                server_hostname=origin.host if secure else None,
                **_race(loop),
            )
        except socket.gaierror:
            deliver((UpstreamBroke(order.attempt, Fault.RESOLVE),))
        except ssl.SSLError as error:
            deliver((UpstreamBroke(order.attempt, Fault.TLS, error.reason or ""),))
        except OSError as error:
            deliver(
                (UpstreamBroke(order.attempt, Fault.CONNECT, error.strerror or ""),)
            )
        except Exception:  # a bug of ours must not leave a request waiting
            deliver((UpstreamBroke(order.attempt, Fault.CONNECT, "internal error"),))
            raise
        else:
            opened(connection)
            connection.begin(order, deliver)

    def _arm(self) -> None:
        """One timer for all; it is moved when it fires."""
        if self._sweeper is None:
            due = earliest(self.idle.deadline, *self._lingering.values())
            if due is not None:
                loop = asyncio.get_running_loop()
                self._sweeper = loop.call_at(due, self._sweep)

    def _sweep(self) -> None:
        self._sweeper = None
        now = self.clock()
        over = [c for c, due in self._lingering.items() if due <= now.mono]
        for connection in (*over, *self.idle.expire(now)):
            self._lingering.pop(connection, None)
            connection.close()
        self._arm()


def _race(loop: asyncio.AbstractEventLoop) -> _Race:
    """Try a host's addresses side by side where the loop can; uvloop cannot."""
    if isinstance(loop, asyncio.BaseEventLoop):
        return {"happy_eyeballs_delay": HAPPY_EYEBALLS}
    return {}
