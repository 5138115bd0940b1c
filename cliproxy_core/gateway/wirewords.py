"""What a machine that owns a byte connection hears and orders.

The same words serve the proxy's own connections and the scripted upstreams of the
tests, so that one listener can host either.
"""

from __future__ import annotations

from typing import TypeAlias

import attrs

from cliproxy_core.base.contract import Tick
from cliproxy_core.base.value import value
from cliproxy_core.lifecycle.inputs import (
    DownstreamBlocked,
    DownstreamFlowing,
    DownstreamGone,
)

__all__ = [
    "BytesReceived",
    "CloseConnection",
    "ConnectionEffect",
    "DownstreamBlocked",
    "DownstreamFlowing",
    "DownstreamGone",
    "PauseDownstream",
    "ResumeDownstream",
    "Retired",
    "SendBytes",
    "Tick",
]


@value
class BytesReceived:
    """The peer sent something."""

    data: bytes = attrs.field(repr=False)


@value
class Retired:
    """The server stops: the connection ends with the exchange under way."""


@value
class SendBytes:
    """Give these to the transport."""

    data: bytes = attrs.field(repr=False)


@value
class CloseConnection:
    """Close once everything sent is out; with `reset`, at once and rudely."""

    reset: bool = False


@value
class PauseDownstream:
    """Read no more from the peer for now."""


@value
class ResumeDownstream:
    """Read from the peer again."""


ConnectionEffect: TypeAlias = (
    SendBytes | CloseConnection | PauseDownstream | ResumeDownstream
)
