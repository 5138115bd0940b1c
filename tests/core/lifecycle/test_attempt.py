"""One go at an upstream: its waits, its answers, and what goes wrong."""

from __future__ import annotations

from typing import Any

import attrs
import orjson
import pytest

from cliproxy_core.base.contract import Tick
from cliproxy_core.base.secret import Secret
from cliproxy_core.ir.failure import Failure, Kind
from cliproxy_core.lifecycle.attempt import (
    MAX_ERROR_BYTES,
    Attempt,
    Effect,
    Input,
    State,
)
from cliproxy_core.lifecycle.effects import (
    Abort,
    Open,
    PauseUpstream,
    Release,
    ResumeUpstream,
)
from cliproxy_core.lifecycle.inputs import (
    Began,
    DownstreamBlocked,
    DownstreamFlowing,
    Fault,
    UpstreamBroke,
    UpstreamHead,
)
from cliproxy_core.testing.playbook import Playbook
from cliproxy_core.translate import Piece, StreamEnded, StreamFailed
from cliproxy_core.wire.coding import encode
from cliproxy_core.wire.http import Headers
from tests.core.lifecycle.cast import (
    CLAUDE_CREDENTIAL,
    DONE,
    FINISH,
    HELLO,
    JSON,
    KEY,
    ROLE,
    STREAM,
    TIMEOUTS,
    WHOLE,
    A,
    connected,
    credential,
    data,
    ended,
    head,
    job,
    opened,
)

JOB = job()


def play(*told: Input, streams: bool = True, **fields: Any) -> Playbook[Input, Effect]:
    asked = job(streams=streams, **fields)
    book: Playbook[Input, Effect] = Playbook(Attempt(1, asked, A, "m"))
    for event in (Began(), *told):
        book.hears(event)
    return book


def failure_of(effects: list[Effect]) -> Failure:
    assert isinstance(effects[-1], StreamFailed)
    return effects[-1].failure


def refusal(status: int, body: bytes, headers: Headers = JSON) -> Failure:
    """What becomes of an error answer."""
    book = play(connected(), head(1, status, headers), *([data(body)] if body else ()))
    effects = book.hears(ended())
    book.ends()
    assert len(effects) == 1
    return failure_of(effects)


def test_an_answer_from_beginning_to_end() -> None:
    book: Playbook[Input, Effect] = Playbook(Attempt(1, JOB, A, "m"))
    (
        book
        .sees(Began(), opened(JOB, 1))
        .sees(connected())
        .sees(head())
        .sees(data(ROLE), Piece(ROLE, content=False))
        .sees(data(HELLO), Piece(HELLO, content=True))
        .sees(data(FINISH))
        .sees(data(DONE), Release(1), Piece(FINISH + DONE, content=True), StreamEnded())
        .sees(ended())
        .ends()
    )  # fmt: skip


def test_a_whole_answer_ends_with_its_body() -> None:
    book = play(connected(), head(1, 200, JSON), data(WHOLE), streams=False)
    book.sees(ended(), Piece(WHOLE, content=True), StreamEnded()).ends()


# Waiting.


@pytest.mark.parametrize(
    ("told", "seconds", "what"),
    [
        ((), TIMEOUTS.connect, "a connection"),
        ((connected(),), TIMEOUTS.first_byte, "the first byte"),
        ((connected(), head()), TIMEOUTS.first_byte, "the first byte"),
        ((connected(), head(), data(b": x\n\n")), TIMEOUTS.silence, "more of"),
    ],
)
def test_every_wait_has_its_own_deadline(
    told: tuple[Input, ...], seconds: float, what: str
) -> None:
    book = play(*told)
    book.after(seconds - 0.001).sees(Tick())
    effects = book.after(0.001).hears(Tick())
    assert effects[0] == Abort(1)
    failure = failure_of(effects)
    assert (failure.kind, failure.status) == (Kind.TIMEOUT, 504)
    assert what in failure.message
    book.ends()


def test_every_byte_puts_the_silence_off() -> None:
    book = play(connected(), head(), data(b": x\n\n"))
    for _ in range(5):
        book.after(TIMEOUTS.silence - 1).sees(Tick()).sees(data(b": x\n\n"))
    book.after(TIMEOUTS.silence)
    assert failure_of(book.hears(Tick())).kind is Kind.TIMEOUT


def test_an_upstream_that_is_not_read_is_not_silent() -> None:
    book = play(connected(), head(), data(ROLE))
    book.sees(DownstreamBlocked(), PauseUpstream(1)).sees(data(b": x\n\n"))
    assert book.machine.deadline is None
    book.after(1000).sees(DownstreamFlowing(), ResumeUpstream(1))
    book.after(TIMEOUTS.silence - 1).sees(Tick())


