"""A response is the fold of its stream, and a stream the spelling of its response."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cliproxy_core.base.errors import LocalError
from cliproxy_core.ir import stream as ev
from cliproxy_core.ir.citation import Citation, TokenProb
from cliproxy_core.ir.failure import Failure, Kind
from cliproxy_core.ir.media import Media, MediaKind
from cliproxy_core.ir.reasoning import Signature
from cliproxy_core.ir.request import (
    MediaPart,
    NativePart,
    Part,
    Reasoning,
    Redacted,
    Refusal,
    Text,
    ToolCall,
    ToolKind,
    ToolResult,
)
from cliproxy_core.ir.response import Candidate, Response, collect, spell_out
from cliproxy_core.ir.usage import Usage

PARTS: st.SearchStrategy[Part] = st.one_of(
    st.text().map(Text),
    st.text().map(Refusal),
    st.builds(
        Reasoning, st.text(), st.none() | st.builds(Signature, st.text(), st.just("d"))
    ),
    st.builds(Redacted, st.builds(Signature, st.text(), st.just("d"))),
    st.builds(
        ToolCall, call_id=st.text(), name=st.text(min_size=1), arguments=st.text()
    ),
    st.builds(
        lambda data: MediaPart(
            Media(kind=MediaKind.IMAGE, mime="image/png", data=data)
        ),
        st.text(),
    ),
)
CANDIDATES = st.builds(
    Candidate,
    parts=st.lists(PARTS, max_size=4).map(tuple),
    reason=st.sampled_from(ev.Reason),
    native_reason=st.none() | st.just("end_turn"),
    sequence=st.none() | st.just("###"),
)
RESPONSES = st.builds(
    Response,
    id=st.text(),
    model=st.text(),
    created=st.none() | st.integers(0),
    candidates=st.lists(CANDIDATES, min_size=1, max_size=3).map(tuple),
    usage=st.none() | st.builds(Usage, output=st.integers(0)),
)


@given(RESPONSES)
def test_a_response_survives_being_spelled_out(response: Response) -> None:
    assert collect(spell_out(response)) == response


@given(RESPONSES)
def test_blocks_are_numbered_over_all_candidates(response: Response) -> None:
    ended = [e.block for e in spell_out(response) if isinstance(e, ev.BlockEnded)]
    assert ended == list(range(sum(len(c.parts) for c in response.candidates)))


def test_interleaved_blocks_keep_their_order() -> None:
    events: list[ev.Event] = [
        ev.Started("id", "m", 5),
        ev.Heartbeat(),
        ev.TextStarted(0),
        ev.ToolCallStarted(1, "c", "f"),
        ev.ToolCallDelta(1, '{"a"'),
        ev.TextDelta(0, "he"),
        ev.ToolCallDelta(1, ":1}"),
        ev.TextDelta(0, "llo"),
        ev.LogProbsAdded(0, (TokenProb("he", -1),)),
        ev.BlockEnded(0),
        ev.BlockEnded(1),
        ev.UsageReported(Usage(input_uncached=3)),
        ev.UsageReported(Usage(output=2)),
        ev.Stopped(ev.Reason.TOOL_USE, "tool_calls"),
        ev.Ended(),
    ]
    assert collect(events) == Response(
        id="id",
        model="m",
        created=5,
        candidates=(
            Candidate(
                parts=(
                    Text("hello"),
                    ToolCall(call_id="c", name="f", arguments='{"a":1}'),
                ),
                reason=ev.Reason.TOOL_USE,
                native_reason="tool_calls",
                tokens=(TokenProb("he", -1),),
            ),
        ),
        usage=Usage(input_uncached=3, output=2),
    )


def test_a_broken_stream_is_its_failure() -> None:
    failure = Failure(kind=Kind.RESET, status=502, message="reset")
    events: list[ev.Event] = [
        ev.Started("id", "m"),
        ev.TextStarted(0),
        ev.Broken(failure),
    ]
    assert collect(events) is failure


def test_a_stream_without_a_stop_stopped_for_another_reason() -> None:
    response = collect([ev.Started("id", "m"), ev.Ended()])
    assert isinstance(response, Response)
    assert [c.reason for c in response.candidates] == [ev.Reason.OTHER]


def test_sources_likelihoods_and_proofs_are_kept_both_ways() -> None:
    source = Citation(dialect="gemini", raw={}, url="http://x")
    proof = Signature("s", "gemini")
    events: list[ev.Event] = [
        ev.Started("id", "m"),
        ev.TextStarted(0),
        ev.TextDelta(0, "he"),
        ev.CitationAdded(0, source),
        ev.BlockSigned(0, proof),
        ev.LogProbsAdded(0, (TokenProb("he", -1),)),
        ev.BlockEnded(0),
        ev.ToolCallStarted(1, "c", "f", 0, ToolKind.CUSTOM, "n", proof),
        ev.ToolCallDelta(1, "free"),
        ev.BlockEnded(1),
        ev.Stopped(ev.Reason.TOOL_USE),
        ev.Ended(),
    ]
    response = collect(events)
    assert isinstance(response, Response)
    (candidate,) = response.candidates
    assert candidate.tokens == (TokenProb("he", -1),)
    assert candidate.parts == (
        Text("he", citations=(source,), signature=proof),
        ToolCall(
            call_id="c",
            name="f",
            arguments="free",
            kind=ToolKind.CUSTOM,
            namespace="n",
            signature=proof,
        ),
    )
    assert spell_out(response) == events


def test_native_parts_keep_what_came_later() -> None:
    events: list[ev.Event] = [
        ev.Started("id", "m"),
        ev.NativeStarted(0, "claude_messages", {"type": "x"}),
        ev.NativeDelta(0, {"more": 1}),
        ev.NativeDelta(0, {"more": 2}),
        ev.BlockEnded(0),
    ]
    response = collect(events)
    assert isinstance(response, Response)
    (part,) = response.candidates[0].parts
    assert part == NativePart(
        "claude_messages", {"type": "x", "deltas": [{"more": 1}, {"more": 2}]}
    )


def test_a_native_part_is_spelled_as_it_is() -> None:
    part = NativePart("d", {"type": "x"})
    response = Response(id="", model="", candidates=(Candidate(parts=(part,)),))
    assert spell_out(response)[1] == ev.NativeStarted(0, "d", {"type": "x"})


def test_what_never_started_is_our_fault() -> None:
    with pytest.raises(LocalError):
        collect([ev.Ended()])


def test_a_tool_result_is_no_part_of_a_response() -> None:
    part = ToolResult(call_id="c", parts=())
    response = Response(id="", model="", candidates=(Candidate(parts=(part,)),))
    with pytest.raises(LocalError):
        spell_out(response)
