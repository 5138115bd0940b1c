"""A scripted upstream says what was written, when it was written, and remembers."""

from __future__ import annotations

from collections.abc import Sequence

import h11
import pytest

from cliproxy_core.base.clock import Mono, Now, Wall
from cliproxy_core.base.contract import Tick
from cliproxy_core.gateway.wirewords import (
    BytesReceived,
    CloseConnection,
    ConnectionEffect,
    DownstreamBlocked,
    DownstreamGone,
    SendBytes,
)
from cliproxy_core.testing.script import (
    Close,
    End,
    Pause,
    ReceivedRequest,
    Reset,
    Say,
    ScriptedUpstream,
    ScriptLog,
    ScriptStep,
    Stall,
    json_answer,
    sse_answer,
)
from cliproxy_core.wire.http1 import H11Server

GET = b"GET /a HTTP/1.1\r\nhost: x\r\n\r\n"
POST = b"POST /b HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\n\r\nhello"


def at(seconds: float) -> Now:
    return Now(Mono(seconds), Wall(seconds))


def upstream(*steps: ScriptStep, log: ScriptLog | None = None) -> ScriptedUpstream:
    return ScriptedUpstream(H11Server(), lambda _: steps, log or ScriptLog())


def due(machine: ScriptedUpstream) -> float | None:
    return machine.deadline


def said(effects: Sequence[ConnectionEffect]) -> bytes:
    return b"".join(e.data for e in effects if isinstance(e, SendBytes))


def test_it_says_bytes_as_they_are() -> None:
    effects = upstream(Say(b"not "), Say(b"HTTP")).handle(BytesReceived(GET), at(0))
    assert effects == [SendBytes(b"not "), SendBytes(b"HTTP")]


@pytest.mark.parametrize("cut", range(1, len(POST)))
def test_a_request_may_come_in_pieces(cut: int) -> None:
    log = ScriptLog()
    machine = upstream(Say(b"."), log=log)
    first = machine.handle(BytesReceived(POST[:cut]), at(0))
    assert said(first + machine.handle(BytesReceived(POST[cut:]), at(0))) == b"."
    (request,) = log.requests
    assert (request.method, request.target, request.body) == (b"POST", b"/b", b"hello")
    assert (b"host", b"x") in request.headers


def test_the_answer_depends_on_the_request() -> None:
    def echo(request: ReceivedRequest) -> Sequence[ScriptStep]:
        return [Say(request.target)]

    machine = ScriptedUpstream(H11Server(), echo)
    assert said(machine.handle(BytesReceived(GET), at(0))) == b"/a"
    assert said(machine.handle(BytesReceived(POST), at(0))) == b"/b"
    assert not machine.done


def test_a_pause_is_a_deadline() -> None:
    machine = upstream(Say(b"a"), Pause(2), Say(b"b"))
    assert said(machine.handle(BytesReceived(GET), at(10))) == b"a"
    assert due(machine) == 12
    assert machine.handle(Tick(), at(11.9)) == []
    assert said(machine.handle(Tick(), at(12))) == b"b"
    assert due(machine) is None
    assert machine.handle(Tick(), at(13)) == []


def test_no_pause_is_no_deadline() -> None:
    machine = upstream(Pause(0), Say(b"a"))
    assert said(machine.handle(BytesReceived(GET), at(0))) == b"a"


def test_a_request_that_comes_during_a_pause_waits() -> None:
    machine = upstream(Pause(1), Say(b"a"))
    machine.handle(BytesReceived(GET), at(0))
    assert machine.handle(BytesReceived(b""), at(0.5)) == []
    assert due(machine) == 1


@pytest.mark.parametrize(
    ("step", "effect"),
    [(Close(), CloseConnection()), (Reset(), CloseConnection(reset=True))],
)
def test_it_ends(step: ScriptStep, effect: ConnectionEffect) -> None:
    machine = upstream(Say(b"a"), step, Say(b"never"))
    assert machine.handle(BytesReceived(GET), at(0)) == [SendBytes(b"a"), effect]
    assert machine.done
    assert machine.handle(BytesReceived(GET), at(0)) == []


