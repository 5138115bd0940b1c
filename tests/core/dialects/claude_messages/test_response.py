"""A complete message, both ways."""

from __future__ import annotations

from typing import Any

import anthropic
import pytest

from cliproxy_core.base.errors import DecodeError
from cliproxy_core.base.ids import Ids
from cliproxy_core.base.jsonval import JsonObject, dumps, loads_exact, write
from cliproxy_core.dialects.claude_messages.response import (
    emit_response,
    parse_response,
    skim_response,
)
from cliproxy_core.ir.citation import Citation, TokenProb
from cliproxy_core.ir.dialect import StreamContext
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
    Text,
    ToolCall,
)
from cliproxy_core.ir.response import Candidate, Response
from cliproxy_core.ir.stream import Reason
from cliproxy_core.ir.usage import Usage

NAME = "claude_messages"


def context() -> StreamContext:
    return StreamContext(ids=Ids(b"x"), created=0, model="asked")


def message(*content: Any, reason: str | None = "end_turn", **more: Any) -> Any:
    return {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "claude-x",
        "content": list(content),
        "stop_reason": reason,
        "stop_sequence": None,
        "usage": {"input_tokens": 3, "output_tokens": 1},
        **more,
    }


CALL: Any = {"type": "tool_use", "id": "toolu_1", "name": "f", "input": {"a": [1]}}
CITATION: Any = {"type": "char_location"}
CITED: Any = {"type": "text", "text": "hi", "citations": [CITATION]}
OWN = Extras(NAME, {})
GEMINI = Signature("s", "gemini")
SEARCH: Any = {"type": "server_tool_use", "id": "s", "name": "w", "input": {"q": 1}}

BOTH_WAYS: list[tuple[Any, Part]] = [
    ({"type": "text", "text": "hi"}, Text("hi", extras=Extras(NAME, {}))),
    (
        CITED,
        Text("hi", extras=OWN, citations=(Citation(dialect=NAME, raw=CITATION),)),
    ),
    (
        {"type": "text", "text": "hi", "citations": None, "new": 1},
        Text("hi", extras=Extras(NAME, {"new": 1}, {"citations": None})),
    ),
    (
        {"type": "thinking", "thinking": "t", "signature": "s"},
        Reasoning("t", Signature("s", NAME), OWN),
    ),
    (
        {"type": "thinking", "thinking": "t", "signature": ""},
        Reasoning("t", None, OWN),
    ),
    (
        {"type": "redacted_thinking", "data": "d"},
        Redacted(Signature("d", NAME), OWN),
    ),
    (SEARCH, NativePart(NAME, SEARCH)),
]


@pytest.mark.parametrize(("block", "part"), BOTH_WAYS)
def test_blocks_both_ways(block: Any, part: Part) -> None:
    payload = message(block)
    response = parse_response(payload, context())
    assert response.candidates[0].parts == (part,)
    assert emit_response(response, context()).payload == payload


def test_a_call_both_ways() -> None:
    payload = message(CALL, reason="tool_use")
    (candidate,) = parse_response(payload, context()).candidates
    assert candidate.parts == (
        ToolCall(call_id="toolu_1", name="f", arguments='{"a":[1]}', extras=OWN),
    )
    assert candidate.reason is Reason.TOOL_USE
    assert (
        emit_response(parse_response(payload, context()), context()).payload == payload
    )


def test_everything_around_the_content() -> None:
    payload = message(
        {"type": "text", "text": "x"},
        reason="stop_sequence",
        stop_sequence="END",
        container={"id": "c"},
        stop_details=None,
    )
    response = parse_response(payload, context())
    assert (response.id, response.model) == ("msg_1", "claude-x")
    assert response.usage == Usage(input_uncached=3, output=1)
    assert response.candidates[0].sequence == "END"
    told = {"container": {"id": "c"}, "stop_details": None}
    assert response.extras == Extras(NAME, told)
    assert emit_response(response, context()).payload == payload


