"""Tools, choices, reasoning and formats: each form both ways."""

from __future__ import annotations

from typing import Any

import pytest

from cliproxy_core.base.errors import DecodeError
from cliproxy_core.dialects.openai_chat.settings import (
    emit_choice,
    emit_format,
    emit_reasoning,
    emit_tools,
    parse_choice,
    parse_format,
    parse_reasoning,
    parse_tools,
)
from cliproxy_core.ir.reasoning import Effort, ReasoningWish
from cliproxy_core.ir.request import (
    NO_EXTRAS,
    Choice,
    ChoiceMode,
    Dropped,
    Extras,
    NativeTool,
    ResponseFormat,
    Tool,
)

OWN = Extras("openai_chat", {})


@pytest.mark.parametrize(
    ("payload", "wish"),
    [
        ({}, None),
        ({"reasoning_effort": "minimal"}, ReasoningWish(effort=Effort.MINIMAL)),
        ({"reasoning_effort": "none"}, ReasoningWish(effort=Effort.NONE)),
        (
            {"reasoning": {"effort": "high", "exclude": False}},
            ReasoningWish(effort=Effort.HIGH, visible=True),
        ),
        ({"reasoning": {"max_tokens": 9}}, ReasoningWish(budget=9)),
        ({"reasoning": {"enabled": True}}, ReasoningWish(adaptive=True)),
    ],
)
def test_wishes_of_callers_both_ways(payload: Any, wish: ReasoningWish | None) -> None:
    assert parse_reasoning(payload) == wish
    if wish is not None:
        assert emit_reasoning(wish, OWN, []) == payload


def test_wishes_that_say_the_same() -> None:
    off: Any = {"reasoning": {"enabled": False, "max_tokens": 5}}
    assert parse_reasoning(off) == ReasoningWish(effort=Effort.NONE)
    assert parse_reasoning({"reasoning": {}}) is None
    both: Any = {"reasoning_effort": "low", "reasoning": {"effort": "high"}}
    assert parse_reasoning(both) == ReasoningWish(effort=Effort.HIGH)
    assert emit_reasoning(ReasoningWish(), OWN, []) == {}


@pytest.mark.parametrize(
    ("wish", "effort", "lost"),
    [
        (ReasoningWish(effort=Effort.MAX), "max", []),
        (ReasoningWish(budget=8000), "medium", [".reasoning.budget"]),
        (ReasoningWish(adaptive=True), "high", [".reasoning.adaptive"]),
        (ReasoningWish(adaptive=True, effort=Effort.LOW), "low", []),
        (ReasoningWish(visible=True), None, [".reasoning.visible"]),
    ],
)
def test_wishes_of_other_dialects(
    wish: ReasoningWish, effort: str | None, lost: list[str]
) -> None:
    losses: list[Dropped] = []
    told = emit_reasoning(wish, NO_EXTRAS, losses)
    assert told.get("reasoning_effort") == effort
    assert [drop.path for drop in losses] == lost


def test_tools_both_ways() -> None:
    raw: Any = [
        {"type": "function", "function": {"name": "f", "parameters": {}, "new": 1}},
        {"type": "web_search"},
        {"code_execution": {}},
    ]
    tools = parse_tools(raw, ".tools")
    assert isinstance(tools[0], Tool)
    assert (tools[0].name, tools[0].schema, tools[0].strict) == ("f", {}, None)
    assert tools[1:] == tuple(NativeTool("openai_chat", t) for t in raw[1:])
    assert emit_tools(tools, []) == raw


def test_tools_of_other_dialects() -> None:
    losses: list[Dropped] = []
    tools = (
        NativeTool("claude_messages", {"type": "bash"}),
        Tool(name="f", cache={"type": "ephemeral"}, extras=Extras("other", {"x": 1})),
    )
    assert emit_tools(tools, losses) == [
        {"type": "function", "function": {"name": "f"}}
    ]
    paths = [drop.path for drop in losses]
    assert paths == [".tools[0]", ".tools[1].x", ".tools[1].cache_control"]


@pytest.mark.parametrize(
    ("raw", "choice"),
    [
        ("auto", Choice(ChoiceMode.AUTO)),
        ("none", Choice(ChoiceMode.NONE)),
        ("required", Choice(ChoiceMode.REQUIRED)),
        (
            {"type": "function", "function": {"name": "f"}},
            Choice(ChoiceMode.NAMED, "f"),
        ),
    ],
)
def test_choices_both_ways(raw: Any, choice: Choice) -> None:
    assert parse_choice(raw, ".tool_choice") == choice
    assert emit_choice(choice) == raw


def test_a_choice_that_is_none() -> None:
    with pytest.raises(DecodeError, match=r"\.tool_choice\.function\.name"):
        parse_choice({"type": "function", "function": {}}, ".tool_choice")
    assert parse_choice({"type": "custom"}, ".tool_choice") is None


@pytest.mark.parametrize(
    ("raw", "wanted"),
    [
        ({"type": "text"}, ResponseFormat(type="text")),
        ({"type": "json_object"}, ResponseFormat(type="json_object")),
        (
            {
                "type": "json_schema",
                "json_schema": {"name": "n", "description": "d", "schema": {"a": 1}},
            },
            ResponseFormat(
                type="json_schema", name="n", description="d", schema={"a": 1}
            ),
        ),
    ],
)
def test_formats_both_ways(raw: Any, wanted: ResponseFormat) -> None:
    assert parse_format(raw, ".response_format") == wanted
    assert emit_format(wanted) == raw


def test_a_schema_of_other_dialects_gets_a_name() -> None:
    told = emit_format(ResponseFormat(type="json_schema", schema={}))
    assert told["json_schema"] == {"name": "answer", "schema": {}}
    assert parse_format({"type": "grammar"}, ".response_format") is None
