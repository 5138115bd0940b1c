"""Events as chunks: legal, complete, and nothing that was cut looks whole."""

from __future__ import annotations

from typing import Any

import pytest

from cliproxy_core.dialects.openai_chat import DIALECT
from cliproxy_core.dialects.openai_chat.encode import finish_word
from cliproxy_core.ir import stream as ev
from cliproxy_core.ir.failure import Failure, Kind
from cliproxy_core.ir.grammar import Checker
from cliproxy_core.ir.media import MediaKind
from cliproxy_core.ir.reasoning import Signature
from cliproxy_core.ir.usage import Usage
from tests.core.dialects.openai_chat.streams import DONE, context, one

ROLE = {"role": "assistant", "content": ""}
CLAUDE = Signature("s", "claude_messages")


def encoded(*events: ev.Event, usage: bool = True) -> list[Any]:
    """The payloads, after the grammar and the steps were held against them."""
    encoder, checker = DIALECT.encoder(context(usage=usage)), Checker(DIALECT.grammar)
    sent = [item for event in events for item in encoder.feed([event])]
    whole = DIALECT.encoder(context(usage=usage)).feed(events)
    assert whole == sent
    for steps, raw in sent:
        assert steps == DIALECT.classify(one(raw))
        assert checker.check(steps) is None
    assert checker.complete
    return [one(raw) for _, raw in sent]


def deltas(*events: ev.Event, reason: ev.Reason = ev.Reason.END) -> list[Any]:
    start = ev.Started("r1", "m", 7)
    got = encoded(start, *events, ev.Stopped(reason), ev.Ended())
    return [c["delta"] for p in got if p for c in p["choices"]]


def test_the_frame_of_a_token() -> None:
    events: list[ev.Event] = [
        ev.Started("r%1", "m", 7),
        ev.TextStarted(0),
        ev.TextDelta(0, "a\n%"),
    ]
    ((_, role), (_, text)) = DIALECT.encoder(context()).feed(events)
    head = b'data: {"id":"r%1","object":"chat.completion.chunk","created":7,"model":"m"'
    rest = b',"choices":[{"index":0,"delta":{%b},"finish_reason":null}]}\n\n'
    assert role == head + rest % b'"role":"assistant","content":""'
    assert text == head + rest % b'"content":"a\\n%"'


def test_a_claude_answer() -> None:
    got = encoded(
        ev.Started("msg_1", "claude", None),
        ev.ReasoningStarted(0),
        ev.ReasoningDelta(0, "t"),
        ev.BlockSigned(0, CLAUDE),
        ev.BlockEnded(0),
        ev.ToolCallStarted(1, "toolu_1", "lookup"),
        ev.ToolCallDelta(1, '{"q":1}'),
        ev.BlockEnded(1),
        ev.UsageReported(Usage(input_uncached=13, cache_read=22000)),
        ev.UsageReported(Usage(cache_write_5m=31, output=4)),
        ev.Stopped(ev.Reason.TOOL_USE, "tool_use"),
        ev.Ended(),
    )
    assert [c["delta"] for p in got if p for c in p["choices"]] == [
        ROLE,
        {"reasoning_content": "t"},
        {
            "reasoning_details": [
                {
                    "type": "reasoning.text",
                    "index": 0,
                    "text": "t",
                    "signature": "s",
                    "format": "anthropic-claude-v1",
                }
            ]
        },
        {
            "tool_calls": [
                {
                    "index": 0,
                    "id": "toolu_1",
                    "type": "function",
                    "function": {"name": "lookup", "arguments": ""},
                }
            ]
        },
        {"tool_calls": [{"index": 0, "function": {"arguments": '{"q":1}'}}]},
        {},
    ]
    assert got[0]["created"] == 1
    assert got[-3]["choices"][0]["finish_reason"] == "tool_calls"
    assert got[-3]["choices"][0]["native_finish_reason"] == "tool_use"
    assert got[-2]["choices"] == []
    assert got[-2]["usage"] == {
        "prompt_tokens": 22044,
        "completion_tokens": 4,
        "total_tokens": 22048,
        "prompt_tokens_details": {"cached_tokens": 22000, "cache_write_tokens": 31},
    }
    assert got[-1] is None


