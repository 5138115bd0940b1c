"""Messages as neutral turns, in every form that reasoning comes in."""

from __future__ import annotations

from typing import Any

import pytest

from cliproxy_core.base.errors import DecodeError
from cliproxy_core.dialects.openai_chat.messages import parse_messages
from cliproxy_core.ir.media import Media, MediaKind
from cliproxy_core.ir.reasoning import Signature
from cliproxy_core.ir.request import (
    Extras,
    MediaPart,
    NativePart,
    Part,
    Reasoning,
    Redacted,
    Refusal,
    Role,
    Text,
    ToolCall,
    ToolResult,
)

MARK: dict[str, Any] = {"type": "ephemeral"}
OWN = Extras("openai_chat", {})
CALL: dict[str, Any] = {"id": "a", "function": {"name": "f", "arguments": ""}}


CARRIED = "cliproxy1:gemini:v:s"
SPOILT = "cliproxy1:gemini"
PNG = Media(kind=MediaKind.IMAGE, mime="image/png", data="AA==")
IMAGE: dict[str, Any] = {
    "type": "image_url",
    "image_url": {"url": "data:image/png;base64,AA=="},
}


def parts(**message: Any) -> tuple[Part, ...]:
    (turn,) = parse_messages([{"role": "assistant", **message}], ".m")
    assert turn.role is Role.ASSISTANT
    return turn.parts


def signed(text: str, issuer: str, form: str | None = None) -> Signature:
    return Signature(text, issuer, form)


@pytest.mark.parametrize(
    ("message", "want"),
    [
        ({}, []),
        ({"content": ""}, []),
        ({"content": "hi"}, [Text("hi")]),
        ({"content": [{"type": "refusal", "refusal": "no"}]}, [Refusal("no")]),
        ({"content": "a", "refusal": "no"}, [Text("a"), Refusal("no")]),
        ({"reasoning_content": "t", "content": "a"}, [Reasoning("t"), Text("a")]),
        ({"reasoning": "t"}, [Reasoning("t")]),
        ({"reasoning_content": ["a", {"text": "b"}]}, [Reasoning("ab")]),
        ({"reasoning_content": ""}, []),
        (
            {"reasoning_details": [{"type": "reasoning.summary", "summary": "s"}]},
            [Reasoning("s")],
        ),
        (
            {
                "reasoning": "t",
                "reasoning_details": [
                    {"type": "reasoning.text", "text": "t", "signature": "s"},
                    {"type": "reasoning.encrypted", "data": "d", "format": "x"},
                ],
            },
            [
                Reasoning("t", signed("s", "openai_chat")),
                Redacted(signed("d", "openai_chat", "x")),
            ],
        ),
        (
            {
                "reasoning_details": [
                    {
                        "type": "reasoning.text",
                        "text": "t",
                        "signature": "s",
                        "format": "anthropic-claude-v1",
                    }
                ]
            },
            [Reasoning("t", signed("s", "claude_messages", "anthropic-claude-v1"))],
        ),
        (
            {
                "reasoning_content": "t",
                "reasoning_details": [{"type": "reasoning.encrypted", "data": "d"}],
            },
            [Reasoning("t"), Redacted(signed("d", "openai_chat"))],
        ),
        (
            {
                "thinking_blocks": [
                    {"type": "thinking", "thinking": "t", "signature": "s"},
                    {"type": "thinking", "thinking": "u"},
                    {"type": "redacted_thinking", "data": "d"},
                ]
            },
            [
                Reasoning("t", signed("s", "claude_messages")),
                Reasoning("u"),
                Redacted(signed("d", "claude_messages")),
            ],
        ),
        (
            {"tool_calls": [CALL], "content": "a"},
            [Text("a"), ToolCall(call_id="a", name="f", arguments="")],
        ),
        (
            {"tool_calls": [CALL], "cache_control": MARK},
            [ToolCall(call_id="a", name="f", arguments="", cache=MARK, extras=OWN)],
        ),
        (
            {"tool_calls": [{"type": "custom", "id": "x"}]},
            [NativePart("openai_chat", {"type": "custom", "id": "x"})],
        ),
        (
            {"content": "a", "images": [IMAGE], "tool_calls": None},
            [Text("a"), MediaPart(PNG, extras=OWN)],
        ),
        (
            {"function_call": {"name": "f", "arguments": "{}"}},
            [ToolCall(call_id="", name="f", arguments="{}")],
        ),
        (
            {"reasoning_details": [{"type": "reasoning.encrypted", "data": SPOILT}]},
            [],
        ),
        (
            {
                "reasoning_details": [
                    {"type": "reasoning.text", "text": "t", "signature": CARRIED},
                    {"type": "reasoning.encrypted", "data": CARRIED},
                ]
            },
            [
                Reasoning("t", signed("s", "gemini", "v")),
                Redacted(signed("s", "gemini", "v")),
            ],
        ),
    ],
)
def test_an_assistants_turn(message: dict[str, Any], want: list[Part]) -> None:
    assert list(parts(**message)) == want


