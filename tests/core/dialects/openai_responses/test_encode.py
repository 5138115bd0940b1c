"""Neutral events to frames: the life of a response, and what must hold of any."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cliproxy_core.dialects.openai_responses.encode import ResponsesEncoder
from cliproxy_core.dialects.openai_responses.grammar import NAME
from cliproxy_core.dialects.openai_responses.response import emit_response
from cliproxy_core.ir import stream as ev
from cliproxy_core.ir.citation import Citation, TokenProb
from cliproxy_core.ir.failure import Failure, Kind
from cliproxy_core.ir.media import MediaKind
from cliproxy_core.ir.reasoning import Signature
from cliproxy_core.ir.request import ToolKind
from cliproxy_core.ir.response import Response, collect
from cliproxy_core.ir.usage import Usage
from tests.core.dialects.openai_responses.events import (
    STARTED,
    checked,
    context,
    encode,
    payload_of,
    payloads,
    short,
    terminal,
    whole,
)

BROKEN = Failure(kind=Kind.RESET, status=502, message="it broke")
USAGE = ev.UsageReported(Usage(input_uncached=3, output=2))


# The golden transcripts (facts/02, section 7.15).


def test_t4_text_that_met_its_limit() -> None:
    heard = encode(
        STARTED,
        ev.TextStarted(0),
        ev.TextDelta(0, "hel"),
        ev.TextDelta(0, "lo"),
        ev.BlockEnded(0),
        ev.Stopped(ev.Reason.MAX_OUTPUT, "length"),
        USAGE,
        ev.Ended(),
    )
    assert [short(payload) for payload in heard] == [
        "created",
        "in_progress",
        "output_item.added 0 message",
        "content_part.added 0",
        "output_text.delta 0 'hel'",
        "output_text.delta 0 'lo'",
        "output_text.done 0 'hello'",
        "content_part.done 0",
        "output_item.done 0 message",
        "incomplete",
    ]
    assert heard[8]["item"]["status"] == "completed"
    last = heard[-1]["response"]
    assert (last["id"], last["status"]) == ("r", "incomplete")
    assert last["incomplete_details"] == {"reason": "max_output_tokens"}
    assert last["output"] == [heard[8]["item"]]
    assert last["output"][0]["id"] == "msg_r_0"
    assert last["output"][0]["content"][0]["text"] == "hello"
    assert (last["usage"]["input_tokens"], last["usage"]["total_tokens"]) == (3, 5)
    assert "output_text" not in last


def test_t5_sealed_reasoning_text_and_a_call_that_is_whole() -> None:
    heard = encode(
        ev.Started("msg_1", "m"),
        ev.RedactedReasoning(0, Signature("D", "claude_messages")),
        ev.BlockEnded(0),
        ev.TextStarted(1),
        ev.TextDelta(1, "Hi"),
        ev.BlockEnded(1),
        ev.ToolCallStarted(2, "toolu_1", "lookup"),
        ev.ToolCallDelta(2, "{}"),
        ev.BlockEnded(2),
        ev.Stopped(ev.Reason.MAX_OUTPUT, "max_tokens"),
        ev.Ended(),
    )
    assert [short(payload) for payload in heard] == [
        "created",
        "in_progress",
        "output_item.added 0 reasoning",
        "output_item.done 0 reasoning",
        "output_item.added 1 message",
        "content_part.added 1",
        "output_text.delta 1 'Hi'",
        "output_text.done 1 'Hi'",
        "content_part.done 1",
        "output_item.done 1 message",
        "output_item.added 2 function_call",
        "function_call_arguments.delta 2 '{}'",
        "function_call_arguments.done 2 '{}'",
        "output_item.done 2 function_call",
        "incomplete",
    ]
    sealed, _, call = heard[-1]["response"]["output"]
    assert sealed["id"] == "rs_msg_1_0"
    assert (sealed["summary"], sealed["encrypted_content"]) == (
        [],
        "cliproxy1:claude_messages::D",
    )
    assert (call["id"], call["call_id"], call["status"]) == (
        "fc_toolu_1",
        "toolu_1",
        "completed",
    )
    assert heard[2]["item"] == {"id": "rs_msg_1_0", "type": "reasoning", "summary": []}


# Around the items.


def test_names_times_and_models_come_from_the_upstream_or_are_made() -> None:
    last = terminal(ev.Started("r", "m", 7), ev.Ended())
    assert (last["id"], last["model"], last["created_at"]) == ("r", "m", 7)
    last = terminal(ev.Started("", ""), ev.Ended())
    assert last["id"].startswith("resp_")
    assert (last["model"], last["created_at"]) == ("asked", 1)


@pytest.mark.parametrize(
    ("reason", "status", "details"),
    [
        (ev.Reason.END, "completed", None),
        (ev.Reason.STOP_SEQUENCE, "completed", None),
        (ev.Reason.TOOL_USE, "completed", None),
        (ev.Reason.PAUSE, "completed", None),
        (ev.Reason.OTHER, "completed", None),
        (ev.Reason.MAX_OUTPUT, "incomplete", {"reason": "max_output_tokens"}),
        (ev.Reason.CONTEXT_WINDOW, "incomplete", {"reason": "max_output_tokens"}),
        (ev.Reason.REFUSAL, "incomplete", {"reason": "content_filter"}),
    ],
)
def test_the_status_tells_why_it_stopped(
    reason: ev.Reason, status: str, details: Any
) -> None:
    heard = encode(*whole(reason=reason))
    assert heard[-1]["type"] == f"response.{status}"
    last = heard[-1]["response"]
    assert (last["status"], last["incomplete_details"]) == (status, details)
    assert (last["usage"], last["error"]) == (None, None)


def test_the_stop_sequence_is_told_where_upstreams_tell_it() -> None:
    stopped = ev.Stopped(ev.Reason.STOP_SEQUENCE, "stop_sequence", "END")
    last = terminal(STARTED, stopped, ev.Ended())
    assert (last["stop_reason"], last["stop_sequence"]) == ("stop", "END")
    assert "stop_sequence" not in terminal(*whole())


def test_all_events_about_the_response_repeat_the_request() -> None:
    heard = encode(*whole(), caller={"instructions": "be kind", "temperature": 0})
    assert len(heard) == 3
    for payload in heard:
        response = payload["response"]
        assert (response["instructions"], response["temperature"]) == ("be kind", 0)
        assert (response["tool_choice"], response["tools"]) == ("auto", [])


def test_late_usage_counts_and_reports_are_merged() -> None:
    last = terminal(
        STARTED,
        ev.UsageReported(Usage(input_uncached=13, cache_read=100, output=1)),
        ev.Stopped(ev.Reason.END),
        ev.UsageReported(Usage(cache_read=22000, cache_write_other=31, output=4)),
        ev.Ended(),
    )
    assert last["usage"] == {
        "input_tokens": 22044,
        "input_tokens_details": {"cached_tokens": 22000, "cache_write_tokens": 31},
        "output_tokens": 4,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": 22048,
    }


def test_blocks_that_never_ended_are_told_all_the_same() -> None:
    last = terminal(
        STARTED,
        ev.TextStarted(0),
        ev.TextDelta(0, "a"),
        ev.ReasoningStarted(1),
        ev.ReasoningDelta(1, "b"),
        ev.Ended(),
    )
    assert [item["type"] for item in last["output"]] == ["message", "reasoning"]


def test_nothing_follows_the_end() -> None:
    encoder = ResponsesEncoder(context())
    encoder.feed(whole())
    assert encoder.feed(whole(ev.TextStarted(0), ev.TextDelta(0, "x"))) == []
    assert encoder.fail(BROKEN) == []


def test_an_answer_with_a_call_that_was_cut_is_incomplete() -> None:
    last = terminal(
        *whole(
            ev.ToolCallStarted(0, "c", "f"),
            ev.ToolCallDelta(0, '{"a'),
            ev.BlockEnded(0),
            reason=ev.Reason.OTHER,
        )
    )
    assert last["incomplete_details"] == {"reason": "max_output_tokens"}
    assert last["output"][0]["status"] == "incomplete"


# Failures.


def test_a_failure_is_said_twice_and_tells_what_was_done() -> None:
    encoder = ResponsesEncoder(context())
    sent = encoder.feed(
        [
            STARTED,
            ev.TextStarted(0),
            ev.TextDelta(0, "hi"),
            ev.BlockEnded(0),
            ev.ToolCallStarted(1, "c", "f"),
            ev.ToolCallDelta(1, '{"a'),
        ]
    )
    heard = payloads(checked([*sent, *encoder.fail(BROKEN)]))
    error, failed = heard[-2:]
    assert (error["type"], error["message"]) == ("error", "it broke")
    assert failed["response"]["error"]["message"] == "it broke"
    assert (failed["response"]["id"], failed["response"]["status"]) == ("r", "failed")
    assert [item["type"] for item in failed["response"]["output"]] == ["message"]
    assert encoder.feed([ev.ToolCallDelta(1, '":1}'), ev.BlockEnded(1)]) == []
    assert encoder.response is None


def test_a_response_that_fails_before_it_began_has_a_name() -> None:
    heard = payloads(checked(ResponsesEncoder(context()).fail(BROKEN)))
    assert [short(payload) for payload in heard] == [
        "created",
        "in_progress",
        "error",
        "failed",
    ]
    assert heard[0]["response"]["id"] == heard[3]["response"]["id"]


def test_a_broken_stream_fails() -> None:
    delta = ev.TextDelta(0, "x")
    heard = encode(STARTED, ev.TextStarted(0), ev.Broken(BROKEN), delta, delta)
    assert [short(payload) for payload in heard[4:]] == ["error", "failed"]


# Whatever comes.

KINDS = ["text", "refusal", "thought", "sealed", "call", "media", "own"]
TEXTS = st.text(max_size=4)
PROOFS = st.builds(
    Signature,
    st.text("abc:", min_size=1, max_size=3),
    st.sampled_from([NAME, "gemini"]),
    st.sampled_from([None, "v1"]),
)
CITATIONS = st.sampled_from(
    [
        Citation(dialect=NAME, raw={"type": "file_path", "file_id": "f", "index": 0}),
        Citation(dialect="gemini", raw={}, url="http://x", start=0, end=1),
        Citation(dialect="gemini", raw={}, url="http://x", title="X"),
        Citation(dialect="gemini", raw={}, title="a book"),
    ]
)
PROBS = (TokenProb("t", -0.5, None, (TokenProb("u", -1),)),)
SEARCH: dict[str, Any] = {"type": "web_search_call", "id": "ws", "status": "searching"}
RAWS: list[dict[str, Any]] = [
    {"type": "response.web_search_call.searching", "output_index": 9, "item_id": "ws"},
    {"type": "response.output_item.done", "item": {**SEARCH, "status": "completed"}},
    {"type": "response.completed", "response": {}},
    {"type": "response.output_text.delta", "delta": "x"},
    {"type": "odd\nevent"},
    {"type": 7},
]
ARGUMENTS = st.sampled_from(["", "{}", '{"a": 1}', '{"a', "[]", "7", "ls -l"])


def some(elements: Any) -> Any:
    return st.lists(elements, max_size=3)


@st.composite
def blocks(draw: Any, candidate: int = 0) -> list[ev.Event]:
    """The events of one block, which is number 0 for now."""
    kind = draw(st.sampled_from(KINDS))
    inside: list[ev.Event] = []
    opening: ev.Event
    match kind:
        case "text":
            opening = ev.TextStarted(0, candidate)
            grows = TEXTS.map(lambda text: ev.TextDelta(0, text))
            cited = CITATIONS.map(lambda citation: ev.CitationAdded(0, citation))
            inside += draw(some(grows | cited))
            inside += draw(st.sampled_from([[], [], [ev.LogProbsAdded(0, PROBS)]]))
        case "refusal":
            opening = ev.RefusalStarted(0, candidate)
            inside += draw(some(TEXTS.map(lambda text: ev.RefusalDelta(0, text))))
        case "thought":
            opening = ev.ReasoningStarted(0, candidate)
            inside += draw(some(TEXTS.map(lambda text: ev.ReasoningDelta(0, text))))
        case "sealed":
            opening = ev.RedactedReasoning(0, draw(PROOFS), candidate)
        case "call":
            tool = draw(st.sampled_from(ToolKind))
            call_id, proof = draw(TEXTS), draw(st.none() | PROOFS)
            opening = ev.ToolCallStarted(
                0, call_id, "f", candidate, tool, draw(st.none() | st.just("n")), proof
            )
            inside += [ev.ToolCallDelta(0, each) for each in draw(ARGUMENTS)]
        case "media":
            medium = draw(st.sampled_from([MediaKind.IMAGE, MediaKind.AUDIO]))
            opening = ev.MediaStarted(0, medium, "image/png", candidate)
            inside += draw(some(TEXTS.map(lambda data: ev.MediaDelta(0, data))))
        case _:
            dialect = draw(st.sampled_from([NAME, "gemini"]))
            opening = ev.NativeStarted(0, dialect, SEARCH, candidate)
            raws = draw(some(st.sampled_from(RAWS)))
            inside += [ev.NativeDelta(0, raw) for raw in raws]
    if kind in ("text", "thought") and draw(st.booleans()):
        inside.append(ev.BlockSigned(0, draw(PROOFS)))
    return [opening, *inside, ev.BlockEnded(0)]


def numbered(event: Any, number: int) -> ev.Event:
    """The event about that block; an item of its own has an id of its own."""
    fields = {a.name: getattr(event, a.name) for a in event.__attrs_attrs__}
    if "raw" in fields:
        told = orjson.dumps(fields["raw"]).replace(b'"ws"', b'"ws_%d"' % number)
        fields["raw"] = orjson.loads(told)
    made: ev.Event = type(event)(**{**fields, "block": number})
    return made


@st.composite
def streams(draw: Any, candidates: int = 1) -> list[ev.Event]:
    """A legal stream; blocks are interleaved at will."""
    which = st.integers(0, candidates - 1)
    waiting = draw(st.lists(which.flatmap(blocks), max_size=6))
    going: list[tuple[int, list[ev.Event]]] = []
    out: list[ev.Event] = [ev.Started(draw(st.sampled_from(["", "r%"])), "m", 7)]
    count = 0
    while waiting or going:
        if waiting and (not going or draw(st.booleans())):
            going.append((count, waiting.pop(0)))
            count += 1
            turn = len(going) - 1
        else:
            turn = draw(st.integers(0, len(going) - 1))
        number, events = going[turn]
        out.append(numbered(events.pop(0), number))
        if not events:
            del going[turn]
    if draw(st.booleans()):
        out.append(USAGE)
    for candidate in range(candidates):
        reason = draw(st.sampled_from(ev.Reason))
        out.append(ev.Stopped(reason, None, None, candidate))
    return [*out, ev.Heartbeat(), ev.Ended()]


@settings(max_examples=150, deadline=None)
@given(streams())
def test_a_stream_folds_to_the_whole_answer(events: list[ev.Event]) -> None:
    weighed = [e.block for e in events if isinstance(e, ev.LogProbsAdded)]
    texts = [e.block for e in events if isinstance(e, ev.TextStarted)]
    if any(block != min(texts) for block in weighed):
        # The neutral answer tells probabilities for all of its words at once.
        events = [e for e in events if not isinstance(e, ev.LogProbsAdded)]
    encoder = ResponsesEncoder(context())
    heard = payloads(checked(encoder.feed(events)))
    collected = collect(events)
    assert isinstance(collected, Response)
    emitted = emit_response(collected, context())
    assert heard[-1]["response"] == orjson.loads(orjson.dumps(emitted.payload))
    assert heard[-1]["response"] == orjson.loads(orjson.dumps(encoder.response))
    assert len(emitted.dropped) == sum(encoder.dropped.values())


@settings(max_examples=60, deadline=None)
@given(streams(candidates=2))
def test_anything_is_legal_one_by_one_or_at_once(events: list[ev.Event]) -> None:
    sent = checked(ResponsesEncoder(context()).feed(events))
    encoder = ResponsesEncoder(context())
    assert [each for event in events for each in encoder.feed([event])] == sent
    done = [p for p in payloads(sent) if p["type"] == "response.output_item.done"]
    order = sorted(done, key=lambda payload: int(payload["output_index"]))
    assert [p["item"] for p in order] == payload_of(sent[-1][1])["response"]["output"]


@settings(max_examples=40, deadline=None)
@given(streams(candidates=2), st.integers(0, 40))
def test_it_may_fail_anywhere(events: list[ev.Event], at: int) -> None:
    encoder = ResponsesEncoder(context())
    sent = encoder.feed(events[: min(at, len(events) - 1)])
    last = payloads(checked([*sent, *encoder.fail(BROKEN)]))[-1]
    assert last["type"] == "response.failed"
    assert encoder.feed(events) == []
