"""Errors as peers write them: whatever the shape, one `Failure`.

Every vendor has its own error object, gateways in front of them have others, and
load balancers answer in HTML. `read_error` takes any body at all; `failure_from`
finds the error object that hides in a payload, inside a stream or a 200 answer.
Neither ever raises.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from cliproxy_core.base.errors import DecodeError
from cliproxy_core.base.jsonval import Json, JsonObject, loads

from .failure import Failure, Kind

__all__ = ["MAX_MESSAGE", "failure_from", "kind_of_status", "read_error"]

# Vendors' messages stay below 1,000 characters; validation reports that list every
# branch of a union reach 3,000. What is longer is a page or a dump, not a message.
MAX_MESSAGE: Final = 4096

# Enough to find the title of any error page, and a bound for the expressions below.
MAX_PAGE: Final = 16384

# Google wraps its error in a list, FastAPI a list in `detail`: no known shape has
# more than three containers around the words.
MAX_NESTING: Final = 4

UNTOLD: Final = 502
"""The status of a failure that tells none: the gateway's peer is at fault."""

_KINDS: Final[Mapping[int, Kind]] = {
    401: Kind.AUTH,
    402: Kind.BILLING,
    403: Kind.PERMISSION,
    404: Kind.NOT_FOUND,
    408: Kind.TIMEOUT,
    413: Kind.TOO_LARGE,
    429: Kind.RATE,
    503: Kind.OVERLOADED,
    529: Kind.OVERLOADED,
}

# What vendors write in `type`, `code` or `status` where no HTTP status tells more:
# OpenAI, Anthropic, then Google's RPC words. Compared in lower case.
_STATUSES: Final[Mapping[str, int]] = {
    "invalid_request_error": 400,
    "invalid_prompt": 400,
    "context_length_exceeded": 400,
    "content_filter": 400,
    "content_policy_violation": 400,
    "cyber_policy": 400,
    "authentication_error": 401,
    "invalid_api_key": 401,
    "billing_error": 402,
    "permission_error": 403,
    "not_found_error": 404,
    "model_not_found": 404,
    "request_too_large": 413,
    "rate_limit_error": 429,
    "rate_limit_exceeded": 429,
    "insufficient_quota": 429,
    "usage_limit_reached": 429,
    "usage_not_included": 429,
    "too_many_requests": 429,
    "api_error": 500,
    "server_error": 500,
    "internal_server_error": 500,
    "internal_error": 500,
    "service_unavailable": 503,
    "server_is_overloaded": 503,
    "slow_down": 503,
    "timeout_error": 504,
    "overloaded_error": 529,
    "invalid_argument": 400,
    "failed_precondition": 400,
    "out_of_range": 400,
    "unauthenticated": 401,
    "permission_denied": 403,
    "not_found": 404,
    "aborted": 409,
    "resource_exhausted": 429,
    "internal": 500,
    "unavailable": 503,
    "deadline_exceeded": 504,
}

# A tuple, because what is looked for may be of any type.
_ERROR_TYPES: Final = ("error", "response.error", "response.failed")
_MESSAGE_KEYS: Final = ("message", "Message", "msg", "detail", "error_description")
_STATUS_KEYS: Final = ("status", "status_code", "statusCode", "code")
_WORD_KEYS: Final = ("code", "type", "status")

_TITLE: Final = re.compile(r"<title[^<>]*>([^<]*)", re.IGNORECASE)
_NOISE: Final = re.compile(r"<(script|style)\b.*?</\1\s*>", re.IGNORECASE | re.DOTALL)
_TAG: Final = re.compile(r"<[^<>]*>")
_ENTITIES: Final = (
    ("&nbsp;", " "),
    ("&quot;", '"'),
    ("&#39;", "'"),
    ("&lt;", "<"),
    ("&gt;", ">"),
    ("&amp;", "&"),
)
_SECONDS: Final = re.compile(r"(\d{1,9}(?:\.\d{1,9})?)s?")


def read_error(status: int, body: bytes) -> Failure:
    """The failure that an HTTP answer tells of, whatever its body looks like."""
    try:
        payload = loads(body)
    except DecodeError:
        return _failure(status, _plain(body), {}, {})
    if isinstance(payload, str):
        return _failure(status, payload, {}, {})
    found = _find(payload, loose=True)
    return _failure(status, *(found or (None, {}, {})))


def failure_from(payload: JsonObject, status: int | None) -> Failure | None:
    """The failure that a payload tells of, if it does.

    With an HTTP status of an error the payload as a whole is known to be one, and a
    mere `message` or `detail` is enough.
    """
    loose = status is not None and _is_error(status)
    found = _find(payload, loose=loose)
    return None if found is None else _failure(status, *found)


