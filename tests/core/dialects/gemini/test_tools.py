"""Tools, the choice among them, and what this API takes of them."""

from __future__ import annotations

from typing import Any

import pytest

from cliproxy_core.base.errors import DecodeError
from cliproxy_core.dialects.gemini.parts_emit import Writer
from cliproxy_core.dialects.gemini.tools import (
    LIMITS,
    emit_choice,
    emit_tools,
    parse_choice,
    parse_tools,
)
from cliproxy_core.ir.request import (
    Choice,
    ChoiceMode,
    Extras,
    Hosted,
    NativeTool,
    Tool,
    WebSearch,
)

NAME = "gemini"
SCHEMA: Any = {"type": "object", "properties": {"x": {"type": "integer"}}}
OPENAPI: Any = {"type": "OBJECT", "properties": {"x": {"type": "INTEGER"}}}
FUNCTION = Tool(name="f", description="d", schema=SCHEMA)
SEARCH = NativeTool(NAME, {"googleSearch": {}}, Hosted.WEB_SEARCH, WebSearch())


def function(**more: Any) -> Any:
    return {"name": "f", "description": "d", **more}


def functions(*declared: Any) -> Any:
    return {"functionDeclarations": list(declared)}


def native(key: str, inner: Any, hosted: Hosted | None = None) -> NativeTool:
    return NativeTool(NAME, {key: inner}, hosted)


def hosted(kind: Hosted | None, search: WebSearch | None = None) -> NativeTool:
    return NativeTool("other", {"type": "x"}, kind, search)


# fmt: off
SAME: list[tuple[Any, list[Any]]] = [
    ([], []),
    ([functions(function(parametersJsonSchema=SCHEMA))], [FUNCTION]),
    ([functions({"name": "f"}, {"name": "g"})], [Tool(name="f"), Tool(name="g")]),
    ([functions(function(parametersJsonSchema=SCHEMA, behavior="BLOCKING"))],
     [Tool(name="f", description="d", schema=SCHEMA,
           extras=Extras(NAME, {"behavior": "BLOCKING"}))]),
    ([{"googleSearch": {}}, {"codeExecution": {}}, {"urlContext": {}}],
     [SEARCH, native("codeExecution", {}, Hosted.CODE_EXECUTION),
      native("urlContext", {}, Hosted.WEB_FETCH)]),
    ([{"googleSearch": {"excludeDomains": ["a.b"]}}],
     [NativeTool(NAME, {"googleSearch": {"excludeDomains": ["a.b"]}},
                 Hosted.WEB_SEARCH, WebSearch(blocked_domains=("a.b",)))]),
    ([{"googleMaps": {"x": 1}}], [native("googleMaps", {"x": 1})]),
]
READ: list[tuple[Any, list[Any]]] = [
    ([{"function_declarations": [function(parameters=OPENAPI)]}], [FUNCTION]),
    (functions(function(parameters_json_schema=SCHEMA, parameters=OPENAPI)),
     [FUNCTION]),
    ([{"functionDeclarations": function(parameters=OPENAPI), "google_search": {}}],
     [FUNCTION, SEARCH]),
    ([{"googleSearch": None}], []),
]
# fmt: on


@pytest.mark.parametrize(("document", "tools"), SAME + READ, ids=str)
def test_tools_are_read(document: Any, tools: list[Any]) -> None:
    assert list(parse_tools(document)) == tools


@pytest.mark.parametrize(("document", "tools"), SAME, ids=str)
def test_tools_are_written(document: Any, tools: list[Any]) -> None:
    assert written(*tools, own=True) == (document, [])


def written(
    *tools: Tool | NativeTool, own: bool = False, choice: Choice | None = None
) -> tuple[Any, list[str]]:
    writer = Writer([], own)
    document = emit_tools(tools, choice, writer)
    assert all(each.reason for each in writer.dropped)
    return document, [each.path for each in writer.dropped]


def test_functions_stand_together_and_before_others() -> None:
    tools = (Tool(name="f"), hosted(Hosted.WEB_SEARCH), Tool(name="g"))
    assert written(*tools) == (
        [functions({"name": "f"}, {"name": "g"}), {"googleSearch": {}}],
        [],
    )


