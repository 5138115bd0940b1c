"""The vendor's own SDK reads what we write, and its chats keep the turn."""

from __future__ import annotations

from typing import Any

import pytest

from cliproxy_core.base.jsonval import write
from cliproxy_core.dialects.gemini.errors import fail
from cliproxy_core.dialects.gemini.response import emit_response
from cliproxy_core.ir import stream as ev
from cliproxy_core.ir.failure import Failure, Kind
from cliproxy_core.ir.media import MediaKind
from cliproxy_core.ir.reasoning import Signature
from cliproxy_core.ir.response import Response, collect, spell_out
from tests.contracts.canon import RESPONSES
from tests.core.dialects.gemini.streams import chunk, context, encode, send, text
from tests.judges.answers_gemini import ANSWERS
from tests.judges.gemini import fold, whole

START = ev.Started("r1", "m")
RICH: list[ev.Event] = [
    START,
    ev.ReasoningStarted(0),
    ev.ReasoningDelta(0, "hm"),
    ev.BlockSigned(0, Signature("sig", "claude_messages")),
    ev.BlockEnded(0),
    ev.TextStarted(1),
    ev.TextDelta(1, "wör"),
    ev.TextDelta(1, "ld"),
    ev.BlockEnded(1),
    ev.ToolCallStarted(2, "i", "f", signature=Signature("+/+/", "gemini")),
    ev.ToolCallDelta(2, '{"n": 12345678901234567890}'),
    ev.BlockEnded(2),
    ev.ToolCallStarted(3, "j", "g"),
    ev.BlockEnded(3),
    ev.MediaStarted(4, MediaKind.IMAGE, "image/png"),
    ev.MediaDelta(4, "aGk="),
    ev.BlockEnded(4),
    ev.Stopped(ev.Reason.TOOL_USE),
    ev.Ended(),
]
STORIES = {"rich": RICH, **{name: spell_out(r) for name, r in RESPONSES.items()}}


@pytest.mark.parametrize("events", STORIES.values(), ids=STORIES)
def test_a_stream_and_a_whole_answer_say_the_same(events: list[ev.Event]) -> None:
    streamed = fold(encode(events))
    response = collect(events)
    assert isinstance(response, Response)
    document = emit_response(response, context()).payload
    folded = whole(write(document))
    assert streamed.kept
    assert streamed.error is None
    assert [parts(c) for c in streamed.candidates] == [
        parts(c) for c in folded.candidates
    ]
    assert [c.finish for c in streamed.candidates] == [
        c.finish for c in folded.candidates
    ]
    assert streamed.usage == folded.usage


def parts(candidate: Any) -> list[Any]:
    """What was said, without words of nothing, which a stream has at its end."""
    return [part for part in candidate.parts if part[:2] != ("text", "")]


def test_it_reads_what_was_meant() -> None:
    (candidate,) = fold(encode(RICH)).candidates
    kinds = [part[0] for part in parts(candidate)]
    want = ["reasoning", "signature", "text", "call", "signature", "call"]
    assert kinds[:6] == want
    assert ("text", "wörld") in candidate.parts
    assert ("call", "i", "f", '{"n":12345678901234567890}') in candidate.parts


def test_a_failure_inside_a_stream_is_heard() -> None:
    failure = Failure(kind=Kind.RESET, status=502, message="it broke")
    heard = fold(chunk(text("Hel")) + fail(failure))
    assert heard.error is not None
    assert "it broke" in str(heard.error)
    assert not heard.kept


@pytest.mark.parametrize("name", ANSWERS)
def test_what_it_reads_of_an_upstream_it_reads_of_the_mended_stream(name: str) -> None:
    answer = ANSWERS[name]
    out = send(answer.stream)
    if out.failure is not None:
        assert answer.reading.error is not None or not answer.reading.kept
        return
    heard = fold(out.native)
    assert [parts(c) for c in heard.candidates] == [
        parts(c) for c in answer.reading.candidates
    ]
    assert [c.finish for c in heard.candidates] == [
        c.finish for c in answer.reading.candidates
    ]
    assert (heard.usage, heard.error) == (answer.reading.usage, answer.reading.error)


@pytest.mark.parametrize(
    "name",
    ["an end without parts", "an end without content", "an empty part", "usage alone"],
)
def test_turns_that_chats_would_forget_are_kept(name: str) -> None:
    stream = ANSWERS[name].stream
    assert not fold(stream).kept
    assert fold(send(stream).native).kept
