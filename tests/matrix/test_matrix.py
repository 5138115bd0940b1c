"""Every caller's dialect to every upstream's, streamed and whole.

`dropped.toml` is the list of what does not cross, by caller and upstream; it is
rewritten with `--bless`, and a change of it is a change of behaviour.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest

from cliproxy_core.base.jsonval import Json, JsonObject, as_object, dumps, loads
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
from tests.matrix.callers import RICH

PINNED = Path(__file__).with_name("dropped.toml")
NAMES = list(DIALECTS)
PAIRS = [(down, up) for down in NAMES for up in NAMES]
CROSSINGS = [(down, up) for down, up in PAIRS if down != up]

pairs = pytest.mark.parametrize(("down", "up"), PAIRS)
crossings = pytest.mark.parametrize(("down", "up"), CROSSINGS)
responses = pytest.mark.parametrize("name", RESPONSES)


def nothing_more(_payload: JsonObject, _lane: Lane) -> Mapping[str, Json]:
    return {}


def prepared(document: JsonObject, down: str, up: str) -> Prepared:
    return prepare(
        dumps(document),
        document,
        source=DIALECTS[down],
        target=DIALECTS[up],
        model="theirs",
        streams=document.get("stream") is True,
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
    document = DIALECTS[down].emit_request(REQUESTS[name]).payload
    crossed = prepared(document, down, up)
    parsed: Request = DIALECTS[up].parse_request(as_object(loads(crossed.body), ""))
    assert parsed.model == "theirs"
    assert parsed.stream is REQUESTS[name].stream
    assert len(parsed.tools) == len(REQUESTS[name].tools)
    assert parsed.sampling.max_output == REQUESTS[name].sampling.max_output


@pytest.mark.parametrize("name", NAMES)
def test_natively_only_the_model_changes(name: str) -> None:
    body = dumps(RICH[name])
    crossed = prepared(RICH[name], name, name)
    assert crossed.body == body.replace(b'"model":"m"', b'"model":"theirs"')
    assert crossed.dropped == ()


def dropped(down: str, up: str) -> dict[str, str]:
    crossed = prepared(RICH[down], down, up)
    return {item.path: item.reason for item in crossed.dropped}


def test_what_is_dropped_is_pinned(bless: bool) -> None:
    found = {f"{down} to {up}": dropped(down, up) for down, up in CROSSINGS}
    if bless:
        PINNED.write_text(toml(found), encoding="utf-8")
    assert tomllib.loads(PINNED.read_text(encoding="utf-8")) == found


def toml(tables: Mapping[str, Mapping[str, str]]) -> str:
    lines = [
        "# What does not cross, or crosses as something near it. See test_matrix.py."
    ]
    for title, rows in tables.items():
        lines += ["", f'["{title}"]']
        lines += [f"{quoted(path)} = {quoted(why)}" for path, why in rows.items()]
    return "\n".join(lines) + "\n"


def quoted(text: str) -> str:
    return dumps(text).decode()


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
    return dumps(DIALECTS[up].emit_response(RESPONSES[name], context()).payload)


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
