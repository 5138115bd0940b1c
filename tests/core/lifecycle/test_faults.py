"""What goes wrong on the way, in words."""

from __future__ import annotations

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cliproxy_core.base.clock import Wall
from cliproxy_core.base.errors import DecodeError
from cliproxy_core.ir.failure import Failure, Kind, Native
from cliproxy_core.lifecycle.faults import (
    MAX_RETRY_AFTER,
    broke,
    redacted,
    refused,
    retry_after,
    timed_out,
)
from cliproxy_core.lifecycle.inputs import Fault, UpstreamBroke
from cliproxy_core.wire.http import Headers
from tests.core.lifecycle.cast import KEY, credential

NOON = Wall(1_700_000_000.0)  # Tue, 14 Nov 2023 22:13:20 GMT

RETRY_AFTER: list[tuple[Headers, float | None]] = [
    # header fields, seconds
    ((), None),
    (((b"retry-after", b"3"),), 3.0),
    (((b"retry-after", b"0"),), 0.0),
    (((b"retry-after", b"2.5"),), 2.5),
    (((b"retry-after-ms", b"250"),), 0.25),
    (((b"retry-after", b"9"), (b"retry-after-ms", b"250")), 0.25),
    (((b"retry-after", b"Tue, 14 Nov 2023 22:13:50 GMT"),), 30.0),
    (((b"retry-after", b"Tue Nov 14 22:13:50 2023"),), 30.0),
    (((b"retry-after", b"Tue, 31 Feb 2023 22:13:50 GMT"),), None),
    (((b"retry-after", b"Tue, 14 Nov 2023 23:13:50 +0100"),), None),
    (((b"retry-after", b"Tuesday, 14-Nov-23 22:13:50 GMT"),), 30.0),
    (((b"retry-after", b"Tue, 14 Nov 2023 22:00:00 GMT"),), None),
    (((b"retry-after", b"Fri, 31 Dec 9999 23:59:59 GMT"),), MAX_RETRY_AFTER),
    (((b"retry-after", b"99999999999"),), MAX_RETRY_AFTER),
    (((b"retry-after", b"-5"),), None),
    (((b"retry-after", b"inf"),), None),
    (((b"retry-after", b"nan"),), None),
    (((b"retry-after", b"soon"),), None),
    (((b"retry-after", b""),), None),
    (((b"retry-after-ms", b"soon"), (b"retry-after", b"4")), 4.0),
]


@pytest.mark.parametrize(("headers", "expected"), RETRY_AFTER)
def test_retry_after(headers: Headers, expected: float | None) -> None:
    assert retry_after(headers, NOON) == expected


@given(st.binary(max_size=40) | st.from_regex(rb"[A-Za-z]{3}, [0-9 :A-Za-z+\-]{0,40}"))
def test_any_retry_after_is_a_wait_or_nothing(field: bytes) -> None:
    for name in (b"retry-after", b"retry-after-ms"):
        seconds = retry_after(((name, field),), NOON)
        assert seconds is None or 0 <= seconds <= MAX_RETRY_AFTER


@pytest.mark.parametrize("fault", Fault)
def test_every_fault_is_a_failure(fault: Fault) -> None:
    assert broke(UpstreamBroke(1, fault)).status == 502
    assert broke(UpstreamBroke(1, fault)).message.endswith(fault.value)


def test_a_timeout_says_for_what() -> None:
    failure = timed_out("tea")
    assert (failure.kind, failure.status) == (Kind.TIMEOUT, 504)
    assert failure.message.endswith("tea")


def test_a_refused_document_says_where() -> None:
    failure = refused(DecodeError(".messages[0].role", "required"))
    assert (failure.kind, failure.status) == (Kind.REQUEST, 400)
    assert failure.param == "messages[0].role"
    assert refused(DecodeError("", "not JSON at byte 0")).param is None


def test_secrets_are_taken_out_everywhere() -> None:
    failure = Failure(
        kind=Kind.AUTH,
        status=401,
        message=f"key {KEY}",
        type=f"t {KEY}",
        code=f"c {KEY}",
        param=f"p {KEY}",
        native=Native("openai_chat", {"deep": [{"er": f"x {KEY}"}]}),
    )
    clean = redacted(failure, credential())
    assert KEY not in repr(attrs.asdict(clean))
    assert clean.message == "key [REDACTED]"


def test_nothing_else_is_taken_out() -> None:
    failure = Failure(kind=Kind.RATE, status=429, message="slow down", retry_after=3.0)
    assert redacted(failure, credential()) == failure
