"""One client connection: exchanges in turn, early answers, ends of all kinds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cliproxy_core.base.clock import Mono, Now, Wall
from cliproxy_core.base.contract import Tick
from cliproxy_core.gateway.app import App
from cliproxy_core.gateway.connection import LINGER, Connection, Effect, Input, State
from cliproxy_core.gateway.wirewords import (
    BytesReceived,
    CloseConnection,
    DownstreamBlocked,
    DownstreamFlowing,
    DownstreamGone,
    PauseDownstream,
    ResumeDownstream,
    Retired,
    SendBytes,
)
from cliproxy_core.lifecycle.effects import (
    Abort,
    Acquire,
    Open,
    PauseUpstream,
    Return,
    Withdraw,
)
from cliproxy_core.testing.cuts import bytewise, cut
from cliproxy_core.wire.http import BodyData, BodyEnded, ResponseHead
from cliproxy_core.wire.http1 import H11Client, H11Server
from tests.core.gateway.parties import HEALTH, app, body, get, head, request
from tests.core.lifecycle.cast import (
    DONE,
    FINISH,
    HELLO,
    JSON,
    ROLE,
    STREAM,
    TIMEOUTS,
    WHOLE,
    connected,
    data,
    ended,
)
from tests.core.lifecycle.cast import head as upstream_head


@attrs.define
class Line:
    """A connection with the pool at its side and the bytes that it sent."""

    app: App = attrs.field(factory=app)
    time: float = 1000.0
    sent: bytes = b""
    orders: list[Effect] = attrs.field(factory=list)
    machine: Connection = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self.machine = Connection.accept(self.app, H11Server(), self.now)

    @property
    def now(self) -> Now:
        return Now(Mono(self.time), Wall(1_800_000_000.0))

    @property
    def state(self) -> State:
        return self.machine.state

    def hears(self, event: Input) -> list[Effect]:
        """What an input causes, with the pool's answers and all they cause."""
        inputs, out = [event], list[Effect]()
        while inputs:
            for effect in self.machine.handle(inputs.pop(0), self.now):
                out.append(effect)
                if isinstance(effect, SendBytes):
                    self.sent += effect.data
                elif isinstance(effect, Acquire | Return | Withdraw):
                    inputs += self.app.handle(effect)
        self.orders += out
        return out

    def gets(self, data: bytes) -> list[Effect]:
        return self.hears(BytesReceived(data))

    def after(self, seconds: float) -> list[Effect]:
        self.time += seconds
        return self.hears(Tick())

    @property
    def answers(self) -> list[tuple[int, bytes]]:
        return list(parsed(self.sent))

    @property
    def closed(self) -> bool:
        return any(isinstance(o, CloseConnection) for o in self.orders)


def parsed(data: bytes, method: bytes = b"GET") -> Iterator[tuple[int, bytes]]:
    """The complete answers in what a client received."""
    codec = H11Client()
    status, content = 0, b""
    while data:
        codec = H11Client()
        codec.request(head(), b"")
        for size in range(1, len(data) + 1):
            done = False
            for event in codec.feed(data[size - 1 : size]):
                match event:
                    case ResponseHead():
                        status, content = event.status, b""
                    case BodyData():
                        content += event.data
                    case BodyEnded():
                        done = True
                    case _:
                        raise AssertionError(event)
            if done:
                yield status, content
                data = data[size:]
                break
        else:
            return


def running(**members: Any) -> Line:
    """A connection whose request has been sent upstream."""
    line = Line()
    line.gets(request(**members))
    line.hears(connected())
    line.hears(upstream_head())
    return line


# One exchange after another.


def test_a_request_and_its_answer() -> None:
    line = Line()
    effects = line.gets(request(stream=False))
    assert [type(e) for e in effects] == [Acquire, Open]
    line.hears(upstream_head(1, 200, JSON))
    line.hears(data(WHOLE))
    line.hears(ended())
    assert line.answers == [(200, WHOLE)]
    assert (line.state, line.closed) == (State.IDLE, False)
    assert line.app.pool.held == {}


def test_a_stream_is_chunked() -> None:
    line = running()
    line.hears(data(STREAM))
    assert b"transfer-encoding: chunked" in line.sent
    assert line.answers == [(200, STREAM)]


