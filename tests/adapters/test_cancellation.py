"""Cancelled at any await, nothing stays open, held or unsaid.

Twice: `drive` stepped by hand over a runtime in memory, and the real runtime of the
anyio adapter on both of its backends.
"""

from __future__ import annotations

import types
from collections import deque
from collections.abc import Callable, Coroutine, Generator
from contextlib import suppress

import anyio
import attrs
import pytest
from anyio.abc import SocketAttribute, SocketStream
from cliproxy_anyio import Dialer
from cliproxy_anyio.downstream import GONE, TICK, Downstream
from cliproxy_anyio.session import Session
from cliproxy_driver import Runtime, drive, engine
from cliproxy_driver.bench import LAST, OPENING, STOP, STREAM, asking, chunk, head_of

from cliproxy_core.base.clock import Mono, Now, Wall
from cliproxy_core.gateway.app import App
from cliproxy_core.gateway.connection import Connection, Effect, Input
from cliproxy_core.gateway.wirewords import BytesReceived, SendBytes
from cliproxy_core.lifecycle import effects as life
from cliproxy_core.lifecycle import inputs as heard
from cliproxy_core.observe.log import LogLine
from tests.adapters.servers import SEED, one_upstream

BODY = asking("hi", stream=True)
REQUEST = head_of(len(BODY), b"connection: close") + BODY
NOW = Now(Mono(1.0), Wall(1e9))


class Cancelled(BaseException):
    """What an event loop throws into a task."""


@types.coroutine
def suspend() -> Generator[None, None, None]:
    yield


# By hand.


class InMemory:
    """I/O suspends before and after it happens; bookkeeping does not."""

    def __init__(self) -> None:
        self.app = App(one_upstream("http://127.0.0.1:9"), SEED)
        self.inbox: deque[Input] = deque([BytesReceived(REQUEST)])
        self.sent: list[bytes] = []
        self.reports: list[LogLine] = []
        self.going: set[int] = set()
        self.opened = 0

    def now(self) -> Now:
        return NOW

    async def wait(self, deadline: Mono | None, /) -> Input | None:
        await suspend()
        return self.inbox.popleft()

    async def perform(self, effect: Effect, /) -> None:
        match effect:
            case SendBytes(data=data):
                await suspend()
                self.sent.append(data)
                await suspend()
            case life.Open(attempt=attempt):
                self.opened += 1
                self.going.add(attempt)
                self.inbox += [
                    heard.UpstreamConnected(attempt),
                    heard.UpstreamHead(attempt, 200, ()),
                    heard.UpstreamData(attempt, OPENING),
                    heard.UpstreamData(attempt, STOP),
                ]
            case life.Acquire():
                self.inbox += self.app.handle(effect)
            case _:
                self.abandon(effect)

    def abandon(self, effect: Effect, /) -> None:
        match effect:
            case life.Abort(attempt=attempt) | life.Release(attempt=attempt):
                self.going.remove(attempt)
            case life.Return() | life.Withdraw():
                self.inbox += self.app.handle(effect)
            case life.Report(line=line):
                self.reports.append(line)
            case _:
                pass


def conversation(
    runtime: Runtime[Input, Effect], app: App
) -> Coroutine[None, None, None]:
    machine = Connection.accept(app, engine("h11").server(), runtime.now())
    return drive(machine, runtime, first=TICK, tick=TICK, gone=GONE)


def steps(going: Coroutine[None, None, None], limit: int) -> int:
    """Step so many times, or to the end; return how many steps there were."""
    for step in range(limit):
        try:
            going.send(None)
        except StopIteration:
            return step
    return limit


def whole_conversation() -> tuple[int, InMemory]:
    runtime = InMemory()
    count = steps(conversation(runtime, runtime.app), 1000)
    return count, runtime


def test_the_whole_conversation_suspends_and_ends() -> None:
    count, runtime = whole_conversation()
    assert 10 < count < 1000
    assert b"".join(runtime.sent).endswith(chunk(STOP) + LAST)
    assert (runtime.opened, runtime.going, runtime.app.pool.held) == (1, set(), {})
    assert len(runtime.reports) == 1


