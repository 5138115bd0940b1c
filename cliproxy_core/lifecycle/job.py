"""What a caller asked for, in the form that every attempt starts from."""

from __future__ import annotations

import attrs

from cliproxy_core.base.jsonval import JsonObject
from cliproxy_core.base.value import value
from cliproxy_core.config.model import Timeouts
from cliproxy_core.ir.dialect import Dialect, StreamContext
from cliproxy_core.wire.http import Headers

__all__ = ["Job"]


@value(kw_only=True)
class Job:
    """One request of a caller, understood as far as routing needs."""

    request: str
    """Its id: in logs, in leases, in the answer's `x-request-id`."""
    dialect: Dialect = attrs.field(repr=False)
    """The caller's."""
    model: str
    """As the caller wrote it."""
    streams: bool
    """Whether the caller wants a stream."""
    counts: bool = False
    """Whether nothing is to be generated: how many tokens is it?"""
    body: bytes = attrs.field(repr=False)
    document: JsonObject = attrs.field(repr=False)
    """`body` parsed."""
    headers: Headers = attrs.field(repr=False)
    context: StreamContext = attrs.field(repr=False)
    timeouts: Timeouts = attrs.field(repr=False)
    keepalive: float = 0.0
    """Seconds of silence towards the caller before a heartbeat; 0: never."""
