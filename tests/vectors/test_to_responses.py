"""Requests towards Responses, from Chat Completions, Claude Messages and Gemini."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from cliproxy_core.base.errors import DecodeError
from cliproxy_core.base.jsonval import Json, JsonObject
from tests.vectors.vector import Sent, each, pick, sent, told

HI: JsonObject = {"role": "user", "content": "hi"}
DATA = "data:image/png;base64,AA=="
OBJECT: JsonObject = {"type": "object"}
SEALED = base64.urlsafe_b64encode(b"\x80" + bytes(72)).decode()


def text(words: str) -> JsonObject:
    return {"type": "text", "text": words}


def heard(words: str) -> JsonObject:
    return {"type": "input_text", "text": words}


def message(role: str, *content: JsonObject) -> JsonObject:
    return {"type": "message", "role": role, "content": list(content)}


def call(call_id: str, name: str = "f") -> JsonObject:
    return {
        "type": "function_call",
        "call_id": call_id,
        "name": name,
        "arguments": "{}",
    }


def output(call_id: str, value: Json) -> JsonObject:
    return {"type": "function_call_output", "call_id": call_id, "output": value}


def kinds(got: Sent) -> list[Json]:
    return each(got["input"], "type")


# From Chat Completions.


def chat(*messages: JsonObject, **more: Json) -> Sent:
    body: JsonObject = {"model": "x", "messages": list(messages), **more}
    return sent("openai_chat", "openai_responses", body)


def turn(content: Json, *calls: JsonObject) -> JsonObject:
    return {"role": "assistant", "content": content, "tool_calls": list(calls)}


def made(call_id: str, name: str = "f", arguments: str = "{}") -> JsonObject:
    inner: JsonObject = {"name": name, "arguments": arguments}
    return {"id": call_id, "type": "function", "function": inner}


def tool(call_id: str, content: Json) -> JsonObject:
    return {"role": "tool", "tool_call_id": call_id, "content": content}


def function(name: str) -> JsonObject:
    return {"type": "function", "function": {"name": name, "parameters": OBJECT}}


def custom(name: str) -> JsonObject:
    return {"type": "custom", "custom": {"name": name}}


@pytest.mark.parametrize(
    "content", [pytest.param(None, id="v031-null"), pytest.param("", id="v031-empty")]
)
def test_a_turn_of_calls_says_nothing(content: Json) -> None:
    got = chat(HI, turn(content, made("c")), tool("c", "ok"))
    assert got["input"] == [message("user", heard("hi")), call("c"), output("c", "ok")]


def test_v032_words_come_before_their_calls() -> None:
    got = chat(HI, turn("said", made("c")), tool("c", "ok"))
    assert kinds(got)[1:] == ["message", "function_call", "function_call_output"]
    assert got.at("input", 1, "content", 0, "text") == "said"
    assert got.at("input", 1, "content", 0, "type") == "output_text"


def outputs(content: Json) -> Sent:
    return chat(HI, turn(None, made("c")), tool("c", content))


def test_v033_every_part_of_a_result_has_a_place() -> None:
    got = outputs(
        [
            text("a"),
            {
                "type": "image_url",
                "image_url": {"url": "https://x.test/i.png", "detail": "high"},
            },
            {"type": "file", "file": {"file_id": "file-2", "filename": "a.pdf"}},
            {
                "type": "file",
                "file": {
                    "file_data": "data:application/pdf;base64,AA==",
                    "filename": "b.pdf",
                },
            },
        ]
    )
    assert got.at("input", 2, "output") == [
        heard("a"),
        {
            "type": "input_image",
            "image_url": "https://x.test/i.png",
            "detail": "high",
        },
        {"type": "input_file", "file_id": "file-2", "filename": "a.pdf"},
        {
            "type": "input_file",
            "file_data": "data:application/pdf;base64,AA==",
            "filename": "b.pdf",
        },
    ]


SPELLED = (
    '[{"type":"input_text","text":"Captured"},{"type":"input_image",'
    '"image_url":"data:image/png;base64,AA==","detail":"original"}]'
)


def test_v034_pictures_spelled_out_are_shown() -> None:
    assert outputs(SPELLED).at("input", 2, "output") == [
        heard("Captured"),
        {"type": "input_image", "image_url": DATA, "detail": "original"},
    ]


@pytest.mark.parametrize(
    "words",
    [
        pytest.param("plain", id="v035-plain"),
        pytest.param('{"status":"ok"}', id="v035-object"),
        pytest.param('[{"type":"input_text","text":"a"}]', id="v035-words"),
        pytest.param('[{"type":"input_image"}]', id="v035-no-address"),
    ],
)
def test_words_stay_words(words: str) -> None:
    assert outputs(words).at("input", 2, "output") == words


@pytest.mark.parametrize(
    ("part", "path"),
    [
        pytest.param(
            {"type": "image_url", "image_url": {}}, ".image_url.url", id="v036-picture"
        ),
        pytest.param(
            {"type": "file", "file": {"filename": "a"}}, ".file", id="v036-file"
        ),
        pytest.param(
            {"type": "image_url", "image_url": {"file_id": "file-1"}},
            ".image_url.url",
            id="v033-picture",
        ),
        pytest.param(
            {"type": "file", "file": {"file_url": "https://x.test/a.pdf"}},
            ".file",
            id="v033-file",
        ),
    ],
)
def test_parts_without_what_they_are_about(part: JsonObject, path: str) -> None:
    with pytest.raises(DecodeError) as caught:
        outputs([part])
    assert caught.value.path == f".messages[2].content[0]{path}"


def test_v036_a_part_of_an_unknown_type_is_reported() -> None:
    got = outputs([text("a"), {"type": "weird", "x": 1}])
    assert got.at("input", 2, "output") in ("a", [heard("a")])
    assert len(got.lost(".messages[2].content[1]")) == 1


@pytest.mark.parametrize(
    "content",
    [pytest.param(None, id="v037-null"), pytest.param({"a": 1}, id="v037-object")],
)
def test_a_result_is_words_or_parts(content: Json) -> None:
    with pytest.raises(DecodeError) as caught:
        outputs(content)
    assert caught.value.path == ".messages[2].content"


def test_v038_outputs_keep_their_order() -> None:
    got = chat(
        HI,
        turn(None, made("a"), made("b"), made("c")),
        tool("b", "1"),
        tool("a", "2"),
        tool("c", "3"),
    )
    assert each(got["input"][1:], "call_id") == list("abcbac")  # type: ignore[index]


def test_v039_a_long_name_is_short_everywhere() -> None:
    name = "x" * 73
    got = chat(HI, turn(None, made("a", name)), tool("a", "1"), tools=[function(name)])
    short = got.at("tools", 0, "name")
    assert isinstance(short, str)
    assert len(short) <= 64
    assert got.at("input", 1, "name") == short


LONG = "c" * 74
FREE_ANSWER: JsonObject = {
    "id": "resp_1",
    "object": "response",
    "created_at": 1,
    "status": "completed",
    "model": "m",
    "output": [],
    "usage": {"input_tokens": 1, "output_tokens": 1, "total_tokens": 2},
}


def answer(*items: JsonObject) -> JsonObject:
    return {**FREE_ANSWER, "output": list(items)}


def free_call(name: str, words: str) -> JsonObject:
    return {
        "type": "custom_tool_call",
        "id": "ctc_1",
        "call_id": "a",
        "name": name,
        "input": words,
    }


def test_v040_a_long_name_of_a_free_text_tool() -> None:
    asked: JsonObject = {
        "model": "x",
        "messages": [HI, turn(None, made("a", LONG, "zz")), tool("a", "1")],
        "tools": [custom(LONG)],
        "tool_choice": {"type": "custom", "custom": {"name": LONG}},
    }
    got = sent("openai_chat", "openai_responses", asked)
    short = got.at("tools", 0, "name")
    assert isinstance(short, str)
    assert len(short) <= 64
    assert got.at("input", 1) == {
        "type": "custom_tool_call",
        "call_id": "a",
        "name": short,
        "input": "zz",
    }
    assert kinds(got)[2] == "custom_tool_call_output"
    assert got["tool_choice"] == {"type": "custom", "name": short}
    back = told(
        "openai_chat", "openai_responses", asked, answer(free_call(short, "patch"))
    )
    (said,) = each(back["choices"], "message")
    assert LONG in str(said)
    assert short not in str(said)


def test_v041_of_one_name_the_function_stays() -> None:
    got = chat(
        HI,
        turn(None, made("a")),
        tool("a", "1"),
        tools=[custom("f"), function("f")],
        tool_choice={"type": "function", "function": {"name": "f"}},
    )
    assert each(got["tools"], "type") == ["function"]
    assert kinds(got)[1:] == ["function_call", "function_call_output"]
    assert got["tool_choice"] == {"type": "function", "name": "f"}
    assert len(got.lost(".tools[0]")) == 1


def test_v042_a_function_call_of_a_free_text_tool_is_one() -> None:
    patch = "*** Begin Patch\n*** End Patch"
    got = chat(
        HI,
        turn(None, made("a", "patch", patch)),
        tool("a", "done"),
        tools=[custom("patch")],
    )
    assert got.at("input", 1, "input") == patch
    assert got.at("input", 2) == {
        "type": "custom_tool_call_output",
        "call_id": "a",
        "output": "done",
    }


def test_v043_a_free_text_call_survives_a_round() -> None:
    asked: JsonObject = {"model": "x", "messages": [HI], "tools": [custom("patch")]}
    back = told(
        "openai_chat", "openai_responses", asked, answer(free_call("patch", "***"))
    )
    said = pick(back, "choices", 0, "message")
    assert isinstance(said, dict)
    got = chat(HI, said, tool("a", "done"), tools=[custom("patch")])
    assert kinds(got)[1:] == ["custom_tool_call", "custom_tool_call_output"]
    assert got.at("input", 1, "input") == "***"


def test_v044_calls_without_ids_meet_their_results() -> None:
    got = chat(HI, turn(None, made("")), tool("", "1"))
    called, answered = each(got["input"][1:], "call_id")  # type: ignore[index]
    assert called == answered
    assert called


def test_v044_a_result_without_a_call_is_reported() -> None:
    got = chat(HI, tool("nobody", "1"))
    assert kinds(got) == ["message"]
    assert len(got.lost(".messages[1]")) == 1


def test_v045_calls_that_cannot_be_told_apart_are_reported() -> None:
    got = chat(HI, turn(None, made("a"), made("a")), tool("a", "1"), tool("a", "2"))
    assert kinds(got) == ["message"]
    assert len(got.dropped) == 4


def test_v046_an_id_may_come_again() -> None:
    got = chat(
        HI,
        turn(None, made("a")),
        tool("a", "1"),
        turn(None, made("a")),
        tool("a", "2"),
    )
    pair = [call("a"), output("a", "1"), call("a"), output("a", "2")]
    assert got["input"] == [message("user", heard("hi")), *pair]
    assert got.dropped == ()


def test_v047_a_call_has_one_output() -> None:
    got = chat(HI, turn(None, made("a")), tool("a", "1"), tool("a", "2"))
    assert got["input"] == [message("user", heard("hi")), call("a"), output("a", "1")]
    assert len(got.lost(".messages[3]")) == 1


def test_v048_sound_is_nested_as_the_vendor_has_it() -> None:
    sound: JsonObject = {
        "type": "input_audio",
        "input_audio": {"data": "SUQzBA==", "format": "mp3"},
    }
    got = chat({"role": "user", "content": [sound]})
    assert got.at("input", 0, "content") == [sound]


def test_v049_a_search_crosses_as_it_is() -> None:
    search: JsonObject = {"type": "web_search", "search_context_size": "high"}
    got = chat(HI, tools=[search], tool_choice={"type": "web_search"})
    assert got["tools"] == [search]
    assert got["tool_choice"] == {"type": "web_search"}
    assert got.dropped == ()


# From Claude Messages.


def claude(*messages: JsonObject, **more: Json) -> Sent:
    body: JsonObject = {"model": "x", "max_tokens": 100, "messages": list(messages)}
    return sent("claude_messages", "openai_responses", {**body, **more})


def user(*blocks: JsonObject) -> JsonObject:
    return {"role": "user", "content": list(blocks)}


def assistant(*blocks: JsonObject) -> JsonObject:
    return {"role": "assistant", "content": list(blocks)}


def thinking(words: str, signature: str) -> JsonObject:
    return {"type": "thinking", "thinking": words, "signature": signature}


def uses(call_id: str) -> JsonObject:
    return {"type": "tool_use", "id": call_id, "name": "f", "input": {}}


def gave(call_id: str, content: Json) -> JsonObject:
    return {"type": "tool_result", "tool_use_id": call_id, "content": content}


def declared(name: str) -> JsonObject:
    return {"name": name, "input_schema": OBJECT}


def test_v050_system_blocks_are_one_message_without_the_billing_header() -> None:
    header = text("x-anthropic-billing-header: cc_version=1;")
    got = claude(HI, system=[header, text("Block 1"), text("Block 2")])
    assert got.at("input", 0) == message("system", heard("Block 1"), heard("Block 2"))
    assert "instructions" not in got
    assert "billing" not in str(got.body)


def test_v051_system_text_in_the_middle_stays_there() -> None:
    got = claude(HI, {"role": "system", "content": "mid"}, HI)
    assert each(got["input"], "role") == ["user", "system", "user"]
    assert got.at("input", 1, "content") == [heard("mid")]


@pytest.mark.parametrize(
    ("rule", "written"),
    [
        pytest.param(
            {"type": "auto", "disable_parallel_tool_use": True}, False, id="v052"
        ),
        pytest.param(
            {"type": "auto", "disable_parallel_tool_use": False}, True, id="v052-two"
        ),
        pytest.param({"type": "auto"}, None, id="v052-absent"),
    ],
)
def test_parallel_calls(rule: JsonObject, written: bool | None) -> None:
    got = claude(HI, tools=[declared("f")], tool_choice=rule)
    assert got.body.get("parallel_tool_calls") is written


@pytest.mark.parametrize(
    ("more", "tier"),
    [
        pytest.param({"service_tier": "default"}, None, id="v053-default"),
        pytest.param({"speed": "fast"}, "priority", id="v053-speed"),
        pytest.param({}, None, id="v053-absent"),
    ],
)
def test_speed_is_a_tier(more: Any, tier: str | None) -> None:
    assert claude(HI, **more).body.get("service_tier") == tier


def test_v054_a_long_id_is_short_in_both_places() -> None:
    call_id = "toolu_" + "a" * 60
    got = claude(HI, assistant(uses(call_id)), user(gave(call_id, "x")))
    called, answered = each(got["input"][1:], "call_id")  # type: ignore[index]
    assert called == answered
    assert isinstance(called, str)
    assert len(called) <= 64


def test_v055_a_choice_uses_the_declared_name() -> None:
    name = "mcp__server__" + "n" * 70
    choice: JsonObject = {"type": "tool", "name": name}
    got = claude(HI, tools=[declared(name)], tool_choice=choice)
    short = got.at("tools", 0, "name")
    assert isinstance(short, str)
    assert len(short) <= 64
    assert got["tool_choice"] == {"type": "function", "name": short}


def test_v055_any_is_required() -> None:
    got = claude(HI, tools=[declared("f")], tool_choice={"type": "any"})
    assert got["tool_choice"] == "required"


ROME: JsonObject = {"type": "approximate", "city": "Rome"}
SEARCH: JsonObject = {
    "type": "web_search_20260209",
    "name": "web_search",
    "allowed_domains": ["a.test"],
    "blocked_domains": ["b.test"],
    "user_location": ROME,
}


@pytest.mark.parametrize(
    ("more", "choice"),
    [
        pytest.param([], {"type": "web_search"}, id="v056"),
        pytest.param(
            [declared("web_search")],
            {"type": "function", "name": "web_search"},
            id="v056-function",
        ),
    ],
)
def test_a_search(more: list[Json], choice: Json) -> None:
    got = claude(
        HI, tools=[SEARCH, *more], tool_choice={"type": "tool", "name": "web_search"}
    )
    assert got.at("tools", 0) == {
        "type": "web_search",
        "filters": {"allowed_domains": ["a.test"]},
        "user_location": ROME,
    }
    assert got["tool_choice"] == choice
    assert got.lost(".tools[0].blocked_domains")


@pytest.mark.parametrize(
    ("role", "signature", "sealed"),
    [
        pytest.param("assistant", SEALED, [SEALED], id="v057"),
        pytest.param("assistant", "EqQBclaude", [], id="v057-claude"),
        pytest.param("user", SEALED, [], id="v057-user"),
    ],
)
def test_reasoning_goes_back_to_its_issuer(
    role: str, signature: str, sealed: list[str]
) -> None:
    turn: JsonObject = {
        "role": role,
        "content": [thinking("t", signature), text("a")],
    }
    items = claude(HI, turn, HI)["input"]
    assert isinstance(items, list)
    found = [item for item in items if pick(item, "type") == "reasoning"]
    assert each(found, "encrypted_content") == sealed
    assert len(items) == 3 + len(sealed)


def test_v058_the_order_of_a_turn_stays() -> None:
    png = {"type": "base64", "media_type": "image/png", "data": "AA=="}
    picture: JsonObject = {"type": "image", "source": dict(png)}
    got = claude(
        assistant(text("t1"), thinking("x", SEALED), text("t2"), uses("c"), text("t3")),
        user(gave("c", [text("res"), picture]), text("and")),
        system=[text("S")],
    )
    assert kinds(got) == [
        "message",
        "message",
        "reasoning",
        "message",
        "function_call",
        "message",
        "function_call_output",
        "message",
    ]
    told = got.at("input", 6, "output")
    assert each(told, "type") == ["input_text", "input_image"]


def test_v059_a_pdf_is_a_file_among_words() -> None:
    source = {"type": "base64", "media_type": "application/pdf", "data": "JVBERg=="}
    pdf: JsonObject = {"type": "document", "source": dict(source)}
    got = claude(user(text("a"), pdf, text("b")))
    assert got.at("input", 0, "content") == [
        heard("a"),
        {
            "type": "input_file",
            "filename": "document.pdf",
            "file_data": "data:application/pdf;base64,JVBERg==",
        },
        heard("b"),
    ]


@pytest.mark.parametrize(
    ("more", "effort"),
    [
        pytest.param({"thinking": {"type": "disabled"}}, "none", id="v060-disabled"),
        pytest.param({"thinking": {"type": "adaptive"}}, "high", id="v060-adaptive"),
        pytest.param({}, None, id="v060-absent"),
    ],
)
def test_thinking_is_an_effort(more: Any, effort: str | None) -> None:
    got = claude(HI, **more)
    assert got.body.get("reasoning") == ({"effort": effort} if effort else None)


# From Gemini.


def test_v107_ids_are_made_and_stay() -> None:
    def history(**more: Json) -> JsonObject:
        wants: list[Json] = [
            {"functionCall": {"name": name, "args": {}, **more}} for name in "fg"
        ]
        back: list[Json] = [
            {"functionResponse": {"name": name, "response": {"result": name}}}
            for name in "fg"
        ]
        asked: JsonObject = {"role": "user", "parts": [{"text": "q"}]}
        return {
            "contents": [
                asked,
                {"role": "model", "parts": wants},
                {"role": "user", "parts": back},
            ]
        }

    got = sent("gemini", "openai_responses", history())
    ids = each(got["input"][1:], "call_id")  # type: ignore[index]
    assert ids == ["call_1_0", "call_1_1"] * 2
    assert each(got["input"][3:], "output") == ["f", "g"]  # type: ignore[index]
