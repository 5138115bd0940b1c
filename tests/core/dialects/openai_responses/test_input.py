"""Items of a request, as neutral turns."""

from __future__ import annotations

from typing import Any

import pytest

from cliproxy_core.base.errors import DecodeError
from cliproxy_core.dialects.openai_responses.carrier import Place, wrap
from cliproxy_core.dialects.openai_responses.input import Input, parse_input
from cliproxy_core.dialects.openai_responses.parts import kept
from cliproxy_core.ir.media import Media, MediaKind
from cliproxy_core.ir.reasoning import Signature
from cliproxy_core.ir.request import (
    NO_EXTRAS,
    Extras,
    MediaPart,
    Message,
    NativePart,
    Reasoning,
    Redacted,
    Refusal,
    Role,
    Text,
    Tool,
    ToolCall,
    ToolKind,
    ToolResult,
)

NAME = "openai_responses"
OWN = Extras(NAME, {})
USER, ASSISTANT = Role.USER, Role.ASSISTANT


def said(role: str, content: Any, **more: Any) -> dict[str, Any]:
    return {"type": "message", "role": role, "content": content, **more}


def words(text: str, kind: str = "output_text") -> list[Any]:
    return [{"type": kind, "text": text}]


def call(call_id: str, **more: Any) -> dict[str, Any]:
    return {
        "type": "function_call",
        "call_id": call_id,
        "name": "f",
        "arguments": '{ "a": 1 }',
        **more,
    }


def thought(*texts: str, **more: Any) -> dict[str, Any]:
    summary = [{"type": "summary_text", "text": text} for text in texts]
    return {"type": "reasoning", "summary": summary, **more}


def turns(*items: Any) -> list[Message]:
    return parse_input(list(items)).messages


def parts(*items: Any) -> tuple[Any, ...]:
    (message,) = turns(*items)
    assert message.role is ASSISTANT
    return message.parts


def test_a_string() -> None:
    message = Message(role=USER, parts=(Text("hi"),), path=".input")
    assert parse_input("hi") == Input([message])


@pytest.mark.parametrize(
    ("item", "message"),
    [
        (
            said("user", "hi"),
            Message(role=USER, parts=(Text("hi"),)),
        ),
        (
            {"role": "user", "content": "hi"},
            Message(role=USER, parts=(Text("hi"),), extras=OWN),
        ),
        (
            {"type": None, "role": "system", "content": "hi"},
            Message(
                role=Role.SYSTEM,
                parts=(Text("hi"),),
                extras=kept({"type": None}),
            ),
        ),
        (
            said("developer", words("a", "input_text"), status="completed"),
            Message(
                role=Role.DEVELOPER,
                parts=(Text("a"),),
                plain=False,
                extras=kept({"type": "message", "status": "completed"}),
            ),
        ),
        (
            said("assistant", words("a")),
            Message(role=ASSISTANT, parts=(Text("a"),), plain=False),
        ),
        (
            {"role": "assistant", "content": "a", "phase": "commentary"},
            Message(
                role=ASSISTANT,
                parts=(Text("a"),),
                extras=kept({"phase": "commentary"}),
            ),
        ),
        (
            said("assistant", [{"type": "refusal", "refusal": "no"}], id="msg_1"),
            Message(
                role=ASSISTANT,
                parts=(Refusal("no"),),
                plain=False,
                extras=kept({"type": "message", "id": "msg_1"}),
            ),
        ),
        (
            said("assistant", []),
            Message(role=ASSISTANT, parts=(), plain=False),
        ),
    ],
    ids=str,
)
def test_messages(item: Any, message: Message) -> None:
    (found,) = turns(item)
    assert found.path == ".input[0]"
    assert found == Message(
        role=message.role,
        parts=message.parts,
        plain=message.plain,
        path=".input[0]",
        extras=message.extras,
    )


def test_what_the_assistant_does_in_a_row_is_one_turn() -> None:
    first, second = turns(
        thought("hm", encrypted_content="gA", id="rs_1"),
        said("assistant", words("I look")),
        call("a"),
        call("b", id="fc_1", status="completed"),
        {"type": "web_search_call", "id": "ws_1"},
        {"type": "tomorrows_call"},
        said("user", "stop"),
    )
    assert first == Message(
        role=ASSISTANT,
        parts=(
            Reasoning("hm", Signature("gA", NAME), kept({"id": "rs_1"})),
            Text("I look"),
            ToolCall(call_id="a", name="f", arguments='{ "a": 1 }'),
            ToolCall(
                call_id="b",
                name="f",
                arguments='{ "a": 1 }',
                extras=kept({"id": "fc_1", "status": "completed"}),
            ),
            NativePart(NAME, {"type": "web_search_call", "id": "ws_1"}),
            NativePart(NAME, {"type": "tomorrows_call"}),
        ),
        plain=False,
        path=".input[0]",
    )
    assert (second.role, second.path) == (USER, ".input[6]")


