"""What is promised of every dialect, held against whatever bytes come.

A dialect's target adds the recipe for streams that are almost right.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from typing import Final, TypeAlias

import attrs
import orjson

from cliproxy_core.base.errors import DecodeError
from cliproxy_core.base.ids import Ids
from cliproxy_core.base.jsonval import JsonObject, as_object, loads_exact, write
from cliproxy_core.dialects import DIALECTS
from cliproxy_core.ir.dialect import Dialect, Frame, StreamContext
from cliproxy_core.ir.failure import Failure
from cliproxy_core.ir.grammar import Checker, Step
from cliproxy_core.ir.response import Response, collect, spell_out
from cliproxy_core.ir.stream import Ended, Event
from cliproxy_core.wire.sse import SseDecoder, SseFrame
from fuzz.changed import changed, seed

__all__ = [
    "ALL",
    "MAX_RECIPE",
    "Recipe",
    "context",
    "hear",
    "hold",
    "payload_of",
    "pieces",
]

ALL: Final = tuple(DIALECTS.values())
"""Every dialect, loaded when an engine that watches imports can see it."""

Recipe: TypeAlias = Callable[[bytes], bytes]
"""Makes a stream that is almost right, as some bytes say."""

MAX_EVENT_BYTES: Final = 1 << 16

# Enough for some sixty frames; more of them only take time.
MAX_RECIPE: Final = 240

# A stream of this size cut into single bytes is some thousand reads.
MAX_BYTEWISE: Final = 2048
# Divides no size of anything.
ODD: Final = 11

# Those whose every frame has its type in its name too; the others name none.
NAMED: Final = frozenset({"claude_messages", "openai_responses"})


def hold(dialect: str, data: bytes, recipe: Recipe) -> None:
    """The bytes are a stream, a document, and changes to a good answer."""
    kind = DIALECTS[dialect]
    _hold_stream(kind, data)
    _hold_stream(kind, recipe(data[:MAX_RECIPE]))
    _hold_error(kind, data)
    _hold_answer(kind, changed(seed("answers", dialect), data))
    try:
        document = loads_exact(data)
    except DecodeError:
        return
    if isinstance(document, dict):
        _hold_answer(kind, document)
        _hold_count(kind, document)


def context() -> StreamContext:
    return StreamContext(ids=Ids(b"fuzz"), created=1, model="model")


# Streams.


@attrs.define
class Heard:
    """What came of one stream, on both lanes."""

    native: bytes = b""
    translated: bytes = b""
    events: list[Event] = attrs.field(factory=list)
    failure: Failure | None = None
    complete: bool = False
    repairs: dict[str, int] = attrs.field(factory=dict)


def _hold_stream(dialect: Dialect, data: bytes) -> None:
    """However the bytes are cut, legal streams or a failure come of them."""
    whole = hear(dialect, [data])
    assert hear(dialect, pieces(data)) == whole
    third = len(data) // 3
    assert hear(dialect, [data[:third], b"", data[third:]]) == whole
    assert whole.complete is (whole.failure is None)
    if whole.failure is not None:
        assert 400 <= whole.failure.status <= 599
        return
    assert isinstance(whole.events[-1], Ended)
    again = hear(dialect, [whole.native])
    assert (again.native, again.repairs) == (whole.native, {})
    assert hear(dialect, [whole.translated]).repairs == {}
    response = collect(whole.events)
    assert isinstance(response, Response)
    dialect.parse_response(
        dialect.emit_response(response, context()).payload, context()
    )


def pieces(data: bytes) -> Iterator[bytes]:
    """Single bytes; where that takes too long, every so many."""
    size = 1 if len(data) <= MAX_BYTEWISE else ODD
    return (data[i : i + size] for i in range(0, len(data), size))


def hear(dialect: Dialect, chunks: Iterable[bytes]) -> Heard:
    """Read a stream on both lanes; every frame must be legal when it is sent."""
    heard = Heard()
    sse = SseDecoder(MAX_EVENT_BYTES)
    mender, decoder = dialect.mender(context()), dialect.decoder(context())
    encoder = dialect.encoder(context())
    native, translated = Checker(dialect.grammar), Checker(dialect.grammar)

    def take(frames: Sequence[Frame] | None) -> None:
        mended = mender.finish() if frames is None else mender.feed(frames)
        assert not (heard.failure and mended.legal)
        heard.failure = heard.failure or mended.failure
        steps: list[Step] = []
        for payload, raw in mended.legal:
            assert payload == payload_of(dialect, raw)
            steps += dialect.classify(payload)
            heard.native += raw
        assert native.check(steps) is None
        assert mended.content or not any(s.symbol == "content" for s in steps)
        events = decoder.feed(mended.legal)
        heard.events += events
        for taken, raw in encoder.feed(events):
            assert dialect.classify(payload_of(dialect, raw)) == taken
            assert translated.check(taken) is None
            heard.translated += raw

    for chunk in chunks:
        take(sse.feed(chunk))
    take(sse.finish())
    take(None)
    heard.complete, heard.repairs = mender.complete, dict(mender.repairs)
    if heard.complete:
        assert native.complete
        assert translated.complete
    return heard


def payload_of(dialect: Dialect, raw: bytes) -> JsonObject | None:
    """The payload of exactly one frame, or of the end that has none."""
    if not raw:
        return None
    (frame,) = SseDecoder().feed(raw)
    assert isinstance(frame, SseFrame)
    if frame.data.strip() == b"[DONE]":
        return None
    payload: JsonObject = orjson.loads(frame.data)
    assert frame.event == (payload["type"] if dialect.name in NAMED else "")
    return payload


# Documents.


def _hold_error(dialect: Dialect, data: bytes) -> None:
    for status in (0, 200, 429, 500):
        failure = dialect.parse_error(status, data)
        assert 400 <= failure.status <= 599
        assert dialect.error_in(dialect.emit_error(failure)) is not None


def _hold_answer(dialect: Dialect, document: JsonObject) -> None:
    """A complete answer: parsed and emitted it stays what it was."""
    failure = dialect.error_in(document)
    if failure is not None:
        assert dialect.error_in(dialect.emit_error(failure)) is not None
    dialect.is_sound(document)
    try:
        dialect.skim_response(document)
        response = dialect.parse_response(document, context())
        text = write(dialect.emit_response(response, context()).payload)
    except DecodeError:
        return
    emitted = as_object(loads_exact(text), "")
    again = dialect.parse_response(emitted, context())
    assert dialect.emit_response(again, context()).payload == emitted
    checker = Checker(dialect.grammar)
    for steps, raw in dialect.encoder(context()).feed(spell_out(response)):
        assert dialect.classify(payload_of(dialect, raw)) == steps
        assert checker.check(steps) is None
    assert checker.complete


def _hold_count(dialect: Dialect, document: JsonObject) -> None:
    """The answer to a question about tokens."""
    counting = dialect.counting
    if counting is not None:
        with suppress(DecodeError):
            count = counting.parse_answer(document)
            assert counting.parse_answer(counting.emit_answer(count)) == count
