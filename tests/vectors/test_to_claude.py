"""Requests towards Claude Messages, from Chat Completions, Responses and Gemini."""

from __future__ import annotations

from typing import Any

import pytest

from cliproxy_core.base.jsonval import Json, JsonObject
from cliproxy_core.ir.reasoning import BudgetRange, Effort, ThinkingSupport
from tests.vectors.vector import Sent, each, pick, sent, told

EPHEMERAL: JsonObject = {"type": "ephemeral"}
HI: JsonObject = {"role": "user", "content": "hi"}
DATA = "data:image/png;base64,AA=="
PNG: JsonObject = {
    "type": "image",
    "source": {"type": "base64", "media_type": "image/png", "data": "AA=="},
}


def text(words: str, **more: Json) -> JsonObject:
    return {"type": "text", "text": words, **more}


def uses(call_id: str, name: str = "f", **given: Json) -> JsonObject:
    return {"type": "tool_use", "id": call_id, "name": name, "input": given}


def gave(call_id: str, content: Json, **more: Json) -> JsonObject:
    return {
        "type": "tool_result",
        "tool_use_id": call_id,
        "content": content,
        **more,
    }


# From Chat Completions.


def chat(*messages: JsonObject, support: Any = None, **more: Json) -> Sent:
    body: JsonObject = {"model": "x", "messages": list(messages), **more}
    return sent("openai_chat", "claude_messages", body, support=support)


def calling(*calls: tuple[str, str]) -> JsonObject:
    return {
        "role": "assistant",
        "content": None,
        "tool_calls": [
            {"id": i, "type": "function", "function": {"name": n, "arguments": "{}"}}
            for i, n in calls
        ],
    }


def tool(call_id: str, content: Json, **more: Json) -> JsonObject:
    return {"role": "tool", "tool_call_id": call_id, "content": content, **more}


def function(name: str, **more: Json) -> JsonObject:
    return {"type": "function", "function": {"name": name, **more}}


def test_v001_ids_that_claude_refuses_fit() -> None:
    got = chat(HI, calling(("call.with space:1", "f")), tool("call.with space:1", "ok"))
    assert got.at("messages", 1, "content") == [uses("call_with_space_1")]
    assert got.at("messages", 2, "content") == [gave("call_with_space_1", "ok")]


def test_v002_a_result_and_words_are_one_turn() -> None:
    got = chat(
        HI,
        calling(("c", "f")),
        tool("c", "ok"),
        {"role": "user", "content": "continue"},
    )
    assert each(got["messages"], "role") == ["user", "assistant", "user"]
    assert got.at("messages", 2, "content") == [gave("c", "ok"), text("continue")]


def test_v003_system_text_does_not_split_a_turn() -> None:
    got = chat(
        {"role": "user", "content": "first", "cache_control": EPHEMERAL},
        {"role": "system", "content": "system rule"},
        {"role": "user", "content": "second"},
    )
    assert got["system"] == [text("system rule")]
    content = [text("first", cache_control=EPHEMERAL), text("second")]
    assert got["messages"] == [{"role": "user", "content": content}]


def test_v004_parallel_results_are_one_turn_in_the_order_of_the_calls() -> None:
    done: JsonObject = {"role": "assistant", "content": "Done."}
    got = chat(
        HI,
        calling(("call_1", "f"), ("call_2", "g")),
        tool("call_2", "b"),
        tool("call_1", "a", cache_control=EPHEMERAL),
        done,
    )
    assert len(each(got["messages"], "role")) == 4
    assert got.at("messages", 2, "content") == [
        gave("call_1", "a", cache_control=EPHEMERAL),
        gave("call_2", "b"),
    ]


def test_v005_top_p_goes_before_the_temperature() -> None:
    got = chat(HI, temperature=0.2, top_p=0.8)
    assert "temperature" not in got
    assert got["top_p"] == 0.8
    assert got.lost(".temperature")


