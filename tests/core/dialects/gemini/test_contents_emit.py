"""Turns in the order that this API demands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cliproxy_core.dialects.gemini.contents import parse_contents, parse_system
from cliproxy_core.dialects.gemini.contents_emit import emit_foreign, emit_own
from cliproxy_core.dialects.gemini.parts import BYPASS
from cliproxy_core.dialects.gemini.parts_emit import Writer
from cliproxy_core.ir.media import Media, MediaKind
from cliproxy_core.ir.reasoning import Signature
from cliproxy_core.ir.request import (
    Extras,
    MediaPart,
    Message,
    Part,
    Reasoning,
    Redacted,
    Role,
    Text,
    ToolCall,
    ToolResult,
)

NAME = "gemini"
PROOF = Signature("c2ln", NAME)
FOREIGN = Signature("s", "claude_messages")
SIGNED = {"thoughtSignature": "c2ln"}
PASS = {"thoughtSignature": BYPASS}
WAV = MediaPart(Media(kind=MediaKind.AUDIO, mime="audio/wav", data="AAAA"))


def message(role: Role, *parts: Part | str) -> Message:
    read = tuple(Text(part) if isinstance(part, str) else part for part in parts)
    return Message(role=role, parts=read)


def user(*parts: Part | str) -> Message:
    return message(Role.USER, *parts)


def model(*parts: Part | str) -> Message:
    return message(Role.ASSISTANT, *parts)


def system(*parts: Part | str) -> Message:
    return message(Role.SYSTEM, *parts)


def developer(*parts: Part | str) -> Message:
    return message(Role.DEVELOPER, *parts)


def call(call_id: str, signature: Signature | None = None) -> ToolCall:
    return ToolCall(call_id=call_id, name="f", arguments="{}", signature=signature)


def result(call_id: str, *parts: Any) -> ToolResult:
    return ToolResult(call_id=call_id, parts=(Text(call_id), *parts))


def called(call_id: str, **more: Any) -> Any:
    return {"functionCall": {"id": call_id, "name": "f", "args": {}}, **more}


def gave(call_id: str) -> Any:
    response = {"output": call_id}
    return {"functionResponse": {"id": call_id, "name": "f", "response": response}}


def say(speaker: str, *parts: Any) -> Any:
    told = [{"text": part} if isinstance(part, str) else part for part in parts]
    return {"role": speaker, "parts": told}


def u(*parts: Any) -> Any:
    return say("user", *parts)


def m(*parts: Any) -> Any:
    return say("model", *parts)


def emit(*messages: Message, own: bool = False) -> tuple[Any, list[str]]:
    writer = Writer([], own)
    document = (emit_own if own else emit_foreign)(messages, writer)
    assert all(each.reason for each in writer.dropped)
    return document, [each.path for each in writer.dropped]


# fmt: off
TURNS: list[tuple[list[Message], list[Any], list[str]]] = [
    ([], [u("")], []),
    ([user("a")], [u("a")], []),
    ([user("a"), user("b")], [u("a", "b")], []),
    ([user("a"), model("b"), user("c")], [u("a"), m("b"), u("c")], []),
    ([user("a"), model("b"), model("c"), user("d")], [u("a"), m("b", "c"), u("d")], []),
    # Vector 180: the user speaks first.
    ([model("b"), user("c")], [u(""), m("b"), u("c")], []),
    # Vectors 94 and 100: the model does not speak last, unless it did so itself.
    ([user("a"), model("b")], [u("a")], [".messages[1]"]),
    ([model("b")], [u("")], [".messages[0]"]),
    ([user("a"), model(Text("b", signature=PROOF))],
     [u("a"), m({"text": "b", **SIGNED})], []),
    # A turn of which nothing is left does not keep its neighbours apart.
    ([user("a"), model(Reasoning("t")), user("b")], [u("a", "b")],
     [".messages[1].content[0]"]),
    ([user("a"), model(""), user("b")], [u("a", "b")], []),
    # Calls, and their results in the turn after them.
    ([user("a"), model(call("x")), user(result("x"))],
     [u("a"), m(called("x", **PASS)), u(gave("x"))], []),
    ([user("a"), model("b", call("x"), call("y")), user(result("y")),
      user(result("x"))],
     [u("a"), m("b", called("x", **PASS), called("y")), u(gave("x"), gave("y"))], []),
    ([user("a"), model(call("x")), user("c", result("x"), "d")],
     [u("a"), m(called("x", **PASS)), u(gave("x"), "c", "d")], []),
    ([user("a"), model(call("x", PROOF), call("y")), user(result("x"), result("y"))],
     [u("a"), m(called("x", **SIGNED), called("y")), u(gave("x"), gave("y"))], []),
    ([user("a"), model(call("x", FOREIGN)), user(result("x"))],
     [u("a"), m(called("x", **PASS)), u(gave("x"))],
     [".messages[1].content[0].signature"]),
    ([user("a"), model(call("x"), "b"), user(result("x"))],
     [u("a"), m("b", called("x", **PASS)), u(gave("x"))], [".messages[1]"]),
    # One turn of several messages has one first call.
    ([user("a"), model(call("x")), model(call("y")), user(result("x"), result("y"))],
     [u("a"), m(called("x", **PASS), called("y")), u(gave("x"), gave("y"))], []),
    # Late results move up.
    ([user("a"), model(call("x")), user("b"), model("c"), user(result("x"))],
     [u("a"), m(called("x", **PASS)), u(gave("x"), "b")],
     [".messages[4].content[0]", ".messages[3]"]),
    ([user("a"), model(call("x"), result("x"))],
     [u("a"), m(called("x", **PASS)), u(gave("x"))], [".messages[1].content[1]"]),
    # What has no counterpart is left out.
    ([user("a"), model("b", call("x")), user("c")], [u("a"), m("b"), u("c")],
     [".messages[1].content[1]"]),
    ([user("a", result("x"))], [u("a")], [".messages[0].content[1]"]),
    ([user("a", call("x"), Reasoning("t", PROOF), Redacted(PROOF))], [u("a")],
     [".messages[0].content[1]", ".messages[0].content[2]", ".messages[0].content[3]"]),
    ([user("a"), model(call("x")), user(result("x"), result("x"))],
     [u("a"), m(called("x", **PASS)), u(gave("x"))], [".messages[2].content[1]"]),
    ([user("a"), model(call("x"), call("x")), user(result("x"))],
     [u("a"), m(called("x", **PASS)), u(gave("x"))], [".messages[1].content[1]"]),
    # State on its own goes with the call after it.
    ([user("a"), model(Redacted(PROOF), call("x")), user(result("x"))],
     [u("a"), m(called("x", **SIGNED)), u(gave("x"))], []),
    ([user("a"), model(Redacted(PROOF), call("x", PROOF)), user(result("x"))],
     [u("a"), m({"text": "", "thought": True, **SIGNED}, called("x", **SIGNED)),
      u(gave("x"))], []),
    ([user("a"), model(Redacted(FOREIGN), call("x")), user(result("x"))],
     [u("a"), m(called("x", **PASS)), u(gave("x"))], [".messages[1].content[0]"]),
    ([user("a"), model(Reasoning("t", PROOF), "b"), user("c")],
     [u("a"), m({"text": "t", "thought": True, **SIGNED}, "b"), u("c")], []),
    # Media that have no place in a result stand after all of them.
    ([user("a"), model(call("x"), call("y")), user(result("x", WAV), result("y"), "b")],
     [u("a"), m(called("x", **PASS), called("y")),
      u(gave("x"), gave("y"),
        {"inlineData": {"mimeType": "audio/wav", "data": "AAAA"}}, "b")], []),
]
# fmt: on


@pytest.mark.parametrize(("messages", "contents", "dropped"), TURNS)
def test_turns_are_brought_in_order(
    messages: list[Message], contents: list[Any], dropped: list[str]
) -> None:
    assert emit(*messages) == ({"contents": contents}, dropped)


def reminder(text: str) -> str:
    return f"<system-reminder>\n{text}\n</system-reminder>"


# fmt: off
SYSTEM: list[tuple[list[Message], list[str], list[Any], list[str]]] = [
    ([system("s"), developer("d"), user("a")], ["s", "d"], [u("a")], []),
    ([system("s")], ["s"], [u("")], []),
    ([system(WAV, "s"), user("a")], ["s"], [u("a")], [".messages[0]"]),
    ([system(""), user("a")], [], [u("a")], []),
    ([user("a"), system("s")], [], [u("a", reminder("s"))], [".messages[1]"]),
    ([user("a"), model("b"), developer("s", "t"), user("c")], [],
     [u("a"), m("b"), u(reminder("s\nt"), "c")], [".messages[2]"]),
    # It does not come between a call and its result.
    ([user("a"), model(call("x")), system("s"), user(result("x"))], [],
     [u("a"), m(called("x", **PASS)), u(gave("x"), reminder("s"))], [".messages[2]"]),
]
# fmt: on


@pytest.mark.parametrize(("messages", "top", "contents", "dropped"), SYSTEM)
def test_system_text(
    messages: list[Message], top: list[str], contents: list[Any], dropped: list[str]
) -> None:
    document, lost = emit(*messages)
    found = document.pop("systemInstruction", {"parts": []})
    assert [part["text"] for part in found["parts"]] == top
    assert document == {"contents": contents}
    assert lost == dropped


def test_what_is_said_of_a_message_is_reported_under_its_place() -> None:
    extras = Extras("other", {"x": 1})
    told = attrs.evolve(user("a"), name="n", path=".input[3]", extras=extras)
    assert emit(told) == ({"contents": [u("a")]}, [".input[3].name", ".input[3].x"])


parts = st.one_of(
    st.builds(Text, st.sampled_from(["", "a"])),
    st.builds(call, st.sampled_from("xyz")),
    st.builds(result, st.sampled_from("xyz")),
    st.just(Redacted(PROOF)),
    st.just(Reasoning("t")),
)
messages = st.builds(
    lambda role, said: Message(role=role, parts=tuple(said)),
    st.sampled_from(Role),
    st.lists(parts, max_size=4),
)


@given(st.lists(messages, max_size=8))
def test_the_order_is_legal_whatever_comes(history: Sequence[Message]) -> None:
    contents = emit(*history)[0]["contents"]
    roles = [content["role"] for content in contents]
    assert roles == [("user", "model")[i % 2] for i in range(len(roles))]
    asked: list[str] = []
    for content in contents:
        assert content["parts"]
        calls = [
            p["functionCall"]["id"] for p in content["parts"] if "functionCall" in p
        ]
        answers = [
            p["functionResponse"]["id"]
            for p in content["parts"]
            if "functionResponse" in p
        ]
        assert answers == asked
        asked = calls
        signed = [
            "thoughtSignature" in p for p in content["parts"] if "functionCall" in p
        ]
        assert all(signed[:1])
    assert asked == []


# From this dialect.


def test_what_came_from_here_stays_where_it_was() -> None:
    contents = [
        {**m("b"), "x": 1},
        u("c"),
        u(),
        m(called("x", **SIGNED), called("y"), "d"),
        u("e"),
        m("f"),
    ]
    top: Any = {"y": 2, "parts": [{"text": "s"}]}
    history = [parse_system(top), *parse_contents(contents)]
    document = {"systemInstruction": top, "contents": contents}
    assert emit(*history, own=True) == (document, [])


def test_from_here_calls_need_no_results_but_state() -> None:
    history = parse_contents([m(called("x")), u("a")])
    assert emit(*history, own=True) == (
        {"contents": [m(called("x", **PASS)), u("a")]},
        [],
    )


def test_a_turn_of_foreign_thinking_only_is_left_out() -> None:
    history = [user("a"), model(Reasoning("t", FOREIGN)), system("s")]
    assert emit(*history, own=True) == (
        {"contents": [u("a"), u("s")]},
        [".messages[1]"],
    )
