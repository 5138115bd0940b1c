"""What goes wrong on the way to an upstream, as failures that callers can read."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime
from typing import Final

import attrs

from cliproxy_core.base.clock import Wall
from cliproxy_core.base.errors import DecodeError
from cliproxy_core.ir.failure import Failure, Kind
from cliproxy_core.observe.redact import redact, redact_json
from cliproxy_core.pool.credential import Credential
from cliproxy_core.wire.http import Headers, get_header

from .inputs import Fault, UpstreamBroke

__all__ = ["broke", "redacted", "refused", "retry_after", "timed_out"]

# A day. Longer waits are mistakes or quotas, and no client keeps a request that long.
MAX_RETRY_AFTER: Final = 86_400.0

_MONTHS: Final = b"janfebmaraprmayjunjulaugsepoctnovdec"

_TIME: Final = rb"(?P<hour>\d\d):(?P<minute>\d\d):(?P<second>\d\d)"
_MONTH: Final = rb"(?P<month>(?i:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec))"

# The form that is sent, and the two old ones that must be understood.
_HTTP_DATES: Final = tuple(
    re.compile(form)
    for form in (
        rb"\w{3}, (?P<day>\d\d) " + _MONTH + rb" (?P<year>\d{4}) " + _TIME + rb" GMT",
        rb"\w+, (?P<day>\d\d)-" + _MONTH + rb"-(?P<year>\d\d) " + _TIME + rb" GMT",
        rb"\w{3} " + _MONTH + rb" (?P<day>[ \d]\d) " + _TIME + rb" (?P<year>\d{4})",
    )
)

_KINDS: Final = {
    Fault.RESOLVE: Kind.CONNECT,
    Fault.CONNECT: Kind.CONNECT,
    Fault.TLS: Kind.CONNECT,
    Fault.RESET: Kind.RESET,
    Fault.PROTOCOL: Kind.MALFORMED,
    Fault.STALE: Kind.RESET,
}


def broke(event: UpstreamBroke) -> Failure:
    """A connection that could not be made or did not last."""
    detail = f" ({event.detail})" if event.detail else ""
    return Failure(
        kind=_KINDS[event.fault],
        status=502,
        message=f"the upstream failed: {event.fault.value}{detail}",
    )


def timed_out(what: str) -> Failure:
    return Failure(
        kind=Kind.TIMEOUT,
        status=504,
        message=f"the upstream timed out: waited too long for {what}",
    )


def refused(error: DecodeError) -> Failure:
    """The caller's document does not mean what its place demands."""
    return Failure(
        kind=Kind.REQUEST,
        status=400,
        message=str(error),
        type="invalid_request_error",
        param=error.path.lstrip(".") or None,
    )


def retry_after(headers: Headers, wall: Wall) -> float | None:
    """Seconds to wait: `retry-after-ms`, or RFC 9110, section 10.2.3, both forms."""
    precise = _number(get_header(headers, b"retry-after-ms"))
    if precise is not None:
        return _sane(precise / 1000)
    field = get_header(headers, b"retry-after")
    seconds = _number(field)
    if seconds is not None:
        return _sane(seconds)
    date = _date(field)
    return None if date is None else _sane(date - wall)


def redacted(failure: Failure, credential: Credential) -> Failure:
    """The same without the credential's secrets, which upstreams like to quote."""
    secrets = [credential.key.reveal(), *(s.reveal() for _, s in credential.headers)]
    native = failure.native
    if native is not None:
        native = attrs.evolve(native, error=redact_json(native.error, secrets))

    def clean(text: str | None) -> str | None:
        return None if text is None else redact(text, secrets)

    return attrs.evolve(
        failure,
        message=redact(failure.message, secrets),
        type=clean(failure.type),
        code=clean(failure.code),
        param=clean(failure.param),
        native=native,
    )


def _date(field: bytes | None) -> float | None:
    """Seconds since the epoch of an HTTP date (RFC 9110, section 5.6.7)."""
    found = (form.fullmatch(field or b"") for form in _HTTP_DATES)
    match = next((m for m in found if m is not None), None)
    if match is None:
        return None
    month = _MONTHS.index(match["month"].lower()) // 3 + 1
    day, year, hour, minute, second = (
        int(match[name]) for name in ("day", "year", "hour", "minute", "second")
    )
    if year < 100:  # nobody asks to wait until the last century
        year += 2000
    try:
        date = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None
    return date.timestamp()


def _number(field: bytes | None) -> float | None:
    try:
        number = float(field) if field is not None else None
    except ValueError:
        return None
    return number if number is not None and math.isfinite(number) else None


def _sane(seconds: float) -> float | None:
    return min(seconds, MAX_RETRY_AFTER) if seconds >= 0 else None
