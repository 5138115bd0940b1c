"""What upstreams really send, and the legal stream that it becomes.

Streams are written one event to a word group, both ways:

    message | open 0 text | text 0 hi | close 0 | end end_turn | over
"""

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
from cliproxy_core.dialects.claude_messages.decode import Decoder
from cliproxy_core.dialects.claude_messages.grammar import GRAMMAR, classify
from cliproxy_core.dialects.claude_messages.mend import Mender
from cliproxy_core.ir import stream as ev
from cliproxy_core.ir.dialect import Frame, Mended, StreamContext
from cliproxy_core.ir.failure import Failure, Kind
from cliproxy_core.ir.grammar import Checker
from cliproxy_core.ir.response import Response, collect
from cliproxy_core.wire.sse import SseDecoder
from tests.core.dialects.claude_messages.streams import brief, frame, payloads

FULL = "message | open 0 text | text 0 hi | close 0 | end end_turn | over"
CALL = "message | open 0 tool_use toolu_1 f | args 0 {} | close 0 | end tool_use | over"
MADE = Ids(b"x")("toolu_")


def context() -> StreamContext:
    return StreamContext(ids=Ids(b"x"), created=0, model="asked")


def mend(data: bytes, *chunks: bytes) -> tuple[list[Mended], Mender]:
    """All answers of a mender to a stream that ends."""
    sse, mender = SseDecoder(), Mender(context())
    answers = [
        mender.feed(cast("list[Frame]", sse.feed(chunk))) for chunk in (data, *chunks)
    ]
    answers.append(mender.feed(cast("list[Frame]", sse.finish())))
    answers.append(mender.finish())
    return answers, mender


def run(data: bytes) -> tuple[str, bytes, Mender, Failure | None]:
    """The stream in words, its bytes, the mender, and the failure if there is one."""
    answers, mender = mend(data)
    legal = [item for answer in answers for item in answer.legal]
    checker = Checker(GRAMMAR)
    for payload, raw in legal:
        assert checker.check(classify(payload)) is None
        name = str(payload and payload["type"]).encode()
        assert raw.startswith(b"event: %b\n" % name)
        assert orjson.loads(raw.split(b"data: ", 1)[1]) == payload
    failure = next((a.failure for a in answers if a.failure), None)
    assert checker.complete == (failure is None) == mender.complete
    words = " | ".join(brief(payload) for payload, _ in legal if payload)
    return words, b"".join(raw for _, raw in legal), mender, failure


def events_of(data: bytes) -> list[ev.Event]:
    decoder = Decoder(context())
    return [event for answer in mend(data)[0] for event in decoder.feed(answer.legal)]


def wire(story: str, *, named: bool = True) -> bytes:
    return b"".join(frame(payload, named=named) for payload in payloads(story))


@pytest.mark.parametrize(
    "story",
    [
        FULL,
        CALL,
        (
            "message | ping | open 0 text | ping | text 0 a | text 0 b | close 0 "
            "| open 1 tool_use toolu_1 f | close 1 | end tool_use | over"
        ),
        (
            "message | open 0 thinking | think 0 hm | sign 0 s | close 0 "
            "| open 1 text | text 1 hi | close 1 | end max_tokens | over"
        ),
        "message | open 0 redacted_thinking | close 0 | end refusal | over",
        "message | end end_turn | over",
        (
            'message | open 0 tool_use toolu_1 f | args 0 {"a": | close 0 '
            "| end max_tokens | over"
        ),
        (
            "message | new_event | open 0 web_search_tool_result | new_delta 0 x "
            "| close 0 | open 1 text | new_delta 1 y | close 1 | end pause_turn | over"
        ),
        (
            "message | open 0 server_tool_use srv_1 w | args 0 {} | close 0 "
            "| end end_turn | over"
        ),
    ],
)
def test_a_legal_stream_passes_as_it_came(story: str) -> None:
    data = wire(story)
    words, raw, mender, failure = run(data)
    assert (words, raw, failure) == (story, data, None)
    assert mender.repairs == Counter()


