"""Rules about calling tools: each form both ways."""

from __future__ import annotations

from typing import Any

import pytest

from cliproxy_core.base.errors import DecodeError
from cliproxy_core.dialects.openai_responses.choice import emit_choice, parse_choice
from cliproxy_core.dialects.openai_responses.parts_emit import Writer
from cliproxy_core.ir.request import (
    Choice,
    ChoiceMode,
    Extras,
    Hosted,
    Tool,
    ToolKind,
)

NAME = "openai_responses"
TOOLS = (
    Tool(name="f"),
    Tool(name="exec", kind=ToolKind.CUSTOM),
    Tool(name="js", namespace="n"),
)
NAMED = ChoiceMode.NAMED


def own() -> Writer:
    return Writer(own=True)


@pytest.mark.parametrize(
    ("raw", "choice"),
    [
        ("auto", Choice(ChoiceMode.AUTO)),
        ("none", Choice(ChoiceMode.NONE)),
        ("required", Choice(ChoiceMode.REQUIRED)),
        ({"type": "function", "name": "f"}, Choice(NAMED, "f")),
        ({"type": "custom", "name": "exec"}, Choice(NAMED, "exec")),
        (
            {"type": "function", "name": "js", "namespace": "n"},
            Choice(NAMED, "js", "n"),
        ),
        (
            {"type": "custom", "name": "f", "new": 1},
            Choice(
                NAMED,
                "f",
                extras=Extras(
                    NAME, {"new": 1}, {"type": "custom", "name": "f", "new": 1}
                ),
            ),
        ),
        (
            {"type": "function", "function": {"name": "f"}},
            Choice(
                NAMED,
                "f",
                extras=Extras(
                    NAME, {}, {"type": "function", "function": {"name": "f"}}
                ),
            ),
        ),
        ({"type": "web_search"}, Choice(NAMED, hosted=Hosted.WEB_SEARCH)),
        (
            {"type": "web_search_preview"},
            Choice(
                NAMED,
                hosted=Hosted.WEB_SEARCH,
                extras=Extras(NAME, {}, {"type": "web_search_preview"}),
            ),
        ),
        ({"type": "code_interpreter"}, Choice(NAMED, hosted=Hosted.CODE_EXECUTION)),
        (
            {
                "type": "allowed_tools",
                "mode": "required",
                "tools": [
                    {"type": "function", "name": "f"},
                    {"type": "custom", "name": "exec"},
                ],
            },
            Choice(ChoiceMode.REQUIRED, allowed=("f", "exec")),
        ),
    ],
    ids=str,
)
def test_choices_both_ways(raw: Any, choice: Choice) -> None:
    assert parse_choice(raw, TOOLS) == choice
    assert emit_choice(choice, TOOLS, own()) == raw


@pytest.mark.parametrize(
    ("tools", "allowed", "lost"),
    [
        ([{"type": "function", "name": "f"}, {"type": "mcp"}], ("f",), ["tools"]),
        ([{"type": "function", "name": "f", "x": 1}], ("f",), []),
        ([{"type": "image_generation"}], (), ["tools"]),
        ([], (), []),
    ],
)
def test_rules_about_tools_without_names(tools: Any, allowed: Any, lost: Any) -> None:
    raw = {"type": "allowed_tools", "mode": "auto", "tools": tools}
    choice = parse_choice(raw, TOOLS)
    assert choice is not None
    assert (choice.mode, choice.allowed) == (ChoiceMode.AUTO, allowed)
    assert list(choice.extras.fields) == lost
    assert emit_choice(choice, TOOLS, own()) == raw


def test_a_rule_that_was_edited_says_what_it_became() -> None:
    extras = Extras(NAME, {"type": "custom", "name": "f", "x": 1})
    told = emit_choice(Choice(NAMED, "g", extras=extras), TOOLS, own())
    assert told == {"type": "custom", "name": "g", "x": 1}
    extras = Extras(NAME, {"type": "function", "function": {"name": "f", "x": 1}})
    told = emit_choice(Choice(NAMED, "g", extras=extras), TOOLS, own())
    assert told == {"type": "function", "function": {"name": "g", "x": 1}}
    entry = {"type": "function", "name": "f", "namespace": "n"}
    extras = Extras(NAME, {"type": "allowed_tools", "mode": "auto", "tools": [entry]})
    fewer = Choice(ChoiceMode.AUTO, allowed=("g",), extras=extras)
    assert emit_choice(fewer, TOOLS, own()) == {
        "type": "allowed_tools",
        "mode": "auto",
        "tools": [{"type": "function", "name": "g"}],
    }


@pytest.mark.parametrize("kind", ["mcp", "shell", "apply_patch", "file_search"])
def test_choices_that_only_this_api_knows(kind: str) -> None:
    assert parse_choice({"type": kind}, TOOLS) is None


@pytest.mark.parametrize(
    ("raw", "path"),
    [
        (7, ""),
        ("any", ""),
        ({}, ".type"),
        ({"type": "function"}, ".name"),
        ({"type": "function", "function": {}}, ".function.name"),
        ({"type": "custom", "name": 7}, ".name"),
        ({"type": "allowed_tools"}, ".mode"),
        ({"type": "allowed_tools", "mode": "none", "tools": []}, ".mode"),
        ({"type": "allowed_tools", "mode": "auto"}, ".tools"),
        ({"type": "allowed_tools", "mode": "auto", "tools": [7]}, ".tools[0]"),
    ],
    ids=str,
)
def test_a_bad_choice_is_a_complaint(raw: Any, path: str) -> None:
    with pytest.raises(DecodeError) as caught:
        parse_choice(raw, TOOLS)
    assert caught.value.path == f".tool_choice{path}"


def test_choices_of_other_dialects() -> None:
    writer = Writer(own=False)
    extras = Extras("other", {"x": 1})
    allowed = Choice(ChoiceMode.AUTO, allowed=("f",), extras=extras)
    assert emit_choice(allowed, TOOLS, writer) == {
        "type": "allowed_tools",
        "mode": "auto",
        "tools": [{"type": "function", "name": "f"}],
    }
    nothing = Choice(ChoiceMode.NONE, allowed=("f",))
    assert emit_choice(nothing, TOOLS, writer) == "none"
    assert emit_choice(Choice(NAMED, hosted=Hosted.WEB_FETCH), TOOLS, writer) is None
    assert [d.path for d in writer.dropped] == [".tool_choice.x", ".tool_choice"]
