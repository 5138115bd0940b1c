"""Legal payloads to neutral events."""

from __future__ import annotations

from typing import Any

import pytest

from cliproxy_core.dialects.openai_responses.decode import ResponsesDecoder
from cliproxy_core.dialects.openai_responses.grammar import NAME
from cliproxy_core.ir import stream as ev
from cliproxy_core.ir.citation import Citation, TokenProb
from cliproxy_core.ir.media import MediaKind
from cliproxy_core.ir.reasoning import Signature
from cliproxy_core.ir.request import ToolKind
from cliproxy_core.ir.usage import Usage
from tests.core.dialects.openai_responses.events import (
    added,
    context,
    created,
    decode,
    done,
    message,
)


def text_part(text: str = "", **more: Any) -> dict[str, Any]:
    return {"type": "output_text", "text": text, "annotations": [], **more}


def delta(text: str, index: int = 0, content: int = 0, **more: Any) -> dict[str, Any]:
    return message("output_text.delta", index, content, delta=text, **more)


def call(text: str, index: int = 0) -> dict[str, Any]:
    kind = "response.function_call_arguments.delta"
    return {"type": kind, "output_index": index, "delta": text}


def summary(verb: str, number: int, index: int = 0, **more: Any) -> dict[str, Any]:
    kind = f"response.reasoning_summary_{verb}"
    place = {"output_index": index, "summary_index": number}
    return {"type": kind, **place, **more}


def completed(**more: Any) -> dict[str, Any]:
    response = {"id": "resp_1", "status": "completed", "output": [], **more}
    return {"type": "response.completed", "response": response}


CITATION: Any = {"type": "url_citation", "url": "http://x", "title": "X"}
CITED = Citation(dialect=NAME, raw=CITATION, url="http://x", title="X")
PROBS = [{"token": "a", "logprob": -1, "bytes": [97], "top_logprobs": []}]
WEIGHED = ev.LogProbsAdded(0, (TokenProb("a", -1, (97,)),))
SEALED = Signature("enc", NAME)

