"""A connection to an upstream: exchanges, ends, and accidents."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cliproxy_core.base.errors import LocalError
from cliproxy_core.lifecycle.effects import Open
from cliproxy_core.lifecycle.inputs import (
    Fault,
    UpstreamBroke,
    UpstreamData,
    UpstreamEnded,
    UpstreamHead,
    UpstreamInput,
)
from cliproxy_core.lifecycle.link import Link
from cliproxy_core.testing.cuts import bytewise, cut
from cliproxy_core.wire.http import RequestHead
from cliproxy_core.wire.http1 import H11Client
from cliproxy_core.wire.url import Origin

ORIGIN = Origin("http", "up.test", 80)
REPLY = b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello"


def order(attempt: int) -> Open:
    head = RequestHead(b"POST", b"/x", ((b"host", b"up.test"),))
    return Open(attempt, ORIGIN, head, b"{}")


def linked(*told: bytes, attempt: int = 1) -> Link:
    link = Link(ORIGIN, H11Client())
    link.begin(order(attempt))
    for piece in told:
        link.received(piece)
    return link


def reusable(link: Link) -> bool:
    return link.reusable


def test_an_exchange() -> None:
    link = Link(ORIGIN, H11Client())
    assert not reusable(link)
    sent = link.begin(order(7))
    assert sent.startswith(b"POST /x HTTP/1.1\r\n")
    assert sent.endswith(b"\r\n\r\n{}")
    assert link.received(REPLY) == [
        UpstreamHead(7, 200, ((b"content-length", b"5"),)),
        UpstreamData(7, b"hello"),
        UpstreamEnded(7),
    ]
    assert reusable(link)
    assert link.attempt is None


def test_the_next_exchange_has_its_own_number() -> None:
    link = linked(REPLY)
    link.begin(order(2))
    assert [event.attempt for event in link.received(REPLY)] == [2, 2, 2]


def test_one_exchange_at_a_time() -> None:
    with pytest.raises(LocalError):
        linked().begin(order(2))


CLOSED: list[tuple[str, list[bytes], list[UpstreamInput]]] = [
    ("before a byte", [], [UpstreamBroke(1, Fault.RESET)]),
    ("in the head", [b"HTTP/1.1 200"], [UpstreamBroke(1, Fault.RESET)]),
    ("in the body", [REPLY[:-1]], [UpstreamBroke(1, Fault.RESET)]),
    ("as the body's end", [b"HTTP/1.1 200 OK\r\n\r\nhi"], [UpstreamEnded(1)]),
    ("while idle", [REPLY], []),
]


@pytest.mark.parametrize(
    ("told", "expected"), [c[1:] for c in CLOSED], ids=[c[0] for c in CLOSED]
)
def test_a_close(told: list[bytes], expected: list[UpstreamInput]) -> None:
    assert linked(*told).closed() == expected


def test_a_kept_connection_that_was_closed_is_stale() -> None:
    link = linked(REPLY)
    link.begin(order(2))
    assert link.closed("why") == [UpstreamBroke(2, Fault.STALE, "why")]


def test_a_kept_connection_that_answered_is_not_stale() -> None:
    link = linked(REPLY)
    link.begin(order(2))
    link.received(REPLY[:-1])
    assert link.closed() == [UpstreamBroke(2, Fault.RESET)]


def test_what_is_not_http_breaks_the_attempt() -> None:
    (broke,) = linked().received(b"SSH-2.0-x\r\n\r\n")
    assert isinstance(broke, UpstreamBroke)
    assert (broke.attempt, broke.fault) == (1, Fault.PROTOCOL)


def test_surplus_bytes_spoil_the_connection_and_not_the_answer() -> None:
    link = linked()
    assert link.received(REPLY + b"more")[-1] == UpstreamEnded(1)
    assert not link.reusable
    assert link.received(b"and more") == []


def joined(events: list[UpstreamInput]) -> list[UpstreamInput]:
    """Neighbouring pieces of a body as one: cuts may show there and nowhere else."""
    out: list[UpstreamInput] = []
    for event in events:
        last = out[-1] if out else None
        if isinstance(event, UpstreamData) and isinstance(last, UpstreamData):
            out[-1] = UpstreamData(event.attempt, last.data + event.data)
        else:
            out.append(event)
    return out


@given(st.lists(st.integers(0, 200)))
def test_cuts_do_not_show(at: list[int]) -> None:
    reply = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n"
    reply += b"3\r\n wo\r\n0\r\n\r\n"
    whole = joined(linked().received(reply))
    for pieces in (cut(reply, at), bytewise(reply)):
        link = linked()
        assert joined([e for p in pieces for e in link.received(p)]) == whole