def kind_of_status(status: int) -> Kind:
    """Why a request failed, as far as its HTTP status tells."""
    if not _is_error(status):
        return Kind.SERVER
    return _KINDS.get(status, Kind.SERVER if status >= 500 else Kind.REQUEST)


def _is_error(status: int) -> bool:
    return 400 <= status <= 599


_Found = tuple["str | None", JsonObject, JsonObject]
"""The message, the object that carries it, and the object around that."""


def _find(payload: Json, *, loose: bool) -> _Found | None:
    """Look for an error: in its own key, in a response, in the payload itself."""
    if isinstance(payload, list):
        payload = payload[0] if payload else None
    if not isinstance(payload, dict):
        return None
    error = payload.get("error")
    if error is not None and error is not False and error != "":
        return _open(error, payload)
    response = payload.get("response")
    if isinstance(response, dict) and response.get("error") is not None:
        return _open(response["error"], response)
    announced = payload.get("type") in _ERROR_TYPES
    coded = payload.get("code") is not None and isinstance(payload.get("message"), str)
    if announced or coded:
        return _message(payload), payload, payload
    if not loose:
        return None
    errors = payload.get("errors")
    if errors:
        return _open(errors, payload)
    return _message(payload), payload, payload


def _open(error: Json, around: JsonObject) -> _Found:
    """An error as text, as an object, or as a list of either."""
    if isinstance(error, list):
        error = error[0] if error else None
    if isinstance(error, dict):
        return _message(error) or _message(around), error, around
    return (error if isinstance(error, str) else _message(around)), {}, around


def _message(holder: JsonObject, depth: int = MAX_NESTING) -> str | None:
    for key in _MESSAGE_KEYS:
        text = _text(holder.get(key), depth)
        if text:
            return text
    return None


def _text(value: Json, depth: int) -> str | None:
    """A message, or the messages in a list of complaints (FastAPI's `detail`)."""
    if isinstance(value, str):
        return value
    if not depth:
        return None
    if isinstance(value, dict):
        return _message(value, depth - 1)
    if isinstance(value, list):
        each = (_text(item, depth - 1) for item in value)
        return "; ".join(text for text in each if text) or None
    return None


def _failure(
    status: int | None, message: str | None, error: JsonObject, around: JsonObject
) -> Failure:
    if status is None or not _is_error(status):
        status = _told_status(error, around)
    return Failure(
        kind=kind_of_status(status),
        status=status,
        message=_shorten(message) or f"the upstream answered {status} without a reason",
        type=_word(error, "type") or _word(error, "status"),
        code=_code(error),
        param=_word(error, "param"),
        retry_after=_retry_after(error),
    )


def _told_status(error: JsonObject, around: JsonObject) -> int:
    """The status that a payload gives itself, else what its words stand for."""
    for holder in (error, around):
        for key in _STATUS_KEYS:
            number = holder.get(key)
            if isinstance(number, str) and number.isdecimal() and len(number) == 3:
                number = int(number)
            if isinstance(number, int) and _is_error(number):
                return number
    for key in _WORD_KEYS:
        word = error.get(key)
        if isinstance(word, str) and word.lower() in _STATUSES:
            return _STATUSES[word.lower()]
    return UNTOLD


def _word(error: JsonObject, key: str) -> str | None:
    word = error.get(key)
    return word if isinstance(word, str) and word else None


def _code(error: JsonObject) -> str | None:
    code = error.get("code")
    if isinstance(code, int) and not isinstance(code, bool):
        return str(code)
    return _word(error, "code")


def _retry_after(error: JsonObject) -> float | None:
    """Seconds to wait: Codex's `resets_in_seconds`, Google's `RetryInfo` (AIP-193)."""
    holders: list[Json] = [error]
    details = error.get("details")
    if isinstance(details, Sequence) and not isinstance(details, str):
        holders.extend(details)
    for holder in holders:
        if isinstance(holder, dict):
            for key in ("retry_after", "resets_in_seconds", "retryDelay"):
                seconds = _seconds(holder.get(key))
                if seconds is not None:
                    return seconds
    return None


def _seconds(value: Json) -> float | None:
    if isinstance(value, str):
        match = _SECONDS.fullmatch(value)
        return float(match[1]) if match else None
    if isinstance(value, int | float) and not isinstance(value, bool) and value >= 0:
        return float(value)
    return None


def _plain(body: bytes) -> str:
    """What a body that is not JSON says: its text, or the title of a page."""
    text = body[:MAX_PAGE].decode("utf-8", "replace").strip()
    if not text.startswith("<"):
        return text
    title = _TITLE.search(text)
    if title is not None and title[1].strip():
        text = title[1]
    else:
        text = _TAG.sub(" ", _NOISE.sub(" ", text))
    for entity, sign in _ENTITIES:
        text = text.replace(entity, sign)
    return " ".join(text.split())


def _shorten(message: str | None) -> str:
    return (message or "")[:MAX_MESSAGE]
