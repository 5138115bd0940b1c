"""Legal chunks as events: where blocks begin and end, and what proves reasoning."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

from cliproxy_core.dialects.openai_chat import DIALECT
from cliproxy_core.dialects.openai_chat.decode import reason_of
from cliproxy_core.ir import stream as ev
from cliproxy_core.ir.citation import Citation, TokenProb
from cliproxy_core.ir.media import MediaKind
from cliproxy_core.ir.reasoning import Signature
from cliproxy_core.ir.request import ToolKind
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


STATE = {"extra_content": {"google": {"thought_signature": "s"}}}
NOTE: dict[str, Any] = {
    "type": "url_citation",
    "url_citation": {"url": "u", "title": "t", "start_index": 0, "end_index": 1},
}
SOURCE = Citation(dialect="openai_chat", raw=NOTE, url="u", title="t", start=0, end=1)
UNPLACED = attrs.evolve(SOURCE, start=None, end=None)


def image(url: str, **more: Any) -> dict[str, Any]:
    return {"type": "image_url", "image_url": {"url": url}, **more}


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
            ev.ToolCallStarted(0, "a", "f", kind=ToolKind.CUSTOM),
            ev.ToolCallDelta(0, "x"),
            ev.BlockEnded(0),
        ],
    ),
    "free text goes on, even if it looks complete": (
        [
            {
                "tool_calls": [
                    {"index": 0, "id": "a", "custom": {**CUSTOM, "input": ""}}
                ]
            },
            {"tool_calls": [{"index": 0, "custom": {"input": "{}"}}]},
            {"content": "b"},
            {"tool_calls": [{"index": 0, "custom": {"input": "!"}}]},
        ],
        [
            ev.ToolCallStarted(0, "a", "f", kind=ToolKind.CUSTOM),
            ev.ToolCallDelta(0, "{}"),
            ev.TextStarted(1),
            ev.TextDelta(1, "b"),
            ev.ToolCallDelta(0, "!"),
            ev.BlockEnded(1),
            ev.BlockEnded(0),
        ],
    ),
    "the state of a call": (
        [{"tool_calls": [{**call(0, "{}", id="a", name="f", **FN), **STATE}]}],
        [
            ev.ToolCallStarted(0, "a", "f", signature=Signature("s", "gemini")),
            ev.ToolCallDelta(0, "{}"),
            ev.BlockEnded(0),
        ],
    ),
    "sources of words": (
        [{"content": "a"}, {"annotations": [NOTE]}, {"content": "b"}],
        [
            ev.TextStarted(0),
            ev.TextDelta(0, "a"),
            ev.CitationAdded(0, SOURCE),
            ev.TextDelta(0, "b"),
            ev.BlockEnded(0),
        ],
    ),
    "sources before words wait for them": (
        [{"annotations": [NOTE]}, {"reasoning": "t"}, {"content": "a"}],
        [
            ev.ReasoningStarted(0),
            ev.ReasoningDelta(0, "t"),
            ev.BlockEnded(0),
            ev.TextStarted(1),
            ev.CitationAdded(1, SOURCE),
            ev.TextDelta(1, "a"),
            ev.BlockEnded(1),
        ],
    ),
    "sources without words, and nobody knows of which": (
        [{"annotations": [NOTE]}],
        [ev.TextStarted(0), ev.CitationAdded(0, UNPLACED), ev.BlockEnded(0)],
    ),
    "sources of the second block, and nobody knows where in it": (
        [{"content": "a"}, {"reasoning": "t"}, {"content": "b", "annotations": [NOTE]}],
        [
            ev.TextStarted(0),
            ev.TextDelta(0, "a"),
            ev.BlockEnded(0),
            ev.ReasoningStarted(1),
            ev.ReasoningDelta(1, "t"),
            ev.BlockEnded(1),
            ev.TextStarted(2),
            ev.TextDelta(2, "b"),
            ev.CitationAdded(2, UNPLACED),
            ev.BlockEnded(2),
        ],
    ),
    "pictures": (
        [
            {"content": "a"},
            {"images": [image("data:image/png;base64,AA==", index=0), 5]},
            {"images": [image("https://x.test/a", index=1)]},
        ],
        [
            ev.TextStarted(0),
            ev.TextDelta(0, "a"),
            ev.BlockEnded(0),
            ev.MediaStarted(1, MediaKind.IMAGE, "image/png"),
            ev.MediaDelta(1, "AA=="),
            ev.BlockEnded(1),
            ev.NativeStarted(2, "openai_chat", {"images": [image("https://x.test/a")]}),
            ev.BlockEnded(2),
        ],
    ),
    "sound, and the words in it": (
        [
            {"audio": {"id": "x", "transcript": "hi"}},
            {"audio": {"data": "AA"}},
            {"audio": {"data": "BB"}},
            {"audio": {"transcript": " you"}},
            {"audio": {"expires_at": 5}},
        ],
        [
            ev.TextStarted(0),
            ev.TextDelta(0, "hi"),
            ev.MediaStarted(1, MediaKind.AUDIO),
            ev.MediaDelta(1, "AA"),
            ev.MediaDelta(1, "BB"),
            ev.TextDelta(0, " you"),
            ev.BlockEnded(0),
            ev.BlockEnded(1),
        ],
    ),
    "what is malformed beside words is nothing": (
        [{"annotations": 5, "images": {}, "audio": []}],
        [],
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


def probs(*tokens: str, key: str = "content") -> dict[str, Any]:
    rest: dict[str, Any] = {"logprob": -1, "bytes": None, "top_logprobs": []}
    return {key: [{"token": token, **rest} for token in tokens]}


def test_probabilities_go_with_the_words() -> None:
    choices: list[Any] = [
        {"delta": {"role": "assistant"}, "logprobs": probs("early")},
        {"delta": {"content": "a"}, "logprobs": probs("a")},
        {"delta": {"content": "b"}, "logprobs": probs("b")},
        {"delta": {}, "logprobs": probs("c")},
        {"delta": {"tool_calls": [call(0, "{}", id="x", name="f")]}},
        {"delta": {}, "logprobs": probs("lost"), "finish_reason": "stop"},
    ]
    legal: list[Any] = [
        ({**NAMES, "choices": [{"index": 0, **choice}]}, b"") for choice in choices
    ]
    events = DIALECT.decoder(context()).feed(legal)
    told = [
        (event.block, [token.token for token in event.tokens])
        for event in events
        if isinstance(event, ev.LogProbsAdded)
    ]
    assert told == [(0, ["early"]), (0, ["a"]), (0, ["b"]), (0, ["c"])]
    assert events[2] == ev.LogProbsAdded(0, (TokenProb("early", -1),))
