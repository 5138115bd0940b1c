"""Requests of other dialects, written as requests of this API."""

from __future__ import annotations

from typing import Any

import pydantic
import pytest
from openai.types.responses.response_create_params import ResponseCreateParams

from cliproxy_core.base.jsonval import as_object, dumps, loads
from cliproxy_core.dialects.openai_responses.request import parse_request
from cliproxy_core.dialects.openai_responses.request_emit import emit_request
from cliproxy_core.ir.citation import Citation
from cliproxy_core.ir.media import Media, MediaKind
from cliproxy_core.ir.reasoning import Effort, ReasoningWish, Signature
from cliproxy_core.ir.request import (
    Choice,
    ChoiceMode,
    Emitted,
    Extras,
    Hosted,
    MediaPart,
    Message,
    NativeTool,
    Reasoning,
    Redacted,
    Refusal,
    Request,
    ResponseFormat,
    Role,
    Sampling,
    Text,
    Tool,
    ToolCall,
    ToolKind,
    ToolResult,
    WebSearch,
)
from tests.contracts.canon import REQUESTS

NAME = "openai_responses"
HI = Message(role=Role.USER, parts=(Text("hi"),))
TOOL = Tool(name="f", schema={"type": "object", "properties": {}})
SAID: dict[str, Any] = {
    "model": "m",
    "input": [
        {
            "type": "message",
            "role": "user",
            "content": [{"type": "input_text", "text": "hi"}],
        }
    ],
    "include": ["reasoning.encrypted_content"],
    "store": False,
}


def request(**more: Any) -> Request:
    return Request(model="m", messages=(HI,), **more)


def lost(emitted: Emitted) -> list[str]:
    assert all(dropped.reason for dropped in emitted.dropped)
    return [dropped.path for dropped in emitted.dropped]


def own(payload: dict[str, Any], **more: Any) -> Request:
    return parse_request({"model": "m", "input": "hi", **payload, **more})


@pytest.mark.parametrize(
    ("neutral", "told"),
    [
        ({}, {}),
        ({"stream": True, "stream_usage": True}, {"stream": True}),
        ({"store": True}, {"store": True}),
        ({"user": "u", "metadata": {"a": "b"}}, {"user": "u", "metadata": {"a": "b"}}),
        (
            {"cache_key": "k", "cache_retention": "24h", "tier": "priority"},
            {
                "prompt_cache_key": "k",
                "prompt_cache_retention": "24h",
                "service_tier": "priority",
            },
        ),
        (
            {"sampling": Sampling(max_output=99, temperature=0, top_p=0.5)},
            {"max_output_tokens": 99, "temperature": 0, "top_p": 0.5},
        ),
        (
            {"sampling": Sampling(logprobs=True, top_logprobs=3)},
            {
                "include": [
                    "reasoning.encrypted_content",
                    "message.output_text.logprobs",
                ],
                "top_logprobs": 3,
            },
        ),
        (
            {"reasoning": ReasoningWish(effort=Effort.LOW, visible=True)},
            {"reasoning": {"effort": "low", "summary": "auto"}},
        ),
        (
            {"format": ResponseFormat(type="json_object"), "verbosity": "high"},
            {"text": {"format": {"type": "json_object"}, "verbosity": "high"}},
        ),
        ({"modalities": ("text",)}, {}),
        ({"choice": Choice(ChoiceMode.AUTO)}, {}),
        ({"choice": Choice(ChoiceMode.NONE)}, {}),
        (
            {
                "tools": (TOOL,),
                "choice": Choice(ChoiceMode.NAMED, "f"),
                "parallel_tools": False,
            },
            {
                "tools": [
                    {
                        "type": "function",
                        "name": "f",
                        "parameters": TOOL.schema,
                        "strict": False,
                    }
                ],
                "tool_choice": {"type": "function", "name": "f"},
                "parallel_tool_calls": False,
            },
        ),
        (
            {
                "tools": (NativeTool("claude_messages", {}, Hosted.WEB_SEARCH),),
                "choice": Choice(ChoiceMode.NAMED, hosted=Hosted.WEB_SEARCH),
            },
            {
                "tools": [{"type": "web_search"}],
                "tool_choice": {"type": "web_search"},
            },
        ),
    ],
)
def test_what_crosses(neutral: dict[str, Any], told: dict[str, Any]) -> None:
    emitted = emit_request(request(**neutral))
    assert emitted.payload == {**SAID, **told}
    assert lost(emitted) == []


@pytest.mark.parametrize(
    ("neutral", "paths"),
    [
        ({"sampling": Sampling(stop=("a",), top_k=1)}, [".top_k", ".stop"]),
        ({"tier": "standard_only"}, [".service_tier"]),
        ({"modalities": ("text", "audio")}, [".modalities"]),
        ({"choice": Choice(ChoiceMode.REQUIRED)}, [".tool_choice"]),
        ({"choice": Choice(ChoiceMode.NAMED, "f")}, [".tool_choice"]),
        ({"extras": Extras("other", {"x": 1, "nothing": None})}, [".x"]),
    ],
)
def test_what_does_not(neutral: dict[str, Any], paths: list[str]) -> None:
    emitted = emit_request(request(**neutral))
    assert emitted.payload == SAID
    assert lost(emitted) == paths


def test_a_choice_that_cannot_be_said_is_left_out() -> None:
    fetch = Choice(ChoiceMode.NAMED, hosted=Hosted.WEB_FETCH)
    emitted = emit_request(request(tools=(TOOL,), choice=fetch))
    assert "tool_choice" not in emitted.payload
    assert lost(emitted) == [".tool_choice"]


