"""Tools and the choice among them, both ways."""

from __future__ import annotations

from typing import Any

import pytest

from cliproxy_core.base.errors import DecodeError
from cliproxy_core.dialects.claude_messages.rest import Rest
from cliproxy_core.dialects.claude_messages.tools import (
    emit_choice,
    emit_tools,
    parse_choice,
    parse_tool,
)
from cliproxy_core.ir.request import (
    NO_EXTRAS,
    Choice,
    ChoiceMode,
    Dropped,
    Extras,
    Hosted,
    NativeTool,
    Request,
    Tool,
    WebSearch,
)

NAME = "claude_messages"
PLACE: Any = {"type": "approximate", "city": "Rome"}
EMPTY: Any = {"type": "object", "properties": {}}
SEARCHING: Any = {
    "type": "web_search_20260209",
    "name": "web_search",
    "max_uses": 3,
    "allowed_domains": ["a.test"],
    "blocked_domains": None,
    "user_location": PLACE,
}
F, G = Tool(name="f"), Tool(name="g")
SEARCH = NativeTool("gemini", {}, Hosted.WEB_SEARCH)


def server(kind: str, name: str) -> Any:
    return {"type": kind, "name": name}


# Parsing.


def test_a_search_is_one_elsewhere_too() -> None:
    search = WebSearch(allowed_domains=("a.test",), location=PLACE, max_uses=3)
    tool = NativeTool(NAME, SEARCHING, Hosted.WEB_SEARCH, search)
    assert parse_tool(SEARCHING) == tool


@pytest.mark.parametrize(
    ("kind", "hosted"),
    [
        ("web_fetch_20250910", Hosted.WEB_FETCH),
        ("code_execution_20250825", Hosted.CODE_EXECUTION),
        ("bash_20250124", None),
        ("mcp_toolset", None),
    ],
)
def test_tools_of_the_vendor(kind: str, hosted: Hosted | None) -> None:
    tool = server(kind, "x")
    assert parse_tool(tool) == NativeTool(NAME, tool, hosted)


@pytest.mark.parametrize(
    ("tool", "path"),
    [
        ({"type": 1}, ".type"),
        ({"name": 1}, ".name"),
        ({**SEARCHING, "allowed_domains": [1]}, ".allowed_domains[0]"),
        ({**SEARCHING, "max_uses": "3"}, ".max_uses"),
        ({**SEARCHING, "user_location": "x"}, ".user_location"),
    ],
)
def test_faults_are_named(tool: Any, path: str) -> None:
    with pytest.raises(DecodeError) as caught:
        parse_tool(tool)
    assert caught.value.path == path


def test_one_of_the_vendors_own_may_be_chosen() -> None:
    # facts/02, vector 56.
    choice: Any = {"type": "tool", "name": "web_search"}
    declared = parse_tool(SEARCHING)
    rule, parallel = parse_choice(choice, (F, declared), Rest())
    assert (rule, parallel) == (
        Choice(ChoiceMode.NAMED, hosted=Hosted.WEB_SEARCH),
        None,
    )
    named = Choice(ChoiceMode.NAMED, "web_search")
    same_name = Tool(name="web_search")
    assert parse_choice(choice, (declared, same_name), Rest())[0] == named
    assert parse_choice(choice, (), Rest())[0] == named


# Emitting.


def emit(
    *tools: Tool | NativeTool,
    choice: Choice | None = None,
    parallel: bool | None = None,
    extras: Extras = NO_EXTRAS,
) -> tuple[Any, Any, list[str]]:
    """Tools, the choice, and the paths of what was dropped."""
    native = extras.dialect == NAME
    dropped: list[Dropped] = []
    request = Request(
        model="m",
        messages=(),
        tools=tools,
        choice=choice,
        parallel_tools=parallel,
        extras=extras,
    )
    written = emit_tools(request, dropped, native=native)
    rule = emit_choice(request, written, dropped, native=native)
    return written, rule, [each.path for each in dropped]


def test_a_tool_whose_name_is_none_can_stand_beside_a_choice() -> None:
    odd = NativeTool(NAME, {"type": "of_the_future", "name": {"x": 1}})
    _, rule, dropped = emit(odd, Tool(name="f"), choice=Choice(ChoiceMode.NAMED, "f"))
    assert (rule, dropped) == ({"type": "tool", "name": "f"}, [])


SETTINGS = WebSearch(
    allowed_domains=("a",), blocked_domains=("b",), context_size="low", max_uses=2
)

