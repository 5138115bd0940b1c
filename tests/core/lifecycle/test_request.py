"""A request's whole life, told as plays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import attrs
import orjson
import pytest

from cliproxy_core.base.contract import Tick
from cliproxy_core.ir.failure import Failure, Kind
from cliproxy_core.lifecycle.effects import (
    Abort,
    Acquire,
    Effect,
    End,
    PauseUpstream,
    Release,
    Report,
    Respond,
    ResumeUpstream,
    Return,
    StartResponse,
    Withdraw,
    Write,
)
from cliproxy_core.lifecycle.faults import timed_out
from cliproxy_core.lifecycle.inputs import (
    Began,
    DownstreamBlocked,
    DownstreamFlowing,
    DownstreamGone,
    Fault,
    Input,
    UpstreamBroke,
)
from cliproxy_core.lifecycle.job import Job
from cliproxy_core.lifecycle.render import error_answer, stream_headers, whole_headers
from cliproxy_core.lifecycle.request import MAX_HELD_BYTES, RequestMachine, State
from cliproxy_core.pool.machine import Granted, Refused
from cliproxy_core.testing.playbook import Playbook
from tests.core.lifecycle.cast import (
    CHAT,
    CLAUDE_CREDENTIAL,
    DONE,
    FINISH,
    HELLO,
    JSON,
    ROLE,
    STREAM,
    TIMEOUTS,
    WHOLE,
    WORLD,
    B,
    chunk,
    connected,
    data,
    ended,
    granted,
    head,
    is_report,
    job,
    opened,
)

Play = Playbook[Input, Effect]
JOB = job()
ASK = Acquire("req_1", "m", frozenset())
ASK_AGAIN = Acquire("req_1", "m", frozenset({"a"}))
BEGIN = StartResponse(200, stream_headers(JOB))
WITHDRAW = Withdraw("req_1")
RETURN = Return("req_1")
LEFT = Failure(kind=Kind.UNAVAILABLE, status=503, message="nobody is left")

# How to come so far.
CHOOSING: tuple[Input, ...] = (Began(),)
CONNECTING = (*CHOOSING, granted())
WAITING = (*CONNECTING, connected())
ANSWERING = (*WAITING, head())
HOLDING = (*ANSWERING, data(ROLE))
COMMITTED = (*HOLDING, data(HELLO))


def play(asked: Job = JOB, told: Sequence[Input] = ()) -> Play:
    """A play that has come so far."""
    machine = RequestMachine(asked)
    book: Play = Playbook(machine, mute=is_report)
    for event in told:
        book.hears(event)
    return book


def written(effects: Sequence[Effect]) -> bytes:
    return b"".join(e.data for e in effects if isinstance(e, Write))


def report_of(book: Play, event: Input) -> dict[str, Any]:
    """The fields of the line that an input makes the machine write."""
    book.mute = lambda effect: False
    (line,) = [e.line for e in book.hears(event) if isinstance(e, Report)]
    return dict(line.fields)


# From beginning to end.


def test_a_stream_passes_as_it_comes() -> None:
    (
        play()
        .sees(Began(), ASK)
        .sees(granted(), opened(JOB, 1))
        .sees(connected())
        .sees(head())
        .sees(data(ROLE))
        .sees(data(HELLO), BEGIN, Write(ROLE + HELLO))
        .sees(data(WORLD), Write(WORLD))
        .sees(data(FINISH))
        .sees(data(DONE), Release(1), Write(FINISH + DONE), End(), WITHDRAW)
        .ends()
    )


def test_a_whole_answer_comes_at_once() -> None:
    asked = job(streams=False)
    (
        play(asked)
        .sees(Began(), ASK)
        .sees(granted(), opened(asked, 1))
        .sees(connected())
        .sees(head(headers=JSON))
        .sees(data(WHOLE[:9]))
        .sees(data(WHOLE[9:]))
        .sees(ended(), Respond(200, whole_headers(asked), WHOLE), WITHDRAW)
        .ends()
    )


def test_json_for_a_stream_becomes_the_stream_it_would_have_been() -> None:
    book = play(JOB, (*WAITING, head(headers=JSON), data(WHOLE)))
    start, write, *rest = book.hears(ended())
    assert start == BEGIN
    assert isinstance(write, Write)
    assert b'"Hello world"' in write.data
    assert write.data.endswith(DONE)
    assert rest == [End(), WITHDRAW]


def test_a_stream_for_json_becomes_the_whole_answer() -> None:
    asked = job(streams=False)
    book = play(asked, ANSWERING)
    release, answer, withdraw = book.hears(data(STREAM))
    assert (release, withdraw) == (Release(1), WITHDRAW)
    assert isinstance(answer, Respond)
    message = orjson.loads(answer.body)["choices"][0]["message"]
    assert message["content"] == "Hello world"


def test_an_end_of_the_body_after_the_last_event_needs_no_release() -> None:
    """The end mark is missing, and the finish reason makes up for it."""
    book = play(JOB, (*COMMITTED, data(FINISH)))
    book.sees(ended(), Write(FINISH + DONE), End(), WITHDRAW).ends()


def test_an_answer_without_content_is_an_answer() -> None:
    book = play(JOB, (*ANSWERING, data(ROLE)))
    effects = book.hears(data(FINISH + DONE))
    assert effects[:2] == [Release(1), BEGIN]
    assert written(effects) == ROLE + FINISH + DONE


# Before the commit point a failure costs a credential and nothing else.

ERROR = b'{"error":{"message":"no","type":"t","code":null}}'

BEFORE_CONTENT: list[tuple[str, tuple[Input, ...], tuple[Effect, ...]]] = [
    # what happens, the inputs, what is ordered first
    ("refused connection", (UpstreamBroke(1, Fault.CONNECT),), ()),
    ("unknown name", (UpstreamBroke(1, Fault.RESOLVE),), ()),
    ("bad certificate", (UpstreamBroke(1, Fault.TLS),), ()),
    ("reset while waiting", (connected(), UpstreamBroke(1, Fault.RESET)), ()),
    ("not HTTP", (connected(), UpstreamBroke(1, Fault.PROTOCOL)), ()),
    ("reset in the head", (connected(), head(), UpstreamBroke(1, Fault.RESET)), ()),
    ("reset before content", (head(), data(ROLE), UpstreamBroke(1, Fault.RESET)), ()),
    ("nothing at all", (connected(), head(), ended()), ()),
    ("end before content", (connected(), head(), data(ROLE), ended()), ()),
    ("401", (head(status=401), data(ERROR), ended()), ()),
    ("402", (head(status=402), data(ERROR), ended()), ()),
    ("403", (head(status=403), data(ERROR), ended()), ()),
    ("408", (head(status=408), ended()), ()),
    ("429", (head(status=429), data(ERROR), ended()), ()),
    ("500", (head(status=500), data(b"<html>"), ended()), ()),
    ("503", (head(status=503), ended()), ()),
    ("garbage", (head(), data(b"data: {]\n\n")), (Abort(1),)),
    ("error event", (head(), data(b'data: {"error":{"code":500}}\n\n')), (Abort(1),)),
    ("compressed", (head(headers=((b"content-encoding", b"lzma"),)),), (Abort(1),)),
]


@pytest.mark.parametrize(
    ("inputs", "first"),
    [case[1:] for case in BEFORE_CONTENT],
    ids=[case[0] for case in BEFORE_CONTENT],
)
def test_a_failure_before_content_is_invisible(
    inputs: tuple[Input, ...], first: tuple[Effect, ...]
) -> None:
    *before, last = inputs
    book = play(JOB, CONNECTING)
    for event in before:
        book.sees(event)
    book.sees(last, *first, RETURN, ASK_AGAIN)
    book.sees(granted(B), opened(JOB, 2, B))
    book.sees(head(2)).sees(data(ROLE + HELLO, 2), BEGIN, Write(ROLE + HELLO))


SILENT: list[tuple[str, tuple[Input, ...], float]] = [
    ("connecting", (), TIMEOUTS.connect),
    ("waiting for a head", (connected(),), TIMEOUTS.first_byte),
    ("waiting for a body", (connected(), head()), TIMEOUTS.first_byte),
    ("in the body", (connected(), head(), data(ROLE)), TIMEOUTS.silence),
    ("in an error's body", (connected(), head(1, 500), data(b"x")), TIMEOUTS.silence),
]


@pytest.mark.parametrize(
    ("inputs", "seconds"), [c[1:] for c in SILENT], ids=[c[0] for c in SILENT]
)
def test_every_wait_has_a_deadline(inputs: tuple[Input, ...], seconds: float) -> None:
    book = play(JOB, (*CONNECTING, *inputs))
    book.after(seconds - 0.01).sees(Tick())
    book.at_deadline().sees(Tick(), Abort(1), RETURN, ASK_AGAIN)


def test_the_callers_own_fault_is_told_at_once() -> None:
    body = b'{"error":{"message":"bad","type":"invalid_request_error","code":"c"}}'
    book = play(JOB, (*WAITING, head(1, 400), data(body)))
    answer, *rest = book.hears(ended())
    assert isinstance(answer, Respond)
    assert (answer.status, rest) == (400, [WITHDRAW])
    assert orjson.loads(answer.body)["error"]["message"] == "bad"
    book.ends()


def test_a_request_that_does_not_translate_is_told_at_once() -> None:
    asked = job("claude_messages", messages="not a list")
    answer, *rest = play(asked, CHOOSING).hears(granted())
    assert isinstance(answer, Respond)
    assert (answer.status, rest) == (400, [WITHDRAW])
    assert b".messages" in answer.body


def test_the_last_failure_is_told_when_nobody_is_left() -> None:
    book = play(JOB, (*WAITING, head(1, 429, ((b"retry-after", b"7"),)), data(ERROR)))
    book.sees(ended(), RETURN, ASK_AGAIN)
    answer, *rest = book.hears(Refused("req_1", LEFT))
    assert isinstance(answer, Respond)
    assert (answer.status, rest) == (429, [WITHDRAW])
    assert (b"retry-after", b"7") in answer.headers


def test_nobody_to_ask_is_told() -> None:
    book = play(JOB, CHOOSING)
    book.sees(Refused("req_1", LEFT), error_answer(JOB, LEFT), WITHDRAW).ends()


def test_noise_without_content_is_held_up_to_a_limit() -> None:
    noise = chunk({"role": "assistant", "content": "", "pad": "x" * 100_000})
    book = play(JOB, ANSWERING)
    for _ in range(MAX_HELD_BYTES // len(noise)):
        book.sees(data(noise))
    book.sees(data(noise), Abort(1), RETURN, ASK_AGAIN)


def test_noise_that_ends_in_the_same_read_is_abandoned_once() -> None:
    noise = chunk({"role": "assistant", "content": "", "pad": "x" * MAX_HELD_BYTES})
    book = play(JOB, ANSWERING)
    effects = book.hears(data(noise + b"data: {]\n\n"))
    assert effects == [Abort(1), RETURN, ASK_AGAIN]


# The commit point.

AFTER_CONTENT: list[tuple[str, Input, tuple[Effect, ...]]] = [
    ("reset", UpstreamBroke(1, Fault.RESET), ()),
    ("protocol", UpstreamBroke(1, Fault.PROTOCOL), ()),
    ("stale", UpstreamBroke(1, Fault.STALE), ()),
    ("truncated", ended(), ()),
    ("garbage", data(b"data: {]\n\n"), (Abort(1),)),
    ("error event", data(b'data: {"error":{"code":500}}\n\n'), (Abort(1),)),
]


class TestDoesNotRetryAfterFirstByte:
    """One byte of content, and the request stays with its credential."""

    @pytest.mark.parametrize(
        ("event", "first"),
        [c[1:] for c in AFTER_CONTENT],
        ids=[c[0] for c in AFTER_CONTENT],
    )
    def test_failures_are_told_inside_the_stream(
        self, event: Input, first: tuple[Effect, ...]
    ) -> None:
        book = play(JOB, COMMITTED)
        effects = book.hears(event)
        assert tuple(effects[: len(first)]) == first
        error, end, withdraw = effects[len(first) :]
        assert isinstance(error, Write)
        assert error.data.startswith(b'data: {"error":')
        assert (end, withdraw) == (End(), WITHDRAW)
        book.ends()

    def test_silence_is_told_inside_the_stream(self) -> None:
        book = play(JOB, COMMITTED).after(TIMEOUTS.silence)
        abort, error, end, withdraw = book.hears(Tick())
        assert (abort, end, withdraw) == (Abort(1), End(), WITHDRAW)
        assert isinstance(error, Write)
        assert b"timed out" in error.data

    def test_content_and_failure_in_one_read_are_both_told(self) -> None:
        book = play(JOB, ANSWERING)
        effects = book.hears(data(ROLE + HELLO + b"data: {]\n\n"))
        assert effects[:3] == [Abort(1), BEGIN, Write(ROLE + HELLO)]
        assert effects[-2:] == [End(), WITHDRAW]

    def test_a_claude_caller_hears_of_it_in_his_own_words(self) -> None:
        asked = job("claude_messages")
        book = play(asked, (*ANSWERING, data(ROLE + HELLO)))
        effects = book.hears(UpstreamBroke(1, Fault.RESET))
        assert written(effects).startswith(b"event: error\ndata: {")


# Heartbeats.


def test_heartbeats_fix_the_status_but_not_the_attempt() -> None:
    asked = job(keepalive=15)
    beat = Write(CHAT.heartbeat)
    (
        play(asked, WAITING)
        .after(14.9).sees(Tick())
        .at_deadline().sees(Tick(), BEGIN, beat)
        .after(15).sees(Tick(), beat)
        .sees(UpstreamBroke(1, Fault.RESET), RETURN, ASK_AGAIN)
        .sees(granted(B), opened(asked, 2, B))
        .sees(head(2))
        .sees(data(ROLE + HELLO, 2), Write(ROLE + HELLO))
    )  # fmt: skip


def test_a_failure_after_a_heartbeat_is_told_in_the_stream() -> None:
    book = play(job(keepalive=15), WAITING).after(15)
    book.sees(Tick(), BEGIN, Write(CHAT.heartbeat))
    book.sees(UpstreamBroke(1, Fault.RESET), RETURN, ASK_AGAIN)
    error, *rest = book.hears(Refused("req_1", LEFT))
    assert isinstance(error, Write)
    assert b"the upstream failed" in error.data
    assert rest == [End(), WITHDRAW]


def test_the_callers_fault_after_a_heartbeat_is_told_in_the_stream() -> None:
    book = play(job(keepalive=15), WAITING).after(15)
    book.hears(Tick())
    effects = [*book.hears(head(1, 400)), *book.hears(ended())]
    assert [type(e) for e in effects] == [Write, End, Withdraw]


def test_a_heartbeat_comes_only_into_silence() -> None:
    book = play(job(keepalive=15), COMMITTED)
    book.after(10).sees(data(WORLD), Write(WORLD))
    book.after(5).sees(Tick())  # due, and five seconds after a token
    book.after(9.9).sees(Tick())
    book.at_deadline().sees(Tick(), Write(CHAT.heartbeat))


def test_a_blocked_caller_gets_no_heartbeat() -> None:
    book = play(job(keepalive=15), (*COMMITTED, DownstreamBlocked())).after(15)
    book.sees(Tick()).sees(DownstreamFlowing(), ResumeUpstream(1))
    book.at_deadline().sees(Tick(), Write(CHAT.heartbeat))


@pytest.mark.parametrize("asked", [job(streams=False, keepalive=15), job()])
def test_no_heartbeat_for_whole_answers_or_when_none_is_wanted(asked: Job) -> None:
    book = play(asked, WAITING).after(59)
    book.sees(Tick())


# The request's own deadline.


@pytest.mark.parametrize("told", [CHOOSING, CONNECTING, WAITING, HOLDING])
def test_the_whole_request_has_a_deadline(told: tuple[Input, ...]) -> None:
    """Whoever is asked, and however often."""
    asked = job(timeouts=attrs.evolve(TIMEOUTS, request=3))
    book = play(asked, told).after(3)
    abort = () if told == CHOOSING else (Abort(1),)
    failure = timed_out("the whole answer")
    book.sees(Tick(), *abort, error_answer(asked, failure), WITHDRAW).ends()


def test_the_requests_deadline_inside_a_stream() -> None:
    asked = job(timeouts=attrs.evolve(TIMEOUTS, request=3))
    effects = play(asked, COMMITTED).after(3).hears(Tick())
    assert [type(e) for e in effects] == [Abort, Write, End, Withdraw]


def test_a_late_tick_finds_several_deadlines_due() -> None:
    """A heartbeat and the end at once: the status is still to be chosen."""
    asked = job(keepalive=3, timeouts=attrs.evolve(TIMEOUTS, request=3))
    effects = play(asked, CHOOSING).after(1000).hears(Tick())
    assert [type(e) for e in effects] == [Respond, Withdraw]


# Gone.

STATES: dict[str, tuple[Input, ...]] = {
    "choosing": CHOOSING,
    "connecting": CONNECTING,
    "waiting": WAITING,
    "answering": ANSWERING,
    "refusing": (*WAITING, head(1, 500), data(b"x")),
    "holding": HOLDING,
    "committed": COMMITTED,
    "blocked": (*COMMITTED, DownstreamBlocked()),
    "choosing again": (*CONNECTING, UpstreamBroke(1, Fault.RESET)),
}


@pytest.mark.parametrize("name", STATES)
def test_a_caller_may_hang_up_at_any_time(name: str) -> None:
    book = play(JOB, STATES[name])
    abort = () if name.startswith("choosing") else (Abort(1),)
    book.sees(DownstreamGone(), *abort, WITHDRAW).ends()
    book.sees(DownstreamGone()).sees(Tick()).sees(granted()).sees(data(HELLO))


def test_a_caller_who_never_reads_is_let_go() -> None:
    book = play(JOB, COMMITTED).sees(DownstreamBlocked(), PauseUpstream(1))
    book.after(TIMEOUTS.stall - 1).sees(Tick())
    book.at_deadline().sees(Tick(), Abort(1), WITHDRAW).ends()


# Late answers.


@pytest.mark.parametrize(
    "late",
    [connected(1), head(1), data(HELLO, 1), ended(1), UpstreamBroke(1, Fault.RESET)],
)
def test_late_answers_of_an_earlier_attempt_are_ignored(late: Input) -> None:
    book = play(JOB, (*CONNECTING, UpstreamBroke(1, Fault.CONNECT)))
    book.sees(late).sees(granted(B), opened(JOB, 2, B)).sees(late)
    book.sees(connected(2)).sees(late).sees(head(2))
    book.sees(data(ROLE + HELLO, 2), BEGIN, Write(ROLE + HELLO)).sees(late)


def test_numbers_go_on_where_the_connections_last_request_ended() -> None:
    book: Play = Playbook(RequestMachine(JOB, 3), mute=is_report)
    book.sees(Began(), ASK).sees(granted(), opened(JOB, 4)).sees(data(HELLO, 1))
    book.sees(head(4)).sees(data(ROLE + HELLO, 4), BEGIN, Write(ROLE + HELLO))


def test_answers_meant_for_another_request_are_ignored() -> None:
    book = play(JOB, CHOOSING)
    book.sees(Granted("req_0", B, "m")).sees(Refused("req_0", LEFT))
    book.sees(granted(), opened(JOB, 1))
    book.sees(granted(B)).sees(Refused("req_1", LEFT))


def test_a_stale_connection_is_replaced_once_by_a_fresh_one() -> None:
    (
        play(JOB, WAITING)
        .after(TIMEOUTS.first_byte - 1)
        .sees(UpstreamBroke(1, Fault.STALE), opened(JOB, 1, fresh=True))
        .after(2).sees(Tick())  # the first wait is forgotten
        .sees(connected())
        .sees(head())
        .sees(data(ROLE + HELLO), BEGIN, Write(ROLE + HELLO))
    )  # fmt: skip


# Back-pressure.


def test_a_slow_caller_slows_the_upstream() -> None:
    (
        play(JOB, COMMITTED)
        .sees(DownstreamBlocked(), PauseUpstream(1))
        .sees(data(WORLD), Write(WORLD))
        .sees(DownstreamFlowing(), ResumeUpstream(1))
    )


def test_while_we_do_not_read_the_upstream_is_not_silent() -> None:
    book = play(job(timeouts=attrs.evolve(TIMEOUTS, stall=100)), COMMITTED)
    book.sees(DownstreamBlocked(), PauseUpstream(1)).after(99).sees(Tick())
    book.sees(DownstreamFlowing(), ResumeUpstream(1))
    book.after(TIMEOUTS.silence - 1).sees(Tick()).after(1)
    assert book.hears(Tick())[0] == Abort(1)


def test_a_first_byte_that_was_under_way_does_not_start_the_silence() -> None:
    book = play(job(timeouts=attrs.evolve(TIMEOUTS, stall=100)), ANSWERING)
    book.sees(DownstreamBlocked(), PauseUpstream(1)).sees(data(ROLE))
    book.after(99).sees(Tick()).sees(DownstreamFlowing(), ResumeUpstream(1))


def test_the_next_attempt_for_a_blocked_caller_begins_paused() -> None:
    book = play(JOB, (*CONNECTING, DownstreamBlocked()))
    book.sees(UpstreamBroke(1, Fault.RESET), RETURN, ASK_AGAIN)
    book.sees(granted(B), opened(JOB, 2, B), PauseUpstream(2))
    book.sees(DownstreamFlowing(), ResumeUpstream(2))


def test_blocked_and_flowing_while_nobody_is_asked() -> None:
    book = play(JOB, CHOOSING).sees(DownstreamBlocked()).sees(DownstreamFlowing())
    book.sees(granted(), opened(JOB, 1))


# What the operator hears.


def test_the_report_of_a_success() -> None:
    book = play(JOB, COMMITTED).after(2)
    fields = report_of(book, data(FINISH + DONE))
    assert fields["outcome"] == "complete"
    assert (fields["attempts"], fields["credential"]) == (1, "a")
    assert (fields["first_content"], fields["seconds"]) == (0.0, 2.0)


def test_the_report_of_one_who_hung_up() -> None:
    fields = report_of(play(JOB, CONNECTING), DownstreamGone())
    assert (fields["outcome"], fields["status"]) == ("gone", 499)


@pytest.mark.parametrize(
    ("told", "state"),
    [
        (CHOOSING, State.CHOOSING),
        (WAITING, State.TRYING),
        (COMMITTED, State.COMMITTED),
        ((*COMMITTED, DownstreamGone()), State.DONE),
    ],
)
def test_the_state_can_be_looked_at(told: tuple[Input, ...], state: State) -> None:
    machine = play(JOB, told).machine
    assert isinstance(machine, RequestMachine)
    assert machine.state is state


def test_the_translated_lane_passes_too() -> None:
    """A Claude upstream for a chat caller, as far as the commit point."""
    book = play(JOB, (Began(), granted(CLAUDE_CREDENTIAL), head()))
    start = b'{"type":"message_start","message":{"id":"msg_1","type":"message",'
    start += b'"role":"assistant","model":"m","content":[],"stop_reason":null,'
    start += b'"stop_sequence":null,"usage":{"input_tokens":1,"output_tokens":1}}}'
    book.sees(data(b"event: message_start\ndata: %b\n\n" % start))
    opening = b'{"type":"content_block_start","index":0,"content_block":'
    opening += b'{"type":"text","text":""}}'
    book.sees(data(b"event: content_block_start\ndata: %b\n\n" % opening))
    delta = b'{"type":"content_block_delta","index":0,"delta":'
    delta += b'{"type":"text_delta","text":"Hello"}}'
    effects = book.hears(data(b"event: content_block_delta\ndata: %b\n\n" % delta))
    assert effects[0] == BEGIN
    assert b'"role":"assistant"' in written(effects)
    assert b'"delta":{"content":"Hello"}' in written(effects)
