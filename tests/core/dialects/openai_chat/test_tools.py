"""Tools and the rule about them: each form both ways, and what others mean by them."""

from __future__ import annotations

from typing import Any

import pytest

from cliproxy_core.base.errors import DecodeError
from cliproxy_core.dialects.openai_chat.tools import (
    emit_choice,
    emit_tools,
    parse_choice,
    parse_tools,
)
from cliproxy_core.ir.request import (
    Choice,
    ChoiceMode,
    Dropped,
    Extras,
    Hosted,
    NativeTool,
    Tool,
    ToolKind,
    WebSearch,
)

GRAMMAR: dict[str, Any] = {"type": "grammar", "syntax": "lark", "definition": "d"}
ODD: dict[str, Any] = {"model": "x", "web_search_options": {}}
NESTED = {"type": "grammar", "grammar": {"syntax": "lark", "definition": "d"}}
ROME: dict[str, Any] = {"type": "approximate", "city": "Rome"}


def function(**fields: Any) -> dict[str, Any]:
    return {"type": "function", "function": fields}


def custom(**fields: Any) -> dict[str, Any]:
    return {"type": "custom", "custom": fields}


@pytest.mark.parametrize(
    ("raw", "tool"),
    [
        (
            function(name="f", description="d", parameters={}, strict=False),
            Tool(name="f", description="d", schema={}, strict=False),
        ),
        (
            function(name="f", new=1),
            Tool(name="f", extras=Extras("openai_chat", {"function": {"new": 1}})),
        ),
        (
            custom(name="f", description="d", format={"type": "text"}),
            Tool(
                name="f",
                description="d",
                kind=ToolKind.CUSTOM,
                format={"type": "text"},
            ),
        ),
        (
            custom(name="f", format=NESTED, new=1),
            Tool(
                name="f",
                kind=ToolKind.CUSTOM,
                format=GRAMMAR,
                extras=Extras("openai_chat", {"custom": {"new": 1}}),
            ),
        ),
        ({"type": "bash"}, NativeTool("openai_chat", {"type": "bash"})),
        (ODD, NativeTool("openai_chat", ODD)),
        (
            {"code_execution": {}},
            NativeTool("openai_chat", {"code_execution": {}}, Hosted.CODE_EXECUTION),
        ),
        (
            {"url_context": {}},
            NativeTool("openai_chat", {"url_context": {}}, Hosted.WEB_FETCH),
        ),
        (
            {"google_search": {"exclude_domains": ["x"]}},
            NativeTool(
                "openai_chat",
                {"google_search": {"exclude_domains": ["x"]}},
                Hosted.WEB_SEARCH,
                WebSearch(blocked_domains=("x",)),
            ),
        ),
        (
            {
                "type": "web_search_preview",
                "user_location": ROME,
                "search_context_size": "low",
                "filters": {"allowed_domains": ["x", 5]},
            },
            NativeTool(
                "openai_chat",
                {
                    "type": "web_search_preview",
                    "user_location": ROME,
                    "search_context_size": "low",
                    "filters": {"allowed_domains": ["x", 5]},
                },
                Hosted.WEB_SEARCH,
                WebSearch(allowed_domains=("x",), location=ROME, context_size="low"),
            ),
        ),
    ],
)
def test_a_tool_both_ways(raw: Any, tool: Tool | NativeTool) -> None:
    assert parse_tools({"tools": [raw]}) == (tool,)
    assert emit_tools([tool], []) == {"tools": [raw]}


@pytest.mark.parametrize(
    ("raw", "tool"),
    [
        ({"function": {"name": "f"}}, Tool(name="f")),
        (
            function(name="f", parametersJsonSchema={"a": 1}),
            Tool(name="f", schema={"a": 1}),
        ),
        (
            function(name="f", parameters={}, parametersJsonSchema={"a": 1}),
            Tool(
                name="f",
                schema={},
                extras=Extras(
                    "openai_chat", {"function": {"parametersJsonSchema": {"a": 1}}}
                ),
            ),
        ),
        (
            function(name="f", cache_control={"type": "ephemeral"}, new=1),
            Tool(
                name="f",
                cache={"type": "ephemeral"},
                extras=Extras("openai_chat", {"function": {"new": 1}}),
            ),
        ),
        (
            {"type": "custom", "name": "f", "format": GRAMMAR, "new": 1},
            Tool(
                name="f",
                kind=ToolKind.CUSTOM,
                format=GRAMMAR,
                extras=Extras("openai_chat", {"new": 1}),
            ),
        ),
    ],
)
def test_other_spellings(raw: Any, tool: Tool) -> None:
    assert parse_tools({"tools": [raw]}) == (tool,)


def test_the_deprecated_list_and_the_search_beside_the_tools() -> None:
    options: Any = {
        "search_context_size": "high",
        "user_location": {"type": "approximate", "approximate": {"city": "Rome"}},
    }
    tools = parse_tools(
        {"functions": [{"name": "f", "new": 1}], "web_search_options": options}
    )
    search = WebSearch(location=ROME, context_size="high")
    own = NativeTool(
        "openai_chat", {"web_search_options": options}, Hosted.WEB_SEARCH, search
    )
    assert tools == (
        Tool(name="f", extras=Extras("openai_chat", {"function": {"new": 1}})),
        own,
    )
    foreign = NativeTool("gemini", {"googleSearch": {}}, Hosted.WEB_SEARCH, search)
    for tool in (own, foreign):
        assert emit_tools([tool], []) == {"web_search_options": options}