@pytest.mark.parametrize(
    ("content", "word", "reason"),
    [
        ([CALL], "end_turn", Reason.TOOL_USE),
        ([CALL], None, Reason.TOOL_USE),
        ([CALL], "max_tokens", Reason.MAX_OUTPUT),
        ([], "tool_use", Reason.END),
        ([], None, Reason.END),
        ([], "", Reason.END),
        ([], "pause_turn", Reason.PAUSE),
        ([], "because", Reason.OTHER),
    ],
)
def test_reasons_and_calls_agree(
    content: list[Any], word: str | None, reason: Reason
) -> None:
    payload = message(*content, reason=word)
    assert parse_response(payload, context()).candidates[0].reason is reason


def test_least_that_is_a_message() -> None:
    response = parse_response(
        {"content": [{"type": "thinking", "thinking": "t"}]}, context()
    )
    assert response.candidates[0].parts == (Reasoning("t", None, OWN),)
    assert response.usage is None
    emitted = emit_response(response, context()).payload
    assert emitted["id"] == Ids(b"x")("msg_")
    assert emitted["model"] == "asked"
    assert emitted["usage"] == {"input_tokens": 0, "output_tokens": 0}


@pytest.mark.parametrize(
    ("payload", "path"),
    [
        ({}, ".content"),
        ({"content": "x"}, ".content"),
        (message(1), ".content[0]"),
        (message({}), ".content[0].type"),
        (message({"type": "text"}), ".content[0].text"),
        (message({"type": "tool_use", "id": "t"}), ".content[0].name"),
        (message(CALL | {"input": "x"}), ".content[0].input"),
        (message(usage=[]), ".usage"),
    ],
)
def test_faults_are_named(payload: Any, path: str) -> None:
    with pytest.raises(DecodeError) as caught:
        parse_response(payload, context())
    assert caught.value.path == path


def emitted_content(*parts: Part, reason: Reason = Reason.END) -> Any:
    candidate = Candidate(parts=parts, reason=reason)
    response = Response(id="r", model="m", candidates=(candidate,))
    payload: Any = emit_response(response, context()).payload
    anthropic.types.Message.construct(**payload)
    return payload["content"]


def test_parts_from_other_dialects() -> None:
    gemini = Signature("s", "gemini")
    content = emitted_content(
        Text("hi", extras=Extras("openai_chat", {"annotations": []})),
        Text(""),
        Refusal("no"),
        Reasoning("t", gemini),
        Redacted(gemini),
        ToolCall(call_id="", name="f", arguments='{"a'),
        ToolCall(call_id="b", name="f", arguments="[1]"),
        MediaPart(Media(kind=MediaKind.IMAGE, data="AAAA")),
        NativePart("gemini", {"x": 1}),
    )
    assert content == [
        {"type": "text", "text": "hi"},
        {"type": "text", "text": "no"},
        {
            "type": "thinking",
            "thinking": "t",
            "signature": "cliproxy1:gemini::s",
        },
        {"type": "redacted_thinking", "data": "cliproxy1:gemini::s"},
        {
            "type": "tool_use",
            "id": Ids(b"x")("toolu_"),
            "name": "f",
            "input": {},
        },
        {"type": "tool_use", "id": "b", "name": "f", "input": {"input": "[1]"}},
    ]


def carried(place: str) -> Any:
    slot = f"cliproxy1:gemini:{place}:s"
    return {"type": "thinking", "thinking": "", "signature": slot}


def test_what_has_no_slot_travels_in_thinking() -> None:
    call = ToolCall(call_id="a", name="f", arguments="{}", signature=GEMINI)
    use: Any = {"type": "tool_use", "id": "a", "name": "f", "input": {}}
    signed = Reasoning("t", Signature("own", NAME))
    assert emitted_content(Reasoning("t"), call) == [
        {**carried("next"), "thinking": "t"},
        use,
    ]
    assert emitted_content(signed, call)[1:] == [carried("next"), use]
    assert emitted_content(Reasoning("t"), Text("x"), call)[2:] == [
        carried("next"),
        use,
    ]
    assert emitted_content(Text("x", signature=GEMINI))[1] == carried("previous")