@pytest.mark.parametrize(
    ("content", "written"),
    [
        pytest.param(
            [text("tool ok"), {"type": "image_url", "image_url": {"url": DATA}}],
            [text("tool ok"), PNG],
            id="v006",
        ),
        pytest.param(
            [{"type": "image_url", "image_url": {"url": "https://x.test/i.png"}}],
            [
                {
                    "type": "image",
                    "source": {"type": "url", "url": "https://x.test/i.png"},
                }
            ],
            id="v007",
        ),
    ],
)
def test_pictures_in_results(content: Json, written: Json) -> None:
    got = chat(HI, calling(("c", "f")), tool("c", content))
    assert got.at("messages", 2, "content") == [gave("c", written)]


def test_v008_system_text_alone_gets_the_least_turn() -> None:
    got = chat({"role": "system", "content": "S"})
    assert got["system"] == [text("S")]
    # The vendor refuses an empty text block (notes.toml).
    assert got["messages"] == [{"role": "user", "content": "."}]
    assert got.lost(".messages")


def test_v009_system_and_developer_texts_are_blocks_in_order() -> None:
    got = chat(
        {"role": "system", "content": "S1"},
        {"role": "developer", "content": [text("D1"), text("D2")]},
        HI,
    )
    assert got["system"] == [text("S1"), text("D1"), text("D2")]
    assert got["messages"] == [{"role": "user", "content": [text("hi")]}]


def test_v010_a_mark_of_a_message_is_one_of_its_last_part() -> None:
    parts: list[Json] = [text("D1"), text("D2")]
    got = chat({"role": "developer", "content": parts, "cache_control": EPHEMERAL}, HI)
    assert got["system"] == [text("D1"), text("D2", cache_control=EPHEMERAL)]


def test_v011_a_mark_of_a_part_wins() -> None:
    got = chat(
        {
            "role": "user",
            "content": [text("a", cache_control=EPHEMERAL)],
            "cache_control": {"type": "ephemeral", "ttl": "1h"},
        }
    )
    assert got.at("messages", 0, "content") == [text("a", cache_control=EPHEMERAL)]


@pytest.mark.parametrize(
    "tool",
    [
        pytest.param({**function("f"), "cache_control": EPHEMERAL}, id="v012"),
        pytest.param(function("f", cache_control=EPHEMERAL), id="v012-inside"),
    ],
)
def test_a_tool_keeps_its_mark(tool: JsonObject) -> None:
    got = chat(HI, tools=[tool])
    assert got.at("tools", 0, "cache_control") == EPHEMERAL
    assert got.dropped == ()


A_OR_B: JsonObject = {"a": {"type": "string"}, "b": {"type": "string"}}


@pytest.mark.parametrize(
    "parameters",
    [
        pytest.param(
            {
                "parameters": {
                    "anyOf": [
                        {"type": "object", "properties": {k: v}, "required": [k]}
                        for k, v in A_OR_B.items()
                    ]
                }
            },
            id="v013",
        ),
        pytest.param(
            {
                "parametersJsonSchema": {
                    "type": "object",
                    "properties": A_OR_B,
                    "anyOf": [{"required": ["a"]}, {"required": ["b"]}],
                }
            },
            id="v014",
        ),
    ],
)
def test_a_union_at_the_root_is_one_object(parameters: Any) -> None:
    got = chat(HI, tools=[function("f", **parameters)])
    schema = got.at("tools", 0, "input_schema")
    assert schema == {"type": "object", "properties": A_OR_B}
    assert set(got.lost("")) == {"a union at the root, merged into one object"}


def test_v015_the_last_result_of_a_call_stands_where_the_first_one_stood() -> None:
    got = chat(
        HI,
        calling(("c", "f")),
        tool("c", "one"),
        tool("", "nameless"),
        tool("c", "two"),
    )
    content = got.at("messages", 2, "content")
    assert each(content, "content") == ["two", "nameless"]
    named, made = each(content, "tool_use_id")
    assert named == "c"
    assert made  # the vendor refuses an empty one