# fmt: off
REPAIRS: list[tuple[str, str, str, str]] = [
    ("no message_start",
     "open 0 text | text 0 hi | close 0 | end end_turn | over",
     FULL, "message_start_added"),
    ("message_start twice",
     "message | message | open 0 text | text 0 hi | close 0 | end end_turn | over",
     FULL, "message_start_repeated"),
    ("no block start, words",
     "message | text 0 hi | close 0 | end end_turn | over",
     FULL, "start_added"),
    ("no block start, thinking",
     "message | think 0 hm | sign 0 s | close 0 | end end_turn | over",
     ("message | open 0 thinking | think 0 hm | sign 0 s | close 0 "
     "| end end_turn | over"),
     "start_added"),
    ("a block start without a block",
     "message | open 0 | text 0 hi | close 0 | end end_turn | over",
     FULL, "empty_start start_added"),
    ("no block stop",
     "message | open 0 text | text 0 hi | end end_turn | over",
     FULL, "stop_added"),
    ("no block stop before the next block",
     ("message | open 0 thinking | think 0 hm | open 1 text | text 1 hi | close 1 "
     "| end end_turn | over"),
     ("message | open 0 thinking | think 0 hm | close 0 | open 1 text | text 1 hi "
     "| close 1 | end end_turn | over"),
     "stop_added"),
    ("block stop twice",
     "message | open 0 text | text 0 hi | close 0 | close 0 | end end_turn | over",
     FULL, "stop_without_block"),
    ("words after their block",
     "message | open 0 text | text 0 a | close 0 | text 0 b | end end_turn | over",
     ("message | open 0 text | text 0 a | close 0 | open 1 text | text 1 b | close 1 "
     "| end end_turn | over"),
     "start_added renumbered stop_added"),
    ("parallel calls filled in turn",
     ("message | open 0 tool_use a f | open 1 tool_use b g | args 1 {\"y\": "
     "| args 0 {\"x\": | args 1 2} | args 0 1} | close 1 | close 0 "
     "| end tool_use | over"),
     ("message | open 0 tool_use a f | args 0 {\"x\": | args 0 1} | close 0 "
     "| open 1 tool_use b g | args 1 {\"y\": | args 1 2} | close 1 "
     "| end tool_use | over"),
     "waited"),
    ("parallel calls left open",
     ("message | open 0 tool_use a f | args 0 {} | open 1 tool_use b g | args 1 {} "
     "| end tool_use | over"),
     ("message | open 0 tool_use a f | args 0 {} | close 0 "
     "| open 1 tool_use b g | args 1 {} | close 1 | end tool_use | over"),
     "stop_added"),
    ("text while a call is open",
     ("message | open 0 tool_use a f | args 0 {\"x\": | open 1 text | text 1 hi "
     "| args 0 1} | close 0 | close 1 | end tool_use | over"),
     ("message | open 0 tool_use a f | args 0 {\"x\": | args 0 1} | close 0 "
     "| open 1 text | text 1 hi | close 1 | end tool_use | over"),
     "waited"),
    ("text between and after calls",
     ("message | open 0 tool_use a f | close 0 | open 1 text | text 1 x | close 1 "
     "| open 2 tool_use b g | close 2 | open 3 text | close 3 | end tool_use | over"),
     ("message | open 0 tool_use a f | close 0 | open 1 text | text 1 x | close 1 "
     "| open 2 tool_use b g | close 2 | open 3 text | close 3 | end tool_use | over"),
     ""),
    ("counted from one",
     "message | open 1 text | text 1 hi | close 1 | end end_turn | over",
     FULL, "renumbered"),
    ("indexes with gaps",
     ("message | open 0 text | text 0 a | close 0 | open 5 text | text 5 b | close 5 "
     "| end end_turn | over"),
     ("message | open 0 text | text 0 a | close 0 | open 1 text | text 1 b | close 1 "
     "| end end_turn | over"),
     "renumbered"),
    ("no indexes",
     ("message | open - text | text - a | close - | open - tool_use t f | args - {} "
     "| close - | end tool_use | over"),
     ("message | open 0 text | text 0 a | close 0 | open 1 tool_use t f | args 1 {} "
     "| close 1 | end tool_use | over"),
     "renumbered"),
    ("everything at index 0",
     ("message | open 0 thinking | think 0 hm | open 0 text | text 0 a "
     "| open 0 tool_use t f | args 0 {} | end tool_use | over"),
     ("message | open 0 thinking | think 0 hm | close 0 | open 1 text | text 1 a "
     "| close 1 | open 2 tool_use t f | args 2 {} | close 2 | end tool_use | over"),
     "renumbered stop_added"),
    ("everything at index 0, without starts",
     "message | think 0 hm | text 0 a | end end_turn | over",
     ("message | open 0 thinking | think 0 hm | close 0 | open 1 text | text 1 a "
     "| close 1 | end end_turn | over"),
     "renumbered start_added stop_added"),
    ("thinking twice",
     ("message | open 0 thinking | think 0 a | sign 0 s | think 0 b | sign 0 t "
     "| close 0 | end end_turn | over"),
     ("message | open 0 thinking | think 0 a | sign 0 s | close 0 "
     "| open 1 thinking | think 1 b | sign 1 t | close 1 | end end_turn | over"),
     "renumbered start_added stop_added"),
    ("words in the block of a call",
     ("message | open 0 tool_use t f | text 0 hi | args 0 {} | close 0 "
     "| end tool_use | over"),
     ("message | open 0 tool_use t f | args 0 {} | close 0 | open 1 text | text 1 hi "
     "| close 1 | end tool_use | over"),
     "renumbered start_added waited"),
    ("a call begun twice",
     ("message | open 0 tool_use t f | open 0 tool_use t f | args 0 {} | close 0 "
     "| end tool_use | over"),
     "message | open 0 tool_use t f | args 0 {} | close 0 | end tool_use | over",
     "start_repeated"),
    ("a call without an id",
     "message | open 0 tool_use - f | args 0 {} | close 0 | end tool_use | over",
     (f"message | open 0 tool_use {MADE} f | args 0 {{}} | close 0 "
     "| end tool_use | over"),
     "call_id_added"),
    ("two calls of one id",
     ("message | open 0 tool_use t f | close 0 | open 1 tool_use t f | close 1 "
     "| end tool_use | over"),
     (f"message | open 0 tool_use t f | close 0 | open 1 tool_use {MADE} f | close 1 "
     "| end tool_use | over"),
     "call_id_repeated"),
    ("arguments whole at the start",
     "message | open 0 tool_use t f {\"a\":1} | close 0 | end tool_use | over",
     "message | open 0 tool_use t f | args 0 {\"a\":1} | close 0 | end tool_use | over",
     "input_moved"),
    ("arguments at the start and as deltas",
     ("message | open 0 tool_use t f {\"a\":1} | args 0 {\"b\":2} | close 0 "
     "| end tool_use | over"),
     "message | open 0 tool_use t f | args 0 {\"b\":2} | close 0 | end tool_use | over",
     "input_moved"),
    ("empty arguments without a call",
     "message | open 0 text | text 0 hi | args 0  | close 0 | end end_turn | over",
     FULL, "delta_without_block"),
    ("no message_delta",
     "message | open 0 text | text 0 hi | close 0 | over",
     FULL, "message_delta_added stop_reason_corrected usage_added"),
    ("no message_delta, a call",
     "message | open 0 tool_use toolu_1 f | args 0 {} | close 0 | over",
     CALL, "message_delta_added stop_reason_corrected usage_added"),
    ("message_delta twice",
     "message | open 0 text | text 0 hi | close 0 | end end_turn | end - | over",
     FULL, "message_delta_repeated"),
    ("message_delta before the words",
     "message | end - | open 0 text | text 0 hi | close 0 | end end_turn | over",
     FULL, "message_delta_repeated"),
    ("no reason",
     "message | open 0 text | text 0 hi | close 0 | end - | over",
     FULL, "stop_reason_corrected"),
    ("end_turn with a call",
     "message | open 0 tool_use toolu_1 f | args 0 {} | close 0 | end end_turn | over",
     CALL, "stop_reason_corrected"),
    ("tool_use without a call",
     "message | open 0 text | text 0 hi | close 0 | end tool_use | over",
     FULL, "stop_reason_corrected"),
    ("an end in the word of another API",
     "message | open 0 text | text 0 hi | close 0 | end stop | over",
     FULL, "stop_reason_corrected"),
    ("a limit in the word of another API",
     "message | open 0 tool_use t f | args 0 {\"a | end length | over",
     "message | open 0 tool_use t f | args 0 {\"a | close 0 | end max_tokens | over",
     "stop_added stop_reason_corrected"),
    ("a call cut by the limit",
     "message | open 0 tool_use t f | args 0 {\"a | end max_tokens | over",
     "message | open 0 tool_use t f | args 0 {\"a | close 0 | end max_tokens | over",
     "stop_added"),
    ("no message_stop",
     "message | open 0 text | text 0 hi | close 0 | end end_turn",
     FULL, "message_stop_added"),
    ("more after the end",
     FULL + " | text 0 more | over | ping",
     FULL, "after_end"),
    ("an unknown event before the start",
     "new_event | " + FULL, FULL, "unknown_dropped"),
    ("an unknown delta nowhere",
     ("message | new_delta 3 x | open 0 text | text 0 hi | close 0 "
     "| end end_turn | over"),
     FULL, "delta_without_block"),
]
# fmt: on


