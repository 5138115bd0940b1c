"""Conformance: what ends before its time, whoever ends it."""

from __future__ import annotations

from contextlib import suppress
from socket import SHUT_WR
from threading import Thread
from typing import Final

from .bench import (
    HEALTH,
    LAST,
    STOP,
    Bench,
    answer,
    asking,
    chunk,
    document,
    head_of,
    post,
    token,
)
from .peers import Peer, pump

__all__ = [
    "SHORT",
    "answer_before_the_end_of_the_request",
    "body_deadline",
    "body_that_does_not_end",
    "closed_between_exchanges",
    "closed_under_a_request",
    "cut_short",
    "endless_stream",
    "gone_before_the_answer",
    "gone_by_half_while_blocked",
    "gone_in_the_body",
    "gone_in_the_head",
    "gone_in_the_stream",
    "gone_rudely",
    "gone_while_blocked",
    "gone_while_connecting",
    "head_deadline",
    "idle_deadline",
    "no_answer",
    "no_handshake",
    "no_http",
    "pipelined_without_end",
    "refused",
    "reset_after_three_tokens",
    "silence",
    "slow_reader",
    "stalled_client",
]

# Long enough to reach the next step of a case, short enough to be waited for.
SHORT: Final = 0.2

# More than all socket buffers between an upstream and a client hold together, and how
# much of it may be under way: the kernel's own share is 10 MB by default.
MUCH: Final = 24 * 1024 * 1024
UNDER_WAY: Final = 16 * 1024 * 1024


_LARGE: Final = token("x" * 60_000)
_TIMES: Final = MUCH // len(_LARGE)


def _flood() -> bytes:
    """A stream that no buffer can hold."""
    return chunk(_LARGE) * _TIMES


def _flood_until_broken(upstream: Peer) -> None:
    piece = chunk(_LARGE)
    with suppress(ConnectionError):
        while True:
            upstream.send(piece)


def _broken(client: Peer) -> None:
    """A stream that failed says so, and ends as HTTP demands."""
    rest = client.read_chunks()
    assert rest.startswith(b'data: {"error":')
    assert b"[DONE]" not in rest


def _still_serves(bench: Bench) -> None:
    with bench.asked(asking("hi")) as (client, upstream):
        upstream.send(answer("ho"))
        assert client.read().body == document("ho")


# Deadlines.


def head_deadline(bench: Bench) -> None:
    with bench.client() as client:
        client.send(HEALTH[:10])
        assert client.read().status == 408
        assert client.read_to_close() == b""


def idle_deadline(bench: Bench) -> None:
    with bench.client() as client:
        client.send(HEALTH)
        assert client.read().status == 200
        assert client.read_to_close() == b""


def body_deadline(bench: Bench) -> None:
    with bench.client() as client:
        client.send(head_of(100) + b"{")
        assert client.read().status == 408


def no_answer(bench: Bench) -> None:
    """The deadlines of the first byte and of the whole request."""
    with bench.asked(asking("hi")) as (client, upstream):
        assert client.read().status == 504
        assert upstream.read_to_close() == b""


def no_handshake(bench: Bench) -> None:
    """The deadline of connecting, which TLS is part of."""
    with bench.client() as client:
        client.send(post(asking("hi")))
        with bench.upstream() as upstream:
            assert client.read().status == 504
            upstream.read_to_close()


def silence(bench: Bench) -> None:
    with bench.streaming() as (client, upstream):
        _broken(client)
        assert upstream.read_to_close() == b""


def endless_stream(bench: Bench) -> None:
    """A flood does not hide the deadline of the whole request."""
    with bench.streaming() as (client, upstream):
        writing = Thread(target=_flood_until_broken, args=(upstream,))
        writing.start()
        rest = client.read_chunks()
        assert b'data: {"error":' in rest[-1000:]
        writing.join()


def stalled_client(bench: Bench) -> None:
    """One that reads nothing is cut off, and its upstream with it."""
    with bench.streaming() as (client, upstream):
        pump(upstream, _flood(), SHORT * 2)
        assert upstream.read_to_close() == b""
        bench.settle()
        client.read_to_close()


# Clients that hang up.


def gone_in_the_head(bench: Bench) -> None:
    with bench.client() as client:
        client.send(HEALTH[:10])
    _still_serves(bench)


def gone_in_the_body(bench: Bench) -> None:
    with bench.client() as client:
        client.send(head_of(100) + b"{")
    _still_serves(bench)


def gone_while_connecting(bench: Bench) -> None:
    with bench.client() as client:
        client.send(post(asking("hi")))
        with bench.upstream() as upstream:
            upstream.read_some()
            client.close()
            upstream.read_to_close()


