"""The answer to one attempt, whatever the upstream chose to send.

Asked for a stream, some upstreams answer with one document, and the reverse; the
content type is no reliable witness. What comes decides: a body that begins with a
bracket is a document, anything else is a stream of events.
"""

from __future__ import annotations

from collections import Counter
from typing import Final, TypeAlias

import attrs

from cliproxy_core.ir.dialect import Dialect, StreamContext
from cliproxy_core.ir.failure import Failure, Kind
from cliproxy_core.ir.usage import Usage

from .stream import LiveStream, Piece, Produced, StreamEnded, StreamFailed
from .whole import FoldedStream, WholeBody

__all__ = ["Answer", "Piece", "Produced", "StreamEnded", "StreamFailed"]

# Before the first character of a body there may be a byte-order mark and, where an
# upstream keeps a connection alive with blank lines, any number of those.
_BLANK: Final = b"\xef\xbb\xbf \t\r\n"

_Inner: TypeAlias = LiveStream | FoldedStream | WholeBody


@attrs.define
class Answer:
    """Transducer from the upstream's body to what the caller gets."""

    upstream: Dialect
    downstream: Dialect
    context: StreamContext
    streams: bool
    """Whether the caller wants a stream."""
    _inner: _Inner | None = attrs.field(default=None, init=False)
    _over: bool = attrs.field(default=False, init=False)

    @property
    def usage(self) -> Usage | None:
        return self._inner.usage if self._inner is not None else None

    @property
    def repairs(self) -> Counter[str]:
        return self._inner.repairs if self._inner is not None else Counter()

    def feed(self, chunk: bytes) -> list[Produced]:
        """Take a piece of the body. After `StreamEnded` or `StreamFailed`: nothing."""
        if self._inner is None:
            chunk = chunk.lstrip(_BLANK)
            if not chunk:
                return []
            self._inner = self._choose(chunk)
        if self._over:
            return []
        out = self._inner.feed(chunk)
        self._over = bool(out) and not isinstance(out[-1], Piece)
        return out

    def finish(self) -> list[Produced]:
        """The upstream closed. Ends in `StreamEnded` or `StreamFailed`."""
        if self._over:
            return []
        self._over = True
        if self._inner is None:
            message = "the upstream closed without sending anything"
            return [StreamFailed(Failure(kind=Kind.EMPTY, status=502, message=message))]
        return self._inner.finish()

    def fail(self, failure: Failure) -> bytes:
        """The last frames of a broken stream, in the caller's dialect."""
        inner = self._inner
        return inner.fail(failure) if inner else self.downstream.fail(failure)

    def _choose(self, chunk: bytes) -> _Inner:
        up, down, context = self.upstream, self.downstream, self.context
        if chunk[:1] in (b"{", b"["):
            return WholeBody(up, down, context, self.streams)
        if not self.streams:
            return FoldedStream.between(up, down, context)
        return LiveStream.between(up, down, context)