def test_tools_of_other_dialects() -> None:
    losses: list[Dropped] = []
    search = WebSearch(allowed_domains=("x",), blocked_domains=("y",), max_uses=3)
    tools = (
        NativeTool("claude_messages", {"type": "bash"}),
        Tool(name="f", cache={"type": "ephemeral"}, extras=Extras("other", {"x": 1})),
        NativeTool("gemini", {"codeExecution": {}}, Hosted.CODE_EXECUTION),
        NativeTool("claude_messages", {}, Hosted.WEB_SEARCH, search),
    )
    assert emit_tools(tools, losses) == {
        "tools": [function(name="f")],
        "web_search_options": {},
    }
    assert [drop.path for drop in losses] == [
        ".tools[0]",
        ".tools[1].x",
        ".tools[1].cache_control",
        ".tools[2]",
        ".tools[3].allowed_domains",
        ".tools[3].blocked_domains",
        ".tools[3].max_uses",
    ]


def allowed(mode: str, *tools: Any) -> dict[str, Any]:
    inner = {"mode": mode, "tools": list(tools)}
    return {"type": "allowed_tools", "allowed_tools": inner}


FREE = Tool(name="g", kind=ToolKind.CUSTOM)


@pytest.mark.parametrize(
    ("raw", "choice"),
    [
        ("auto", Choice(ChoiceMode.AUTO)),
        ("none", Choice(ChoiceMode.NONE)),
        ("required", Choice(ChoiceMode.REQUIRED)),
        (function(name="f"), Choice(ChoiceMode.NAMED, "f")),
        (custom(name="g"), Choice(ChoiceMode.NAMED, "g")),
        (
            allowed("required", function(name="f"), custom(name="g")),
            Choice(ChoiceMode.REQUIRED, allowed=("f", "g")),
        ),
        (
            allowed("auto", function(name="f"), {"type": "web_search"}),
            Choice(
                ChoiceMode.AUTO,
                allowed=("f",),
                extras=Extras(
                    "openai_chat", {"allowed_tools": [{"type": "web_search"}]}
                ),
            ),
        ),
        (
            {"type": "web_search"},
            Choice(
                ChoiceMode.NAMED,
                hosted=Hosted.WEB_SEARCH,
                extras=Extras("openai_chat", {}, {"type": "web_search"}),
            ),
        ),
    ],
)
def test_choices_both_ways(raw: Any, choice: Choice) -> None:
    assert parse_choice({"tool_choice": raw}) == choice
    assert emit_choice(choice, [Tool(name="f"), FREE], []) == raw


@pytest.mark.parametrize(
    ("payload", "choice"),
    [
        ({}, None),
        ({"tool_choice": {"type": "of_the_future"}}, None),
        ({"function_call": "none"}, Choice(ChoiceMode.NONE)),
        ({"function_call": {"name": "f"}}, Choice(ChoiceMode.NAMED, "f")),
        (
            {
                "tool_choice": {
                    "type": "allowed_tools",
                    "mode": "auto",
                    "tools": [{"type": "function", "name": "f"}],
                }
            },
            Choice(ChoiceMode.AUTO, allowed=("f",)),
        ),
    ],
)
def test_other_spellings_of_choices(payload: Any, choice: Choice | None) -> None:
    assert parse_choice(payload) == choice


def test_a_tool_of_the_upstream_cannot_be_demanded() -> None:
    losses: list[Dropped] = []
    choice = Choice(ChoiceMode.NAMED, hosted=Hosted.WEB_SEARCH)
    assert emit_choice(choice, [], losses) is None
    assert [drop.path for drop in losses] == [".tool_choice"]


@pytest.mark.parametrize(
    ("payload", "path"),
    [
        ({"tools": [{"type": 5}]}, ".tools[0].type"),
        ({"tools": [custom()]}, ".tools[0].custom.name"),
        ({"tools": [{"type": "custom"}]}, ".tools[0].name"),
        (
            {"tools": [custom(name="f", format={"grammar": 1})]},
            ".tools[0].custom.format.grammar",
        ),
        ({"functions": [5]}, ".functions[0]"),
        (
            {"web_search_options": {"user_location": 1}},
            ".web_search_options.user_location",
        ),
    ],
)
def test_complaints_about_tools(payload: Any, path: str) -> None:
    with pytest.raises(DecodeError) as caught:
        parse_tools(payload)
    assert caught.value.path == path


@pytest.mark.parametrize(
    ("choice", "path"),
    [
        ("maybe", ""),
        (5, ""),
        ({"type": "function", "function": {}}, ".function.name"),
        ({"type": "allowed_tools", "allowed_tools": 5}, ".allowed_tools"),
        (allowed("never"), ".allowed_tools.mode"),
        (allowed("auto", 5), ".allowed_tools.tools[0]"),
    ],
)
def test_complaints_about_choices(choice: Any, path: str) -> None:
    with pytest.raises(DecodeError) as caught:
        parse_choice({"tool_choice": choice})
    assert caught.value.path == f".tool_choice{path}"


@pytest.mark.parametrize(
    ("schema", "written"),
    [
        ({}, {"type": "object", "properties": {}}),
        ({"type": "object"}, {"type": "object", "properties": {}}),
        (
            {"type": "object", "properties": {"a": {"type": "object"}}},
            {"type": "object", "properties": {"a": {"type": "object"}}},
        ),
        ({"type": "string"}, {"type": "string"}),
    ],
)
def test_arguments_of_others_have_properties(schema: Any, written: Any) -> None:
    tool = Tool(name="f", schema=schema)
    told = [function(name="f", parameters=written)]
    assert emit_tools([tool], [], own=False) == {"tools": told}
    assert emit_tools([tool], []) == {"tools": [function(name="f", parameters=schema)]}
