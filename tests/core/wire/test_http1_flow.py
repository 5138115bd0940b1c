"""Servers of both engines against the same tables."""

# ruff: noqa: E501  (a row of a table is one line)
from __future__ import annotations

from typing import Any

import pytest

from cliproxy_core.wire.http import (
    RequestHead,
    ResponseHead,
)
from cliproxy_core.wire.http1_flow import ServerFlow
from cliproxy_core.wire.http1_head import MAX_FIELDS, MAX_HEAD_BYTES
from tests.core.wire.engines import (
    CHUNKY,
    HOST,
    LINE,
    SERVERS,
    ServerType,
    bytewise,
    merged,
    run,
    summary,
)


@pytest.fixture(params=SERVERS)
def server_type(request: pytest.FixtureRequest) -> ServerType:
    made: ServerType = request.param
    return made


# What a server hears.

HEARD: list[tuple[str, bytes, list[Any]]] = [
    ("get", b"GET / HTTP/1.1\r\n" + HOST + b"\r\n", ["GET /", "end"]),
    (
        "length",
        b"POST /a?b=c HTTP/1.1\r\n" + HOST + b"Content-Length: 3\r\n\r\nabc",
        ["POST /a?b=c", b"abc", "end"],
    ),
    (
        "length of nothing",
        b"POST /a HTTP/1.1\r\n" + HOST + b"Content-Length: 0\r\n\r\n",
        ["POST /a", "end"],
    ),
    (
        "chunked",
        b"POST /a HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: Chunked\r\n\r\n"
        b"3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n",
        ["POST /a", b"abcde", "end"],
    ),
    (
        "chunked with trailers",
        b"POST /a HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n"
        b"A\r\n0123456789\r\n0\r\nX: y\r\nZ: z\r\n\r\n",
        ["POST /a", b"0123456789", "end"],
    ),
    (
        "chunked that holds what looks like an end",
        b"POST /a HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n"
        b"7\r\n0\r\n\r\n\r\n\r\n0\r\n\r\nGET /b HTTP/1.1\r\n" + HOST + b"\r\n",
        ["POST /a", b"0\r\n\r\n\r\n", "end", "GET /b", "end"],
    ),
    (
        "pipelined",
        b"POST /a HTTP/1.1\r\n" + HOST + b"Content-Length: 1\r\n\r\nx"
        b"POST /b HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n"
        b"1\r\ny\r\n0\r\n\r\nGET /c HTTP/1.1\r\n" + HOST + b"\r\n",
        ["POST /a", b"x", "end", "POST /b", b"y", "end", "GET /c", "end"],
    ),
    (
        "nothing behind the last",
        b"GET /a HTTP/1.1\r\nConnection: close\r\n" + HOST + b"\r\nGET /b HTTP/1.1",
        ["GET /a", "end"],
    ),
    (
        "blank lines in front",
        b"\r\n\r\nGET /a HTTP/1.1\r\n" + HOST + b"\r\n\r\n\r\nGET /b HTTP/1.1\r\n"
        + HOST + b"\r\n",
        ["GET /a", "end", "GET /b", "end"],
    ),
    (
        "absolute form",
        b"GET http://h:1/a?b HTTP/1.1\r\n" + HOST + b"\r\n",
        ["GET http://h:1/a?b", "end"],
    ),
    ("asterisk", b"OPTIONS * HTTP/1.1\r\n" + HOST + b"\r\n", ["OPTIONS *", "end"]),
    (
        "offers to upgrade, declined",
        b"POST /a HTTP/1.1\r\n" + HOST + b"Connection: Upgrade, HTTP2-Settings\r\n"
        b"Upgrade: h2c\r\nContent-Length: 3\r\n\r\nabcGET /b HTTP/1.1\r\n" + HOST
        + b"Connection: upgrade\r\nUpgrade: websocket\r\n\r\n"
        b"POST /c HTTP/1.1\r\n" + HOST + b"Connection: upgrade\r\nUpgrade: h2c\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n",
        ["POST /a", b"abc", "end", "GET /b", "end", "POST /c", b"x", "end"],
    ),
    ("HTTP/1.0 without host", b"GET /a HTTP/1.0\r\n\r\n", ["GET /a", "end"]),
    ("nothing", b"", []),
    ("only blank lines", b"\r\n\r\n", []),
    ("half a head", b"GET /a HT", [("fault", 400)]),
    (
        "half a body",
        b"POST /a HTTP/1.1\r\n" + HOST + b"Content-Length: 3\r\n\r\nab",
        ["POST /a", b"ab", ("fault", 400)],
    ),
    (
        "half a chunk",
        b"POST /a HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n3\r\na",
        ["POST /a", b"a", ("fault", 400)],
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("data", "heard"), [r[1:] for r in HEARD], ids=[r[0] for r in HEARD]
)
def test_a_server_hears(server_type: ServerType, data: bytes, heard: list[Any]) -> None:
    whole = run(server_type(), [data])
    assert summary(whole) == heard
    assert run(server_type(), bytewise(data)) == whole
    for i in range(len(data)):
        assert run(server_type(), [data[:i], data[i:]]) == whole


# What a server refuses. Each row begins like a request that would be fine.

MORE = b"\r\nGET /smuggled HTTP/1.1\r\n" + HOST + b"\r\n"

REFUSED: list[tuple[str, bytes, int]] = [
    ("lengths that differ", LINE + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nab", 400),
    ("lengths that agree", LINE + b"Content-Length: 1\r\nContent-Length: 1\r\n\r\na", 400),
    ("a list of lengths", LINE + b"Content-Length: 1, 1\r\n\r\na", 400),
    ("a length with a sign", LINE + b"Content-Length: +1\r\n\r\na", 400),
    ("a negative length", LINE + b"Content-Length: -1\r\n\r\na", 400),
    ("a length in hex", LINE + b"Content-Length: 0x1\r\n\r\na", 400),
    ("a length with an underscore", LINE + b"Content-Length: 1_0\r\n\r\na", 400),
    ("a length of two words", LINE + b"Content-Length: 1 1\r\n\r\na", 400),
    ("a length of nothing", LINE + b"Content-Length:\r\n\r\na", 400),
    ("an endless length", LINE + b"Content-Length: 1000000000000000000\r\n\r\na", 400),
    ("length and chunks", LINE + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
    ("chunks and length", LINE + b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n", 400),
    ("another coding", LINE + b"Transfer-Encoding: gzip\r\n\r\n", 501),
    ("two codings", LINE + b"Transfer-Encoding: gzip, chunked\r\n\r\n", 501),
    ("a coding behind chunks", LINE + b"Transfer-Encoding: chunked, identity\r\n\r\n", 501),
    ("chunks in HTTP/1.0", b"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
    ("a space before the colon", LINE + b"Content-Length : 1\r\n\r\na", 400),
    ("a tab before the colon", LINE + b"Transfer-Encoding\t: chunked\r\n\r\n", 400),
    ("a folded field", LINE + b"X: a\r\n b\r\n\r\n", 400),
    ("a folded first field", b"GET / HTTP/1.1\r\n Host: h\r\n\r\n", 400),
    ("a field without a colon", LINE + b"X\r\n\r\n", 400),
    ("a field without a name", LINE + b": x\r\n\r\n", 400),
    ("a name in brackets", LINE + b"(X): x\r\n\r\n", 400),
    ("bare LF", b"GET / HTTP/1.1\nHost: h\n\n", 400),
    ("bare LF in the middle", LINE + b"X: a\nY: b\r\n\r\n", 400),
    ("bare LF at the end", LINE + b"\n", 400),
    ("bare CR in a value", LINE + b"X: a\rY: b\r\n\r\n", 400),
    ("bare CR in a name", LINE + b"\rX: a\r\n\r\n", 400),
    ("NUL in a value", LINE + b"X: a\0b\r\n\r\n", 400),
    ("a control character", LINE + b"X: a\x01b\r\n\r\n", 400),
    ("DEL", LINE + b"X: a\x7fb\r\n\r\n", 400),
    ("no host", b"GET / HTTP/1.1\r\n\r\n", 400),
    ("two hosts", b"GET / HTTP/1.1\r\n" + HOST + HOST + b"\r\n", 400),
    ("no version", b"GET /\r\n\r\n", 400),
    ("a lower-case version", b"GET / http/1.1\r\n" + HOST + b"\r\n", 400),
    ("two spaces", b"GET  / HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    ("a space in the target", b"GET /a b HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    ("a space behind the version", b"GET / HTTP/1.1 \r\n" + HOST + b"\r\n", 400),
    ("a space in front", b" GET / HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    ("a target that is no path", b"GET a HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    ("a fragment", b"GET /a#b HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    ("another scheme", b"GET ftp://h/ HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    ("bytes beyond ASCII in the target", b"GET /\xff HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    ("a TLS hello", b"\x16\x03\x01\x02\x00\x01", 400),
    ("HTTP/0.9", b"GET / HTTP/0.9\r\n" + HOST + b"\r\n", 505),
    ("HTTP/1.2", b"GET / HTTP/1.2\r\n" + HOST + b"\r\n", 505),
    ("HTTP/2", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505),
    ("CONNECT", b"CONNECT h:443 HTTP/1.1\r\n" + HOST + b"\r\n", 501),
    ("TRACE", b"TRACE / HTTP/1.1\r\n" + HOST + b"\r\n", 501),
    ("an unknown method", b"BREW / HTTP/1.1\r\n" + HOST + b"\r\n", 501),
    ("a lower-case method", b"get / HTTP/1.1\r\n" + HOST + b"\r\n", 501),
    ("a long target", b"GET /" + b"a" * MAX_HEAD_BYTES, 431),
    ("a long field", LINE + b"X: " + b"a" * MAX_HEAD_BYTES, 431),
    ("a long head that ends", LINE + b"X: " + b"a" * MAX_HEAD_BYTES + b"\r\n\r\n", 431),
    ("many fields", LINE + b"X: a\r\n" * MAX_FIELDS + b"\r\n", 431),
    ("a chunk size that is no number", CHUNKY + b"x\r\n", 400),
    ("a chunk size of nothing", CHUNKY + b"\r\n", 400),
    ("a negative chunk size", CHUNKY + b"-1\r\n", 400),
    ("a chunk size with a prefix", CHUNKY + b"0x1\r\na\r\n0\r\n\r\n", 400),
    ("a chunk size with an underscore", CHUNKY + b"1_0\r\n", 400),
    ("an endless chunk size", CHUNKY + b"10000000000000000\r\n", 400),
    ("a space in front of a chunk size", CHUNKY + b" 1\r\na\r\n0\r\n\r\n", 400),
    ("a space behind a chunk size", CHUNKY + b"1 \r\na\r\n0\r\n\r\n", 400),
    ("a chunk size that ends with LF", CHUNKY + b"1\na\r\n0\r\n\r\n", 400),
    ("a chunk that goes on", CHUNKY + b"1\r\nab\r\n0\r\n\r\n", 400),
    ("a chunk that ends with LF", CHUNKY + b"1\r\na\n0\r\n\r\n", 400),
    ("a trailer without a name", CHUNKY + b"0\r\n: x\r\n\r\n", 400),
    ("a folded trailer", CHUNKY + b"0\r\nX: a\r\n b\r\n\r\n", 400),
    ("a last line that ends with LF", CHUNKY + b"0\r\n\n", 400),
    ("endless trailers", CHUNKY + b"0\r\n" + b"X: aaaaaaaaaa\r\n" * 8000, 431),
    ("an endless trailer", CHUNKY + b"0\r\nX: " + b"a" * MAX_HEAD_BYTES, 431),
]  # fmt: skip


@pytest.mark.parametrize(
    ("data", "status"), [r[1:] for r in REFUSED], ids=[r[0] for r in REFUSED]
)
def test_a_server_refuses(server_type: ServerType, data: bytes, status: int) -> None:
    for chunks in ([data + MORE], bytewise(data + MORE), [data, MORE]):
        codec = server_type()
        events = merged([event for chunk in chunks for event in codec.feed(chunk)])
        assert summary(events)[-1] == ("fault", status)
        heads = [event for event in events if isinstance(event, RequestHead)]
        assert len(heads) == data.startswith(CHUNKY)
        assert codec.finish() == []


def test_a_chunk_extension_may_not_be_endless(server_type: ServerType) -> None:
    codec = server_type()
    codec.feed(CHUNKY + b"1;")
    pieces = [b"a" * 4096] * (MAX_HEAD_BYTES // 4096 + 1)
    events = [event for piece in pieces for event in codec.feed(piece)]
    assert summary(events) == [("fault", 431)]


def test_a_fault_is_told_before_more_is_waited_for(server_type: ServerType) -> None:
    for data in (b"\x16", LINE + b"X\0", CHUNKY + b"x", CHUNKY + b"1\r\nab"):
        codec = server_type()
        assert summary(codec.feed(data))[-1] == ("fault", 400), data


@pytest.mark.parametrize("size", [1, 10])
def test_limits_are_met_exactly(server_type: ServerType, size: int) -> None:
    room = MAX_HEAD_BYTES - len(LINE) - len(b"X: \r\n\r\n")
    fits = LINE + b"X: " + b"a" * room + b"\r\n\r\n"
    assert summary(run(server_type(), [fits])) == ["POST /a", "end"]
    assert summary(run(server_type(), bytewise(fits))) == ["POST /a", "end"]
    over = LINE + b"X: " + b"a" * (room + size) + b"\r\n\r\n"
    assert summary(run(server_type(), [over])) == [("fault", 431)]
    assert summary(run(server_type(), bytewise(over))) == [("fault", 431)]
    full = LINE + b"X: a\r\n" * (MAX_FIELDS - 1) + b"\r\n"
    assert summary(run(server_type(), [full])) == ["POST /a", "end"]


KEEPING = [
    # version      connection             keeps alive
    (b"1.1",       b"",                   True),
    (b"1.1",       b"keep-alive",         True),
    (b"1.1",       b"close",              False),
    (b"1.1",       b"Close",              False),
    (b"1.1",       b"x, close ,y",        False),
    (b"1.1",       b"closed",             True),
    (b"1.0",       b"",                   False),
    (b"1.0",       b"Keep-Alive",         True),
    (b"1.0",       b"keep-alive, close",  False),
    (b"1.0",       b"close",              False),
]  # fmt: skip


@pytest.mark.parametrize(("version", "connection", "keeps"), KEEPING)
def test_keep_alive(
    server_type: ServerType, version: bytes, connection: bytes, keeps: bool
) -> None:
    field = b"Connection: " + connection + b"\r\n" if connection else b""
    (head, _) = server_type().feed(
        b"GET / HTTP/" + version + b"\r\n" + HOST + field + b"\r\n"
    )
    assert isinstance(head, RequestHead)
    assert head.keep_alive is keeps


EXPECTING = [
    # version   expect            length   waits
    (b"1.1",    b"100-continue",  b"3",    True),
    (b"1.1",    b"100-Continue",  b"3",    True),
    (b"1.1",    b"100-continue",  b"0",    False),
    (b"1.1",    b"more",          b"3",    False),
    (b"1.0",    b"100-continue",  b"3",    False),
]  # fmt: skip


@pytest.mark.parametrize(("version", "expect", "length", "waits"), EXPECTING)
def test_continue(
    server_type: ServerType, version: bytes, expect: bytes, length: bytes, waits: bool
) -> None:
    codec = server_type()
    head = codec.feed(
        b"POST / HTTP/%b\r\nHost: h\r\nExpect: %b\r\nContent-Length: %b\r\n\r\n"
        % (version, expect, length)
    )[0]
    assert isinstance(head, RequestHead)
    assert head.expects_continue is waits
    assert codec.proceed() == b"HTTP/1.1 100 Continue\r\n\r\n"


def test_header_fields_are_lower_case_and_trimmed(server_type: ServerType) -> None:
    head = server_type().feed(
        b"GET / HTTP/1.1\r\nHOST:h\r\nX-One: \t a b\t \r\nx-one:\r\nX: \xc3\xa9\r\n\r\n"
    )[0]
    assert isinstance(head, RequestHead)
    assert head.headers == (
        (b"host", b"h"),
        (b"x-one", b"a b"),
        (b"x-one", b""),
        (b"x", b"\xc3\xa9"),
    )


def test_after_a_fault_it_can_still_be_answered(server_type: ServerType) -> None:
    codec = server_type()
    assert summary(codec.feed(b"BREW / HTTP/1.1\r\n\r\n")) == [("fault", 501)]
    head = ResponseHead(501, ((b"content-length", b"2"), (b"connection", b"close")))
    text = codec.head(head, method=b"") + codec.data(b"no") + codec.end()
    assert text == (
        b"HTTP/1.1 501 Not Implemented\r\n"
        b"content-length: 2\r\nconnection: close\r\n\r\nno"
    )
    assert codec.feed(b"GET / HTTP/1.1\r\n" + HOST + b"\r\n") == []


def test_an_old_client_is_told_when_only_the_close_ends_a_body() -> None:
    for made in SERVERS:
        server = made()
        assert isinstance(server, ServerFlow)
        server.feed(b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
        text = server.head(ResponseHead(200, ()), method=b"GET")
        assert text == b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n"
        assert server.data(b"hi") == b"hi"
        assert server.closes
        assert server.end() == b""
        assert not server.closes