def test_exchanges_follow_one_another_and_attempts_count_on() -> None:
    line = Line()
    for attempt in (1, 2, 3):
        orders = line.gets(request())
        assert [o.attempt for o in orders if isinstance(o, Open)] == [attempt]
        line.hears(upstream_head(attempt))
        line.hears(data(STREAM, attempt))
        line.hears(data(b"late", attempt))
    assert line.answers == [(200, STREAM)] * 3


def test_pipelined_requests_wait_their_turn() -> None:
    line = Line()
    effects = line.gets(request() + HEALTH + request())
    assert PauseDownstream() in effects
    assert line.sent == b""
    line.hears(upstream_head())
    line.hears(data(STREAM))
    assert [status for status, _ in line.answers] == [200, 200]
    assert ResumeDownstream() in line.orders
    line.hears(upstream_head(2))
    line.hears(data(STREAM, 2))
    assert [content for _, content in line.answers][::2] == [STREAM, STREAM]


def test_a_thousand_pipelined_requests_need_no_recursion() -> None:
    line = Line()
    line.gets(HEALTH * 1000)
    assert line.sent.count(b"HTTP/1.1 200 OK\r\n") == 1000
    assert (line.state, line.closed) == (State.IDLE, False)


def test_a_thousand_requests_behind_a_slow_one() -> None:
    line = Line()
    line.gets(request() + HEALTH * 1000)
    line.hears(upstream_head())
    line.hears(data(STREAM))
    assert line.sent.count(b"HTTP/1.1 200 OK\r\n") == 1001


def test_pauses_and_resumes_alternate() -> None:
    line = Line()
    for attempt in (1, 2, 3):
        line.gets(request() if attempt == 1 else b"")
        line.gets(request())
        line.gets(HEALTH)
        line.hears(upstream_head(attempt))
        line.hears(data(STREAM, attempt))
    words = [
        type(o)
        for o in line.orders
        if isinstance(o, PauseDownstream | ResumeDownstream)
    ]
    assert words
    assert words == [PauseDownstream, ResumeDownstream] * (len(words) // 2) + (
        [PauseDownstream] if len(words) % 2 else []
    )


def test_head_requests_get_no_body() -> None:
    line = Line()
    line.gets(get(b"/healthz", b"HEAD"))
    assert line.sent.endswith(b"\r\n\r\n")
    assert b"content-length: 15" in line.sent
    line.gets(b"garbage\r\n\r\n")
    assert line.sent.count(b'{"error"') == 1


def test_expect_100_continue() -> None:
    line = Line()
    content = body()
    whole = request(content, headers=((b"expect", b"100-continue"),))
    line.gets(whole[: -len(content)])
    assert line.sent == b"HTTP/1.1 100 Continue\r\n\r\n"
    line.gets(content)
    assert any(isinstance(o, Open) for o in line.orders)


def test_nobody_is_asked_to_send_a_body_that_is_refused() -> None:
    line = Line()
    whole = request(path=b"/nothing", headers=((b"expect", b"100-continue"),))
    line.gets(whole[: whole.index(b"\r\n\r\n") + 4])
    assert line.sent.startswith(b"HTTP/1.1 404 ")


# HTTP/1.0, and connections that are to close.


def test_http_1_0_gets_a_plain_body_and_a_close() -> None:
    line = Line()
    line.gets(request(version=b"1.0"))
    line.hears(upstream_head())
    line.hears(data(STREAM))
    assert b"transfer-encoding" not in line.sent
    assert b"connection: close" in line.sent
    assert line.sent.endswith(STREAM)
    assert line.closed


def test_http_1_0_that_keeps_alive_must_see_a_streams_end() -> None:
    line = Line()
    line.gets(request(version=b"1.0", headers=((b"connection", b"keep-alive"),)))
    line.hears(upstream_head())
    line.hears(data(STREAM))
    assert line.sent.endswith(STREAM)
    assert line.closed


def test_http_1_0_keeps_alive_where_there_is_a_length() -> None:
    line = Line()
    for _ in range(2):
        line.gets(b"GET /healthz HTTP/1.0\r\nconnection: keep-alive\r\n\r\n")
    assert line.sent.count(b"connection: keep-alive") == 2
    assert not line.closed


def test_a_client_that_wants_to_close_is_told_so_too() -> None:
    line = Line()
    line.gets(get(b"/healthz", headers=((b"connection", b"close"),)))
    assert b"connection: close" in line.sent
    assert line.closed


# Early answers: what still comes is read and thrown away.


