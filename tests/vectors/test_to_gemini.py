"""Requests towards Gemini, from Responses, Chat Completions and Claude Messages."""

from __future__ import annotations

from typing import Any

import pytest

from cliproxy_core.base.jsonval import Json, JsonObject
from cliproxy_core.translate import request
from tests.vectors.vector import Sent, each, pick, sent, told

HI: JsonObject = {"role": "user", "content": "hi"}
DATA = "data:image/png;base64,AA=="
PNG: JsonObject = {"inlineData": {"mimeType": "image/png", "data": "AA=="}}
BYPASS = "skip_thought_signature_validator"
SIG, SIG_2 = "R0VNU0lH", "R0VNMklH"


def turn(role: str, *parts: JsonObject) -> JsonObject:
    return {"role": role, "parts": list(parts)}


def wants(call_id: str, signature: str = "", name: str = "f") -> JsonObject:
    call: JsonObject = {"id": call_id, "name": name, "args": {}}
    signed: JsonObject = {"thoughtSignature": signature} if signature else {}
    return {"functionCall": call, **signed}


def gives(call_id: str, response: Json, **more: Json) -> JsonObject:
    inner: JsonObject = {"id": call_id, "name": "f", "response": response, **more}
    return {"functionResponse": inner}


# From Responses.


def responses(*items: Json, **more: Json) -> Sent:
    body: JsonObject = {"model": "x", "input": list(items), **more}
    return sent("openai_responses", "gemini", body)


def asks(words: str) -> JsonObject:
    return {"role": "user", "content": [{"type": "input_text", "text": words}]}


def said(words: str) -> JsonObject:
    content: list[Json] = [{"type": "output_text", "text": words, "annotations": []}]
    return {"type": "message", "role": "assistant", "content": content}


def call(call_id: str) -> JsonObject:
    return {"type": "function_call", "call_id": call_id, "name": "f", "arguments": "{}"}


def output(call_id: str, value: Json = "ok") -> JsonObject:
    return {"type": "function_call_output", "call_id": call_id, "output": value}


def thought(words: str = "", **more: Json) -> JsonObject:
    summary: list[Json] = [{"type": "summary_text", "text": words}] if words else []
    return {"type": "reasoning", "summary": summary, **more}


def again(*parts: JsonObject, source: str) -> Json:
    """What Gemini gets back of its own turn, through a caller of another dialect."""
    answer: JsonObject = {
        "candidates": [
            {"content": turn("model", *parts), "finishReason": "STOP", "index": 0}
        ],
        "usageMetadata": {"promptTokenCount": 1, "totalTokenCount": 1},
        "modelVersion": "m",
    }
    history = (_through_claude if source == "claude" else _through_responses)(answer)
    model = [item for item in history if pick(item, "role") == "model"]
    (found,) = each(model, "parts")
    assert isinstance(found, list)
    return [_without_id(part) for part in found]


def _through_responses(answer: JsonObject) -> list[Json]:
    asked: JsonObject = {"model": "x", "input": "q"}
    items = told("openai_responses", "gemini", asked, answer)["output"]
    assert isinstance(items, list)
    ids = [item["call_id"] for item in items if _has(item, "call_id")]
    rest: list[Json] = [output(str(call_id)) for call_id in ids]
    contents = responses(asks("q"), *items, *(rest or [asks("v")]))["contents"]
    assert isinstance(contents, list)
    return contents


def _through_claude(answer: JsonObject) -> list[Json]:
    asked: JsonObject = {"model": "x", "max_tokens": 9, "messages": [HI]}
    blocks = told("claude_messages", "gemini", asked, answer)["content"]
    assert isinstance(blocks, list)
    ids = [block["id"] for block in blocks if _has(block, "id")]
    results: list[Json] = [
        {"type": "tool_result", "tool_use_id": call_id, "content": "ok"}
        for call_id in ids
    ]
    content: Json = results or "v"
    turns: list[JsonObject] = [
        HI,
        {"role": "assistant", "content": blocks},
        {"role": "user", "content": content},
    ]
    contents = claude(*turns)["contents"]
    assert isinstance(contents, list)
    return contents


def _has(item: Json, key: str) -> bool:
    return isinstance(item, dict) and key in item


def _without_id(part: Json) -> Json:
    assert isinstance(part, dict)
    inner = part.get("functionCall")
    if not isinstance(inner, dict):
        return part
    return {
        **part,
        "functionCall": {key: value for key, value in inner.items() if key != "id"},
    }