STRICT = Tool(
    name="f",
    strict=True,
    cache={"type": "ephemeral"},
    schema={"type": "object", "title": "t"},
    extras=Extras("other", {"defer": True}),
)

# fmt: off
LOSSES: list[tuple[Any, Any, list[str]]] = [
    (STRICT, [functions({"name": "f", "parametersJsonSchema": {"type": "object"}})],
     [".tools[0].cache_control", ".tools[0].strict", ".tools[0].defer",
      ".tools[0].schema.title"]),
    (Tool(name="f", strict=False), [functions({"name": "f"})], []),
    (hosted(None), [], [".tools[0]"]),
    (hosted(Hosted.CODE_EXECUTION), [{"codeExecution": {}}], []),
    (hosted(Hosted.WEB_FETCH), [{"urlContext": {}}], []),
    (hosted(Hosted.WEB_SEARCH, WebSearch(
        allowed_domains=("a",), blocked_domains=("b",), location={}, max_uses=0,
        context_size="low")),
     [{"googleSearch": {}}],
     [f".tools[0].{key}" for key in (
         "allowed_domains", "blocked_domains", "location", "max_uses",
         "context_size")]),
]
# fmt: on


@pytest.mark.parametrize(("tool", "document", "dropped"), LOSSES)
def test_what_tools_lose(tool: Any, document: Any, dropped: list[str]) -> None:
    assert written(tool) == (document, dropped)


def test_the_same_hosted_tool_is_named_once() -> None:
    assert written(hosted(Hosted.WEB_SEARCH), hosted(Hosted.WEB_SEARCH)) == (
        [{"googleSearch": {}}],
        [],
    )


def test_where_no_tool_may_be_called_hosted_ones_stay_away() -> None:
    tools = (Tool(name="f"), hosted(Hosted.WEB_SEARCH))
    assert written(*tools, choice=Choice(ChoiceMode.NONE)) == (
        [functions({"name": "f"})],
        [".tools[1]"],
    )
    assert written(SEARCH, own=True, choice=Choice(ChoiceMode.NONE)) == (
        [{"googleSearch": {}}],
        [],
    )


BAD_TOOLS = [
    (7, ".tools"),
    ([{"googleSearch": {}}, 7], ".tools[1]"),
    ([functions(7)], ".tools[0].functionDeclarations[0]"),
    ([{"functionDeclarations": 7}], ".tools[0].functionDeclarations"),
    ([functions({"name": "f"}, {})], ".tools[0].functionDeclarations[1].name"),
    (
        [functions(function(parameters={"items": {"properties": []}}))],
        ".tools[0].functionDeclarations[0].parameters.items.properties",
    ),
    (
        [functions(function(parametersJsonSchema=[]))],
        ".tools[0].functionDeclarations[0].parametersJsonSchema",
    ),
    ([{"googleSearch": 7}], ".tools[0].googleSearch"),
    (
        [{"googleSearch": {"excludeDomains": [7]}}],
        ".tools[0].googleSearch.excludeDomains[0]",
    ),
]


@pytest.mark.parametrize(("document", "path"), BAD_TOOLS, ids=str)
def test_a_bad_tool_is_a_complaint(document: Any, path: str) -> None:
    with pytest.raises(DecodeError) as caught:
        parse_tools(document)
    assert caught.value.path == path


# The choice.


def calling(mode: str | None, *allowed: str, **more: Any) -> Any:
    said = {"mode": mode} if mode else {}
    names = {"allowedFunctionNames": list(allowed)} if allowed else {}
    return {"functionCallingConfig": {**said, **names, **more}}


AUTO = Choice(ChoiceMode.AUTO)

