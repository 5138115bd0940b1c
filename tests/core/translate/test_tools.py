"""Requests whose tools do not fit, and what the target gets."""

from __future__ import annotations

import re
from typing import Any

import attrs

from cliproxy_core.base.jsonval import loads
from cliproxy_core.dialects import DIALECTS
from cliproxy_core.ir.dialect import ToolLimits
from cliproxy_core.ir.request import (
    Choice,
    ChoiceMode,
    Message,
    NativePart,
    NativeTool,
    Request,
    Role,
    Text,
    Tool,
    ToolCall,
    ToolKind,
    ToolResult,
)
from cliproxy_core.translate.tools import FREE_TEXT, fit

CHAT = DIALECTS["openai_chat"].limits
CLAUDE = DIALECTS["claude_messages"].limits
WIDE = ToolLimits(
    name=re.compile("[a-z_]+"),
    name_length=64,
    call_id=re.compile(".+"),
    call_id_length=64,
    custom=True,
    namespaces=True,
)


def call(call_id: str, name: str, arguments: str = "{}", **more: Any) -> ToolCall:
    return ToolCall(call_id=call_id, name=name, arguments=arguments, **more)


def result(call_id: str, **more: Any) -> ToolResult:
    return ToolResult(call_id=call_id, parts=(Text("r"),), **more)


def asked(*parts: Any, tools: Any = (), choice: Choice | None = None) -> Request:
    calls = tuple(p for p in parts if isinstance(p, ToolCall))
    results = tuple(p for p in parts if isinstance(p, ToolResult))
    return Request(
        model="m",
        messages=(
            Message(role=Role.USER, parts=(Text("hi"),)),
            Message(role=Role.ASSISTANT, parts=calls),
            Message(role=Role.USER, parts=results),
        ),
        tools=tools,
        choice=choice,
    )


def parts(request: Request) -> list[Any]:
    return [part for message in request.messages[1:] for part in message.parts]


def test_what_fits_is_the_very_same() -> None:
    native = NativeTool("claude_messages", {"type": "x"})
    request = asked(
        call("a", "f"), result("a"), tools=(Tool(name="f"), native), choice=None
    )
    fitted = fit(request, CLAUDE)
    assert fitted.request == request
    assert all(
        new is old
        for new, old in zip(fitted.request.messages, request.messages, strict=True)
    )
    assert fitted.dropped == ()


def test_a_long_name_is_one_name_everywhere() -> None:
    long = "mcp__" + "x" * 70
    choice = Choice(ChoiceMode.NAMED, long, allowed=(long,))
    request = asked(call("a", long), tools=(Tool(name=long),), choice=choice)
    fitted = fit(request, CHAT)
    (tool,) = fitted.request.tools
    assert isinstance(tool, Tool)
    assert len(tool.name) == 64
    assert parts(fitted.request)[0].name == tool.name
    assert fitted.request.choice == attrs.evolve(
        choice, name=tool.name, allowed=(tool.name,)
    )
    meant = fitted.names.meant(tool.name)
    assert meant is not None
    assert meant.name == long


def test_groups_are_flattened_where_they_are_not_known() -> None:
    tools = (
        Tool(name="add", namespace="calc"),
        Tool(name="calc__sub"),
        Tool(name="sub", namespace="calc"),
    )
    request = asked(
        call("a", "add", namespace="calc"),
        tools=tools,
        choice=Choice(ChoiceMode.NAMED, "add", namespace="calc"),
    )
    fitted = fit(request, CHAT)
    names = [t.name for t in fitted.request.tools if isinstance(t, Tool)]
    assert names == ["calc__add", "calc__sub"]
    assert [d.path for d in fitted.dropped] == [".tools[2]"]
    (one,) = parts(fitted.request)
    assert (one.name, one.namespace) == ("calc__add", None)
    assert fitted.request.choice == Choice(ChoiceMode.NAMED, "calc__add")
    kept = fit(request, WIDE).request
    assert (kept.tools, kept.choice) == (tools, request.choice)
    assert parts(kept)[0].namespace == "calc"