# fmt: off
HOSTED: list[tuple[NativeTool, Any, list[str]]] = [
    (SEARCH, server("web_search_20250305", "web_search"), []),
    (NativeTool("x", {}, Hosted.WEB_FETCH),
     server("web_fetch_20250910", "web_fetch"), []),
    (NativeTool("x", {}, Hosted.CODE_EXECUTION),
     server("code_execution_20250825", "code_execution"), []),
    (NativeTool("x", {}, Hosted.WEB_SEARCH, SETTINGS),
     {**server("web_search_20250305", "web_search"), "allowed_domains": ["a"],
      "max_uses": 2}, [".tools[0].blocked_domains", ".tools[0].context_size"]),
    (NativeTool("x", {}, Hosted.WEB_SEARCH,
                WebSearch(blocked_domains=("b",), location={"city": "Rome"})),
     {**server("web_search_20250305", "web_search"), "blocked_domains": ["b"],
      "user_location": PLACE}, []),
]
# fmt: on


@pytest.mark.parametrize(("tool", "written", "dropped"), HOSTED)
def test_tools_that_the_upstream_runs(
    tool: NativeTool, written: Any, dropped: list[str]
) -> None:
    assert emit(tool) == ([written], None, dropped)


def test_names_stand_once() -> None:
    taken = Tool(name="web_search")
    assert emit(SEARCH, taken)[2] == [".tools[0]"]
    assert emit(SEARCH, SEARCH)[2] == [".tools[1]"]


# fmt: off
SCHEMAS: list[tuple[Any, Any, list[str]]] = [
    (None,                  EMPTY, []),
    (EMPTY,                 EMPTY, []),
    ({"type": "object"},    EMPTY, []),
    ({},                    EMPTY, []),
    ({"type": "array"},     EMPTY, [".type"]),
    ({"anyOf": [{"properties": {"a": {}}}, {"properties": {"b": {}}}]},
     {"type": "object", "properties": {"a": {}, "b": {}}}, [".anyOf"]),
]
# fmt: on


@pytest.mark.parametrize(("schema", "written", "dropped"), SCHEMAS)
def test_schemas(schema: Any, written: Any, dropped: list[str]) -> None:
    tools, _, paths = emit(Tool(name="f", schema=schema))
    assert tools == [{"name": "f", "input_schema": written}]
    assert paths == [f".tools[0].input_schema{path}" for path in dropped]


AUTO, ANY, NONE = ChoiceMode.AUTO, ChoiceMode.REQUIRED, ChoiceMode.NONE
NAMED = ChoiceMode.NAMED

# fmt: off
CHOICES: list[tuple[Choice | None, bool | None, Any, list[str]]] = [
    (None,                 None,  None,                                []),
    (None,                 True,  None,                                []),
    (None,                 False,
     {"type": "auto", "disable_parallel_tool_use": True},              []),
    (Choice(AUTO),         True,  {"type": "auto"},                    []),
    (Choice(NONE),         False, {"type": "none"},                    []),
    (Choice(ANY),          False,
     {"type": "any", "disable_parallel_tool_use": True},               []),
    (Choice(NAMED, "g"),   None,  {"type": "tool", "name": "g"},       []),
    (Choice(NAMED, "x"),   None,  None,                    [".tool_choice"]),
    (Choice(NAMED, hosted=Hosted.WEB_SEARCH), None,
     {"type": "tool", "name": "web_search"},                           []),
    (Choice(NAMED, hosted=Hosted.WEB_FETCH), None, None,   [".tool_choice"]),
    (Choice(AUTO, extras=Extras("x", {"a": 1})), None,
     {"type": "auto"},                                     [".tool_choice"]),
]
# fmt: on


@pytest.mark.parametrize(("choice", "parallel", "written", "dropped"), CHOICES)
def test_choices(
    choice: Choice | None, parallel: bool | None, written: Any, dropped: list[str]
) -> None:
    _, rule, paths = emit(F, G, SEARCH, choice=choice, parallel=parallel)
    assert (rule, paths) == (written, dropped)


def test_only_allowed_tools_are_there() -> None:
    tools, rule, dropped = emit(F, G, SEARCH, choice=Choice(ANY, allowed=("f", "g")))
    assert [tool["name"] for tool in tools] == ["f", "g"]
    assert (rule, dropped) == ({"type": "any"}, [".tools[2]"])
    tools, rule, dropped = emit(F, G, choice=Choice(ANY, allowed=("g",)))
    assert [tool["name"] for tool in tools] == ["g"]
    assert (rule, dropped) == ({"type": "tool", "name": "g"}, [".tools[0]"])


def test_its_own_caller_knows_the_rules() -> None:
    own = Extras(NAME, {})
    searching = parse_tool(SEARCHING)
    rule = Choice(NAMED, hosted=Hosted.WEB_SEARCH)
    assert emit(searching, choice=rule, parallel=True, extras=own) == (
        [SEARCHING],
        {
            "type": "tool",
            "name": "web_search",
            "disable_parallel_tool_use": False,
        },
        [],
    )
    assert emit(choice=Choice(ANY), extras=own)[1:] == ({"type": "any"}, [])
