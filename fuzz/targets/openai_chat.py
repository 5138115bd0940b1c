"""Whatever a Chat upstream or caller sends: legal chunks, values, or a named fault.

The bytes are a stream, then the recipe for a stream of chunks that are almost right,
then a document.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import cast

import attrs
import orjson

from cliproxy_core.base.errors import DecodeError
from cliproxy_core.base.ids import Ids
from cliproxy_core.base.jsonval import Json, JsonObject, dumps, loads
from cliproxy_core.dialects.openai_chat import DIALECT
from cliproxy_core.ir.dialect import Frame, StreamContext
from cliproxy_core.ir.failure import Failure
from cliproxy_core.ir.grammar import Checker, Step
from cliproxy_core.ir.response import Response, collect
from cliproxy_core.ir.stream import Ended, Event
from cliproxy_core.wire.sse import SseDecoder, SseFrame

__all__ = ["run"]

MAX_EVENT_BYTES = 1 << 16


@attrs.define
class Heard:
    """What came of one stream, on both lanes."""

    native: bytes = b""
    translated: bytes = b""
    events: list[Event] = attrs.field(factory=list)
    failure: Failure | None = None
    complete: bool = False
    repairs: dict[str, int] = attrs.field(factory=dict)


def run(data: bytes) -> None:
    """Hold all that is promised of a dialect against these bytes."""
    as_stream(data)
    as_stream(recipe(data))
    as_document(data)


def as_stream(data: bytes) -> None:
    whole = hear([data])
    assert hear(data[i : i + 1] for i in range(len(data))) == whole
    third = len(data) // 3
    assert hear([data[:third], b"", data[third:]]) == whole
    assert whole.complete is (whole.failure is None)
    if whole.failure is not None:
        assert 400 <= whole.failure.status <= 599
        return
    assert isinstance(whole.events[-1], Ended)
    again = hear([whole.native])
    assert (again.native, again.repairs) == (whole.native, {})
    assert hear([whole.translated]).repairs == {}
    response = collect(whole.events)
    assert isinstance(response, Response)
    DIALECT.parse_response(
        DIALECT.emit_response(response, context()).payload, context()
    )


def context() -> StreamContext:
    return StreamContext(ids=Ids(b"fuzz"), created=1, model="model")


def hear(chunks: Iterable[bytes]) -> Heard:
    heard = Heard()
    sse = SseDecoder(MAX_EVENT_BYTES)
    mender, decoder = DIALECT.mender(context()), DIALECT.decoder(context())
    encoder = DIALECT.encoder(context())
    native, translated = Checker(DIALECT.grammar), Checker(DIALECT.grammar)

    def take(frames: Sequence[Frame] | None) -> None:
        mended = mender.finish() if frames is None else mender.feed(frames)
        assert not (heard.failure and mended.legal)
        heard.failure = heard.failure or mended.failure
        steps: list[Step] = []
        for payload, raw in mended.legal:
            assert payload == payload_of(raw)
            steps += DIALECT.classify(payload)
            heard.native += raw
        assert native.check(steps) is None
        assert mended.content or not any(s.symbol == "content" for s in steps)
        events = decoder.feed(mended.legal)
        heard.events += events
        for taken, raw in encoder.feed(events):
            assert DIALECT.classify(payload_of(raw)) == taken
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


def payload_of(raw: bytes) -> JsonObject | None:
    (frame,) = SseDecoder().feed(raw)
    assert isinstance(frame, SseFrame)
    if frame.data.strip() == b"[DONE]":
        return None
    payload: JsonObject = orjson.loads(frame.data)
    return payload


# Chunks that are almost right.

INDEXES: tuple[Json, ...] = (0, 0, 0, 1, 2, 5, None, -1, "0")
NAMES: tuple[Json, ...] = ("f", "f", "g", "", None, 7)
IDENTS: tuple[Json, ...] = ("call_a", "call_b", "", None, 1)
TEXTS: tuple[Json, ...] = ('{"a":', "1}", '{"a":1}', "", None, {"a": 1}, "{", "x")
WORDS: tuple[Json, ...] = (
    "stop",
    "tool_calls",
    "length",
    "max_tokens",
    "STOP",
    "function_call",
    "",
    7,
    "error",
)
DELTAS: tuple[Json, ...] = (
    {"role": "assistant", "content": ""},
    {"role": None, "content": "a"},
    {"content": "b"},
    {"content": "b"},
    {"content": None},
    {"content": [{"type": "text", "text": "c"}, {"type": "thinking", "thinking": "d"}]},
    {"reasoning_content": "t"},
    {"reasoning": "t", "reasoning_content": "t"},
    {"reasoning": "u"},
    {"reasoning_details": [{"type": "reasoning.text", "text": "t", "signature": "s"}]},
    {"reasoning_details": [{"type": "reasoning.encrypted", "data": "d"}]},
    {"refusal": "no"},
    {"tool_calls": None},
    {"tool_calls": []},
    {"function_call": {"name": "f"}},
    {"function_call": {"arguments": "{}"}},
    {"obfuscation": "x"},
    {},
    None,
)
RARE: tuple[bytes, ...] = (
    b": keep-alive\n\n",
    b"data: [DONE]\n\n",
    b'data: {"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":2}}\n\n',
    b'data: {"choices":[],"prompt_filter_results":[]}\n\n',
    b'data: {"choices":null,"usage":{"total_tokens":5}}\n\n',
    b'data: {"error":{"message":"m","code":429}}\r\n\r\n',
    b"event: error\ndata: [DONE]\n\n",
    b"event: ping\ndata: {}\n\n",
    b"data: 5\n\n",
    b"data: {\n\n",
)


def recipe(data: bytes) -> bytes:
    """A stream that the bytes describe, four of them for each chunk."""
    fours = zip(data[0::4], data[1::4], data[2::4], data[3::4], strict=False)
    return b"".join(cooked(*four) for four in fours)


def cooked(kind: int, first: int, second: int, third: int) -> bytes:
    if kind % 16 == 15:
        return RARE[first % len(RARE)]
    if kind % 16 > 8:
        delta: Json = {"tool_calls": [entry(first, second, third)]}
        if kind % 16 == 9:
            entries = [entry(second, third, first), entry(third, first, second)]
            delta = {"tool_calls": cast("Json", entries)}
    else:
        delta = DELTAS[first % len(DELTAS)]
    choice: JsonObject = {"index": INDEXES[third % len(INDEXES) if kind > 250 else 0]}
    choice["message" if kind % 16 == 8 and second > 200 else "delta"] = delta
    if kind % 16 in (0, 10) or second % 32 == 31:
        choice["finish_reason"] = WORDS[second % len(WORDS)]
    payload: JsonObject = {"choices": [choice]}
    if kind < 200:
        payload |= {"id": "c", "object": "chat.completion.chunk", "model": "m"}
        payload["created"] = 5
    if second % 16 == 15:
        payload["usage"] = {"prompt_tokens": third}
    return b"data: %b\n\n" % dumps(payload)


def entry(first: int, second: int, third: int) -> JsonObject:
    call: JsonObject = {"index": INDEXES[first % len(INDEXES)]}
    function: JsonObject = {"arguments": TEXTS[second % len(TEXTS)]}
    if first > 60:
        call |= {"id": IDENTS[third % len(IDENTS)], "type": "function"}
    if first > 120:
        function["name"] = NAMES[second % len(NAMES)]
    if third < 250:
        call["function"] = function
    return call


# Documents.


def as_document(data: bytes) -> None:
    assert 400 <= DIALECT.parse_error(500, data).status <= 599
    try:
        document = loads(data)
    except DecodeError:
        return
    if not isinstance(document, dict):
        return
    failure = DIALECT.error_in(document)
    if failure is not None:
        assert DIALECT.error_in(DIALECT.emit_error(failure)) is not None
    try:
        response = DIALECT.parse_response(document, context())
    except DecodeError:
        pass
    else:
        emitted = DIALECT.emit_response(response, context()).payload
        again = DIALECT.parse_response(loads_object(dumps(emitted)), context())
        assert DIALECT.emit_response(again, context()).payload == emitted
    try:
        request = DIALECT.parse_request(document)
    except DecodeError:
        return
    out = DIALECT.emit_request(request)
    repeated = DIALECT.parse_request(loads_object(dumps(out.payload)))
    assert DIALECT.emit_request(repeated).payload == out.payload
    foreign = attrs.evolve(request, extras=attrs.evolve(request.extras, dialect="x"))
    dumps(DIALECT.emit_request(foreign).payload)


def loads_object(data: bytes) -> JsonObject:
    value = loads(data)
    assert isinstance(value, dict)
    return value
