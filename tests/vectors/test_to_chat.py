"""Requests towards Chat Completions, from Claude Messages, Responses and Gemini."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from cliproxy_core.base.errors import DecodeError
from cliproxy_core.base.jsonval import Json, JsonObject
from tests.vectors.vector import Sent, each, sent

HI: JsonObject = {"role": "user", "content": "hi"}
DATA = "data:image/png;base64,AA=="
OBJECT: JsonObject = {"type": "object", "properties": {}}
SEALED = base64.urlsafe_b64encode(b"\x80" + bytes(72)).decode()
"""What the state of the vendor of Responses looks like."""


def text(words: str) -> JsonObject:
    return {"type": "text", "text": words}


def picture(url: str = DATA, **more: Json) -> JsonObject:
    return {"type": "image_url", "image_url": {"url": url, **more}}


def calls(*made: tuple[str, str]) -> list[Json]:
    return [
        {"id": i, "type": "function", "function": {"name": n, "arguments": "{}"}}
        for i, n in made
    ]


def tool(call_id: str, content: Json) -> JsonObject:
    return {"role": "tool", "tool_call_id": call_id, "content": content}


# From Claude Messages.


def claude(*messages: JsonObject, **more: Json) -> Sent:
    body: JsonObject = {"model": "x", "max_tokens": 100, "messages": list(messages)}
    return sent("claude_messages", "openai_chat", {**body, **more})


def user(*blocks: JsonObject) -> JsonObject:
    return {"role": "user", "content": list(blocks)}


def assistant(*blocks: JsonObject) -> JsonObject:
    return {"role": "assistant", "content": list(blocks)}


def thinking(words: str, signature: str = "") -> JsonObject:
    return {"type": "thinking", "thinking": words, "signature": signature}


def uses(call_id: str) -> JsonObject:
    return {"type": "tool_use", "id": call_id, "name": "f", "input": {}}


def gave(call_id: str, content: Json) -> JsonObject:
    return {"type": "tool_result", "tool_use_id": call_id, "content": content}


@pytest.mark.parametrize(
    ("signature", "kept"),
    [
        pytest.param("", True, id="v020-nobodys"),
        pytest.param(SEALED, False, id="v020-gpt"),
        pytest.param("EqQBclaude", False, id="v020-claude"),
        pytest.param("claude#EqQB", False, id="v020-prefix"),
        pytest.param("gemini#EqQB", False, id="v020-gemini"),
        pytest.param("whatever", False, id="v020-unknown"),
    ],
)
def test_thinking_that_others_signed_is_not_told(signature: str, kept: bool) -> None:
    got = claude(HI, assistant(thinking("mull", signature), text("t")), HI)
    turn = got.at("messages", 1)
    assert turn == {
        "role": "assistant",
        "content": [text("t")],
        **({"reasoning_content": "mull"} if kept else {}),
    }
    lost = [] if kept else ["signed for another issuer"]
    assert got.lost(".messages[1].content[0]") == lost


def test_v021_a_turn_that_loses_everything_is_left_out() -> None:
    got = claude(HI, assistant(thinking("mull", "EqQBclaude")), HI)
    assert got["messages"] == [HI, HI]


@pytest.mark.parametrize(
    ("messages", "written"),
    [
        pytest.param(
            [user(thinking("mull"), text("a"))],
            [{"role": "user", "content": [text("a")]}],
            id="v022-user",
        ),
        pytest.param(
            [
                HI,
                assistant({"type": "redacted_thinking", "data": "abc"}, text("x")),
                HI,
            ],
            [HI, {"role": "assistant", "content": [text("x")]}, HI],
            id="v022-redacted",
        ),
        pytest.param(
            [HI, assistant(thinking(" \n"), text("x")), HI],
            [HI, {"role": "assistant", "content": [text("x")]}, HI],
            id="v022-blank",
        ),
    ],
)
def test_thinking_that_is_none(messages: Any, written: Json) -> None:
    assert claude(*messages)["messages"] == written


def test_v023_system_text_stays_in_its_place() -> None:
    got = claude(
        HI,
        {"role": "system", "content": "s1"},
        assistant(text("a")),
        {"role": "system", "content": [text("s2"), text("s3")]},
        HI,
        system="S",
    )
    assert got["messages"] == [
        {"role": "system", "content": "S"},
        HI,
        {"role": "system", "content": "s1"},
        {"role": "assistant", "content": [text("a")]},
        {"role": "system", "content": [text("s2"), text("s3")]},
        HI,
    ]


@pytest.mark.parametrize(
    ("system", "written"),
    [
        pytest.param({}, [], id="v024-absent"),
        pytest.param({"system": ""}, [], id="v024-empty"),
        pytest.param(
            {"system": [text("a"), text("b")]},
            [{"role": "system", "content": [text("a"), text("b")]}],
            id="v024-blocks",
        ),
    ],
)
def test_system_text_is_a_message(system: Any, written: list[Json]) -> None:
    assert claude(HI, **system)["messages"] == [*written, HI]


@pytest.mark.parametrize(
    "schema",
    [
        pytest.param({"type": "object"}, id="v025"),
        pytest.param({}, id="v025-empty"),
    ],
)
def test_arguments_have_properties(schema: JsonObject) -> None:
    got = claude(HI, tools=[{"name": "f", "input_schema": schema}])
    assert got.at("tools", 0, "function", "parameters") == OBJECT


def test_v026_results_come_before_the_rest_of_their_turn() -> None:
    got = claude(
        HI,
        assistant(uses("call_1")),
        user(text("before"), gave("call_1", "tool ok"), text("after")),
    )
    turn: JsonObject = {"role": "assistant", "content": None}
    assert got["messages"] == [
        HI,
        {**turn, "tool_calls": calls(("call_1", "f"))},
        tool("call_1", "tool ok"),
        {"role": "user", "content": [text("before"), text("after")]},
    ]


def test_v027_pictures_in_a_result() -> None:
    source = {"type": "base64", "media_type": "image/png", "data": "AA=="}
    shown: JsonObject = {"type": "image", "source": dict(source)}
    got = claude(
        HI, assistant(uses("call_1")), user(gave("call_1", [text("x"), shown]))
    )
    assert got.at("messages", 2) == tool("call_1", [text("x"), picture()])


def test_v027_an_object_is_no_result() -> None:
    with pytest.raises(DecodeError) as caught:
        claude(HI, assistant(uses("c")), user(gave("c", {"foo": "bar"})))
    assert caught.value.path == ".messages[2].content[0].content"


def test_v028_one_stop_sequence_is_a_list() -> None:
    assert claude(HI, stop_sequences=["</block>"])["stop"] == ["</block>"]


@pytest.mark.parametrize(
    ("choice", "written"),
    [
        pytest.param({"type": "any"}, "required", id="v029-any"),
        pytest.param(
            {"type": "tool", "name": "f"},
            {"type": "function", "function": {"name": "f"}},
            id="v029-tool",
        ),
        pytest.param({"type": "none"}, "none", id="v029-none"),
        pytest.param({"type": "auto"}, "auto", id="v029-auto"),
    ],
)
def test_choices(choice: JsonObject, written: Json) -> None:
    got = claude(HI, tools=[{"name": "f", "input_schema": OBJECT}], tool_choice=choice)
    assert got["tool_choice"] == written


def test_v030_temperature_and_top_p_both_cross() -> None:
    got = claude(HI, temperature=0.5, top_p=0.9)
    assert (got["temperature"], got["top_p"]) == (0.5, 0.9)


# From Responses.


def responses(*items: JsonObject, **more: Json) -> Sent:
    body: JsonObject = {"model": "x", "input": list(items), **more}
    return sent("openai_responses", "openai_chat", body)


def asks(words: str) -> JsonObject:
    content: list[Json] = [{"type": "input_text", "text": words}]
    return {"type": "message", "role": "user", "content": content}


def said(words: str, **more: Json) -> JsonObject:
    content: list[Json] = [{"type": "output_text", "text": words, "annotations": []}]
    return {"type": "message", "role": "assistant", "content": content, **more}


def call(call_id: str, name: str = "f", **more: Json) -> JsonObject:
    inner: JsonObject = {"call_id": call_id, "name": name, "arguments": "{}"}
    return {"type": "function_call", **inner, **more}


def output(call_id: str, value: Json = "ok") -> JsonObject:
    return {"type": "function_call_output", "call_id": call_id, "output": value}


def thought(*summary: str) -> JsonObject:
    parts: list[Json] = [{"type": "summary_text", "text": words} for words in summary]
    return {"type": "reasoning", "summary": parts}


def function(name: str, **more: Json) -> JsonObject:
    return {
        "type": "function",
        "name": name,
        "parameters": {"type": "object"},
        **more,
    }


def asked(words: str) -> JsonObject:
    return {"role": "user", "content": [text(words)]}


def turn(*made: tuple[str, str]) -> JsonObject:
    return {"role": "assistant", "content": None, "tool_calls": calls(*made)}


ROUNDS = [
    pytest.param(
        [asks("q"), call("a"), call("b"), output("a", "1"), output("b", "2")],
        [asked("q"), turn(("a", "f"), ("b", "f")), tool("a", "1"), tool("b", "2")],
        id="v061",
    ),
    pytest.param(
        [
            asks("q"),
            call("a"),
            asks("u"),
            call("b"),
            output("a", "1"),
            output("b", "2"),
        ],
        [
            asked("q"),
            turn(("a", "f")),
            tool("a", "1"),
            asked("u"),
            turn(("b", "f")),
            tool("b", "2"),
        ],
        id="v061-between",
    ),
    pytest.param(
        [asks("q"), call("a"), asks("u"), output("a"), asks("v")],
        [asked("q"), turn(("a", "f")), tool("a", "ok"), asked("u"), asked("v")],
        id="v062",
    ),
]


@pytest.mark.parametrize(("items", "written"), ROUNDS)
def test_results_follow_their_calls(items: Any, written: Json) -> None:
    got = responses(*items)
    assert got["messages"] == written
    assert got.dropped == ()


@pytest.mark.parametrize(
    ("items", "told"),
    [
        pytest.param(
            [thought("first line\n", "second line"), said("hi")],
            "first line\n\n\nsecond line",
            id="v063",
        ),
        pytest.param(
            [
                thought("first"),
                said("text", reasoning_content="first"),
                thought("second"),
                call("a"),
                output("a"),
            ],
            "first\n\nsecond",
            id="v064",
        ),
    ],
)
def test_reasoning_is_part_of_the_turn(items: Any, told: str) -> None:
    got = responses(asks("q"), *items)
    assert got.at("messages", 1, "reasoning_content") == told
    assert each(got["messages"], "role")[1:] in (["assistant"], ["assistant", "tool"])


def test_v065_reasoning_without_words_is_not_made_up() -> None:
    got = responses(asks("q"), thought(), asks("v"))
    assert got["messages"] == [asked("q"), asked("v")]


PICTURE = (
    '[{"type":"input_image","image_url":"data:image/png;base64,AA==",'
    '"detail":"original"}]'
)


@pytest.mark.parametrize(
    ("told", "written"),
    [
        pytest.param(PICTURE, [picture(detail="high")], id="v066"),
        *(
            pytest.param(spoilt, spoilt, id=f"v066-{word}")
            for word, spoilt in (
                ("detail", PICTURE.replace('"original"', "123")),
                ("url", PICTURE.replace(f'"{DATA}"', "123")),
                ("trailing", PICTURE + " and more"),
                ("cut", PICTURE[:-1]),
            )
        ),
    ],
)
def test_pictures_spelled_out_in_an_output(told: str, written: Json) -> None:
    got = responses(asks("q"), call("a"), output("a", told))
    assert got.at("messages", 2) == tool("a", written)


def group(name: str, *inner: JsonObject) -> JsonObject:
    return {"type": "namespace", "name": name, "tools": list(inner)}


def test_v067_a_group_is_part_of_the_name() -> None:
    got = responses(asks("q"), tools=[group("mcp__test_mcp__", function("add"))])
    told: JsonObject = {"name": "mcp__test_mcp__add", "parameters": OBJECT}
    assert got["tools"] == [{"type": "function", "function": told}]


def test_v067_history_uses_the_declared_name() -> None:
    got = responses(
        asks("q"),
        call("a", "get_me", namespace="mcp__github"),
        output("a"),
        tools=[group("mcp__github", function("get_me"))],
    )
    assert got.at("messages", 1) == turn(("a", "mcp__github__get_me"))
    assert got.at("tools", 0, "function", "name") == "mcp__github__get_me"


def test_v068_the_tools_of_the_request_go_before_added_ones() -> None:
    added: JsonObject = {
        "type": "additional_tools",
        "role": "developer",
        "tools": [function("f", description="late"), function("g")],
    }
    got = responses(asks("q"), added, tools=[function("f", description="top")])
    assert each(got["tools"], "function", "name") == ["f", "g"]
    assert got.at("tools", 0, "function", "description") == "top"
    assert len(got.dropped) == 1  # the second `f`, and nothing of the item


def test_v068_a_tool_of_its_own_goes_before_one_in_a_group() -> None:
    patch = function("apply_patch", description="child")
    direct = function("editor__apply_patch", description="direct")
    got = responses(asks("q"), tools=[group("editor", patch), direct])
    assert each(got["tools"], "function", "description") == ["direct"]


@pytest.mark.parametrize(
    "choice",
    [
        pytest.param(
            {"type": "function", "function": {"name": "run"}}, id="v069-nested"
        ),
        pytest.param({"type": "function", "name": "run"}, id="v069-flat"),
    ],
)
def test_a_choice_keeps_its_name(choice: JsonObject) -> None:
    got = responses(asks("q"), tools=[function("run")], tool_choice=choice)
    assert got["tool_choice"] == {"type": "function", "function": {"name": "run"}}


def test_v069_no_rules_without_tools() -> None:
    screen: JsonObject = {
        "type": "computer_use_preview",
        "display_width": 1,
        "display_height": 1,
        "environment": "mac",
    }
    got = responses(
        asks("q"), tools=[screen], tool_choice="required", parallel_tool_calls=True
    )
    assert got.body.keys() == {"model", "messages"}
    assert got.lost(".tools[0]")
    assert got.lost(".tool_choice")


SHAPE: JsonObject = {
    "name": "n",
    "description": "d",
    "strict": True,
    "schema": {"type": "object"},
}


@pytest.mark.parametrize(
    ("more", "written"),
    [
        pytest.param(
            {"text": {"format": {"type": "json_schema", **SHAPE}}},
            {"type": "json_schema", "json_schema": SHAPE},
            id="v070-schema",
        ),
        pytest.param(
            {"text": {"format": {"type": "json_object"}}},
            {"type": "json_object"},
            id="v070-object",
        ),
        pytest.param({}, None, id="v070-absent"),
    ],
)
def test_forms_of_the_answer(more: Any, written: Json) -> None:
    assert responses(asks("q"), **more).body.get("response_format") == written


@pytest.mark.parametrize(
    ("detail", "written"),
    [
        pytest.param("medium", picture(), id="v071-medium"),
        pytest.param("original", picture(detail="high"), id="v071-original"),
        pytest.param("low", picture(detail="low"), id="v071-low"),
    ],
)
def test_details(detail: str, written: Json) -> None:
    shown: JsonObject = {"type": "input_image", "image_url": DATA, "detail": detail}
    got = responses({"type": "message", "role": "user", "content": [shown]})
    assert got.at("messages", 0, "content") == [written]


def test_v071_a_number_is_no_detail() -> None:
    shown: JsonObject = {"type": "input_image", "image_url": DATA, "detail": 123}
    with pytest.raises(DecodeError) as caught:
        responses({"type": "message", "role": "user", "content": [shown]})
    assert caught.value.path == ".input[0].content[0].detail"


def test_v072_a_developer_stays_one() -> None:
    got = responses(
        {"type": "message", "role": "developer", "content": "dev"}, asks("q")
    )
    assert got["messages"] == [{"role": "developer", "content": "dev"}, asked("q")]


def test_v073_temperature_crosses() -> None:
    assert responses(asks("q"), temperature=0.2)["temperature"] == 0.2


# From Gemini.


def gemini(*contents: JsonObject) -> Sent:
    return sent("gemini", "openai_chat", {"contents": list(contents)})


def wants(**more: Json) -> JsonObject:
    return {"functionCall": {"name": "read_file", "args": {"path": "a.txt"}, **more}}


def got_back(words: str, **more: Json) -> JsonObject:
    response: JsonObject = {"content": words}
    return {"functionResponse": {"name": "read_file", "response": response, **more}}


@pytest.mark.parametrize(
    ("calls", "results", "answers"),
    [
        pytest.param(
            [wants(), wants()], [got_back("1"), got_back("2")], ["1", "2"], id="v108"
        ),
        pytest.param(
            [wants(id="call_1"), wants(id="call_2")],
            [got_back("2", id="call_2"), got_back("1")],
            ["1", "2"],
            id="v108-explicit",
        ),
    ],
)
def test_answers_find_their_calls(calls: Any, results: Any, answers: Any) -> None:
    got = gemini(
        {"role": "user", "parts": [{"text": "q"}]},
        {"role": "model", "parts": calls},
        {"role": "user", "parts": results},
    )
    ids = each(got.at("messages", 1, "tool_calls"), "id")
    assert len(set(map(str, ids))) == 2
    messages = got["messages"]
    assert isinstance(messages, list)
    assert len(messages) == 4
    by_id = {
        message["tool_call_id"]: message["content"]
        for message in messages[2:]
        if isinstance(message, dict)
    }
    assert [by_id[call_id] for call_id in ids] == answers


def test_v109_media_by_their_kind() -> None:
    parts: list[Json] = [
        {"inlineData": {"mimeType": mime, "data": "AAAA"}}
        for mime in ("audio/mpeg", "video/mp4", "application/pdf")
    ]
    got = gemini({"role": "user", "parts": parts})
    content = got.at("messages", 0, "content")
    assert each(content, "type") == ["input_audio", "video_url", "file"]
