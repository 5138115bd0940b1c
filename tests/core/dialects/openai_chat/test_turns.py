"""Neutral turns as messages: results first, calls last, foreign proofs nowhere."""

from __future__ import annotations

from typing import Any

import pytest

from cliproxy_core.dialects.openai_chat.turns import emit_messages
from cliproxy_core.ir.citation import Citation
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
    Request,
    Role,
    Text,
    ToolCall,
    ToolResult,
)

OURS = Signature("s", "openai_chat", "f")
THEIRS = Signature("s", "claude_messages")
PNG = MediaPart(Media(kind=MediaKind.IMAGE, mime="image/png", data="AA"))
PICTURE = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA"}}
CALL = ToolCall(call_id="a", name="f", arguments="")
CALLED = {
    "id": "a",
    "type": "function",
    "function": {"name": "f", "arguments": "{}"},
}


def emitted(
    role: Role, *parts: Part, plain: bool = False, **more: Any
) -> tuple[list[Any], list[str]]:
    return all_emitted(Message(role=role, parts=parts, plain=plain, path=".m", **more))


def all_emitted(*messages: Message) -> tuple[list[Any], list[str]]:
    losses: list[Dropped] = []
    request = Request(model="m", messages=messages)
    return list(emit_messages(request, losses)), [drop.path for drop in losses]


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
    assert [m["content"] for m in got] == ["Error", ""]
    assert lost == [".m.content[0].is_error"]


@pytest.mark.parametrize(
    ("said", "want"),
    [
        ([Text("no")], "Error: no"),
        ([Text("error: no")], "error: no"),
        ([PNG, Text("no")], [PICTURE, {"type": "text", "text": "Error: no"}]),
    ],
)
def test_an_error_is_said_in_words(said: list[Any], want: Any) -> None:
    plain = len(said) == 1
    got, _ = emitted(Role.USER, result(*said, error=True, plain=plain))
    assert got[0]["content"] == want


def test_a_result_takes_pictures_and_words() -> None:
    pdf = MediaPart(Media(kind=MediaKind.DOCUMENT, mime="application/pdf", data="AA"))
    note = MediaPart(Media(kind=MediaKind.DOCUMENT, text="words"))
    got, lost = emitted(Role.USER, result(PNG, pdf, note, plain=False))
    assert got[0]["content"] == [PICTURE, {"type": "text", "text": "words"}]
    assert lost == [".m.content[0].content[1]"]


def test_results_that_stand_too_late() -> None:
    """A call, the next turn, another call, and only then both results."""
    other = ToolCall(call_id="b", name="g", arguments="{}")
    said = Message(role=Role.USER, parts=(Text("and"),))
    late = result(Text("late"), error=True)
    got, lost = all_emitted(
        Message(role=Role.ASSISTANT, parts=(CALL,)),
        said,
        Message(role=Role.ASSISTANT, parts=(other, CALL)),
        Message(role=Role.USER, parts=(ToolResult(call_id="b", parts=(Text("b"),)),)),
        Message(role=Role.USER, parts=(late, result(Text("second"))), path=".late"),
        Message(role=Role.USER, parts=(ToolResult(call_id="x", parts=()),)),
    )
    short = [m.get("tool_call_id", m["role"]) for m in got]
    assert short == ["assistant", "a", "user", "assistant", "b", "a", "x"]
    assert [got[1]["content"], got[5]["content"]] == ["Error: late", "second"]
    assert lost == [".late.content[0].is_error"]


def test_an_assistants_pictures_have_a_field_of_their_own() -> None:
    sound = MediaPart(Media(kind=MediaKind.AUDIO, mime="audio/wav", data="AA"))
    got, lost = emitted(Role.ASSISTANT, Text("a"), PNG, sound, plain=True)
    assert got == [{"role": "assistant", "content": "a", "images": [PICTURE]}]
    assert lost == [".m.content[2]"]


def test_sources_and_signatures_of_words_are_reported() -> None:
    source = Citation(dialect="other", raw={}, url="u")
    text = Text("a", signature=Signature("s", "gemini"), citations=(source,))
    got, lost = emitted(Role.ASSISTANT, text, plain=True)
    assert got == [{"role": "assistant", "content": "a"}]
    assert lost == [".m.content[0].citations[0]", ".m.content[0].signature"]


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


def test_marks_and_fields_of_others_are_reported() -> None:
    mark: dict[str, Any] = {"type": "ephemeral"}
    other = Extras("claude_messages", {"x": 1})
    got, lost = emitted(Role.USER, Text("a", mark, other), plain=True, extras=other)
    assert got == [{"role": "user", "content": "a"}]
    assert lost == [".m.x", ".m.content[0].x", ".m.content[0].cache_control"]


def test_a_place_without_a_path_is_counted() -> None:
    got, lost = all_emitted(
        Message(role=Role.USER, parts=(Text("a"),)),
        Message(role=Role.ASSISTANT, parts=(Redacted(THEIRS), Text("b"))),
    )
    assert len(got) == 2
    assert lost == [".messages[1].content[0]"]


def test_thinking_of_blanks_only_is_none() -> None:
    assert emitted(Role.ASSISTANT, Reasoning(" \n")) == ([], [])
    got, lost = emitted(Role.ASSISTANT, Reasoning(" "), Text("a"), plain=True)
    assert (got, lost) == ([{"role": "assistant", "content": "a"}], [])