# fmt: off
SAME_CHOICES: list[tuple[Any, Choice | None]] = [
    (calling("AUTO"), AUTO),
    (calling("NONE"), Choice(ChoiceMode.NONE)),
    (calling("ANY"), Choice(ChoiceMode.REQUIRED)),
    (calling("ANY", "f"), Choice(ChoiceMode.NAMED, "f")),
    (calling("ANY", "f", "g"), Choice(ChoiceMode.REQUIRED, allowed=("f", "g"))),
]
READ_CHOICES: list[tuple[Any, Choice | None, Any]] = [
    (None, None, {}),
    ({}, None, {}),
    (calling("any"), Choice(ChoiceMode.REQUIRED), {}),
    (calling("MODE_UNSPECIFIED"), AUTO, {}),
    (calling(None, "f"), Choice(ChoiceMode.AUTO, allowed=("f",)), {}),
    (calling("NONE", "f"), Choice(ChoiceMode.NONE), {}),
    (calling("VALIDATED", "f"), Choice(ChoiceMode.AUTO, allowed=("f",)),
     {"functionCallingConfig": {"mode": "VALIDATED"}}),
    (calling(None, streamFunctionCallArguments=True), None,
     {"functionCallingConfig": {"streamFunctionCallArguments": True}}),
    ({"function_calling_config": {"mode": "AUTO"}, "retrieval_config": {"a_b": 1}},
     AUTO, {"retrievalConfig": {"a_b": 1}}),
]
# fmt: on


@pytest.mark.parametrize(
    ("document", "choice", "rest"),
    [(document, choice, {}) for document, choice in SAME_CHOICES] + READ_CHOICES,
    ids=str,
)
def test_a_choice_is_read(document: Any, choice: Choice | None, rest: Any) -> None:
    assert parse_choice(document) == (choice, rest)


@pytest.mark.parametrize(("document", "choice"), SAME_CHOICES, ids=str)
def test_a_choice_is_written(document: Any, choice: Choice) -> None:
    assert chosen(choice, FUNCTION) == (document, [])


def chosen(
    choice: Choice, *tools: Tool | NativeTool, own: bool = False
) -> tuple[Any, list[str]]:
    writer = Writer([], own)
    document = emit_choice(choice, tools, writer)
    assert all(each.reason for each in writer.dropped)
    return document, [each.path for each in writer.dropped]


HOSTED_CHOICE = Choice(ChoiceMode.NAMED, hosted=Hosted.WEB_SEARCH)
ODD = Choice(ChoiceMode.AUTO, extras=Extras("other", {"x": 1}))


def test_what_choices_lose() -> None:
    some = Choice(ChoiceMode.AUTO, allowed=("f",))
    assert chosen(some, FUNCTION) == (calling("VALIDATED", "f"), [])
    assert chosen(HOSTED_CHOICE, FUNCTION) == ({}, [".tool_choice"])
    assert chosen(ODD, FUNCTION) == (calling("AUTO"), [".tool_choice.x"])


@pytest.mark.parametrize("mode", ChoiceMode)
def test_there_is_no_rule_about_functions_where_there_are_none(
    mode: ChoiceMode,
) -> None:
    demanding = mode in (ChoiceMode.REQUIRED, ChoiceMode.NAMED)
    lost = [".tool_choice"] if demanding else []
    assert chosen(Choice(mode, "f"), SEARCH) == ({}, lost)
    document, dropped = chosen(Choice(mode, "f"), own=True)
    assert document
    assert not dropped


BAD_CHOICES = [
    ({"functionCallingConfig": 7}, ".toolConfig.functionCallingConfig"),
    (calling("REQUIRED"), ".toolConfig.functionCallingConfig.mode"),
    (calling("ANY", 7), ".toolConfig.functionCallingConfig.allowedFunctionNames[0]"),  # type: ignore[arg-type]
]


@pytest.mark.parametrize(("document", "path"), BAD_CHOICES, ids=str)
def test_a_bad_choice_is_a_complaint(document: Any, path: str) -> None:
    with pytest.raises(DecodeError) as caught:
        parse_choice(document)
    assert caught.value.path == path


@pytest.mark.parametrize(
    ("name", "fits"),
    [("f", True), ("_f.a:b-c", True), ("1f", False), ("f f", False), ("", False)],
)
def test_names_of_functions(name: str, fits: bool) -> None:
    assert bool(LIMITS.name.fullmatch(name)) is fits
    assert LIMITS.call_id.fullmatch("any id\n at all")