def test_v016_the_user_is_named_to_the_letter() -> None:
    name = 'foo"bar\nbaz\\qux'
    got = chat(HI, metadata={"user_id": name})
    assert got["metadata"] == {"user_id": name}
    assert got.dropped == ()


def test_v016_a_cache_key_is_no_user() -> None:
    got = chat(HI, prompt_cache_key="session-a")
    assert "metadata" not in got
    assert got.lost(".prompt_cache_key")


LOW, MEDIUM, HIGH, MAX = Effort.LOW, Effort.MEDIUM, Effort.HIGH, Effort.MAX
SONNET = ThinkingSupport(levels=(LOW, MEDIUM, HIGH), dynamic_allowed=True)
OPUS = ThinkingSupport(levels=(LOW, MEDIUM, HIGH, MAX), dynamic_allowed=True)
BUDGET = ThinkingSupport(budgets=BudgetRange(1024, 128000), zero_allowed=True)


@pytest.mark.parametrize(
    ("word", "support", "thinking", "effort"),
    [
        pytest.param("none", SONNET, {"type": "disabled"}, None, id="v017-none"),
        pytest.param("minimal", SONNET, {"type": "adaptive"}, "low", id="v017-minimal"),
        pytest.param("xhigh", OPUS, {"type": "adaptive"}, "max", id="v017-opus"),
        pytest.param("xhigh", SONNET, {"type": "adaptive"}, "high", id="v017-sonnet"),
        pytest.param(
            "medium",
            BUDGET,
            {"type": "enabled", "budget_tokens": 8192},
            None,
            id="v017-budget",
        ),
    ],
)
def test_effort(
    word: str, support: ThinkingSupport, thinking: Json, effort: str | None
) -> None:
    got = chat(HI, support=support, reasoning_effort=word)
    assert got["thinking"] == thinking
    assert got.body.get("output_config") == ({"effort": effort} if effort else None)


def test_v017_auto_leaves_it_to_the_model() -> None:
    got = chat(HI, support=SONNET, reasoning_effort="auto")
    assert got["thinking"] == {"type": "adaptive"}


def test_v018_no_tool_may_be_called() -> None:
    got = chat(HI, tools=[function("f")], tool_choice="none")
    assert got["tool_choice"] == {"type": "none"}
    assert each(got["tools"], "name") == ["f"]


def test_v019_a_free_text_call_is_kept() -> None:
    spoken: JsonObject = {
        "role": "assistant",
        "content": None,
        "tool_calls": [
            {
                "id": "c",
                "type": "custom",
                "custom": {"name": "patch", "input": "*** Begin"},
            }
        ],
    }
    tools: list[Json] = [{"type": "custom", "custom": {"name": "patch"}}]
    got = chat(HI, spoken, tool("c", "ok"), tools=tools)
    assert got.at("messages", 1, "content") == [uses("c", "patch", input="*** Begin")]
    assert got.at("messages", 2, "content") == [gave("c", "ok")]
    assert got.at("tools", 0, "input_schema", "required") == ["input"]


# From Responses.


def responses(*items: JsonObject, **more: Json) -> Sent:
    body: JsonObject = {"model": "x", "input": list(items), **more}
    return sent("openai_responses", "claude_messages", body)


def user(words: str) -> JsonObject:
    content: list[Json] = [{"type": "input_text", "text": words}]
    return {"type": "message", "role": "user", "content": content}


def said(words: str) -> JsonObject:
    content: list[Json] = [{"type": "output_text", "text": words, "annotations": []}]
    return {"type": "message", "role": "assistant", "content": content}


def call(call_id: str, name: str = "f") -> JsonObject:
    return {
        "type": "function_call",
        "call_id": call_id,
        "name": name,
        "arguments": "{}",
    }


