"""A bug of ours in the middle of an exchange: the caller hears, nothing stays held."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import attrs
import pytest
from cliproxy_asyncio import host_machine, serve

from cliproxy_core.base.clock import Mono, Now
from cliproxy_core.gateway.app import App
from cliproxy_core.gateway.connection import Effect, Input
from cliproxy_core.gateway.wirewords import BytesReceived, DownstreamGone, SendBytes
from cliproxy_core.observe.log import LogLine
from cliproxy_core.pool.machine import Acquire
from cliproxy_core.testing.demo import demo_answer
from cliproxy_core.testing.script import ScriptedUpstream, ScriptLog
from cliproxy_core.wire.http1 import H11Server
from tests.adapters.servers import one_upstream


@attrs.define
class Faulty:
    """Answers the first read and falls over the second."""

    heard: list[str]
    deadline: Mono | None = None
    done: bool = False

    def handle(self, event: Input, now: Now) -> Sequence[Effect]:
        self.heard.append(type(event).__name__)
        if isinstance(event, DownstreamGone):
            self.done = True
            return ()
        if isinstance(event, BytesReceived) and event.data == b"2":
            raise RuntimeError("canary")
        return (SendBytes(b"1"),)


def test_the_machine_hears_that_it_is_over() -> None:
    asyncio.run(_over())


async def _over() -> None:
    heard: list[str] = []
    ready, stop = asyncio.get_running_loop().create_future(), asyncio.Event()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(
            host_machine(
                lambda: Faulty(heard),
                host="127.0.0.1",
                port=0,
                on_ready=lambda _, port: ready.set_result(port),
                stop=stop,
            )
        )
        reader, writer = await asyncio.open_connection("127.0.0.1", await ready)
        writer.write(b"0")
        assert await reader.readexactly(1) == b"1"
        writer.write(b"2")
        with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
            await reader.readexactly(1)
        writer.close()
        stop.set()
    assert heard[:3] == ["BytesReceived", "BytesReceived", "DownstreamGone"]


@attrs.define
class FaultyApp(App):
    """A pool that grants, and a step behind it that fails."""

    def handle(self, effect: object) -> list[object]:  # type: ignore[override]
        answers = App.handle(self, effect)  # type: ignore[arg-type]
        if isinstance(effect, Acquire):
            raise RuntimeError("canary")
        return list(answers)


def test_nothing_stays_held_and_the_log_says_where() -> None:
    asyncio.run(_held())


async def _held() -> None:
    loop = asyncio.get_running_loop()
    ready, stop = loop.create_future(), asyncio.Event()
    upstream, lines = loop.create_future(), list[LogLine]()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(
            host_machine(
                lambda: ScriptedUpstream(H11Server(), demo_answer, ScriptLog()),
                host="127.0.0.1",
                port=0,
                on_ready=lambda _, port: upstream.set_result(port),
                stop=stop,
            )
        )
        app = FaultyApp(one_upstream(f"http://127.0.0.1:{await upstream}"), b"s" * 32)
        tasks.create_task(
            serve(
                app,
                host="127.0.0.1",
                port=0,
                on_ready=lambda _, port: ready.set_result(port),
                stop=stop,
                log=lines.append,
            )
        )
        reader, writer = await asyncio.open_connection("127.0.0.1", await ready)
        body = b'{"model":"text","messages":[]}'
        writer.write(
            b"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\n"
            b"content-length: %d\r\n\r\n%b" % (len(body), body)
        )
        with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
            await reader.readexactly(1)
        writer.close()
        stop.set()
    assert app.pool.held == {}
    bugs = [line for line in lines if line.event == "bug"]
    assert len(bugs) == 1
    assert "canary" not in repr(bugs)
