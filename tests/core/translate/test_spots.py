"""Where the parts of messages and the tools stand, in each dialect."""

from __future__ import annotations

from typing import Any

import pytest

from cliproxy_core.ir.reasoning import Signature
from cliproxy_core.ir.request import (
    Part,
    Reasoning,
    Redacted,
    Refusal,
    Text,
    ToolCall,
    ToolResult,
)
from cliproxy_core.translate.spots import Sort, sort_of, spots, tool_places

W, C, R, T = Sort.WORD, Sort.CALL, Sort.RESULT, Sort.THOUGHT


def test_sorts() -> None:
    parts: list[Part] = [
        Text("a"),
        Refusal("b"),
        ToolCall(call_id="1", name="f", arguments=""),
        ToolResult(call_id="1", parts=()),
        Reasoning("c"),
        Redacted(Signature("s", "gemini")),
    ]
    assert [sort_of(part) for part in parts] == [W, W, C, R, T, T]


# fmt: off
CHAT: list[tuple[Any, list[tuple[Sort, str]]]] = [
    ({"role": "user", "content": "a"}, [(W, ".content")]),
    ({"role": "user", "content": [{}, {}]}, [(W, ".content[0]"), (W, ".content[1]")]),
    ({"role": "tool", "content": "a"}, [(R, "")]),
    ({"role": "assistant", "content": None, "refusal": "r", "reasoning": "t",
      "reasoning_details": [{}], "tool_calls": [{}], "function_call": {}},
     [(T, ".reasoning_details[0]"), (T, ".reasoning"), (W, ".refusal"),
      (C, ".tool_calls[0]"), (C, ".function_call")]),
]
CLAUDE: list[tuple[Any, list[tuple[Sort, str]]]] = [
    ("system", [(W, "")]),
    ([{"type": "text"}], [(W, "[0]")]),
    ({"content": "a"}, [(W, ".content")]),
    ({"content": [{"type": "thinking"}, {"type": "tool_use"}, {"type": "tool_result"},
                  {"type": "text"}, 7]},
     [(T, ".content[0]"), (C, ".content[1]"), (R, ".content[2]"), (W, ".content[3]"),
      (W, ".content[4]")]),
    (None, []),
]
# fmt: on


@pytest.mark.parametrize(("message", "told"), CHAT)
def test_chat(message: Any, told: Any) -> None:
    assert list(spots("openai_chat", {}, message, "")) == told


@pytest.mark.parametrize(("message", "told"), CLAUDE)
def test_claude(message: Any, told: Any) -> None:
    assert list(spots("claude_messages", {}, message, "")) == told


@pytest.mark.parametrize("dialect", ["openai_chat", "openai_responses", "gemini"])
def test_what_is_no_message_has_no_parts(dialect: str) -> None:
    assert list(spots(dialect, {}, "instructions", ".instructions")) == []
    assert list(spots(dialect, {}, {}, ".elsewhere")) == []


def test_a_turn_in_responses_goes_on_until_somebody_else_speaks() -> None:
    items: list[Any] = [
        {"role": "user", "content": [{}, {}]},
        {"type": "reasoning"},
        {"type": "message", "role": "assistant", "content": [{}]},
        {"type": "function_call"},
        {"type": "web_search_call"},
        {"type": "function_call_output"},
        {"type": "custom_tool_call"},
        7,
    ]
    told = spots("openai_responses", {"input": items}, items[1], ".input[1]")
    assert list(told) == [
        (T, ".input[1]"),
        (W, ".input[2].content[0]"),
        (C, ".input[3]"),
        (W, ".input[4]"),
    ]
    told = spots("openai_responses", {"input": items}, items[5], ".input[5]")
    assert list(told) == [(R, ".input[5]")]
    told = spots("openai_responses", {"input": items}, items[0], ".input[0]")
    assert list(told) == [(W, ".input[0].content[0]"), (W, ".input[0].content[1]")]
    told = spots("openai_responses", {"input": items}, items[6], ".input[6]")
    assert list(told) == [(C, ".input[6]")]


def test_a_turn_in_gemini_is_all_contents_of_one_speaker() -> None:
    contents: list[Any] = [
        {"role": "model", "parts": [{"thought": True}, {"text": "a"}, 7]},
        {"role": "model", "parts": [{"functionCall": {}}, {"functionResponse": {}}]},
        {"role": "user", "parts": [{"text": "a"}]},
    ]
    told = spots("gemini", {"contents": contents}, contents[0], ".contents[0]")
    assert list(told) == [
        (T, ".contents[0].parts[0]"),
        (W, ".contents[0].parts[1]"),
        (W, ".contents[0].parts[2]"),
        (C, ".contents[1].parts[0]"),
        (R, ".contents[1].parts[1]"),
    ]


# fmt: off
TOOLS: list[tuple[str, Any, list[str]]] = [
    ("openai_chat", {"tools": [{"type": "function"}], "functions": [{}],
                     "web_search_options": {}},
     [".tools[0]", ".functions[0]", ".web_search_options"]),
    ("openai_responses", {"tools": [
        {"type": "function"}, {"type": "namespace", "tools": [{}, {}]}]},
     [".tools[0]", ".tools[1].tools[0]", ".tools[1].tools[1]"]),
    ("claude_messages", {"tools": [{"name": "f"}, 7]}, [".tools[0]", ".tools[1]"]),
    ("gemini", {"tools": [{"functionDeclarations": [{}, {}], "urlContext": {}}, {}]},
     [".tools[0].functionDeclarations[0]", ".tools[0].functionDeclarations[1]",
      ".tools[0].urlContext", ".tools[1]"]),
    ("gemini", {"tools": None}, []),
]
# fmt: on


@pytest.mark.parametrize(("dialect", "document", "places"), TOOLS)
def test_tools(dialect: str, document: Any, places: list[str]) -> None:
    assert tool_places(dialect, document) == places
