"""Neutral events to frames, and what the vendor's client makes of them."""

from __future__ import annotations

from collections import Counter
from typing import Any, cast

import anthropic
import httpx2
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cliproxy_core.base.ids import Ids
from cliproxy_core.dialects.claude_messages.encode import PING, Encoder
from cliproxy_core.dialects.claude_messages.grammar import GRAMMAR, classify
from cliproxy_core.dialects.claude_messages.response import emit_response
from cliproxy_core.ir import stream as ev
from cliproxy_core.ir.citation import Citation, TokenProb
from cliproxy_core.ir.dialect import StreamContext
from cliproxy_core.ir.failure import Failure, Kind
from cliproxy_core.ir.grammar import Checker
from cliproxy_core.ir.media import MediaKind
from cliproxy_core.ir.reasoning import Signature
from cliproxy_core.ir.request import (
    NativePart,
    Part,
    Reasoning,
    Redacted,
    Text,
    ToolCall,
    ToolKind,
)
from cliproxy_core.ir.response import Candidate, Response, spell_out
from cliproxy_core.ir.usage import Usage
from tests.core.dialects.claude_messages.streams import brief

NAME = "claude_messages"
START = ev.Started("c1", "m")
END: list[ev.Event] = [ev.Stopped(ev.Reason.END), ev.Ended()]
BROKEN = Failure(kind=Kind.RESET, status=502, message="gone")


def context() -> StreamContext:
    return StreamContext(ids=Ids(b"x"), created=0, model="asked")


def encode(*events: ev.Event) -> list[dict[str, Any]]:
    """All at once, and the same one by one; legal, and as it says it is."""
    encoder = Encoder(context())
    sent = [item for event in events for item in encoder.feed([event])]
    assert Encoder(context()).feed(events) == sent
    checker = Checker(GRAMMAR)
    payloads = []
    for steps, raw in sent:
        name, data = raw.removesuffix(b"\n\n").split(b"\ndata: ")
        payload = orjson.loads(data)
        assert name == b"event: " + payload["type"].encode()
        assert classify(payload) == steps
        assert checker.check(steps) is None
        payloads.append(payload)
    return payloads


def words(*events: ev.Event) -> str:
    return " | ".join(brief(payload) for payload in encode(*events))


def test_text_call_and_late_usage() -> None:
    # facts/02, section 7.15, T1.
    told = encode(
        START,
        ev.TextStarted(0),
        ev.TextDelta(0, "Hi"),
        ev.BlockEnded(0),
        ev.ToolCallStarted(1, "call_a", "Bash"),
        ev.ToolCallDelta(1, '{"cmd":"ls"}'),
        ev.BlockEnded(1),
        ev.Stopped(ev.Reason.TOOL_USE, "tool_calls"),
        ev.UsageReported(Usage(input_uncached=6, cache_read=4, output=5)),
        ev.Ended(),
    )
    assert [brief(payload) for payload in told] == [
        "message",
        "open 0 text",
        "text 0 Hi",
        "close 0",
        "open 1 tool_use call_a Bash",
        'args 1 {"cmd":"ls"}',
        "close 1",
        "end tool_use",
        "over",
    ]
    assert told[0]["message"] == {
        "id": "c1",
        "type": "message",
        "role": "assistant",
        "model": "m",
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": {"input_tokens": 0, "output_tokens": 0},
    }
    assert told[-2]["usage"] == {
        "input_tokens": 6,
        "cache_read_input_tokens": 4,
        "output_tokens": 5,
    }


def test_usage_known_at_the_start_is_told_there() -> None:
    first = ev.UsageReported(Usage(input_uncached=6))
    told = encode(first, START, ev.UsageReported(Usage(output=2)), *END)
    assert told[0]["message"]["usage"] == {"input_tokens": 6, "output_tokens": 0}
    assert told[1]["usage"] == {"input_tokens": 6, "output_tokens": 2}