@pytest.mark.parametrize(
    ("story", "expected", "repairs"),
    [case[1:] for case in REPAIRS],
    ids=[case[0] for case in REPAIRS],
)
def test_what_is_repaired(story: str, expected: str, repairs: str) -> None:
    words, _, mender, failure = run(wire(story))
    assert failure is None
    assert words == expected
    assert set(mender.repairs) == set(repairs.split())
    told, meant = collect(events_of(wire(story))), collect(events_of(wire(expected)))
    assert isinstance(told, Response)
    assert isinstance(meant, Response)
    assert told.candidates == meant.candidates


FAILURES: list[tuple[str, bytes, Kind, str]] = [
    ("empty", b"", Kind.EMPTY, "closed without sending anything"),
    ("only comments", b": hi\n\n", Kind.EMPTY, "closed without sending anything"),
    ("only pings", wire("ping"), Kind.EMPTY, "closed without sending anything"),
    ("only [DONE]", b"data: [DONE]\n\n", Kind.EMPTY, "closed without sending"),
    ("only an end", wire("over"), Kind.EMPTY, "ended a message that never began"),
    ("cut", wire("message | open 0 text | text 0 hi"), Kind.TRUNCATED, "closed within"),
    (
        "cut before the reason",
        wire("message | open 0 text | text 0 hi | close 0"),
        Kind.TRUNCATED,
        "closed within",
    ),
    (
        "an end in the middle of a call",
        wire('message | open 0 tool_use t f | args 0 {"a | end tool_use | over'),
        Kind.TRUNCATED,
        "incomplete tool arguments",
    ),
    (
        "an end without a reason after half a call",
        wire('message | open 0 tool_use t f | args 0 {"a | close 0 | over'),
        Kind.TRUNCATED,
        "incomplete tool arguments",
    ),
    (
        "half a call replaced",
        wire('message | open 0 tool_use t f | args 0 {"a | open 0 tool_use u g'),
        Kind.MALFORMED,
        "incomplete tool arguments",
    ),
    (
        "arguments without a call",
        wire("message | args 0 {}"),
        Kind.MALFORMED,
        "tool arguments without a tool call",
    ),
    (
        "a call without a name",
        wire("message | open 0 tool_use t "),
        Kind.MALFORMED,
        "a tool call without a name",
    ),
    (
        "a signature too late",
        wire("message | think 0 a | close 0 | sign 0 s"),
        Kind.MALFORMED,
        "a signature whose thinking is over",
    ),
    (
        "a number for words",
        (
            b'data: {"type":"content_block_delta","index":0,'
            b'"delta":{"type":"text_delta","text":1}}\n\n'
        ),
        Kind.MALFORMED,
        "a text_delta whose text is not a string",
    ),
    ("not JSON", b"data: {\n\n", Kind.MALFORMED, "an event that is not JSON"),
    ("not an object", b"data: [1]\n\n", Kind.MALFORMED, "is not a JSON object"),
    (
        "a call without a name in the message itself",
        (
            b'data: {"type":"message_start","message":'
            b'{"content":[{"type":"tool_use"}]}}\n\n'
        ),
        Kind.MALFORMED,
        "a tool call without a name",
    ),
]


