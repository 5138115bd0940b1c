"""Requests: all that callers send, both ways."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cliproxy_core.base.errors import DecodeError
from cliproxy_core.dialects.openai_responses.request import parse_request
from cliproxy_core.dialects.openai_responses.request_emit import emit_request
from cliproxy_core.ir.reasoning import Effort, ReasoningWish
from cliproxy_core.ir.request import (
    Choice,
    ChoiceMode,
    Message,
    ResponseFormat,
    Role,
    Sampling,
    Text,
    Tool,
)

HI: dict[str, Any] = {"type": "message", "role": "user", "content": "hi"}
TOOL: dict[str, Any] = {
    "type": "function",
    "name": "f",
    "description": "d",
    "parameters": {"type": "object", "x-new": [1]},
    "strict": True,
}

# Every field of the vendor's inventory at once, and one that it does not have.
FULL: dict[str, Any] = {
    "access_programs": {"cyber": "standard"},
    "background": False,
    "background_options": {"completion_window": "soonest"},
    "context_management": [{"type": "compaction", "compact_threshold": 9}],
    "conversation": {"id": "conv_1"},
    "image": {"context_compression": "auto"},
    "include": [
        "reasoning.encrypted_content",
        "message.output_text.logprobs",
        "file_search_call.results",
    ],
    "input": [HI],
    "instructions": "be brief",
    "max_output_tokens": 5,
    "max_tool_calls": 3,
    "metadata": {"k": "v"},
    "model": "m",
    "moderation": {"model": "omni", "policy": {"input": {"mode": "score"}}},
    "parallel_tool_calls": False,
    "previous_response_id": "resp_1",
    "prompt": {"id": "pmpt_1", "variables": {"a": "b"}, "version": "2"},
    "prompt_cache_key": "k",
    "prompt_cache_options": {"mode": "explicit", "ttl": "30m"},
    "prompt_cache_retention": "24h",
    "reasoning": {
        "effort": "high",
        "summary": "detailed",
        "context": "auto",
        "mode": "pro",
    },
    "safety_identifier": "s",
    "service_tier": "flex",
    "store": True,
    "stream": True,
    "stream_options": {"include_obfuscation": False},
    "temperature": 0.5,
    "text": {
        "format": {
            "type": "json_schema",
            "name": "n",
            "description": "d",
            "schema": {"type": "object"},
            "strict": True,
            "new": 1,
        },
        "verbosity": "low",
        "new": 2,
    },
    "tool_choice": {"type": "function", "name": "f"},
    "tools": [TOOL],
    "top_logprobs": 2,
    "top_p": 1,
    "truncation": "auto",
    "user": "u",
    "of_the_future": {"x": [None]},
}


def there_and_back(payload: dict[str, Any]) -> dict[str, Any]:
    """What a request of this dialect becomes; it must lose nothing on the way."""
    before = copy.deepcopy(payload)
    request = parse_request(payload)
    emitted = emit_request(request)
    assert payload == before, "the caller's document stays as it is"
    assert emitted.dropped == ()
    assert parse_request(emitted.payload) == request
    return emitted.payload


def test_what_was_parsed_is_given_back() -> None:
    assert there_and_back(FULL) == FULL


@pytest.mark.parametrize("key", sorted(FULL.keys() - {"model", "input"}))
def test_absent_and_null_are_different(key: str) -> None:
    without = {k: v for k, v in FULL.items() if k != key}
    null = {**FULL, key: None}
    assert there_and_back(without) == without
    assert there_and_back(null) == null


@pytest.mark.parametrize(
    "more",
    [
        {"stream": False},
        {"tools": []},
        {"instructions": ""},
        {"input": []},
        {"input": ""},
        {"input": "hi"},
        {"include": []},
        {"include": ["message.output_text.logprobs"]},
        {"metadata": {}},
        {"reasoning": {}},
        {"reasoning": {"effort": None}},
        {"reasoning": {"summary": None}},
        {"reasoning": {"summary": "none"}},
        {"reasoning": {"summary": "auto"}},
        {"reasoning": {"generate_summary": "concise"}},
        {"reasoning": {"summary": "auto", "generate_summary": "auto"}},
        {"reasoning": {"effort": "none", "mode": "pro"}},
        {"text": {}},
        {"text": {"format": None, "verbosity": None}},
        {"text": {"format": {"type": "text"}}},
        {"text": {"format": {"type": "json_object", "new": 1}}},
        {"text": {"format": {"type": "grammar", "x": 1}}},
        {"text": {"format": {"type": "json_schema", "schema": {}, "strict": None}}},
        {"text": {"format": {"type": "json_schema", "name": "", "schema": {}}}},
        {"top_logprobs": 0},
        {"tool_choice": {"type": "mcp", "server_label": "s"}},
        {"tool_choice": {"type": "web_search_preview"}, "tools": []},
        {"tool_choice": "none", "parallel_tool_calls": True},
        {"store": False, "user": ""},
    ],
    ids=str,
)
def test_every_form_is_given_back(more: dict[str, Any]) -> None:
    payload = {"model": "m", "input": [HI], **more}
    assert there_and_back(payload) == payload


def test_fields_of_the_neutral_request() -> None:
    request = parse_request(FULL)
    assert request.model == "m"
    assert request.messages == (
        Message(role=Role.SYSTEM, parts=(Text("be brief"),), path=".instructions"),
        Message(role=Role.USER, parts=(Text("hi"),), path=".input[0]"),
    )
    assert request.stream is True
    assert request.tools == (
        Tool(name="f", description="d", schema=TOOL["parameters"], strict=True),
    )
    assert request.choice == Choice(ChoiceMode.NAMED, "f")
    assert request.parallel_tools is False
    assert request.sampling == Sampling(
        max_output=5,
        max_output_counts_reasoning=True,
        temperature=0.5,
        top_p=1,
        logprobs=True,
        top_logprobs=2,
    )
    assert request.reasoning == ReasoningWish(effort=Effort.HIGH, visible=True)
    assert request.format == ResponseFormat(
        type="json_schema",
        name="n",
        description="d",
        schema={"type": "object"},
        strict=True,
    )
    assert (request.verbosity, request.user) == ("low", "u")
    assert (request.metadata, request.store) == ({"k": "v"}, True)
    assert (request.cache_key, request.cache_retention) == ("k", "24h")
    assert request.tier == "flex"
    assert request.stored == (".previous_response_id", ".conversation", ".prompt")


def test_a_string_is_a_message_of_the_user() -> None:
    request = parse_request({"model": "m", "input": "hi"})
    said = Message(role=Role.USER, parts=(Text("hi"),), path=".input")
    assert request.messages == (said,)


def test_what_an_upstream_keeps_may_be_all_there_is() -> None:
    payload: dict[str, Any] = {"model": "m", "previous_response_id": "r"}
    assert parse_request(payload).messages == ()
    assert there_and_back(payload) == payload
    assert there_and_back({**payload, "input": None}) == {**payload, "input": None}


def test_items_that_an_upstream_keeps() -> None:
    payload: Any = {"model": "m", "input": [HI, {"id": "a"}, {**HI, "id": "b"}]}
    assert parse_request(payload).stored == (".input[1]",)
    assert there_and_back(payload) == payload


def test_tools_among_the_items_join_the_others_and_go_back_to_their_place() -> None:
    added = {
        "type": "additional_tools",
        "role": "developer",
        "tools": [TOOL, {"type": "custom", "name": "exec"}],
    }
    own = {**TOOL, "name": "own"}
    payload: Any = {"model": "m", "tools": [own], "input": [added, HI, added]}
    names = [getattr(tool, "name", None) for tool in parse_request(payload).tools]
    assert names == ["own", "f", "exec", "f", "exec"]
    assert there_and_back(payload) == payload
    alone = {"model": "m", "input": [added, HI]}
    assert there_and_back(alone) == alone


@pytest.mark.parametrize(
    ("more", "path"),
    [
        ({"model": 7}, ".model"),
        ({"input": None}, ".input"),
        ({"input": {}}, ".input"),
        ({"input": [7]}, ".input[0]"),
        ({"instructions": 7}, ".instructions"),
        ({"stream": "yes"}, ".stream"),
        ({"tools": 7}, ".tools"),
        ({"tools": [7]}, ".tools[0]"),
        ({"tool_choice": 7}, ".tool_choice"),
        ({"tool_choice": "any"}, ".tool_choice"),
        ({"parallel_tool_calls": 1}, ".parallel_tool_calls"),
        ({"max_output_tokens": "many"}, ".max_output_tokens"),
        ({"temperature": "hot"}, ".temperature"),
        ({"reasoning": {"effort": "some"}}, ".reasoning.effort"),
        ({"reasoning": {"summary": 7}}, ".reasoning.summary"),
        ({"text": {"format": {}}}, ".text.format.type"),
        ({"text": {"verbosity": 7}}, ".text.verbosity"),
        ({"include": [7]}, ".include[0]"),
        ({"metadata": []}, ".metadata"),
        ({"store": 0}, ".store"),
    ],
)
def test_a_bad_request_is_a_complaint(more: dict[str, Any], path: str) -> None:
    with pytest.raises(DecodeError) as caught:
        parse_request({"model": "m", "input": [HI], **more})
    assert caught.value.path == path


@pytest.mark.parametrize(
    ("more", "named"),
    [
        ({"include": ["reasoning.encrypted_content"]}, []),
        ({"include": ["file_search_call.results"]}, ["include"]),
        ({"stream": False, "tools": [], "truncation": None}, []),
        ({"truncation": "auto", "background": False}, ["truncation", "background"]),
    ],
    ids=str,
)
def test_only_what_is_a_loss_elsewhere_is_named(more: Any, named: Any) -> None:
    request = parse_request({"model": "m", "input": "hi", **more})
    assert list(request.extras.fields) == named


def test_without_input_or_model() -> None:
    with pytest.raises(DecodeError, match=r"\.input: required"):
        parse_request({"model": "m"})
    with pytest.raises(DecodeError, match=r"\.model: required"):
        parse_request({"input": "hi"})


# One item of each kind.
ITEMS: list[Any] = [
    {
        "type": "additional_tools",
        "role": "developer",
        "tools": [
            {
                "type": "namespace",
                "name": "n",
                "description": "d",
                "tools": [
                    {"type": "function", "name": "f", "parameters": {}},
                    {"type": "custom", "name": "e", "format": {"type": "text"}},
                ],
            },
            {
                "type": "web_search",
                "filters": {"allowed_domains": ["a"]},
                "user_location": {"type": "approximate"},
            },
        ],
    },
    {
        "role": "user",
        "content": [
            {"type": "input_text", "text": "a"},
            {"type": "input_image", "image_url": "https://x", "detail": "low"},
            {
                "type": "input_file",
                "file_data": "data:text/csv;base64,AA==",
                "filename": "a",
            },
            {"type": "input_audio", "input_audio": {"data": "AA", "format": "wav"}},
        ],
    },
    {
        "type": "reasoning",
        "id": "r",
        "summary": [{"type": "summary_text", "text": "s"}],
        "content": [{"type": "reasoning_text", "text": "t"}],
        "encrypted_content": "gA",
    },
    {
        "type": "message",
        "id": "m",
        "role": "assistant",
        "status": "completed",
        "content": [
            {
                "type": "output_text",
                "text": "a",
                "annotations": [
                    {
                        "type": "url_citation",
                        "url": "u",
                        "title": "t",
                        "start_index": 0,
                        "end_index": 1,
                    }
                ],
                "logprobs": [],
            },
            {"type": "refusal", "refusal": "no"},
        ],
    },
    {
        "type": "function_call",
        "call_id": "c",
        "name": "f",
        "namespace": "n",
        "arguments": "{}",
    },
    {"type": "custom_tool_call", "call_id": "d", "name": "e", "input": "x"},
    {"type": "image_generation_call", "id": "i", "result": "AA=="},
    {"type": "web_search_call", "id": "w", "action": {"type": "search"}},
    {
        "type": "function_call_output",
        "call_id": "c",
        "output": [{"type": "input_text", "text": "1"}],
    },
    {"type": "custom_tool_call_output", "call_id": "d", "output": "2"},
    {"type": "item_reference", "id": "x"},
]
WHOLE: dict[str, Any] = {
    **FULL,
    "input": ITEMS,
    "tool_choice": {
        "type": "allowed_tools",
        "mode": "auto",
        "tools": [{"type": "function", "name": "f"}],
    },
}
INSTEAD: list[Any] = [None, True, 0, "", "x", [], {}, ["a"], [None], {"type": "x"}]
Place = tuple[str | int, ...]


def places(value: Any, at: Place = ()) -> Iterator[Place]:
    """Where there is anything in a document."""
    inner: Any = value.items() if isinstance(value, dict) else ()
    for key, member in enumerate(value) if isinstance(value, list) else inner:
        yield (*at, key)
        yield from places(member, (*at, key))


def changed(place: Place) -> Iterator[dict[str, Any]]:
    """The document without what is there, and with other things in its place."""
    for instead in [..., *INSTEAD]:
        payload = copy.deepcopy(WHOLE)
        holder: Any = payload
        for key in place[:-1]:
            holder = holder[key]
        if instead is ...:
            del holder[place[-1]]
        else:
            holder[place[-1]] = instead
        yield payload


@pytest.mark.parametrize("place", list(places(WHOLE)), ids=str)
def test_any_one_change_is_given_back_or_complained_of(place: Place) -> None:
    for payload in changed(place):
        if complaint(payload) is None:
            assert there_and_back(payload) == payload


# Whatever JSON comes: a request that is given back as it was, or a complaint.

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 2) | st.sampled_from(["", "a", "auto"]),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from(["type", "name", "id"]), inner, max_size=2)
    ),
    max_leaves=4,
)
MARK = st.none() | st.just({"type": "ephemeral"})
PART = st.fixed_dictionaries(
    {
        "type": st.sampled_from(["input_text", "output_text", "refusal", "new"]),
        "text": st.just("a"),
        "refusal": st.just("b"),
    },
    optional={"annotations": st.none() | st.just([]), "cache_control": MARK, "x": JSON},
)
CONTENT = st.just("said") | st.lists(PART, max_size=2)
MADE = ["message", "reasoning", "function_call", "custom_tool_call", "program"]
TYPE = st.sampled_from(
    [*MADE, *MADE, "image_generation_call", "function_call_output", "new"]
)
ITEM = st.builds(
    lambda fields, mute: {**fields, **mute},
    st.fixed_dictionaries(
        {
            "type": TYPE,
            "role": st.sampled_from(["user", "assistant", "assistant", "developer"]),
            "content": CONTENT,
            "call_id": st.just("c"),
            "name": st.just("f"),
            "arguments": st.just("{}"),
            "input": st.just(""),
            "output": CONTENT,
        },
        optional={
            "id": JSON,
            "result": st.none() | st.just("AA=="),
            "status": JSON,
            "summary": st.just([{"type": "summary_text", "text": "s"}]) | st.just([]),
            "encrypted_content": st.sampled_from(["", "gAAA", None]),
            "namespace": st.none() | st.just("n"),
            "cache_control": MARK,
        },
    ),
    st.sampled_from([{}, {"x": 1}, {"result": 7}]),
).map(
    lambda item: {**item, "content": []} if item["type"] == "reasoning" else item,
)


def complaint(payload: dict[str, Any]) -> DecodeError | None:
    """What parsing has to say against a request; it always knows the place."""
    try:
        parse_request(payload)
    except DecodeError as error:
        told = error
    else:
        return None
    assert told.path.startswith(".")
    assert told.reason
    return told


@settings(max_examples=300)
@given(st.lists(ITEM, max_size=6))
def test_any_items_are_given_back_or_complained_of(items: list[Any]) -> None:
    payload = {"model": "m", "input": items}
    if complaint(payload) is None:
        assert there_and_back(payload) == payload


@settings(max_examples=200)
@given(
    st.dictionaries(
        st.sampled_from([*FULL, "tool_choice", "text", "tools", "input"]),
        JSON,
        max_size=5,
    )
)
def test_any_fields_are_given_back_or_complained_of(fields: dict[str, Any]) -> None:
    payload = {"model": "m", "input": "hi", **fields}
    if complaint(payload) is None:
        assert there_and_back(payload) == payload