def test_details_of_an_unknown_kind_stay_whole() -> None:
    details = [{"type": "reasoning.hologram"}]
    message: Any = {"role": "assistant", "reasoning_details": details, "content": "a"}
    (turn,) = parse_messages([message], ".m")
    assert turn.parts == (Text("a"),)
    assert turn.extras.fields == {"reasoning_details": details}


def test_a_mark_of_a_message_is_one_of_its_last_part() -> None:
    other: dict[str, Any] = {**MARK, "ttl": "1h"}
    texts: list[Any] = [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]
    marked = [texts[0], {**texts[1], "cache_control": other}]
    turns = parse_messages(
        [
            {"role": "user", "content": texts, "cache_control": MARK},
            {"role": "user", "content": marked, "cache_control": MARK},
        ],
        ".m",
    )
    assert turns[0].parts == (Text("a"), Text("b", MARK, OWN))
    assert turns[1].parts == (Text("a"), Text("b", other, OWN))


def test_a_tools_result() -> None:
    message: Any = {
        "role": "tool",
        "tool_call_id": "a",
        "content": "1",
        "cache_control": MARK,
        "name": "f",
    }
    (turn,) = parse_messages([message], ".m")
    assert turn.role is Role.USER
    assert turn.parts == (
        ToolResult(call_id="a", parts=(Text("1"),), name="f", cache=MARK, extras=OWN),
    )


def test_the_deprecated_result_has_a_name_and_no_id() -> None:
    message: Any = {"role": "function", "name": "f", "content": "1"}
    (turn,) = parse_messages([message], ".m")
    assert turn.parts == (ToolResult(call_id="", parts=(Text("1"),), name="f"),)
    (turn,) = parse_messages([{**message, "content": None}], ".m")
    assert turn.parts == (ToolResult(call_id="", parts=(), name="f"),)


def test_what_is_more_than_words_has_its_text_with_it() -> None:
    plain: Any = [{"role": role, "content": "a"} for role in ("user", "assistant")]
    odd: Any = [{**message, "name": "x"} for message in plain]
    turns = parse_messages([*plain, *odd], ".m")
    assert [turn.extras.raw for turn in turns] == [None, None, *odd]


@pytest.mark.parametrize(
    ("message", "path"),
    [
        ({"tool_calls": [{"id": "a", "function": {}}]}, ".tool_calls[0].function.name"),
        (
            {"tool_calls": [{**CALL, "function": {"name": "f", "arguments": {}}}]},
            ".tool_calls[0].function.arguments",
        ),
        ({"tool_calls": [{"function": CALL["function"]}]}, ".tool_calls[0].id"),
        ({"reasoning_content": 5}, ".reasoning_content"),
        ({"reasoning_content": [5]}, ".reasoning_content[0]"),
        ({"thinking_blocks": [{"type": "x"}]}, ".thinking_blocks[0].type"),
        ({"reasoning_details": [5]}, ".reasoning_details[0]"),
        ({"role": "tool", "content": ""}, ".tool_call_id"),
        (
            {"role": "tool", "content": [{"type": "refusal", "refusal": ""}]},
            ".content[0].type",
        ),
    ],
)
def test_a_complaint_names_the_place(message: dict[str, Any], path: str) -> None:
    with pytest.raises(DecodeError) as caught:
        parse_messages([{"role": "assistant", **message}], ".m")
    assert caught.value.path == f".m[0]{path}"