def bare(name: str, signature: str = "") -> JsonObject:
    signed: JsonObject = {"thoughtSignature": signature} if signature else {}
    return {"functionCall": {"name": name, "args": {}}, **signed}


@pytest.mark.parametrize("source", ["responses", "claude"])
@pytest.mark.parametrize(
    ("parts", "back"),
    [
        pytest.param(
            [{"text": "th", "thought": True}, bare("f", SIG), bare("g")],
            [bare("f", SIG), bare("g")],
            id="v089",
        ),
        pytest.param(
            [{"text": "t", "thoughtSignature": SIG}],
            [{"text": "t", "thoughtSignature": SIG}],
            id="v091-words",
        ),
        pytest.param(
            [{"text": "t"}, {"text": "", "thoughtSignature": SIG}],
            [{"text": "t", "thoughtSignature": SIG}],
            id="v091-trailing",
        ),
        pytest.param(
            [{"text": "t"}, bare("f", SIG)],
            [{"text": "t"}, bare("f", SIG)],
            id="v091-call",
        ),
        pytest.param(
            [
                {"text": "t", "thoughtSignature": SIG},
                {"text": "", "thoughtSignature": SIG_2},
            ],
            [
                {"text": "t", "thoughtSignature": SIG},
                {"text": "", "thought": True, "thoughtSignature": SIG_2},
            ],
            id="v092-two",
        ),
        pytest.param(
            [{"text": "th", "thought": True, "thoughtSignature": SIG}, bare("f")],
            [
                {"text": "th", "thought": True, "thoughtSignature": SIG},
                bare("f", BYPASS),
            ],
            id="v093",
        ),
    ],
)
def test_signatures_come_back_to_their_parts(
    parts: list[JsonObject], back: Json, source: str
) -> None:
    assert again(*parts, source=source) == back


def test_v089_of_calls_that_nobody_signed_the_first_is_excused() -> None:
    got = responses(asks("q"), call("A"), call("B"), output("A"), output("B"))
    assert got.at("contents", 1) == turn("model", wants("A", BYPASS), wants("B"))


ROUNDS = [
    pytest.param(
        [call("A"), call("B"), output("B", "2"), output("A", "1")],
        [
            turn("model", wants("A", BYPASS), wants("B")),
            turn("user", gives("A", {"output": "1"}), gives("B", {"output": "2"})),
        ],
        id="v090",
    ),
    pytest.param(
        [call("A"), call("B"), output("B", "2"), asks("mid"), output("A", "1")],
        [
            turn("model", wants("A", BYPASS), wants("B")),
            turn(
                "user",
                gives("A", {"output": "1"}),
                gives("B", {"output": "2"}),
                {"text": "mid"},
            ),
        ],
        id="v090-user",
    ),
    pytest.param(
        [call("A"), said("between"), call("B"), output("A", "1"), output("B", "2")],
        [
            turn("model", {"text": "between"}, wants("A", BYPASS), wants("B")),
            turn("user", gives("A", {"output": "1"}), gives("B", {"output": "2"})),
        ],
        id="v090-words",
    ),
]


@pytest.mark.parametrize(("items", "written"), ROUNDS)
def test_results_stand_in_the_order_of_their_calls(
    items: list[Json], written: list[Json]
) -> None:
    got = responses(asks("q"), *items)
    assert got["contents"] == [turn("user", {"text": "q"}), *written]


def carrier(field: str, signature: str = SIG) -> JsonObject:
    return thought(encrypted_content=f"cliproxy1:gemini:{field}:{signature}")


@pytest.mark.parametrize(
    ("items", "parts"),
    [
        pytest.param(
            [said("t"), carrier("previous"), asks("v")],
            [{"text": "t", "thoughtSignature": SIG}],
            id="v092-previous",
        ),
        pytest.param(
            [said("t"), carrier("next"), asks("v")], [{"text": "t"}], id="v092-no-call"
        ),
        pytest.param(
            [call("A"), carrier("previous"), output("A")],
            [wants("A", BYPASS)],
            id="v092-no-words",
        ),
    ],
)
def test_carriers_bind_to_parts_of_their_kind(
    items: list[Json], parts: list[JsonObject]
) -> None:
    got = responses(asks("q"), *items)
    assert got.at("contents", 1) == turn("model", *parts)
    assert "cliproxy1" not in str(got.body)


def test_v094_a_turn_of_the_model_is_not_the_last_one() -> None:
    got = responses(asks("q"), said("trail"))
    assert got["contents"] == [turn("user", {"text": "q"})]
    assert got.lost(".input[1]") == ["this API ends with the user's turn"]