BLOCKS: dict[str, tuple[list[dict[str, Any]], list[ev.Event]]] = {
    "a text": (
        [
            added(0, "message", content=[]),
            message("content_part.added", part=text_part()),
            delta("a"),
            delta(""),
            delta("b", logprobs=[]),
            message("output_text.done", text="ab"),
            message("content_part.done", part=text_part("ab")),
            done(0, "message", content=[text_part("ab")]),
        ],
        [
            ev.TextStarted(0),
            ev.TextDelta(0, "a"),
            ev.TextDelta(0, "b"),
            ev.BlockEnded(0),
        ],
    ),
    "each content part is a block": (
        [
            added(0, "message", content=[]),
            message("content_part.added", part=text_part("begun")),
            message("content_part.done", part=text_part("begun")),
            message(
                "content_part.added", 0, 1, part={"type": "refusal", "refusal": ""}
            ),
            message("refusal.delta", 0, 1, delta="no"),
            message("refusal.delta", 0, 1, delta=""),
            message("refusal.done", 0, 1, refusal="no"),
            done(0, "message"),
        ],
        [
            ev.TextStarted(0),
            ev.TextDelta(0, "begun"),
            ev.BlockEnded(0),
            ev.RefusalStarted(1),
            ev.RefusalDelta(1, "no"),
            ev.BlockEnded(1),
        ],
    ),
    "a refusal that was begun in its opening": (
        [
            added(0, "message", content=[]),
            message("content_part.added", part={"type": "refusal", "refusal": "n"}),
            done(0, "message", content=[]),
        ],
        [ev.RefusalStarted(0), ev.RefusalDelta(0, "n"), ev.BlockEnded(0)],
    ),
    "a part of tomorrow": (
        [
            added(0, "message", content=[]),
            message("content_part.added", part={"type": "hologram"}),
            message("output_text.delta", delta="?"),
            message("content_part.done", part={"type": "hologram"}),
            done(0, "message"),
        ],
        [],
    ),
    "annotations, told once": (
        [
            added(0, "message", content=[]),
            message("content_part.added", part=text_part()),
            message("output_text.annotation.added", annotation=CITATION),
            message("output_text.annotation.added", annotation=7),
            message(
                "content_part.done",
                part=text_part(annotations=[CITATION, 7, {"type": "file_path"}]),
            ),
            done(0, "message"),
        ],
        [
            ev.TextStarted(0),
            ev.CitationAdded(0, CITED),
            ev.CitationAdded(0, Citation(dialect=NAME, raw={"type": "file_path"})),
            ev.BlockEnded(0),
        ],
    ),
    "annotations at the end of the item only": (
        [
            added(0, "message", content=[]),
            message("content_part.added", part=text_part()),
            done(0, "message", content=[text_part(annotations=[CITATION])]),
        ],
        [ev.TextStarted(0), ev.CitationAdded(0, CITED), ev.BlockEnded(0)],
    ),
    "probabilities with the words": (
        [
            added(0, "message", content=[]),
            message("content_part.added", part=text_part()),
            delta("a", logprobs=PROBS),
            message("output_text.done", text="a", logprobs=PROBS),
            message("content_part.done", part=text_part("a", logprobs=PROBS)),
            done(0, "message"),
        ],
        [ev.TextStarted(0), ev.TextDelta(0, "a"), WEIGHED, ev.BlockEnded(0)],
    ),
    "probabilities after the words": (
        [
            added(0, "message", content=[]),
            message("content_part.added", part=text_part()),
            message("output_text.done", text="", logprobs=PROBS),
            message("content_part.done", part=text_part(logprobs=PROBS)),
            done(0, "message"),
        ],
        [ev.TextStarted(0), WEIGHED, ev.BlockEnded(0)],
    ),
    "probabilities at the end of the part": (
        [
            added(0, "message", content=[]),
            message("content_part.added", part=text_part()),
            message("content_part.done", part=text_part(logprobs=PROBS)),
            done(0, "message"),
        ],
        [ev.TextStarted(0), WEIGHED, ev.BlockEnded(0)],
    ),
    "a call": (
        [
            added(0, "function_call", call_id="c", name="f", arguments=""),
            call('{"a"'),
            call(""),
            call(":1}"),
            {
                "type": "response.function_call_arguments.done",
                "output_index": 0,
                "arguments": '{"a":1}',
            },
            done(0, "function_call", call_id="c", name="f", arguments='{"a":1}'),
        ],
        [
            ev.ToolCallStarted(0, "c", "f"),
            ev.ToolCallDelta(0, '{"a"'),
            ev.ToolCallDelta(0, ":1}"),
            ev.BlockEnded(0),
        ],
    ),
    "a custom call in a namespace": (
        [
            added(
                0, "custom_tool_call", call_id="c", name="f", namespace="n", input="l"
            ),
            {
                "type": "response.custom_tool_call_input.delta",
                "output_index": 0,
                "delta": "s",
            },
            done(0, "custom_tool_call"),
        ],
        [
            ev.ToolCallStarted(0, "c", "f", 0, ToolKind.CUSTOM, "n"),
            ev.ToolCallDelta(0, "l"),
            ev.ToolCallDelta(0, "s"),
            ev.BlockEnded(0),
        ],
    ),
    "one block of reasoning for all parts": (
        [
            added(0, "reasoning", summary=[], encrypted_content="before"),
            summary("part.added", 0, part={"type": "summary_text", "text": ""}),
            summary("text.delta", 0, delta="A"),
            summary("text.delta", 0, delta="a"),
            summary("text.done", 0, text="Aa"),
            summary("part.done", 0, part={"type": "summary_text", "text": "Aa"}),
            summary("part.added", 1, part={"type": "summary_text", "text": ""}),
            summary("text.delta", 1, delta=""),
            summary("text.delta", 1, delta="B"),
            summary("part.done", 1),
            message("reasoning_text.delta", delta="C"),
            done(0, "reasoning", encrypted_content="enc"),
        ],
        [
            ev.ReasoningStarted(0),
            ev.ReasoningDelta(0, "A"),
            ev.ReasoningDelta(0, "a"),
            ev.ReasoningDelta(0, "\n\n"),
            ev.ReasoningDelta(0, "B"),
            ev.ReasoningDelta(0, "\n\n"),
            ev.ReasoningDelta(0, "C"),
            ev.BlockSigned(0, SEALED),
            ev.BlockEnded(0),
        ],
    ),
    "reasoning with a content part around it": (
        [
            added(0, "reasoning", summary=[]),
            message("content_part.added", part={"type": "reasoning_text", "text": ""}),
            message("reasoning_text.delta", delta="t"),
            message("reasoning_text.done", text="t"),
            message("content_part.done", part={"type": "reasoning_text", "text": "t"}),
            done(0, "reasoning", encrypted_content=None),
        ],
        [ev.ReasoningStarted(0), ev.ReasoningDelta(0, "t"), ev.BlockEnded(0)],
    ),
    "reasoning that is empty but signed": (
        [
            added(0, "reasoning", summary=[]),
            summary("part.added", 0),
            summary("part.done", 0),
            done(0, "reasoning", encrypted_content="enc"),
        ],
        [ev.ReasoningStarted(0), ev.BlockSigned(0, SEALED), ev.BlockEnded(0)],
    ),
    "sealed reasoning": (
        [
            added(0, "reasoning", summary=[]),
            done(0, "reasoning", encrypted_content="enc"),
        ],
        [ev.RedactedReasoning(0, SEALED), ev.BlockEnded(0)],
    ),
    "sealed in its opening only": (
        [added(0, "reasoning", encrypted_content="enc"), done(0, "reasoning")],
        [ev.RedactedReasoning(0, SEALED), ev.BlockEnded(0)],
    ),
    "reasoning that says nothing": (
        [added(0, "reasoning"), done(0, "reasoning", encrypted_content="")],
        [],
    ),
    "an image": (
        [
            added(0, "image_generation_call", status="in_progress"),
            {
                "type": "response.image_generation_call.partial_image",
                "output_index": 0,
                "partial_image_b64": "aA==",
            },
            done(0, "image_generation_call", result="aGk=", output_format="webp"),
        ],
        [
            ev.MediaStarted(0, MediaKind.IMAGE, "image/webp"),
            ev.MediaDelta(0, "aGk="),
            ev.BlockEnded(0),
        ],
    ),
    "an image that failed": (
        [added(0, "image_generation_call"), done(0, "image_generation_call")],
        [
            ev.NativeStarted(0, NAME, {"type": "image_generation_call", "id": "i0"}),
            ev.BlockEnded(0),
        ],
    ),
    "a search of its own": (
        [
            added(0, "web_search_call", status="in_progress"),
            {"type": "response.web_search_call.searching", "output_index": 0},
            done(0, "web_search_call", status="completed"),
        ],
        [
            ev.NativeStarted(
                0,
                NAME,
                {"type": "web_search_call", "id": "i0", "status": "in_progress"},
            ),
            ev.NativeDelta(
                0, {"type": "response.web_search_call.searching", "output_index": 0}
            ),
            ev.NativeDelta(
                0,
                {
                    "type": "response.output_item.done",
                    "item": {
                        "type": "web_search_call",
                        "id": "i0",
                        "status": "completed",
                    },
                },
            ),
            ev.BlockEnded(0),
        ],
    ),
    "arguments of what is no call of ours": (
        [added(0, "odd_call"), call("{}"), done(0, "odd_call")],
        [
            ev.NativeStarted(0, NAME, {"type": "odd_call", "id": "i0"}),
            ev.NativeDelta(0, call("{}")),
            ev.NativeDelta(
                0,
                {
                    "type": "response.output_item.done",
                    "item": {"type": "odd_call", "id": "i0"},
                },
            ),
            ev.BlockEnded(0),
        ],
    ),
    "interleaved": (
        [
            added(0, "message", content=[]),
            added(1, "function_call", call_id="a", name="f", arguments=""),
            message("content_part.added", 0, part=text_part()),
            added(2, "function_call", call_id="b", name="g", arguments=""),
            call("{", 2),
            delta("x"),
            call("{", 1),
            call("}", 2),
            done(2, "function_call"),
            call("}", 1),
            done(1, "function_call"),
            done(0, "message"),
        ],
        [
            ev.ToolCallStarted(0, "a", "f"),
            ev.TextStarted(1),
            ev.ToolCallStarted(2, "b", "g"),
            ev.ToolCallDelta(2, "{"),
            ev.TextDelta(1, "x"),
            ev.ToolCallDelta(0, "{"),
            ev.ToolCallDelta(2, "}"),
            ev.BlockEnded(2),
            ev.ToolCallDelta(0, "}"),
            ev.BlockEnded(0),
            ev.BlockEnded(1),
        ],
    ),
    "what happens around": (
        [
            {"type": "response.queued", "response": {}},
            {"type": "response.in_progress", "response": {}},
            {"type": "keepalive", "sequence_number": 3},
            {"type": "codex.rate_limits", "output_index": 9},
        ],
        [ev.Heartbeat()],
    ),
}


