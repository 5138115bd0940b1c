"""The answer to one attempt, whatever the upstream chose to send.

Asked for a stream, some upstreams answer with one document, and the reverse; the
content type is no reliable witness. What comes decides: a body that begins with a brace
is a document, one that begins with a bracket an array of payloads, anything else a
stream of events.
"""

from __future__ import annotations

from collections import Counter
from typing import Final, TypeAlias

import attrs

from cliproxy_core.ir.dialect import Dialect, StreamContext
from cliproxy_core.ir.failure import Failure, Kind
from cliproxy_core.ir.request import Dropped
from cliproxy_core.ir.usage import Usage

from .elements import Elements
from .framing import ArrayFraming
from .names import NO_NAMES, ToolNames
from .stream import LiveStream, Piece, Produced, StreamEnded, StreamFailed
from .whole import FoldedStream, WholeBody

__all__ = ["Answer", "Piece", "Produced", "StreamEnded", "StreamFailed"]

# Before the first character of a body there may be a byte-order mark and, where an
# upstream keeps a connection alive with blank lines, any number of those.
_BLANK: Final = b"\xef\xbb\xbf \t\r\n"

_Inner: TypeAlias = LiveStream | FoldedStream | WholeBody


def _framed(produced: list[Produced], framing: ArrayFraming) -> list[Produced]:
    """The same with an array for events; its end is part of the last piece."""
    out: list[Produced] = []
    for item in produced:
        if isinstance(item, Piece):
            out.append(Piece(framing.feed(item.data), item.content))
            continue
        if isinstance(item, StreamEnded):
            content = isinstance(out[-1], Piece) and out[-1].content if out else False
            out.append(Piece(framing.finish(), content))
        out.append(item)
    return out


@attrs.define
class Answer:
    """Transducer from the upstream's body to what the caller gets."""

    upstream: Dialect
    downstream: Dialect
    context: StreamContext
    streams: bool
    """Whether the caller wants a stream."""
    names: ToolNames = NO_NAMES
    _inner: _Inner | None = attrs.field(default=None, init=False)
    _framing: ArrayFraming | None = attrs.field(init=False)
    _over: bool = attrs.field(default=False, init=False)

    @_framing.default
    def _array(self) -> ArrayFraming | None:
        return ArrayFraming() if self.streams and self.context.array else None

    @property
    def usage(self) -> Usage | None:
        return self._inner.usage if self._inner is not None else None

    @property
    def repairs(self) -> Counter[str]:
        return self._inner.repairs if self._inner is not None else Counter()

    @property
    def dropped(self) -> tuple[Dropped, ...]:
        """What the caller's dialect had no place for; known at the end."""
        return self._inner.dropped if self._inner is not None else ()

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
        return out if self._framing is None else _framed(out, self._framing)

    def finish(self) -> list[Produced]:
        """The upstream closed. Ends in `StreamEnded` or `StreamFailed`."""
        if self._over:
            return []
        self._over = True
        if self._inner is None:
            message = "the upstream closed without sending anything"
            return [StreamFailed(Failure(kind=Kind.EMPTY, status=502, message=message))]
        out = self._inner.finish()
        return out if self._framing is None else _framed(out, self._framing)

    def fail(self, failure: Failure) -> bytes:
        """The last frames of a broken stream, in the caller's dialect."""
        inner = self._inner
        if self.streams and not isinstance(inner, LiveStream):
            # Nothing was said yet, and readers want the beginning of a stream first.
            inner = LiveStream.between(
                self.upstream, self.downstream, self.context, self.names
            )
        told = inner.fail(failure) if inner else self.downstream.fail(failure)
        if self._framing is None:
            return told
        return self._framing.feed(told) + self._framing.finish()

    def _choose(self, chunk: bytes) -> _Inner:
        up, down = self.upstream, self.downstream
        context = attrs.evolve(self.context, nameless=self.names.nameless)
        if chunk[:1] == b"{":
            return WholeBody(up, down, context, self.streams, self.names)
        inner: LiveStream | FoldedStream = (
            LiveStream.between(up, down, context, self.names)
            if self.streams
            else FoldedStream.between(up, down, context, self.names)
        )
        if chunk[:1] == b"[":
            inner.source = Elements()
        return inner
