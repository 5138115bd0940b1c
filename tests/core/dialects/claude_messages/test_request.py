"""Requests of this API, read; and read again after they were written."""

from __future__ import annotations

import contextlib
import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest

from cliproxy_core.base.errors import DecodeError
from cliproxy_core.base.jsonval import loads_exact, write
from cliproxy_core.dialects.claude_messages.request import parse_request
from cliproxy_core.dialects.claude_messages.request_emit import emit_request
from cliproxy_core.ir.reasoning import Effort, ReasoningWish, Signature
from cliproxy_core.ir.request import (
    Choice,
    ChoiceMode,
    Extras,
    Hosted,
    NativePart,
    NativeTool,
    Request,
    ResponseFormat,
    Role,
    Sampling,
    Text,
    Tool,
    ToolCall,
    WebSearch,
)

NAME = "claude_messages"
FULL_REQUEST = Path(__file__).with_name("full_request.json")
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


def test_what_says_nothing_is_kept_apart() -> None:
    """Other dialects lose nothing with it."""
    names = ("system", "tools", "tool_choice", "thinking", "output_config", "top_k")
    empty: Any = {"stream": False, "stop_sequences": [], "speed": "standard"}
    fields = {**dict.fromkeys(names), **empty}
    request = parse(**fields)
    assert request.extras == Extras(NAME, {}, fields)
    assert attrs.evolve(request, extras=Extras(NAME, {})) == parse()
    assert emit_request(request).payload == {**LEAST, **fields}
    nothing: list[Any] = ["", []]
    for system in nothing:
        assert parse(system=system).messages == ()


def test_system_text() -> None:
    (plain,) = parse(system="be kind").messages
    assert (plain.role, plain.plain, plain.path) == (Role.SYSTEM, True, ".system")
    assert plain.parts == (Text("be kind", extras=Extras(NAME, {})),)
    block = {"type": "text", "text": "x", "cache_control": CACHE, "new": 1}
    (blocks,) = parse(system=[block]).messages
    assert not blocks.plain
    assert blocks.parts == (Text("x", CACHE, Extras(NAME, {"new": 1})),)
    header: Any = {"type": "text", "text": "x-anthropic-billing-header: a=b"}
    (system,) = parse(system=[header, block]).messages
    assert system.parts[0] == NativePart(NAME, header)


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
            extras=Extras(NAME, {"defer_loading": True}, {"type": "custom"}),
        ),
        NativeTool(NAME, server, Hosted.WEB_SEARCH, WebSearch(max_uses=3)),
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
        "cache_control": CACHE,
    }
    request = parse(**fields, context_management=None)
    assert request.extras == Extras(NAME, fields, {"context_management": None})
    assert request.stored == ()


def test_a_thread_that_goes_on_is_not_in_the_request() -> None:
    thread = {"type": "continue", "previous_message_id": "msg_1"}
    assert parse(thread=thread).stored == (".thread",)


# fmt: off
TIERS: list[tuple[dict[str, Any], str | None, dict[str, Any]]] = [
    ({"service_tier": "auto"},                           "auto",     {}),
    ({"service_tier": "standard_only"},                  "default",  {}),
    ({"service_tier": "standard"},                       None,
     {"service_tier": "standard"}),
    ({"service_tier": True},                             None, {"service_tier": True}),
    ({"service_tier": "priority"},                       "priority", {}),
    ({"service_tier": "fast", "speed": "fast"},          "priority", {}),
    ({"speed": "fast"},                                  "priority", {}),
    ({"speed": "fast", "service_tier": "auto"},          "priority",
     {"service_tier": "auto"}),
    ({"speed": "warp"},                                  None, {"speed": "warp"}),
]
# fmt: on


@pytest.mark.parametrize(("fields", "tier", "extras"), TIERS)
def test_tiers(fields: Any, tier: str | None, extras: Any) -> None:
    request = parse(**fields)
    assert (request.tier, request.extras.fields) == (tier, extras)
    assert emit_request(request).payload == {**LEAST, **fields}


FULL: Any = loads_exact(FULL_REQUEST.read_bytes())


def test_a_request_with_everything_comes_back_as_it_was() -> None:
    request = parse_request(FULL)
    emitted = emit_request(request)
    assert emitted.dropped == ()
    assert write(emitted.payload) == write(ordered(FULL, emitted.payload))
    assert request.stored == (".thread",)


def ordered(value: Any, like: Any) -> Any:
    """The same with the members of objects in another's order."""
    if isinstance(value, dict) and isinstance(like, dict):
        assert value.keys() == like.keys()
        return {key: ordered(value[key], like[key]) for key in like}
    if isinstance(value, list) and isinstance(like, list):
        return [ordered(a, b) for a, b in zip(value, like, strict=True)]
    return value


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in a document."""
    for key in value if isinstance(value, dict) else ():
        yield (*path, key)
        yield from places(value[key], (*path, key))
    for at, inner in enumerate(value if isinstance(value, list) else ()):
        yield (*path, at)
        yield from places(inner, (*path, at))


ANYTHING: list[Any] = [None, "", [], {}, 0, False, "x", [1], {"type": "x"}]


@pytest.mark.parametrize("value", ANYTHING, ids=repr)
def test_whatever_stands_anywhere_comes_back_or_is_complained_of(value: Any) -> None:
    for path in places(FULL):
        if path[-1] in ("signature", "data") and path[0] == "messages":
            continue  # thinking that nobody vouches for stays here
        document = copy.deepcopy(FULL)
        holder = document
        for step in path[:-1]:
            holder = holder[step]
        holder[path[-1]] = value
        try:
            request = parse_request(document)
        except DecodeError as error:
            assert error.path.startswith(".")  # noqa: PT017 - most are accepted
        else:
            assert emit_request(request).payload == document, path


def test_what_is_absent_stays_absent() -> None:
    for path in places(FULL):
        document = copy.deepcopy(FULL)
        holder = document
        for step in path[:-1]:
            holder = holder[step]
        if path[-1] == "signature":
            continue
        del holder[path[-1]]
        with contextlib.suppress(DecodeError):
            assert emit_request(parse_request(document)).payload == document, path


def test_carriers_are_bound_in_the_turn_that_they_stand_in() -> None:
    carrier = {"type": "thinking", "thinking": "", "signature": "cliproxy1:g:next:s"}
    use = {"type": "tool_use", "id": "t", "name": "f", "input": {}}
    turns: Any = [
        {"role": "assistant", "content": [carrier]},
        {"role": "assistant", "content": [carrier, use]},
    ]
    first, second = parse_request({**LEAST, "messages": turns}).messages
    assert first.parts == ()
    (call,) = second.parts
    assert isinstance(call, ToolCall)
    assert call.signature == Signature("s", "g")


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
