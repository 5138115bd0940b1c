"""Legal chunks as events: where blocks begin and end, and what proves reasoning."""

from __future__ import annotations

from typing import Any

import pytest

from cliproxy_core.dialects.openai_chat import DIALECT
from cliproxy_core.dialects.openai_chat.decode import reason_of, signature_of
from cliproxy_core.ir import stream as ev
from cliproxy_core.ir.reasoning import Signature
from tests.core.dialects.openai_chat.streams import (
    DONE,
    NAMES,
    call,
    context,
    finish,
    one,
)

FN = {"type": "function"}
CUSTOM = {"name": "f", "input": "x"}


def decoded(*deltas: Any, word: str = "stop", single: bool = False) -> list[ev.Event]:
    choices = [{"index": 0, "delta": delta} for delta in deltas]
    legal: list[Any] = [({**NAMES, "choices": [choice]}, b"") for choice in choices]
    legal += [(one(raw), raw) for raw in (finish(word), DONE)]
    decoder = DIALECT.decoder(context())
    if single:
        return [event for item in legal for event in decoder.feed([item])]
    return decoder.feed(legal)


BEGIN: list[ev.Event] = [ev.Started("c1", "m", 7)]


def ends(reason: ev.Reason, word: str) -> list[ev.Event]:
    return [ev.Stopped(reason, word), ev.Ended()]


STREAMS: dict[str, tuple[list[Any], list[ev.Event]]] = {
    "nothing": ([{"role": "assistant", "content": ""}], []),
    "text": (
        [{"content": "a"}, {"content": ""}, {"content": "b"}],
        [
            ev.TextStarted(0),
            ev.TextDelta(0, "a"),
            ev.TextDelta(0, "b"),
            ev.BlockEnded(0),
        ],
    ),
    "thinking, then text, in one delta": (
        [{"content": "b", "reasoning_content": "a"}],
        [
            ev.ReasoningStarted(0),
            ev.ReasoningDelta(0, "a"),
            ev.BlockEnded(0),
            ev.TextStarted(1),
            ev.TextDelta(1, "b"),
            ev.BlockEnded(1),
        ],
    ),
    "thinking under both names is one block": (
        [{"reasoning": "a"}, {"reasoning_content": "b"}],
        [
            ev.ReasoningStarted(0),
            ev.ReasoningDelta(0, "a"),
            ev.ReasoningDelta(0, "b"),
            ev.BlockEnded(0),
        ],
    ),
    "refusal": (
        [{"refusal": "no"}],
        [ev.RefusalStarted(0), ev.RefusalDelta(0, "no"), ev.BlockEnded(0)],
    ),
    "complete calls end when the next begins": (
        [
            {"tool_calls": [call(0, "{}", id="a", name="f", **FN)]},
            {"tool_calls": [call(1, "", id="b", name="g", **FN)]},
            {"tool_calls": [call(1, "{")]},
            {"content": "x"},
            {"tool_calls": [call(1, "}")]},
        ],
        [
            ev.ToolCallStarted(0, "a", "f"),
            ev.ToolCallDelta(0, "{}"),
            ev.BlockEnded(0),
            ev.ToolCallStarted(1, "b", "g"),
            ev.ToolCallDelta(1, "{"),
            ev.TextStarted(2),
            ev.TextDelta(2, "x"),
            ev.ToolCallDelta(1, "}"),
            ev.BlockEnded(2),
            ev.BlockEnded(1),
        ],
    ),
    "plain thinking with its proof": (
        [
            {"reasoning": "a", "reasoning_details": [{"text": "a"}]},
            {"reasoning_details": [{"text": "a", "signature": "s", "format": "f"}]},
            {"content": "b"},
        ],
        [
            ev.ReasoningStarted(0),
            ev.ReasoningDelta(0, "a"),
            ev.BlockSigned(0, Signature("s", "openai_chat", "f")),
            ev.BlockEnded(0),
            ev.TextStarted(1),
            ev.TextDelta(1, "b"),
            ev.BlockEnded(1),
        ],
    ),
    "thinking in details only, and sealed": (
        [
            {"reasoning_details": [{"text": "a"}, {"summary": "b"}]},
            {"reasoning_details": [{"data": "d"}, {"signature": "s"}, 5]},
        ],
        [
            ev.ReasoningStarted(0),
            ev.ReasoningDelta(0, "a"),
            ev.ReasoningDelta(0, "b"),
            ev.BlockEnded(0),
            ev.RedactedReasoning(1, Signature("d", "openai_chat")),
            ev.BlockEnded(1),
            ev.ReasoningStarted(2),
            ev.BlockSigned(2, Signature("s", "openai_chat")),
            ev.BlockEnded(2),
        ],
    ),
    "free text for a custom tool": (
        [
            {
                "tool_calls": [
                    {"index": 0, "id": "a", "custom": {"name": "f", "input": "x"}}
                ]
            }
        ],
        [
            ev.ToolCallStarted(0, "a", "f"),
            ev.ToolCallDelta(0, "x"),
            ev.BlockEnded(0),
        ],
    ),
}


@pytest.mark.parametrize(("deltas", "want"), STREAMS.values(), ids=STREAMS)
def test_deltas_become_blocks(deltas: list[Any], want: list[ev.Event]) -> None:
    end = ends(ev.Reason.END, "stop")
    assert decoded(*deltas) == BEGIN + want + end
    assert decoded(*deltas, single=True) == BEGIN + want + end


def test_candidates_are_told_apart() -> None:
    payloads: list[Any] = [
        {**NAMES, "choices": [{"index": i, "delta": {"content": str(i)}}]}
        for i in (0, 1, 0)
    ]
    events = DIALECT.decoder(context()).feed([(p, b"") for p in payloads])
    assert events[1:] == [
        ev.TextStarted(0),
        ev.TextDelta(0, "0"),
        ev.TextStarted(1, candidate=1),
        ev.TextDelta(1, "1"),
        ev.TextDelta(0, "0"),
    ]


def test_usage_is_reported_and_a_chunk_of_nothing_is_not() -> None:
    decoder = DIALECT.decoder(context())
    assert decoder.feed([({"choices": [], "prompt_filter_results": []}, b"")]) == []
    (event,) = decoder.feed([({"choices": [], "usage": {"prompt_tokens": 3}}, b"")])
    assert isinstance(event, ev.UsageReported)
    assert event.usage.input_total == 3


@pytest.mark.parametrize(
    ("word", "native", "want"),
    [
        ("stop", "stop", ev.Reason.END),
        ("stop", "stop_sequence", ev.Reason.STOP_SEQUENCE),
        ("stop", "pause_turn", ev.Reason.PAUSE),
        ("length", "max_tokens", ev.Reason.MAX_OUTPUT),
        ("length", "model_context_window_exceeded", ev.Reason.CONTEXT_WINDOW),
        ("tool_calls", "tool_use", ev.Reason.TOOL_USE),
        ("content_filter", "refusal", ev.Reason.REFUSAL),
        ("other", "other", ev.Reason.OTHER),
    ],
)
def test_why_it_stopped(word: str, native: str, want: ev.Reason) -> None:
    assert reason_of(word, native) is want


def test_a_proof_belongs_to_its_upstream() -> None:
    entry: Any = {"signature": "s", "format": "anthropic-claude-v1"}
    want = Signature("s", "openai_chat", "anthropic-claude-v1")
    assert signature_of(entry, "signature") == want
    assert signature_of({"signature": ""}, "signature") is None