@pytest.mark.parametrize(
    ("data", "kind", "message"),
    [case[1:] for case in FAILURES],
    ids=[case[0] for case in FAILURES],
)
def test_what_is_beyond_repair(data: bytes, kind: Kind, message: str) -> None:
    failure = run(data)[3]
    assert failure is not None
    assert (failure.kind, failure.status) == (kind, 502)
    assert message in failure.message


ERRORS: list[tuple[bytes, Kind, int, str]] = [
    (
        (
            b'event: error\ndata: {"type":"error","error":'
            b'{"type":"overloaded_error","message":"Overloaded"}}\n\n'
        ),
        Kind.OVERLOADED,
        529,
        "Overloaded",
    ),
    (
        b'data: {"error":{"message":"slow down","code":429}}\n\n',
        Kind.RATE,
        429,
        "slow down",
    ),
    (b'data: {"error":"broken"}\n\n', Kind.SERVER, 502, "broken"),
    (b"event: error\ndata: plain words\n\n", Kind.SERVER, 502, "plain words"),
    (b'event: error\ndata: {"a":1}\n\n', Kind.SERVER, 502, "502"),
    (b'data: {"type":"ping","error":{"message":"m"}}\n\n', Kind.SERVER, 502, "m"),
    (b'event: error\ndata: {"type":"ping"}\n\n', Kind.SERVER, 502, "502"),
]


