"""The whole proxy as values: a connection, its exchange, its upstream, no socket."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

import attrs

from cliproxy_core.base.clock import Mono, Now, Wall
from cliproxy_core.base.secret import Secret
from cliproxy_core.config.model import (
    ClaudeKey,
    CompatKey,
    Config,
    ModelName,
    OpenAICompat,
)
from cliproxy_core.gateway.app import App
from cliproxy_core.gateway.connection import Connection, Effect, Input
from cliproxy_core.gateway.wirewords import (
    BytesReceived,
    CloseConnection,
    DownstreamGone,
    SendBytes,
)
from cliproxy_core.lifecycle.effects import (
    Abort,
    Acquire,
    Open,
    Release,
    Return,
    Withdraw,
)
from cliproxy_core.lifecycle.inputs import UpstreamConnected
from cliproxy_core.lifecycle.link import Link
from cliproxy_core.wire.http import ClientCodec, ServerCodec
from tests.bench.samples import CHAT, MODEL, PATHS, request_body

__all__ = ["NOW", "Caller", "codecs", "new_app", "stream_head", "stream_part"]

NOW = Now(Mono(1000.0), Wall(1_800_000_000.0))

Codecs = tuple[Callable[[], ServerCodec], Callable[[], ClientCodec]]


def codecs() -> Codecs:
    """Those of the engine that `cliproxy serve` would take."""
    try:
        from cliproxy_core.wire.http1_fast import FastClient, FastServer
    except ImportError:
        from cliproxy_core.wire.http1 import H11Client, H11Server

        return H11Server, H11Client
    return FastServer, FastClient


def new_app(upstream: str) -> App:
    """An app with one credential for one upstream of that dialect."""
    models = (ModelName(name=MODEL),)
    key = Secret("bench")
    chat = OpenAICompat(
        name="bench",
        base_url="http://127.0.0.1:9/v1",
        api_key_entries=(CompatKey(api_key=key),),
        models=models,
    )
    claude = ClaudeKey(api_key=key, base_url="http://127.0.0.1:9", models=models)
    if upstream == CHAT:
        return App(Config(openai_compatibility=(chat,)), bytes(32))
    return App(Config(claude_api_key=(claude,)), bytes(32))


def request_bytes(dialect: str) -> bytes:
    body = request_body(dialect, 2000)
    head = f"POST {PATHS[dialect]} HTTP/1.1\r\nhost: bench\r\n"
    return f"{head}content-length: {len(body)}\r\n\r\n".encode() + body


def stream_head() -> bytes:
    """An upstream begins to answer with a stream."""
    return (
        b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n"
        b"transfer-encoding: chunked\r\n\r\n"
    )


def stream_part(data: bytes) -> bytes:
    """One chunk of it; empty for the last."""
    return b"%x\r\n%b\r\n" % (len(data), data)


@attrs.define
class Caller:
    """One caller's connection with whatever serves it."""

    app: App
    engine: Codecs
    connection: Connection = attrs.field(init=False)
    link: Link | None = attrs.field(default=None, init=False)
    received: int = attrs.field(default=0, init=False)
    """Bytes that the caller got."""
    tail: bytes = attrs.field(default=b"", init=False)
    """The last of them."""
    _inputs: deque[Input] = attrs.field(factory=deque, init=False)

    def __attrs_post_init__(self) -> None:
        self.connection = Connection.accept(self.app, self.engine[0](), NOW)

    def ask(self, dialect: str) -> None:
        self._hear(BytesReceived(request_bytes(dialect)))

    def upstream(self, data: bytes) -> None:
        """The upstream sent something."""
        if self.link is not None:
            for event in self.link.received(data):
                self._hear(event)

    def hang_up(self) -> None:
        self._hear(DownstreamGone())

    def _hear(self, event: Input) -> None:
        self._inputs.append(event)
        while self._inputs:
            for effect in self.connection.handle(self._inputs.popleft(), NOW):
                self._perform(effect)

    def _perform(self, effect: Effect) -> None:
        match effect:
            case SendBytes(data=data):
                self.received += len(data)
                self.tail = data[-64:]
            case Open():
                self.link = Link(effect.origin, self.engine[1]())
                self.link.begin(effect)
                self._inputs.append(UpstreamConnected(effect.attempt))
            case Acquire() | Return() | Withdraw():
                self._inputs.extend(self.app.handle(effect))
            case Abort() | Release() | CloseConnection():
                self.link = None
            case _:
                pass