def early() -> Line:
    line = Line()
    line.gets(request(b"x" * 100, path=b"/nothing")[:-50])
    assert b"connection: close" in line.sent
    assert line.answers[0][0] == 404
    assert (line.state, line.closed) == (State.DRAINING, False)
    return line


def test_an_early_answer_lets_the_body_come_to_its_end() -> None:
    line = early()
    assert line.gets(b"x" * 49) == []
    assert line.gets(b"x") == [CloseConnection()]


def test_but_not_for_ever() -> None:
    line = early()
    assert line.after(LINGER - 0.01) == []
    line.gets(b"x")
    assert line.after(0.01) == [CloseConnection()]


def test_an_early_answer_whose_body_is_here_already_closes_nothing() -> None:
    line = Line()
    line.gets(request(path=b"/nothing") + HEALTH)
    assert [status for status, _ in line.answers] == [404, 200]
    assert not line.closed


def test_an_early_answer_and_a_broken_body() -> None:
    line = Line()
    lead = request(path=b"/nothing").split(b"content-length")[0]
    line.gets(lead + b"transfer-encoding: chunked\r\n\r\n")
    assert line.state is State.DRAINING
    assert line.gets(b"nonsense\r\n") == [CloseConnection()]


def test_gone_while_draining() -> None:
    line = early()
    assert line.hears(DownstreamGone()) == [CloseConnection()]


# What clients do wrong.


@pytest.mark.parametrize(
    ("text", "status"),
    [
        (b"garbage\r\n\r\n", 400),
        (b"GET / HTTP/3.0\r\nhost: x\r\n\r\n", 505),
        (b"BREW / HTTP/1.1\r\nhost: x\r\n\r\n", 501),
        (b"GET / HTTP/1.1\r\nhost: x\r\nbad\x00: y\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\n\r\n", 400),
    ],
)
def test_a_bad_head_is_answered_and_closed(text: bytes, status: int) -> None:
    line = Line()
    line.gets(text)
    assert line.answers[0][0] == status
    assert line.closed


def test_a_bad_head_waits_for_the_answer_before_it() -> None:
    line = running()
    line.gets(b"garbage\r\n\r\n")
    line.hears(data(STREAM))
    assert line.answers[0] == (200, STREAM)
    assert line.closed


def test_a_body_that_breaks_is_answered_and_closed() -> None:
    line = Line()
    lead = request().split(b"content-length")[0]
    line.gets(lead + b"transfer-encoding: chunked\r\n\r\n5\r\nhello")
    line.gets(b"nonsense\r\n")
    assert line.answers[0][0] == 400
    assert line.closed


# Deadlines.


def test_a_client_that_says_nothing_is_closed_without_a_word() -> None:
    line = Line()
    assert line.after(TIMEOUTS.head - 0.01) == []
    assert line.after(0.01) == [CloseConnection()]
    assert line.sent == b""


def test_a_head_that_does_not_end_is_told_so() -> None:
    line = Line()
    line.gets(b"GET / HTTP/1.1\r\n")
    line.after(TIMEOUTS.head - 0.01)
    line.gets(b"host: x\r\n")
    assert line.sent == b""
    line.after(0.01)
    assert line.answers[0][0] == 408
    assert line.closed


def test_an_idle_connection_is_closed() -> None:
    line = Line()
    line.gets(HEALTH)
    assert line.after(TIMEOUTS.idle - 0.01) == []
    assert line.after(0.01) == [CloseConnection()]


def test_a_body_that_does_not_come_is_answered() -> None:
    line = Line()
    line.gets(request()[:-5])
    line.after(TIMEOUTS.body)
    assert line.answers[0][0] == 408
    assert line.state is State.DRAINING
    assert line.after(LINGER) == [CloseConnection()]


def test_the_exchanges_deadlines_are_the_connections() -> None:
    line = running()
    assert line.machine.deadline == line.time + TIMEOUTS.first_byte
    line.after(TIMEOUTS.first_byte)
    assert any(o == Abort(1) for o in line.orders)


# The server stops.


def test_retired_while_idle_closes() -> None:
    line = Line()
    line.gets(HEALTH)
    assert line.hears(Retired()) == [CloseConnection()]


def test_retired_before_the_first_byte_closes() -> None:
    assert Line().hears(Retired()) == [CloseConnection()]


def test_retired_in_a_head_answers_and_closes() -> None:
    line = Line()
    line.gets(HEALTH[:9])
    assert line.hears(Retired()) == []
    line.gets(HEALTH[9:])
    assert b"connection: close" in line.sent
    assert line.closed


