"""A streamed answer: upstream bytes in, bytes for the caller out.

Native lane: frames are checked and mended and go on as they are. Translated lane:
what the mender lets through is decoded, encoded, and checked once more against the
caller's grammar. Either way there is no path around a checker.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final, Protocol, TypeAlias

import attrs

from cliproxy_core.base.value import value
from cliproxy_core.ir.dialect import (
    Decoder,
    Dialect,
    Encoder,
    Frame,
    Legal,
    Mended,
    Mender,
    Sent,
    StreamContext,
)
from cliproxy_core.ir.failure import Failure, Kind
from cliproxy_core.ir.grammar import Checker, Violation
from cliproxy_core.ir.request import Dropped
from cliproxy_core.ir.stream import Event
from cliproxy_core.ir.usage import Usage
from cliproxy_core.wire.sse import SseDecoder

from .elements import Elements
from .lane import Lane, lane_of
from .names import NO_NAMES, ToolNames
from .restore import Restorer

# How many frames of a read are in flight at once. Every parsed frame is a handful of
# dicts; as long as fewer than the collector's threshold (700 objects) are alive at a
# time, a burst does not make it walk them again and again.
SLICE: Final = 64

# What was dropped of a stream has no path of its own.
_WHERE: Final = "stream"

__all__ = [
    "Carrier",
    "LiveStream",
    "Native",
    "Piece",
    "Produced",
    "StreamEnded",
    "StreamFailed",
    "Translated",
    "check_all",
    "counting",
    "illegal",
]


@value
class Piece:
    """Bytes for the caller: whole frames, or a whole body."""

    data: bytes = attrs.field(repr=False)
    content: bool
    """Whether the commit point lies in them."""


@value
class StreamEnded:
    """The answer is complete."""


@value
class StreamFailed:
    """The answer is not complete and never will be."""

    failure: Failure


Produced: TypeAlias = Piece | StreamEnded | StreamFailed


def illegal(violation: Violation) -> Failure:
    """Our own encoder broke the grammar: a bug, which callers must not suffer."""
    return Failure(
        kind=Kind.INTERNAL,
        status=500,
        message=f"internal error: {violation.symbol}: {violation.rule}",
    )


def counting(context: StreamContext) -> StreamContext:
    """The same for a mender that is not the last: what the caller did not ask for is
    left out by his own dialect, which may have other habits than the upstream's."""
    return attrs.evolve(context, usage=True)


class Carrier(Protocol):
    """How legal frames of the upstream become frames for the caller."""

    @property
    def dropped(self) -> Counter[str]:
        """How much had no place in the caller's dialect, by its name."""

    def carry(self, legal: Sequence[Legal], /) -> tuple[bytes, Violation | None]:
        """The caller's bytes, up to the first frame that would be illegal."""

    def fail(self, failure: Failure, /) -> bytes:
        """The last frames of a broken stream, in the caller's dialect."""


@attrs.define
class Native:
    """The caller's dialect is the upstream's: frames go on as they are."""

    mender: Mender
    dropped: Counter[str] = attrs.field(factory=Counter, init=False)

    def carry(self, legal: Sequence[Legal]) -> tuple[bytes, Violation | None]:
        return b"".join([raw for _, raw in legal]), None

    def fail(self, failure: Failure) -> bytes:
        return self.mender.fail(failure)


@attrs.define
class Translated:
    """Frames are decoded, encoded, and checked against the caller's grammar."""

    decoder: Decoder
    encoder: Encoder
    checker: Checker
    restorer: Restorer | None = None

    @classmethod
    def between(
        cls,
        upstream: Dialect,
        downstream: Dialect,
        context: StreamContext,
        names: ToolNames = NO_NAMES,
    ) -> Translated:
        return cls(
            upstream.decoder(context),
            downstream.encoder(context),
            Checker(downstream.grammar),
            Restorer(names) if names else None,
        )

    @property
    def dropped(self) -> Counter[str]:
        return self.encoder.dropped

    def carry(self, legal: Sequence[Legal]) -> tuple[bytes, Violation | None]:
        events: Sequence[Event] = self.decoder.feed(legal)
        if self.restorer is not None:
            events = self.restorer.feed(events)
        return check_all(self.checker, self.encoder.feed(events))

    def fail(self, failure: Failure) -> bytes:
        return check_all(self.checker, self.encoder.fail(failure))[0]


