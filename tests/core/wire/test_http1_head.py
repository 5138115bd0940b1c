"""Heads: where they end, what is wrong with them, what they say about a message."""

# ruff: noqa: E501  (a row of a table is one line)

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cliproxy_core.wire.http import Headers, PeerFault
from cliproxy_core.wire.http1_head import (
    CHUNKED,
    CLOSED,
    MAX_FIELDS,
    MAX_HEAD_BYTES,
    HeadReader,
    Terms,
    request_line,
    request_terms,
    response_terms,
    status_line,
)

READ = [
    # what comes                        the head                what is behind it
    (b"A\r\n\r\n",                     b"A\r\n\r\n",           b""),
    (b"A\r\nB\r\n\r\nmore",            b"A\r\nB\r\n\r\n",      b"more"),
    (b"\r\n\r\n\r\nA\r\n\r\n\r\n",     b"A\r\n\r\n",           b"\r\n"),
    (b"A",                             None,                   b""),
    (b"A\r\n\r",                       None,                   b""),
    (b"\r",                            None,                   b""),
    (b"",                              None,                   b""),
]  # fmt: skip


@pytest.mark.parametrize(("data", "head", "behind"), READ)
def test_a_head_is_found(data: bytes, head: bytes | None, behind: bytes) -> None:
    assert HeadReader().feed(data) == (head, behind)
    for i in range(len(data)):
        reader = HeadReader()
        first, rest = reader.feed(data[:i])
        if first is None:
            assert reader.feed(data[i:]) == (head, behind)
        else:
            assert (first, rest + data[i:]) == (head, behind)
        assert reader.begun is (head is None and bool(data))


FORBIDDEN = [
    b"\0",
    b"A\n",
    b"A\rB",
    b"A\x7f",
    b"A\r\nB\n",
    b"\r\n\n",
    b"A\r\r",
    b"\n",
]


@pytest.mark.parametrize("data", FORBIDDEN)
def test_what_no_head_may_hold_is_told_at_once(data: bytes) -> None:
    whole, _ = HeadReader().feed(data)
    assert isinstance(whole, PeerFault)
    assert whole.status == 400
    assert bytewise(data) == whole
    before = bytewise(data[:-1])
    assert before is None


def bytewise(data: bytes) -> bytes | PeerFault | None:
    reader = HeadReader()
    for i in range(len(data)):
        found, _ = reader.feed(data[i : i + 1])
        if found is not None:
            return found
    return None


@pytest.mark.parametrize("more", [0, 1, 1000])
def test_the_limit_holds_however_it_is_cut(more: int) -> None:
    fits = b"A" * (MAX_HEAD_BYTES - 4) + b"\r\n\r\n"
    assert HeadReader().feed(fits + b"A" * more) == (fits, b"A" * more)
    assert bytewise(fits) == fits
    over = b"A" * (MAX_HEAD_BYTES - 3 + more) + b"\r\n\r\n"
    fault, _ = HeadReader().feed(over)
    assert isinstance(fault, PeerFault)
    assert fault.status == 431
    assert bytewise(over) == fault


def test_a_bad_byte_behind_the_limit_is_not_seen() -> None:
    fault, _ = HeadReader().feed(b"A" * MAX_HEAD_BYTES + b"\0")
    assert isinstance(fault, PeerFault)
    assert fault.status == 431


LINES = [
    (b"GET / HTTP/1.1\r\n\r\n",              (b"GET", b"/", True)),
    (b"PUT /a?b HTTP/1.0\r\nA: b\r\n\r\n",   (b"PUT", b"/a?b", False)),
    (b"OPTIONS * HTTP/1.1\r\n\r\n",          (b"OPTIONS", b"*", True)),
    (b"GET http://h HTTP/1.1\r\n\r\n",       (b"GET", b"http://h", True)),
    (b"GET https://[::1]:1/a HTTP/1.1\r\n\r\n", (b"GET", b"https://[::1]:1/a", True)),
    (b"GET http://u@h/ HTTP/1.1\r\n\r\n",    400),
    (b"GET / HTTP/1.1\r\nA b\r\n\r\n",       400),
    (b"GET / HTTP/1.1\r\nA: \0\r\n\r\n",     400),
    (b"GET / HTTP/3.0\r\n\r\n",              505),
    (b"GETS / HTTP/1.1\r\n\r\n",             501),
    (b"CONNECT h:1 HTTP/1.1\r\n\r\n",        501),
    (b"GET x HTTP/1.1\r\n\r\n",              400),
    (b"GET /\r\n\r\n",                       400),
]  # fmt: skip


