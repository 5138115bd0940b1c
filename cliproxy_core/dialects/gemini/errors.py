"""Errors as this API writes them (AIP-193), before a stream and inside one.

The code must be an integer: the vendor's Python SDK reads nothing else.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final

import attrs

from cliproxy_core.base.errors import DecodeError
from cliproxy_core.base.jsonval import Json, JsonObject, loads, write
from cliproxy_core.ir.errorbody import failure_from, read_error
from cliproxy_core.ir.failure import Failure, Native

from .grammar import NAME

__all__ = ["emit_error", "error_in", "fail", "is_writable", "parse_error"]

# google.rpc.Code and the HTTP status that each is mapped to.
_WORDS: Final[Mapping[int, str]] = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    402: "FAILED_PRECONDITION",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    408: "DEADLINE_EXCEEDED",
    409: "ABORTED",
    429: "RESOURCE_EXHAUSTED",
    499: "CANCELLED",
    500: "INTERNAL",
    501: "UNIMPLEMENTED",
    502: "UNAVAILABLE",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
    529: "UNAVAILABLE",
}

_RETRY_INFO: Final = "type.googleapis.com/google.rpc.RetryInfo"


def parse_error(status: int, body: bytes) -> Failure:
    """The failure that an HTTP error answer tells of."""
    failure = read_error(status, body)
    try:
        return _with_native(failure, loads(body))
    except DecodeError:
        return failure


def error_in(payload: JsonObject) -> Failure | None:
    """The failure that a payload inside a stream or a 200 body tells of."""
    failure = failure_from(payload, None)
    return None if failure is None else _with_native(failure, payload)


def emit_error(failure: Failure) -> JsonObject:
    """The body of an error answer; an error of this API keeps all its fields."""
    if failure.native is not None and failure.native.dialect == NAME:
        return {"error": failure.native.error}
    other = "INTERNAL" if failure.status >= 500 else "INVALID_ARGUMENT"
    error: JsonObject = {
        "code": failure.status,
        "message": failure.message,
        "status": _WORDS.get(failure.status, other),
    }
    if failure.retry_after is not None:
        delay = f"{math.ceil(failure.retry_after)}s"
        error["details"] = [{"@type": _RETRY_INFO, "retryDelay": delay}]
    return {"error": error}


def fail(failure: Failure) -> bytes:
    """The frame that says in a stream that it is broken, and ends it."""
    return b"data: %b\n\n" % write(emit_error(failure))


def is_writable(value: Json) -> bool:
    """Whether it can be sent on: orjson reads deeper documents than it writes."""
    try:
        write([[[[value]]]])  # a repair may put a value some levels deeper
    except DecodeError:
        return False
    return True


def _with_native(failure: Failure, payload: Json) -> Failure:
    """Keep the object of an error that has this API's shape."""
    if isinstance(payload, list):  # how a stream that is a JSON array writes it
        payload = payload[0] if payload else None
    error = payload.get("error") if isinstance(payload, dict) else None
    if isinstance(error, dict) and _is_ours(error) and is_writable(error):
        return attrs.evolve(failure, native=Native(NAME, error))
    return failure


def _is_ours(error: JsonObject) -> bool:
    return (
        type(error.get("code")) is int
        and isinstance(error.get("message"), str)
        and isinstance(error.get("status"), str)
    )