@pytest.mark.parametrize("at", range(1, whole_conversation()[0] + 1))
def test_a_throw_at_any_await_leaves_nothing_behind(at: int) -> None:
    runtime = InMemory()
    going = conversation(runtime, runtime.app)
    assert steps(going, at) == at
    sent, began = len(runtime.sent), bool(runtime.app.pool.held or runtime.reports)
    with pytest.raises(Cancelled):
        going.throw(Cancelled())
    assert runtime.going == set()
    assert runtime.app.pool.held == {}
    assert len(runtime.sent) == sent
    assert len(runtime.reports) == int(began)


# On a real runtime.


@attrs.define
class Counting:
    """Calls `cancel` when it is called for the n-th time."""

    inner: Downstream
    left: int
    cancel: Callable[[], None]

    def now(self) -> Now:
        return self.inner.now()

    async def wait(self, deadline: Mono | None, /) -> Input | None:
        self._count()
        return await self.inner.wait(deadline)

    async def perform(self, effect: Effect, /) -> None:
        self._count()
        await self.inner.perform(effect)

    def abandon(self, effect: Effect, /) -> None:
        self.inner.abandon(effect)

    def _count(self) -> None:
        self.left -= 1
        if not self.left:
            self.cancel()


@attrs.define
class Bench:
    """A client, the adapter's own runtime in the middle, an upstream."""

    at: int
    """The call at which the conversation is cancelled."""
    app: App = attrs.field(init=False)
    came_that_far: bool = attrs.field(default=False, init=False)
    reports: list[LogLine] = attrs.field(factory=list, init=False)

    async def run(self) -> bytes:
        """What the client was sent. Ends when the upstream has seen every close."""
        with anyio.fail_after(20):
            async with (
                await anyio.create_tcp_listener(local_host="127.0.0.1") as doors,
                await anyio.create_tcp_listener(local_host="127.0.0.1") as service,
                anyio.create_task_group() as exchanges,
                anyio.create_task_group() as listening,
            ):
                place = service.extra(SocketAttribute.local_port)
                self.app = App(one_upstream(f"http://127.0.0.1:{place}"), SEED)
                listening.start_soon(service.serve, answer, exchanges)
                listening.start_soon(doors.serve, self.converse)
                got = await ask(doors.extra(SocketAttribute.local_port))
                listening.cancel_scope.cancel()
        return got

    async def converse(self, stream: SocketStream) -> None:
        dialer = Dialer(engine("h11"))
        async with stream, dialer.running():
            opening: Session[Input] = dialer.session()
            async with opening as session:
                inner = Downstream(self.app, self.reports.append, stream, session)
                session.listen(inner.listen)
                with anyio.CancelScope() as scope:
                    runtime = Counting(inner, self.at, scope.cancel)
                    await conversation(runtime, self.app)
                    await inner.flush()
                self.came_that_far = scope.cancelled_caught


async def ask(port: int) -> bytes:
    """The client: all it gets until it is hung up on."""
    got = b""
    async with await anyio.connect_tcp("127.0.0.1", port) as stream:
        await stream.send(REQUEST)
        with suppress(anyio.EndOfStream, anyio.BrokenResourceError):
            while True:
                got += await stream.receive()
    return got


async def answer(stream: SocketStream) -> None:
    """The upstream: one stream, and then it waits to be hung up on."""
    asked = b""
    async with stream:
        with suppress(anyio.EndOfStream, anyio.BrokenResourceError):
            while BODY[:-1] not in asked:
                asked += await stream.receive()
            await stream.send(STREAM + chunk(OPENING))
            await stream.send(chunk(STOP) + LAST)
            while True:
                await stream.receive()


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_a_cancelled_scope_leaves_nothing_behind(backend: str) -> None:
    bench = Bench(1)
    got = anyio.run(bench.run, backend=backend)
    while bench.came_that_far:
        assert bench.app.pool.held == {}
        assert got == b"" or got.startswith(b"HTTP/1.1 200 OK\r\n")
        bench = Bench(bench.at + 1)
        got = anyio.run(bench.run, backend=backend)
    assert bench.at > 10
    assert STOP in got
    assert got.endswith(LAST)
    assert len(bench.reports) == 1