def output(call_id: str, value: Json = "ok") -> JsonObject:
    return {"type": "function_call_output", "call_id": call_id, "output": value}


def thought(*summary: str, **more: Json) -> JsonObject:
    parts: list[Json] = [{"type": "summary_text", "text": words} for words in summary]
    return {"type": "reasoning", "summary": parts, **more}


def content_of(words: str) -> list[Json]:
    return [{"type": "reasoning_text", "text": words}]


SIGNED = "cliproxy1:claude_messages::EqQBsig"


def thinks(words: str) -> JsonObject:
    return {"type": "thinking", "thinking": words, "signature": "EqQBsig"}


@pytest.mark.parametrize(
    ("item", "written"),
    [
        pytest.param(
            thought("sum", encrypted_content=SIGNED), [thinks("sum")], id="v074"
        ),
        pytest.param(
            thought("sum", encrypted_content="gAAAAsealed"), [], id="v074-gpt"
        ),
        pytest.param(
            thought(content=content_of("x"), encrypted_content=SIGNED),
            [thinks("x")],
            id="v076-content",
        ),
        pytest.param(
            thought("x", content=content_of("x"), encrypted_content=SIGNED),
            [thinks("x")],
            id="v076-once",
        ),
        pytest.param(thought(encrypted_content=""), [], id="v075-empty"),
    ],
)
def test_thinking_goes_back_to_its_issuer_only(item: JsonObject, written: Any) -> None:
    got = responses(user("q"), item, said("a"), user("v"))
    assert got.at("messages", 1, "content") == [*written, text("a")]


ANSWER: JsonObject = {
    "id": "msg_1",
    "type": "message",
    "role": "assistant",
    "model": "m",
    "content": [],
    "stop_reason": "end_turn",
    "stop_sequence": None,
    "usage": {"input_tokens": 1, "output_tokens": 1},
}


def test_v075_sealed_thinking_comes_back_to_claude() -> None:
    sealed: JsonObject = {"type": "redacted_thinking", "data": "DATA"}
    answer = {**ANSWER, "content": [sealed, text("a")]}
    asked: JsonObject = {"model": "x", "input": "q"}
    heard = told("openai_responses", "claude_messages", asked, answer)
    items = heard["output"]
    assert isinstance(items, list)
    assert pick(items, 0, "type") == "reasoning"
    assert pick(items, 0, "summary") == []
    assert pick(items, 0, "encrypted_content") != "DATA"
    history = [item for item in items if isinstance(item, dict)]
    got = responses(user("q"), *history, user("v"))
    assert got.at("messages", 1, "content") == [sealed, text("a")]


def test_v077_a_turn_has_its_calls_last_and_one_turn_of_results() -> None:
    got = responses(
        user("q"),
        thought("th", encrypted_content=SIGNED),
        said("t"),
        call("A"),
        call("B"),
        output("A", "1"),
        output("B", "2"),
    )
    assert each(got["messages"], "role") == ["user", "assistant", "user"]
    assert got.at("messages", 1, "content") == [
        thinks("th"),
        text("t"),
        uses("A"),
        uses("B"),
    ]
    assert got.at("messages", 2, "content") == [gave("A", "1"), gave("B", "2")]


def test_v078_a_result_follows_its_call() -> None:
    got = responses(user("q"), call("A"), said("t"), output("A"))
    assert got.at("messages", 1, "content") == [text("t"), uses("A")]
    assert got.at("messages", 2, "content") == [gave("A", "ok")]


@pytest.mark.parametrize(
    "silent",
    [
        pytest.param(user(""), id="v079"),
        pytest.param({"role": "user", "content": ""}, id="v079-string"),
    ],
)
def test_a_silent_user_does_not_split_a_turn(silent: JsonObject) -> None:
    got = responses(user("q"), said("a"), silent, said("b"))
    content = [text("a"), text("b")]
    assert got.at("messages", 1) == {"role": "assistant", "content": content}
    assert len(each(got["messages"], "role")) == 2


