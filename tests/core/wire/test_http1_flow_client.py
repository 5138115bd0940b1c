"""Clients of both engines against the same tables."""

# ruff: noqa: E501  (a row of a table is one line)
from __future__ import annotations

from typing import Any

import pytest

from cliproxy_core.base.errors import LocalError
from cliproxy_core.wire.http import (
    PeerFault,
    RequestHead,
)
from cliproxy_core.wire.http1_flow import MAX_INTERIM
from cliproxy_core.wire.http1_head import MAX_FIELDS, MAX_HEAD_BYTES
from tests.core.wire.engines import (
    CLIENTS,
    OK,
    ClientType,
    asking,
    bytewise,
    merged,
    run,
    summary,
)


@pytest.fixture(params=CLIENTS)
def client_type(request: pytest.FixtureRequest) -> ClientType:
    made: ClientType = request.param
    return made


# What a client hears.


ANSWERED: list[tuple[str, bytes, bytes, list[Any], bool]] = [
    # name, method, what comes, what it is, whether the connection stays usable
    ("length", b"GET", OK + b"Content-Length: 2\r\n\r\nhi", [200, b"hi", "end"], True),
    ("no body", b"GET", OK + b"Content-Length: 0\r\n\r\n", [200, "end"], True),
    ("chunked", b"GET", OK + b"Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n", [200, b"hi", "end"], True),
    ("trailers", b"GET", OK + b"Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nA: b\r\n\r\n", [200, b"hi", "end"], True),
    ("to the close", b"GET", OK + b"\r\nhi", [200, b"hi", "end"], False),
    ("close", b"GET", OK + b"Connection: close\r\nContent-Length: 2\r\n\r\nhi", [200, b"hi", "end"], False),
    ("HTTP/1.0", b"GET", b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nhi", [200, b"hi", "end"], False),
    ("HTTP/1.0 to the close", b"GET", b"HTTP/1.0 200 OK\r\n\r\nhi", [200, b"hi", "end"], False),
    ("HEAD", b"HEAD", OK + b"Content-Length: 9\r\n\r\n", [200, "end"], True),
    ("HEAD, chunked", b"HEAD", OK + b"Transfer-Encoding: chunked\r\n\r\n", [200, "end"], True),
    ("HEAD without a length", b"HEAD", OK + b"\r\n", [200, "end"], True),
    ("204", b"GET", b"HTTP/1.1 204 No Content\r\n\r\n", [204, "end"], True),
    ("304", b"GET", b"HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n", [304, "end"], True),
    ("no phrase", b"GET", b"HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", [200, "end"], True),
    ("an empty phrase", b"GET", b"HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n", [200, "end"], True),
    ("an odd status", b"GET", b"HTTP/1.1 599 \xe9\r\nContent-Length: 0\r\n\r\n", [599, "end"], True),
    ("continue", b"POST", b"HTTP/1.1 100 Continue\r\n\r\n" + OK + b"Content-Length: 0\r\n\r\n", [200, "end"], True),
    ("early hints", b"GET", b"HTTP/1.1 103 \r\nLink: x\r\n\r\n" * MAX_INTERIM + OK + b"Content-Length: 0\r\n\r\n", [200, "end"], True),
    ("more behind it", b"GET", OK + b"Content-Length: 2\r\n\r\nhiHTTP/1.1", [200, b"hi", "end"], False),
    ("more behind chunks", b"GET", OK + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n\r\n", [200, "end"], False),
    ("more behind no body", b"GET", b"HTTP/1.1 204 \r\n\r\nx", [204, "end"], False),
]  # fmt: skip


@pytest.mark.parametrize(
    ("method", "data", "heard", "stays"),
    [r[1:] for r in ANSWERED],
    ids=[r[0] for r in ANSWERED],
)
def test_a_client_hears(
    client_type: ClientType, method: bytes, data: bytes, heard: list[Any], stays: bool
) -> None:
    cuts = [[data], bytewise(data), *([data[:i], data[i:]] for i in range(len(data)))]
    for chunks in cuts:
        client = asking(client_type, method)
        events = [event for chunk in chunks for event in client.feed(chunk)]
        assert client.reusable is stays
        events += client.finish()
        assert summary(merged(events)) == heard
        assert client.reusable is False
        assert client.finish() == []


BROKEN: list[tuple[str, bytes, str]] = [
    ("nothing", b"", "middle of an exchange"),
    ("half a head", b"HTTP/1.1 2", "middle of a head"),
    ("half a body", OK + b"Content-Length: 3\r\n\r\nhi", "middle of a body"),
    ("half a chunk", OK + b"Transfer-Encoding: chunked\r\n\r\n3\r\nhi", "middle of a body"),
    ("no last chunk", OK + b"Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n", "middle of a body"),
    ("only hints", b"HTTP/1.1 103 \r\n\r\n", "middle of an exchange"),
    ("garbage", b"what?\r\n\r\n", "malformed head"),
    ("HTTP/2", b"HTTP/2 200\r\n\r\n", "malformed head"),
    ("a status of two digits", b"HTTP/1.1 20 OK\r\n\r\n", "malformed head"),
    ("a status below 100", b"HTTP/1.1 020 OK\r\n\r\n", "malformed head"),
    ("TLS", b"\x15\x03\x03\x00\x02\x02\x50", "must not hold"),
    ("bare LF", b"HTTP/1.1 200 OK\n\n", "must not hold"),
    ("a folded field", OK + b"X: a\r\n b\r\n\r\n", "malformed head"),
    ("lengths that differ", OK + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nhi", "malformed"),
    ("lengths that agree", OK + b"Content-Length: 1\r\nContent-Length: 1\r\n\r\nh", "malformed"),
    ("length and chunks", OK + b"Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", ""),
    ("another coding", OK + b"Transfer-Encoding: gzip\r\n\r\n", ""),
    ("a bad chunk size", OK + b"Transfer-Encoding: chunked\r\n\r\nx\r\n", "malformed chunks"),
    ("101", b"HTTP/1.1 101 \r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\n", "nobody can use"),
    ("endless hints", b"HTTP/1.1 103 \r\n\r\n" * (MAX_INTERIM + 1), "nobody can use"),
    ("a long head", OK + b"X: " + b"a" * MAX_HEAD_BYTES, "beyond the limit"),
    ("many fields", OK + b"X: a\r\n" * (MAX_FIELDS + 1) + b"\r\n", "more header fields"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("data", "reason"), [r[1:] for r in BROKEN], ids=[r[0] for r in BROKEN]
)
def test_a_client_is_told(client_type: ClientType, data: bytes, reason: str) -> None:
    for chunks in ([data], bytewise(data)):
        client = asking(client_type)
        fault = run(client, chunks)[-1]
        assert isinstance(fault, PeerFault)
        assert reason in fault.reason
        assert fault.status == 502
        assert client.reusable is False
        assert client.feed(b"more") == []


def test_an_answer_before_the_question_is_a_fault(client_type: ClientType) -> None:
    client = client_type()
    assert summary(client.feed(OK)) == [("fault", 502)]
    assert client.reusable is False
    assert client.feed(OK) == []


def test_an_idle_connection_may_be_closed(client_type: ClientType) -> None:
    client = client_type()
    assert client.reusable
    assert client.finish() == []
    assert client.reusable is False


def test_a_request_that_says_close_is_the_last(client_type: ClientType) -> None:
    client = client_type()
    fields = ((b"host", b"h"), (b"connection", b"close"))
    client.request(RequestHead(b"GET", b"/", fields), b"")
    client.feed(OK + b"Content-Length: 0\r\n\r\n")
    assert client.reusable is False


def test_one_exchange_at_a_time(client_type: ClientType) -> None:
    client = asking(client_type)
    again = RequestHead(b"GET", b"/", ((b"host", b"h"),))
    with pytest.raises(LocalError, match="cannot carry"):
        client.request(again, b"")
    client.feed(OK + b"Content-Length: 0\r\n\r\n")
    assert client.request(again, b"")
    client.feed(OK + b"Connection: close\r\nContent-Length: 0\r\n\r\n")
    with pytest.raises(LocalError, match="cannot carry"):
        client.request(again, b"")
