"""Calls in messages: functions, free text, and the state that goes with them."""

from __future__ import annotations

from typing import Any

import pytest

from cliproxy_core.base.errors import DecodeError
from cliproxy_core.dialects.openai_chat.calls import (
    emit_calls,
    is_call,
    parse_call,
    parse_legacy_call,
    signature_in,
)
from cliproxy_core.ir.reasoning import Signature
from cliproxy_core.ir.request import (
    Dropped,
    Extras,
    NativePart,
    Part,
    Text,
    ToolCall,
    ToolKind,
)

FUNCTION: dict[str, Any] = {"name": "f", "arguments": "{}"}
CALL: dict[str, Any] = {"id": "a", "type": "function", "function": FUNCTION}
STATE: dict[str, Any] = {"google": {"thought_signature": "c2ln"}}
UNKNOWN: dict[str, Any] = {"id": "a", "type": "new"}
GEMINI = Signature("c2ln", "gemini")


def tool_call(**more: Any) -> ToolCall:
    return ToolCall(**{"call_id": "a", "name": "f", "arguments": "{}", **more})


@pytest.mark.parametrize(
    ("raw", "part"),
    [
        (CALL, tool_call()),
        (
            {"id": "a", "type": "custom", "custom": {"name": "f", "input": "x"}},
            tool_call(kind=ToolKind.CUSTOM, arguments="x"),
        ),
        ({**CALL, "extra_content": STATE}, tool_call(signature=GEMINI)),
        (
            {
                **CALL,
                "extra_content": {
                    "google": {**STATE["google"], "more": 1},
                    "other": 2,
                },
            },
            tool_call(
                signature=GEMINI,
                extras=Extras(
                    "openai_chat",
                    {"extra_content": {"google": {"more": 1}, "other": 2}},
                ),
            ),
        ),
        (
            {**CALL, "extra_content": {"other": 2}},
            tool_call(extras=Extras("openai_chat", {"extra_content": {"other": 2}})),
        ),
        (
            {
                **CALL,
                "extra_content": {"google": {"thought_signature": "cliproxy1:x:v:s"}},
            },
            tool_call(signature=Signature("s", "x", "v")),
        ),
        (
            {**CALL, "function": {**FUNCTION, "new": 1}},
            tool_call(extras=Extras("openai_chat", {"function": {"new": 1}})),
        ),
        (UNKNOWN, NativePart("openai_chat", UNKNOWN)),
    ],
)
def test_a_call_both_ways(raw: Any, part: Part) -> None:
    assert parse_call(raw) == part
    assert is_call(part)
    losses: list[Dropped] = []
    assert emit_calls([(".m", 0, part)], losses) == [raw]
    assert losses == []


@pytest.mark.parametrize(
    ("raw", "part"),
    [
        ({"id": "a", "function": FUNCTION}, tool_call()),
        ({"index": 0, **CALL}, tool_call()),
        (
            {"id": "a", "custom": {"name": "f", "input": "x"}},
            tool_call(kind=ToolKind.CUSTOM, arguments="x"),
        ),
    ],
)
def test_other_spellings(raw: Any, part: ToolCall) -> None:
    assert parse_call(raw) == part


def test_the_deprecated_call_has_no_id() -> None:
    assert parse_legacy_call(FUNCTION) == tool_call(call_id="")


def test_no_arguments_of_a_function_are_an_object() -> None:
    kinds = (ToolKind.FUNCTION, ToolKind.CUSTOM)
    called: list[Any] = [(".m", 0, tool_call(arguments="", kind=k)) for k in kinds]
    got: Any = emit_calls(called, [])
    assert got[0]["function"]["arguments"] == "{}"
    assert got[1]["custom"]["input"] == ""
    cut: Any = emit_calls(called, [], empty="")
    assert cut[0]["function"]["arguments"] == ""


def test_state_that_may_not_go_along_is_reported() -> None:
    losses: list[Dropped] = []
    called: list[Any] = [(".m", 4, tool_call(signature=GEMINI))]
    assert emit_calls(called, losses, signed=False) == [CALL]
    assert [drop.path for drop in losses] == [".m.content[4].signature"]


def test_fields_and_marks_of_others_are_reported() -> None:
    losses: list[Dropped] = []
    other = tool_call(cache={"type": "ephemeral"}, extras=Extras("other", {"x": 1}))
    assert emit_calls([(".m", 0, other)], losses) == [CALL]
    paths = [drop.path for drop in losses]
    assert paths == [".m.content[0].x", ".m.content[0].cache_control"]


@pytest.mark.parametrize(
    "call",
    [
        {},
        {"extra_content": 5},
        {"extra_content": {"google": 5}},
        {"extra_content": {"google": {"thought_signature": 5}}},
        {"extra_content": {"google": {"thought_signature": ""}}},
        {"extra_content": {"google": {"thought_signature": "cliproxy1:x"}}},
    ],
)
def test_what_is_no_state(call: Any) -> None:
    assert signature_in(call) is None


def test_words_are_no_call() -> None:
    assert not is_call(Text("a"))
    assert not is_call(NativePart("other", {"id": "a"}))


@pytest.mark.parametrize(
    ("raw", "path"),
    [
        ({"type": 5}, ".type"),
        ({"id": "a", "function": 5}, ".function"),
        ({"function": FUNCTION}, ".id"),
        ({"id": "a", "custom": {"name": "f"}}, ".custom.input"),
        ({**CALL, "function": {"name": "f", "arguments": {}}}, ".function.arguments"),
    ],
)
def test_a_complaint_names_the_place(raw: Any, path: str) -> None:
    with pytest.raises(DecodeError) as caught:
        parse_call(raw)
    assert caught.value.path == path
