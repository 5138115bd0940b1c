"""Neutral turns as items, from this dialect and from others."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

from cliproxy_core.dialects.openai_responses.input import parse_input
from cliproxy_core.dialects.openai_responses.input_emit import emit_input
from cliproxy_core.dialects.openai_responses.parts_emit import Writer
from cliproxy_core.ir.media import Media, MediaKind
from cliproxy_core.ir.reasoning import Signature
from cliproxy_core.ir.request import (
    Extras,
    MediaPart,
    Message,
    NativePart,
    Reasoning,
    Redacted,
    Refusal,
    Request,
    Role,
    Text,
    ToolCall,
    ToolKind,
    ToolResult,
)

NAME = "openai_responses"
SEAL = Signature("gA", NAME)
USER, ASSISTANT, SYSTEM = Role.USER, Role.ASSISTANT, Role.SYSTEM


def message(role: Role, *parts: Any, **more: Any) -> Message:
    return Message(role=role, parts=parts, plain=False, **more)


def plain(role: Role, text: str, **more: Any) -> Message:
    return Message(role=role, parts=(Text(text),), **more)


def call(call_id: str, **more: Any) -> ToolCall:
    return ToolCall(call_id=call_id, name="f", arguments="{}", **more)


def result(call_id: str, text: str = "1") -> ToolResult:
    return ToolResult(call_id=call_id, parts=(Text(text),))


def foreign(*messages: Message) -> tuple[dict[str, Any], list[str]]:
    writer = Writer(own=False)
    told = emit_input(Request(model="m", messages=messages), writer)
    assert all(dropped.reason for dropped in writer.dropped)
    return told, [dropped.path for dropped in writer.dropped]


def items(*messages: Message) -> tuple[list[Any], list[str]]:
    told, lost = foreign(*messages)
    assert told.keys() == {"input"}
    return told["input"], lost


def own(messages: list[Message]) -> dict[str, Any]:
    writer = Writer(own=True)
    request = Request(model="m", messages=tuple(messages), extras=Extras(NAME, {}))
    return emit_input(request, writer)


def back(*raw: Any) -> Any:
    return own(parse_input(list(raw)).messages)["input"]


def says(role: str, text: str) -> dict[str, Any]:
    kind = "output_text" if role == "assistant" else "input_text"
    return {"type": "message", "role": role, "content": [{"type": kind, "text": text}]}


def made(at: int, *content: Any) -> dict[str, Any]:
    """A message of the assistant's, made at a place among the items."""
    head = {"type": "message", "id": f"msg_{at}", "status": "completed"}
    parts = [
        {"type": "output_text", "text": part, "annotations": []}
        if isinstance(part, str)
        else part
        for part in content
    ]
    return {**head, "role": "assistant", "content": parts}


def called(call_id: str) -> dict[str, Any]:
    head = {"type": "function_call", "call_id": call_id}
    return {**head, "name": "f", "arguments": "{}"}


def gave(call_id: str, text: str = "1") -> dict[str, Any]:
    return {"type": "function_call_output", "call_id": call_id, "output": text}


# From this dialect.

