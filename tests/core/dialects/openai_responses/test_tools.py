"""Tools: each form both ways, and what other dialects' tools become."""

from __future__ import annotations

from typing import Any

import pytest

from cliproxy_core.base.errors import DecodeError
from cliproxy_core.dialects.openai_responses.parts import kept
from cliproxy_core.dialects.openai_responses.parts_emit import Writer
from cliproxy_core.dialects.openai_responses.tools import (
    LIMITS,
    emit_tools,
    hosted_of,
    parse_tools,
)
from cliproxy_core.ir.request import (
    Extras,
    Hosted,
    NativeTool,
    Tool,
    ToolKind,
    WebSearch,
)

NAME = "openai_responses"
GRAMMAR: Any = {"type": "grammar", "syntax": "lark", "definition": "start: /x/"}
FUNCTION: dict[str, Any] = {
    "type": "function",
    "name": "f",
    "description": "d",
    "parameters": {"type": "object"},
    "strict": False,
    "defer_loading": True,
    "output_schema": None,
}
CUSTOM: dict[str, Any] = {"type": "custom", "name": "exec", "format": GRAMMAR}
BARE: dict[str, Any] = {
    "type": "function",
    "name": "g",
    "parameters": None,
    "strict": None,
}
LOCATION: Any = {"type": "approximate", "country": "DE"}
SEARCH: dict[str, Any] = {
    "type": "web_search",
    "filters": {"allowed_domains": ["a.b"]},
    "user_location": LOCATION,
    "search_context_size": "low",
}


def own() -> Writer:
    return Writer(own=True)


def group(name: str, *tools: Any, **more: Any) -> dict[str, Any]:
    return {"type": "namespace", "name": name, "tools": list(tools), **more}


@pytest.mark.parametrize(
    "tools",
    [
        [FUNCTION, CUSTOM, BARE],
        [{**CUSTOM, "format": None, "description": "d", "cache_control": {"a": 1}}],
        [{**FUNCTION, "cache_control": {"type": "ephemeral"}}],
        [group("n", FUNCTION, CUSTOM, description="about", new=1), BARE],
        [group("n", FUNCTION), group("n", CUSTOM), group("m", BARE)],
        [group("n", FUNCTION), BARE, group("n", CUSTOM)],
        [group("n")],
        [group("n", {"type": "of_the_future"}, FUNCTION)],
        [group("n", {**FUNCTION, "namespace": "odd"})],
        [{**FUNCTION, "namespace": "odd"}],
        [SEARCH, {**SEARCH, "type": "web_search_preview_2025_03_11", "filters": None}],
        [{"type": "web_search", "external_web_access": False}],
        [{"type": "code_interpreter", "container": "c"}],
        [{"type": "mcp", "server_label": "s"}, {"type": "image_generation"}],
    ],
)
def test_every_tool_is_given_back(tools: list[Any]) -> None:
    writer = own()
    assert emit_tools(parse_tools(tools, ".tools"), writer) == tools
    assert writer.dropped == []


def test_functions_and_custom_tools() -> None:
    function, custom = parse_tools([FUNCTION, CUSTOM], ".tools")
    assert function == Tool(
        name="f",
        description="d",
        schema={"type": "object"},
        strict=False,
        extras=kept({"defer_loading": True, "output_schema": None}),
    )
    assert custom == Tool(name="exec", kind=ToolKind.CUSTOM, format=GRAMMAR)


def test_the_tools_of_a_namespace_know_it() -> None:
    tools = parse_tools([group("n", FUNCTION, CUSTOM, description="d"), BARE], "")
    named = [(t.name, t.namespace) for t in tools if isinstance(t, Tool)]
    assert named == [("f", "n"), ("exec", "n"), ("g", None)]
    without_first = emit_tools(tools[1:2], own())
    assert without_first == [group("n", CUSTOM, description="n")]


@pytest.mark.parametrize(
    ("tool", "hosted", "search"),
    [
        (
            SEARCH,
            Hosted.WEB_SEARCH,
            WebSearch(allowed_domains=("a.b",), location=LOCATION, context_size="low"),
        ),
        ({"type": "web_search_preview"}, Hosted.WEB_SEARCH, WebSearch()),
        ({"type": "web_search", "external_web_access": False}, None, None),
        ({"type": "code_interpreter"}, Hosted.CODE_EXECUTION, None),
        ({"type": "file_search"}, None, None),
    ],
)
def test_tools_of_the_upstreams_own(
    tool: Any, hosted: Hosted | None, search: WebSearch | None
) -> None:
    assert parse_tools([tool], "") == (NativeTool(NAME, tool, hosted, search),)