def gone_before_the_answer(bench: Bench) -> None:
    with bench.asked(asking("hi")) as (client, upstream):
        client.close()
        assert upstream.read_to_close() == b""


def gone_in_the_stream(bench: Bench) -> None:
    with bench.streaming() as (client, upstream):
        client.close()
        assert upstream.read_to_close() == b""


def gone_rudely(bench: Bench) -> None:
    with bench.streaming() as (client, upstream):
        client.reset()
        assert upstream.read_to_close() == b""


def gone_by_half_while_blocked(bench: Bench) -> None:
    """A client that says that it is done, and reads nothing."""
    with bench.streaming() as (client, upstream):
        assert pump(upstream, _flood(), SHORT) < MUCH
        client.sock.shutdown(SHUT_WR)
        assert upstream.read_to_close() == b""


def gone_while_blocked(bench: Bench) -> None:
    with bench.streaming() as (client, upstream):
        assert pump(upstream, _flood(), SHORT) < MUCH
        client.close()
        assert upstream.read_to_close() == b""


def slow_reader(bench: Bench) -> None:
    """The upstream has to wait, and then everything arrives."""
    flood = _flood()
    with bench.streaming() as (client, upstream):
        sent = pump(upstream, flood, SHORT)
        assert sent < UNDER_WAY
        rest = flood[sent:] + chunk(STOP) + LAST
        writing = Thread(target=upstream.send, args=(rest,))
        writing.start()
        assert client.read_chunks() == _LARGE * _TIMES + STOP
        writing.join()


def pipelined_without_end(bench: Bench) -> None:
    """What a client asks before it was answered waits with the client."""
    second = post(asking("x" * MUCH))
    with bench.asked(asking("hi")) as (client, upstream):
        sent = pump(client, second, SHORT)
        assert sent < UNDER_WAY
        upstream.send(answer("ho"))
        assert client.read().body == document("ho")
        writing = Thread(target=client.send, args=(second[sent:],))
        writing.start()
        with bench.next_of(upstream) as again:
            assert again.read().body == asking("x" * MUCH)
            again.send(answer("hoho"))
            assert client.read().body == document("hoho")
        writing.join()


# Upstreams that fail.


def reset_after_three_tokens(bench: Bench) -> None:
    with bench.streaming() as (client, upstream):
        for content in ("second", "third"):
            upstream.send(chunk(token(content)))
            client.read_chunks(token(content))
        upstream.reset()
        _broken(client)


def cut_short(bench: Bench) -> None:
    """Closed in good order, but before the end."""
    with bench.streaming() as (client, upstream):
        upstream.close()
        _broken(client)


def refused(bench: Bench) -> None:
    bench.listener.close()
    with bench.client() as client:
        client.send(post(asking("hi")))
        assert client.read().status == 502


def no_http(bench: Bench) -> None:
    with bench.asked(asking("hi")) as (client, upstream):
        upstream.send(b"220 mail.example ESMTP\r\n\r\n")
        assert client.read().status == 502
        assert upstream.read_to_close() == b""


def answer_before_the_end_of_the_request(bench: Bench) -> None:
    with bench.client() as client:
        body = post(asking("x" * MUCH))
        writing = Thread(target=client.send, args=(body,))
        writing.start()
        with bench.upstream() as upstream:
            upstream.read_head()
            upstream.send(answer("too much", 413))
            assert client.read().status == 413
            upstream.close()
            writing.join()


# Upstream connections.


def closed_between_exchanges(bench: Bench) -> None:
    """A kept connection that was closed costs nobody an answer."""
    with bench.asked(asking("hi")) as (client, upstream):
        upstream.send(answer("ho"))
        assert client.read().body == document("ho")
        upstream.close()
        client.send(post(asking("hi")))
        with bench.upstream() as second:
            second.read()
            second.send(answer("hoho"))
            assert client.read().body == document("hoho")


def closed_under_a_request(bench: Bench) -> None:
    """The same when it is closed while the next request is on its way."""
    with bench.asked(asking("hi")) as (client, upstream):
        upstream.send(answer("ho"))
        assert client.read().body == document("ho")
        client.send(post(asking("hi")))
        upstream.read()
        upstream.close()
        with bench.upstream() as second:
            second.read()
            second.send(answer("hoho"))
            assert client.read().body == document("hoho")


def body_that_does_not_end(bench: Bench) -> None:
    """After its last event nobody waits for the end of a stream, but for a moment."""
    with bench.streaming() as (client, upstream):
        upstream.send(chunk(STOP))
        assert client.read_chunks() == STOP
        assert upstream.read_to_close() == b""
