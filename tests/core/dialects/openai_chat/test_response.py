"""Whole answers: read with all the repairs of a stream, written as the vendor does."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

from cliproxy_core.base.errors import DecodeError
from cliproxy_core.base.jsonval import JsonObject
from cliproxy_core.dialects.openai_chat import DIALECT
from cliproxy_core.dialects.openai_chat.response import skim_response
from cliproxy_core.ir.citation import Citation, TokenProb
from cliproxy_core.ir.media import Media, MediaKind
from cliproxy_core.ir.reasoning import Signature
from cliproxy_core.ir.request import (
    MediaPart,
    NativePart,
    Reasoning,
    Redacted,
    Refusal,
    Text,
    ToolCall,
    ToolKind,
)
from cliproxy_core.ir.response import Candidate, Response, collect, spell_out
from cliproxy_core.ir.stream import Reason
from tests.core.dialects.openai_chat.streams import call, context, one, said

NOTE: dict[str, Any] = {
    "type": "url_citation",
    "url_citation": {"url": "u", "title": "t", "start_index": 0, "end_index": 1},
}
PROB = {"token": "hi", "logprob": -0.5, "bytes": None, "top_logprobs": []}
IMAGE = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA=="}}
ELSEWHERE = {"type": "image_url", "image_url": {"url": "https://x.test/a"}}
FREE = {"id": "b", "type": "custom", "custom": {"name": "g", "input": "x"}}

FULL: dict[str, Any] = {
    "id": "c1",
    "object": "chat.completion",
    "created": 7,
    "model": "m",
    "choices": [
        {
            "index": 0,
            "message": {
                "role": "assistant",
                "content": "hi",
                "refusal": None,
                "reasoning_content": "hm",
                "annotations": [NOTE],
                "images": [IMAGE, ELSEWHERE],
                "audio": {"id": "x", "data": "AA", "expires_at": 5, "transcript": ""},
                "tool_calls": [
                    {
                        "id": "a",
                        "type": "function",
                        "function": {"name": "f", "arguments": '{"q": 1}'},
                        "extra_content": {"google": {"thought_signature": "s"}},
                    },
                    FREE,
                ],
            },
            "logprobs": {"content": [PROB], "refusal": None},
            "finish_reason": "tool_calls",
        },
        {
            "index": 1,
            "message": {"role": "assistant", "content": None, "refusal": "no"},
            "logprobs": None,
            "finish_reason": "content_filter",
        },
    ],
    "usage": {
        "prompt_tokens": 10,
        "completion_tokens": 5,
        "total_tokens": 15,
        "prompt_tokens_details": {"cached_tokens": 4, "audio_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": 2},
    },
    "service_tier": "default",
    "system_fingerprint": "fp",
}


def test_what_was_parsed_is_given_back() -> None:
    response = DIALECT.parse_response(FULL, context())
    assert said(response.candidates) == [
        [
            "thought: hm",
            "hi",
            "MediaPart",
            "NativePart",
            "MediaPart",
            'f#a({"q": 1})',
            "g#b(x)",
            "tool_use",
        ],
        ["refused: no", "refusal"],
    ]
    assert response.usage is not None
    assert (response.usage.input_uncached, response.usage.output) == (6, 3)
    emitted = DIALECT.emit_response(response, context()).payload
    assert emitted == FULL
    assert DIALECT.parse_response(emitted, context()) == response
    _, words, *_, call_, free = response.candidates[0].parts
    assert isinstance(words, Text)
    assert [source.url for source in words.citations] == ["u"]
    assert isinstance(call_, ToolCall)
    assert call_.signature == Signature("s", "gemini")
    assert isinstance(free, ToolCall)
    assert free.kind is ToolKind.CUSTOM
    assert response.candidates[0].tokens == (TokenProb("hi", -0.5),)


def test_what_was_said_aloud_is_words() -> None:
    audio = {"id": "x", "data": "AA", "expires_at": 5, "transcript": "hi"}
    payload = answer({"role": "assistant", "content": None, "audio": audio})
    response = DIALECT.parse_response(payload, context())
    sound = MediaPart(Media(kind=MediaKind.AUDIO, data="AA"))
    words, said_aloud = sorted(response.candidates[0].parts, key=repr, reverse=True)
    assert (words, said_aloud) == (Text("hi"), sound)
    out: Any = DIALECT.emit_response(response, context()).payload
    message = out["choices"][0]["message"]
    assert (message["content"], message["audio"]) == (None, audio)


def test_what_a_stream_tells_is_what_the_document_tells() -> None:
    response = DIALECT.parse_response(FULL, context())
    sent = DIALECT.encoder(context()).feed(spell_out(response))
    legal = [(one(raw), raw) for _, raw in sent]
    streamed = collect(DIALECT.decoder(context()).feed(legal))
    assert isinstance(streamed, Response)
    (first, second), (one_, two) = response.candidates, streamed.candidates
    assert one_ == attrs.evolve(first, extras=one_.extras)
    assert two == attrs.evolve(second, extras=two.extras)


def answer(message: Any, word: Any = "stop", **more: Any) -> dict[str, Any]:
    choice = {"index": 0, "message": message, "finish_reason": word, **more}
    return {"id": "c1", "model": "m", "choices": [choice]}


@pytest.mark.parametrize(
    ("message", "word", "want"),
    [
        ({"content": "a"}, "stop", ["a", "end"]),
        ({"content": None}, None, ["end"]),
        ({"content": "a"}, "max_tokens", ["a", "max_output"]),
        ({"reasoning": "t", "content": "a"}, "", ["thought: t", "a", "end"]),
        ({"content": [{"type": "text", "text": "a"}]}, "stop", ["a", "end"]),
        (
            {"tool_calls": [call(3, {}, id="a", name="f")]},
            "stop",
            ["f#a({})", "tool_use"],
        ),
        (
            {"tool_calls": [call(None, "{", id="a", name="f")]},
            "tool_calls",
            ["f#a({)", "max_output"],
        ),
        ({"tool_calls": [call(0, "{}", id="a")]}, "stop", ["tool_0#a({})", "tool_use"]),
        (
            {"reasoning_details": [{"text": "t", "signature": "s"}, {"data": "d"}]},
            "stop",
            ["signed: t", "sealed", "end"],
        ),
    ],
)
def test_whole_answers_are_mended_too(message: Any, word: Any, want: list[str]) -> None:
    assert said(
        DIALECT.parse_response(answer(message, word), context()).candidates
    ) == [want]


def test_a_call_without_a_name_can_mean_one_tool() -> None:
    payload = answer({"tool_calls": [call(0, "{}", id="a")]}, "stop")
    only = attrs.evolve(context(), nameless="exec")
    assert said(DIALECT.parse_response(payload, only).candidates) == [
        ["exec#a({})", "tool_use"]
    ]


def test_a_made_id_is_the_same_again() -> None:
    payload = answer({"function_call": {"name": "f", "arguments": "{}"}})
    first = DIALECT.parse_response(payload, context())
    assert first == DIALECT.parse_response(payload, context())
    (part,) = first.candidates[0].parts
    assert isinstance(part, ToolCall)
    assert part.call_id.startswith("call_")


@pytest.mark.parametrize(
    ("payload", "path"),
    [
        ({}, ".choices"),
        ({"choices": []}, ".choices"),
        ({"choices": [5]}, ".choices[0]"),
        ({"choices": [{}]}, ".choices[0].message"),
        ({"choices": [], "usage": 5}, ".usage"),
        (answer({}, "error"), ".choices[0].finish_reason"),
        (answer({}, 5), ".choices[0].finish_reason"),
    ],
)
def test_a_complaint_names_the_place(payload: Any, path: str) -> None:
    with pytest.raises(DecodeError) as caught:
        DIALECT.parse_response(payload, context())
    assert caught.value.path == path


def emitted(*parts: Any, reason: Reason = Reason.END) -> dict[str, Any]:
    candidate = Candidate(parts=parts, reason=reason, native_reason="word")
    response = Response(id="", model="", candidates=(candidate,))
    payload: Any = DIALECT.emit_response(response, context()).payload
    assert payload["id"].startswith("chatcmpl-")
    assert (payload["created"], payload["model"]) == (1, "asked")
    assert "usage" not in payload
    choice: dict[str, Any] = payload["choices"][0]
    assert choice["native_finish_reason"] == "word"
    return choice


def test_an_answer_of_another_dialect() -> None:
    proof = Signature("s", "claude_messages")
    thoughts = (Reasoning("t", proof), Redacted(proof), Reasoning("u"))
    choice = emitted(*thoughts, Text("a"), Text("b"), Refusal("no"))
    assert choice["message"] == {
        "role": "assistant",
        "content": "ab",
        "refusal": "no",
        "reasoning_content": "tu",
        "reasoning_details": [
            {
                "type": "reasoning.text",
                "index": 0,
                "text": "t",
                "signature": "cliproxy1:claude_messages::s",
                "format": "anthropic-claude-v1",
            },
            {
                "type": "reasoning.encrypted",
                "index": 1,
                "data": "cliproxy1:claude_messages::s",
                "format": "anthropic-claude-v1",
            },
        ],
    }


@pytest.mark.parametrize(
    ("reason", "arguments", "word"),
    [(Reason.TOOL_USE, "{}", "tool_calls"), (Reason.MAX_OUTPUT, "", "length")],
)
def test_no_arguments_are_an_object_unless_cut(
    reason: Reason, arguments: str, word: str
) -> None:
    made = ToolCall(call_id="a", name="f", arguments="")
    choice = emitted(made, reason=reason)
    assert choice["message"]["content"] is None
    (got,) = choice["message"]["tool_calls"]
    assert got["function"]["arguments"] == arguments
    assert choice["finish_reason"] == word


def test_what_has_no_place_is_reported() -> None:
    source = Citation(dialect="claude_messages", raw={})
    placed = Citation(dialect="claude_messages", raw={}, url="u", title="t")
    parts = (
        Text("ab", citations=(source,), signature=Signature("s", "gemini")),
        Text("c", citations=(placed,)),
        NativePart("claude_messages", {"type": "server_tool_use"}),
        MediaPart(Media(kind=MediaKind.VIDEO, data="AA")),
        MediaPart(Media(kind=MediaKind.IMAGE, file_id="f")),
        MediaPart(Media(kind=MediaKind.AUDIO, data="AA")),
        MediaPart(Media(kind=MediaKind.AUDIO, data="BB")),
        NativePart("openai_chat", {"new": 1}),
    )
    response = Response(id="", model="", candidates=(Candidate(parts=parts),))
    out: Any = DIALECT.emit_response(response, context())
    at = ".choices[0].message.content"
    assert [drop.path for drop in out.dropped] == [
        f"{at}[0].citations[0]",
        f"{at}[0].signature",
        *(f"{at}[{i}]" for i in (2, 3, 4, 6, 7)),
    ]
    message = out.payload["choices"][0]["message"]
    assert message["audio"]["data"] == "AA"
    assert message["annotations"] == [
        {
            "type": "url_citation",
            "url_citation": {
                "start_index": 2,
                "end_index": 3,
                "title": "t",
                "url": "u",
            },
        }
    ]


def test_probabilities_of_a_refusal() -> None:
    tokens = (TokenProb("no", -0.5),)
    candidate = Candidate(parts=(Refusal("no"),), tokens=tokens)
    response = Response(id="", model="", candidates=(candidate,))
    out: Any = DIALECT.emit_response(response, context()).payload
    probs = {"token": "no", "logprob": -0.5, "bytes": None, "top_logprobs": []}
    assert out["choices"][0]["logprobs"] == {"content": None, "refusal": [probs]}


def test_skimming_reads_the_usage() -> None:
    usage = skim_response(
        {"choices": [{}], "usage": {"prompt_tokens": 5, "completion_tokens": 2}}
    )
    assert usage is not None
    assert (usage.input_total, usage.output_total) == (5, 2)


@pytest.mark.parametrize(
    "payload", [{}, {"choices": []}, {"choices": 1}, {"content": []}]
)
def test_skimming_refuses_what_is_no_response(payload: JsonObject) -> None:
    with pytest.raises(DecodeError):
        skim_response(payload)