def test_names_that_nobody_gave() -> None:
    told = encode(ev.Started("", ""), ev.ToolCallStarted(0, "", "f"), *END)
    assert told[0]["message"]["id"].startswith("msg_")
    assert told[0]["message"]["model"] == "asked"
    assert told[1]["content_block"]["id"].startswith("toolu_")


@pytest.mark.parametrize(
    ("signature", "text"),
    [
        (Signature("s", NAME), "s"),
        (Signature("s", "gemini", "f"), "cliproxy1:gemini:f:s"),
    ],
)
def test_thinking(signature: Signature, text: str) -> None:
    told = encode(
        START,
        ev.ReasoningStarted(0),
        ev.ReasoningDelta(0, "hm"),
        ev.BlockSigned(0, signature),
        ev.BlockEnded(0),
        ev.RedactedReasoning(1, signature),
        ev.BlockEnded(1),
        *END,
    )
    thinking = {"type": "thinking", "thinking": "", "signature": ""}
    assert told[1]["content_block"] == thinking
    assert [brief(payload) for payload in told[2:5]] == [
        "think 0 hm",
        f"sign 0 {text}",
        "close 0",
    ]
    assert told[5]["content_block"] == {"type": "redacted_thinking", "data": text}


def test_a_refusal_is_text() -> None:
    assert words(START, ev.RefusalStarted(0), ev.RefusalDelta(0, "no"), *END) == (
        "message | open 0 text | text 0 no | close 0 | end refusal | over"
    )


def test_empty_words_are_not_said() -> None:
    assert words(START, ev.TextStarted(0), ev.TextDelta(0, ""), *END) == (
        "message | end end_turn | over"
    )


def test_parallel_calls_come_one_after_the_other() -> None:
    assert words(
        START,
        ev.ToolCallStarted(0, "a", "f"),
        ev.ToolCallStarted(1, "b", "g"),
        ev.ToolCallDelta(1, '{"b":2}'),
        ev.ToolCallDelta(0, '{"a":1}'),
        ev.BlockEnded(1),
        ev.BlockEnded(0),
        ev.Stopped(ev.Reason.END),
        ev.Ended(),
    ) == (
        'message | open 0 tool_use a f | args 0 {"a":1} | close 0 '
        '| open 1 tool_use b g | args 1 {"b":2} | close 1 | end tool_use | over'
    )


def test_blocks_that_never_end_are_ended() -> None:
    assert words(
        START,
        ev.TextStarted(0),
        ev.ToolCallStarted(1, "a", "f"),
        ev.ToolCallDelta(1, "{}"),
        ev.TextDelta(0, "x"),
        ev.TextStarted(2),
        ev.Ended(),
    ) == (
        "message | open 0 text | text 0 x | close 0 | open 1 tool_use a f | args 1 {} "
        "| close 1 | end tool_use | over"
    )


def test_what_has_no_place_is_left_out() -> None:
    assert words(
        START,
        ev.MediaStarted(0, MediaKind.IMAGE),
        ev.MediaDelta(0, "AAAA"),
        ev.BlockEnded(0),
        ev.NativeStarted(1, "gemini", {"x": 1}),
        ev.NativeDelta(1, {"x": 2}),
        ev.BlockEnded(1),
        ev.ToolCallStarted(2, "a", "f", candidate=1),
        ev.ToolCallDelta(2, "{}"),
        ev.BlockEnded(2),
        ev.TextStarted(3),
        ev.LogProbsAdded(3, (TokenProb("h", -1),)),
        ev.CitationAdded(3, Citation(dialect="gemini", raw={"x": 1})),
        ev.TextDelta(3, "hi"),
        ev.BlockEnded(3),
        ev.Stopped(ev.Reason.MAX_OUTPUT),
        ev.Stopped(ev.Reason.REFUSAL, candidate=1),
        ev.Ended(),
    ) == ("message | open 0 text | text 0 hi | close 0 | end max_tokens | over")