@pytest.mark.parametrize(("head", "line"), LINES)
def test_a_request_line(head: bytes, line: tuple[bytes, bytes, bool] | int) -> None:
    found = request_line(head)
    assert (found.status if isinstance(found, PeerFault) else found) == line


STATUSES = [
    (b"HTTP/1.1 200 OK\r\n\r\n",          (200, True)),
    (b"HTTP/1.0 404\r\nA: b\r\n\r\n",     (404, False)),
    (b"HTTP/1.1 2000 OK\r\n\r\n",         None),
    (b"HTTP/2.0 200 OK\r\n\r\n",          None),
    (b"HTTP/1.1 200 OK\r\nA\r\n\r\n",     None),
    (b"HTTP/1.1 200 O\nK\r\n\r\n",        None),
]  # fmt: skip


@pytest.mark.parametrize(("head", "line"), STATUSES)
def test_a_status_line(head: bytes, line: tuple[int, bool] | None) -> None:
    found = status_line(head)
    assert (None if isinstance(found, PeerFault) else found) == line


HOST = (b"host", b"h")
FIVE = (b"content-length", b"5")
CHUNKS = (b"transfer-encoding", b"chunked")
WAIT = (b"expect", b"100-continue")

AGREED: list[tuple[Headers, bool, Terms | int]] = [
    # fields                                     1.1     length, keeps alive, waits
    ((HOST,),                                    True,   Terms(0, True, False)),
    ((HOST, FIVE),                               True,   Terms(5, True, False)),
    ((HOST, FIVE, WAIT),                         True,   Terms(5, True, True)),
    ((HOST, CHUNKS, WAIT),                       True,   Terms(CHUNKED, True, True)),
    ((HOST, WAIT),                               True,   Terms(0, True, False)),
    ((FIVE, WAIT),                               False,  Terms(5, False, False)),
    ((HOST, (b"connection", b"close")),          True,   Terms(0, False, False)),
    ((HOST, (b"connection", b"close"), (b"connection", b"keep-alive")), True, Terms(0, False, False)),
    (((b"connection", b"keep-alive"),),          False,  Terms(0, True, False)),
    ((HOST, FIVE, CHUNKS),                       True,   400),
    ((HOST, FIVE, FIVE),                         True,   400),
    ((CHUNKS,),                                  False,  400),
    ((HOST, CHUNKS, CHUNKS),                     True,   501),
    ((HOST, (b"transfer-encoding", b"br")),      True,   501),
    ((HOST, (b"content-length", b"9" * 19)),     True,   400),
    ((HOST, HOST),                               True,   400),
    ((),                                         True,   400),
    (((b"a", b"b"),) * (MAX_FIELDS + 1),         True,   431),
]  # fmt: skip


@pytest.mark.parametrize(("fields", "modern", "terms"), AGREED)
def test_the_terms_of_a_request(
    fields: Headers, modern: bool, terms: Terms | int
) -> None:
    found = request_terms(fields, modern=modern)
    assert (found.status if isinstance(found, PeerFault) else found) == terms


LENGTHS = [
    # fields     status  method   length of the body
    ((FIVE,),    200,    b"GET",  5),
    ((CHUNKS,),  200,    b"GET",  CHUNKED),
    ((),         200,    b"GET",  CLOSED),
    ((FIVE,),    200,    b"HEAD", 0),
    ((FIVE,),    304,    b"GET",  0),
    ((),         204,    b"GET",  0),
]  # fmt: skip


@pytest.mark.parametrize(("fields", "status", "method", "length"), LENGTHS)
def test_the_length_of_a_response(
    fields: Headers, status: int, method: bytes, length: int
) -> None:
    terms = response_terms(fields, modern=True, status=status, method=method)
    assert isinstance(terms, Terms)
    assert terms.length == length


def test_a_response_of_two_lengths_has_no_terms() -> None:
    found = response_terms((FIVE, FIVE), modern=True, status=304, method=b"GET")
    assert isinstance(found, PeerFault)


@given(st.binary(max_size=60))
def test_any_bytes_give_a_head_or_a_fault_or_neither(data: bytes) -> None:
    whole, _ = HeadReader().feed(data)
    assert bytewise(data) == whole
    if isinstance(whole, bytes):
        assert isinstance(request_line(whole), tuple | PeerFault)
        assert isinstance(status_line(whole), tuple | PeerFault)
