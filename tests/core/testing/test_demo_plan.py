"""What the demo upstream reads from a request of any dialect."""

from __future__ import annotations

import pytest

from cliproxy_core.base.jsonval import Json, JsonObject
from cliproxy_core.testing.demo_plan import (
    Call,
    Plan,
    asked_tool,
    objects,
    tool_answer,
)

WEATHER = Call("get_weather", {"city": "Paris"})


@pytest.mark.parametrize("tools", [None, [], "x", [1], [{"type": "web_search"}]])
def test_without_a_function_it_asks_for_the_weather(tools: Json) -> None:
    assert asked_tool({"tools": tools}) == WEATHER


def test_a_schema_may_be_missing() -> None:
    assert asked_tool({"tools": [{"name": "go"}]}) == Call("go", {})


@pytest.mark.parametrize(
    ("messages", "answer"),
    [
        (None, None),
        ([], None),
        ([{"role": "user", "content": "hello"}], None),
        ([{"role": "user", "content": [{"type": "text", "text": "x"}]}], None),
        ([{"role": "tool", "content": "rain"}], "rain"),
        (
            [{"role": "tool", "content": "rain"}, {"role": "user", "content": "so"}],
            None,
        ),
        ([{"role": "tool", "content": [{"type": "text", "text": "a"}, {}]}], "a"),
        ([{"role": "tool", "content": "x" * 1000}], "x" * 200),
    ],
)
def test_the_answer_of_a_tool(messages: Json, answer: str | None) -> None:
    assert tool_answer({"messages": messages}) == answer


OUTPUT: Json = {"type": "function_call_output", "call_id": "c", "output": "rain"}
TEXTS: Json = [{"type": "input_text", "text": "rain"}]


def response(value: Json) -> Json:
    part: Json = {"functionResponse": {"name": "f", "response": value}}
    return {"role": "user", "parts": [{"text": "x"}, part]}


@pytest.mark.parametrize(
    ("document", "answer"),
    [
        ({"input": [OUTPUT]}, "rain"),
        ({"input": [{"type": "function_call_output", "output": TEXTS}]}, "rain"),
        ({"input": [OUTPUT, {"role": "user", "content": "so"}]}, None),
        ({"input": "words"}, None),
        ({"contents": [response({"output": "rain"})]}, "rain"),
        ({"contents": [response({"result": "rain"})]}, "rain"),
        ({"contents": [response({"a": "rain", "b": "sun"})]}, ""),
        ({"contents": [response(None)]}, ""),
        ({"contents": [{"role": "user", "parts": [{"text": "x"}]}]}, None),
    ],
)
def test_other_dialects_have_other_places(
    document: JsonObject, answer: str | None
) -> None:
    assert tool_answer(document) == answer


def test_google_writes_types_in_capitals() -> None:
    schema: Json = {"properties": {"n": {"type": "INTEGER"}}}
    held: Json = {"functionDeclarations": [{"name": "f", "parameters": schema}]}
    assert asked_tool({"tools": [held]}) == Call("f", {"n": 1})


def test_arguments_come_in_pieces() -> None:
    assert len(WEATHER.pieces) > 1
    assert "".join(WEATHER.pieces) == WEATHER.text


def test_tokens_are_pieces() -> None:
    plan = Plan(model="m", text=("a", "b"), calls=(WEATHER,))
    assert plan.tokens == 2 + len(WEATHER.pieces)


def test_only_objects_are_taken() -> None:
    assert objects([1, {"a": 1}, None]) == [{"a": 1}]
    assert objects("text") == []