def test_its_own_blocks_come_back() -> None:
    search: Any = {"type": "server_tool_use", "id": "s", "name": "w", "input": {}}
    delta: Any = {"type": "input_json_delta", "partial_json": "{}"}
    told = encode(
        START,
        ev.NativeStarted(0, NAME, search),
        ev.NativeDelta(0, delta),
        ev.BlockEnded(0),
        ev.NativeStarted(1, NAME, {**search, "deltas": [delta, 1]}),
        ev.BlockEnded(1),
        ev.TextStarted(2),
        ev.CitationAdded(2, Citation(dialect=NAME, raw={"type": "char_location"})),
        *END,
    )
    assert [payload.get("content_block") for payload in told[1:7:3]] == [search, search]
    assert [payload.get("delta") for payload in told[2:7:3]] == [delta, delta]
    citation = {"type": "citations_delta", "citation": {"type": "char_location"}}
    assert told[8]["delta"] == citation


def test_a_heartbeat_is_a_ping() -> None:
    assert Encoder(context()).feed([ev.Heartbeat()])[0][1] == PING


@pytest.mark.parametrize("how", ["event", "call"])
def test_a_failure_ends_the_stream(how: str) -> None:
    encoder = Encoder(context())
    encoder.feed([START, ev.TextStarted(0)])
    sent = encoder.feed([ev.Broken(BROKEN)]) if how == "event" else encoder.fail(BROKEN)
    ((steps, raw),) = sent
    assert steps[0].symbol == "error"
    assert raw == (
        b'event: error\ndata: {"type":"error","error":'
        b'{"type":"api_error","message":"gone"}}\n\n'
    )
    assert encoder.feed([ev.TextDelta(0, "more"), ev.Ended()]) == []
    assert encoder.fail(BROKEN) == []


def test_nothing_comes_after_the_end() -> None:
    encoder = Encoder(context())
    encoder.feed([START, *END])
    assert encoder.feed([ev.Heartbeat(), *END]) == []
    assert encoder.fail(BROKEN) == []


# Opaque state without a slot of its own.

GEMINI = Signature("SIG", "gemini")
NEXT, PREVIOUS = "cliproxy1:gemini:next:SIG", "cliproxy1:gemini:previous:SIG"


def signed_call(block: int) -> list[ev.Event]:
    opening = ev.ToolCallStarted(block, "a", "run", signature=GEMINI)
    return [opening, ev.ToolCallDelta(block, '{"c":1}'), ev.BlockEnded(block)]


CALLED = 'tool_use a run | args {} {{"c":1}} | close {} | end tool_use | over'


def test_thinking_that_nobody_signed_takes_what_goes_with_the_call_after_it() -> None:
    # facts/02, section 7.15, T6.
    thought: list[ev.Event]
    thought = [ev.ReasoningStarted(0), ev.ReasoningDelta(0, "hm"), ev.BlockEnded(0)]
    assert words(START, *thought, *signed_call(1), *END) == (
        f"message | open 0 thinking | think 0 hm | sign 0 {NEXT} | close 0 | open 1 "
        + CALLED.format(1, 1)
    )


@pytest.mark.parametrize("signed", [True, False])
def test_else_a_thinking_block_is_made_for_it(signed: bool) -> None:
    own = ev.BlockSigned(0, Signature("own", NAME))
    before: list[ev.Event] = [
        ev.ReasoningStarted(0),
        *([own] if signed else []),
        ev.BlockEnded(0),
    ]
    if not signed:
        before += [ev.TextStarted(1), ev.TextDelta(1, "x"), ev.BlockEnded(1)]
    told = words(START, *before, *signed_call(len(before)), *END)
    index = 1 if signed else 2
    assert told.endswith(
        f"open {index} thinking | sign {index} {NEXT} | close {index} "
        f"| open {index + 1} " + CALLED.format(index + 1, index + 1)
    )


def test_what_goes_with_words_comes_after_them() -> None:
    assert words(
        START,
        ev.TextStarted(0),
        ev.TextDelta(0, "hi"),
        ev.BlockSigned(0, GEMINI),
        ev.BlockEnded(0),
        *END,
    ) == (
        "message | open 0 text | text 0 hi | close 0 | open 1 thinking "
        f"| sign 1 {PREVIOUS} | close 1 | end end_turn | over"
    )


