"""Errors as this API writes them, before a stream and inside one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import attrs

from cliproxy_core.base.errors import DecodeError
from cliproxy_core.base.jsonval import Json, JsonObject, dumps, loads
from cliproxy_core.ir.errorbody import failure_from, read_error
from cliproxy_core.ir.failure import Failure, Native

from .grammar import NAME

__all__ = ["emit_error", "error_in", "fail", "is_writable", "parse_error"]

# What callers of this API switch on (facts/02, section 6.2).
_TYPES: Final[Mapping[int, tuple[str, str]]] = {
    401: ("authentication_error", "invalid_api_key"),
    403: ("permission_error", "insufficient_quota"),
    404: ("invalid_request_error", "model_not_found"),
    429: ("rate_limit_error", "rate_limit_exceeded"),
}
_SERVER: Final = ("server_error", "internal_server_error")
_REQUEST: Final = ("invalid_request_error", None)


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
    kind, code = _TYPES.get(
        failure.status, _SERVER if failure.status >= 500 else _REQUEST
    )
    return {
        "error": {
            "message": failure.message,
            "type": kind,
            "param": failure.param,
            "code": _word(failure.code) or code,
        }
    }


def _word(code: str | None) -> str | None:
    """A code that is a word; Google's is the status once more."""
    return None if code is None or code.isdigit() else code


def fail(failure: Failure) -> bytes:
    """The frame that says in a stream that it is broken. No end mark follows."""
    return b"data: %b\n\n" % dumps(emit_error(failure))


def is_writable(value: Json) -> bool:
    """Whether it can be sent on: orjson reads deeper documents than it writes."""
    try:
        dumps([[[[value]]]])  # a repair may put a value some levels deeper
    except TypeError:
        return False
    return True


def _with_native(failure: Failure, payload: Json) -> Failure:
    """Keep the object of an error that has this API's shape."""
    if not isinstance(payload, dict) or payload.get("type") == "error":
        return failure  # Claude's envelope holds an object much like ours
    error = payload.get("error")
    if isinstance(error, dict) and _is_ours(error) and is_writable(error):
        return attrs.evolve(failure, native=Native(NAME, error))
    return failure


def _is_ours(error: JsonObject) -> bool:
    """Whether it is not Google's, which has a word in `status` and no `type`."""
    return (
        isinstance(error.get("message"), str)
        and ("type" in error or "param" in error or "code" in error)
        and not isinstance(error.get("status"), str)
    )
