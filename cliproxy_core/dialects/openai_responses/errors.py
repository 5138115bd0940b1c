"""Errors as this API writes them, before a stream and inside one.

Inside a stream a failure is said twice: an `error` event, which the vendor's SDKs hear,
and `response.failed`, which Codex hears (facts/06, section 2, row 4). Upstreams of this
API write the error object in four ways: in `error`, in `response.error`, flat in the
payload, and as a bare `error_type` beside an empty object (facts/02, section 2.3).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import attrs

from cliproxy_core.base.errors import DecodeError
from cliproxy_core.base.jsonval import Json, JsonObject, dumps, loads, write
from cliproxy_core.ir.errorbody import failure_from, read_error
from cliproxy_core.ir.failure import Failure, Kind, Native

from .grammar import NAME

__all__ = ["LAST_NUMBER", "emit_error", "error_in", "fail", "parse_error"]

LAST_NUMBER: Final = 2**31 - 1
"""The highest `sequence_number` there is: typed clients keep it in 32 bits."""

# What callers of this API switch on before a stream (facts/02, section 6.2).
_TYPES: Final[Mapping[int, tuple[str, str]]] = {
    401: ("authentication_error", "invalid_api_key"),
    403: ("permission_error", "insufficient_quota"),
    404: ("invalid_request_error", "model_not_found"),
    408: ("server_error", "request_timeout"),
    429: ("rate_limit_error", "rate_limit_exceeded"),
}
_SERVER: Final = ("server_error", "internal_server_error")
_REQUEST: Final = ("invalid_request_error", None)

# The code of an error inside a stream: the words of the vendor's `ResponseError` where
# there is one. Clients begin again on `server_error`, wait on `rate_limit_exceeded` and
# give up on the rest; Codex gives up on `server_is_overloaded`, so it is not used.
_CODES: Final[Mapping[Kind, str]] = {
    Kind.REQUEST: "invalid_prompt",
    Kind.AUTH: "invalid_api_key",
    Kind.BILLING: "insufficient_quota",
    Kind.PERMISSION: "insufficient_quota",
    Kind.NOT_FOUND: "model_not_found",
    Kind.TOO_LARGE: "invalid_prompt",
    Kind.RATE: "rate_limit_exceeded",
    Kind.OVERLOADED: "server_error",
    Kind.SERVER: "server_error",
    Kind.TIMEOUT: "server_error",
    Kind.CONNECT: "server_error",
    Kind.RESET: "server_error",
    Kind.TRUNCATED: "server_error",
    Kind.MALFORMED: "server_error",
    Kind.EMPTY: "server_error",
    Kind.UNAVAILABLE: "server_error",
    Kind.GONE: "server_error",
    Kind.INTERNAL: "server_error",
}

# Where an error object may be besides the payload itself.
_FLAT: Final = ("message", "code", "param")
_ANNOUNCED: Final = ("error", "response.error")


def parse_error(status: int, body: bytes) -> Failure:
    """The failure that an HTTP error answer tells of."""
    try:
        payload = loads(body)
    except DecodeError:
        return read_error(status, body)
    if isinstance(payload, dict):
        failure = failure_from(_plain(payload), status)
        if failure is not None:
            return _with_native(failure, payload)
    return read_error(status, body)


def error_in(payload: JsonObject) -> Failure | None:
    """The failure that a payload tells of, inside a stream or a 200 body."""
    if payload.get("object") == "response" and payload.get("status") == "failed":
        payload = {"type": "response.failed", "response": payload}
    failure = failure_from(_plain(payload), None)
    return None if failure is None else _with_native(failure, payload)


def emit_error(failure: Failure) -> JsonObject:
    """The body of an error answer; an error of this API keeps all its fields."""
    native = failure.native
    if native is not None and native.dialect == NAME:
        return {"error": native.error}
    default = _SERVER if failure.status >= 500 else _REQUEST
    kind, code = _TYPES.get(failure.status, default)
    return {
        "error": {
            "message": failure.message,
            "type": kind,
            "param": failure.param,
            "code": _word(failure.code) or code,
        }
    }


def fail(
    failure: Failure, response: JsonObject | None = None, number: int = LAST_NUMBER - 1
) -> bytes:
    """The two frames that say inside a stream that it is broken. Nothing follows.

    `response` is what the stream told of itself, `number` the next sequence number.
    Without them the response is nameless and the numbers are the last that there are,
    so that they are higher than whatever was sent.
    """
    error = _error_inside(failure)
    code, message, param = error.get("code"), error.get("message"), error.get("param")
    said: JsonObject = {
        "type": "error",
        "sequence_number": number,
        "code": code,
        "message": message,
        "param": param,
    }
    last: JsonObject = {
        "type": "response.failed",
        "sequence_number": number + 1,
        "response": {
            **(response or {"object": "response", "output": []}),
            "status": "failed",
            "error": error,
        },
    }
    frame = b"event: error\ndata: %b\n\nevent: response.failed\ndata: %b\n\n"
    return frame % (dumps(said), write(last))


def _error_inside(failure: Failure) -> JsonObject:
    """The error object inside a stream: there its code must be a word."""
    native = failure.native
    own = native.error if native is not None and native.dialect == NAME else {}
    code = _word(failure.code) or _CODES[failure.kind]
    return {**own, "code": code, "message": failure.message, "param": failure.param}


def _word(code: str | None) -> str | None:
    """A code that is a word; Google's is the status once more."""
    return None if code is None or code.isdigit() else code


def _plain(payload: JsonObject) -> JsonObject:
    """The payload with its error object in `error`, if it has one elsewhere."""
    error = _error_of(payload)
    return payload if error is None else {**payload, "error": error}


def _error_of(payload: JsonObject) -> JsonObject | None:
    error, response = payload.get("error"), payload.get("response")
    if not error and isinstance(response, dict):
        error = response.get("error")
    if not error and (payload.get("type") in _ANNOUNCED or error == {}):
        error = {key: payload[key] for key in _FLAT if key in payload}
    if not isinstance(error, dict):
        return None
    kind = payload.get("error_type")
    if isinstance(kind, str) and "type" not in error:
        error = {**error, "type": kind}
    return error


def _with_native(failure: Failure, payload: JsonObject) -> Failure:
    """Keep the object of an error that has this API's shape."""
    error = _error_of(payload)
    if error is None or not _is_ours(error) or not _is_writable(error):
        return failure
    return attrs.evolve(failure, native=Native(NAME, error))


def _is_ours(error: JsonObject) -> bool:
    """Whether it is neither Claude's (no code) nor Google's (a word in `status`)."""
    return (
        isinstance(error.get("message"), str)
        and ("code" in error or "param" in error)
        and not isinstance(error.get("status"), str)
    )


def _is_writable(error: Json) -> bool:
    try:
        write([[[[error]]]])  # an answer puts it some levels deeper
    except DecodeError:
        return False
    return True