def test_a_turn_remembers_how_its_words_were_spread() -> None:
    (turn,) = turns(
        {"role": "assistant", "content": "a"},
        said("assistant", [*words("b"), *words("c")], phase="final_answer"),
        call("a"),
    )
    fields = {"type": "message", "phase": "final_answer"}
    spread: Any = [
        {"parts": 1, "plain": True, "fields": {}},
        {"parts": 2, "plain": False, "fields": fields},
        None,
    ]
    lost = {"phase": "final_answer"}
    assert turn.extras == Extras(NAME, lost, {"items": spread})


def test_a_part_of_tomorrow_is_not_taken_for_an_item() -> None:
    new: Any = {"type": "new"}
    (message,) = turns(said("assistant", [new]))
    (item,) = turns({"type": "new_call"})
    assert message.parts == (NativePart(NAME, new),)
    assert "items" in (message.extras.raw or {})
    assert item.extras is NO_EXTRAS
    (content,), (own,) = turns(said("user", [new])), turns(new)
    assert content.parts == own.parts
    assert (content.plain, own.plain) == (False, True)


def test_calls_of_every_kind() -> None:
    found = parts(
        call("a", namespace="n", cache_control={"type": "ephemeral"}),
        {"type": "custom_tool_call", "call_id": "b", "name": "exec", "input": "ls"},
    )
    assert found == (
        ToolCall(
            call_id="a",
            name="f",
            arguments='{ "a": 1 }',
            namespace="n",
            cache={"type": "ephemeral"},
        ),
        ToolCall(call_id="b", name="exec", arguments="ls", kind=ToolKind.CUSTOM),
    )


def test_outputs() -> None:
    item = {"type": "function_call_output", "call_id": "a", "output": "1"}
    result = ToolResult(call_id="a", parts=(Text("1"),))
    assert turns(item) == [Message(role=USER, parts=(result,), path=".input[0]")]


@pytest.mark.parametrize(
    ("item", "part"),
    [
        (thought("a", "b"), Reasoning("a\n\nb", None, OWN)),
        (
            thought("a", encrypted_content="gA"),
            Reasoning("a", Signature("gA", NAME), OWN),
        ),
        (thought(encrypted_content="gA"), Redacted(Signature("gA", NAME), OWN)),
        (
            thought(content=[{"type": "reasoning_text", "text": "x"}]),
            Reasoning("x", None, OWN),
        ),
        (
            thought("s", content=[{"type": "reasoning_text", "text": "x"}]),
            Reasoning("s", None, OWN),
        ),
        (thought(id="rs_1"), NativePart(NAME, thought(id="rs_1"))),
    ],
    ids=str,
)
def test_reasoning(item: Any, part: Any) -> None:
    (found,) = parts(item)
    if isinstance(part, NativePart):
        assert found == part
        return
    assert found.extras.dialect == NAME
    assert type(found)(*[getattr(found, a) for a in ARGS[type(found)]], OWN) == part


ARGS = {Reasoning: ("text", "signature"), Redacted: ("sealed",)}


@pytest.mark.parametrize(
    ("item", "more"),
    [
        (thought("a", id="r", status=None), {"id": "r", "status": None}),
        (thought("a", encrypted_content=""), {"encrypted_content": ""}),
        (thought("a", encrypted_content=None), {"encrypted_content": None}),
        (
            thought("a", "b"),
            {"summary": thought("a", "b")["summary"]},
        ),
        (
            {"type": "reasoning", "encrypted_content": "gA"},
            {"summary": False},
        ),
    ],
    ids=str,
)
def test_what_reasoning_says_beside(item: Any, more: Any) -> None:
    (found,) = parts(item)
    assert found.extras == kept(more)


def test_reasoning_of_another_issuer_comes_back_to_it() -> None:
    foreign = Signature("EqA", "claude_messages", "f")
    assert parts(
        thought("hm", encrypted_content=wrap(foreign), id="rs_1"),
        thought(encrypted_content=wrap(foreign)),
        call("a"),
    )[:2] == (Reasoning("hm", foreign), Redacted(foreign))


