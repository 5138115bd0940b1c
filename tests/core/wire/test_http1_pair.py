"""Both engines against each other, whole and in pieces."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cliproxy_core.wire.http import (
    BodyData,
    ClientCodec,
    RequestHead,
    ResponseHead,
    ServerCodec,
    get_header,
)
from cliproxy_core.wire.http1 import H11Client, H11Server
from cliproxy_core.wire.http1_fast import FastClient, FastServer
from tests.core.wire.engines import (
    CHUNKY,
    CLIENTS,
    HOST,
    LINE,
    OK,
    SERVERS,
    ClientType,
    ServerType,
    asking,
    bytewise,
    merged,
    run,
    summary,
)


@pytest.fixture(params=SERVERS)
def server_type(request: pytest.FixtureRequest) -> ServerType:
    made: ServerType = request.param
    return made


@pytest.fixture(params=CLIENTS)
def client_type(request: pytest.FixtureRequest) -> ClientType:
    made: ClientType = request.param
    return made


def test_the_body_of_one_read_is_one_event(
    server_type: ServerType, client_type: ClientType
) -> None:
    chunks = b"1\r\na\r\n" * 1000
    server = server_type()
    server.feed(CHUNKY)
    assert server.feed(chunks) == [BodyData(b"a" * 1000)]
    client = asking(client_type)
    client.feed(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    assert client.feed(chunks) == [BodyData(b"a" * 1000)]


# Both ends together, in memory.


def exchange(
    server: ServerCodec,
    client: ClientCodec,
    pieces: Callable[[bytes], list[bytes]],
    head: RequestHead,
    body: bytes,
    answer: ResponseHead,
    parts: list[bytes],
) -> tuple[list[Any], list[Any]]:
    sent = client.request(head, body)
    asked = merged([event for piece in pieces(sent) for event in server.feed(piece)])
    text = server.head(answer, method=head.method)
    text += b"".join(server.data(part) for part in parts) + server.end()
    got = merged([event for piece in pieces(text) for event in client.feed(piece)])
    return asked, got


@given(
    server_made=st.sampled_from(SERVERS),
    client_made=st.sampled_from(CLIENTS),
    pieces=st.sampled_from([bytewise, lambda data: [data]]),
    method=st.sampled_from([b"GET", b"POST", b"HEAD", b"DELETE"]),
    body=st.binary(max_size=40),
    status=st.sampled_from([200, 204, 304, 404, 599]),
    parts=st.lists(st.binary(max_size=20), max_size=4),
    length=st.booleans(),
)
def test_what_one_says_the_other_hears(
    server_made: ServerType,
    client_made: ClientType,
    pieces: Callable[[bytes], list[bytes]],
    method: bytes,
    body: bytes,
    status: int,
    parts: list[bytes],
    length: bool,
) -> None:
    server, client = server_made(), client_made()
    head = RequestHead(method, b"/v1/x?y=z", ((b"host", b"h"), (b"x-a", b"b")))
    whole = b"".join(parts)
    fields: tuple[tuple[bytes, bytes], ...] = ((b"content-type", b"a/b"),)
    if length:
        fields += ((b"content-length", b"%d" % len(whole)),)
    answer = ResponseHead(status, fields)
    empty = method == b"HEAD" or status in (204, 304)
    for _ in range(2):  # the second over the same connection
        asked, got = exchange(server, client, pieces, head, body, answer, parts)
        assert isinstance(asked[0], RequestHead)
        assert (asked[0].method, asked[0].target) == (method, head.target)
        assert get_header(asked[0].headers, b"x-a") == b"b"
        assert summary(asked[1:]) == [*([body] if body else []), "end"]
        assert summary(got) == [status, *([] if empty or not whole else [whole]), "end"]
        assert client.reusable


# Cuts never show.

wire_words = st.sampled_from(
    [
        *(LINE, CHUNKY, HOST, OK, b"GET / HTTP/1.1\r\n", b"\r\n", b"\n", b"\r", b"0"),
        *(b"Content-Length: 3\r\n", b"Transfer-Encoding: chunked\r\n", b"abc", b"\0"),
        *(b"3\r\nabc\r\n", b"0\r\n\r\n", b"Connection: close\r\n", b"X: y\r\n", b" "),
        *(b"Upgrade: h2c\r\nConnection: upgrade\r\n", b"HTTP/1.1 100 \r\n\r\n", b"1;"),
        *(LINE + b"Content-Length: 3\r\n\r\nabc", CHUNKY + b"3\r\nabc\r\n0\r\n\r\n"),
    ]
)
wire_text = st.lists(wire_words, max_size=10).map(b"".join)


@given(wire_text, st.lists(st.integers(0, 400), max_size=5))
def test_cuts_never_show(data: bytes, at: list[int]) -> None:
    edges = sorted({0, len(data), *(i % (len(data) + 1) for i in at)})
    pieces = [data[a:b] for a, b in pairwise(edges)]
    for made in SERVERS:
        whole = run(made(), [data])
        assert run(made(), pieces) == whole
        assert run(made(), bytewise(data)) == whole
    for client_made in CLIENTS:
        whole = run(asking(client_made), [data])
        assert run(asking(client_made), pieces) == whole
        assert run(asking(client_made), bytewise(data)) == whole


@given(wire_text)
def test_the_engines_agree(data: bytes) -> None:
    assert summary(run(H11Server(), [data])) == summary(run(FastServer(), [data]))
    by_h11 = run(asking(H11Client), [OK + data])
    assert summary(by_h11) == summary(run(asking(FastClient), [OK + data]))
