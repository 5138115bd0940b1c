"""What went wrong on the other side, as a value.

Retries, cooldowns, metrics and the message sent downstream all switch on it, so the
kinds are enumerated and every dialect can render each of them.
"""

from __future__ import annotations

import enum

import attrs

from cliproxy_core.base.jsonval import JsonObject
from cliproxy_core.base.value import value

__all__ = ["Failure", "Kind", "Native", "Then"]


class Kind(enum.Enum):
    """Why it failed. The value is the word used in logs and metrics."""

    REQUEST = "request"  # the caller's request is at fault
    AUTH = "auth"
    BILLING = "billing"
    PERMISSION = "permission"
    NOT_FOUND = "not_found"
    TOO_LARGE = "too_large"
    RATE = "rate"
    OVERLOADED = "overloaded"
    SERVER = "server"  # the upstream said 5xx
    TIMEOUT = "timeout"  # one of our deadlines passed
    CONNECT = "connect"  # no connection could be made
    RESET = "reset"  # the connection broke
    TRUNCATED = "truncated"  # a clean end before the terminal event
    MALFORMED = "malformed"  # the upstream sent what its dialect does not allow
    EMPTY = "empty"  # a success without any content
    UNAVAILABLE = "unavailable"  # nobody is left to ask
    GONE = "gone"  # the caller hung up
    INTERNAL = "internal"  # our own fault


class Then(enum.Enum):
    """What to do about a failure before the commit point."""

    NEXT = "try the next credential"
    STOP = "tell the caller"


@value
class Native:
    """The error object as the peer wrote it, for callers of the same dialect."""

    dialect: str
    error: JsonObject = attrs.field(repr=False)


@value(kw_only=True)
class Failure:
    """One failure, from whatever side and at whatever time."""

    kind: Kind
    status: int
    """The HTTP status that a caller should see if there is still a choice."""
    message: str
    type: str | None = None
    """The peer's own word for the kind of error, in its dialect."""
    code: str | None = None
    """The peer's machine-readable code."""
    param: str | None = None
    """Path of the request field at fault."""
    retry_after: float | None = None
    """Seconds that the peer asked to wait."""
    native: Native | None = None