def test_it_stalls() -> None:
    machine = upstream(Say(b"a"), Stall(), Say(b"never"))
    assert said(machine.handle(BytesReceived(GET), at(0))) == b"a"
    assert due(machine) is None
    assert machine.handle(BytesReceived(GET), at(1)) == []
    assert machine.handle(DownstreamBlocked(), at(1)) == []
    assert not machine.done


def test_it_remembers_when_the_peer_hung_up() -> None:
    log = ScriptLog()
    first = upstream(Say(b"a"), Say(b"b"), Pause(9), Say(b"c"), log=log)
    first.handle(BytesReceived(GET), at(0))
    assert first.handle(DownstreamGone(), at(1)) == []
    assert first.done
    assert first.deadline is None
    upstream(log=log).handle(DownstreamGone(), at(1))
    assert (log.opened, log.hung_up, len(log.requests)) == (2, [3, 0], 1)


def test_a_client_that_asks_for_it_is_closed() -> None:
    machine = upstream(Say(b"a"))
    ask = GET.replace(b"\r\n\r\n", b"\r\nconnection: close\r\n\r\n")
    effects = machine.handle(BytesReceived(ask), at(0))
    assert effects == [SendBytes(b"a"), CloseConnection()]


def test_a_client_may_wait_for_leave_to_send() -> None:
    machine = upstream(Say(b"a"))
    head, body = POST.split(b"\r\n\r\n")
    ask = head + b"\r\nexpect: 100-continue\r\n\r\n"
    assert b" 100 " in said(machine.handle(BytesReceived(ask), at(0)))
    assert said(machine.handle(BytesReceived(body), at(0))) == b"a"


def test_garbage_closes_and_is_remembered() -> None:
    log = ScriptLog()
    machine = upstream(log=log)
    assert machine.handle(BytesReceived(b"\x00\r\n\r\n"), at(0)) == [CloseConnection()]
    assert len(log.faults) == 1


# Whole answers, read by an HTTP library that is not ours.


def read(steps: Sequence[ScriptStep]) -> tuple[h11.Response, bytes, bool]:
    """Response, body, and whether it was complete."""
    client = h11.Connection(h11.CLIENT)
    client.send(h11.Request(method="GET", target="/", headers=[("host", "x")]))
    client.send(h11.EndOfMessage())
    for step in steps:
        if isinstance(step, Say):
            client.receive_data(step.data)
        elif isinstance(step, Close):
            client.receive_data(b"")
    response = client.next_event()
    assert isinstance(response, h11.Response)
    body = bytearray()
    while True:
        try:
            event = client.next_event()
        except h11.RemoteProtocolError:
            return response, bytes(body), False
        if not isinstance(event, h11.Data):
            return response, bytes(body), isinstance(event, h11.EndOfMessage)
        body += event.data


def test_a_json_answer() -> None:
    answer = json_answer(429, {"a": 1}, ((b"retry-after", b"2"),))
    response, body, complete = read(answer)
    assert (response.status_code, body, complete) == (429, b'{"a":1}', True)
    headers = dict(response.headers.raw_items())
    assert headers[b"content-type"] == b"application/json"
    assert headers[b"retry-after"] == b"2"


FRAMES = [b"data: 1\n\n", b"", b"data: 22\n\n"]


@pytest.mark.parametrize(
    ("end", "complete"),
    [
        (End.CHUNKED, True),
        (End.CLOSED, True),
        (End.TRUNCATED, False),
        (End.RESET, False),
        (End.STALLED, False),
    ],
)
@pytest.mark.parametrize("cut", [None, 1, 5, 100])
def test_an_event_stream(end: End, complete: bool, cut: int | None) -> None:
    response, body, finished = read(sse_answer(FRAMES, cut=cut, end=end))
    assert response.status_code == 200
    assert (body, finished) == (b"data: 1\n\ndata: 22\n\n", complete)


def test_a_frame_is_a_write() -> None:
    steps = sse_answer(FRAMES, pause=0.5)
    assert [type(step) for step in steps] == [Say, Pause, Say, Pause, Say, Say]


def test_a_write_is_as_long_as_the_cut() -> None:
    steps = sse_answer(FRAMES, cut=4, end=End.CLOSED)
    assert [len(s.data) for s in steps[1:] if isinstance(s, Say)] == [4, 4, 4, 4, 3]
