"""Attempts of the anyio adapter over real connections, on both backends."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TypeAlias

import anyio
import pytest
from anyio.abc import SocketAttribute, SocketStream
from cliproxy_anyio.attempts import Attempts
from cliproxy_anyio.wires import Wires
from cliproxy_driver import engine
from cliproxy_driver.bench import answer, document

from cliproxy_core.lifecycle import inputs as heard
from cliproxy_core.lifecycle.effects import Open
from cliproxy_core.wire.http import RequestHead
from cliproxy_core.wire.url import Origin

Upstream: TypeAlias = Callable[[SocketStream], Awaitable[None]]
POST = RequestHead(b"POST", b"/", ((b"host", b"up"),))
MUCH = b"x" * (32 * 1024 * 1024)


class Bench:
    """Attempts of nobody, and an upstream."""

    def __init__(self, attempts: Attempts, origin: Origin) -> None:
        self.attempts = attempts
        self.origin = origin
        self.told: list[heard.UpstreamInput] = []
        self.arrived = anyio.Event()

    async def deliver(self, event: heard.UpstreamInput) -> None:
        self.told.append(event)
        self.arrived.set()

    def open(self, attempt: int, body: bytes = b"") -> None:
        self.attempts.open(Open(attempt, self.origin, POST, body))

    async def ended(self, attempt: int) -> heard.UpstreamInput:
        """How an attempt ended, once it has."""
        ends = heard.UpstreamEnded | heard.UpstreamBroke
        while True:
            for event in self.told:
                if isinstance(event, ends) and event.attempt == attempt:
                    return event
            await self.arrived.wait()
            self.arrived = anyio.Event()


Test: TypeAlias = Callable[[Bench], Awaitable[None]]


@pytest.fixture(params=["asyncio", "trio"])
def run(request: pytest.FixtureRequest) -> Callable[[Upstream, Test], None]:
    """Runs a test against an upstream."""

    async def main(upstream: Upstream, test: Test) -> None:
        wires = Wires(engine("h11"))
        with anyio.fail_after(20):
            async with (
                await anyio.create_tcp_listener(local_host="127.0.0.1") as listener,
                anyio.create_task_group() as tasks,
                wires.running(),
            ):
                tasks.start_soon(listener.serve, closing(upstream))
                port = listener.extra(SocketAttribute.local_port)
                bench: Bench

                async def deliver(event: heard.UpstreamInput) -> None:
                    await bench.deliver(event)

                attempts = Attempts(wires, tasks, deliver)
                bench = Bench(attempts, Origin("http", "127.0.0.1", port))
                await test(bench)
                tasks.cancel_scope.cancel()

    return lambda upstream, test: anyio.run(main, upstream, test, backend=request.param)


def closing(upstream: Upstream) -> Upstream:
    async def run(stream: SocketStream) -> None:
        async with stream:
            with suppress(anyio.EndOfStream, anyio.BrokenResourceError):
                await upstream(stream)

    return run


def test_a_paused_attempt_says_nothing(run: Callable[[Upstream, Test], None]) -> None:
    said: list[anyio.Event] = []

    async def upstream(stream: SocketStream) -> None:
        await stream.receive()
        await stream.send(answer("ho"))
        said[0].set()
        await stream.receive()

    async def test(bench: Bench) -> None:
        said.append(anyio.Event())
        bench.open(1)
        bench.attempts.pause(1)
        await said[0].wait()
        await anyio.wait_all_tasks_blocked()
        assert not any(isinstance(e, heard.UpstreamHead) for e in bench.told)
        bench.attempts.resume(1)
        await bench.ended(1)

    run(upstream, test)


def test_an_idle_connection_is_closed_when_due(
    run: Callable[[Upstream, Test], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cliproxy_core.wire.connections.MAX_IDLE_SECONDS", 0.05)
    closed: list[anyio.Event] = []

    async def upstream(stream: SocketStream) -> None:
        await stream.receive()
        await stream.send(answer("ho"))
        with suppress(anyio.EndOfStream):
            await stream.receive()
        closed[0].set()

    async def test(bench: Bench) -> None:
        closed.append(anyio.Event())
        bench.open(1)
        await bench.ended(1)
        await closed[0].wait()

    run(upstream, test)


def test_a_connection_is_reused(run: Callable[[Upstream, Test], None]) -> None:
    opened: list[SocketStream] = []

    async def upstream(stream: SocketStream) -> None:
        opened.append(stream)
        while True:
            await stream.receive()
            await stream.send(answer("ho"))

    async def test(bench: Bench) -> None:
        for attempt in (1, 2, 3):
            bench.open(attempt)
            await bench.ended(attempt)
            data = [e.data for e in bench.told if isinstance(e, heard.UpstreamData)]
            assert data == [document("ho")] * attempt
            await anyio.wait_all_tasks_blocked()
        assert len(opened) == 1

    run(upstream, test)


def test_a_connection_with_half_a_request_is_not_reused(
    run: Callable[[Upstream, Test], None],
) -> None:
    opened: list[SocketStream] = []

    async def upstream(stream: SocketStream) -> None:
        opened.append(stream)
        await stream.receive()
        await stream.send(answer("no", 413))
        await anyio.sleep_forever()

    async def test(bench: Bench) -> None:
        bench.open(1, MUCH)
        await bench.ended(1)
        await anyio.wait_all_tasks_blocked()
        bench.open(2)
        await bench.ended(2)
        assert len(opened) == 2

    run(upstream, test)


def test_nothing_listens(run: Callable[[Upstream, Test], None]) -> None:
    async def upstream(stream: SocketStream) -> None:
        await stream.aclose()

    async def test(bench: Bench) -> None:
        faults = []
        for attempt, host in ((1, "127.0.0.1"), (2, "no-such-name.invalid")):
            bench.origin = Origin("http", host, 1)
            bench.open(attempt)
            told = await bench.ended(attempt)
            assert isinstance(told, heard.UpstreamBroke)
            faults.append(told.fault)
        assert faults == [heard.Fault.CONNECT, heard.Fault.RESOLVE]

    run(upstream, test)
