"""Conformance: exchanges that work, and requests that are refused."""

from __future__ import annotations

from threading import Thread
from typing import Final

from .bench import (
    HEALTH,
    LAST,
    OPENING,
    STOP,
    STREAM,
    Bench,
    answer,
    asking,
    chunk,
    document,
    head_of,
    post,
    token,
)

__all__ = [
    "chunked_too_large",
    "cut_everywhere",
    "early_refusal",
    "early_refusal_closes",
    "expect_continue",
    "garbage",
    "head_only",
    "large_both_ways",
    "pipelined",
    "streamed",
    "two_on_one_connection",
    "whole",
]

# Larger than any buffer on the way.
LARGE: Final = 8 * 1024 * 1024


# Exchanges.


def whole(bench: Bench) -> None:
    with bench.asked(asking("hi")) as (client, upstream):
        upstream.send(answer("ho"))
        got = client.read()
        assert (got.status, got.body) == (200, document("ho"))


def streamed(bench: Bench) -> None:
    """Each token arrives before the upstream says the next one."""
    with bench.streaming() as (client, upstream):
        for content in ("second", "third"):
            upstream.send(chunk(token(content)))
            client.read_chunks(token(content))
        upstream.send(chunk(STOP) + LAST)
        assert client.read_chunks() == STOP


def cut_everywhere(bench: Bench) -> None:
    """Neither side sees how the other one's bytes were cut."""
    request, said = post(asking("hi")), answer("ho")
    with bench.client() as client:
        for i in range(len(request)):
            client.send(request[i : i + 1])
        with bench.upstream() as upstream:
            assert upstream.read().body == asking("hi")
            for i in range(len(said)):
                upstream.send(said[i : i + 1])
            assert client.read().body == document("ho")


def two_on_one_connection(bench: Bench) -> None:
    """Of the client's, and of the upstream's."""
    with bench.asked(asking("hi")) as (client, upstream):
        upstream.send(answer("ho"))
        assert client.read().body == document("ho")
        client.send(post(asking("again", stream=True)))
        assert upstream.read().body.startswith(asking("again")[:-1])
        upstream.send(STREAM + chunk(OPENING + STOP) + LAST)
        assert client.read().body == OPENING + STOP


def pipelined(bench: Bench) -> None:
    """Answers come in the order of the requests."""
    names = ("one", "two", "three")
    with bench.client() as client:
        client.send(b"".join(post(asking(name)) for name in names))
        for name in names:
            with bench.upstream() as upstream:
                assert upstream.read().body == asking(name)
                line, _, rest = answer(name).partition(b"\r\n")
                upstream.send(line + b"\r\nconnection: close\r\n" + rest)
                assert client.read().body == document(name)


def expect_continue(bench: Bench) -> None:
    body = asking("hi")
    with bench.client() as client:
        client.send(head_of(len(body), b"expect: 100-continue"))
        assert client.read_head().status == 100
        client.send(body)
        with bench.upstream() as upstream:
            assert upstream.read().body == body
            upstream.send(answer("ho"))
            assert client.read().body == document("ho")


def head_only(bench: Bench) -> None:
    """An answer to HEAD has a length and no body."""
    with bench.client() as client:
        client.send(HEALTH.replace(b"GET", b"HEAD"))
        assert int(client.read_head().headers[b"content-length"]) > 0
        client.send(HEALTH)
        assert client.read().body == b'{"status":"ok"}'


def large_both_ways(bench: Bench) -> None:
    """Bodies larger than any buffer arrive whole."""
    content = "x" * LARGE
    with bench.client() as client:
        writing = Thread(target=client.send, args=(post(asking(content)),))
        writing.start()
        with bench.upstream() as upstream:
            assert upstream.read().body == asking(content)
            writing.join()
            writing = Thread(target=upstream.send, args=(answer(content),))
            writing.start()
            assert client.read().body == document(content)
            writing.join()


# Refusals.


def early_refusal(bench: Bench) -> None:
    """The answer arrives although the client goes on sending, and is not cut off."""
    size = LARGE
    with bench.client() as client:
        client.send(head_of(size))
        assert client.read_head().status in (401, 413)
        client.send(b"x" * size)


def early_refusal_closes(bench: Bench) -> None:
    size = LARGE
    with bench.client() as client:
        client.send(head_of(size))
        assert client.read().headers[b"connection"] == b"close"
        client.send(b"x" * size)
        assert client.read_to_close() == b""


def chunked_too_large(bench: Bench) -> None:
    head = head_of(0).replace(b"content-length: 0", b"transfer-encoding: chunked")
    with bench.client() as client:
        client.send(head + chunk(b"x" * 2000))
        assert client.read().status == 413
        client.send(chunk(b"x" * 2000) + LAST)


def garbage(bench: Bench) -> None:
    with bench.client() as client:
        client.send(b"\x16\x03\x01 what is this\r\n\r\n")
        assert client.read().status == 400
        assert client.read_to_close() == b""
