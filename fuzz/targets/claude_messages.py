"""Whatever a Claude upstream or caller sends: legal frames, values, or a named fault.

The same bytes are read three times: as a stream, as the choices by which a stream of
plausible events is put together, and as a document.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import attrs
import orjson

from cliproxy_core.base.errors import DecodeError
from cliproxy_core.base.ids import Ids
from cliproxy_core.base.jsonval import Json, JsonObject, dumps, loads
from cliproxy_core.dialects.claude_messages import DIALECT
from cliproxy_core.ir.dialect import Mended, Mender, StreamContext
from cliproxy_core.ir.failure import Failure
from cliproxy_core.ir.grammar import Checker
from cliproxy_core.ir.response import Response, collect
from cliproxy_core.ir.stream import Ended, Event
from cliproxy_core.wire.sse import SseDecoder, SseFrame

__all__ = ["run"]

MAX_EVENT_BYTES = 1 << 16


@attrs.frozen
class Outcome:
    """Everything that a stream turned into."""

    native: bytes
    translated: bytes
    events: tuple[Event, ...]
    failure: Failure | None
    complete: bool
    repairs: dict[str, int]


def run(data: bytes) -> None:
    """Nothing but the documented outcomes, whatever the bytes are."""
    read_stream(data)
    read_stream(composed(data))
    read_document(data)


def read_stream(data: bytes) -> None:
    whole = outcome([data])
    assert outcome(bytes([byte]) for byte in data) == whole
    middle = len(data) // 2
    assert outcome([data[:middle], data[middle:]]) == whole
    assert (whole.failure is None) == whole.complete
    if whole.complete:
        assert isinstance(whole.events[-1], Ended)
        response = collect(whole.events)
        assert isinstance(response, Response)
        DIALECT.parse_response(
            DIALECT.emit_response(response, context()).payload, context()
        )
        again = outcome([whole.native])
        assert (again.native, again.repairs) == (whole.native, {})
        assert outcome([whole.translated]).repairs == {}


def context() -> StreamContext:
    return StreamContext(ids=Ids(b"fuzz"), created=0, model="model")


def outcome(chunks: Iterable[bytes]) -> Outcome:
    mender = DIALECT.mender(context())
    decoder, encoder = DIALECT.decoder(context()), DIALECT.encoder(context())
    checks = Checker(DIALECT.grammar), Checker(DIALECT.grammar)
    native, translated = b"", b""
    events: list[Event] = []
    failure = None
    for mended in mend(mender, chunks):
        if failure is not None:
            assert not mended.legal
        failure = failure or mended.failure
        for payload, raw in mended.legal:
            assert checks[0].check(DIALECT.classify(payload)) is None
            assert told(raw) == payload
            native += raw
        fresh = decoder.feed(mended.legal)
        events += fresh
        for steps, raw in encoder.feed(fresh):
            assert checks[1].check(steps) is None
            assert DIALECT.classify(told(raw)) == steps
            translated += raw
    if mender.complete:
        assert checks[0].complete
        assert checks[1].complete
    repairs = dict(mender.repairs)
    return Outcome(native, translated, tuple(events), failure, mender.complete, repairs)


def mend(mender: Mender, chunks: Iterable[bytes]) -> Iterator[Mended]:
    """Every answer of a mender, the last one included."""
    sse = SseDecoder(MAX_EVENT_BYTES)
    for chunk in chunks:
        yield mender.feed(sse.feed(chunk))
    yield mender.feed(sse.finish())
    yield mender.finish()


def told(raw: bytes) -> JsonObject:
    """The payload of exactly one frame, named as a Claude client wants it."""
    (frame,) = SseDecoder().feed(raw)
    assert isinstance(frame, SseFrame)
    payload: JsonObject = orjson.loads(frame.data)
    assert frame.event == payload["type"]
    return payload


# Streams that are almost right.

INDEXES: tuple[Json, ...] = (0, 0, 0, 1, 1, 2, 7, None, True, "0")
USAGE: JsonObject = {"input_tokens": 3, "output_tokens": 1}
REASONS: tuple[Json, ...] = ("end_turn", "tool_use", "max_tokens", None, "", 5)
BLOCKS: tuple[Json, ...] = (
    {"type": "text", "text": ""},
    {"type": "text"},
    {"type": "thinking", "thinking": ""},
    {"type": "thinking", "thinking": "t", "signature": "s"},
    {"type": "redacted_thinking", "data": "d"},
    {"type": "tool_use", "id": "toolu_1", "name": "f", "input": {}},
    {"type": "tool_use", "id": None, "name": "g", "input": {"a": 1}},
    {"type": "server_tool_use", "id": "srv", "name": "web_search", "input": {}},
    {"type": "web_search_tool_result", "tool_use_id": "srv", "content": []},
    None,
)
DELTAS: tuple[Json, ...] = (
    {"type": "text_delta", "text": "hello"},
    {"type": "text_delta", "text": None},
    {"type": "thinking_delta"},
    {"type": "thinking_delta", "thinking": "hm"},
    {"type": "signature_delta", "signature": "sig"},
    {"type": "input_json_delta", "partial_json": '{"q":'},
    {"type": "input_json_delta", "partial_json": "1}"},
    {"type": "input_json_delta", "partial_json": ""},
    {"type": "citations_delta", "citation": {"type": "char_location"}},
    {"type": "new_delta", "x": 1},
    {},
)
RARE: tuple[bytes, ...] = (
    b": comment\n\n",
    b"data: [DONE]\n\n",
    b"event: ping\r\ndata: {}\r\n\r\n",
    b'data: {"type":"new_event"}\n\n',
    b'event: message_stop\ndata: {"type":"ping"}\n\n',
    b'event: error\ndata: {"type":"error","error":{"type":"api_error"}}\n\n',
    b"data: {\n\n",
    b"data: []\n\n",
)


def composed(data: bytes) -> bytes:
    """A stream that the bytes describe, three of them for each event."""
    threes = zip(data[0::3], data[1::3], data[2::3], strict=False)
    return b"".join(event(kind, a, b) for kind, a, b in threes)


def event(kind: int, first: int, second: int) -> bytes:
    index = INDEXES[first % len(INDEXES)]
    payload: JsonObject
    match kind % 12:
        case 0:
            usage = (USAGE, None)[second % 2]
            payload = {"type": "message_start", "message": {"usage": usage}}
        case 1 | 2 | 3:
            block = loads(dumps(BLOCKS[second % len(BLOCKS)]))
            payload = {"type": "content_block_start", "content_block": block}
            payload["index"] = index
        case 4 | 5 | 6 | 7:
            delta = DELTAS[second % len(DELTAS)]
            payload = {"type": "content_block_delta", "index": index, "delta": delta}
        case 8 | 9:
            payload = {"type": "content_block_stop", "index": index}
        case 10:
            delta = {"stop_reason": REASONS[second % len(REASONS)]}
            payload = {"type": "message_delta", "delta": delta}
        case _:
            if first % 4:
                return RARE[second % len(RARE)]
            payload = {"type": "message_stop"}
    name = str(payload["type"]).encode() if kind < 200 else b""
    return b"event: %b\ndata: %b\n\n" % (name, dumps(payload))


# Documents.


def read_document(data: bytes) -> None:
    DIALECT.parse_error(500, data)
    try:
        document = loads(data)
    except DecodeError:
        return
    if not isinstance(document, dict):
        return
    DIALECT.error_in(document)
    try:
        response = DIALECT.parse_response(document, context())
    except DecodeError:
        pass
    else:
        DIALECT.emit_response(response, context())
    try:
        request = DIALECT.parse_request(document)
    except DecodeError:
        return
    emitted = DIALECT.emit_request(request)
    dumps(emitted.payload)
    again = DIALECT.parse_request(emitted.payload)
    assert DIALECT.emit_request(again).payload == emitted.payload
    foreign = attrs.evolve(request, extras=attrs.evolve(request.extras, dialect="x"))
    DIALECT.parse_request(DIALECT.emit_request(foreign).payload)
