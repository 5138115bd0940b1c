"""Answers that the proxy makes itself."""

from __future__ import annotations

import orjson
import pytest

from cliproxy_core.dialects import DIALECTS
from cliproxy_core.ir.failure import Failure, Kind
from cliproxy_core.lifecycle.render import (
    JSON_TYPE,
    error_answer,
    error_response,
    stream_headers,
    whole_headers,
)
from tests.core.lifecycle.cast import CLAUDE, job

ID = (b"x-request-id", b"req_1")


def test_every_answer_names_the_request() -> None:
    for headers in (stream_headers(job()), whole_headers(job())):
        assert ID in headers


def test_types() -> None:
    assert (b"content-type", b"text/event-stream; charset=utf-8") in stream_headers(
        job()
    )
    assert JSON_TYPE in whole_headers(job())
    array = stream_headers(job("gemini", array=True))
    assert [v for n, v in array if n == b"content-type"] == [b"application/json"]
    assert (b"x-accel-buffering", b"no") in array


@pytest.mark.parametrize("name", DIALECTS)
@pytest.mark.parametrize("kind", Kind)
def test_every_dialect_says_every_kind_of_failure(name: str, kind: Kind) -> None:
    failure = Failure(kind=kind, status=502, message="the words")
    answer = error_answer(job(name), failure)
    assert answer.status == 502
    assert answer.headers == (JSON_TYPE, ID)
    assert orjson.loads(answer.body)["error"]["message"] == "the words"


@pytest.mark.parametrize(
    ("seconds", "field"), [(None, None), (0.0, b"0"), (0.2, b"1"), (7.0, b"7")]
)
def test_a_wait_is_passed_on_in_whole_seconds(
    seconds: float | None, field: bytes | None
) -> None:
    failure = Failure(kind=Kind.RATE, status=429, message="m", retry_after=seconds)
    headers = dict(error_response(CLAUDE, failure, "req_1").headers)
    assert headers.get(b"retry-after") == field
