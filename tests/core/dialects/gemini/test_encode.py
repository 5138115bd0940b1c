"""Neutral events to chunks: legal, whatever the order, and worth what they tell."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cliproxy_core.dialects.gemini.carrier import wrap
from cliproxy_core.dialects.gemini.encode import Encoder
from cliproxy_core.dialects.gemini.grammar import GRAMMAR, classify
from cliproxy_core.dialects.gemini.response import emit_response, parse_response
from cliproxy_core.ir import stream as ev
from cliproxy_core.ir.citation import Citation, TokenProb
from cliproxy_core.ir.failure import Failure, Kind
from cliproxy_core.ir.grammar import Checker
from cliproxy_core.ir.media import MediaKind
from cliproxy_core.ir.reasoning import Signature
from cliproxy_core.ir.request import ToolKind
from cliproxy_core.ir.response import Response, collect
from cliproxy_core.ir.usage import Usage
from tests.core.dialects.gemini.streams import (
    call,
    context,
    encode,
    one,
    payloads,
    said,
    send,
    text,
    thought,
)

START = ev.Started("r1", "m")
END = ev.Ended()
DONE = ev.Stopped(ev.Reason.END)
CALLED = ev.Stopped(ev.Reason.TOOL_USE)
CUT = ev.Stopped(ev.Reason.MAX_OUTPUT)
OWN = Signature("+/+/", "gemini")
FOREIGN = Signature("sig", "claude_messages")
BROKEN = Failure(kind=Kind.RESET, status=502, message="it broke")


def words(block: int, *pieces: str, candidate: int = 0) -> list[ev.Event]:
    deltas = [ev.TextDelta(block, piece) for piece in pieces]
    return [ev.TextStarted(block, candidate), *deltas, ev.BlockEnded(block)]


def called(block: int, *pieces: str, **more: Any) -> list[ev.Event]:
    deltas = [ev.ToolCallDelta(block, piece) for piece in pieces]
    opening = ev.ToolCallStarted(block, f"i{block}", f"f{block}", **more)
    return [opening, *deltas, ev.BlockEnded(block)]


def parts_of(stream: bytes) -> list[Any]:
    """The parts of all chunks but the last, which only finishes."""
    *body, last = payloads(stream)
    for candidate in last["candidates"]:
        assert candidate["content"] == {"parts": [{"text": ""}], "role": "model"}
    assert all(len(p["candidates"]) == 1 for p in body)
    return [p["candidates"][0]["content"]["parts"][0] for p in body]


def finish_of(stream: bytes) -> list[str]:
    return [c["finishReason"] for c in payloads(stream)[-1]["candidates"]]


def test_a_frame_to_the_letter() -> None:
    stream = encode([START, *words(0, "a%d"), DONE, END])
    assert stream == (
        b'data: {"candidates":[{"content":{"parts":[{"text":"a%d"}],"role":"model"},'
        b'"index":0}],"modelVersion":"m","responseId":"r1"}\n\n'
        b'data: {"candidates":[{"content":{"parts":[{"text":""}],"role":"model"},'
        b'"finishReason":"STOP","index":0}],"modelVersion":"m","responseId":"r1"}\n\n'
    )


def test_names_with_a_percent_sign() -> None:
    stream = encode([ev.Started("100%b", "m%d"), *words(0, "a"), DONE, END])
    assert [p["responseId"] for p in payloads(stream)] == ["100%b"] * 2


def test_names_that_nobody_told() -> None:
    (payload,) = payloads(encode([ev.Started("", ""), DONE, END]))
    assert payload["modelVersion"] == "asked"
    assert payload["responseId"].startswith("resp_")


def test_words_go_out_as_they_come() -> None:
    encoder = Encoder(context())
    encoder.feed([START, ev.TextStarted(0)])
    assert len(encoder.feed([ev.TextDelta(0, "a")])) == 1
    assert encoder.feed([ev.TextDelta(0, "")]) == []


def test_thinking_words_and_state() -> None:
    stream = encode(
        [
            START,
            ev.ReasoningStarted(0),
            ev.ReasoningDelta(0, "hm"),
            ev.BlockSigned(0, OWN),
            ev.BlockEnded(0),
            ev.RedactedReasoning(1, FOREIGN),
            ev.BlockEnded(1),
            ev.RefusalStarted(2),
            ev.RefusalDelta(2, "no"),
            ev.BlockSigned(2, FOREIGN),
            ev.BlockEnded(2),
            ev.Stopped(ev.Reason.REFUSAL),
            END,
        ]
    )
    assert parts_of(stream) == [
        thought("hm"),
        thought("", thoughtSignature="+/+/"),
        thought("", thoughtSignature=wrap(FOREIGN, sealed=True)),
        text("no"),
        text("", thoughtSignature=wrap(FOREIGN)),
    ]
    assert finish_of(stream) == ["SAFETY"]


def test_calls_are_said_whole() -> None:
    stream = encode(
        [
            START,
            *called(0, '{"a": ', "2.50}", signature=FOREIGN),
            *called(1, "free", kind=ToolKind.CUSTOM),
            CALLED,
            END,
        ]
    )
    assert parts_of(stream) == [
        call("f0", {"a": 2.5}, id="i0", proof=wrap(FOREIGN)),
        call("f1", {"input": "free"}, id="i1"),
    ]
    assert b'"args":{"a": 2.50}' in stream
    assert finish_of(stream) == ["STOP"]


def test_a_call_without_an_id_gets_one() -> None:
    opening = ev.ToolCallStarted(0, "", "f")
    stream = encode(
        [START, opening, ev.ToolCallDelta(0, "{}"), ev.BlockEnded(0), CALLED, END]
    )
    assert parts_of(stream)[0]["functionCall"]["id"].startswith("call_")


@pytest.mark.parametrize(
    ("arguments", "stop", "word"),
    [
        ('{"a": "cu', CALLED, "MAX_TOKENS"),
        ('{"a": "cu', CUT, "MAX_TOKENS"),
        ("", CUT, "MAX_TOKENS"),
        ("[1]", CALLED, "MALFORMED_FUNCTION_CALL"),
    ],
)
def test_a_call_that_was_cut_is_never_announced(
    arguments: str, stop: ev.Stopped, word: str
) -> None:
    events = [START, *words(0, "a"), *called(1, arguments), stop, END]
    encoder = Encoder(context())
    stream = b"".join(frame for _, frame in encoder.feed(events))
    assert parts_of(stream) == [text("a")]
    assert finish_of(stream) == [word]
    assert encoder.dropped == {"call": 1}


def test_a_call_without_arguments_waits_for_the_end() -> None:
    encoder = Encoder(context())
    encoder.feed([START])
    assert encoder.feed([*called(0), *words(1, "a"), *called(2, "{}")]) == []
    frames = [frame for _, frame in encoder.feed([CALLED, END])]
    assert parts_of(b"".join(frames)) == [
        call("f0", {}, id="i0"),
        text("a"),
        call("f2", {}, id="i2"),
    ]


def test_what_waits_behind_a_cut_call_is_said() -> None:
    stream = encode([START, *called(0), *words(1, "a"), *called(2, "{}"), CUT, END])
    assert parts_of(stream) == [text("a"), call("f2", {}, id="i2")]


def test_a_call_that_never_ended_is_left_out() -> None:
    opening = ev.ToolCallStarted(0, "i", "f")
    stream = encode([START, opening, ev.ToolCallDelta(0, "{}"), END])
    assert (parts_of(stream), finish_of(stream)) == ([], ["MAX_TOKENS"])


def test_what_waits_behind_a_block_that_never_ended_is_said() -> None:
    stream = encode(
        [
            START,
            ev.TextStarted(0),
            ev.TextDelta(0, "a"),
            *called(1, "{}"),
            ev.Stopped(ev.Reason.TOOL_USE),
            END,
        ]
    )
    assert parts_of(stream) == [text("a"), call("f1", {}, id="i1")]


def test_blocks_that_overlap_come_one_after_the_other() -> None:
    stream = encode(
        [
            START,
            ev.TextStarted(0),
            ev.TextDelta(0, "a"),
            ev.ToolCallStarted(1, "i1", "f1"),
            ev.ReasoningStarted(2),
            ev.ReasoningDelta(2, "t"),
            ev.TextDelta(0, "b"),
            ev.ToolCallDelta(1, "{}"),
            ev.BlockEnded(2),
            ev.BlockEnded(0),
            ev.BlockEnded(1),
            CALLED,
            END,
        ]
    )
    want = [text("a"), text("b"), call("f1", {}, id="i1"), thought("t")]
    assert parts_of(stream) == want


def test_media() -> None:
    stream = encode(
        [
            START,
            ev.MediaStarted(0, MediaKind.IMAGE, "image/webp"),
            ev.MediaDelta(0, "aG"),
            ev.MediaDelta(0, "k="),
            ev.BlockEnded(0),
            DONE,
            END,
        ]
    )
    image = {"inlineData": {"mimeType": "image/webp", "data": "aGk="}}
    assert parts_of(stream) == [image]


def test_what_has_no_place_is_counted() -> None:
    encoder = Encoder(context())
    encoder.feed(
        [
            START,
            ev.MediaStarted(0, MediaKind.IMAGE),
            ev.BlockSigned(0, OWN),
            ev.BlockEnded(0),
            ev.NativeStarted(1, "claude_messages", {"type": "x"}),
            ev.NativeDelta(1, {"type": "y"}),
            ev.BlockEnded(1),
            ev.TextStarted(2),
            ev.CitationAdded(2, Citation(dialect="openai_chat", raw={})),
            ev.BlockEnded(2),
            ev.Heartbeat(),
            DONE,
            END,
        ]
    )
    want = {"media": 1, "signature": 1, "native": 1, "citation": 1}
    assert encoder.dropped == want


def test_parts_of_its_own() -> None:
    raw = {"executableCode": {"code": "1"}}
    stream = encode(
        [
            START,
            ev.NativeStarted(0, "gemini", {**raw, "deltas": []}),
            ev.BlockEnded(0),
            DONE,
            END,
        ]
    )
    assert parts_of(stream) == [raw]


def test_sources_and_probabilities_are_in_the_last_chunk() -> None:
    cited = Citation(dialect="openai_chat", raw={}, url="u", start=1, end=3)
    tokens = (TokenProb("ö", -1),)
    stream = encode(
        [
            START,
            *words(0, "Wö"),
            ev.ReasoningStarted(1),
            ev.ReasoningDelta(1, "hm"),
            ev.BlockEnded(1),
            ev.TextStarted(2),
            ev.TextDelta(2, "aö"),
            ev.TextDelta(2, "b"),
            ev.CitationAdded(2, cited),
            ev.LogProbsAdded(2, tokens),
            ev.BlockEnded(2),
            DONE,
            END,
        ]
    )
    (last,) = payloads(stream)[-1]["candidates"]
    (support,) = last["groundingMetadata"]["groundingSupports"]
    # Three bytes of the first block, and one before the letter.
    assert support["segment"] == {"startIndex": 4, "endIndex": 7, "text": "öb"}
    (chosen,) = last["logprobsResult"]["chosenCandidates"]
    assert chosen == {"token": "ö", "logProbability": -1}


def test_usage_is_in_the_last_chunk() -> None:
    early = ev.UsageReported(Usage(input_uncached=3))
    late = ev.UsageReported(Usage(output=2, reasoning=1))
    *body, last = payloads(encode([START, early, *words(0, "a"), DONE, late, END]))
    assert all("usageMetadata" not in payload for payload in body)
    assert last["usageMetadata"] == {
        "promptTokenCount": 3,
        "candidatesTokenCount": 2,
        "thoughtsTokenCount": 1,
        "totalTokenCount": 6,
    }


def test_candidates_finish_in_one_chunk() -> None:
    stream = encode(
        [
            START,
            ev.TextStarted(0, 2),
            ev.TextDelta(0, "c"),
            *words(1, "a"),
            DONE,
            ev.BlockEnded(0),
            ev.Stopped(ev.Reason.MAX_OUTPUT, candidate=2),
            END,
        ]
    )
    assert finish_of(stream) == ["STOP", "OTHER", "MAX_TOKENS"]
    found = said(send(stream).response.candidates)
    assert found == [["a", "end"], ["other"], ["c", "max_output"]]


@pytest.mark.parametrize(
    ("stop", "word"),
    [
        (ev.Stopped(ev.Reason.END, "end_turn"), "STOP"),
        (
            ev.Stopped(ev.Reason.OTHER, "MALFORMED_FUNCTION_CALL"),
            "MALFORMED_FUNCTION_CALL",
        ),
        (ev.Stopped(ev.Reason.REFUSAL, "RECITATION"), "RECITATION"),
        (ev.Stopped(ev.Reason.CONTEXT_WINDOW, "x"), "MAX_TOKENS"),
    ],
)
def test_finish_words(stop: ev.Stopped, word: str) -> None:
    assert finish_of(encode([START, stop, END])) == [word]


def test_the_end_tells_of_declining() -> None:
    declined: list[ev.Event] = [ev.RefusalStarted(0), ev.RefusalDelta(0, "no")]
    assert finish_of(encode([START, *declined, ev.BlockEnded(0), DONE, END])) == [
        "SAFETY"
    ]


def test_a_failure_is_the_end() -> None:
    encoder = Encoder(context())
    encoder.feed([START, ev.TextStarted(0), ev.TextDelta(0, "a")])
    ((steps, frame),) = encoder.feed([ev.Broken(BROKEN)])
    assert classify(one(frame)) == steps
    assert one(frame)["error"]["code"] == 502
    assert encoder.feed([ev.TextDelta(0, "b"), ev.BlockEnded(0), DONE, END]) == []
    assert encoder.fail(BROKEN) == []


def test_nothing_fails_after_the_end() -> None:
    encoder = Encoder(context())
    encoder.feed([START, DONE, END])
    assert encoder.fail(BROKEN) == []


# Any legal sequence of events: blocks of several kinds and candidates, interleaved.

PIECES = st.text('ab%\\"{}é😀', max_size=3)
SIGNATURES = st.sampled_from([OWN, FOREIGN])
ARGUMENTS = st.sampled_from(["", "{}", '{"a":1}', '{"a": ', "[1]", "null"])


@st.composite
def blocks(draw: st.DrawFn, number: int, candidate: int) -> list[ev.Event]:
    kind = draw(st.integers(0, 6))
    pieces = draw(st.lists(PIECES, max_size=3))
    signed = [ev.BlockSigned(number, draw(SIGNATURES))] if draw(st.booleans()) else []
    if kind == 0:
        return [*words(number, *pieces, candidate=candidate)[:-1], *signed]
    if kind == 1:
        deltas = [ev.ReasoningDelta(number, piece) for piece in pieces]
        return [ev.ReasoningStarted(number, candidate), *deltas, *signed]
    if kind == 2:
        declined = [ev.RefusalDelta(number, piece) for piece in pieces]
        return [ev.RefusalStarted(number, candidate), *declined]
    if kind == 3:
        return [ev.RedactedReasoning(number, draw(SIGNATURES), candidate)]
    if kind == 4:
        opening = ev.ToolCallStarted(number, f"i{number}", "f", candidate)
        return [opening, ev.ToolCallDelta(number, draw(ARGUMENTS))]
    if kind == 5:
        data = ev.MediaDelta(number, "aGk=")
        return [ev.MediaStarted(number, MediaKind.IMAGE, "image/png", candidate), data]
    return [ev.NativeStarted(number, "gemini", {"executableCode": {}}, candidate)]


@st.composite
def stories(draw: st.DrawFn) -> list[ev.Event]:
    """A legal sequence: openings count up, and a block keeps its order."""
    count = draw(st.integers(1, 2))
    number = draw(st.integers(0, 5))
    waiting = [draw(blocks(i, draw(st.integers(0, count - 1)))) for i in range(number)]
    out: list[ev.Event] = [START]
    queues = [[*block, ev.BlockEnded(i)] for i, block in enumerate(waiting)]
    opened = 0
    while queues and any(queues):
        choices = [q for i, q in enumerate(queues) if q and i <= opened]
        queue = draw(st.sampled_from(choices))
        if opened < len(queues) and queue is queues[opened]:
            opened += 1
        out.append(queue.pop(0))
    reasons = st.sampled_from(list(ev.Reason))
    out += [ev.Stopped(draw(reasons), candidate=i) for i in range(count)]
    if draw(st.booleans()):
        out.append(ev.UsageReported(Usage(input_uncached=1, output=2)))
    return [*out, END]


@given(stories())
def test_any_story_is_legal_and_means_the_same_as_its_whole(
    events: list[ev.Event],
) -> None:
    stream = encode(events)
    out = send(stream)
    assert (out.repairs, out.failure, out.native) == ({}, None, stream)
    whole = collect(events)
    assert isinstance(whole, Response)
    document = emit_response(whole, context()).payload
    assert said(out.response.candidates) == said(
        parse_response(document, context()).candidates
    )
    assert out.response.usage == whole.usage


@given(stories(), st.integers(0, 40))
def test_any_story_may_break_anywhere(events: list[ev.Event], at: int) -> None:
    encoder, checker = Encoder(context()), Checker(GRAMMAR)
    sent = [*encoder.feed(events[: min(at, len(events) - 1)]), *encoder.fail(BROKEN)]
    for steps, frame in sent:
        assert classify(one(frame)) == steps
        assert checker.check(steps) is None
    assert checker.complete


@given(stories())
def test_how_events_come_never_shows(events: list[ev.Event]) -> None:
    encoder = Encoder(context())
    single = b"".join(f for event in events for _, f in encoder.feed([event]))
    assert single == encode(events)


@pytest.mark.parametrize(
    "part",
    [
        {"fileData": {"fileUri": "u"}},
        {"inlineData": []},
        {"functionCall": {"name": "f", "partialArgs": []}},
        {"text": "a", "new": 1},
        {"text": "", "new": 1},
    ],
)
def test_a_native_part_takes_the_step_of_what_it_is(part: Any) -> None:
    native = ev.NativeStarted(0, "gemini", part)
    stream = encode([START, native, ev.BlockEnded(0), DONE, END])
    assert parts_of(stream) == [part]
