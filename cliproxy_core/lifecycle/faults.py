"""What goes wrong on the way to an upstream, as failures that callers can read."""

from __future__ import annotations

import math
from datetime import UTC
from email.utils import parsedate_to_datetime
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
    if field is None:
        return None
    try:
        date = parsedate_to_datetime(field.decode("latin-1"))
    except ValueError:
        return None
    if date.tzinfo is None:  # a date without a zone is in UTC, wherever we run
        date = date.replace(tzinfo=UTC)
    return _sane(date.timestamp() - wall)


def redacted(failure: Failure, credential: Credential) -> Failure:
    """The same without the credential's secrets, which upstreams like to quote."""
    secrets = [credential.key.reveal(), *(s.reveal() for _, s in credential.headers)]
    native = failure.native
    if native is not None:
        native = attrs.evolve(native, error=redact_json(native.error, secrets))
    return attrs.evolve(
        failure, message=redact(failure.message, secrets), native=native
    )


def _number(field: bytes | None) -> float | None:
    try:
        number = float(field) if field is not None else None
    except ValueError:
        return None
    return number if number is not None and math.isfinite(number) else None


def _sane(seconds: float) -> float | None:
    return min(seconds, MAX_RETRY_AFTER) if seconds >= 0 else None
