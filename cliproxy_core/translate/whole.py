"""Answers where at least one side is not a stream.

A complete upstream body becomes the caller's body, or the stream it would have been;
a streamed one is folded into the body that the caller asked for.
"""

from __future__ import annotations

from collections import Counter
from typing import Final

import attrs

from cliproxy_core.base.errors import DecodeError
from cliproxy_core.base.jsonval import JsonObject, loads, write
from cliproxy_core.ir.dialect import Decoder, Dialect, Mended, Mender, StreamContext
from cliproxy_core.ir.failure import Failure, Kind
from cliproxy_core.ir.grammar import Checker
from cliproxy_core.ir.response import Response, collect, spell_out
from cliproxy_core.ir.stream import Event
from cliproxy_core.ir.usage import Usage
from cliproxy_core.wire.sse import SseDecoder

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


def emit_whole(
    response: Response, dialect: Dialect, context: StreamContext
) -> list[Produced]:
    """A complete answer as the caller's body."""
    body = write(dialect.emit_response(response, context).payload)
    return [Piece(body, content=True), StreamEnded()]


def emit_stream(
    response: Response, dialect: Dialect, context: StreamContext
) -> list[Produced]:
    """A complete answer as the stream that it would have been."""
    sent = dialect.encoder(context).feed(spell_out(response))
    data, violation = check_all(Checker(dialect.grammar), sent)
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
    usage: Usage | None = attrs.field(default=None, init=False)
    repairs: Counter[str] = attrs.field(factory=Counter, init=False)
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
        response = self.upstream.parse_response(document, self.context)
        self.usage = response.usage
        if self.streams:
            return emit_stream(response, self.downstream, self.context)
        return emit_whole(response, self.downstream, self.context)


@attrs.define
class FoldedStream:
    """Transducer for an upstream that streams to a caller who wants one document."""

    downstream: Dialect
    context: StreamContext
    mender: Mender
    decoder: Decoder
    _sse: SseDecoder = attrs.field(factory=SseDecoder, init=False)
    _events: list[Event] = attrs.field(factory=list, init=False, repr=False)

    @classmethod
    def between(
        cls, upstream: Dialect, downstream: Dialect, context: StreamContext
    ) -> FoldedStream:
        mender = upstream.mender(counting(context))
        return cls(downstream, context, mender, upstream.decoder(context))

    @property
    def usage(self) -> Usage | None:
        return self.mender.usage

    @property
    def repairs(self) -> Counter[str]:
        return self.mender.repairs

    def feed(self, chunk: bytes) -> list[Produced]:
        return self._take(self.mender.feed(self._sse.feed(chunk)))

    def finish(self) -> list[Produced]:
        out = self._take(self.mender.feed(self._sse.finish()))
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
        try:
            return emit_whole(response, self.downstream, self.context)
        except DecodeError as error:
            return [_malformed(f"the upstream's answer: {error}")]