def test_v080_a_grammar_is_described_in_words() -> None:
    grammar: JsonObject = {
        "type": "grammar",
        "syntax": "lark",
        "definition": "start: x",
    }
    tools: list[Json] = [
        {"type": "custom", "name": "apply_patch", "format": grammar},
        {"type": "function", "name": "exec_command", "parameters": {"type": "object"}},
    ]
    got = responses(user("q"), tools=tools)
    assert each(got["tools"], "name") == ["apply_patch", "exec_command"]
    assert "start: x" in str(got.at("tools", 0, "description"))
    assert got.lost(".tools[0]")


def group(name: str, *children: str) -> JsonObject:
    inner: list[Json] = [
        {"type": "function", "name": child, "parameters": {"type": "object"}}
        for child in children
    ]
    return {"type": "namespace", "name": name, "tools": inner}


def test_v081_names_of_groups_are_part_of_names() -> None:
    tools: list[Json] = [
        group("collab", "collaboration"),
        group("mcp__node_repl", "mcp__node_repl__js"),
    ]
    got = responses(user("q"), tools=tools)
    assert each(got["tools"], "name") == ["collab__collaboration", "mcp__node_repl__js"]


def test_v082_a_choice_of_a_tool_in_a_group() -> None:
    choice = {"type": "function", "name": "js", "namespace": "mcp__node_repl"}
    got = responses(
        user("q"), tools=[group("mcp__node_repl", "js")], tool_choice=dict(choice)
    )
    assert got["tool_choice"] == {"type": "tool", "name": "mcp__node_repl__js"}


def free(call_id: str, words: str) -> JsonObject:
    return {
        "type": "custom_tool_call",
        "call_id": call_id,
        "name": "sh",
        "input": words,
    }


def freed(call_id: str, words: str) -> JsonObject:
    return {"type": "custom_tool_call_output", "call_id": call_id, "output": words}


def test_v083_free_text_is_an_object_with_an_input() -> None:
    got = responses(user("q"), free("c 1", "pwd"), freed("c 1", "/"))
    assert got.at("messages", 1, "content") == [uses("c_1", "sh", input="pwd")]
    assert got.at("messages", 2, "content") == [gave("c_1", "/")]


@pytest.mark.parametrize(
    ("told", "written"),
    [
        pytest.param(
            [{"type": "input_image", "image_url": DATA, "detail": "high"}],
            [PNG],
            id="v084-picture",
        ),
        pytest.param(
            [{"type": "input_text", "text": "x"}], [text("x")], id="v084-words"
        ),
    ],
)
def test_outputs_of_parts(told: Json, written: Json) -> None:
    got = responses(user("q"), call("A"), output("A", told))
    assert got.at("messages", 2, "content") == [gave("A", written)]


def test_v085_a_picture_in_system_text_is_reported() -> None:
    content: list[Json] = [
        {"type": "input_text", "text": "s"},
        {"type": "input_image", "image_url": DATA},
    ]
    got = responses(
        {"type": "message", "role": "system", "content": content}, user("q")
    )
    assert got["system"] == [text("s")]
    assert got.lost(".input[0]") == ["system text is text only"]


@pytest.mark.parametrize(
    ("tier", "speed"),
    [
        pytest.param("priority", "fast", id="v086-priority"),
        pytest.param("flex", None, id="v086-flex"),
        pytest.param("standard", None, id="v086-standard"),
        pytest.param("default", None, id="v086-default"),
        pytest.param(None, None, id="v086-absent"),
    ],
)
@pytest.mark.parametrize("effort", ["low", "high"])
def test_a_tier_is_a_speed(tier: str | None, speed: str | None, effort: str) -> None:
    got = responses(user("q"), service_tier=tier, reasoning={"effort": effort})
    assert got.body.get("speed") == speed


