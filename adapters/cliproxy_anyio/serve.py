"""The proxy's own server: a task for each connection, and a graceful end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import anyio
from anyio.abc import Listener, SocketAttribute, SocketStream, TaskGroup
from cliproxy_driver import BACKLOG, DRAIN, Engine, bug, engine

from cliproxy_core.gateway.app import App
from cliproxy_core.gateway.connection import Connection, Input
from cliproxy_core.gateway.wirewords import Retired
from cliproxy_core.observe.log import LogLine

from .downstream import Downstream
from .session import Dialer, Session
from .wires import clock

__all__ = ["serve"]

# Accepting fails while the process has no file descriptor left; one may be free soon.
RETRY_ACCEPT: Final = 0.1


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
            listening.start_soon(server.accept, listener, connections)
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

    async def accept(
        self, listener: Listener[SocketStream], connections: TaskGroup
    ) -> None:
        """Take connections; each is a task of its own."""
        while True:
            try:
                await listener.serve(self.converse, connections)
            except* OSError:
                await anyio.sleep(RETRY_ACCEPT)

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
            self._log(bug(error))

    async def _serve(self, stream: SocketStream) -> None:
        machine = Connection.accept(self._app, self._engine.server(), clock())
        opening: Session[Input] = self.dialer.session()
        async with opening as session:
            runtime = Downstream(self._app, self._log, stream, session)
            session.listen(runtime.listen)
            self._open.add(session)
            if self._retired:
                session.post(Retired())
            try:
                await session.run(runtime.run(machine))
            finally:
                self._open.discard(session)
                await runtime.close()
