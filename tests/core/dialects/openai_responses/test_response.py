"""Whole answers, both ways."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import assume, given, settings

from cliproxy_core.base.errors import DecodeError
from cliproxy_core.base.jsonval import dumps, loads
from cliproxy_core.dialects.openai_responses.grammar import NAME
from cliproxy_core.dialects.openai_responses.response import (
    emit_response,
    parse_response,
    skim_response,
)
from cliproxy_core.ir import stream as ev
from cliproxy_core.ir.citation import Citation, TokenProb
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
)
from cliproxy_core.ir.response import Candidate, Response, collect
from cliproxy_core.ir.stream import Reason
from cliproxy_core.ir.usage import Usage
from tests.core.dialects.openai_responses.events import context, decode, encode
from tests.core.dialects.openai_responses.test_encode import streams

URL: Any = {
    "type": "url_citation",
    "url": "http://x",
    "title": "X",
    "start_index": 0,
    "end_index": 1,
}
PROBS = [{"token": "a", "logprob": -1, "bytes": [97], "top_logprobs": []}]
SEARCH: Any = {"type": "web_search_call", "id": "ws", "status": "completed"}


def document(*output: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "id": "resp_1",
        "object": "response",
        "created_at": 7.5,
        "status": "completed",
        "model": "m",
        "output": list(output),
        **more,
    }


def said(*content: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "message",
        "id": "msg_1",
        "role": "assistant",
        "content": [*content],
    }


def words(text: str, **more: Any) -> dict[str, Any]:
    return {"type": "output_text", "text": text, "annotations": [], **more}


def thought(*texts: str, **more: Any) -> dict[str, Any]:
    summary = [{"type": "summary_text", "text": text} for text in texts]
    return {"type": "reasoning", "id": "rs_1", "summary": summary, **more}


def parts(*output: dict[str, Any], **more: Any) -> tuple[Part, ...]:
    (candidate,) = parse_response(document(*output, **more), context()).candidates
    return candidate.parts


PARTS: dict[str, tuple[list[dict[str, Any]], list[Part]]] = {
    "words": ([said(words("a"), words("b"))], [Text("a"), Text("b")]),
    "sources": (
        [said(words("a", annotations=[URL, 7]))],
        [
            Text(
                "a",
                citations=(
                    Citation(
                        dialect=NAME, raw=URL, url="http://x", title="X", start=0, end=1
                    ),
                ),
            )
        ],
    ),
    "a refusal": ([said({"type": "refusal", "refusal": "no"})], [Refusal("no")]),
    "a part of tomorrow": ([said({"type": "hologram"})], []),
    "thoughts": ([thought("a", "", "b")], [Reasoning("a\n\nb")]),
    "thoughts in full": (
        [
            thought(
                content=[{"type": "reasoning_text", "text": "t"}], encrypted_content="e"
            )
        ],
        [Reasoning("t", Signature("e", NAME))],
    ),
    "an empty thought that is signed": (
        [thought("", encrypted_content="e")],
        [Reasoning("", Signature("e", NAME))],
    ),
    "sealed": ([thought(encrypted_content="e")], [Redacted(Signature("e", NAME))]),
    "nothing": ([thought(encrypted_content=None)], []),
    "a call": (
        [{"type": "function_call", "call_id": "c", "name": "f", "arguments": "{ }"}],
        [ToolCall(call_id="c", name="f", arguments="{ }")],
    ),
    "a custom call": (
        [
            {
                "type": "custom_tool_call",
                "call_id": "c",
                "name": "f",
                "namespace": "n",
                "input": "ls",
            }
        ],
        [
            ToolCall(
                call_id="c",
                name="f",
                arguments="ls",
                kind=ToolKind.CUSTOM,
                namespace="n",
            )
        ],
    ),
    "words without a part around them": (
        [{"type": "message", "content": "a"}],
        [Text("a")],
    ),
    "a message without words": ([{"type": "message", "content": None}], []),
    "words by another name": ([said({"type": "text", "text": "a"})], [Text("a")]),
    "a call without arguments": (
        [{"type": "function_call", "call_id": "c", "name": "f"}],
        [ToolCall(call_id="c", name="f", arguments="")],
    ),
    "a call with arguments that are no text": (
        [{"type": "function_call", "call_id": "c", "name": "f", "arguments": {"a": 1}}],
        [ToolCall(call_id="c", name="f", arguments='{"a":1}')],
    ),
    "an image": (
        [{"type": "image_generation_call", "id": "ig", "result": "aGk="}],
        [MediaPart(Media(kind=MediaKind.IMAGE, mime="image/png", data="aGk="))],
    ),
    "an image that failed": (
        [{"type": "image_generation_call", "id": "ig", "result": None}],
        [
            NativePart(
                NAME, {"type": "image_generation_call", "id": "ig", "result": None}
            )
        ],
    ),
    "an item of its own": ([SEARCH], [NativePart(NAME, SEARCH)]),
}


@pytest.mark.parametrize(("output", "expected"), PARTS.values(), ids=PARTS)
def test_parts(output: list[dict[str, Any]], expected: list[Part]) -> None:
    assert list(parts(*output)) == expected


def test_what_stands_around_the_output() -> None:
    usage = {"input_tokens": 3, "output_tokens": 2}
    response = parse_response(
        document(said(words("a", logprobs=PROBS)), usage=usage, service_tier="flex"),
        context(),
    )
    assert (response.id, response.model, response.created) == ("resp_1", "m", 7)
    assert response.usage == Usage(input_uncached=3, output=2)
    assert response.extras.fields == {"service_tier": "flex"}
    (candidate,) = response.candidates
    assert candidate.reason is Reason.END
    assert candidate.tokens == (TokenProb("a", -1, (97,)),)


def test_a_call_that_was_cut_is_told_as_such() -> None:
    call = {"type": "function_call", "name": "f", "arguments": "{", "call_id": "c"}
    for status, reason in (
        ("completed", Reason.TOOL_USE),
        ("incomplete", Reason.MAX_OUTPUT),
    ):
        response = parse_response(document({**call, "status": status}), context())
        assert response.candidates[0].reason is reason


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"status": "incomplete"}, Reason.OTHER),
        ({"status": None}, Reason.END),
        (
            {
                "status": "incomplete",
                "incomplete_details": {"reason": "max_output_tokens"},
            },
            Reason.MAX_OUTPUT,
        ),
        ({"stop_reason": "stop", "stop_sequence": "END"}, Reason.STOP_SEQUENCE),
    ],
)
def test_why_it_stopped(more: dict[str, Any], reason: Reason) -> None:
    (candidate,) = parse_response(document(**more), context()).candidates
    assert candidate.reason is reason


def test_a_call_without_an_id_gets_the_same_one_again() -> None:
    call = {"type": "function_call", "name": "f", "arguments": "{}"}
    (one,), (other,) = parts(call), parts(call)
    assert isinstance(one, ToolCall)
    assert one == other
    assert one.call_id.startswith("call_")


DEEP: Any = {}
for _ in range(300):
    DEEP = {"a": DEEP}

FAULTS: list[tuple[Any, str]] = [
    ({}, ".output"),
    ({"output": None}, ".output"),
    ({"output": 7}, ".output"),
    ({"output": [7]}, ".output[0]"),
    ({"output": [{}]}, ".output[0].type"),
    ({"output": [{"type": "message", "content": 7}]}, ".output[0].content"),
    ({"output": [{"type": "message", "content": [7]}]}, ".output[0].content[0]"),
    (
        {"output": [{"type": "message", "content": [{"type": "output_text"}]}]},
        ".output[0].content[0].text",
    ),
    (
        {"output": [{"type": "reasoning", "summary": [{}]}]},
        ".output[0].summary[0].text",
    ),
    ({"output": [{"type": "reasoning", "summary": 7}]}, ".output[0].summary"),
    (
        {"output": [{"type": "function_call", "name": "f", "arguments": [7]}]},
        ".output[0].arguments",
    ),
    (
        {"output": [{"type": "function_call", "name": "f", "arguments": DEEP}]},
        ".output[0].arguments",
    ),
    (
        {"output": [{"type": "custom_tool_call", "input": "x"}]},
        ".output[0].name",
    ),
    ({"output": [], "usage": 7}, ".usage"),
    ({"output": [], "id": 7}, ".id"),
    ({"output": [], "status": "failed"}, ".status"),
    ({"output": [], "status": "in_progress"}, ".status"),
]


@pytest.mark.parametrize(("payload", "path"), FAULTS)
def test_faults(payload: dict[str, Any], path: str) -> None:
    with pytest.raises(DecodeError) as caught:
        parse_response(payload, context())
    assert caught.value.path == path


def test_skimming_counts_tokens() -> None:
    assert skim_response(document()) is None
    usage = {"input_tokens": 3}
    assert skim_response(document(usage=usage)) == Usage(input_uncached=3)
    with pytest.raises(DecodeError):
        skim_response({"id": "resp_1"})


WHOLE = Response(
    id="r",
    model="m",
    created=7,
    candidates=(
        Candidate(
            parts=(
                Reasoning("t", Signature("s", "gemini")),
                Text("a", citations=(Citation(dialect=NAME, raw=URL),)),
                Text("b", signature=Signature("s", "gemini")),
                Text("c"),
                NativePart(NAME, SEARCH),
                MediaPart(Media(kind=MediaKind.IMAGE, mime="image/png", data="aGk=")),
                ToolCall(call_id="c", name="f", arguments='{"a":'),
            ),
            reason=Reason.MAX_OUTPUT,
            tokens=(TokenProb("a", -1, (97,)),),
        ),
    ),
    usage=Usage(input_uncached=3, cache_read=1, output=2),
)


def test_what_was_written_once_stays_as_it_is() -> None:
    first = emit_response(WHOLE, context({"temperature": 0})).payload
    read: Any = loads(dumps(first))
    again = emit_response(parse_response(read, context()), context())
    assert again.payload == first
    assert again.dropped == ()


@settings(max_examples=60, deadline=None)
@given(streams())
def test_a_stream_and_a_whole_answer_are_read_alike(events: list[ev.Event]) -> None:
    # Images have a place among the blocks once they are whole.
    assume(not any(isinstance(event, ev.MediaStarted) for event in events))
    heard = encode(*events)
    streamed = collect(decode(*heard))
    assert isinstance(streamed, Response)
    (one,) = streamed.candidates
    (other,) = parse_response(heard[-1]["response"], context()).candidates
    assert (one.reason, one.tokens) == (other.reason, other.tokens)
    assert [_without_deltas(part) for part in one.parts] == [
        _without_deltas(part) for part in other.parts
    ]


def _without_deltas(part: Part) -> Part | str:
    """A native part of a stream is the item at its opening, and how it went on."""
    return part.dialect if isinstance(part, NativePart) else part


def test_fields_of_this_api_alone_are_written_again() -> None:
    response = parse_response(document(service_tier="flex", new=[1]), context())
    payload = emit_response(response, context({"service_tier": "auto"})).payload
    assert (payload["service_tier"], payload["new"]) == ("flex", [1])


def test_what_has_no_place_is_named() -> None:
    sound = MediaPart(Media(kind=MediaKind.AUDIO, mime="audio/wav", data="aGk="))
    candidate = Candidate(parts=(sound, NativePart("gemini", {}), sound))
    response = Response(id="r", model="m", candidates=(candidate,))
    dropped = emit_response(response, context()).dropped
    assert [each.path for each in dropped] == [".media", ".media", ".native"]
