"""Real servers for tests: every way of running the proxy, and scripted upstreams.

Each runs in a thread with an event loop of its own and listens on a free port of the
loopback. Leaving the context asks it to stop; what still goes on a moment later is
cancelled. An exception that ended a server is raised where it was started.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import CancelledError, Future
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any, Final, TypeAlias

import anyio
import attrs
import cliproxy_anyio
import cliproxy_asyncio
import uvicorn
from anyio.abc import TaskStatus
from anyio.from_thread import BlockingPortal, start_blocking_portal
from cliproxy_asgi import create_app
from cliproxy_driver import engine

from cliproxy_core.config.model import Config, OpenAICompat
from cliproxy_core.gateway.app import App
from cliproxy_core.observe.log import LogLine
from cliproxy_core.testing.script import Answer, ScriptedUpstream, ScriptLog

__all__ = [
    "KINDS",
    "Proxy",
    "Upstream",
    "one_upstream",
    "start_proxy",
    "start_upstream",
]

# What is given to exchanges under way when a test is over.
GRACE: Final = 0.3

# A server that is not down by then, although cancelled, is broken.
PATIENCE: Final = 20.0

LOCAL: Final = "127.0.0.1"
SEED: Final = b"s" * 32

Address: TypeAlias = tuple[str, int]
Log: TypeAlias = Callable[[LogLine], None]


@attrs.frozen
class Proxy:
    """A proxy that listens."""

    address: Address
    app: App
    log: list[LogLine]
    stop: Callable[[], None]
    """Ask it to stop; what is under way may go on."""
    wait: Callable[[], None]
    """Until it has stopped."""

    @property
    def base_url(self) -> str:
        """Without `/v1`."""
        return f"http://{self.address[0]}:{self.address[1]}"


@attrs.frozen
class Upstream:
    """A scripted upstream that listens."""

    address: Address
    log: ScriptLog

    @property
    def base_url(self) -> str:
        """Without `/v1`."""
        return f"http://{self.address[0]}:{self.address[1]}"


def one_upstream(base_url: str) -> Config:
    """Every model is served by the Chat Completions upstream at that address."""
    service = OpenAICompat(name="up", base_url=f"{base_url}/v1")
    return Config(openai_compatibility=(service,))


@contextmanager
def start_proxy(kind: str, config: Config) -> Iterator[Proxy]:
    """The proxy, run in one of the `KINDS` of ways."""
    log: list[LogLine] = []
    app = App(config, SEED)
    way = WAYS[kind]
    with _running(partial(way.main, app, log.append), way) as running:
        yield Proxy(running.address, app, log, running.stop, running.wait)


@contextmanager
def start_upstream(answer: Answer) -> Iterator[Upstream]:
    """An upstream that gives to each request the answer made for it."""
    log = ScriptLog()
    codec = engine("h11").server

    async def main(status: Status) -> None:
        stop = asyncio.Event()
        await cliproxy_asyncio.host_machine(
            lambda: ScriptedUpstream(codec(), answer, log),
            host=LOCAL,
            port=0,
            on_ready=lambda host, port: status.started(((host, port), stop.set)),
            stop=stop,
        )

    with _running(main, Way(main)) as running:
        yield Upstream(running.address, log)


# Threads.

Status: TypeAlias = TaskStatus[tuple[Address, Callable[[], None]]]
"""Told the address, and how to ask the server to stop."""


@attrs.frozen
class _Running:
    """A server in its thread."""

    address: Address
    portal: BlockingPortal
    future: Future[None]
    ask: Callable[[], None]

    def stop(self) -> None:
        if not self.future.done():
            self.portal.call(self.ask)

    def wait(self) -> None:
        self.future.result(PATIENCE)


@contextmanager
def _running(main: Callable[[Status], Awaitable[None]], way: Way) -> Iterator[_Running]:
    async def task(*, task_status: Status) -> None:
        await main(task_status)

    with start_blocking_portal(way.backend, way.options) as portal:
        future, (address, ask) = portal.start_task(task)
        running = _Running(address, portal, future, ask)
        try:
            yield running
        finally:
            running.stop()
            _end(future)


def _end(server: Future[None]) -> None:
    try:
        server.result(GRACE)
    except TimeoutError:
        server.cancel()
        with suppress(CancelledError):
            server.result(PATIENCE)


# The ways of running the proxy.


async def _asyncio(app: App, log: Log, status: Status, *, engine_name: str) -> None:
    stop = asyncio.Event()
    await cliproxy_asyncio.serve(
        app,
        host=LOCAL,
        port=0,
        engine_name=engine_name,
        on_ready=lambda host, port: status.started(((host, port), stop.set)),
        stop=stop,
        log=log,
    )


async def _anyio(app: App, log: Log, status: Status) -> None:
    stop = anyio.Event()
    await cliproxy_anyio.serve(
        app,
        host=LOCAL,
        port=0,
        engine_name="h11",
        on_ready=lambda host, port: status.started(((host, port), stop.set)),
        stop=stop,
        log=log,
    )


async def _uvicorn(app: App, log: Log, status: Status) -> None:
    dialer = cliproxy_anyio.Dialer(engine("h11"))
    config = uvicorn.Config(
        create_app(app, dialer=dialer, log=log),
        lifespan="on",
        log_level="critical",
        timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(config)
    # asyncio switches Nagle's algorithm off only where the protocol is named.
    with socket.socket(proto=socket.IPPROTO_TCP) as listener:
        listener.bind((LOCAL, 0))
        listener.listen()
        stop = partial(setattr, server, "should_exit", True)
        status.started((listener.getsockname(), stop))
        await server.serve(sockets=[listener])


@attrs.frozen
class Way:
    """A server, and the event loop to run it on."""

    main: Callable[..., Awaitable[None]]
    backend: str = "asyncio"
    options: dict[str, Any] = attrs.field(factory=dict)


WAYS: Final = {
    "asyncio-h11": Way(partial(_asyncio, engine_name="h11")),
    "asyncio-httptools": Way(
        partial(_asyncio, engine_name="httptools"), options={"use_uvloop": True}
    ),
    "asgi": Way(_uvicorn),
    "anyio-asyncio": Way(_anyio),
    "anyio-trio": Way(_anyio, backend="trio"),
}
KINDS: Final = tuple(WAYS)
