"""The proxy's own server: a task for each connection, driven by `drive`.

What is to be sent is gathered while one input is handled and goes out as one write.
While it blocks, nothing is taken out of the inbox, and so nothing more is read from
the upstream. Two things end a blocked write: a client that hangs up, and the time
allowed to a client that reads nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import PurePath
from typing import Final

import anyio
from anyio.abc import SocketAttribute, SocketStream
from cliproxy_driver import Engine, Performer, drive, engine

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
    Retired,
    SendBytes,
)
from cliproxy_core.observe.log import Level, LogLine

from .session import Dialer, Session
from .wires import BROKEN, clock

__all__ = ["serve"]

# Connections that wait to be accepted. Linux caps it at 4,096 by default.
BACKLOG: Final = 2048

# How long answers under way may go on after a stop. Orchestrators kill after 30.
DRAIN: Final = 25.0

# Accepting fails while the process has no file descriptor left; one may be free soon.
RETRY_ACCEPT: Final = 0.1

READ_BYTES: Final = 65536

# A client that has closed its side may still read. What was said before is sent, but
# not waited for longer than this.
LAST_WORDS: Final = 1.0

TICK: Final[Input] = Tick()
GONE: Final[Input] = DownstreamGone()


async def serve(
    app: App,
    *,
    host: str,
    port: int,
    engine_name: str = "auto",
    on_ready: Callable[[str, int], None],
    stop: anyio.Event,
    log: Callable[[LogLine], None],
) -> None:
    """Serve until `stop` is set, then let answers under way finish.

    `on_ready` is told the address in use; `port` 0 takes any free one. Raises
    `OSError` when the address cannot be had.
    """
    server = _Server(app, engine(engine_name), log)
    async with (
        await anyio.create_tcp_listener(
            local_host=host or None, local_port=port, backlog=BACKLOG
        ) as listener,
        server.dialer.running(),
        anyio.create_task_group() as connections,
    ):
        async with anyio.create_task_group() as listening:

            async def accept() -> None:
                while True:
                    try:
                        await listener.serve(server.converse, connections)
                    except* OSError:
                        await anyio.sleep(RETRY_ACCEPT)

            listening.start_soon(accept)
            address = listener.extra(SocketAttribute.local_address)  # noqa: S610  # not Django
            on_ready(str(address[0]), int(address[1]))
            await stop.wait()
            listening.cancel_scope.cancel()
        await listener.aclose()
        connections.cancel_scope.deadline = anyio.current_time() + DRAIN
        server.retire()


class _Server:
    """What the connections share, and which of them are open."""

    def __init__(
        self, app: App, chosen: Engine, log: Callable[[LogLine], None]
    ) -> None:
        self.dialer = Dialer(chosen)
        self._app = app
        self._engine = chosen
        self._log = log
        self._open: set[Session[Input]] = set()
        self._retired = False

    def retire(self) -> None:
        """No further request on any connection."""
        self._retired = True
        for session in self._open:
            session.post(Retired())

    async def converse(self, stream: SocketStream) -> None:
        """Serve one connection. A bug in here costs this connection only."""
        try:
            await self._serve(stream)
        except Exception as error:
            self._log(_told(error))

    async def _serve(self, stream: SocketStream) -> None:
        machine = Connection.accept(self._app, self._engine.server(), clock())
        opening: Session[Input] = self.dialer.session()
        async with opening as session:
            runtime = _Runtime(self._app, self._log, stream, session)
            session.listen(runtime.listen)
            self._open.add(session)
            if self._retired:
                session.post(Retired())
            try:
                await session.run(runtime.run(machine))
            finally:
                self._open.discard(session)
                await runtime.close()


class _Runtime:
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
        await self._flush()

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
            await self._flush()
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

    async def _flush(self) -> None:
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


def _told(error: Exception) -> LogLine:
    """Where it happened, and nothing of what was being handled."""
    while isinstance(error, ExceptionGroup):
        error = error.exceptions[0]
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = ""
    if trace is not None:
        code = trace.tb_frame.f_code
        place = f"{PurePath(code.co_filename).name}:{trace.tb_lineno}"
    fields = (("error", type(error).__name__), ("where", place))
    return LogLine("bug", Level.ERROR, fields)