def test_free_text_becomes_a_function_where_it_is_not_known() -> None:
    grammar: Any = {"type": "grammar", "syntax": "lark", "definition": "start: X"}
    tool = Tool(name="exec", description="Run", kind=ToolKind.CUSTOM, format=grammar)
    request = asked(
        call("a", "exec", "pwd", kind=ToolKind.CUSTOM),
        result("a", kind=ToolKind.CUSTOM),
        tools=(tool,),
    )
    fitted = fit(request, CLAUDE)
    assert fitted.request.tools == (
        Tool(
            name="exec",
            description="Run\n\nThe input must match this lark grammar:\nstart: X",
            schema=FREE_TEXT,
        ),
    )
    assert [d.path for d in fitted.dropped] == [".tools[0].format"]
    one, other = parts(fitted.request)
    assert (one.kind, loads(one.arguments)) == (ToolKind.FUNCTION, {"input": "pwd"})
    assert other.kind is ToolKind.FUNCTION
    assert fit(request, WIDE).request == request


def test_a_function_call_of_a_free_text_tool_goes_back_as_what_it_was() -> None:
    """Vectors 42 and 43: callers that know functions only."""
    tool = Tool(name="exec", kind=ToolKind.CUSTOM)
    request = asked(
        call("a", "exec", "*** Begin Patch"), call("b", "exec", '{"input":"x"}')
    )
    wide = fit(attrs.evolve(request, tools=(tool,)), WIDE).request
    assert [(p.kind, p.arguments) for p in parts(wide)] == [
        (ToolKind.CUSTOM, "*** Begin Patch"),
        (ToolKind.CUSTOM, "x"),
    ]
    narrow = fit(attrs.evolve(request, tools=(tool,)), CHAT).request
    assert [loads(p.arguments) for p in parts(narrow)] == [
        {"input": "*** Begin Patch"},
        {"input": "x"},
    ]


def test_ids_stay_in_step_with_their_results() -> None:
    request = asked(
        call("a b", "f"), call("a_b", "f"), result("a_b"), result("a b"), result("new!")
    )
    ids = [p.call_id for p in parts(fit(request, CLAUDE).request)]
    assert ids[0] == ids[3]
    assert ids[1] == ids[2] == "a_b"
    assert len(set(ids)) == 3
    assert all(CLAUDE.call_id.fullmatch(i) for i in ids)


def test_calls_without_ids_are_answered_in_order() -> None:
    request = asked(
        call("call_missing_0", "f"),
        call("", "f"),
        call("", "g"),
        result(""),
        result(""),
    )
    ids = [p.call_id for p in parts(fit(request, CHAT).request)]
    assert ids[1:3] == ids[3:] == ["call_missing_1", "call_missing_2"]
    lonely = fit(asked(result("")), CHAT).request
    assert parts(lonely)[0].call_id == ""


def test_a_result_is_of_its_calls_kind() -> None:
    custom = ToolKind.CUSTOM
    request = asked(
        call("a", "patch", "***"),
        call("", "patch", "***"),
        call("b", "f"),
        result("a"),
        result(""),
        result("b", kind=custom),
        result("c", kind=custom),
        tools=(Tool(name="patch", kind=custom), Tool(name="f")),
    )
    kinds = [part.kind for part in parts(fit(request, WIDE).request)]
    function = ToolKind.FUNCTION
    assert kinds == [custom, custom, function, custom, custom, function, custom]


def test_of_two_tools_with_one_name_the_function_stays() -> None:
    free = Tool(name="f", kind=ToolKind.CUSTOM)
    twice = (free, Tool(name="f"), Tool(name="f", description="again"))
    for limits in (CLAUDE, WIDE):
        fitted = fit(asked(tools=twice), limits)
        assert fitted.request.tools == (Tool(name="f"),)
        assert [lost.path for lost in fitted.dropped] == [".tools[0]", ".tools[2]"]
    grouped = (Tool(name="f", namespace="a"), Tool(name="f", namespace="b"), free)
    assert fit(asked(tools=grouped), WIDE).request.tools == grouped


def test_what_only_declares_tools_is_no_part_of_the_history() -> None:
    declares = NativePart("openai_responses", {"tools": []}, declares=True)
    other = NativePart("openai_responses", {"type": "new"})
    silent = Message(role=Role.USER, parts=())
    request = attrs.evolve(
        asked(),
        messages=(
            Message(role=Role.DEVELOPER, parts=(declares,)),
            Message(role=Role.USER, parts=(declares, other)),
            silent,
        ),
    )
    assert fit(request, CLAUDE).request.messages == (
        Message(role=Role.USER, parts=(other,)),
        silent,
    )
