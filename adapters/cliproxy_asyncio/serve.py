"""Listening: the proxy's own server, and a server for any connection machine."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable, Iterable

from cliproxy_driver import BACKLOG, DRAIN, Engine, engine

from cliproxy_core.base.clock import Now
from cliproxy_core.gateway.app import App
from cliproxy_core.gateway.connection import Connection
from cliproxy_core.lifecycle.effects import PoolEffect, Report
from cliproxy_core.lifecycle.inputs import Granted, Refused
from cliproxy_core.observe.log import LogLine

from .dial import Dialer
from .host import Host, clock
from .inline import Downstream, Hosted, Registry

__all__ = ["host_machine", "serve"]


async def serve(
    app: App,
    *,
    host: str,
    port: int,
    engine_name: str = "auto",
    on_ready: Callable[[str, int], None],
    stop: asyncio.Event,
    log: Callable[[LogLine], None],
) -> None:
    """Serve until `stop` is set, then let answers under way finish.

    `on_ready` is told the address in use; `port` 0 takes any free one. Raises
    `OSError` when the address cannot be had.
    """
    chosen = engine(engine_name)
    shared = Host(app, chosen, log)
    await _listen(
        lambda now: Connection.accept(app, chosen.server(), now),
        chosen,
        shared.settle,
        host=host,
        port=port,
        on_ready=on_ready,
        stop=stop,
    )


async def host_machine(
    factory: Callable[[], Hosted],
    *,
    host: str,
    port: int,
    on_ready: Callable[[str, int], None],
    stop: asyncio.Event,
) -> None:
    """Host any machine that owns a byte connection, one for each connection."""
    await _listen(
        lambda _now: factory(),
        engine("h11"),
        lambda _effect: (),
        host=host,
        port=port,
        on_ready=on_ready,
        stop=stop,
        drain=0.0,
    )


async def _listen(
    factory: Callable[[Now], Hosted],
    chosen: Engine,
    settle: Callable[[PoolEffect | Report], Iterable[Granted | Refused]],
    *,
    host: str,
    port: int,
    on_ready: Callable[[str, int], None],
    stop: asyncio.Event,
    drain: float = DRAIN,
) -> None:
    loop = asyncio.get_running_loop()
    now = clock(loop)
    registry = Registry()
    dialer = Dialer(chosen, now, ssl.create_default_context())
    server = await loop.create_server(
        lambda: Downstream(factory(now()), now, registry, dialer, settle),
        host or None,
        port,
        backlog=BACKLOG,
    )
    try:
        address = server.sockets[0].getsockname()
        on_ready(address[0], address[1])
        await stop.wait()
        server.close()
        await registry.drain(drain)
    finally:
        server.close()
        registry.abort()
        dialer.close()