WORDS: list[Any] = [{"type": "output_text", "text": "a"}]
TURNS: list[list[Any]] = [
    [],
    [{"role": "user", "content": "a"}],
    [{"type": "message", "role": "user", "content": "a"}],
    [{"type": "message", "role": "user", "content": [{"type": "text", "text": "a"}]}],
    [{"role": "assistant", "content": "a", "id": "m1"}],
    [{"type": "message", "role": "assistant", "content": WORDS, "phase": None}],
    [{"role": "assistant", "content": "a"}, {"role": "assistant", "content": "b"}],
    [{"role": "assistant", "content": WORDS}, called("c"), says("assistant", "b")],
    [{"role": "assistant", "content": []}, called("c")],
    [{"role": "assistant", "content": []}],
    [{"role": "assistant", "content": ""}],
    [{"role": "user", "content": []}],
    [{"type": "message", "role": "assistant", "content": [{"type": "new"}]}],
    [{"type": "new_call"}],
    [{"type": "new"}],
    [{"role": "user", "content": [{"type": "new"}]}],
    [{"role": "user", "content": [{"type": "input_text", "text": "a"}, {"type": "n"}]}],
    [says("assistant", "a"), says("assistant", "b"), called("c"), called("c")],
    [gave("no call"), gave("no call"), {**gave("d"), "name": "f", "id": "x"}],
    [{**called("a"), "arguments": "", "namespace": "n", "status": "completed"}],
    [{"type": "custom_tool_call", "call_id": "c", "name": "e", "input": ""}],
    [{"type": "custom_tool_call_output", "call_id": "c", "output": WORDS}],
    [{"type": "image_generation_call", "id": "i", "result": "AA=="}, called("c")],
    [{"type": "image_generation_call", "id": "i", "result": None}],
    [{"type": "reasoning", "id": "r", "summary": [], "encrypted_content": "gA"}],
    [{"type": "reasoning", "id": "r", "summary": [], "encrypted_content": ""}],
    [{"type": "reasoning", "id": "r", "summary": [], "content": None}],
    [{"type": "reasoning", "encrypted_content": "gA"}],
    [
        {
            "type": "reasoning",
            "summary": [
                {"type": "summary_text", "text": "a"},
                {"type": "summary_text", "text": "b"},
            ],
            "content": [{"type": "reasoning_text", "text": "c"}],
        }
    ],
    [{"type": "item_reference", "id": "r"}, {"id": "r"}],
    [says("user", "a"), says("assistant", "b"), says("user", "c")],
]


@pytest.mark.parametrize("raw", TURNS, ids=str)
def test_items_are_given_back(raw: list[Any]) -> None:
    expected = {"input": raw} if raw else {}
    assert own(parse_input(raw).messages) == expected


def test_strings_are_given_back() -> None:
    assert own(parse_input("hi").messages) == {"input": "hi"}
    instructions = plain(SYSTEM, "be kind", path=".instructions")
    assert own([instructions]) == {"instructions": "be kind"}
    assert own([instructions, *parse_input("hi").messages]) == {
        "instructions": "be kind",
        "input": "hi",
    }


def test_a_turn_whose_parts_have_changed_is_spread_anew() -> None:
    (turn,) = parse_input(
        [{"role": "assistant", "content": "a"}, {"role": "assistant", "content": "b"}]
    ).messages
    more = attrs.evolve(turn, parts=(*turn.parts, call("c")))
    assert own([more])["input"] == [
        {
            "type": "message",
            "role": "assistant",
            "content": [
                {"type": "output_text", "text": "a"},
                {"type": "output_text", "text": "b"},
            ],
        },
        called("c"),
    ]


def test_what_others_sealed_does_not_go_upstream_here() -> None:
    proof = "cliproxy1:gemini:next:c"
    raw = [
        {"type": "reasoning", "id": "r", "summary": [], "encrypted_content": proof},
        called("c"),
    ]
    writer = Writer(own=True)
    messages = tuple(parse_input(raw).messages)
    told = emit_input(Request(model="m", messages=messages), writer)
    assert told == {"input": [called("c")]}
    assert [dropped.path for dropped in writer.dropped] == [
        ".input[0].content[0].signature"
    ]
    sealed = {"type": "reasoning", "summary": [], "encrypted_content": "cliproxy1:g::c"}
    said = {**sealed, "summary": [{"type": "summary_text", "text": "hm"}]}
    spoilt = {**said, "encrypted_content": "cliproxy1:"}
    assert back(sealed, said, spoilt, called("c")) == [called("c")]


# From other dialects.


