"""Errors: as this API writes them, and as others do."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from cliproxy_core.dialects.gemini.errors import (
    emit_error,
    error_in,
    fail,
    is_writable,
    parse_error,
)
from cliproxy_core.ir.failure import Failure, Kind, Native

BUSY: dict[str, Any] = {
    "error": {
        "code": 503,
        "message": "all are busy",
        "status": "UNAVAILABLE",
        "details": [{"@type": "x"}],
    }
}


def failure(status: int, **more: Any) -> Failure:
    return Failure(kind=Kind.SERVER, status=status, message="why", **more)


@pytest.mark.parametrize(
    ("status", "word"),
    [
        (400, "INVALID_ARGUMENT"),
        (401, "UNAUTHENTICATED"),
        (403, "PERMISSION_DENIED"),
        (404, "NOT_FOUND"),
        (418, "INVALID_ARGUMENT"),
        (429, "RESOURCE_EXHAUSTED"),
        (500, "INTERNAL"),
        (502, "UNAVAILABLE"),
        (503, "UNAVAILABLE"),
        (504, "DEADLINE_EXCEEDED"),
        (520, "INTERNAL"),
        (529, "UNAVAILABLE"),
    ],
)
def test_how_a_failure_is_said(status: int, word: str) -> None:
    error = {"code": status, "message": "why", "status": word}
    assert emit_error(failure(status)) == {"error": error}


def test_how_long_to_wait_is_said_and_heard() -> None:
    document = emit_error(failure(429, retry_after=11.2))
    heard = parse_error(429, orjson.dumps(document))
    assert (heard.kind, heard.retry_after) == (Kind.RATE, 12.0)


@pytest.mark.parametrize("document", [BUSY, [BUSY]])
def test_an_error_of_its_own_keeps_all_its_fields(document: Any) -> None:
    heard = parse_error(503, orjson.dumps(document))
    assert (heard.kind, heard.message) == (Kind.OVERLOADED, "all are busy")
    assert emit_error(heard) == BUSY
    assert orjson.loads(fail(heard)[6:]) == BUSY


def test_a_frame_is_one_line_of_data() -> None:
    frame = fail(failure(500))
    assert frame.startswith(b"data: {")
    assert frame.count(b"\n") == 2
    assert frame.endswith(b"\n\n")


@pytest.mark.parametrize(
    "error",
    [
        {"code": "busy", "message": "no", "status": "UNAVAILABLE"},
        {"code": 503, "message": "no"},
        {"code": 503, "status": "UNAVAILABLE"},
        {"type": "server_error", "message": "no", "code": None},
        "no",
    ],
)
def test_an_error_of_another_shape_is_written_anew(error: Any) -> None:
    heard = error_in({"error": error})
    assert heard is not None
    assert heard.native is None
    assert isinstance(emit_error(heard)["error"]["code"], int)  # type: ignore[index,call-overload]


def test_an_error_of_another_dialect_is_written_anew() -> None:
    native = Native("openai_chat", {"message": "no", "type": "x"})
    assert "type" not in str(emit_error(failure(500, native=native)))


@pytest.mark.parametrize("payload", [{}, {"candidates": []}, {"error": None}])
def test_what_is_no_error(payload: Any) -> None:
    assert error_in(payload) is None


@pytest.mark.parametrize("body", [b"", b"[]", b"<html>", b"[5]", b"7"])
def test_any_body_is_a_failure(body: bytes) -> None:
    assert parse_error(500, body).status == 500


def test_what_is_too_deep_is_not_kept() -> None:
    deep: Any = []
    for _ in range(300):
        deep = [deep]
    assert not is_writable(deep)
    assert is_writable([1])
