"""Requests: all that callers send, both ways, and what other dialects lose here."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

from cliproxy_core.base.errors import DecodeError
from cliproxy_core.dialects.openai_chat import DIALECT
from cliproxy_core.ir.request import (
    Choice,
    ChoiceMode,
    Extras,
    Message,
    Request,
    Role,
    Sampling,
    Text,
)

HI: dict[str, Any] = {"role": "user", "content": "hi"}
TOOL: dict[str, Any] = {
    "type": "function",
    "function": {
        "name": "f",
        "description": "d",
        "parameters": {"type": "object", "x-new": [1]},
        "strict": True,
        "parametersJsonSchema": {},
    },
    "cache_control": {"type": "ephemeral"},
}

# Everything at once; emitting what was parsed gives it back.
FULL: dict[str, Any] = {
    "model": "m",
    "messages": [
        {"role": "system", "content": "be brief"},
        {"role": "developer", "content": [{"type": "text", "text": "d"}], "name": "x"},
        {
            "role": "user",
            "content": [
                {
                    "type": "text",
                    "text": "look",
                    "cache_control": {"type": "ephemeral"},
                    "prompt_cache_breakpoint": {"mode": "explicit"},
                },
                {
                    "type": "image_url",
                    "image_url": {"url": "data:image/png;base64,AA==", "detail": "low"},
                },
                {"type": "image_url", "image_url": {"url": "https://x/y.png"}},
                {"type": "input_audio", "input_audio": {"data": "AA", "format": "mp3"}},
                {"type": "file", "file": {"filename": "a.pdf", "file_id": "file-1"}},
                {
                    "type": "video_url",
                    "video_url": {"url": "https://x/y", "fps": 2},
                },
                {"type": "of_the_future", "x": 1},
            ],
            "moderation": 1,
        },
        {
            "role": "assistant",
            "content": None,
            "reasoning_content": "hm",
            "tool_calls": [
                {
                    "id": "a",
                    "type": "function",
                    "function": {"name": "f", "arguments": '{ "q": 1 }'},
                    "extra_content": {"google": {"thought_signature": "s"}},
                },
                {"id": "b", "type": "custom", "custom": {"name": "g", "input": "x"}},
            ],
        },
        {"role": "tool", "tool_call_id": "a", "content": "1"},
        {
            "role": "tool",
            "tool_call_id": "b",
            "content": [{"type": "text", "text": "2"}],
        },
        {
            "role": "assistant",
            "content": "done",
            "refusal": "but",
            "audio": {"id": "z"},
        },
        {"role": "function", "name": "old", "content": "3"},
        {"role": "user", "content": "go", "cache_control": {"type": "ephemeral"}},
    ],
    "stream": True,
    "stream_options": {"include_usage": True, "include_obfuscation": False},
    "tools": [TOOL, {"type": "web_search"}, {"google_search": {}}],
    "tool_choice": {"type": "function", "function": {"name": "f"}},
    "parallel_tool_calls": False,
    "max_completion_tokens": 5,
    "temperature": 0.5,
    "top_p": 1,
    "top_k": 3,
    "stop": ["a", "b"],
    "seed": 1,
    "presence_penalty": 0.1,
    "frequency_penalty": 0,
    "n": 2,
    "reasoning": {"max_tokens": 100, "exclude": True, "summary": "auto"},
    "response_format": {
        "type": "json_schema",
        "json_schema": {"name": "n", "schema": {"type": "object"}, "strict": True},
    },
    "user": "u",
    "metadata": {"k": "v"},
    "service_tier": "flex",
}


def test_what_was_parsed_is_given_back() -> None:
    request = DIALECT.parse_request(FULL)
    emitted = DIALECT.emit_request(request)
    assert emitted.payload == FULL
    assert emitted.dropped == ()
    assert DIALECT.parse_request(emitted.payload) == request


@pytest.mark.parametrize(
    "choice",
    [
        "auto",
        "none",
        "required",
        {"type": "function", "function": {"name": "f"}},
        {"type": "custom", "custom": {"name": "f"}},
        {"type": "allowed_tools", "allowed_tools": {"mode": "auto", "tools": []}},
    ],
)
def test_every_choice_is_given_back(choice: Any) -> None:
    payload = {"model": "m", "messages": [HI], "tool_choice": choice}
    emitted = DIALECT.emit_request(DIALECT.parse_request(payload))
    assert emitted.payload == payload


def test_fields_of_the_neutral_request() -> None:
    request = DIALECT.parse_request(
        {
            "model": "m",
            "messages": [HI],
            "stop": "x",
            "max_tokens": 1,
            "stream_options": None,
            "tools": None,
            "user": None,
            "stream": None,
        }
    )
    assert request == Request(
        model="m",
        messages=(Message(role=Role.USER, parts=(Text("hi"),), path=".messages[0]"),),
        sampling=Sampling(max_output=1, stop=("x",)),
        extras=Extras("openai_chat", {}),
    )
    assert DIALECT.emit_request(request).payload["max_tokens"] == 1


def test_a_stream_is_always_counted() -> None:
    request = DIALECT.parse_request({"model": "m", "messages": [HI], "stream": True})
    assert request.stream_usage is None
    emitted = DIALECT.emit_request(request)
    assert emitted.payload["stream_options"] == {"include_usage": True}


def test_what_others_say_and_this_api_does_not() -> None:
    request = Request(
        model="m",
        messages=(Message(role=Role.USER, parts=(Text("hi"),)),),
        choice=Choice(ChoiceMode.NONE),
        sampling=Sampling(top_k=3, max_output=9),
        extras=Extras("claude_messages", {"container": 1}),
    )
    emitted = DIALECT.emit_request(request)
    assert emitted.payload == {
        "model": "m",
        "messages": [HI],
        "tool_choice": "none",
        "max_tokens": 9,
    }
    assert [drop.path for drop in emitted.dropped] == [".container", ".top_k"]


# What is wrong -> where.
WRONG: list[tuple[dict[str, Any], str]] = [
    ({"model": None}, ".model"),
    ({"messages": "x"}, ".messages"),
    ({"messages": [5]}, ".messages[0]"),
    ({"messages": [{"content": "x"}]}, ".messages[0].role"),
    ({"messages": [{"role": "root", "content": "x"}]}, ".messages[0].role"),
    ({"messages": [HI, {"role": "user"}]}, ".messages[1].content"),
    ({"messages": [{"role": "user", "content": 5}]}, ".messages[0].content"),
    (
        {"messages": [HI, {"role": "user", "content": [{"text": "x"}]}]},
        ".messages[1].content[0].type",
    ),
    (
        {"messages": [{"role": "user", "content": [{"type": "text"}]}]},
        ".messages[0].content[0].text",
    ),
    ({"stream": "yes"}, ".stream"),
    ({"stop": [1]}, ".stop[0]"),
    ({"temperature": "hot"}, ".temperature"),
    ({"max_tokens": 1.5}, ".max_tokens"),
    ({"tools": [{"type": "function"}]}, ".tools[0].function"),
    ({"tool_choice": "maybe"}, ".tool_choice"),
    ({"response_format": {}}, ".response_format.type"),
    ({"reasoning_effort": "much"}, ".reasoning_effort"),
    ({"stream_options": {"include_usage": 1}}, ".stream_options.include_usage"),
]


@pytest.mark.parametrize(("wrong", "path"), WRONG, ids=[path for _, path in WRONG])
def test_a_complaint_names_the_place(wrong: dict[str, Any], path: str) -> None:
    with pytest.raises(DecodeError) as caught:
        DIALECT.parse_request({"model": "m", "messages": [HI], **wrong})
    assert caught.value.path == path


def test_a_model_is_needed() -> None:
    with pytest.raises(DecodeError, match=r"\.model: required"):
        DIALECT.parse_request({"messages": [HI]})


def test_everything_at_once_from_elsewhere_is_reported() -> None:
    """The same request tagged as another dialect's: all it cannot say is listed."""
    request = DIALECT.parse_request(FULL)
    foreign = attrs.evolve(request, extras=Extras("other", request.extras.fields))
    paths = {drop.path for drop in DIALECT.emit_request(foreign).dropped}
    assert {".metadata", ".service_tier", ".top_k", ".reasoning.budget"} <= paths