def test_retired_in_a_body_answers_and_closes() -> None:
    line = Line()
    whole = request()
    line.gets(whole[:-5])
    assert line.hears(Retired()) == []
    line.gets(whole[-5:])
    line.hears(upstream_head())
    line.hears(data(STREAM))
    assert line.answers == [(200, STREAM)]
    assert line.closed


def test_retired_in_an_answer_finishes_it_and_closes() -> None:
    line = running()
    line.hears(data(ROLE + HELLO))
    assert line.hears(Retired()) == []
    line.hears(data(FINISH + DONE))
    assert line.answers[0][0] == 200
    assert line.closed


def test_retired_while_draining_changes_nothing() -> None:
    line = early()
    assert line.hears(Retired()) == []
    assert line.gets(b"x" * 50) == [CloseConnection()]


# Gone.

BROUGHT: dict[str, list[Input]] = {
    "new": [],
    "head": [BytesReceived(HEALTH[:9])],
    "idle": [BytesReceived(HEALTH)],
    "body": [BytesReceived(request()[:-5])],
    "opened": [BytesReceived(request())],
    "answering": [BytesReceived(request()), upstream_head(), data(ROLE + HELLO)],
    "pipelined": [BytesReceived(request() + HEALTH + request())],
    "blocked": [BytesReceived(request()), upstream_head(), DownstreamBlocked()],
}


@pytest.mark.parametrize("name", BROUGHT)
def test_gone_at_any_time(name: str) -> None:
    line = Line()
    for event in BROUGHT[name]:
        line.hears(event)
    effects = line.hears(DownstreamGone())
    assert effects[-1] == CloseConnection()
    assert line.app.pool.held == {}
    opened = [o.attempt for o in line.orders if isinstance(o, Open)]
    assert [o.attempt for o in line.orders if isinstance(o, Abort)] == opened
    assert line.machine.deadline is None
    assert line.machine.done
    for event in (*BROUGHT["answering"], Tick(), DownstreamGone(), Retired()):
        assert line.hears(event) == []


# Back-pressure.


def test_a_slow_client_slows_the_upstream() -> None:
    line = running()
    line.hears(data(ROLE + HELLO))
    assert line.hears(DownstreamBlocked()) == [PauseUpstream(1)]
    assert len(line.hears(DownstreamFlowing())) == 1


def test_a_client_that_never_reads_is_reset() -> None:
    line = running()
    line.hears(data(ROLE + HELLO))
    line.hears(DownstreamBlocked())
    effects = line.after(TIMEOUTS.stall)
    assert effects[0] == Abort(1)
    assert effects[-1] == CloseConnection(reset=True)
    assert line.app.pool.held == {}


def test_no_next_answer_for_a_client_that_does_not_read() -> None:
    line = Line()
    line.gets(HEALTH)
    line.hears(DownstreamBlocked())
    before = line.sent
    assert line.gets(HEALTH * 3) == [PauseDownstream()]
    assert line.sent == before
    effects = line.hears(DownstreamFlowing())
    assert effects[-1] == ResumeDownstream()
    assert line.sent.count(b"HTTP/1.1 200 OK") == 4


def test_a_client_that_neither_reads_nor_goes_is_reset() -> None:
    line = Line()
    line.gets(HEALTH)
    line.hears(DownstreamBlocked())
    line.gets(HEALTH)
    assert line.after(TIMEOUTS.idle) == [CloseConnection(reset=True)]


def test_blocked_by_the_answer_before() -> None:
    """The next request has begun when the transport says that it is full."""
    line = Line()
    line.gets(request() + request())
    line.hears(upstream_head())
    line.hears(data(STREAM))
    assert line.hears(DownstreamBlocked()) == [PauseUpstream(2)]


# Cuts.


@settings(max_examples=40)
@given(st.lists(st.integers(0, 1500), max_size=8))
def test_how_the_bytes_were_cut_does_not_show(at: list[int]) -> None:
    text = HEALTH + request(path=b"/nothing") + get(b"/v1/models") + b"bad\r\n\r\n"
    whole = Line()
    whole.gets(text)
    for pieces in (cut(text, at), bytewise(text)):
        line = Line()
        for piece in pieces:
            line.gets(piece)
        # An answer may come before its request's end, and closes then.
        known = [answer[0] for answer in whole.answers]
        assert [answer[0] for answer in line.answers] == known[: len(line.answers)]
        assert len(line.answers) >= 2
        assert line.closed
