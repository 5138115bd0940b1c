"""What a request hears: facts, in the past tense."""

from __future__ import annotations

import enum
from typing import TypeAlias

import attrs

from cliproxy_core.base.contract import Tick
from cliproxy_core.base.value import value
from cliproxy_core.pool.machine import Granted, Refused
from cliproxy_core.wire.http import Headers

__all__ = [
    "Began",
    "DownstreamBlocked",
    "DownstreamFlowing",
    "DownstreamGone",
    "Fault",
    "Granted",
    "Input",
    "Refused",
    "Tick",
    "UpstreamBroke",
    "UpstreamConnected",
    "UpstreamData",
    "UpstreamEnded",
    "UpstreamHead",
    "UpstreamInput",
]


@value
class Began:
    """The caller's request is complete and may be sent upstream."""


@value
class DownstreamGone:
    """The caller hung up."""


@value
class DownstreamBlocked:
    """The caller reads too slowly; the transport holds more than it likes."""


@value
class DownstreamFlowing:
    """The transport towards the caller has room again."""


class Fault(enum.Enum):
    """How a connection to an upstream failed."""

    RESOLVE = "its name could not be resolved"
    CONNECT = "it refused the connection"
    TLS = "the TLS handshake failed"
    RESET = "it broke the connection"
    PROTOCOL = "it does not speak HTTP/1.1"
    STALE = "a kept connection had been closed"


@value
class UpstreamConnected:
    """There is a connection, and the request was written to it."""

    attempt: int


@value
class UpstreamHead:
    """The upstream's status and header fields."""

    attempt: int
    status: int
    headers: Headers = attrs.field(repr=False)


@value
class UpstreamData:
    """A piece of the upstream's body, unframed."""

    attempt: int
    data: bytes = attrs.field(repr=False)


@value
class UpstreamEnded:
    """The upstream's body is complete as far as HTTP can tell."""

    attempt: int


@value
class UpstreamBroke:
    """There is no connection (any more), and the answer is not complete."""

    attempt: int
    fault: Fault
    detail: str = ""


UpstreamInput: TypeAlias = (
    UpstreamConnected | UpstreamHead | UpstreamData | UpstreamEnded | UpstreamBroke
)
Input: TypeAlias = (
    UpstreamInput
    | Tick
    | Began
    | Granted
    | Refused
    | DownstreamGone
    | DownstreamBlocked
    | DownstreamFlowing
)
