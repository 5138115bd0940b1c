"""Connections to upstreams: dialling, reuse, closing.

Nobody reads from an idle connection. One that the upstream has closed meanwhile is
found out when it is used again; the machine then orders a fresh one (`Fault.STALE`).
"""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
import attrs
from anyio.abc import ByteStream
from anyio.streams.tls import TLSStream
from cliproxy_driver import Engine, Link

from cliproxy_core.base.clock import Mono, Now, Wall
from cliproxy_core.lifecycle.inputs import Fault
from cliproxy_core.wire.connections import IdleConnections
from cliproxy_core.wire.url import Origin

__all__ = ["BROKEN", "CannotDialError", "Wire", "Wires", "clock"]

BROKEN = (anyio.BrokenResourceError, anyio.ClosedResourceError, OSError)
"""How a transport says that it is not there any more. `ssl.SSLError` is an OSError."""
HUNG_UP = (anyio.EndOfStream, *BROKEN)


def clock() -> Now:
    """Both clocks."""
    return Now(Mono(anyio.current_time()), Wall(time.time()))


class CannotDialError(Exception):
    """There is no connection to be had."""

    def __init__(self, fault: Fault, detail: str = "") -> None:
        super().__init__(fault, detail)
        self.fault = fault
        self.detail = detail


@attrs.define(eq=False)
class Wire:
    """One open connection."""

    stream: ByteStream
    link: Link
    written: bool = attrs.field(default=True, init=False)
    """Whether everything that was to be written is out."""

    async def write(self, data: bytes) -> None:
        """Write a request. What goes wrong is seen by whoever reads the answer."""
        self.written = False
        try:
            await self.stream.send(data)
        except BROKEN:
            return
        self.written = True

    async def close(self) -> None:
        """Close at once, also while being cancelled: nothing here can block."""
        with anyio.CancelScope(shield=True):
            try:
                await self.stream.aclose()
            except BROKEN:
                return


@attrs.define(eq=False)
class Wires:
    """Makes connections to upstreams and keeps idle ones."""

    engine: Engine
    tls: ssl.SSLContext = attrs.field(factory=ssl.create_default_context)
    _idle: IdleConnections[Wire] = attrs.field(factory=IdleConnections, init=False)
    _kept: anyio.Event | None = attrs.field(default=None, init=False)

    def take(self, origin: Origin) -> Wire | None:
        """An idle connection to there, now in use."""
        return self._idle.take(origin)

    async def dial(self, origin: Origin) -> Wire:
        """A new connection to there. Raises `CannotDialError`."""
        try:
            stream: ByteStream = await anyio.connect_tcp(origin.host, origin.port)
        except socket.gaierror:
            raise CannotDialError(Fault.RESOLVE) from None
        except OSError as error:
            cause = error.__cause__ or error
            detail = (isinstance(cause, OSError) and cause.strerror) or ""
            raise CannotDialError(Fault.CONNECT, detail) from None
        if origin.scheme == "https":
            stream = await self._secure(stream, origin.host)
        return Wire(stream, Link(origin, self.engine.client()))

    async def keep(self, wire: Wire) -> None:
        """An exchange is over and its connection may carry another."""
        surplus = self._idle.put(wire.link.origin, wire, clock())
        if self._kept is not None:
            self._kept.set()
        for other in surplus:
            await other.close()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Close idle connections when they are due, and all at the end."""
        try:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(self._sweep)
                yield
                tasks.cancel_scope.cancel()
        finally:
            for wire in self._idle.clear():
                await wire.close()

    async def _sweep(self) -> None:
        while True:
            due = self._idle.deadline
            if due is None:
                self._kept = anyio.Event()
                await self._kept.wait()
                continue
            await anyio.sleep_until(due)
            for wire in self._idle.expire(clock().not_before(due)):
                await wire.close()

    async def _secure(self, stream: ByteStream, host: str) -> ByteStream:
        try:
            return await TLSStream.wrap(
                stream,
                server_side=False,
                hostname=host,
                ssl_context=self.tls,
                # Servers close without saying so; HTTP knows where a body ends.
                standard_compatible=False,
            )
        except ssl.SSLError as error:
            await anyio.aclose_forcefully(stream)
            raise CannotDialError(Fault.TLS, error.reason or "") from None
        except HUNG_UP:
            await anyio.aclose_forcefully(stream)
            raise CannotDialError(Fault.TLS) from None
        except BaseException:
            await anyio.aclose_forcefully(stream)
            raise
