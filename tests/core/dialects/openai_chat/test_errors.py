"""Errors: those of this API keep all their fields, others get its words."""

from __future__ import annotations

from typing import Any

import pytest

from cliproxy_core.dialects.openai_chat import DIALECT
from cliproxy_core.ir.failure import Failure, Kind, Native

OURS: dict[str, Any] = {"message": "m", "type": "t", "param": "p", "code": "c", "x": 1}


def test_an_error_of_this_api_is_given_back() -> None:
    failure = DIALECT.parse_error(400, b'{"error":{"message":"m","type":"t","x":1}}')
    assert failure.kind is Kind.REQUEST
    want = {"error": {"message": "m", "type": "t", "x": 1}}
    assert DIALECT.emit_error(failure) == want


@pytest.mark.parametrize(
    "body",
    [
        b'{"type":"error","error":{"type":"overloaded_error","message":"m"}}',
        b'{"error":{"code":503,"message":"m","status":"UNAVAILABLE"}}',
        b'{"error":"m"}',
        b'{"message":"m"}',
        b"m",
    ],
)
def test_errors_of_others_get_our_words(body: bytes) -> None:
    failure = DIALECT.parse_error(503, body)
    assert failure.native is None
    assert DIALECT.emit_error(failure) == {
        "error": {
            "message": "m",
            "type": "server_error",
            "param": None,
            "code": "internal_server_error",
        }
    }


@pytest.mark.parametrize(
    ("status", "kind", "code"),
    [
        (401, "authentication_error", "invalid_api_key"),
        (403, "permission_error", "insufficient_quota"),
        (404, "invalid_request_error", "model_not_found"),
        (429, "rate_limit_error", "rate_limit_exceeded"),
        (500, "server_error", "internal_server_error"),
        (529, "server_error", "internal_server_error"),
        (400, "invalid_request_error", None),
        (413, "invalid_request_error", None),
    ],
)
def test_words_by_status(status: int, kind: str, code: str | None) -> None:
    failure = Failure(kind=Kind.SERVER, status=status, message="m", param="p")
    want = {"message": "m", "type": kind, "param": "p", "code": code}
    assert DIALECT.emit_error(failure) == {"error": want}


def test_inside_a_stream() -> None:
    failure = DIALECT.error_in({"error": OURS, "choices": []})
    assert failure is not None
    assert failure.native == Native("openai_chat", OURS)
    assert (failure.type, failure.code, failure.param) == ("t", "c", "p")
    assert DIALECT.error_in({"choices": [], "error": None}) is None
    frame = DIALECT.fail(Failure(kind=Kind.RESET, status=502, message="a\nb"))
    assert frame.startswith(b'data: {"error":{"message":"a\\nb"')
    assert frame.endswith(b"}\n\n")


def test_another_dialects_object_is_not_ours() -> None:
    native = Native("claude_messages", {"type": "x"})
    failure = Failure(kind=Kind.AUTH, status=401, message="m", native=native)
    error: Any = DIALECT.emit_error(failure)["error"]
    assert error["type"] == "authentication_error"


def test_an_error_too_deep_to_be_written_is_told_in_our_words() -> None:
    deep = b"[" * 300 + b"]" * 300
    body = b'{"error":{"message":"m","type":"t","x":%b}}' % deep
    failure = DIALECT.parse_error(400, body)
    assert failure.native is None
    assert b'"message":"m"' in DIALECT.fail(failure)


def test_a_code_that_is_a_word_is_kept() -> None:
    known = Failure(kind=Kind.REQUEST, status=400, message="m", code="model_not_found")
    error = DIALECT.emit_error(known)["error"]
    assert isinstance(error, dict)
    assert error["code"] == "model_not_found"
