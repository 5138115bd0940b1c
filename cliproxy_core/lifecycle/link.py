"""One connection to an upstream: a request's bytes out, its answer's inputs in."""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from cliproxy_core.base.errors import LocalError
from cliproxy_core.wire.http import (
    BodyData,
    BodyEnded,
    ClientCodec,
    ClientEvent,
    PeerFault,
    ResponseHead,
)
from cliproxy_core.wire.url import Origin

from .effects import Open
from .inputs import (
    Fault,
    UpstreamBroke,
    UpstreamData,
    UpstreamEnded,
    UpstreamHead,
    UpstreamInput,
)

__all__ = ["Link"]


@attrs.define
class Link:
    """The client's side of a connection, one exchange at a time."""

    origin: Origin
    codec: ClientCodec = attrs.field(repr=False)
    attempt: int | None = attrs.field(default=None, init=False)
    """Whose answer is being read; None: idle."""
    _served: int = attrs.field(default=0, init=False)
    """Exchanges that were completed."""
    _heard: bool = attrs.field(default=False, init=False)

    @property
    def reusable(self) -> bool:
        """Whether another exchange can be carried now."""
        return self.attempt is None and self._served > 0 and self.codec.reusable

    def begin(self, order: Open) -> bytes:
        """Take an exchange; return what is to be written."""
        if self.attempt is not None:
            raise LocalError("the connection is in use")
        self.attempt, self._heard = order.attempt, False
        return self.codec.request(order.head, order.body)

    def received(self, data: bytes) -> list[UpstreamInput]:
        """Bytes came from the upstream."""
        return self._inputs(self.codec.feed(data))

    def closed(self, detail: str = "") -> list[UpstreamInput]:
        """The connection is gone, in order or not."""
        attempt = self.attempt
        if attempt is None:
            return []
        ended = self.codec.finish()
        if ended and isinstance(ended[-1], BodyEnded):
            return self._inputs(ended)
        self.attempt = None
        stale = self._served > 0 and not self._heard
        fault = Fault.STALE if stale else Fault.RESET
        return [UpstreamBroke(attempt, fault, detail)]

    def _inputs(self, events: Sequence[ClientEvent]) -> list[UpstreamInput]:
        out: list[UpstreamInput] = []
        for event in events:
            attempt = self.attempt
            if attempt is None:
                break  # surplus bytes: the codec is not reusable any more
            match event:
                case BodyData(data=data):
                    out.append(UpstreamData(attempt, data))
                case ResponseHead(status=status, headers=headers):
                    self._heard = True
                    out.append(UpstreamHead(attempt, status, headers))
                case BodyEnded():
                    self.attempt = None
                    self._served += 1
                    out.append(UpstreamEnded(attempt))
                case PeerFault(reason=reason):
                    self.attempt = None
                    out.append(UpstreamBroke(attempt, Fault.PROTOCOL, reason))
        return out
