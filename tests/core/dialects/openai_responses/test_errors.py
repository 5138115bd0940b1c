"""Errors, whichever way upstreams write them, and as callers hear them."""

from __future__ import annotations

from typing import Any

import openai
import orjson
import pytest

from cliproxy_core.dialects.openai_responses.errors import (
    LAST_NUMBER,
    emit_error,
    error_in,
    fail,
    parse_error,
)
from cliproxy_core.dialects.openai_responses.grammar import NAME
from cliproxy_core.ir.failure import Failure, Kind, Native
from cliproxy_core.wire.sse import SseDecoder

OWN: dict[str, Any] = {"message": "no", "type": "t", "param": "input", "code": "c"}
DEEP: Any = []
for _ in range(260):
    DEEP = [DEEP]


@pytest.mark.parametrize(
    ("payload", "kind", "message", "native"),
    [
        # Four places for one error object.
        ({"error": OWN}, Kind.SERVER, "no", OWN),
        ({"type": "error", "error": OWN}, Kind.SERVER, "no", OWN),
        (
            {"type": "error", "code": "rate_limit_exceeded", "message": "slow"},
            Kind.RATE,
            "slow",
            {"code": "rate_limit_exceeded", "message": "slow"},
        ),
        (
            {"type": "response.failed", "response": {"error": OWN}},
            Kind.SERVER,
            "no",
            OWN,
        ),
        (
            {"type": "error", "error": {}, "error_type": "rate_limit_exceeded"},
            Kind.RATE,
            "the upstream answered 429 without a reason",
            None,
        ),
        (
            {"type": "error", "error": {}, "code": "server_error", "message": "m"},
            Kind.SERVER,
            "m",
            {"code": "server_error", "message": "m"},
        ),
        # What is about the turn as a whole.
        (
            {"type": "error", "status": 429, "error": {"message": "m", "code": None}},
            Kind.RATE,
            "m",
            {"message": "m", "code": None},
        ),
        (
            {"object": "response", "status": "failed", "error": OWN},
            Kind.SERVER,
            "no",
            OWN,
        ),
        (
            {"object": "response", "status": "failed", "error": None},
            Kind.SERVER,
            "the upstream answered 502 without a reason",
            None,
        ),
        ({"code": "invalid_prompt", "message": "m"}, Kind.REQUEST, "m", None),
        # Errors of other APIs stay theirs.
        (
            {"type": "error", "error": {"type": "overloaded_error", "message": "m"}},
            Kind.OVERLOADED,
            "m",
            None,
        ),
        (
            {"error": {"code": 503, "message": "m", "status": "UNAVAILABLE"}},
            Kind.OVERLOADED,
            "m",
            None,
        ),
        ({"error": "words"}, Kind.SERVER, "words", None),
        ({"error": {**OWN, "more": DEEP}}, Kind.SERVER, "no", None),
    ],
)
def test_an_error_in_a_payload(
    payload: dict[str, Any], kind: Kind, message: str, native: dict[str, Any] | None
) -> None:
    failure = error_in(payload)
    assert failure is not None
    assert (failure.kind, failure.message) == (kind, message)
    assert failure.native == (None if native is None else Native(NAME, native))


@pytest.mark.parametrize(
    "payload",
    [
        {},
        {"type": "response.created", "response": {"error": None}},
        {"type": "response.mcp_call.failed", "item_id": "x"},
        {"object": "response", "status": "completed", "error": None},
        {"type": "response.code_interpreter_call_code.done", "code": "1"},
    ],
)
def test_no_error(payload: dict[str, Any]) -> None:
    assert error_in(payload) is None


@pytest.mark.parametrize(
    ("status", "body", "kind", "message", "kept"),
    [
        (429, orjson.dumps({"error": OWN}), Kind.RATE, "no", True),
        (400, orjson.dumps({"detail": "bad"}), Kind.REQUEST, "bad", False),
        (502, b"<title>Bad gateway</title>", Kind.SERVER, "Bad gateway", False),
        (500, b"[]", Kind.SERVER, "the upstream answered 500 without a reason", False),
        (500, b'"words"', Kind.SERVER, "words", False),
    ],
)
def test_an_error_answer(
    status: int, body: bytes, kind: Kind, message: str, kept: bool
) -> None:
    failure = parse_error(status, body)
    assert (failure.kind, failure.status, failure.message) == (kind, status, message)
    assert failure.native == (Native(NAME, OWN) if kept else None)