def check_all(checker: Checker, sent: list[Sent]) -> tuple[bytes, Violation | None]:
    """The frames as one piece, up to the first that the grammar forbids."""
    frames: list[bytes] = []
    settled = checker.settled
    for steps, frame in sent:
        if steps is not settled:
            violation = checker.check(steps)
            if violation is not None:
                return b"".join(frames), violation
            settled = checker.settled
        frames.append(frame)
    return b"".join(frames), None


def _joined(produced: list[Produced]) -> list[Produced]:
    """One piece for one read, but never content and what came before it in one."""
    out: list[Produced] = []
    run: list[bytes] = []
    content = False
    for item in produced:
        if isinstance(item, Piece) and (item.content is content or not run):
            run.append(item.data)
            content = item.content
            continue
        if run:
            out.append(Piece(b"".join(run), content))
            run = []
        if isinstance(item, Piece):
            run, content = [item.data], item.content
        else:
            out.append(item)
    if run:
        out.append(Piece(b"".join(run), content))
    return out


@attrs.define
class LiveStream:
    """Transducer from a stream of the upstream to one for the caller."""

    mender: Mender
    carrier: Carrier
    source: SseDecoder | Elements = attrs.field(factory=SseDecoder)
    """How the body is cut into frames."""

    @classmethod
    def between(
        cls,
        upstream: Dialect,
        downstream: Dialect,
        context: StreamContext,
        names: ToolNames = NO_NAMES,
    ) -> LiveStream:
        if lane_of(downstream.name, upstream.name) is Lane.NATIVE:
            mender = upstream.mender(context)
            return cls(mender, Native(mender))
        carrier = Translated.between(upstream, downstream, context, names)
        return cls(upstream.mender(counting(context)), carrier)

    @property
    def usage(self) -> Usage | None:
        return self.mender.usage

    @property
    def repairs(self) -> Counter[str]:
        return self.mender.repairs

    @property
    def dropped(self) -> tuple[Dropped, ...]:
        return tuple(Dropped(_WHERE, what) for what in +self.carrier.dropped)

    def feed(self, chunk: bytes) -> list[Produced]:
        frames: Sequence[Frame] = self.source.feed(chunk)
        if len(frames) <= SLICE:
            return self._pass(frames) if frames else []
        out: list[Produced] = []
        for start in range(0, len(frames), SLICE):
            out += self._pass(frames[start : start + SLICE])
            if out and not isinstance(out[-1], Piece):
                break
        return _joined(out)

    def finish(self) -> list[Produced]:
        """The upstream closed. Ends in `StreamEnded` or `StreamFailed`."""
        out: list[Produced] = []
        if frames := self.source.finish():
            out += self._pass(frames)
        if not out or isinstance(out[-1], Piece):
            out += self._carry(self.mender.finish())
        return out

    def fail(self, failure: Failure) -> bytes:
        """The last frames of a broken stream, in the caller's dialect."""
        return self.carrier.fail(failure)

    def _pass(self, frames: Sequence[Frame]) -> list[Produced]:
        return self._carry(self.mender.feed(frames))

    def _carry(self, mended: Mended) -> list[Produced]:
        out: list[Produced] = []
        if mended.legal:
            data, violation = self.carrier.carry(mended.legal)
            if data:
                out.append(Piece(data, mended.content))
            if violation is not None:
                out.append(StreamFailed(illegal(violation)))
                return out
        if mended.failure is not None:
            out.append(StreamFailed(mended.failure))
        elif self.mender.complete:
            out.append(StreamEnded())
        return out