@pytest.mark.parametrize(("data", "kind", "status", "message"), ERRORS)
def test_an_error_in_the_stream(
    data: bytes, kind: Kind, status: int, message: str
) -> None:
    words, raw, _, failure = run(wire("message | open 0 text | text 0 hi") + data)
    assert words == "message | open 0 text | text 0 hi"
    assert failure is not None
    assert (failure.kind, failure.status) == (kind, status)
    assert message in failure.message
    assert b"error" not in raw


def test_an_error_of_this_dialect_keeps_its_words() -> None:
    failure = run(ERRORS[0][0])[3]
    assert failure is not None
    assert failure.native is not None
    assert failure.native.error["error"] == {
        "type": "overloaded_error",
        "message": "Overloaded",
    }


def test_nothing_comes_after_a_failure() -> None:
    answers, mender = mend(b"data: {\n\n", wire(FULL))
    assert [answer.legal for answer in answers] == [[], [], [], []]
    assert [bool(answer.failure) for answer in answers] == [True, False, False, False]
    assert not mender.complete


# Frames.


@pytest.mark.parametrize(
    ("data", "repair"),
    [
        (wire(FULL, named=False), "event_line_added"),
        (
            wire(FULL).replace(b"event: message_stop", b"event: x"),
            "event_line_corrected",
        ),
        (
            wire(FULL).replace(b'{"type": "message_stop"}', b"{}"),
            "type_added",
        ),
        (wire(FULL) + b"data: [DONE]\n\n", "done_mark"),
        (wire(FULL) + b"data: {\n\n", "after_end"),
        (b"data:\n\n" + wire(FULL), "empty_frame"),
        (wire(FULL) + b"data: {", "cut_frame"),
        (wire(FULL) + b"event: x\n", "cut_frame"),
    ],
)
def test_frames_that_are_not_as_they_should_be(data: bytes, repair: str) -> None:
    words, _, mender, failure = run(data)
    assert (words, failure) == (FULL, None)
    assert set(mender.repairs) == {repair}


@pytest.mark.parametrize(
    "data",
    [
        wire(FULL).replace(b"\n", b"\r\n"),
        b": hello\n\n" + wire(FULL).replace(b"\n\n", b"\n\n: hi\n\n"),
        wire(FULL).removesuffix(b"\n"),
        wire(FULL).removesuffix(b"\n\n"),
    ],
)
def test_frames_that_only_look_odd(data: bytes) -> None:
    words, raw, mender, failure = run(data)
    assert (words, raw, failure) == (FULL, wire(FULL), None)
    assert mender.repairs == Counter()


def test_an_event_that_is_too_big() -> None:
    sse, mender = SseDecoder(limit=64), Mender(context())
    mended = mender.feed(cast("list[Frame]", sse.feed(b"data: " + b"x" * 99)))
    assert mended.failure is not None
    assert mended.failure.kind is Kind.MALFORMED
    assert "more than 64 bytes" in mended.failure.message


def test_a_name_that_is_no_line_is_not_written() -> None:
    data = wire("message") + b'data: {"type":"a\\nevent: b"}\n\n'
    words, raw, mender, _ = run(data)
    assert (words, raw) == ("message", wire("message"))
    assert mender.repairs["unknown_dropped"] == 1


def test_null_fields_are_put_right() -> None:
    data = (
        b'data: {"type":"message_start","message":null}\n\n'
        b'data: {"type":"content_block_start","index":null,"content_block":'
        b'{"type":"thinking","thinking":null,"signature":null}}\n\n'
        b'data: {"type":"content_block_delta","index":0,"delta":null}\n\n'
        b'data: {"type":"content_block_delta","index":0,"delta":'
        b'{"type":"thinking_delta","thinking":null}}\n\n'
        b'data: {"type":"content_block_stop","index":null}\n\n'
        b'data: {"type":"message_delta","delta":null,"usage":null}\n\n'
        b'data: {"type":"message_stop"}\n\n'
    )
    words, raw, mender, failure = run(data)
    assert failure is None
    assert words == "message | open 0 thinking | close 0 | end end_turn | over"
    assert b'"thinking":"","signature":""' in raw
    assert b'"model":"asked"' in raw
    assert mender.repairs["empty_delta"] == 2


