"""Answers where one side or both want a document."""

from __future__ import annotations

import pytest

from cliproxy_core.base.jsonval import as_object, dumps, loads
from cliproxy_core.dialects import DIALECTS
from cliproxy_core.ir.failure import Failure, Kind
from cliproxy_core.ir.request import Text
from cliproxy_core.ir.response import Response
from cliproxy_core.testing.cuts import bytewise
from cliproxy_core.testing.demo_plan import Plan
from cliproxy_core.translate import whole
from cliproxy_core.translate.stream import Piece, StreamFailed
from cliproxy_core.translate.whole import FoldedStream, WholeBody
from tests.core.translate.streams import (
    PAIRS,
    context,
    document,
    frames,
    hear,
    is_legal,
)

pairs = pytest.mark.parametrize(("down", "up"), PAIRS)
BROKEN = Failure(kind=Kind.RESET, status=502, message="it broke")


def body(down: str, up: str, *, streams: bool = False) -> WholeBody:
    return WholeBody(DIALECTS[up], DIALECTS[down], context(), streams)


def folded(down: str, up: str) -> FoldedStream:
    return FoldedStream.between(DIALECTS[up], DIALECTS[down], context(usage=False))


def read(down: str, said: bytes) -> Response:
    return DIALECTS[down].parse_response(as_object(loads(said), ""), context())


def words(response: Response) -> str:
    parts = response.candidates[0].parts
    return "".join(part.text for part in parts if isinstance(part, Text))


@pairs
def test_a_document_for_a_document(down: str, up: str) -> None:
    answer = body(down, up)
    said, failure = hear(answer, bytewise(document(up)))
    assert failure is None
    assert words(read(down, said)) == "One two"
    assert answer.usage is not None
    assert answer.usage.input_total == 20
    assert not answer.repairs
    assert down != up or said == document(up)


@pairs
def test_a_document_for_a_stream(down: str, up: str) -> None:
    said, failure = hear(body(down, up, streams=True), [document(up)])
    assert failure is None
    assert is_legal(DIALECTS[down], said)


@pairs
def test_a_stream_for_a_document(down: str, up: str) -> None:
    stream = b"".join(frames(up))
    answer = folded(down, up)
    said, failure = hear(answer, bytewise(stream))
    assert failure is None
    assert hear(folded(down, up), [stream]) == (said, failure)
    assert words(read(down, said)) == "One two"
    assert answer.usage is not None
    assert not answer.repairs


@pairs
def test_a_document_always_tells_its_usage(down: str, up: str) -> None:
    said, _ = hear(folded(down, up), frames(up))
    usage = read(down, said).usage
    assert usage is not None
    assert usage.input_total == 20


BAD = [b"", b"{", b"[]", b"7", b"null", b"{}", b'{"choices":7,"content":7}', b"\xff"]


@pairs
@pytest.mark.parametrize("text", BAD)
@pytest.mark.parametrize("streams", [True, False])
def test_a_bad_document_is_malformed(
    down: str, up: str, text: bytes, streams: bool
) -> None:
    said, failure = hear(body(down, up, streams=streams), [text])
    assert said == b""
    assert failure is not None
    assert (failure.kind, failure.status) == (Kind.MALFORMED, 502)


@pairs
def test_an_error_with_a_good_status_is_an_error(down: str, up: str) -> None:
    error = dumps(DIALECTS[up].emit_error(BROKEN))
    _, failure = hear(body(down, up), [error])
    assert failure is not None
    assert failure.message == "it broke"


def test_a_document_has_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(whole, "MAX_WHOLE_BYTES", 100)
    answer = body("openai_chat", "openai_chat")
    assert answer.feed(b" " * 100) == []
    (failed,) = answer.feed(b" ")
    assert isinstance(failed, StreamFailed)
    assert failed.failure.kind is Kind.MALFORMED


@pairs
def test_a_stream_that_is_cut_gives_no_document(down: str, up: str) -> None:
    for count in range(len(frames(up)) - 3):
        said, failure = hear(folded(down, up), frames(up)[:count])
        assert said == b""
        assert failure is not None


@pairs
def test_an_error_in_a_stream_gives_no_document(down: str, up: str) -> None:
    pieces = [*frames(up)[:4], DIALECTS[up].fail(BROKEN)]
    said, failure = hear(folded(down, up), pieces)
    assert said == b""
    assert failure is not None
    assert failure.message == "it broke"


@pairs
def test_failures_are_said_in_the_callers_words(down: str, up: str) -> None:
    for answer in (body(down, up, streams=True), folded(down, up)):
        assert is_legal(DIALECTS[down], answer.fail(BROKEN))


@pairs
def test_all_is_content(down: str, up: str) -> None:
    answer = body(down, up)
    answer.feed(document(up, Plan(model="m", text=("x",))))
    piece, _ = answer.finish()
    assert isinstance(piece, Piece)
    assert piece.content