@pytest.mark.parametrize(
    ("tool", "path"),
    [
        (7, "[0]"),
        ({}, "[0].type"),
        ({"type": "function"}, "[0].name"),
        ({"type": "function", "name": "f", "parameters": []}, "[0].parameters"),
        ({"type": "function", "name": "f", "strict": 1}, "[0].strict"),
        ({"type": "custom", "name": "f", "format": "x"}, "[0].format"),
        ({"type": "namespace", "name": "n"}, "[0].tools"),
        (group("n", 7), "[0].tools[0]"),
        (group("n", FUNCTION, {"type": "custom"}), "[0].tools[1].name"),
        ({"type": "web_search", "filters": 7}, "[0].filters"),
        (
            {"type": "web_search", "filters": {"allowed_domains": ["a", 7]}},
            "[0].filters.allowed_domains[1]",
        ),
    ],
    ids=str,
)
def test_a_bad_tool_is_a_complaint(tool: Any, path: str) -> None:
    with pytest.raises(DecodeError) as caught:
        parse_tools([tool], ".tools")
    assert caught.value.path == f".tools{path}"


@pytest.mark.parametrize(
    ("schema", "told"),
    [
        (None, {"type": "object", "properties": {}}),
        ({}, {"type": "object", "properties": {}}),
        ({"type": "object"}, {"type": "object", "properties": {}}),
        ({"properties": {"a": {}}}, {"properties": {"a": {}}, "type": "object"}),
        (
            {"type": "object", "properties": {}, "$schema": "x"},
            {"type": "object", "properties": {}, "$schema": "x"},
        ),
        ({"type": ["object", "null"]}, {"type": ["object", "null"]}),
    ],
)
def test_functions_of_other_dialects_are_not_strict_unless_they_say_so(
    schema: Any, told: Any
) -> None:
    writer = Writer(own=False)
    tools = (Tool(name="f", schema=schema), Tool(name="g", strict=True))
    first, second = emit_tools(tools, writer)
    assert first == {
        "type": "function",
        "name": "f",
        "parameters": told,
        "strict": False,
    }
    assert isinstance(second, dict)
    assert second["strict"] is True
    assert writer.dropped == []


def test_tools_that_upstreams_run_cross_where_this_one_has_them() -> None:
    writer = Writer(own=False)
    search = WebSearch(
        allowed_domains=("a.b",),
        blocked_domains=("c.d",),
        location=LOCATION,
        max_uses=3,
        context_size="low",
    )
    tools = (
        NativeTool("claude_messages", {}, Hosted.WEB_SEARCH, search),
        NativeTool("gemini", {}, Hosted.WEB_SEARCH),
        NativeTool("gemini", {}, Hosted.CODE_EXECUTION),
        NativeTool("gemini", {}, Hosted.WEB_FETCH),
        NativeTool("gemini", {}),
        Tool(name="f", cache={"type": "ephemeral"}, extras=Extras("other", {"x": 1})),
    )
    assert emit_tools(tools, writer)[:3] == [
        SEARCH,
        {"type": "web_search"},
        {"type": "code_interpreter", "container": {"type": "auto"}},
    ]
    assert [dropped.path for dropped in writer.dropped] == [
        ".tools[0].blocked_domains",
        ".tools[0].max_uses",
        ".tools[3]",
        ".tools[4]",
        ".tools[5].x",
        ".tools[5].cache_control",
    ]


def test_limits() -> None:
    assert LIMITS.name.fullmatch("a_B-9")
    assert not LIMITS.name.fullmatch("a.b")
    assert LIMITS.call_id.fullmatch("functions.f:0")
    assert (LIMITS.name_length, LIMITS.call_id_length) == (64, 64)
    assert LIMITS.custom
    assert LIMITS.namespaces
    assert hosted_of("web_search_2025_08_26") is Hosted.WEB_SEARCH