@pytest.mark.parametrize(
    ("messages", "told"),
    [
        (
            (plain(SYSTEM, "s"), plain(USER, "u")),
            {"instructions": "s", "input": [says("user", "u")]},
        ),
        (
            (plain(SYSTEM, "s"), plain(SYSTEM, "t"), plain(USER, "u")),
            {"instructions": "s", "input": [says("system", "t"), says("user", "u")]},
        ),
        (
            (message(SYSTEM, Text("s")), plain(USER, "u")),
            {"input": [says("system", "s"), says("user", "u")]},
        ),
        (
            (plain(Role.DEVELOPER, "s"), plain(USER, "u")),
            {"input": [says("developer", "s"), says("user", "u")]},
        ),
        ((plain(SYSTEM, "s"),), {"input": [says("system", "s")]}),
        (
            (plain(USER, "u"), plain(SYSTEM, "s")),
            {"input": [says("user", "u"), says("system", "s")]},
        ),
        ((), {"input": []}),
    ],
)
def test_where_system_text_goes(messages: Any, told: Any) -> None:
    assert foreign(*messages) == (told, [])


def test_the_order_of_a_turn_stays() -> None:
    found, lost = items(
        message(
            ASSISTANT,
            Text("t"),
            Reasoning("seen", SEAL),
            Text("u"),
            call("a"),
            Text("v"),
        ),
        message(USER, result("a"), Text("w")),
    )
    assert found == [
        made(0, "t"),
        {
            "type": "reasoning",
            "summary": [{"type": "summary_text", "text": "seen"}],
            "encrypted_content": "gA",
        },
        made(2, "u"),
        called("a"),
        made(4, "v"),
        gave("a"),
        says("user", "w"),
    ]
    assert lost == []


def test_only_what_is_sealed_here_is_thought_here() -> None:
    found, lost = items(
        message(
            ASSISTANT,
            Reasoning("unsigned"),
            Reasoning("x", Signature("E", "claude_messages")),
            Redacted(Signature("E", "claude_messages")),
            Redacted(SEAL, Extras("other", {"x": 1})),
            path=".m",
        )
    )
    assert found == [{"type": "reasoning", "summary": [], "encrypted_content": "gA"}]
    assert lost == [
        ".m.content[0]",
        ".m.content[1]",
        ".m.content[2]",
        ".m.content[3].x",
    ]


def test_a_conversation() -> None:
    said = (plain(USER, "a"), plain(ASSISTANT, "b"), message(USER, Text("c")))
    assert items(*said) == ([says("user", "a"), made(1, "b"), says("user", "c")], [])


def test_an_assistant_who_says_nothing_is_left_out() -> None:
    empty, nothing = plain(ASSISTANT, ""), message(ASSISTANT)
    calls = message(ASSISTANT, Text(""), call("a"))
    assert items(empty, nothing, calls, message(USER, result("a"))) == (
        [called("a"), gave("a")],
        [],
    )


def test_words_of_several_parts_are_one_message() -> None:
    picture = MediaPart(Media(kind=MediaKind.IMAGE, url="u"))
    found, lost = items(
        message(USER, Text("a"), picture),
        message(ASSISTANT, Text("b"), Refusal("no"), picture, path=".m"),
    )
    assert found == [
        {
            "type": "message",
            "role": "user",
            "content": [
                {"type": "input_text", "text": "a"},
                {"type": "input_image", "image_url": "u", "detail": "auto"},
            ],
        },
        made(1, "b", {"type": "refusal", "refusal": "no"}),
    ]
    assert lost == [".m.content[2]"]


def test_calls_of_every_kind() -> None:
    silent = ToolCall(call_id="a", name="f", arguments="")
    free = ToolCall(call_id="b", name="e", arguments="", kind=ToolKind.CUSTOM)
    signed = call(
        "c",
        namespace="n",
        signature=Signature("s", "gemini"),
        cache={"type": "ephemeral"},
        extras=Extras("other", {"x": 1}),
    )
    found, lost = items(message(ASSISTANT, silent, free, signed, path=".m"))
    assert found == [
        called("a"),
        {"type": "custom_tool_call", "call_id": "b", "name": "e", "input": ""},
        {**called("c"), "namespace": "n"},
    ]
    at = ".m.content[2]"
    assert lost == [f"{at}.signature", f"{at}.cache_control", f"{at}.x"]


