"""Turns in the order that this API demands."""

from __future__ import annotations

from typing import Any

import pytest

from cliproxy_core.dialects.claude_messages.request_parts import Writer
from cliproxy_core.dialects.claude_messages.request_turns import emit_messages
from cliproxy_core.ir.media import Media, MediaKind
from cliproxy_core.ir.reasoning import Signature
from cliproxy_core.ir.request import (
    Dropped,
    Extras,
    MediaPart,
    Message,
    Part,
    Reasoning,
    Redacted,
    Request,
    Role,
    Text,
    ToolCall,
    ToolResult,
)

NAME = "claude_messages"
CACHE: Any = {"type": "ephemeral"}
SIGNED = Reasoning("t", Signature("s", NAME))


def emit(*messages: Message, native: bool = False) -> tuple[Any, list[str]]:
    """The document, and the paths of what was dropped or moved."""
    dropped: list[Dropped] = []
    request = Request(model="m", messages=messages)
    document = emit_messages(request, Writer(native, dropped))
    return document, [each.path for each in dropped]


def say(role: Role, *parts: Part | str, **more: Any) -> Message:
    made = tuple(Text(part) if isinstance(part, str) else part for part in parts)
    return Message(role=role, parts=made, **more)


def user(*parts: Part | str, **more: Any) -> Message:
    return say(Role.USER, *parts, **more)


def model(*parts: Part | str, **more: Any) -> Message:
    return say(Role.ASSISTANT, *parts, **more)


def system(*parts: Part | str, **more: Any) -> Message:
    return say(Role.SYSTEM, *parts, **more)


def call(call_id: str) -> ToolCall:
    return ToolCall(call_id=call_id, name="f", arguments="{}")


def result(call_id: str, text: str) -> ToolResult:
    return ToolResult(call_id=call_id, parts=(Text(text),))


def short(document: Any) -> list[str]:
    """Turns in words: `user: a b`, calls as `?id`, results as `!id=text`."""
    return [
        f"{turn['role']}: {' '.join(map(word, turn['content']))}"
        for turn in document["messages"]
    ]


def word(block: Any) -> str:
    match block["type"]:
        case "text":
            return str(block["text"])
        case "tool_use":
            return f"?{block['id']}"
        case "tool_result":
            return f"!{block['tool_use_id']}={block['content']}"
        case kind:
            return f"<{kind}>"


# fmt: off
TURNS: list[tuple[str, list[Message], list[str], list[str]]] = [
    ("one speaker, one turn",
     [user("a"), user("b"), model("c"), model("d")],
     ["user: a b", "assistant: c d"], []),
    ("system text does not split a turn",
     [user("a"), system("s", path=".x"), user("b")],
     ["user: a b"], [".x"]),
    ("nothing said is no turn",
     [user("a"), model(), model(""), user("b")],
     ["user: a b"], []),
    ("thinking of others is no turn",
     [user("a"), model(Reasoning("t"), path=".y"), user("b")],
     ["user: a b"], [".y.content[0]"]),
    ("results first, in the order of the calls",
     [model(call("1"), call("2")), user(result("2", "y")), user(result("1", "x")),
      user("go on")],
     ["assistant: ?1 ?2", "user: !1=x !2=y go on"], []),
    ("words before the result of a call",
     [model(call("1")), user("wait"), user(result("1", "x"))],
     ["assistant: ?1", "user: !1=x wait"], []),
    ("thinking first, calls last",
     [user("a"), model(call("1"), "text", Redacted(Signature("d", NAME)), SIGNED)],
     ["user: a", "assistant: <redacted_thinking> <thinking> text ?1"], []),
    ("thinking between words stays there",
     [user("a"), model(SIGNED, "x", SIGNED, "y", call("1")), model(SIGNED, "z")],
     ["user: a", "assistant: <thinking> x <thinking> y <thinking> z ?1"], []),
    ("a result twice: the last at the place of the first",
     [model(call("1"), call("2")), user(result("1", "old"), result("2", "y"),
                                        result("1", "new"))],
     ["assistant: ?1 ?2", "user: !1=new !2=y"], []),
    ("a result too late",
     [model(call("1"), call("2")), user(result("1", "x")), model("hm"),
      user(result("2", "y"), path=".z"), model("ok")],
     ["assistant: ?1 ?2", "user: !1=x !2=y", "assistant: hm ok"], [".z.content[0]"]),
    ("the same id in every turn",
     [model(call("1")), user(result("1", "x")), model(call("1")),
      user(result("1", "y"))],
     ["assistant: ?1", "user: !1=x", "assistant: ?1", "user: !1=y"], []),
    ("a result without a call stays",
     [user(result("9", "x"), "a")],
     ["user: !9=x a"], []),
    ("ids are made legal on both sides",
     [model(call("a.b")), user(result("a.b", "x"))],
     ["assistant: ?a_b", "user: !a_b=x"], []),
]
# fmt: on


@pytest.mark.parametrize(
    ("messages", "turns", "dropped"),
    [case[1:] for case in TURNS],
    ids=[case[0] for case in TURNS],
)
def test_turns_of_other_dialects(
    messages: list[Message], turns: list[str], dropped: list[str]
) -> None:
    document, paths = emit(*messages)
    assert short(document) == turns
    assert paths == dropped


def test_system_text_goes_to_the_top() -> None:
    media = MediaPart(Media(kind=MediaKind.IMAGE, url="u"))
    document, dropped = emit(
        system("S1"),
        say(Role.DEVELOPER, Text("D1", CACHE), media, path=".messages[1]"),
        user("hi", name="ann", extras=Extras("openai_chat", {"x": 1}), path=".u"),
    )
    assert document["system"] == [
        {"type": "text", "text": "S1"},
        {"type": "text", "text": "D1", "cache_control": CACHE},
    ]
    assert short(document) == ["user: hi"]
    assert dropped == [".messages[1]", ".u.name", ".u.x"]


def test_nothing_but_system_text() -> None:
    document, dropped = emit(system("be kind"))
    assert document["messages"] == [{"role": "user", "content": "."}]
    assert dropped == [".messages"]


def test_turns_of_this_dialect_stay() -> None:
    messages = [
        system("s", path=".system"),
        user("a", path=".messages[0]"),
        user(Text("b", CACHE), path=".messages[1]"),
        system("c", path=".messages[2]", extras=Extras(NAME, {"new": 1})),
        model(call("a.b"), SIGNED, plain=False, path=".messages[3]"),
        model(Reasoning("t"), path=".messages[4]"),
    ]
    document, dropped = emit(*messages, native=True)
    assert document["system"] == "s"
    assert document["messages"][:3] == [
        {"role": "user", "content": "a"},
        {
            "role": "user",
            "content": [{"type": "text", "text": "b", "cache_control": CACHE}],
        },
        {"role": "system", "content": "c", "new": 1},
    ]
    assert short({"messages": document["messages"][3:]}) == [
        "assistant: ?a.b <thinking>"
    ]
    assert dropped == [".messages[4]"]


def test_system_text_that_a_policy_added() -> None:
    document, _ = emit(
        system("s", path=".system"), say(Role.DEVELOPER, "d"), native=True
    )
    assert document["system"] == [
        {"type": "text", "text": "s"},
        {"type": "text", "text": "d"},
    ]