def test_a_body_that_begins_while_blocked_is_not_timed() -> None:
    book = play(connected(), head())
    book.sees(DownstreamBlocked(), PauseUpstream(1)).hears(data(ROLE))
    assert book.machine.deadline is None


# Broken connections.


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (Fault.RESOLVE, Kind.CONNECT),
        (Fault.CONNECT, Kind.CONNECT),
        (Fault.TLS, Kind.CONNECT),
        (Fault.RESET, Kind.RESET),
        (Fault.PROTOCOL, Kind.MALFORMED),
    ],
)
def test_a_connection_that_breaks(fault: Fault, kind: Kind) -> None:
    book = play()
    (failed,) = book.hears(UpstreamBroke(1, fault, "why"))
    failure = failure_of([failed])
    assert (failure.kind, failure.status) == (kind, 502)
    assert fault.value in failure.message
    assert "(why)" in failure.message
    book.ends()


@pytest.mark.parametrize("told", [(), (connected(),)])
def test_a_stale_connection_is_replaced(told: tuple[Input, ...]) -> None:
    book = play(*told).after(1)
    book.sees(UpstreamBroke(1, Fault.STALE), opened(JOB, 1, fresh=True))
    book.after(TIMEOUTS.connect - 0.001).sees(Tick()).after(0.001)
    assert "a connection" in failure_of(book.hears(Tick())).message


def test_a_stale_connection_of_a_blocked_caller_is_replaced_paused() -> None:
    book = play(connected(), DownstreamBlocked())
    fresh = opened(JOB, 1, fresh=True)
    book.sees(UpstreamBroke(1, Fault.STALE), fresh, PauseUpstream(1))


def test_a_connection_that_has_said_something_is_not_stale() -> None:
    for told in ((head(),), (head(1, 500),), (head(), data(ROLE))):
        effects = play(connected(), *told).hears(UpstreamBroke(1, Fault.STALE))
        assert failure_of(effects).kind is Kind.RESET


# Refusals.


def test_an_error_in_the_upstreams_words() -> None:
    body = b'{"error":{"message":"slow down","type":"t","code":"c","extra":1}}'
    failure = refusal(429, body)
    assert (failure.kind, failure.status) == (Kind.RATE, 429)
    assert (failure.message, failure.code) == ("slow down", "c")
    assert failure.native is not None
    assert failure.native.error["extra"] == 1


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (400, b"", Kind.REQUEST),
        (401, b"no", Kind.AUTH),
        (404, b"<html><title>Not here</title>", Kind.NOT_FOUND),
        (302, b"", Kind.SERVER),
        (500, b"\xff\xfe", Kind.SERVER),
        (529, b"{", Kind.OVERLOADED),
    ],
)
def test_any_body_is_a_refusal(status: int, body: bytes, kind: Kind) -> None:
    assert refusal(status, body).kind is kind


def test_a_refusal_that_breaks_off_is_a_refusal_all_the_same() -> None:
    book = play(connected(), head(1, 429), data(b'{"error":{"message":"half'))
    (failed,) = book.hears(UpstreamBroke(1, Fault.RESET))
    assert failure_of([failed]).kind is Kind.RATE


def test_a_refusal_that_breaks_before_a_word_is_a_reset() -> None:
    book = play(connected(), head(1, 429))
    assert failure_of(book.hears(UpstreamBroke(1, Fault.RESET))).kind is Kind.RESET


def test_no_more_of_an_error_is_kept_than_anybody_needs() -> None:
    book = play(connected(), head(1, 500))
    for _ in range(5):
        book.sees(data(b"x" * MAX_ERROR_BYTES))
    machine = book.machine
    assert isinstance(machine, Attempt)
    assert len(machine._error) == MAX_ERROR_BYTES


@pytest.mark.parametrize(
    ("headers", "body", "expected"),
    [
        (((b"retry-after", b"7"),), b"", 7.0),
        (((b"retry-after-ms", b"1500"), (b"retry-after", b"7")), b"", 1.5),
        ((), b'{"error":{"message":"m","resets_in_seconds":30}}', 30.0),
        (((b"retry-after", b"7"),), b'{"error":{"resets_in_seconds":30}}', 7.0),
        ((), b"", None),
    ],
)
def test_the_wait_that_an_upstream_asks_for(
    headers: Headers, body: bytes, expected: float | None
) -> None:
    assert refusal(429, body, headers).retry_after == expected


