"""Neutral turns as messages: results first, calls last, foreign proofs nowhere."""

from __future__ import annotations

from typing import Any

import pytest

from cliproxy_core.dialects.openai_chat.turns import emit_messages
from cliproxy_core.ir.media import Media, MediaKind
from cliproxy_core.ir.reasoning import Signature
from cliproxy_core.ir.request import (
    Dropped,
    Extras,
    MediaPart,
    Message,
    NativePart,
    Part,
    Reasoning,
    Redacted,
    Role,
    Text,
    ToolCall,
    ToolResult,
)

OURS = Signature("s", "openai_chat", "f")
THEIRS = Signature("s", "claude_messages")
PNG = MediaPart(Media(kind=MediaKind.IMAGE, mime="image/png", data="AA"))
CALL = ToolCall(call_id="a", name="f", arguments="")
CALLED = {
    "id": "a",
    "type": "function",
    "function": {"name": "f", "arguments": "{}"},
}


def emitted(
    role: Role, *parts: Part, plain: bool = False, **more: Any
) -> tuple[list[Any], list[str]]:
    losses: list[Dropped] = []
    message = Message(role=role, parts=parts, plain=plain, path=".m", **more)
    return list(emit_messages([message], losses)), [drop.path for drop in losses]


def result(*parts: Text | MediaPart, **more: Any) -> ToolResult:
    return ToolResult(call_id="a", parts=parts, **more)


@pytest.mark.parametrize("role", [Role.SYSTEM, Role.DEVELOPER, Role.USER])
def test_roles_and_plain_text(role: Role) -> None:
    want = [{"role": role.value, "content": "a"}]
    assert emitted(role, Text("a"), plain=True) == (want, [])
    parts = [{"type": "text", "text": t} for t in "ab"]
    want = [{"role": role.value, "content": parts}]  # type: ignore[dict-item]
    assert emitted(role, Text("a"), Text("b"), plain=True) == (want, [])


def test_results_come_before_the_rest_of_their_turn() -> None:
    got, lost = emitted(
        Role.USER, Text("before"), result(Text("ok")), result(PNG), Text("after")
    )
    assert [m["role"] for m in got] == ["tool", "tool", "user"]
    assert got[0] == {"role": "tool", "tool_call_id": "a", "content": "ok"}
    assert got[1]["content"][0]["type"] == "image_url"
    assert [part["text"] for part in got[2]["content"]] == ["before", "after"]
    assert lost == []


def test_a_turn_of_results_only_has_no_message_of_its_own() -> None:
    got, lost = emitted(Role.USER, result(error=True), result(error=False))
    assert [m["role"] for m in got] == ["tool", "tool"]
    assert got[0]["content"] == ""
    assert lost == [".m.content[0].is_error"]


@pytest.mark.parametrize(
    ("parts", "want", "lost"),
    [
        ([], {"content": ""}, []),
        ([Text("a")], {"content": [{"type": "text", "text": "a"}]}, []),
        ([CALL], {"content": None, "tool_calls": [CALLED]}, []),
        (
            [CALL, Text("a")],
            {"content": [{"type": "text", "text": "a"}], "tool_calls": [CALLED]},
            [".m.content[1]"],
        ),
        ([Reasoning("t")], {"reasoning_content": "t", "content": ""}, []),
        (
            [Reasoning("t"), Reasoning("u")],
            {"reasoning_content": "t\n\nu", "content": ""},
            [],
        ),
        (
            [Reasoning("t", OURS), Redacted(OURS)],
            {
                "content": "",
                "reasoning_details": [
                    {
                        "type": "reasoning.text",
                        "index": 0,
                        "text": "t",
                        "signature": "s",
                        "format": "f",
                    },
                    {
                        "type": "reasoning.encrypted",
                        "index": 1,
                        "data": "s",
                        "format": "f",
                    },
                ],
            },
            [],
        ),
        (
            [Reasoning("t", THEIRS), Redacted(THEIRS), CALL],
            {"content": None, "tool_calls": [CALLED]},
            [".m.content[0]", ".m.content[1]"],
        ),
    ],
)
def test_an_assistants_turn(parts: list[Part], want: Any, lost: list[str]) -> None:
    got = emitted(Role.ASSISTANT, *parts)
    assert got == ([{"role": "assistant", **want}], lost)


def test_a_turn_that_lost_everything_is_left_out() -> None:
    assert emitted(Role.ASSISTANT, Reasoning("t", THEIRS)) == ([], [".m.content[0]"])
    native = NativePart("claude_messages", {"type": "server_tool_use"})
    assert emitted(Role.ASSISTANT, native) == ([], [".m.content[0]"])
    assert emitted(Role.USER, native) == ([], [".m.content[0]"])
    whole = NativePart("other", {"role": "function"})
    assert emitted(Role.USER, whole) == ([], [".m.content[0]"])


def test_marks_and_fields_of_others_are_reported() -> None:
    mark: dict[str, Any] = {"type": "ephemeral"}
    other = Extras("claude_messages", {"x": 1})
    got, lost = emitted(Role.USER, Text("a", mark, other), plain=True, extras=other)
    assert got == [{"role": "user", "content": "a"}]
    assert lost == [".m.x", ".m.content[0].x", ".m.content[0].cache_control"]


def test_a_place_without_a_path_is_counted() -> None:
    losses: list[Dropped] = []
    turns = [
        Message(role=Role.USER, parts=(Text("a"),)),
        Message(role=Role.ASSISTANT, parts=(Redacted(THEIRS), Text("b"))),
    ]
    assert len(emit_messages(turns, losses)) == 2
    assert [drop.path for drop in losses] == [".messages[1].content[0]"]
