"""Failures as this API tells them, and back.

An error that came from this API itself is told again word for word; any other gets
the error type that makes the caller's SDK do the right thing: clients repeat
`overloaded_error` and `api_error`, and nothing else below 500 but `rate_limit_error`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import attrs

from cliproxy_core.base.errors import DecodeError
from cliproxy_core.base.jsonval import JsonObject, dumps, loads
from cliproxy_core.ir.errorbody import failure_from, read_error
from cliproxy_core.ir.failure import Failure, Kind, Native

from .grammar import NAME

__all__ = ["emit_error", "error_in", "fail", "parse_error"]

# platform.claude.com, "Errors": the type that each HTTP status goes with.
_TYPES: Final[Mapping[Kind, str]] = {
    Kind.REQUEST: "invalid_request_error",
    Kind.AUTH: "authentication_error",
    Kind.BILLING: "billing_error",
    Kind.PERMISSION: "permission_error",
    Kind.NOT_FOUND: "not_found_error",
    Kind.TOO_LARGE: "request_too_large",
    Kind.RATE: "rate_limit_error",
    Kind.OVERLOADED: "overloaded_error",
    Kind.UNAVAILABLE: "overloaded_error",
    Kind.TIMEOUT: "timeout_error",
    Kind.SERVER: "api_error",
    Kind.CONNECT: "api_error",
    Kind.RESET: "api_error",
    Kind.TRUNCATED: "api_error",
    Kind.MALFORMED: "api_error",
    Kind.EMPTY: "api_error",
    Kind.GONE: "api_error",
    Kind.INTERNAL: "api_error",
}

GATEWAY_TIMEOUT: Final = 504


def parse_error(status: int, body: bytes) -> Failure:
    """The failure that an HTTP error answer tells of."""
    failure = read_error(status, body)
    try:
        payload = loads(body)
    except DecodeError:
        return failure
    return _keep(failure, payload) if isinstance(payload, dict) else failure


def error_in(payload: JsonObject) -> Failure | None:
    """The failure that a payload tells of, inside a stream or a 200 body."""
    failure = failure_from(payload, None)
    return None if failure is None else _keep(failure, payload)


def _keep(failure: Failure, payload: JsonObject) -> Failure:
    """Remember an error of this very dialect as it came."""
    error = payload.get("error")
    if payload.get("type") != "error" or not isinstance(error, dict):
        return failure
    if not isinstance(error.get("type"), str):
        return failure
    return attrs.evolve(failure, native=Native(NAME, payload))


def emit_error(failure: Failure) -> JsonObject:
    """The body of an error answer, and the payload of an error in a stream."""
    native = failure.native
    if native is not None and native.dialect == NAME:
        return dict(native.error)
    kind = _TYPES[failure.kind]
    if failure.status == GATEWAY_TIMEOUT:
        kind = "timeout_error"
    return {"type": "error", "error": {"type": kind, "message": failure.message}}


def fail(failure: Failure) -> bytes:
    """The frame that says inside a stream that it is broken. Nothing follows it."""
    return b"event: error\ndata: %b\n\n" % dumps(emit_error(failure))