@pytest.mark.parametrize(("legal", "events"), BLOCKS.values(), ids=BLOCKS)
def test_blocks(legal: list[dict[str, Any]], events: list[ev.Event]) -> None:
    assert decode(*legal) == events


@pytest.mark.parametrize("legal", [case[0] for case in BLOCKS.values()], ids=BLOCKS)
def test_reads_do_not_show(legal: list[dict[str, Any]]) -> None:
    decoder = ResponsesDecoder(context())
    single = [event for each in legal for event in decoder.feed([(each, b"")])]
    assert single == decode(*legal)


def test_a_response_begins() -> None:
    assert decode(created()) == [ev.Started("resp_1", "gpt-5", 7)]


LIMIT = {
    "status": "incomplete",
    "incomplete_details": {"reason": "max_output_tokens"},
}
CALL = [added(0, "function_call", call_id="c", name="f", arguments="{}")]
CUT = [*CALL, done(0, "function_call", status="incomplete")]


@pytest.mark.parametrize(
    ("before", "response", "stopped"),
    [
        ([], {}, ev.Stopped(ev.Reason.END, "completed")),
        (CALL, {}, ev.Stopped(ev.Reason.TOOL_USE, "completed")),
        (CUT, {}, ev.Stopped(ev.Reason.MAX_OUTPUT, "completed")),
        (CALL, LIMIT, ev.Stopped(ev.Reason.MAX_OUTPUT, "max_output_tokens")),
    ],
)
def test_ends(before: list[Any], response: dict[str, Any], stopped: ev.Stopped) -> None:
    events = decode(*before, completed(**response))
    assert events[-2:] == [stopped, ev.Ended()]


def test_usage_comes_with_the_end() -> None:
    usage = {"input_tokens": 30, "input_tokens_details": {"cached_tokens": 10}}
    (reported, *_) = decode(completed(usage=usage))
    assert reported == ev.UsageReported(Usage(input_uncached=20, cache_read=10))
