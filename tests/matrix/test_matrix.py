"""Every caller's dialect to every upstream's, streamed and whole.

Both ends speak in words that all dialects share (tests/contracts/canon.py). What the
vendors' SDKs make of it all is in the other modules.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pytest

from cliproxy_core.base.jsonval import Json, JsonObject, as_object, loads, write
from cliproxy_core.dialects import DIALECTS
from cliproxy_core.ir.dialect import Dialect
from cliproxy_core.ir.grammar import Checker
from cliproxy_core.ir.request import Request
from cliproxy_core.ir.response import Response, collect, spell_out
from cliproxy_core.translate import (
    Answer,
    Lane,
    Piece,
    Prepared,
    StreamEnded,
    lane_of,
    prepare,
)
from cliproxy_core.translate.lane import LANES
from cliproxy_core.wire.sse import SseDecoder, SseFrame
from tests.contracts.canon import REQUESTS, RESPONSES, context
from tests.contracts.test_dialects import encoded, hear, said, written

NAMES = list(DIALECTS)
PAIRS = [(down, up) for down in NAMES for up in NAMES]
CROSSINGS = [(down, up) for down, up in PAIRS if down != up]

pairs = pytest.mark.parametrize(("down", "up"), PAIRS)
crossings = pytest.mark.parametrize(("down", "up"), CROSSINGS)
responses = pytest.mark.parametrize("name", RESPONSES)


def nothing_more(_payload: JsonObject, _lane: Lane) -> Mapping[str, Json]:
    return {}


def prepared(document: JsonObject, down: str, up: str, *, streams: bool) -> Prepared:
    body = write(document)
    return prepare(
        body,
        as_object(loads(body), ""),
        source=DIALECTS[down],
        target=DIALECTS[up],
        model="theirs",
        streams=streams,
        finish=nothing_more,
    )


def test_every_pair_has_a_lane() -> None:
    assert set(LANES) == set(PAIRS)
    for down, up in PAIRS:
        assert (lane_of(down, up) is Lane.NATIVE) is (down == up)


# Requests.


@pairs
@pytest.mark.parametrize("name", REQUESTS)
def test_a_request_crosses(down: str, up: str, name: str) -> None:
    asked = REQUESTS[name]
    document = DIALECTS[down].emit_request(asked).payload
    crossed = prepared(document, down, up, streams=asked.stream)
    parsed: Request = DIALECTS[up].parse_request(as_object(loads(crossed.body), ""))
    if DIALECTS[up].names_model:
        assert parsed.model == "theirs"
    if DIALECTS[up].names_model and DIALECTS[down].names_model:
        assert parsed.stream is asked.stream
    assert len(parsed.tools) == len(asked.tools)
    assert parsed.sampling.max_output == limit(asked, down, up)


def limit(asked: Request, *dialects: str) -> int | None:
    """Responses takes no limit below this one."""
    most = asked.sampling.max_output
    return max(most or 0, 16) if "openai_responses" in dialects else most


# Answers.


def answer(down: str, up: str, body: Iterable[bytes], *, streams: bool) -> bytes:
    """What a caller gets of an upstream's body; it must end well."""
    transducer = Answer(DIALECTS[up], DIALECTS[down], context(), streams)
    produced = [p for piece in body for p in transducer.feed(piece)]
    produced += transducer.finish()
    assert isinstance(produced.pop(), StreamEnded), produced
    assert all(isinstance(piece, Piece) for piece in produced)
    return b"".join(piece.data for piece in produced if isinstance(piece, Piece))


def streamed(up: str, name: str) -> bytes:
    return written(encoded(DIALECTS[up], RESPONSES[name]))


def whole(up: str, name: str) -> bytes:
    return write(DIALECTS[up].emit_response(RESPONSES[name], context()).payload)


def check_meaning(got: Response, name: str) -> None:
    (was,), (now,) = RESPONSES[name].candidates, got.candidates
    assert said(now.parts, whole=True) == said(was.parts, whole=True) or differs(name)
    assert now.reason is was.reason
    assert got.usage == RESPONSES[name].usage


def differs(name: str) -> bool:
    """Claude has no refusals: they are words there, with a reason beside them."""
    return name == "refusal"


def read_stream(dialect: Dialect, data: bytes) -> Response:
    checker = Checker(dialect.grammar)
    for frame in SseDecoder().feed(data):
        assert isinstance(frame, SseFrame)
        end = frame.data == b"[DONE]"
        payload = None if end else as_object(loads(frame.data), "")
        assert checker.check(dialect.classify(payload)) is None
    assert checker.complete
    heard = hear(dialect, [data])
    assert heard.repairs == {}
    collected = collect(heard.events)
    assert isinstance(collected, Response)
    return collected


def read_whole(dialect: Dialect, data: bytes) -> Response:
    return dialect.parse_response(as_object(loads(data), ""), context())


@pairs
@responses
def test_a_stream_for_a_stream(down: str, up: str, name: str) -> None:
    data = answer(down, up, [streamed(up, name)], streams=True)
    check_meaning(read_stream(DIALECTS[down], data), name)
    assert down != up or data == streamed(up, name)


@pairs
@responses
def test_a_document_for_a_document(down: str, up: str, name: str) -> None:
    data = answer(down, up, [whole(up, name)], streams=False)
    check_meaning(read_whole(DIALECTS[down], data), name)
    assert down != up or data == whole(up, name)


@pairs
@responses
def test_a_stream_for_a_document(down: str, up: str, name: str) -> None:
    data = answer(down, up, [streamed(up, name)], streams=False)
    check_meaning(read_whole(DIALECTS[down], data), name)


@pairs
@responses
def test_a_document_for_a_stream(down: str, up: str, name: str) -> None:
    data = answer(down, up, [whole(up, name)], streams=True)
    check_meaning(read_stream(DIALECTS[down], data), name)


@crossings
@responses
def test_all_ways_to_a_caller_mean_the_same(down: str, up: str, name: str) -> None:
    """Collecting what was spelled out changes nothing."""
    through = collect(spell_out(RESPONSES[name]))
    assert isinstance(through, Response)
    check_meaning(through, name)
    one = answer(down, up, [streamed(up, name)], streams=True)
    other = answer(down, up, [whole(up, name)], streams=True)
    left = read_stream(DIALECTS[down], one)
    right = read_stream(DIALECTS[down], other)
    assert said(left.candidates[0].parts, whole=True) == said(
        right.candidates[0].parts, whole=True
    )