def test_v094_a_signed_turn_may_be() -> None:
    signed = thought("th", encrypted_content=f"cliproxy1:gemini::{SIG}")
    got = responses(asks("q"), signed, said("trail"))
    vouched: JsonObject = {"text": "th", "thought": True, "thoughtSignature": SIG}
    assert got.at("contents", 1) == turn("model", vouched, {"text": "trail"})


@pytest.mark.parametrize(
    "state",
    [
        pytest.param("gAAAA" + "A" * 95, id="v095-gpt"),
        pytest.param("cliproxy1:claude_messages::EqQB", id="v095-claude"),
    ],
)
def test_state_of_others_stays_away(state: str) -> None:
    got = responses(
        asks("q"), thought("th", encrypted_content=state), said("a"), asks("v")
    )
    assert got.at("contents", 1) == turn("model", {"text": "a"})
    assert got.lost(".input[1]") == ["thinking that this API did not sign"]


STRICT: JsonObject = {
    "type": "object",
    "properties": {"a": {"type": ["string", "null"]}},
    "additionalProperties": False,
}


def test_v096_the_form_of_the_answer_crosses_to_the_letter() -> None:
    form: JsonObject = {"type": "json_schema", "name": "n", "schema": STRICT}
    got = responses(asks("q"), text={"format": form}, temperature=0.2)
    assert got["generationConfig"] == {
        "temperature": 0.2,
        "responseMimeType": "application/json",
        "responseJsonSchema": STRICT,
    }


def test_v097_system_text_of_all_kinds() -> None:
    got = responses(
        {"role": "system", "content": "s"},
        {"role": "developer", "content": "d"},
        asks("q"),
        instructions="i",
    )
    parts: list[Json] = [{"text": words} for words in "isd"]
    assert got["systemInstruction"] == {"parts": parts}
    assert each(got["contents"], "role") == ["user"]


@pytest.mark.parametrize(
    ("value", "written"),
    [
        pytest.param(
            [
                {"type": "input_text", "text": "Read image file"},
                {"type": "input_image", "image_url": DATA},
            ],
            gives("A", {"output": "Read image file"}, parts=[PNG]),
            id="v098-picture",
        ),
        pytest.param(
            '{"ok":true,"n":1}', gives("A", {"ok": True, "n": 1}), id="v098-object"
        ),
        pytest.param('[{"id":1}]', gives("A", {"output": [{"id": 1}]}), id="v098-list"),
    ],
)
def test_outputs(value: Json, written: Json) -> None:
    got = responses(asks("q"), call("A"), output("A", value))
    assert got.at("contents", 2, "parts") == [written]


def test_v099_a_schema_is_cleaned() -> None:
    tool: JsonObject = {
        "type": "function",
        "name": "f",
        "parameters": {
            "title": "T",
            "type": "object",
            "properties": {"a": {"type": "string", "title": "A"}},
            "required": ["a", "gone"],
        },
    }
    got = responses(asks("q"), tools=[tool])
    (declared,) = each(got.at("tools", 0, "functionDeclarations"))
    assert pick(declared, "parametersJsonSchema") == {
        "type": "object",
        "properties": {"a": {"type": "string"}},
        "required": ["a"],
    }
    assert got.lost(".tools[0]")


# From Chat Completions.


def chat(*messages: JsonObject, **more: Json) -> Sent:
    body: JsonObject = {"model": "x", "messages": list(messages), **more}
    return sent("openai_chat", "gemini", body)


def test_v100_a_last_word_of_the_assistant_is_reported() -> None:
    got = chat(HI, {"role": "assistant", "content": "end"})
    assert got["contents"] == [turn("user", {"text": "hi"})]
    assert got.lost(".messages[1]")


@pytest.mark.parametrize(
    ("limits", "most"),
    [
        pytest.param({"max_tokens": 30}, 30, id="v100-old"),
        pytest.param({"max_completion_tokens": 40}, 40, id="v100-new"),
        pytest.param(
            {"max_tokens": 30, "max_completion_tokens": 40}, 40, id="v100-both"
        ),
    ],
)
def test_limits(limits: Any, most: int) -> None:
    got = chat(HI, **limits)
    assert got["generationConfig"] == {"maxOutputTokens": most}
    assert len(got.lost(".max_tokens")) == (len(limits) - 1)


