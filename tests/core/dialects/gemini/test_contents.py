"""Turns of a request: who speaks, words in pieces, and the ids of calls."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cliproxy_core.base.errors import DecodeError
from cliproxy_core.dialects.gemini.carrier import wrap
from cliproxy_core.dialects.gemini.contents import parse_contents, parse_system
from cliproxy_core.ir.reasoning import Signature
from cliproxy_core.ir.request import (
    Extras,
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

NAME = "gemini"
USER, MODEL = Role.USER, Role.ASSISTANT
SIGNED = {"thoughtSignature": "c2ln"}
PROOF = Signature("c2ln", NAME)
FOREIGN = Signature("s", "claude_messages")


def said(text: str, **more: Any) -> Any:
    return {"text": text, **more}


def thought(text: str, **more: Any) -> Any:
    return {"text": text, "thought": True, **more}


def call(name: str = "f", **more: Any) -> Any:
    return {"functionCall": {"name": name, **more}}


def answer(name: str | None = "f", **more: Any) -> Any:
    named = {} if name is None else {"name": name}
    return {"functionResponse": {**named, "response": {"output": "ok"}, **more}}


def user(*parts: Any) -> Any:
    return {"role": "user", "parts": list(parts)}


def model(*parts: Any) -> Any:
    return {"role": "model", "parts": list(parts)}


def unsaid(*parts: Any) -> Any:
    return {"parts": list(parts)}


def turns(contents: Any) -> list[tuple[Role, tuple[Part, ...]]]:
    return [(turn.role, turn.parts) for turn in parse_contents(contents)]


def test_turns_know_their_places() -> None:
    contents = [user(said("a")), model(said("b")), model(said("c")), user(said("d"))]
    assert parse_contents(contents) == [
        Message(role=USER, parts=(Text("a"),), plain=False, path=".contents[0]"),
        Message(role=MODEL, parts=(Text("bc"),), plain=False, path=".contents[1]"),
        Message(role=USER, parts=(Text("d"),), plain=False, path=".contents[3]"),
    ]


# fmt: off
ROLES: list[tuple[list[Any], list[Role]]] = [
    ([], []),
    ([unsaid(said("a"))], [USER]),
    ([unsaid(said("a")), unsaid(said("b")), unsaid(said("c"))], [USER, MODEL, USER]),
    ([user(said("a")), {"role": "", "parts": [said("b")]}], [USER, MODEL]),
    ([unsaid(call())], [MODEL]),
    ([user(said("a")), unsaid(answer())], [USER, USER]),
    ([model(call()), {"role": "function", "parts": [answer()]}], [MODEL, USER]),
    ([user(said("a")), user(said("b"))], [USER, USER]),
    ([{"role": "user"}, {"role": "model", "parts": None}], [USER, MODEL]),
]
# fmt: on


@pytest.mark.parametrize(("contents", "roles"), ROLES)
def test_somebody_speaks(contents: list[Any], roles: list[Role]) -> None:
    assert [role for role, _ in turns(contents)] == roles


def test_one_object_is_a_list_of_one() -> None:
    contents = {"role": "user", "parts": said("a")}
    assert turns(contents) == [(USER, (Text("a"),))]


def test_unknown_fields_stay_with_their_turn() -> None:
    contents = [{**user(said("a")), "x": 1}, {**model(), "y": 2}, {**model(), "z": 3}]
    found = [turn.extras for turn in parse_contents(contents)]
    assert found == [Extras(NAME, {"x": 1}), Extras(NAME, {"y": 2, "z": 3})]


STRAY: Any = {"codeExecutionResult": {"outcome": "OUTCOME_OK"}}

# fmt: off
PIECES: list[tuple[list[Any], list[Part]]] = [
    ([said("a"), said("b"), said("c")], [Text("abc")]),
    ([thought("a"), thought("b"), said("c"), said("d")], [Reasoning("ab"), Text("cd")]),
    ([said("a"), thought("b")], [Text("a"), Reasoning("b")]),
    ([said("a"), said("b", **SIGNED), said("c")],
     [Text("ab", signature=PROOF), Text("c")]),
    ([said("a"), said("", **SIGNED), said("b")],
     [Text("a", signature=PROOF), Text("b")]),
    ([said("a", **SIGNED), said("", **SIGNED)],
     [Text("a", signature=PROOF), Text("", signature=PROOF)]),
    ([thought("a"), thought("b"), thought("", **SIGNED), said("c")],
     [Reasoning("ab", PROOF), Text("c")]),
    ([thought("a"), thought("", thoughtSignature=wrap(FOREIGN))],
     [Reasoning("a", FOREIGN)]),
    ([thought("a"), said("", **SIGNED)], [Reasoning("a", PROOF)]),
    ([thought(""), thought("", **SIGNED), said("a")], [Redacted(PROOF), Text("a")]),
    ([thought(""), said("", **SIGNED), said("a")], [Redacted(PROOF), Text("a")]),
    ([said("a"), thought("", **SIGNED)], [Text("a"), Redacted(PROOF)]),
    ([thought("", **SIGNED), said("a")], [Redacted(PROOF), Text("a")]),
    ([thought("a"), thought("", partMetadata={}, **SIGNED)],
     [Reasoning("a"), Redacted(PROOF, Extras(NAME, {"partMetadata": {}}))]),
    ([said("a", partMetadata={}), said("b")],
     [Text("a", None, Extras(NAME, {"partMetadata": {}})), Text("b")]),
    ([said("a"), said("b", partMetadata={})],
     [Text("a"), Text("b", None, Extras(NAME, {"partMetadata": {}}))]),
    ([said("a"), STRAY, said("b")], [Text("a"), NativePart(NAME, STRAY), Text("b")]),
]
# fmt: on


@pytest.mark.parametrize(("parts", "read"), PIECES)
def test_words_of_the_model_in_pieces(parts: list[Any], read: Sequence[Part]) -> None:
    """One content or one for each piece: the SDKs keep chunks as they came."""
    for contents in ([model(*parts)], [model(part) for part in parts]):
        assert turns(contents) == [(MODEL, tuple(read))]


def test_words_of_the_user_are_parts_of_their_own() -> None:
    assert turns([user(said("a"), said("b"))]) == [(USER, (Text("a"), Text("b")))]


@given(st.lists(st.tuples(st.booleans(), st.text()), min_size=1), st.data())
def test_how_words_are_cut_never_shows(
    words: list[tuple[bool, str]], data: st.DataObject
) -> None:
    cut: list[Any] = []
    for is_thought, text in words:
        at = data.draw(st.integers(0, len(text)))
        spoken = thought if is_thought else said
        cut += [model(spoken(text[:at])), model(spoken(text[at:]))]
    whole = model(*((thought if t else said)(text) for t, text in words))
    assert turns(cut) == turns([whole])


# Ids, as `name:id` of calls and `=name:id` of results.

# fmt: off
IDS: list[tuple[list[Any], list[str]]] = [
    ([model(call(id="a")), user(answer(id="a"))], ["f:a", "=f:a"]),
    ([model(call()), user(answer())], ["f:call_0_0", "=f:call_0_0"]),
    ([model(said("x"), call("f"), call("g")), user(answer("g"), answer("f"))],
     ["f:call_0_1", "g:call_0_2", "=g:call_0_2", "=f:call_0_1"]),
    ([model(call(), call()), user(answer(), answer())],
     ["f:call_0_0", "f:call_0_1", "=f:call_0_0", "=f:call_0_1"]),
    ([model(call("f"), call("g")), user(answer(None), answer(""))],
     ["f:call_0_0", "g:call_0_1", "=f:call_0_0", "=g:call_0_1"]),
    ([model(call(id="a"), call(id="b")), user(answer(id="b"), answer())],
     ["f:a", "f:b", "=f:b", "=f:a"]),
    ([model(call()), user(answer(id="mine"))], ["f:call_0_0", "=f:call_0_0"]),
    ([model(call(id="a")), user(answer(id="b"))], ["f:a", "=f:b"]),
    ([model(call(id="a")), user(answer("g"))], ["f:a", "=g:call_1_0"]),
    ([user(answer())], ["=f:call_0_0"]),
    ([user(answer(None))], ["=None:call_0_0"]),
    ([model(call()), user(answer()), user(answer())],
     ["f:call_0_0", "=f:call_0_0", "=f:call_2_0"]),
    ([model(call()), user(answer(id="call_0_0"))], ["f:call_0_0_", "=f:call_0_0_"]),
    ([model(call(id="a"), call(id="a")), user(answer(id="a"), answer(id="a"))],
     ["f:a", "f:a", "=f:a", "=f:a"]),
    ([model(call("f")), model(call("f")), user(answer())],
     ["f:call_0_0", "f:call_1_0", "=f:call_0_0"]),
]
# fmt: on


@pytest.mark.parametrize(("contents", "ids"), IDS)
def test_calls_and_results_have_ids(contents: list[Any], ids: list[str]) -> None:
    found = []
    for turn in parse_contents(contents):
        for part in turn.parts:
            if isinstance(part, ToolCall):
                found.append(f"{part.name}:{part.call_id}")
            elif isinstance(part, ToolResult):
                found.append(f"={part.name}:{part.call_id}")
    assert found == ids


def test_ids_stay_while_the_conversation_grows() -> None:
    contents = [model(call()), user(answer()), model(call()), user(answer())]
    long = parse_contents(contents)
    assert parse_contents(contents[:2]) == long[:2]


def test_the_system_instruction() -> None:
    content: Any = {"role": "system", "parts": [said("a"), said("b")], "x": 1}
    assert parse_system(content) == Message(
        role=Role.SYSTEM,
        parts=(Text("a"), Text("b")),
        plain=False,
        path=".systemInstruction",
        extras=Extras(NAME, {"x": 1}),
    )


BAD = [
    (7, ".contents"),
    ("hi", ".contents"),
    ([user(), "hi"], ".contents[1]"),
    ([user(), {"role": 7, "parts": []}], ".contents[1].role"),
    ([{"role": "assistant", "parts": []}], ".contents[0].role"),
    ([{"role": "user", "parts": "hi"}], ".contents[0].parts"),
    ([user(said("a"), "b")], ".contents[0].parts[1]"),
    ([user(said("a"), {"text": 7})], ".contents[0].parts[1].text"),
]


@pytest.mark.parametrize(("contents", "path"), BAD)
def test_bad_contents_are_a_complaint(contents: Any, path: str) -> None:
    with pytest.raises(DecodeError) as caught:
        parse_contents(contents)
    assert caught.value.path == path


def test_a_bad_system_instruction_is_a_complaint() -> None:
    with pytest.raises(DecodeError, match=r"^\.systemInstruction\.parts\[0\]\.text: "):
        parse_system({"parts": [{"text": 7}]})
    with pytest.raises(DecodeError, match=r"^\.systemInstruction: expected an object"):
        parse_system("be kind")