@pytest.mark.parametrize(
    ("origin", "known"), [("openai_chat", True), ("gemini", False)]
)
def test_files_are_known_to_their_own_store(origin: str, known: bool) -> None:
    picture = MediaPart(Media(kind=MediaKind.IMAGE, file_id="file_1"))
    message = Message(role=Role.USER, parts=(picture,), plain=False, path=".m")
    emitted = emit_request(
        Request(model="m", messages=(message,), extras=Extras(origin, {}))
    )
    assert lost(emitted) == ([] if known else [".m.content[0]"])
    assert ("file_1" in str(emitted.payload)) is known


@pytest.mark.parametrize("neutral", REQUESTS.values(), ids=list(REQUESTS))
def test_what_was_written_reads_as_itself(neutral: Request) -> None:
    first = emit_request(neutral)
    parsed = parse_request(as_object(loads(dumps(first.payload)), ""))
    again = emit_request(parsed)
    assert (again.payload, again.dropped) == (first.payload, ())
    assert parsed.stored == ()


# As the vendor's own client types it.

SDK: pydantic.TypeAdapter[Any] = pydantic.TypeAdapter(ResponseCreateParams)
SEAL = Signature("gA", NAME)
PICTURE = MediaPart(Media(kind=MediaKind.IMAGE, url="https://x/y"))
PDF = Media(kind=MediaKind.DOCUMENT, mime="application/pdf", data="AA==")
SOURCE = Citation(dialect="other", raw={}, url="https://x/y")
EVERYTHING = Request(
    model="m",
    messages=(
        Message(role=Role.SYSTEM, parts=(Text("s"),), plain=False),
        Message(
            role=Role.USER,
            parts=(Text("a"), PICTURE, MediaPart(PDF)),
            plain=False,
        ),
        Message(
            role=Role.ASSISTANT,
            parts=(
                Reasoning("hm", SEAL),
                Redacted(SEAL),
                Text("b", citations=(SOURCE,)),
                Refusal("no"),
                ToolCall(call_id="a", name="f", arguments="{}"),
                ToolCall(call_id="b", name="e", arguments="x", kind=ToolKind.CUSTOM),
            ),
            plain=False,
        ),
        Message(
            role=Role.USER,
            parts=(
                ToolResult(call_id="a", parts=(Text("1"), PICTURE), plain=False),
                ToolResult(call_id="b", parts=(Text("2"),), kind=ToolKind.CUSTOM),
            ),
            plain=False,
        ),
    ),
    stream=True,
    tools=(
        TOOL,
        Tool(name="e", kind=ToolKind.CUSTOM, format={"type": "text"}),
        NativeTool(
            "other",
            {},
            Hosted.WEB_SEARCH,
            WebSearch(allowed_domains=("a.b",), context_size="low"),
        ),
        NativeTool("other", {}, Hosted.CODE_EXECUTION),
    ),
    choice=Choice(ChoiceMode.REQUIRED, allowed=("f", "e")),
    parallel_tools=True,
    sampling=Sampling(max_output=20, temperature=1, logprobs=True, top_logprobs=2),
    reasoning=ReasoningWish(effort=Effort.XHIGH, visible=True),
    format=ResponseFormat(type="json_schema", schema={}),
    verbosity="low",
    user="u",
    metadata={"a": "b"},
    cache_key="k",
    cache_retention="24h",
    tier="flex",
)


@pytest.mark.parametrize(
    "neutral",
    [*REQUESTS.values(), EVERYTHING],
    ids=[*REQUESTS, "everything"],
)
def test_the_sdk_takes_what_is_written(neutral: Request) -> None:
    payload: Any = emit_request(neutral).payload
    for item in payload["input"]:
        if item["type"] == "reasoning":
            item["id"] = "rs_1"  # bound to what is sealed, and unknown
    SDK.validate_python(payload)


# Requests of this dialect that somebody has edited.


def test_edits_win_over_what_was_kept() -> None:
    kept = own({"stream": False, "tools": [], "reasoning": {"summary": "detailed"}})
    edited = emit_request(
        Request(
            model="n",
            messages=kept.messages,
            stream=True,
            tools=(TOOL,),
            reasoning=ReasoningWish(effort=Effort.NONE),
            extras=kept.extras,
        )
    ).payload
    assert edited == {
        "model": "n",
        "input": "hi",
        "stream": True,
        "tools": [{"type": "function", "name": "f", "parameters": TOOL.schema}],
        "reasoning": {"effort": "none"},
    }


def test_tools_of_items_that_were_edited_are_declared_beside_them() -> None:
    added = {
        "type": "additional_tools",
        "role": "developer",
        "tools": [{"type": "custom", "name": "exec"}],
    }
    kept = own({"input": [added, {"role": "user", "content": "hi"}]})
    assert "tools" not in emit_request(kept).payload
    renamed = Request(
        model="m", messages=kept.messages, tools=(TOOL,), extras=kept.extras
    )
    told = emit_request(renamed).payload["tools"]
    assert told == [{"type": "function", "name": "f", "parameters": TOOL.schema}]


def test_the_callers_document_stays_as_it_is() -> None:
    text = {"format": {"type": "json_schema", "schema": {}, "new": {"a": 1}}}
    kept = own({"text": text, "metadata": {"a": "b"}})
    emit_request(kept)
    assert text == {"format": {"type": "json_schema", "schema": {}, "new": {"a": 1}}}
    assert kept.extras.fields == {"text": {"format": {"new": {"a": 1}}}}
