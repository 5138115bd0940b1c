"""What an embedder needs: one request, and how to read what comes back.

    plan = request(body, source="openai_chat", target="claude_messages", model="x")
    plan.body, plan.headers, plan.path      -> send these
    stream = plan.response_stream()         -> feed(bytes) gives bytes, finish() too
    plan.response(body)                     -> one complete answer
    plan.error(status, body)                -> an HTTP error answer

Everything here is a function of its arguments: no socket, clock or randomness.
"""

from __future__ import annotations

from typing import Final, TypeAlias

import attrs

from cliproxy_core.base.ids import Ids
from cliproxy_core.base.jsonval import Json, JsonObject, as_object, loads, write
from cliproxy_core.base.value import value
from cliproxy_core.dialects import DIALECTS
from cliproxy_core.ir.dialect import Dialect, StreamContext
from cliproxy_core.ir.failure import Failure
from cliproxy_core.ir.reasoning import ThinkingSupport
from cliproxy_core.ir.request import Dropped
from cliproxy_core.ir.usage import Usage

from .answer import Answer
from .lane import Lane
from .prepare import Finish, Prepared, prepare
from .stream import Piece, Produced, StreamEnded, StreamFailed

__all__ = [
    "LossError",
    "Plan",
    "ResponseStream",
    "UpstreamError",
    "Whole",
    "request",
]

Body: TypeAlias = bytes | str | JsonObject


class LossError(ValueError):
    """Something did not cross, and `strict` was asked for."""

    def __init__(self, dropped: tuple[Dropped, ...]) -> None:
        super().__init__("; ".join(f"{item.path}: {item.reason}" for item in dropped))
        self.dropped: Final = dropped


class UpstreamError(Exception):
    """The upstream's answer is an error, or no answer at all."""

    def __init__(self, failure: Failure, body: bytes) -> None:
        super().__init__(failure.message)
        self.failure: Final = failure
        self.status: Final = failure.status
        self.body: Final = body
        """The error as the caller's dialect writes it."""


def _allow(dropped: tuple[Dropped, ...], *, strict: bool) -> None:
    if strict and dropped:
        raise LossError(dropped)


def _finish(upstream: Dialect, stream: bool | None) -> Finish:
    """What has to be set in a body that is otherwise left alone."""

    def edits(payload: JsonObject, lane: Lane) -> dict[str, Json]:
        out: dict[str, Json] = {}
        if lane is Lane.TRANSLATED:
            return out
        own = upstream.without_foreign(payload.get(upstream.turns))
        if own is not None:
            out[upstream.turns] = own
        told = payload.get("stream") is True
        if upstream.names_model and stream is not None and stream is not told:
            out["stream"] = stream
        return out

    return edits


def request(
    body: Body,
    *,
    source: str,
    target: str,
    model: str,
    stream: bool | None = None,
    strict: bool = False,
    support: ThinkingSupport | None = None,
    seed: bytes = b"",
    created: int = 0,
) -> Plan:
    """Make an upstream's request of a caller's.

    `source` and `target` are names in `DIALECTS`; `model` is the upstream's name of the
    model. `stream` says whether the caller wants a stream, for dialects whose bodies do
    not say (Gemini). `support` is what the model may be told about thinking; without it
    the caller's word goes. `seed` makes ids where the upstream gives none: give one of
    your own for each request. `created` is the time in seconds since the epoch, told to
    callers whose dialect wants one.

    Raises `DecodeError`, with the path of the fault in the caller's document, and with
    `strict` `LossError` for anything that does not cross.
    """
    data, document = _read(body)
    caller, upstream = dialect(source), dialect(target)
    streams = document.get("stream") is True if stream is None else stream
    prepared = prepare(
        data,
        document,
        source=caller,
        target=upstream,
        model=model,
        streams=streams,
        finish=_finish(upstream, stream),
        support=support,
    )
    _allow(prepared.dropped, strict=strict)
    return Plan(
        source=caller,
        target=upstream,
        model=model,
        stream=streams,
        strict=strict,
        prepared=prepared,
        context=_context(document, model, seed, created),
    )


def _context(
    document: JsonObject, model: str, seed: bytes, created: int
) -> StreamContext:
    return StreamContext(
        ids=Ids(seed),
        created=created,
        model=model,
        usage=_wants_usage(document),
        caller=document,
    )


def _read(body: Body) -> tuple[bytes, JsonObject]:
    text = write(body) if isinstance(body, dict) else body
    data = text.encode() if isinstance(text, str) else text
    return data, as_object(loads(data), "")


def dialect(name: str) -> Dialect:
    """The dialect of that name; raises `ValueError` that lists them all."""
    found = DIALECTS.get(name)
    if found is None:
        raise ValueError(f"no dialect {name!r}: choose from {', '.join(DIALECTS)}")
    return found


