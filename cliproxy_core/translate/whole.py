"""Answers where at least one side is not a stream.

A complete upstream body becomes the caller's body, or the stream it would have been;
a streamed one is folded into the body that the caller asked for.
"""

from __future__ import annotations

from collections import Counter
from typing import Final

import attrs

from cliproxy_core.base.errors import DecodeError
from cliproxy_core.base.jsonval import (
    JsonObject,
    as_object,
    loads,
    loads_exact,
    write,
)
from cliproxy_core.ir.dialect import Decoder, Dialect, Mended, Mender, StreamContext
from cliproxy_core.ir.failure import Failure, Kind
from cliproxy_core.ir.grammar import Checker
from cliproxy_core.ir.request import Dropped
from cliproxy_core.ir.response import Response, collect, spell_out
from cliproxy_core.ir.stream import Event
from cliproxy_core.ir.usage import Usage
from cliproxy_core.wire.sse import SseDecoder

from .elements import Elements
from .names import NO_NAMES, ToolNames
from .restore import restore_response
from .stream import (
    Piece,
    Produced,
    StreamEnded,
    StreamFailed,
    check_all,
    counting,
    illegal,
)

__all__ = ["FoldedStream", "WholeBody"]

# A complete answer with generated images may hold tens of megabytes of base64.
MAX_WHOLE_BYTES: Final = 128 * 1024 * 1024


def _malformed(why: str) -> StreamFailed:
    return StreamFailed(Failure(kind=Kind.MALFORMED, status=502, message=why))


@attrs.define
class _Teller:
    """Says a complete response in the caller's dialect, as it wants to hear it."""

    dialect: Dialect
    context: StreamContext
    streams: bool
    names: ToolNames
    dropped: tuple[Dropped, ...] = ()

    def tell(self, response: Response) -> list[Produced]:
        restored = restore_response(response, self.names)
        return self._stream(restored) if self.streams else self._whole(restored)

    def _whole(self, response: Response) -> list[Produced]:
        emitted = self.dialect.emit_response(response, self.context)
        self.dropped = emitted.dropped
        return [Piece(write(emitted.payload), content=True), StreamEnded()]

    def _stream(self, response: Response) -> list[Produced]:
        encoder = self.dialect.encoder(self.context)
        sent = encoder.feed(spell_out(response))
        self.dropped = tuple(Dropped("stream", what) for what in +encoder.dropped)
        data, violation = check_all(Checker(self.dialect.grammar), sent)
        if violation is not None:
            return [StreamFailed(illegal(violation))]
        return [Piece(data, content=True), StreamEnded()]


@attrs.define
class WholeBody:
    """Transducer for an upstream that answers with one JSON document."""

    upstream: Dialect
    downstream: Dialect
    context: StreamContext
    streams: bool
    """Whether the caller wants a stream all the same."""
    names: ToolNames = NO_NAMES
    usage: Usage | None = attrs.field(default=None, init=False)
    repairs: Counter[str] = attrs.field(factory=Counter, init=False)
    dropped: tuple[Dropped, ...] = attrs.field(default=(), init=False)
    _pieces: list[bytes] = attrs.field(factory=list, init=False, repr=False)
    _held: int = attrs.field(default=0, init=False)

    def feed(self, chunk: bytes) -> list[Produced]:
        self._held += len(chunk)
        if self._held > MAX_WHOLE_BYTES:
            return [_malformed("the upstream's answer is too large")]
        self._pieces.append(chunk)
        return []

    def finish(self) -> list[Produced]:
        body = b"".join(self._pieces)
        try:
            document = loads(body)
        except DecodeError as error:
            return [_malformed(f"the upstream's answer is {error.reason}")]
        if not isinstance(document, dict):
            return [_malformed("the upstream's answer is not a JSON object")]
        failure = self.upstream.error_in(document)
        if failure is not None:
            return [StreamFailed(failure)]
        try:
            return self._answer(body, document)
        except DecodeError as error:
            return [_malformed(f"the upstream's answer: {error}")]

    def fail(self, failure: Failure) -> bytes:
        return self.downstream.fail(failure)

    def _answer(self, body: bytes, document: JsonObject) -> list[Produced]:
        if not self.streams and self.upstream.name == self.downstream.name:
            self.usage = self.upstream.skim_response(document)
            if self.upstream.is_sound(document):
                return [Piece(body, content=True), StreamEnded()]
            self.repairs["rewritten"] += 1
        exact = as_object(loads_exact(body), "")
        response = self.upstream.parse_response(exact, self.context)
        self.usage = response.usage
        teller = _Teller(self.downstream, self.context, self.streams, self.names)
        produced = teller.tell(response)
        self.dropped = teller.dropped
        return produced


@attrs.define
class FoldedStream:
    """Transducer for an upstream that streams to a caller who wants one document."""

    downstream: Dialect
    context: StreamContext
    mender: Mender
    decoder: Decoder
    names: ToolNames = NO_NAMES
    dropped: tuple[Dropped, ...] = attrs.field(default=(), init=False)
    source: SseDecoder | Elements = attrs.field(factory=SseDecoder)
    """How the body is cut into frames."""
    _events: list[Event] = attrs.field(factory=list, init=False, repr=False)

    @classmethod
    def between(
        cls,
        upstream: Dialect,
        downstream: Dialect,
        context: StreamContext,
        names: ToolNames = NO_NAMES,
    ) -> FoldedStream:
        mender = upstream.mender(counting(context))
        return cls(downstream, context, mender, upstream.decoder(context), names)

    @property
    def usage(self) -> Usage | None:
        return self.mender.usage

    @property
    def repairs(self) -> Counter[str]:
        return self.mender.repairs

    def feed(self, chunk: bytes) -> list[Produced]:
        return self._take(self.mender.feed(self.source.feed(chunk)))

    def finish(self) -> list[Produced]:
        out = self._take(self.mender.feed(self.source.finish()))
        return out or self._take(self.mender.finish())

    def fail(self, failure: Failure) -> bytes:
        return self.downstream.fail(failure)

    def _take(self, mended: Mended) -> list[Produced]:
        self._events += self.decoder.feed(mended.legal)
        if mended.failure is not None:
            return [StreamFailed(mended.failure)]
        if not self.mender.complete:
            return []
        response = collect(self._events)
        if isinstance(response, Failure):
            return [StreamFailed(response)]
        teller = _Teller(self.downstream, self.context, False, self.names)
        try:
            produced = teller.tell(response)
        except DecodeError as error:
            return [_malformed(f"the upstream's answer: {error}")]
        self.dropped = teller.dropped
        return produced