@pytest.mark.parametrize(
    ("status", "kind", "code"),
    [
        (400, "invalid_request_error", None),
        (401, "authentication_error", "invalid_api_key"),
        (403, "permission_error", "insufficient_quota"),
        (404, "invalid_request_error", "model_not_found"),
        (408, "server_error", "request_timeout"),
        (429, "rate_limit_error", "rate_limit_exceeded"),
        (500, "server_error", "internal_server_error"),
        (529, "server_error", "internal_server_error"),
    ],
)
def test_an_error_answer_of_ours(status: int, kind: str, code: str | None) -> None:
    failure = Failure(kind=Kind.SERVER, status=status, message="m", param="p")
    error = {"message": "m", "type": kind, "param": "p", "code": code}
    assert emit_error(failure) == {"error": error}


@pytest.mark.parametrize(
    ("code", "told"), [("slow_down", "slow_down"), ("503", "internal_server_error")]
)
def test_a_code_that_is_a_word_is_told(code: str, told: str) -> None:
    failure = Failure(kind=Kind.OVERLOADED, status=503, message="m", code=code)
    error: Any = emit_error(failure)["error"]
    assert error["code"] == told


def test_an_error_of_this_api_keeps_all_its_fields() -> None:
    native = Native(NAME, {**OWN, "more": 1})
    failure = Failure(kind=Kind.RATE, status=429, message="no", native=native)
    assert emit_error(failure) == {"error": {**OWN, "more": 1}}
    foreign = Failure(
        kind=Kind.RATE, status=429, message="no", native=Native("other", OWN)
    )
    assert emit_error(foreign) != {"error": OWN}


# Inside a stream.


def said(frames: bytes) -> list[dict[str, Any]]:
    out = []
    for frame in SseDecoder().feed(frames):
        payload = orjson.loads(frame.data)  # type: ignore[union-attr]
        assert frame.event == payload["type"]  # type: ignore[union-attr]
        out.append(payload)
    return out


@pytest.mark.parametrize("kind", Kind)
def test_a_failure_is_said_twice_with_the_same_words(kind: Kind) -> None:
    failure = Failure(kind=kind, status=502, message="the words", param="p")
    first, last = said(fail(failure, {"id": "r", "status": "in_progress"}, 5))
    code = first["code"]
    assert first == {
        "type": "error",
        "sequence_number": 5,
        "code": code,
        "message": "the words",
        "param": "p",
    }
    error = {"code": code, "message": "the words", "param": "p"}
    response = {"id": "r", "status": "failed", "error": error}
    assert last == {
        "type": "response.failed",
        "sequence_number": 6,
        "response": response,
    }
    assert isinstance(code, str)


def test_a_code_of_the_upstreams_own_goes_on() -> None:
    native = Native(NAME, {"message": "m", "code": None, "more": 1})
    failure = Failure(
        kind=Kind.REQUEST,
        status=400,
        message="m",
        code="context_length_exceeded",
        native=native,
    )
    first, last = said(fail(failure))
    assert first["code"] == "context_length_exceeded"
    assert last["response"]["error"]["more"] == 1


def test_without_a_stream_the_numbers_are_the_last_that_there_are() -> None:
    failure = Failure(kind=Kind.RESET, status=502, message="m")
    numbers = [event["sequence_number"] for event in said(fail(failure))]
    assert numbers == [LAST_NUMBER - 1, LAST_NUMBER] == [2**31 - 2, 2**31 - 1]


def test_the_codes_are_the_vendors() -> None:
    words = openai.types.responses.response_error.ResponseError.model_fields["code"]
    known = {*words.annotation.__args__, "invalid_api_key", "insufficient_quota"}  # type: ignore[union-attr]
    for kind in Kind:
        failure = Failure(kind=kind, status=502, message="m")
        assert said(fail(failure))[0]["code"] in {*known, "model_not_found"}