def test_v101_no_empty_parts_and_sound_is_kept() -> None:
    sound: JsonObject = {
        "type": "input_audio",
        "input_audio": {"data": "SUQzBA==", "format": "mp3"},
    }
    words: list[Json] = [
        {"type": "text", "text": ""},
        {"type": "text", "text": "a"},
        sound,
    ]
    got = chat({"role": "user", "content": words})
    blob: JsonObject = {"mimeType": "audio/mpeg", "data": "SUQzBA=="}
    assert got["contents"] == [turn("user", {"text": "a"}, {"inlineData": blob})]


def test_v102_reasoning_that_nobody_signed_is_reported() -> None:
    got = chat(HI, {"role": "assistant", "reasoning_content": "mull"}, HI)
    assert BYPASS not in str(got.body)
    assert "mull" not in str(got.body)
    assert got.lost(".messages[1]") == ["thinking that this API did not sign"]


@pytest.mark.parametrize(
    ("inner", "written"),
    [
        pytest.param(
            {"name": "n", "schema": STRICT}, {"responseJsonSchema": STRICT}, id="v103"
        ),
        pytest.param({"name": "n"}, {}, id="v103-without"),
    ],
)
def test_forms_of_the_answer(inner: JsonObject, written: JsonObject) -> None:
    got = chat(
        HI,
        response_format={"type": "json_schema", "json_schema": inner},
        generationConfig={"responseSchema": {"type": "OBJECT"}},
        temperature=0.2,
    )
    assert got["generationConfig"] == {
        "temperature": 0.2,
        "responseMimeType": "application/json",
        **written,
    }
    assert got.lost(".generationConfig")


# From Claude Messages.


def claude(*messages: JsonObject, **more: Json) -> Sent:
    body: JsonObject = {"model": "x", "max_tokens": 9, "messages": list(messages)}
    return sent("claude_messages", "gemini", {**body, **more})


def text(words: str) -> JsonObject:
    return {"type": "text", "text": words}


def test_v104_one_tool_must_be_called() -> None:
    tool: JsonObject = {"name": "json", "input_schema": {"type": "object"}}
    got = claude(HI, tools=[tool], tool_choice={"type": "tool", "name": "json"})
    rule: JsonObject = {"mode": "ANY", "allowedFunctionNames": ["json"]}
    assert got["toolConfig"] == {"functionCallingConfig": rule}


@pytest.mark.parametrize(
    "system",
    [
        pytest.param("S", id="v105"),
        pytest.param(
            [text("x-anthropic-billing-header: a=1;"), text("S")], id="v105-billing"
        ),
    ],
)
def test_system_text(system: Json) -> None:
    got = claude(HI, system=system)
    assert got["systemInstruction"] == {"parts": [{"text": "S"}]}


SOURCE: JsonObject = {"type": "base64", "media_type": "image/png", "data": "AA=="}


@pytest.mark.parametrize(
    ("content", "written"),
    [
        pytest.param("alpha", gives("c", {"output": "alpha"}), id="v106-words"),
        pytest.param(
            [text("alpha"), {"type": "image", "source": SOURCE}],
            gives("c", {"output": "alpha"}, parts=[PNG]),
            id="v106-picture",
        ),
    ],
)
def test_results(content: Json, written: Json) -> None:
    use: JsonObject = {"type": "tool_use", "id": "c", "name": "f", "input": {}}
    back: JsonObject = {"type": "tool_result", "tool_use_id": "c", "content": content}
    got = claude(
        HI,
        {"role": "assistant", "content": [use]},
        {"role": "user", "content": [back]},
    )
    assert got.at("contents", 2, "parts") == [written]


# From a dialect to itself.

NATIVE = [
    ("gemini", b'{ "contents" : [{"parts":[{"text":"a"}]}],"x":1e2 }'),
    ("openai_responses", b'{"input":"a",  "model":"m","store":false,"new":null}'),
    ("openai_chat", b'{"messages" :[{"role":"user","content":"a"}],"model":"m"}'),
    ("claude_messages", b'{"model": "m","max_tokens":1.0,"messages":[]}'),
]


@pytest.mark.parametrize(
    ("name", "body"),
    [pytest.param(name, body, id=f"v113-{name}") for name, body in NATIVE],
)
def test_nothing_changes_on_the_native_lane(name: str, body: bytes) -> None:
    assert request(body, source=name, target=name, model="m").body == body


def test_v112_names_are_not_made_up_on_the_native_lane() -> None:
    nameless: JsonObject = {"functionResponse": {"name": "", "response": {}}}
    body: JsonObject = {
        "contents": [turn("model", bare("f"), bare("g")), turn("user", nameless)]
    }
    assert sent("gemini", "gemini", body).body == body