def test_v087_of_outputs_given_twice_the_last_one_counts() -> None:
    got = responses(
        user("q"),
        call("A"),
        free("B", "pwd"),
        output("A", "1"),
        freed("B", "b1"),
        output("A", "2"),
        freed("B", "b2"),
        output("", "e"),
    )
    content = got.at("messages", 2, "content")
    assert each(content, "content") == ["2", "b2", "e"]
    first, second, made = each(content, "tool_use_id")
    assert (first, second) == ("A", "B")
    assert made not in ("", "A", "B")


def test_v088_a_call_of_a_free_text_tool_in_a_group_comes_back_as_one() -> None:
    tool: JsonObject = {"type": "custom", "name": "sh"}
    asked: JsonObject = {
        "model": "x",
        "input": "q",
        "tools": [{"type": "namespace", "name": "box", "tools": [tool]}],
    }
    called = {**ANSWER, "content": [uses("toolu_1", "box__sh", input="pwd")]}
    heard = told("openai_responses", "claude_messages", asked, called)
    item = pick(heard, "output", 0)
    assert isinstance(item, dict)
    said = {key: item[key] for key in ("type", "call_id", "name", "namespace", "input")}
    assert said == {**free("toolu_1", "pwd"), "namespace": "box"}


# From Gemini.

TURN: JsonObject = {"role": "user", "parts": [{"text": "q"}]}


def gemini(*contents: JsonObject, **more: Json) -> Sent:
    body: JsonObject = {"contents": list(contents), **more}
    return sent("gemini", "claude_messages", body)


def asked(name: str, **more: Json) -> JsonObject:
    return {"functionCall": {"name": name, "args": {}, **more}}


def answered(name: str, **more: Json) -> JsonObject:
    return {"functionResponse": {"name": name, "response": {"result": name}, **more}}


@pytest.mark.parametrize(
    ("calls", "ids"),
    [
        pytest.param(
            [asked("f"), asked("g")], ["call_1_0", "call_1_1"], id="v107-made"
        ),
        pytest.param(
            [asked("f", id="i"), asked("g", id="j")], ["i", "j"], id="v107-given"
        ),
    ],
)
def test_ids_of_calls_are_made_where_there_are_none(calls: Any, ids: Any) -> None:
    given = [call["functionCall"].get("id") for call in calls]
    results = [
        answered(name, **({"id": i} if i else {}))
        for name, i in zip("fg", given, strict=True)
    ]
    history: list[JsonObject] = [
        TURN,
        {"role": "model", "parts": calls},
        {"role": "user", "parts": [*results]},
    ]
    got = gemini(*history)
    assert each(got.at("messages", 1, "content"), "id") == ids
    assert each(got.at("messages", 2, "content"), "tool_use_id") == ids
    assert each(got.at("messages", 2, "content"), "content") == ["f", "g"]
    assert gemini(*history, TURN).at("messages", 1) == got.at("messages", 1)


def test_v110_media_that_claude_does_not_take_are_reported() -> None:
    parts: list[Json] = [
        {"inlineData": {"mimeType": mime, "data": "AAAA"}}
        for mime in ("video/mp4", "audio/mpeg", "application/pdf")
    ]
    got = gemini({"role": "user", "parts": [{"text": "q"}, *parts]})
    pdf = {"type": "base64", "media_type": "application/pdf", "data": "AAAA"}
    content = [text("q"), {"type": "document", "source": pdf}]
    assert got.at("messages", 0, "content") == content
    assert got.lost(".contents[0]")


@pytest.mark.parametrize(
    "key",
    [
        pytest.param("systemInstruction", id="v111-camel"),
        pytest.param("system_instruction", id="v111-snake"),
    ],
)
def test_both_spellings_of_system_text(key: str) -> None:
    told: JsonObject = {"parts": [{"text": "S"}]}
    got = gemini(TURN, **{key: told})
    assert got["system"] == [text("S")]
    assert got["messages"] == [{"role": "user", "content": [text("q")]}]