def test_usage_only_for_those_who_ask() -> None:
    usage = ev.UsageReported(Usage(output=1))
    events: list[ev.Event] = [
        ev.Started("", ""),
        usage,
        ev.Stopped(ev.Reason.END),
        ev.Ended(),
    ]
    assert [p["usage"]["total_tokens"] for p in encoded(*events)[2:3]] == [1]
    assert len(encoded(*events, usage=False)) == 3
    first = encoded(*events)[0]
    assert first["id"].startswith("chatcmpl-")
    assert first["model"] == "asked"


def test_sealed_reasoning_is_sent_whole() -> None:
    got = deltas(ev.RedactedReasoning(0, CLAUDE), ev.BlockEnded(0))
    assert got[1]["reasoning_details"] == [
        {
            "type": "reasoning.encrypted",
            "index": 0,
            "data": "s",
            "format": "anthropic-claude-v1",
        }
    ]


def test_calls_are_numbered_among_themselves() -> None:
    got = deltas(
        ev.TextStarted(0),
        ev.TextDelta(0, ""),
        ev.TextDelta(0, "a"),
        ev.ToolCallStarted(1, "a", "f"),
        ev.ToolCallStarted(2, "b", "g"),
        ev.ToolCallDelta(2, "{}"),
        ev.ToolCallDelta(1, "{}"),
        reason=ev.Reason.TOOL_USE,
    )
    numbers = [d["tool_calls"][0]["index"] for d in got if "tool_calls" in d]
    assert numbers == [0, 1, 1, 0]
    assert got.count({"content": "a"}) == 1


@pytest.mark.parametrize(
    ("reason", "arguments"),
    [(ev.Reason.TOOL_USE, "{}"), (ev.Reason.END, "{}"), (ev.Reason.MAX_OUTPUT, "")],
)
def test_no_arguments_are_an_object_unless_cut(
    reason: ev.Reason, arguments: str
) -> None:
    got = deltas(ev.ToolCallStarted(0, "a", "f"), ev.BlockEnded(0), reason=reason)
    calls = [d["tool_calls"][0]["function"]["arguments"] for d in got[1:-1]]
    assert "".join(calls) == arguments


def test_candidates_each_have_a_role_and_a_finish() -> None:
    got = encoded(
        ev.Started("r", "m", 7),
        ev.RefusalStarted(0, candidate=1),
        ev.RefusalDelta(0, "no"),
        ev.BlockEnded(0),
        ev.Stopped(ev.Reason.END, candidate=0),
        ev.Stopped(ev.Reason.REFUSAL, "refusal", candidate=1),
        ev.Ended(),
    )
    lanes = [(p["choices"][0]["index"], p["choices"][0]["delta"]) for p in got[:-1]]
    assert lanes == [(0, ROLE), (1, ROLE), (1, {"refusal": "no"}), (0, {}), (1, {})]


def test_what_has_no_place_is_left_out() -> None:
    got = deltas(
        ev.Heartbeat(),
        ev.MediaStarted(0, MediaKind.IMAGE),
        ev.MediaDelta(0, "AAAA"),
        ev.NativeStarted(1, "claude_messages", {}),
        ev.BlockEnded(0),
        ev.BlockEnded(1),
    )
    assert got == [ROLE, {}]


@pytest.mark.parametrize(
    ("reason", "calls", "want"),
    [
        (ev.Reason.END, False, "stop"),
        (ev.Reason.END, True, "tool_calls"),
        (ev.Reason.TOOL_USE, False, "stop"),
        (ev.Reason.TOOL_USE, True, "tool_calls"),
        (ev.Reason.STOP_SEQUENCE, False, "stop"),
        (ev.Reason.MAX_OUTPUT, True, "length"),
        (ev.Reason.CONTEXT_WINDOW, False, "length"),
        (ev.Reason.REFUSAL, False, "content_filter"),
        (ev.Reason.PAUSE, False, "stop"),
        (ev.Reason.OTHER, False, "stop"),
    ],
)
def test_the_finish_word(reason: ev.Reason, calls: bool, want: str) -> None:
    assert finish_word(reason, calls=calls) == want


def test_a_failure_ends_the_stream_without_an_end_mark() -> None:
    failure = Failure(kind=Kind.OVERLOADED, status=529, message="busy")
    got = encoded(ev.Started("r", "m"), ev.Broken(failure))
    assert got[1]["error"]["message"] == "busy"
    ((steps, raw),) = DIALECT.encoder(context()).fail(failure)
    assert raw == DIALECT.fail(failure)
    assert steps == DIALECT.classify(one(raw))
    assert DONE not in raw
