"""The ASGI application, called as a server calls it."""

from __future__ import annotations

import math

import anyio
import attrs
import pytest
from cliproxy_anyio import Dialer
from cliproxy_asgi import Message, Receive, Scope, Send, create_app
from cliproxy_asgi.messages import request_body, request_head
from cliproxy_driver import engine
from cliproxy_driver.bench import OPENING, STOP, asking, token

from cliproxy_core.config.model import Config, Timeouts
from cliproxy_core.gateway.app import App
from cliproxy_core.observe.log import LogLine
from cliproxy_core.testing.script import End, ScriptStep, sse_answer
from cliproxy_core.wire.http import BodyData, BodyEnded
from tests.adapters.servers import SEED, one_upstream, start_upstream

HTTP: Scope = {
    "type": "http",
    "method": "POST",
    "path": "/v1/chat/completions",
    "raw_path": b"/v1/chat/completions",
    "query_string": b"",
    "headers": [],
}
BODY: Message = {"type": "http.request", "body": asking("hi", stream=True)}
GONE: Message = {"type": "http.disconnect"}


@attrs.define
class Server:
    """An ASGI server's side of one scope; `send` blocks when it is told to."""

    config: Config = attrs.field(factory=Config)
    sent: list[Message] = attrs.field(factory=list)
    log: list[LogLine] = attrs.field(factory=list)
    app: App = attrs.field(init=False)
    blocks_at: float = math.inf
    """Which message is never taken."""
    gone: anyio.Event = attrs.field(factory=anyio.Event)
    blocked: anyio.Event = attrs.field(factory=anyio.Event)

    def __attrs_post_init__(self) -> None:
        self.app = App(self.config, SEED)

    async def call(self, scope: Scope, *said: Message) -> None:
        """Say so much, and then `http.disconnect` once `gone` is set."""
        told = iter(said)

        async def receive() -> Message:
            message = next(told, None)
            if message is None:
                await self.gone.wait()
                return GONE
            return message

        async def send(message: Message) -> None:
            if len(self.sent) >= self.blocks_at:
                self.blocked.set()
                await anyio.sleep_forever()
            self.sent.append(message)

        await self.run(scope, receive, send)

    async def run(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One scope, while the application lives."""
        dialer = Dialer(engine("h11"))
        with anyio.fail_after(20):
            async with dialer.running():
                application = create_app(self.app, dialer=dialer, log=self.log.append)
                await application(scope, receive, send)

    @property
    def body(self) -> bytes:
        return b"".join(bytes(m.get("body", b"")) for m in self.sent)  # type: ignore[call-overload]


@pytest.fixture(params=["asyncio", "trio"])
def backend(request: pytest.FixtureRequest) -> str:
    return str(request.param)


# Words.


@pytest.mark.parametrize(
    ("scope", "target"),
    [
        ({"path": "/v1/models"}, b"/v1/models"),
        ({"path": "/a b/é"}, b"/a%20b/%C3%A9"),
        ({"path": "/", "raw_path": b"/%2F", "query_string": b"k=v"}, b"/%2F?k=v"),
        ({"path": "/llm/v1/models", "root_path": "/llm"}, b"/v1/models"),
        ({"path": "/llm/v1/models", "root_path": "/llm/"}, b"/v1/models"),
        ({"path": "/llm", "root_path": "/llm"}, b"/"),
        ({"path": "/llmx", "root_path": "/llm"}, b"/llmx"),
    ],
)
def test_the_target_of_a_request(scope: Scope, target: bytes) -> None:
    head = request_head({"method": "GET", "headers": [], **scope})
    assert (head.method, head.target) == (b"GET", target)


def test_header_names_are_lower_case() -> None:
    head = request_head(
        {"method": "GET", "path": "/", "headers": [[b"X-Api-Key", b"K"]]}
    )
    assert head.headers == ((b"x-api-key", b"K"),)


@pytest.mark.parametrize(
    ("message", "events"),
    [
        ({}, [BodyEnded()]),
        ({"body": b"x"}, [BodyData(b"x"), BodyEnded()]),
        ({"body": b"x", "more_body": True}, [BodyData(b"x")]),
        ({"body": b"", "more_body": True}, []),
    ],
)
def test_the_body_of_a_request(message: Message, events: list[object]) -> None:
    assert request_body(message) == events


# Scopes.


def test_a_websocket_is_refused(backend: str) -> None:
    server = Server()
    scope: Scope = {"type": "websocket"}
    connect: Message = {"type": "websocket.connect"}
    anyio.run(server.call, scope, connect, backend=backend)
    assert server.sent == [{"type": "websocket.close"}]


def test_an_unknown_scope_is_an_error(backend: str) -> None:
    scope: Scope = {"type": "quic"}
    with pytest.raises(ExceptionGroup) as caught:
        anyio.run(Server().call, scope, backend=backend)
    assert caught.group_contains(ValueError, match="no such scope: quic")


def test_one_message_for_what_one_read_caused(backend: str) -> None:
    with start_upstream(lambda _: sse_answer([OPENING + STOP])) as upstream:
        server = Server(one_upstream(upstream.base_url))
        anyio.run(server.call, HTTP, BODY, backend=backend)
    start, *bodies = server.sent
    assert start["status"] == 200
    assert server.body == OPENING + STOP
    assert [m["more_body"] for m in bodies][-1] is False
    assert len(bodies) <= 2
    assert len(server.log) == 1


# Clients that go away.


def test_a_refused_request_is_not_read(backend: str) -> None:
    """Asking for its body is what would make the client send it."""

    async def main() -> None:
        async def receive() -> Message:
            raise AssertionError("nobody wants the body")

        server = Server()

        async def send(message: Message) -> None:
            await anyio.wait_all_tasks_blocked()
            server.sent.append(message)

        await server.run({**HTTP, "raw_path": b"/no"}, receive, send)
        assert server.sent[0]["status"] == 404

    anyio.run(main, backend=backend)


@pytest.mark.parametrize("blocks_at", [0, 1, 2, math.inf])
def test_a_client_that_hangs_up(backend: str, blocks_at: float) -> None:
    """Before the answer or in it, and also when `send` never comes back."""
    with start_upstream(lambda _: stuck()) as upstream:
        server = Server(one_upstream(upstream.base_url), blocks_at=blocks_at)

        async def main() -> None:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(server.call, HTTP, BODY)
                with anyio.move_on_after(0.1):
                    await server.blocked.wait()
                server.gone.set()

        anyio.run(main, backend=backend)
    assert server.app.pool.held == {}
    assert outcomes(server) == ["gone"]


def test_a_client_that_reads_nothing(backend: str) -> None:
    with start_upstream(lambda _: stuck()) as upstream:
        config = attrs.evolve(
            one_upstream(upstream.base_url), timeouts=Timeouts(stall=0.05)
        )
        server = Server(config, blocks_at=2)
        anyio.run(server.call, HTTP, BODY, backend=backend)
    assert server.blocked.is_set()
    assert server.app.pool.held == {}
    assert outcomes(server) == ["gone"]


def stuck() -> tuple[ScriptStep, ...]:
    """A stream that is begun and never ends."""
    opening, more = token("a"), token("b")
    return sse_answer([OPENING, opening, more], pause=0.01, end=End.STALLED)


def outcomes(server: Server) -> list[object]:
    return [dict(line.fields)["outcome"] for line in server.log]
