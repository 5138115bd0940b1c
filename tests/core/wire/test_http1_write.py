"""Responses and requests as bytes, and what is refused."""

# ruff: noqa: E501  (a row of a table is one line)

from __future__ import annotations

import pytest

from cliproxy_core.base.errors import LocalError
from cliproxy_core.wire.http import Headers, RequestHead, ResponseHead
from cliproxy_core.wire.http1_write import ResponseWriter, write_request

LENGTH: Headers = ((b"content-length", b"2"),)
CLOSE: Headers = ((b"connection", b"close"),)

OLD_KEEPING = (False, True)
OLD = (False, False)
NEW = (True, True)

WRITTEN = [
    # asked by     method   status  fields          what is written around the body
    (NEW,          b"GET",  200, LENGTH,  b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi"),
    (NEW,          b"GET",  200, (),      b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n"),
    (NEW,          b"GET",  200, CLOSE,   b"HTTP/1.1 200 OK\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n"),
    (NEW,          b"GET",  404, LENGTH,  b"HTTP/1.1 404 Not Found\r\ncontent-length: 2\r\n\r\nhi"),
    (NEW,          b"GET",  529, LENGTH,  b"HTTP/1.1 529 \r\ncontent-length: 2\r\n\r\nhi"),
    (NEW,          b"HEAD", 200, LENGTH,  b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n"),
    (NEW,          b"HEAD", 200, (),      b"HTTP/1.1 200 OK\r\n\r\n"),
    (NEW,          b"GET",  204, (),      b"HTTP/1.1 204 No Content\r\n\r\n"),
    (NEW,          b"GET",  304, (),      b"HTTP/1.1 304 Not Modified\r\n\r\n"),
    (OLD,          b"GET",  200, (),      b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nhi"),
    (OLD,          b"GET",  200, CLOSE,   b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nhi"),
    (OLD,          b"GET",  200, LENGTH,  b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nhi"),
    (OLD_KEEPING,  b"GET",  200, LENGTH,  b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: keep-alive\r\n\r\nhi"),
    (OLD_KEEPING,  b"GET",  200, (),      b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nhi"),
    (OLD_KEEPING,  b"HEAD", 200, (),      b"HTTP/1.1 200 OK\r\nconnection: keep-alive\r\n\r\n"),
    (None,         b"",     400, (),      b"HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\nhi"),
]  # fmt: skip


@pytest.mark.parametrize(("asked", "method", "status", "fields", "text"), WRITTEN)
def test_a_response(
    asked: tuple[bool, bool] | None,
    method: bytes,
    status: int,
    fields: Headers,
    text: bytes,
) -> None:
    writer = ResponseWriter()
    for _ in range(2):
        if asked is not None:
            writer.asked(modern=asked[0], keep_alive=asked[1])
        head = writer.head(ResponseHead(status, fields), method=method)
        closes = writer.to_the_close
        body = writer.data(b"h") + writer.data(b"") + writer.data(b"i")
        whole = head + body.replace(b"1\r\nh\r\n1\r\ni\r\n", b"2\r\nhi\r\n")
        assert whole + writer.end() == text
        assert closes is (text.endswith(b"\r\n\r\nhi") and b"length" not in text)
        assert writer.to_the_close is False


def test_answers_are_framed_for_their_own_requests() -> None:
    writer = ResponseWriter()
    writer.asked(modern=True, keep_alive=True)
    writer.asked(modern=False, keep_alive=False)
    first = writer.head(ResponseHead(200, ()), method=b"GET") + writer.end()
    second = writer.head(ResponseHead(200, ()), method=b"GET") + writer.end()
    assert b"chunked" in first
    assert b"chunked" not in second


BROKEN_FIELDS: list[Headers] = [
    ((b"x", b"a\r\nb: c"),),
    ((b"x", b"a\nb"),),
    ((b"x", b"a\rb"),),
    ((b"x", b"a\0b"),),
    ((b"x\r\ny", b"a"),),
    ((b"x\ny", b"a"),),
    ((b"x\0", b"a"),),
    ((b"content-length", b"1"), (b"content-length", b"1")),
    ((b"content-length", b"-1"),),
    ((b"content-length", b""),),
    ((b"transfer-encoding", b"chunked"),),
]


@pytest.mark.parametrize("fields", BROKEN_FIELDS)
def test_fields_that_break_out_are_refused(fields: Headers) -> None:
    with pytest.raises(LocalError) as caught:
        ResponseWriter().head(ResponseHead(200, fields), method=b"GET")
    assert "b: c" not in str(caught.value)
    asking = RequestHead(b"GET", b"/", ((b"host", b"h"), *fields))
    with pytest.raises(LocalError):
        write_request(asking, b"")


def test_a_response_is_written_in_order() -> None:
    writer = ResponseWriter()
    head = ResponseHead(200, LENGTH)
    with pytest.raises(LocalError, match="without a head"):
        writer.data(b"x")
    with pytest.raises(LocalError, match="no response"):
        writer.end()
    with pytest.raises(LocalError, match="interim"):
        writer.head(ResponseHead(100, ()), method=b"GET")
    writer.head(head, method=b"GET")
    with pytest.raises(LocalError, match="inside another"):
        writer.head(head, method=b"GET")
    with pytest.raises(LocalError, match="longer"):
        writer.data(b"123")
    writer.data(b"1")
    with pytest.raises(LocalError, match="shorter"):
        writer.end()


REQUESTS = [
    (b"GET",    b"",    b"GET /a HTTP/1.1\r\nhost: h\r\n\r\n"),
    (b"POST",   b"",    b"POST /a HTTP/1.1\r\nhost: h\r\ncontent-length: 0\r\n\r\n"),
    (b"POST",   b"hi",  b"POST /a HTTP/1.1\r\nhost: h\r\ncontent-length: 2\r\n\r\nhi"),
    (b"DELETE", b"hi",  b"DELETE /a HTTP/1.1\r\nhost: h\r\ncontent-length: 2\r\n\r\nhi"),
]  # fmt: skip


@pytest.mark.parametrize(("method", "body", "text"), REQUESTS)
def test_a_request(method: bytes, body: bytes, text: bytes) -> None:
    assert write_request(RequestHead(method, b"/a", ((b"host", b"h"),)), body) == text


BROKEN_REQUESTS = [
    (b"GET",       b"/a b",            ((b"host", b"h"),)),
    (b"GET",       b"/ HTTP/1.1\r\nx:", ((b"host", b"h"),)),
    (b"GET",       b"/\nb",            ((b"host", b"h"),)),
    (b"GET",       b"",                ((b"host", b"h"),)),
    (b"",          b"/",               ((b"host", b"h"),)),
    (b"GET /x",    b"/",               ((b"host", b"h"),)),
    (b"GET",       b"/",               ()),
    (b"GET",       b"/",               ((b"host", b"h"), (b"host", b"h"))),
    (b"GET",       b"/",               ((b"host", b"h"), (b"content-length", b"0"))),
]  # fmt: skip


@pytest.mark.parametrize(("method", "target", "fields"), BROKEN_REQUESTS)
def test_a_request_that_breaks_out_is_refused(
    method: bytes, target: bytes, fields: Headers
) -> None:
    with pytest.raises(LocalError):
        write_request(RequestHead(method, target, fields), b"")