def test_a_heartbeat_while_thinking_lingers() -> None:
    thought: list[ev.Event]
    thought = [ev.ReasoningStarted(0), ev.BlockEnded(0), ev.Heartbeat()]
    assert words(START, *thought, *END) == (
        "message | open 0 thinking | ping | close 0 | end end_turn | over"
    )


# Arguments.


def call(*pieces: str, kind: ToolKind = ToolKind.FUNCTION) -> list[ev.Event]:
    deltas = [ev.ToolCallDelta(0, piece) for piece in pieces]
    opening = ev.ToolCallStarted(0, "a", "f", kind=kind)
    return [START, opening, *deltas, ev.BlockEnded(0)]


RUN: list[ev.Event] = [ev.Stopped(ev.Reason.TOOL_USE), ev.Ended()]


def args(*events: ev.Event) -> list[str]:
    """What is said of arguments, and the reason."""
    told = [brief(payload) for payload in encode(*events)]
    return [each.removeprefix("args 0 ") for each in told[2:-3]] + [told[-2]]


# fmt: off
ARGUMENTS: list[tuple[list[str], list[str]]] = [
    (['{"a":', '"x', "y z", '"}'],  ['{"a":', '"x', "y z", '"}', "end tool_use"]),
    (["{", '"a"', ":1", "}"],       ['{"a"', ":", "1}", "end tool_use"]),
    ([],                            ["end tool_use"]),
    (["null"],                      ["end tool_use"]),
    (["{", "x"],                    ['{"input":"{x"}', "end tool_use"]),
    (["ls ", "-la"],                ['{"input":"ls -la"}', "end tool_use"]),
    (['{"a":"b"', "}}"],            ['{"a":"b"', "}", "end max_tokens"]),
    (['{"a":"b'],                   ['{"a":"b', "end max_tokens"]),
]
# fmt: on


@pytest.mark.parametrize(("pieces", "said"), ARGUMENTS)
def test_arguments_are_what_any_reader_can_follow(
    pieces: list[str], said: list[str]
) -> None:
    assert args(*call(*pieces), *RUN) == said


def test_free_text_grows_inside_of_an_object() -> None:
    told = args(*call('a"', "\n", kind=ToolKind.CUSTOM), *RUN)
    assert told == ['{"input":"a\\"', "\\n", '"}', "end tool_use"]


def test_a_refusal_stays_one_whatever_was_called() -> None:
    events = [*call("{", "x"), ev.Stopped(ev.Reason.REFUSAL, "refusal"), ev.Ended()]
    assert args(*events)[-1] == "end refusal"


def test_what_had_no_place_is_counted() -> None:
    deep: Any = {}
    for _ in range(300):
        deep = {"x": deep}
    encoder = Encoder(context())
    encoder.feed(
        [
            START,
            ev.MediaStarted(0, MediaKind.IMAGE),
            ev.MediaDelta(0, "AAAA"),
            ev.BlockEnded(0),
            ev.NativeStarted(1, "gemini", {}),
            ev.BlockEnded(1),
            ev.NativeStarted(2, NAME, deep),
            ev.BlockEnded(2),
            ev.TextStarted(3, candidate=1),
            ev.TextDelta(3, "other"),
            ev.BlockEnded(3),
            ev.TextStarted(4),
            ev.CitationAdded(4, Citation(dialect="gemini", raw={})),
            ev.CitationAdded(4, Citation(dialect=NAME, raw=deep)),
            ev.LogProbsAdded(4, (TokenProb("h", -1),)),
            ev.BlockEnded(4),
            ev.ToolCallStarted(5, "a", "f"),
            ev.ToolCallDelta(5, "[]"),
            ev.BlockEnded(5),
            *END,
        ]
    )
    assert +encoder.dropped == Counter(
        media=1, native=2, candidate=1, citation=2, logprobs=1, arguments=1
    )


texts = st.text(min_size=1, max_size=9)


