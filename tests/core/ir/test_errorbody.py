"""Errors in every shape: whatever the body, one failure with the peer's own words."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cliproxy_core.ir.errorbody import (
    MAX_MESSAGE,
    failure_from,
    kind_of_status,
    read_error,
)
from cliproxy_core.ir.failure import Kind

# Body -> message, type, code.
BODIES: list[tuple[bytes, str, str | None, str | None]] = [
    (b'{"error":{"message":"m","type":"t","code":"c"}}', "m", "t", "c"),
    (b'{"error":{"message":"m","code":7}}', "m", None, "7"),
    (b'{"error":"m"}', "m", None, None),
    (b'{"error":["m"]}', "m", None, None),
    (b'{"type":"error","error":{"type":"t","message":"m"}}', "m", "t", None),
    (b'{"error":{"code":400,"message":"m","status":"S"}}', "m", "S", "400"),
    (b'[{"error":{"message":"m"}}]', "m", None, None),
    (b'{"message":"m","code":"c"}', "m", None, "c"),
    (b'{"detail":"m"}', "m", None, None),
    (b'{"detail":[{"loc":["a"],"msg":"m"},{"msg":"n"}]}', "m; n", None, None),
    (b'{"errors":[{"message":"m"}]}', "m", None, None),
    (b'{"error":{"message":{"message":"m"}}}', "m", None, None),
    (b'{"error":{},"message":"m"}', "m", None, None),
    (b'{"response":{"error":{"message":"m","code":"c"}}}', "m", None, "c"),
    (b'"m"', "m", None, None),
    (b" m ", "m", None, None),
    (b"<html><head><title>502\n Bad</title>", "502 Bad", None, None),
    (b"<p>no <b>way</b> &amp; more</p><script>x</script>", "no way & more", None, None),
]
SILENT = [b"", b"{}", b"[]", b"5", b'{"error":{}}', b'{"error":[]}', b"<br>", b"[[1]]"]


@pytest.mark.parametrize(("body", "message", "kind", "code"), BODIES)
def test_the_words_are_found(
    body: bytes, message: str, kind: str | None, code: str | None
) -> None:
    failure = read_error(400, body)
    assert (failure.kind, failure.status) == (Kind.REQUEST, 400)
    assert (failure.message, failure.type, failure.code) == (message, kind, code)


@pytest.mark.parametrize("body", SILENT)
def test_silence_is_put_in_words(body: bytes) -> None:
    failure = read_error(429, body)
    assert failure.message == "the upstream answered 429 without a reason"
    assert failure.kind is Kind.RATE


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, Kind.REQUEST),
        (401, Kind.AUTH),
        (402, Kind.BILLING),
        (403, Kind.PERMISSION),
        (404, Kind.NOT_FOUND),
        (408, Kind.TIMEOUT),
        (413, Kind.TOO_LARGE),
        (418, Kind.REQUEST),
        (422, Kind.REQUEST),
        (429, Kind.RATE),
        (500, Kind.SERVER),
        (503, Kind.OVERLOADED),
        (529, Kind.OVERLOADED),
        (599, Kind.SERVER),
        (200, Kind.SERVER),
        (700, Kind.SERVER),
    ],
)
def test_the_kind_of_a_status(status: int, kind: Kind) -> None:
    assert kind_of_status(status) is kind


# Payload inside a stream -> status, kind.
TOLD: list[tuple[dict[str, Any], int, Kind]] = [
    ({"error": {"message": "m"}}, 502, Kind.SERVER),
    ({"error": {"status": 429}}, 429, Kind.RATE),
    ({"error": {"code": "503"}}, 503, Kind.OVERLOADED),
    ({"error": {"code": 99}}, 502, Kind.SERVER),
    ({"error": {"type": "overloaded_error"}}, 529, Kind.OVERLOADED),
    ({"error": {"code": "invalid_api_key"}}, 401, Kind.AUTH),
    ({"error": {"status": "RESOURCE_EXHAUSTED"}}, 429, Kind.RATE),
    ({"error": "x", "status_code": 404}, 404, Kind.NOT_FOUND),
    ({"type": "error", "message": "m"}, 502, Kind.SERVER),
    ({"type": "response.failed"}, 502, Kind.SERVER),
    ({"code": 400, "message": "m"}, 400, Kind.REQUEST),
]


@pytest.mark.parametrize(("payload", "status", "kind"), TOLD)
def test_the_status_that_a_payload_tells(
    payload: dict[str, Any], status: int, kind: Kind
) -> None:
    failure = failure_from(payload, None)
    assert failure is not None
    assert (failure.status, failure.kind) == (status, kind)
    again = failure_from(payload, 418)
    assert again is not None
    assert again.status == 418


@pytest.mark.parametrize(
    "payload",
    [
        {},
        {"error": None},
        {"error": ""},
        {"error": False},
        {"message": "m"},
        {"detail": "m"},
        {"type": "message_start", "message": {}, "code": 1},
        {"response": {"error": None}},
        {"type": []},
        {"type": {}},
    ],
)
def test_what_is_no_error(payload: dict[str, Any]) -> None:
    assert failure_from(payload, None) is None
    assert failure_from(payload, 200) is None
    assert failure_from(payload, 500) is not None


def test_an_odd_status_is_a_bad_gateway() -> None:
    assert read_error(302, b"moved").status == 502
    assert read_error(0, b'{"error":{"code":429}}').status == 429


@pytest.mark.parametrize(
    ("body", "seconds"),
    [
        (b'{"error":{"retry_after":3}}', 3.0),
        (b'{"error":{"resets_in_seconds":2.5}}', 2.5),
        (b'{"error":{"details":[{},{"retryDelay":"3.5s"}]}}', 3.5),
        (b'{"error":{"details":[{"retryDelay":"soon"}]}}', None),
        (b'{"error":{"details":"x","retry_after":-1}}', None),
        (b'{"error":{"retry_after":true}}', None),
    ],
)
def test_how_long_to_wait(body: bytes, seconds: float | None) -> None:
    assert read_error(429, body).retry_after == seconds


def test_a_message_has_an_end() -> None:
    assert len(read_error(500, b"x" * 9999).message) == MAX_MESSAGE
    assert read_error(500, b'{"error":{"param":".a","type":""}}').param == ".a"


def test_depth_is_no_trouble() -> None:
    deep = b'{"message":' * 400 + b"1" + b"}" * 400
    assert read_error(500, deep).status == 500
    assert read_error(500, b"[" * 400 + b"]" * 400).status == 500


@given(st.integers(-1, 1000), st.binary(max_size=64))
def test_any_body_is_a_failure(status: int, body: bytes) -> None:
    failure = read_error(status, body)
    assert 400 <= failure.status <= 599
    assert failure.message
