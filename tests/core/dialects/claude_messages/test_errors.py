"""Failures as this API tells them, and back."""

from __future__ import annotations

from typing import Any

import anthropic
import httpx2
import orjson
import pytest

from cliproxy_core.dialects.claude_messages.errors import (
    emit_error,
    error_in,
    fail,
    parse_error,
)
from cliproxy_core.ir.failure import Failure, Kind, Native

OWN = (
    b'{"type":"error","error":{"type":"rate_limit_error","message":"slow"},'
    b'"request_id":"req_1"}'
)


def test_an_own_error_keeps_all_its_fields() -> None:
    failure = parse_error(429, OWN)
    assert (failure.kind, failure.status, failure.message) == (Kind.RATE, 429, "slow")
    assert failure.type == "rate_limit_error"
    assert emit_error(failure) == orjson.loads(OWN)


@pytest.mark.parametrize(
    ("status", "body", "kind", "message"),
    [
        (401, b'{"error":{"message":"no key","code":"x"}}', Kind.AUTH, "no key"),
        (500, b'{"error":"broken"}', Kind.SERVER, "broken"),
        (400, b'{"type":"error","error":{"message":"m"}}', Kind.REQUEST, "m"),
        (503, b'{"type":"error","error":"busy"}', Kind.OVERLOADED, "busy"),
        (404, b"[]", Kind.NOT_FOUND, "404"),
        (502, b"<html><title>Bad gateway</title></html>", Kind.SERVER, "Bad gateway"),
        (529, b"", Kind.OVERLOADED, "529"),
    ],
)
def test_other_bodies(status: int, body: bytes, kind: Kind, message: str) -> None:
    failure = parse_error(status, body)
    assert (failure.kind, failure.status, failure.native) == (kind, status, None)
    assert message in failure.message


def test_an_error_hides_in_a_payload() -> None:
    failure = error_in(orjson.loads(OWN))
    assert failure is not None
    assert failure.native == Native("claude_messages", orjson.loads(OWN))
    assert error_in({"type": "message", "content": []}) is None
    foreign = error_in({"error": {"message": "m", "type": "server_error"}})
    assert foreign is not None
    assert foreign.native is None


@pytest.mark.parametrize(
    ("kind", "status", "word"),
    [
        (Kind.REQUEST, 400, "invalid_request_error"),
        (Kind.AUTH, 401, "authentication_error"),
        (Kind.BILLING, 402, "billing_error"),
        (Kind.PERMISSION, 403, "permission_error"),
        (Kind.NOT_FOUND, 404, "not_found_error"),
        (Kind.TOO_LARGE, 413, "request_too_large"),
        (Kind.RATE, 429, "rate_limit_error"),
        (Kind.OVERLOADED, 529, "overloaded_error"),
        (Kind.UNAVAILABLE, 503, "overloaded_error"),
        (Kind.SERVER, 500, "api_error"),
        (Kind.SERVER, 504, "timeout_error"),
        (Kind.TIMEOUT, 504, "timeout_error"),
        (Kind.RESET, 502, "api_error"),
        (Kind.TRUNCATED, 502, "api_error"),
    ],
)
def test_the_word_for_each_kind(kind: Kind, status: int, word: str) -> None:
    native = Native("openai_chat", {"message": "theirs"})
    failure = Failure(kind=kind, status=status, message="m", native=native)
    body: Any = {"type": "error", "error": {"type": word, "message": "m"}}
    assert emit_error(failure) == body


def test_every_kind_can_be_told() -> None:
    for kind in Kind:
        assert (
            emit_error(Failure(kind=kind, status=500, message="m"))["type"] == "error"
        )


def test_the_vendors_client_hears_an_error_in_a_stream() -> None:
    body = fail(Failure(kind=Kind.RESET, status=502, message="the line broke"))
    transport = httpx2.MockTransport(
        lambda _: httpx2.Response(
            200, headers={"content-type": "text/event-stream"}, content=body
        )
    )
    with (
        httpx2.Client(transport=transport) as http,
        anthropic.Anthropic(api_key="k", http_client=http) as client,
        client.messages.create(
            model="m",
            max_tokens=9,
            stream=True,
            messages=[{"role": "user", "content": "hi"}],
        ) as stream,
        pytest.raises(anthropic.APIStatusError, match="the line broke"),
    ):
        list(stream)