def test_thinking_that_was_not_shown_is_not_sealed() -> None:
    foreign = Signature("EqA", "claude_messages")
    summary = [{"type": "summary_text", "text": ""}]
    hidden = thought(encrypted_content=wrap(foreign), summary=summary)
    assert parts(hidden) == (Reasoning("", foreign),)
    own = thought(encrypted_content="gA", summary=summary)
    assert isinstance(parts(own)[0], Redacted)


def test_a_spoilt_carrier_proves_nothing() -> None:
    assert parts(thought("hm", encrypted_content="cliproxy1:x")) == (Reasoning("hm"),)
    assert turns(thought(encrypted_content="cliproxy1:x")) == []


def test_proofs_of_calls_and_words_find_them() -> None:
    of_call, of_words = Signature("c", "gemini"), Signature("w", "gemini")
    found = parts(
        said("assistant", words("hi")),
        thought(encrypted_content=wrap(of_words, Place.PREVIOUS)),
        thought(encrypted_content=wrap(of_call, Place.NEXT)),
        call("a"),
        call("b"),
        thought(encrypted_content=wrap(of_words, Place.PREVIOUS)),
    )
    text, first, second = found
    assert text.signature == of_words
    assert (first.signature, second.signature) == (of_call, None)


def test_a_proof_without_what_it_proves_is_nothing() -> None:
    proof = Signature("c", "gemini")
    assert turns(thought(encrypted_content=wrap(proof, Place.PREVIOUS))) == []
    assert turns(thought(encrypted_content=wrap(proof, Place.NEXT))) == []


def test_pictures_that_the_upstream_drew() -> None:
    drawn = {
        "type": "image_generation_call",
        "id": "ig_1",
        "status": "completed",
        "result": "AA==",
        "output_format": "webp",
    }
    more: Any = {key: value for key, value in drawn.items() if key != "result"}
    picture = Media(kind=MediaKind.IMAGE, mime="image/webp", data="AA==")
    assert parts(drawn) == (MediaPart(picture, None, kept(more)),)
    unfinished: Any = {**drawn, "result": None}
    assert parts(unfinished) == (NativePart(NAME, unfinished),)


def test_items_that_only_this_api_knows() -> None:
    added: Any = {
        "type": "additional_tools",
        "role": "developer",
        "tools": [{"type": "custom", "name": "exec"}],
    }
    reference: Any = {"type": "item_reference", "id": "x"}
    read = parse_input([added, reference, {"id": "y"}, {"type": "new"}])
    assert read.messages == [
        Message(
            role=USER,
            parts=(NativePart(NAME, raw, declares=raw is added),),
            path=f".input[{at}]",
        )
        for at, raw in enumerate([added, reference, {"id": "y"}, {"type": "new"}])
    ]
    assert read.stored == [".input[1]", ".input[2]"]
    assert read.tools == [Tool(name="exec", kind=ToolKind.CUSTOM)]


@pytest.mark.parametrize(
    ("value", "path"),
    [
        (7, ""),
        (None, ""),
        ({}, ""),
        ([7], "[0]"),
        ([{}], "[0].type"),
        ([{"type": 7}], "[0].type"),
        ([{"role": 7, "content": ""}], "[0].role"),
        ([{"role": "tool", "content": ""}], "[0].role"),
        ([{"role": "user"}], "[0].content"),
        ([said("user", None)], "[0].content"),
        ([said("user", ""), said("assistant", [7])], "[1].content[0]"),
        ([{"type": "function_call"}], "[0].call_id"),
        ([call("a", arguments={})], "[0].arguments"),
        ([call("a", name=None)], "[0].name"),
        ([{"type": "custom_tool_call", "call_id": "a", "name": "f"}], "[0].input"),
        ([{"type": "function_call_output", "call_id": "a"}], "[0].output"),
        (
            [{"type": "function_call_output", "call_id": "a", "output": None}],
            "[0].output",
        ),
        (
            [{"type": "function_call_output", "call_id": "a", "output": [7]}],
            "[0].output[0]",
        ),
        ([{"type": "reasoning", "summary": 7}], "[0].summary"),
        ([{"type": "reasoning", "summary": [{}]}], "[0].summary[0].text"),
        ([{"type": "reasoning", "encrypted_content": 7}], "[0].encrypted_content"),
        ([{"type": "image_generation_call", "result": 7}], "[0].result"),
        ([{"type": "additional_tools"}], "[0].tools"),
        ([{"type": "additional_tools", "tools": [{}]}], "[0].tools[0].type"),
    ],
    ids=str,
)
def test_a_bad_input_is_a_complaint(value: Any, path: str) -> None:
    with pytest.raises(DecodeError) as caught:
        parse_input(value)
    assert caught.value.path == f".input{path}"