@given(st.lists(texts), st.lists(texts), st.lists(st.integers(0, 9)))
def test_the_vendors_client_reads_it(
    thoughts: list[str], pieces: list[str], numbers: list[int]
) -> None:
    arguments = orjson.dumps({"n": numbers}).decode()
    events: list[ev.Event] = [
        START,
        ev.ReasoningStarted(0),
        *(ev.ReasoningDelta(0, text) for text in thoughts),
        ev.BlockSigned(0, Signature("s", NAME)),
        ev.BlockEnded(0),
        ev.TextStarted(1),
        *(ev.TextDelta(1, text) for text in pieces),
        ev.BlockEnded(1),
        ev.ToolCallStarted(2, "call", "f"),
        *(ev.ToolCallDelta(2, letter) for letter in arguments),
        ev.BlockEnded(2),
        ev.Stopped(ev.Reason.TOOL_USE),
        ev.UsageReported(Usage(input_uncached=6, cache_read=4, output=5)),
        ev.Ended(),
    ]
    message = read_by_sdk(b"".join(raw for _, raw in Encoder(context()).feed(events)))
    thinking, *said, call = [block.to_dict() for block in message.content]
    assert (thinking["thinking"], thinking["signature"]) == ("".join(thoughts), "s")
    assert [text["text"] for text in said] == ["".join(pieces)] * bool(pieces)
    assert (call["id"], call["input"]) == ("call", {"n": numbers})
    assert (message.id, message.stop_reason) == ("c1", "tool_use")
    assert (message.usage.input_tokens, message.usage.output_tokens) == (6, 5)
    assert message.usage.cache_read_input_tokens == 4


proofs = st.sampled_from([None, GEMINI, Signature("own", NAME), Signature("f", "x")])
citations = st.lists(
    st.sampled_from(
        [
            Citation(dialect=NAME, raw={"type": "char_location", "cited_text": "c"}),
            Citation(dialect="gemini", raw={}, url="u", title="t"),
            Citation(dialect="gemini", raw={}),
        ]
    ),
    max_size=2,
)
objects = st.sampled_from(
    ["", "{}", '{"a":[1,2.5]}', "ls", "[1]", '{"a":1', '{"a":1}}']
)
parts = st.one_of(
    st.builds(Text, st.text(max_size=3), signature=proofs, citations=citations),
    st.builds(Reasoning, st.text(max_size=3), proofs),
    st.builds(Redacted, st.just(GEMINI)),
    st.builds(
        ToolCall,
        call_id=st.just("c"),
        name=st.just("f"),
        arguments=objects,
        kind=st.sampled_from(ToolKind),
        signature=proofs,
    ),
    st.just(NativePart(NAME, {"type": "server_tool_use", "id": "s", "input": {}})),
    st.just(NativePart("gemini", {"x": 1})),
)


@given(st.lists(parts, max_size=5))
def test_a_stream_is_what_the_whole_answer_would_be(said: list[Part]) -> None:
    candidate = Candidate(parts=tuple(said), reason=ev.Reason.TOOL_USE)
    response = Response(id="r", model="m", candidates=(candidate,))
    payload: Any = emit_response(response, context()).payload
    stream = b"".join(raw for _, raw in Encoder(context()).feed(spell_out(response)))
    message = read_by_sdk(stream)
    assert message.stop_reason == payload["stop_reason"]
    content = [block.to_dict() for block in message.content]
    if payload["stop_reason"] == "max_tokens":  # the whole tells nothing of a cut call
        for block in [*content, *payload["content"]]:
            block.pop("input", None)
    assert content == payload["content"]


def read_by_sdk(body: bytes) -> anthropic.types.Message:
    """The message that the vendor's client accumulates from a stream."""
    headers = {"content-type": "text/event-stream"}
    transport = httpx2.MockTransport(
        lambda _: httpx2.Response(200, headers=headers, content=body)
    )
    with (
        httpx2.Client(transport=transport) as http,
        anthropic.Anthropic(api_key="k", http_client=http) as client,
        client.messages.stream(
            model="m", max_tokens=9, messages=[{"role": "user", "content": "hi"}]
        ) as stream,
    ):
        return cast("anthropic.types.Message", stream.get_final_message())