def test_calls_and_outputs_in_rounds() -> None:
    """The same id may come again in a later turn."""
    round_ = (
        message(ASSISTANT, call("a"), call("b")),
        message(USER, result("b", "2"), result("a", "1")),
    )
    told = [called("a"), called("b"), gave("b", "2"), gave("a", "1")]
    assert items(*round_, *round_) == (told * 2, [])


@pytest.mark.parametrize(
    ("messages", "told", "lost"),
    [
        (  # an output without a call
            (message(USER, result("x"), Text("u"), path=".m"),),
            [says("user", "u")],
            [".m.content[0]"],
        ),
        (  # an output before its call
            (message(USER, result("a"), path=".m"), message(ASSISTANT, call("a"))),
            [called("a")],
            [".m.content[0]"],
        ),
        (  # a second output for one call
            (
                message(ASSISTANT, call("a")),
                message(USER, result("a")),
                message(USER, result("a", "2"), path=".m"),
            ),
            [called("a"), gave("a")],
            [".m.content[0]"],
        ),
        (  # nobody can tell which output is whose
            (
                message(ASSISTANT, call("a"), call("b"), call("a"), path=".m"),
                message(USER, result("a"), result("b"), result("a"), path=".n"),
            ),
            [called("b"), gave("b")],
            [".m.content[0]", ".m.content[2]", ".n.content[0]", ".n.content[2]"],
        ),
        (  # such an id may be used again
            (
                message(ASSISTANT, call("a"), call("a"), path=".m"),
                message(ASSISTANT, call("a")),
                message(USER, result("a")),
            ),
            [called("a"), gave("a")],
            [".m.content[0]", ".m.content[1]"],
        ),
    ],
)
def test_calls_and_outputs_that_do_not_fit(messages: Any, told: Any, lost: Any) -> None:
    assert items(*messages) == (told, lost)


def test_what_has_no_place() -> None:
    found, lost = items(
        plain(USER, "a", name="bob", extras=Extras("other", {"x": 1}), path=".m"),
        message(USER, NativePart("other", {"type": "x"})),
        message(ASSISTANT, NativePart("other", {"type": "x"}), path=".n"),
    )
    assert found == [says("user", "a")]
    assert lost == [".m.name", ".m.x", ".messages[1].content[0]", ".n.content[0]"]


def test_other_dialects_mark_a_text_without_saying_more_of_it() -> None:
    text = Text("s", extras=Extras("claude_messages", {}))
    system = Message(role=SYSTEM, parts=(text,), path=".system")
    told, lost = foreign(system, plain(USER, "u"))
    assert (told["instructions"], lost) == ("s", [])


def test_reports_count_the_instructions() -> None:
    assert foreign(plain(SYSTEM, "s"), plain(USER, "u", name="n")) == (
        {"instructions": "s", "input": [says("user", "u")]},
        [".messages[1].name"],
    )


def test_named_or_marked_system_text_is_an_item() -> None:
    marked = Message(
        role=SYSTEM, parts=(Text("s", cache={"type": "ephemeral"}),), path=".m"
    )
    assert foreign(marked, plain(USER, "u")) == (
        {"input": [says("system", "s"), says("user", "u")]},
        [".m.content[0].cache_control"],
    )
    named = plain(SYSTEM, "s", name="n", path=".m")
    assert foreign(named, plain(USER, "u"))[1] == [".m.name"]


def test_only_the_assistant_thinks() -> None:
    thoughts = (Reasoning("t", SEAL), Redacted(SEAL))
    told, lost = items(message(USER, *thoughts, Text("hi")))
    assert told == [says("user", "hi")]
    assert lost == [".messages[0].content[0]", ".messages[0].content[1]"]
