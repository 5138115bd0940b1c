"""The bench of the conformance suite: a proxy between two ends, and what they say."""

from __future__ import annotations

import select
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

import attrs

from cliproxy_core.base.jsonval import dumps
from cliproxy_core.base.secret import Secret
from cliproxy_core.config.model import Config, OpenAICompat, Timeouts

from .peers import PATIENCE, Peer

__all__ = [
    "HEALTH",
    "LAST",
    "OPENING",
    "STOP",
    "STREAM",
    "Bench",
    "Case",
    "answer",
    "asking",
    "chunk",
    "document",
    "head_of",
    "post",
    "token",
]


@attrs.frozen
class Bench:
    """A proxy that runs, and the upstream it was told of."""

    address: tuple[str, int]
    listener: socket.socket
    held: Callable[[], int]
    """How many leases the pool has given out."""

    @contextmanager
    def client(self) -> Iterator[Peer]:
        """A connection to the proxy."""
        peer = Peer.to(self.address)
        try:
            yield peer
        finally:
            peer.close()

    @contextmanager
    def upstream(self) -> Iterator[Peer]:
        """The next connection of the proxy's to the upstream."""
        peer = Peer(self.listener.accept()[0])
        try:
            yield peer
        finally:
            peer.close()

    @contextmanager
    def next_of(self, upstream: Peer) -> Iterator[Peer]:
        """Where the next request goes: there, or over a new connection."""
        ready, _, _ = select.select([self.listener, upstream.sock], [], [], PATIENCE)
        if self.listener not in ready:
            yield upstream
            return
        with self.upstream() as other:
            yield other

    @contextmanager
    def asked(self, body: bytes) -> Iterator[tuple[Peer, Peer]]:
        """A client that has asked, and an upstream that has heard it."""
        with self.client() as client:
            client.send(post(body))
            with self.upstream() as upstream:
                assert upstream.read().body.startswith(body[:-1])
                yield client, upstream

    @contextmanager
    def streaming(self) -> Iterator[tuple[Peer, Peer]]:
        """A client that has the first token of a stream, and its upstream."""
        with self.asked(asking("hi", stream=True)) as (client, upstream):
            upstream.send(STREAM + chunk(OPENING))
            assert client.read_head().status == 200
            client.read_chunks(OPENING)
            yield client, upstream

    def settle(self) -> None:
        """The pool gets everything back, if not at once then soon."""
        pause = threading.Event()
        for _ in range(int(PATIENCE * 100)):
            if not self.held():
                return
            pause.wait(0.01)
        raise AssertionError("a lease was not given back")


@attrs.frozen(kw_only=True)
class Case:
    """One thing that must hold, and the configuration it needs."""

    run: Callable[[Bench], None]
    timeouts: Timeouts = attrs.field(factory=Timeouts)
    api_keys: tuple[Secret, ...] = ()
    max_body_bytes: int = 64 * 1024 * 1024
    scheme: str = "http"
    own_http: bool = False
    """Whether it is only for adapters that read and write HTTP themselves."""

    @property
    def name(self) -> str:
        return self.run.__name__

    def check(self, bench: Bench) -> None:
        """Run it. Whatever happened, the pool has everything back in the end."""
        self.run(bench)
        bench.settle()

    def config(self, host: str, port: int) -> Config:
        """With one upstream at that address."""
        service = OpenAICompat(name="up", base_url=f"{self.scheme}://{host}:{port}/v1")
        return Config(
            openai_compatibility=(service,),
            timeouts=self.timeouts,
            api_keys=self.api_keys,
            max_body_bytes=self.max_body_bytes,
        )


# What is said.


def head_of(length: int, *fields: bytes) -> bytes:
    """The head of a request for a completion."""
    lines = (
        b"POST /v1/chat/completions HTTP/1.1",
        b"host: proxy",
        b"content-length: %d" % length,
        *fields,
    )
    return b"\r\n".join(lines) + b"\r\n\r\n"


def asking(content: str, *, stream: bool = False) -> bytes:
    """The body of a request, written as no serialiser would."""
    text = b'{"model" :"m",  "messages":[{"role":"user","content":%b}]' % dumps(content)
    return text + (b', "stream":true}' if stream else b"}")


def post(body: bytes) -> bytes:
    return head_of(len(body)) + body


def answer(content: str, status: int = 200) -> bytes:
    """A whole answer of the upstream's."""
    body = document(content)
    return b"HTTP/1.1 %d\r\ncontent-length: %d\r\n\r\n%b" % (status, len(body), body)


def document(content: str) -> bytes:
    return (
        b'{"id":"c","object":"chat.completion","created":1,"model":"m","choices":'
        b'[{"index":0,"message":{"role":"assistant","content":%b},'
        b'"finish_reason":"stop"}]}' % dumps(content)
    )


def token(content: str) -> bytes:
    """An event with a piece of the answer."""
    return (
        b'data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"m",'
        b'"choices":[{"index":0,"delta":{"content":%b},"finish_reason":null}]}\n\n'
        % dumps(content)
    )


OPENING: Final = token("first").replace(b'{"content"', b'{"role":"assistant","content"')
"""The first event of a stream says who speaks."""


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


STREAM: Final = b"HTTP/1.1 200\r\ntransfer-encoding: chunked\r\n\r\n"
STOP: Final = (
    b'data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"m",'
    b'"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n'
)
LAST: Final = b"0\r\n\r\n"
HEALTH: Final = b"GET /healthz HTTP/1.1\r\nhost: proxy\r\n\r\n"
