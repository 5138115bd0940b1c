"""Requests of this API, read; and read again after they were written."""

from __future__ import annotations

from typing import Any

import pytest

from cliproxy_core.base.errors import DecodeError
from cliproxy_core.dialects.claude_messages.request import parse_request
from cliproxy_core.dialects.claude_messages.request_emit import emit_request
from cliproxy_core.ir.reasoning import Effort, ReasoningWish
from cliproxy_core.ir.request import (
    Choice,
    ChoiceMode,
    Extras,
    NativePart,
    NativeTool,
    Request,
    ResponseFormat,
    Role,
    Sampling,
    Text,
    Tool,
)

NAME = "claude_messages"
LEAST: Any = {"model": "m", "max_tokens": 9, "messages": []}
CACHE: Any = {"type": "ephemeral", "ttl": "1h"}


def parse(**fields: Any) -> Request:
    """Read a request; writing it and reading it again gives the same."""
    request = parse_request({**LEAST, **fields})
    emitted = emit_request(request)
    assert emitted.dropped == ()
    assert parse_request(emitted.payload) == request
    assert emit_request(parse_request(emitted.payload)) == emitted
    return request


def test_the_least() -> None:
    assert parse() == Request(
        model="m",
        messages=(),
        sampling=Sampling(max_output=9),
        extras=Extras(NAME, {}),
    )


def test_everything_that_is_a_number_or_a_flag() -> None:
    request = parse(
        stream=True, temperature=0.5, top_p=1, top_k=3, stop_sequences=["a", "b"]
    )
    assert request.stream
    assert request.sampling == Sampling(
        max_output=9, temperature=0.5, top_p=1, top_k=3, stop=("a", "b")
    )


def test_nulls_are_as_good_as_nothing() -> None:
    names = ("system", "tools", "tool_choice", "thinking", "output_config", "top_k")
    assert parse(**dict.fromkeys(names)) == parse()


def test_system_text() -> None:
    (plain,) = parse(system="be kind").messages
    assert (plain.role, plain.plain, plain.path) == (Role.SYSTEM, True, ".system")
    assert plain.parts == (Text("be kind", extras=Extras(NAME, {})),)
    block = {"type": "text", "text": "x", "cache_control": CACHE, "new": 1}
    (blocks,) = parse(system=[block]).messages
    assert not blocks.plain
    assert blocks.parts == (Text("x", CACHE, Extras(NAME, {"new": 1})),)
    assert parse(system=[]).messages[0].parts == ()


def test_turns_stay_where_they_are() -> None:
    turns = [
        {"role": "user", "content": "a"},
        {"role": "user", "content": [{"type": "text", "text": "b"}], "new": 1},
        {"role": "system", "content": "c"},
        {"role": "assistant", "content": []},
    ]
    request = parse(messages=turns, system="s")
    assert [message.role.value for message in request.messages] == [
        "system",
        "user",
        "user",
        "system",
        "assistant",
    ]
    assert request.messages[2].extras == Extras(NAME, {"new": 1})
    assert request.messages[3].path == ".messages[2]"
    assert emit_request(request).payload["messages"] == turns


def test_unknown_blocks_stay_as_they_are() -> None:
    block = {"type": "search_result", "source": "s", "cache_control": CACHE}
    request = parse(messages=[{"role": "user", "content": [block]}])
    assert request.messages[0].parts == (NativePart(NAME, block),)


def test_tools() -> None:
    plain = {"name": "f", "input_schema": {"anyOf": [1]}}
    full = {
        **plain,
        "type": "custom",
        "description": "d",
        "strict": True,
        "cache_control": CACHE,
        "defer_loading": True,
    }
    server: Any = {"type": "web_search_20250305", "name": "web_search", "max_uses": 3}
    request = parse(tools=[plain, full, server])
    assert request.tools == (
        Tool(name="f", schema={"anyOf": [1]}, extras=Extras(NAME, {})),
        Tool(
            name="f",
            description="d",
            schema={"anyOf": [1]},
            strict=True,
            cache=CACHE,
            extras=Extras(NAME, {"type": "custom", "defer_loading": True}),
        ),
        NativeTool(NAME, server),
    )
    assert emit_request(request).payload["tools"] == [plain, full, server]


@pytest.mark.parametrize(
    ("choice", "meant", "parallel"),
    [
        ({"type": "auto"}, Choice(ChoiceMode.AUTO), None),
        ({"type": "none"}, Choice(ChoiceMode.NONE), None),
        (
            {"type": "any", "disable_parallel_tool_use": True},
            Choice(ChoiceMode.REQUIRED),
            False,
        ),
        (
            {"type": "tool", "name": "f", "disable_parallel_tool_use": False},
            Choice(ChoiceMode.NAMED, "f"),
            True,
        ),
    ],
)
def test_tool_choice(choice: Any, meant: Choice, parallel: bool | None) -> None:
    request = parse(tool_choice=choice)
    assert (request.choice, request.parallel_tools) == (meant, parallel)
    assert emit_request(request).payload["tool_choice"] == choice


def test_the_unknown_part_of_a_choice_is_kept() -> None:
    choice = {"type": "auto", "new": 1}
    request = parse(tool_choice=choice)
    assert request.extras.fields == {"tool_choice": {"new": 1}}
    assert emit_request(request).payload["tool_choice"] == choice


ENABLED: Any = {"type": "enabled", "budget_tokens": 2048}