def test_numbers_keep_their_digits() -> None:
    text = '{"n":12345678901234567890123}'
    payload: Any = loads_exact(
        dumps(message(CALL)).replace(b'{"a":[1]}', text.encode())
    )
    (call,) = parse_response(payload, context()).candidates[0].parts
    assert isinstance(call, ToolCall)
    assert call.arguments == text
    assert text.encode() in write(emitted_content(call))


def test_a_cut_call_is_not_announced_as_a_whole_one() -> None:
    call = ToolCall(call_id="a", name="f", arguments='{"a":')
    candidate = Candidate(parts=(call,), reason=Reason.TOOL_USE)
    response = Response(id="r", model="m", candidates=(candidate,))
    emitted = emit_response(response, context())
    assert emitted.payload["stop_reason"] == "max_tokens"
    assert emitted.dropped == ()


@pytest.mark.parametrize("word", ["max_tokens", "model_context_window_exceeded"])
def test_a_call_at_the_limit_does_not_look_runnable(word: str) -> None:
    """The vendor's document has an empty input for it."""
    first = {**CALL, "input": {}}
    payload = message(first, {**CALL, "id": "b", "input": {}}, reason=word)
    response = parse_response(payload, context())
    (candidate,) = response.candidates
    texts = [p.arguments for p in candidate.parts if isinstance(p, ToolCall)]
    assert texts == ["{}", "{"]
    assert emit_response(response, context()).payload == payload


def test_one_that_has_arguments_is_as_it_came() -> None:
    payload = message({**CALL, "input": {"a": 1}}, reason="max_tokens")
    (call,) = parse_response(payload, context()).candidates[0].parts
    assert isinstance(call, ToolCall)
    assert call.arguments == '{"a":1}'


def test_words_that_decline_show_in_the_reason() -> None:
    candidate = Candidate(parts=(Refusal("no"),), reason=Reason.END)
    response = Response(id="r", model="m", candidates=(candidate,))
    payload = emit_response(response, context()).payload
    assert payload["stop_reason"] == "refusal"
    assert payload["content"] == [{"type": "text", "text": "no"}]


def test_what_has_no_place_is_named() -> None:
    parts = (
        MediaPart(Media(kind=MediaKind.IMAGE, data="AAAA")),
        NativePart("gemini", {}),
        Text("x", citations=(Citation(dialect="gemini", raw={}),)),
        ToolCall(call_id="a", name="f", arguments="ls"),
    )
    first = Candidate(parts=parts, tokens=(TokenProb("x", -1),))
    candidates = (first, Candidate(parts=()))
    response = Response(id="r", model="m", candidates=candidates)
    assert [each.path for each in emit_response(response, context()).dropped] == [
        ".candidates[0].parts[0]",
        ".candidates[0].parts[1]",
        ".candidates[0].parts[2].citations",
        ".candidates[0].parts[3].arguments",
        ".candidates[0].tokens",
        ".candidates[1]",
    ]


def test_a_block_collected_from_a_stream_gets_its_input() -> None:
    pieces: Any = [{"partial_json": '{"q":'}, {"partial_json": "1}"}, {"x": 1}, 2]
    collected = NativePart(NAME, {**SEARCH, "input": {}, "deltas": pieces})
    whole = NativePart(NAME, {**SEARCH, "deltas": []})
    assert emitted_content(collected, whole) == [SEARCH, SEARCH]


def test_skimming_reads_the_usage() -> None:
    usage = skim_response(
        {"content": [], "usage": {"input_tokens": 5, "output_tokens": 2}}
    )
    assert usage is not None
    assert (usage.input_total, usage.output_total) == (5, 2)


@pytest.mark.parametrize("payload", [{}, {"content": "x"}, {"choices": []}])
def test_skimming_refuses_what_is_no_response(payload: JsonObject) -> None:
    with pytest.raises(DecodeError):
        skim_response(payload)
