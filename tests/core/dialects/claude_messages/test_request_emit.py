"""Requests of other dialects, written for this API."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

from cliproxy_core.dialects.claude_messages.request_emit import emit_request
from cliproxy_core.ir.reasoning import Effort, ReasoningWish
from cliproxy_core.ir.request import (
    Choice,
    ChoiceMode,
    Extras,
    Message,
    NativeTool,
    Request,
    ResponseFormat,
    Role,
    Sampling,
    Text,
    Tool,
)

NAME = "claude_messages"
HI = Message(role=Role.USER, parts=(Text("hi"),))
LEAST = Request(model="m", messages=(HI,), sampling=Sampling(max_output=9))
EMPTY: Any = {"type": "object", "properties": {}}
TOOL = Tool(name="f")
AUTO, NONE = Choice(ChoiceMode.AUTO), Choice(ChoiceMode.NONE)
ANY, ONE = Choice(ChoiceMode.REQUIRED), Choice(ChoiceMode.NAMED, "f")
NATIVE = Extras(NAME, {})


def emit(**fields: Any) -> tuple[Any, list[str]]:
    """What was written beside the least, and the paths of what was dropped."""
    emitted = emit_request(attrs.evolve(LEAST, **fields))
    least = emit_request(LEAST).payload
    more = {k: v for k, v in emitted.payload.items() if least.get(k) != v}
    assert all(each.reason for each in emitted.dropped)
    return more, [each.path for each in emitted.dropped]


def test_the_least() -> None:
    emitted = emit_request(LEAST)
    assert emitted.payload == {
        "model": "m",
        "max_tokens": 9,
        "messages": [{"role": "user", "content": [{"type": "text", "text": "hi"}]}],
    }
    assert emitted.dropped == ()


# fmt: off
SETTINGS: list[tuple[dict[str, Any], Any, list[str]]] = [
    ({"stream": True},                      {"stream": True},             []),
    ({"user": "u"},                         {"metadata": {"user_id": "u"}}, []),
    ({"sampling": Sampling()},              {"max_tokens": 32000},        []),
    ({"extras": Extras("x", {"a": 1, "b": None})}, {},                    [".a"]),
    ({"metadata": {"a": "b"}},              {},                  [".metadata.a"]),
    ({"metadata": {"user_id": "u", "a": "b"}}, {"metadata": {"user_id": "u"}},
     [".metadata.a"]),
    ({"metadata": {"user_id": "u"}, "user": "v"}, {"metadata": {"user_id": "v"}},
     [".metadata.user_id"]),
    ({"metadata": {"user_id": "u"}, "user": "u"}, {"metadata": {"user_id": "u"}}, []),
    ({"tier": "priority"},                  {"speed": "fast"},            []),
    ({"tier": "fast"},                      {"speed": "fast"},            []),
    ({"tier": "auto"},                      {"service_tier": "auto"},     []),
    ({"tier": "default"},                   {"service_tier": "standard_only"}, []),
    ({"tier": "flex"},                      {},              [".service_tier"]),
    ({"verbosity": "low"},                  {},              [".verbosity"]),
    ({"modalities": ("text",)},             {},              []),
    ({"modalities": ("text", "audio")},     {},              [".modalities"]),
    ({"cache_key": "k", "cache_retention": "24h"}, {},
     [".prompt_cache_key", ".prompt_cache_retention"]),
    ({"store": False},                      {},              []),
    ({"store": True},                       {},              [".store"]),
    ({"sampling": Sampling(max_output=9, logprobs=True, top_logprobs=2)}, {},
     [".logprobs", ".top_logprobs"]),
    ({"sampling": Sampling(max_output=9, logprobs=False)},     {},        []),
    ({"format": ResponseFormat(type="text")},        {},          []),
    ({"format": ResponseFormat(type="json_object")}, {},          [".format"]),
    ({"format": ResponseFormat(type="json_schema", schema={}, strict=True)},
     {"output_config": {"format": {"type": "json_schema", "schema": {}}}}, []),
    ({"format": ResponseFormat(type="json_schema", schema={}, strict=False,
                               name="n", description="d")},
     {"output_config": {"format": {"type": "json_schema", "schema": {}}}},
     [".format.name", ".format.description", ".format.strict"]),
    ({"tools": (TOOL,)},  {"tools": [{"name": "f", "input_schema": EMPTY}]}, []),
    ({"tools": (NativeTool("x", {}),)},              {},          [".tools[0]"]),
    ({"tools": (NativeTool(NAME, {"type": "w"}),)},  {"tools": [{"type": "w"}]}, []),
    ({"tools": (Tool(name="f", extras=Extras("x", {"a": 1})),)},
     {"tools": [{"name": "f", "input_schema": EMPTY}]},               [".tools[0].a"]),
    ({"choice": ANY},                       {},                       [".tool_choice"]),
    ({"choice": AUTO},                      {},                           []),
    ({"parallel_tools": False},             {},                           []),
]
# fmt: on


@pytest.mark.parametrize(("fields", "written", "dropped"), SETTINGS)
def test_settings(fields: Any, written: Any, dropped: list[str]) -> None:
    assert emit(**fields) == (written, dropped)


def test_every_field_of_a_tool() -> None:
    cache: Any = {"type": "ephemeral"}
    schema: Any = {"type": "object", "properties": {"a": {}}}
    tool = Tool(name="f", description="d", schema=schema, strict=True, cache=cache)
    assert emit(tools=(tool,))[0]["tools"] == [
        {
            "name": "f",
            "description": "d",
            "input_schema": schema,
            "strict": True,
            "cache_control": cache,
        }
    ]


# fmt: off
SAMPLING: list[tuple[Sampling, Any, list[str]]] = [
    (Sampling(temperature=0.2, top_p=0.8, top_k=3),
     {"top_p": 0.8, "top_k": 3},                            [".temperature"]),
    (Sampling(temperature=0.2, top_p=1), {"temperature": 0.2}, [".top_p"]),
    (Sampling(temperature=1.5), {"temperature": 1},         [".temperature"]),
    (Sampling(temperature=0),   {"temperature": 0},         []),
    (Sampling(stop=("a", " ")), {"stop_sequences": ["a"]},  [".stop"]),
    (Sampling(count=1),         {},                         []),
    (Sampling(seed=0, presence_penalty=0, frequency_penalty=1, count=2), {},
     [".seed", ".presence_penalty", ".frequency_penalty", ".n"]),
]
# fmt: on


@pytest.mark.parametrize(("sampling", "written", "dropped"), SAMPLING)
def test_sampling(sampling: Sampling, written: Any, dropped: list[str]) -> None:
    sampling = attrs.evolve(sampling, max_output=9)
    assert emit(sampling=sampling) == (written, dropped)


# fmt: off
CHOICES: list[tuple[Choice | None, bool | None, Any]] = [
    (None, None,  None),
    (None, True,  None),
    (None, False, {"type": "auto", "disable_parallel_tool_use": True}),
    (AUTO, None,  {"type": "auto"}),
    (AUTO, True,  {"type": "auto"}),
    (ANY,  False, {"type": "any", "disable_parallel_tool_use": True}),
    (ONE,  None,  {"type": "tool", "name": "f"}),
    (NONE, False, {"type": "none"}),
]
# fmt: on


@pytest.mark.parametrize(("choice", "parallel", "written"), CHOICES)
def test_tool_choice(
    choice: Choice | None, parallel: bool | None, written: Any
) -> None:
    more, dropped = emit(tools=(TOOL,), choice=choice, parallel_tools=parallel)
    assert more.get("tool_choice") == written
    assert dropped == []


def enabled(budget: int) -> Any:
    return {"type": "enabled", "budget_tokens": budget}


DISABLED: Any = {"type": "disabled"}
ADAPTIVE: Any = {"type": "adaptive"}
R = ".reasoning"

# fmt: off
WISHES: list[tuple[ReasoningWish, int, Any, Any, list[str]]] = [
    # what is wished, max_tokens, thinking, effort, dropped
    (ReasoningWish(effort=Effort.HIGH),    64000, enabled(24576), None,   []),
    (ReasoningWish(effort=Effort.LOW),     64000, enabled(1024),  None,   []),
    (ReasoningWish(effort=Effort.MINIMAL), 64000, enabled(1024),  None,   [R]),
    (ReasoningWish(effort=Effort.XHIGH),   32000, enabled(31999), None,   [R]),
    (ReasoningWish(effort=Effort.HIGH),    1024,  None,           None,   [R]),
    (ReasoningWish(effort=Effort.NONE),    64000, DISABLED,       None,   []),
    (ReasoningWish(budget=2000),           64000, enabled(2000),  None,   []),
    (ReasoningWish(budget=0),              64000, DISABLED,       None,   []),
    (ReasoningWish(adaptive=True),         64000, ADAPTIVE,       None,   []),
    (ReasoningWish(adaptive=True, effort=Effort.MAX), 64000, ADAPTIVE, "max", []),
    (ReasoningWish(adaptive=True, effort=Effort.MINIMAL), 64000, ADAPTIVE, "low",
     [".reasoning.effort"]),
    (ReasoningWish(budget=2000, visible=True), 64000,
     {**enabled(2000), "display": "summarized"}, None, []),
    (ReasoningWish(adaptive=True, visible=False), 64000,
     {**ADAPTIVE, "display": "omitted"}, None, []),
    (ReasoningWish(visible=True),          64000, None,           None,
     [".reasoning.visible"]),
]
# fmt: on


@pytest.mark.parametrize(("wish", "most", "thinking", "effort", "dropped"), WISHES)
def test_thinking(
    wish: ReasoningWish, most: int, thinking: Any, effort: Any, dropped: list[str]
) -> None:
    more, paths = emit(reasoning=wish, sampling=Sampling(max_output=most))
    assert more.get("thinking") == thinking
    assert more.get("output_config", {}).get("effort") == effort
    assert paths == dropped


def test_effort_joins_the_format() -> None:
    shape = ResponseFormat(type="json_schema", schema={})
    wish = ReasoningWish(adaptive=True, effort=Effort.LOW)
    assert emit(format=shape, reasoning=wish)[0]["output_config"] == {
        "format": {"type": "json_schema", "schema": {}},
        "effort": "low",
    }


def test_what_thinking_excludes() -> None:
    sampling = Sampling(max_output=9000, top_p=0.5, top_k=3)
    wish = ReasoningWish(budget=2000)
    more, dropped = emit(reasoning=wish, sampling=sampling)
    assert more == {"max_tokens": 9000, "thinking": enabled(2000)}
    assert dropped == [".top_k", ".top_p"]
    sampling = Sampling(max_output=9000, temperature=0.5)
    assert emit(reasoning=wish, sampling=sampling)[1] == [".temperature"]
    for sampling in (
        Sampling(max_output=9000, temperature=1),
        Sampling(max_output=9000, top_p=0.95),
    ):
        assert emit(reasoning=wish, sampling=sampling)[1] == []


@pytest.mark.parametrize("choice", [ANY, ONE])
def test_a_forced_call_excludes_thinking(choice: Choice) -> None:
    sampling = Sampling(max_output=9000, temperature=0.5)
    wish = ReasoningWish(budget=2000)
    more, dropped = emit(
        tools=(TOOL,), choice=choice, reasoning=wish, sampling=sampling
    )
    assert "thinking" not in more
    assert more["temperature"] == 0.5
    assert dropped == [".reasoning"]


def test_a_caller_of_this_dialect_knows_the_rules() -> None:
    sampling = Sampling(max_output=9, temperature=1.5, stop=(" ",))
    wish = ReasoningWish(budget=2000)
    more, dropped = emit(extras=NATIVE, sampling=sampling, reasoning=wish, choice=ANY)
    assert more["temperature"] == 1.5
    assert more["stop_sequences"] == [" "]
    assert more["thinking"] == enabled(2000)
    assert more["tool_choice"] == {"type": "any"}
    assert dropped == []


def test_what_only_this_dialect_knows_comes_back() -> None:
    schema: Any = {"anyOf": [1]}
    tool = Tool(name="f", schema=schema, extras=Extras(NAME, {"defer_loading": True}))
    rest: Any = {
        "container": "c",
        "metadata": {"new": 1},
        "output_config": {"format": {"new": 2}, "new": 3},
        "model": "never",
    }
    shape = ResponseFormat(type="json_schema", schema={})
    more, dropped = emit(
        extras=Extras(NAME, rest), user="u", format=shape, tools=(tool,)
    )
    assert more["container"] == "c"
    assert more["metadata"] == {"user_id": "u", "new": 1}
    assert more["output_config"] == {
        "format": {"type": "json_schema", "schema": {}, "new": 2},
        "new": 3,
    }
    assert more["tools"] == [
        {"name": "f", "input_schema": schema, "defer_loading": True}
    ]
    assert "model" not in more
    assert dropped == []


def test_what_says_nothing_goes_to_its_own_dialect_only() -> None:
    silent: Any = {"tools": [], "stream": False, "metadata": {}}
    assert emit(extras=Extras(NAME, {}, silent))[0] == {
        **silent,
        "messages": [{"role": "user", "content": "hi"}],
    }
    assert emit(extras=Extras("x", {}, silent)) == ({}, [])


def test_a_limit_that_was_not_set_is_not_made_up_for_its_own_dialect() -> None:
    request = attrs.evolve(LEAST, sampling=Sampling(), extras=NATIVE)
    assert "max_tokens" not in emit_request(request).payload
    nothing = attrs.evolve(request, sampling=Sampling(max_output=0))
    assert emit_request(nothing).payload["max_tokens"] == 0


def test_marks_for_the_cache_are_four_at_most() -> None:
    cache: Any = {"type": "ephemeral"}
    parts = tuple(Text(word, cache) for word in "abcde")
    more, dropped = emit(messages=(Message(role=Role.USER, parts=parts),))
    marks = ["cache_control" in block for block in more["messages"][0]["content"]]
    assert marks == [False, True, True, True, True]
    assert dropped == [".messages[0].content[0].cache_control"]