def test_arguments_at_the_start_keep_their_digits() -> None:
    data = wire('message | open 0 tool_use t f {"n":1} | close 0 | end tool_use | over')
    arguments = '{"n":12345678901234567890123}'
    told = events_of(data.replace(b'{"n":1}', arguments.encode()))
    assert ev.ToolCallDelta(0, arguments) in told


def test_what_is_nested_too_deeply_to_be_written() -> None:
    deep = b'"msg_1", "new": ' + b"[" * 400 + b"]" * 400
    data = wire("message | end end_turn | over").replace(b'"msg_1"', deep)
    _, passed, _, failure = run(data)
    assert (passed, failure) == (data, None)
    unnamed = data.replace(b"event: message_start\n", b"")
    failure = run(unnamed)[3]
    assert failure is not None
    assert failure.kind is Kind.MALFORMED
    assert "deeply" in failure.message


def test_blocks_in_the_message_itself_are_spelled_out() -> None:
    start = payloads("message")[0]
    start["message"]["content"] = [
        {"type": "text", "text": "hi"},
        {"type": "tool_use", "id": "t", "name": "f", "input": {"a": 1}},
    ]
    words, raw, _, _ = run(frame(start) + wire("end tool_use | over"))
    assert words == (
        "message | open 0 text | close 0 | open 1 tool_use t f "
        '| args 1 {"a":1} | close 1 | end tool_use | over'
    )
    assert b'{"type":"text","text":"hi"}' in raw


# Usage and the commit point.


def test_usage_is_merged_over_the_stream() -> None:
    start, end = payloads("message | end end_turn")
    start["message"]["usage"] = {
        "input_tokens": 13,
        "cache_read_input_tokens": 22000,
        "cache_creation_input_tokens": 31,
        "cache_creation": {
            "ephemeral_5m_input_tokens": 31,
            "ephemeral_1h_input_tokens": 0,
        },
        "output_tokens": 1,
    }
    end["usage"] = {"output_tokens": 4, "cache_creation_input_tokens": 31}
    data = frame(start) + frame(end) + wire("over")
    usage = run(data)[2].usage
    assert usage is not None
    assert (usage.input_uncached, usage.cache_read, usage.output) == (13, 22000, 4)
    assert (usage.cache_write_5m, usage.cache_write) == (31, 31)
    assert usage.input_total == 22044


def test_usage_that_nobody_told_is_unknown() -> None:
    data = wire("text 0 hi | over")
    assert run(data)[2].usage is None
    response = collect(events_of(data))
    assert isinstance(response, Response)
    assert response.usage is None


def test_usage_beside_the_end_counts() -> None:
    stop = {"type": "message_stop", "usage": {"output_tokens": 7}}
    data = wire("message") + frame(stop)
    _, raw, mender, _ = run(data)
    assert mender.usage is not None
    assert mender.usage.output == 7
    assert b'"usage":{"output_tokens":7}' in raw


def test_content_is_the_commit_point() -> None:
    story = "ping | message | ping | open 0 text | text 0 hi | close 0 | end end_turn"
    chunks = [frame(payload) for payload in payloads(story + " | over")]
    answers, _ = mend(chunks[0], *chunks[1:])
    said = [answer.content for answer in answers]
    assert said == [False] * 3 + [True] * 3 + [False, True, False, False]


# However it was cut, and what the vendor's own client makes of it.


@given(st.sampled_from([case[1] for case in REPAIRS]), st.lists(st.integers(0, 2000)))
def test_chunking_never_shows(story: str, places: list[int]) -> None:
    data = wire(story)
    whole, _ = mend(data)
    cut = sorted({place % len(data) for place in places})
    pieces = [data[a:b] for a, b in zip([0, *cut], [*cut, len(data)], strict=True)]
    in_pieces, _ = mend(pieces[0], *pieces[1:])
    assert said(in_pieces) == said(whole)


def said(answers: list[Mended]) -> tuple[list[Any], list[Failure]]:
    legal = [item for answer in answers for item in answer.legal]
    return legal, [answer.failure for answer in answers if answer.failure]


@pytest.mark.parametrize(
    ("story", "expected"),
    [case[1:3] for case in REPAIRS],
    ids=[case[0] for case in REPAIRS],
)
def test_the_vendors_client_reads_it(story: str, expected: str) -> None:
    repaired = read_by_sdk(run(wire(story))[1])
    meant = read_by_sdk(wire(expected))
    assert repaired.content == meant.content
    assert repaired.stop_reason == meant.stop_reason


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