@pytest.mark.parametrize("where", ["message", "code", "param"])
def test_a_key_in_an_error_does_not_get_out(where: str) -> None:
    error = {"message": "m", "type": "t", "code": "c", "param": "p"}
    error[where] = f"you sent {KEY}, which is wrong"
    failure = refusal(401, orjson.dumps({"error": error}))
    assert KEY not in repr(attrs.asdict(failure))


def test_a_key_in_a_configured_header_does_not_get_out() -> None:
    secret = "my-own-header-secret"
    by = credential(headers=(("X-Own", Secret(secret)),))
    book: Playbook[Input, Effect] = Playbook(Attempt(1, JOB, by, "m"))
    for event in (Began(), head(1, 401), data(b"bad header " + secret.encode())):
        book.hears(event)
    assert secret not in failure_of(book.hears(ended())).message


def test_a_key_inside_a_stream_does_not_get_out() -> None:
    body = b'data: {"error":{"message":"%b is over quota"}}\n\n' % KEY.encode()
    effects = play(connected(), head()).hears(data(body))
    assert KEY not in repr(attrs.asdict(failure_of(effects)))


# Answers that are not what was asked for.


def coded(coding: bytes) -> UpstreamHead:
    return head(1, 200, ((b"content-encoding", coding),))


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd", "gzip, br"])
def test_a_compressed_answer_is_read_all_the_same(coding: str) -> None:
    plain = play(connected(), head())
    wanted = [*plain.hears(data(STREAM)), *plain.hears(ended())]
    body = encode(coding, STREAM)
    assert body is not None
    book = play(connected(), coded(coding.encode()))
    effects = [*book.hears(data(body[:9])), *book.hears(data(body[9:]))]
    assert [e for e in (*effects, *book.hears(ended())) if e != Release(1)] == [
        e for e in wanted if e != Release(1)
    ]


@pytest.mark.parametrize(
    "inputs", [(coded(b"lzma"),), (coded(b"gzip"), data(b"no gzip at all"))]
)
def test_a_coding_that_cannot_be_undone_is_a_failure(inputs: tuple[Any, ...]) -> None:
    effects = play(connected(), *inputs[:-1]).hears(inputs[-1])
    assert effects[0] == Abort(1)
    assert failure_of(effects).kind is Kind.MALFORMED


def test_identity_is_no_compression() -> None:
    play(connected()).sees(head(1, 200, ((b"content-encoding", b"identity"),)))


@pytest.mark.parametrize("body", [b"", b"\n\n", b"\xef\xbb\xbf  "])
def test_a_success_without_a_body_is_a_failure(body: bytes) -> None:
    book = play(connected(), head(), data(body))
    assert failure_of(book.hears(ended())).kind is Kind.EMPTY


def test_an_error_in_a_200_is_a_failure() -> None:
    book = play(connected(), head(1, 200, JSON), data(b'{"error":{"message":"m"}}'))
    assert failure_of(book.hears(ended())).message == "m"


def test_a_body_before_its_head_is_nothing() -> None:
    play(connected()).sees(data(b"x"))


def test_a_request_that_does_not_translate_opens_nothing() -> None:
    asked = job("claude_messages", messages=7)
    book: Playbook[Input, Effect] = Playbook(Attempt(1, asked, A, "m"))
    (failed,) = book.hears(Began())
    assert failure_of([failed]).kind is Kind.REQUEST
    book.ends()


# Questions about tokens.


def test_who_cannot_count_is_not_asked() -> None:
    asked = job(streams=False, counts=True)
    book: Playbook[Input, Effect] = Playbook(Attempt(1, asked, A, "m"))
    assert failure_of(list(book.hears(Began()))).kind is Kind.REQUEST
    book.ends()


def test_a_count_is_an_answer_like_any_other() -> None:
    asked = job("claude_messages", streams=False, counts=True)
    attempt = Attempt(1, asked, CLAUDE_CREDENTIAL, "m")
    book: Playbook[Input, Effect] = Playbook(attempt)
    (order,) = book.hears(Began())
    assert isinstance(order, Open)
    assert order.head.target.endswith(b"/messages/count_tokens")
    told = b'{"input_tokens":7}'
    for event in (connected(), head(headers=JSON), data(told)):
        book.hears(event)
    book.sees(ended(), Piece(told, content=True), StreamEnded())
    book.ends()


def test_nothing_happens_after_the_end() -> None:
    book = play(connected(), head(), data(ROLE + HELLO + FINISH + DONE))
    for event in (data(HELLO), ended(), UpstreamBroke(1, Fault.RESET), Tick(), head()):
        book.sees(event)
    machine = book.machine
    assert isinstance(machine, Attempt)
    assert machine.state is State.DONE