def _wants_usage(document: JsonObject) -> bool:
    options = document.get("stream_options")
    return isinstance(options, dict) and options.get("include_usage") is True


@value(kw_only=True)
class Whole:
    """A complete answer, in the caller's dialect."""

    body: bytes = attrs.field(repr=False)
    usage: Usage | None
    dropped: tuple[Dropped, ...]


@value(kw_only=True)
class Plan:
    """One request, translated, and what is needed to read its answer."""

    source: Dialect = attrs.field(repr=False)
    target: Dialect = attrs.field(repr=False)
    model: str
    stream: bool
    """Whether the caller wants a stream."""
    strict: bool
    prepared: Prepared
    context: StreamContext

    @property
    def body(self) -> bytes:
        """What goes upstream."""
        return self.prepared.body

    @property
    def dropped(self) -> tuple[Dropped, ...]:
        """What of the request did not cross, or crossed as something near it."""
        return self.prepared.dropped

    @property
    def headers(self) -> dict[str, str]:
        """Fields of the upstream request, all but the key and the host."""
        accept = "text/event-stream" if self.stream else "application/json"
        return {
            "content-type": "application/json",
            "accept": accept,
            **dict(self.target.headers),
        }

    @property
    def path(self) -> str:
        """Path and query of the upstream's public API."""
        return self.target.address(self.model, self.stream)

    def response_stream(self, *, array: bool = False) -> ResponseStream:
        """A transducer for one streamed answer.

        With `array` the caller gets one JSON array that grows instead of events: what
        Google's API sends to those who do not ask for `alt=sse`.
        """
        context = attrs.evolve(self.context, array=array)
        return ResponseStream(self._answer(context, streams=True), self.strict)

    def response(self, body: bytes) -> bytes:
        """A complete answer, whether the upstream gave one document or a stream.

        Raises `UpstreamError` where it is an error, or is not complete.
        """
        return self.whole(body).body

    def whole(self, body: bytes) -> Whole:
        """The same with token counts and what was dropped."""
        answer = self._answer(self.context, streams=False)
        produced = answer.feed(body)
        if not _over(produced):
            produced += answer.finish()
        last = produced[-1]
        if isinstance(last, StreamFailed):
            raise UpstreamError(last.failure, self._told(last.failure))
        _allow(answer.dropped, strict=self.strict)
        said = b"".join(piece.data for piece in produced if isinstance(piece, Piece))
        return Whole(body=said, usage=answer.usage, dropped=answer.dropped)

    def error(self, status: int, body: bytes) -> UpstreamError:
        """What an HTTP error answer of the upstream's is to the caller."""
        failure = self.target.parse_error(status, body)
        return UpstreamError(failure, self._told(failure))

    def _told(self, failure: Failure) -> bytes:
        return write(self.source.emit_error(failure))

    def _answer(self, context: StreamContext, *, streams: bool) -> Answer:
        names = self.prepared.names
        return Answer(self.target, self.source, context, streams, names)


def _over(produced: list[Produced]) -> bool:
    return bool(produced) and not isinstance(produced[-1], Piece)


@attrs.define
class ResponseStream:
    """Transducer from the upstream's bytes to a legal stream for the caller."""

    _answer: Answer
    _strict: bool
    failure: Failure | None = attrs.field(default=None, init=False)
    """Why the stream ended in an error, which its last frames tell."""
    done: bool = attrs.field(default=False, init=False)
    """Whether the stream has ended; whatever comes after it is ignored."""

    @property
    def usage(self) -> Usage | None:
        """The latest token counts."""
        return self._answer.usage

    @property
    def dropped(self) -> tuple[Dropped, ...]:
        """What had no place in the caller's dialect, so far."""
        return self._answer.dropped

    @property
    def repairs(self) -> dict[str, int]:
        """How often which fault of the upstream's was mended, by its name."""
        return dict(self._answer.repairs)

    def feed(self, chunk: bytes) -> bytes:
        """Take a piece of the body, however it was cut; return complete frames."""
        if self.done:
            return b""
        return self._said(self._answer.feed(chunk))

    def finish(self) -> bytes:
        """The upstream closed. The last frames: an end, or an error."""
        if self.done:
            return b""
        return self._said(self._answer.finish())

    def fail(self, failure: Failure) -> bytes:
        """The upstream is given up (a deadline, a broken connection): the last frames,
        which say so. Nothing where the stream has ended already."""
        return b"" if self.done else self._said([StreamFailed(failure)])

    def _said(self, produced: list[Produced]) -> bytes:
        out: list[bytes] = []
        for item in produced:
            match item:
                case Piece(data=data):
                    out.append(data)
                case StreamFailed(failure=failure):
                    self.failure, self.done = failure, True
                    out.append(self._answer.fail(failure))
                case StreamEnded():
                    self.done = True
        if self._strict:
            _allow(self.dropped, strict=True)
        return b"".join(out)