@pytest.mark.parametrize(
    ("fields", "wish", "extras"),
    [
        ({"thinking": {"type": "disabled"}}, ReasoningWish(effort=Effort.NONE), {}),
        ({"thinking": ENABLED}, ReasoningWish(budget=2048), {}),
        (
            {"thinking": {**ENABLED, "display": "omitted", "new": 1}},
            ReasoningWish(budget=2048, visible=False),
            {"thinking": {"new": 1}},
        ),
        (
            {
                "thinking": {"type": "adaptive", "display": "summarized"},
                "output_config": {"effort": "max"},
            },
            ReasoningWish(effort=Effort.MAX, adaptive=True, visible=True),
            {},
        ),
        (
            {"thinking": ENABLED, "output_config": {"effort": "low", "new": 1}},
            ReasoningWish(budget=2048, effort=Effort.LOW),
            {"output_config": {"new": 1}},
        ),
        ({"output_config": {"effort": "low"}}, ReasoningWish(effort=Effort.LOW), {}),
        (
            {"thinking": {"type": "disabled"}, "output_config": {"effort": "low"}},
            ReasoningWish(effort=Effort.NONE),
            {"output_config": {"effort": "low"}},
        ),
        (
            {
                "thinking": {"type": "between_tools"},
                "output_config": {"effort": "low"},
            },
            None,
            {
                "thinking": {"type": "between_tools"},
                "output_config": {"effort": "low"},
            },
        ),
    ],
)
def test_thinking(fields: Any, wish: ReasoningWish | None, extras: Any) -> None:
    request = parse(**fields)
    assert request.reasoning == wish
    assert request.extras.fields == extras
    payload = emit_request(request).payload
    assert {key: payload[key] for key in fields} == fields


def test_the_shape_of_the_answer() -> None:
    shape = {"type": "json_schema", "schema": {"type": "object"}}
    request = parse(output_config={"format": shape, "effort": "high"})
    assert request.format == ResponseFormat(
        type="json_schema", schema={"type": "object"}
    )
    assert emit_request(request).payload["output_config"] == {
        "format": shape,
        "effort": "high",
    }
    future = {"type": "grammar", "text": "x"}
    request = parse(output_config={"format": future})
    assert request.format is None
    assert request.extras.fields == {"output_config": {"format": future}}
    more: Any = {**shape, "new": 1}
    payload = emit_request(parse_request({**LEAST, "output_config": {"format": more}}))
    assert payload.payload["output_config"] == {"format": more}


def test_who_asks() -> None:
    assert parse(metadata={"user_id": "u"}).user == "u"
    request = parse(metadata={"user_id": None, "new": 1})
    assert request.user is None
    assert request.extras.fields == {"metadata": {"new": 1}}
    request = parse(metadata={"user_id": "u", "new": 1})
    assert emit_request(request).payload["metadata"] == {"user_id": "u", "new": 1}


def test_what_only_this_api_knows() -> None:
    fields: Any = {
        "thread": {"type": "create"},
        "container": "c",
        "mcp_servers": [],
        "context_management": None,
        "cache_control": CACHE,
        "service_tier": "auto",
    }
    request = parse(**fields)
    assert request.extras == Extras(NAME, fields)


def turn(content: Any) -> Any:
    return {"messages": [{"role": "user", "content": content}]}


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"model": None}, ".model"),
        ({"messages": {}}, ".messages"),
        ({"messages": [1]}, ".messages[0]"),
        ({"messages": [{"content": "x"}]}, ".messages[0].role"),
        ({"messages": [{"role": "tool", "content": "x"}]}, ".messages[0].role"),
        ({"messages": [{"role": "user"}]}, ".messages[0].content"),
        (turn(1), ".messages[0].content"),
        (turn([{}]), ".messages[0].content[0].type"),
        (turn([{"type": "text"}]), ".messages[0].content[0].text"),
        ({"system": 1}, ".system"),
        ({"system": [{"type": "text"}]}, ".system[0].text"),
        ({"max_tokens": "9"}, ".max_tokens"),
        ({"stream": 1}, ".stream"),
        ({"stop_sequences": [1]}, ".stop_sequences[0]"),
        ({"tools": [{}]}, ".tools[0].name"),
        ({"tools": [{"name": "f", "input_schema": 1}]}, ".tools[0].input_schema"),
        ({"tool_choice": {"type": "some"}}, ".tool_choice.type"),
        ({"tool_choice": {"type": "tool"}}, ".tool_choice.name"),
        ({"thinking": {}}, ".thinking.type"),
        ({"thinking": {"type": "enabled"}}, ".thinking.budget_tokens"),
        ({"thinking": {**ENABLED, "display": "x"}}, ".thinking.display"),
        ({"output_config": {"effort": "none"}}, ".output_config.effort"),
        ({"output_config": {"format": {}}}, ".output_config.format.type"),
        (
            {"output_config": {"format": {"type": "json_schema"}}},
            ".output_config.format.schema",
        ),
        ({"metadata": {"user_id": 1}}, ".metadata.user_id"),
    ],
)
def test_faults_are_named(fields: Any, path: str) -> None:
    with pytest.raises(DecodeError) as caught:
        parse_request({**LEAST, **fields})
    assert caught.value.path == path


@pytest.mark.parametrize("name", ["model", "messages"])
def test_what_must_be_there(name: str) -> None:
    with pytest.raises(DecodeError, match="required"):
        parse_request({key: value for key, value in LEAST.items() if key != name})
