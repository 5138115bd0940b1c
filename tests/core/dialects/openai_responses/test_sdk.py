"""What we send, as the vendor's own client puts it together."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import assume, given, settings

from cliproxy_core.dialects.openai_responses.encode import ResponsesEncoder
from cliproxy_core.dialects.openai_responses.response import emit_response
from cliproxy_core.ir import stream as ev
from cliproxy_core.ir.failure import Failure, Kind
from cliproxy_core.ir.reasoning import Signature
from cliproxy_core.ir.request import ToolKind
from cliproxy_core.ir.response import Response, collect
from tests.core.dialects.openai_responses.events import context, whole
from tests.core.dialects.openai_responses.test_encode import streams
from tests.judges.openai_responses import fold
from tests.judges.openai_responses import whole as told
from tests.judges.reading import Fault


def body(*events: ev.Event) -> bytes:
    sent = ResponsesEncoder(context()).feed(events)
    return b"".join(frame for _, frame in sent)


def test_everything_at_once() -> None:
    stream = whole(
        ev.ReasoningStarted(0),
        ev.ReasoningDelta(0, "hm"),
        ev.BlockSigned(0, Signature("s", "gemini")),
        ev.BlockEnded(0),
        ev.TextStarted(1),
        ev.TextDelta(1, "a"),
        ev.TextDelta(1, "b"),
        ev.BlockEnded(1),
        ev.ToolCallStarted(2, "c1", "f"),
        ev.ToolCallStarted(3, "c2", "g", kind=ToolKind.CUSTOM),
        ev.ToolCallDelta(3, "ls"),
        ev.ToolCallDelta(2, '{"a":1}'),
        ev.BlockEnded(2),
        ev.BlockEnded(3),
        reason=ev.Reason.TOOL_USE,
    )
    (candidate,) = fold(body(*stream)).candidates
    assert candidate.parts == (
        ("summary", "hm"),
        ("encrypted", "cliproxy1:gemini::s"),
        ("text", "ab"),
        ("call", "c1", "f", '{"a":1}'),
        ("custom", "c2", "g", "ls"),
    )
    assert candidate.finish == "completed"


def test_an_error_inside_a_stream_is_heard() -> None:
    encoder = ResponsesEncoder(context())
    sent = encoder.feed([ev.Started("r", "m"), ev.TextStarted(0), ev.TextDelta(0, "h")])
    failure = Failure(kind=Kind.OVERLOADED, status=529, message="all are busy")
    sent = [*sent, *encoder.fail(failure)]
    reading = fold(b"".join(frame for _, frame in sent))
    assert isinstance(reading.error, Fault)
    assert reading.error.message == "all are busy"
    assert reading.candidates[0].parts == (("text", "h"),)


def test_an_error_before_anything_else_is_heard() -> None:
    failure = Failure(kind=Kind.RATE, status=429, message="slow down")
    sent = ResponsesEncoder(context()).fail(failure)
    reading = fold(b"".join(frame for _, frame in sent))
    assert reading.error is not None
    assert reading.error.message == "slow down"


@settings(max_examples=40, deadline=None)
@given(streams())
def test_the_sdk_hears_the_same_streamed_and_whole(events: list[Any]) -> None:
    names = [e.call_id for e in events if isinstance(e, ev.ToolCallStarted)]
    named = [name for name in names if name]
    # The SDK takes two calls with one id for one.
    assume(len(set(named)) == len(named))
    events = [e for e in events if not isinstance(e, ev.LogProbsAdded)]
    collected = collect(events)
    assert isinstance(collected, Response)
    document = emit_response(collected, context()).payload
    assert fold(body(*events)) == told(orjson.dumps(document))


@pytest.mark.parametrize("reason", ev.Reason)
def test_a_cut_call_is_no_call(reason: ev.Reason) -> None:
    events: list[ev.Event] = [
        ev.ToolCallStarted(0, "c", "f"),
        ev.ToolCallDelta(0, '{"a'),
        ev.BlockEnded(0),
    ]
    (candidate,) = fold(body(*whole(*events, reason=reason))).candidates
    assert candidate.parts == (("cut call", "c", "f", '{"a'),)
