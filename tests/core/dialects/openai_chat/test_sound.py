"""Whole answers that go on as they came, and those that do not."""

from __future__ import annotations

from typing import Any

import pytest

from cliproxy_core.dialects.openai_chat import DIALECT
from cliproxy_core.dialects.openai_chat.sound import is_sound
from tests.core.dialects.openai_chat.streams import context

CALL: Any = {
    "id": "call_1",
    "type": "function",
    "function": {"name": "f", "arguments": '{"a":1}'},
}


def answer(message: Any = None, /, word: Any = "stop", **more: Any) -> Any:
    said = {"role": "assistant", "content": "hi", **(message or {})}
    choice = {"index": 0, "message": said, "finish_reason": word}
    return {
        "id": "c1",
        "object": "chat.completion",
        "created": 1,
        "model": "m",
        "choices": [choice],
        **more,
    }


def call(**function: Any) -> Any:
    return {"tool_calls": [{**CALL, "function": {**CALL["function"], **function}}]}


SOUND = [
    answer(),
    answer({"content": None, "refusal": "no"}),
    answer({"tool_calls": None}),
    answer({"tool_calls": []}),
    answer({"tool_calls": [CALL], "content": None}, "tool_calls"),
    answer(call(arguments='{"a'), "length"),
    answer({"tool_calls": [{"id": "x", "type": "custom", "custom": {}}]}, "tool_calls"),
    answer(system_fingerprint="x"),
]

UNSOUND = [
    answer(id=None),
    answer(id=""),
    answer(object="chat"),
    answer(created="now"),
    answer(model=None),
    answer({"role": None}),
    answer({"content": [{"type": "text", "text": "hi"}]}),
    answer(word=None),
    answer(word="max_tokens"),
    answer(word="tool_calls"),
    answer({"tool_calls": [CALL]}, "stop"),
    answer(call(arguments=""), "tool_calls"),
    answer(call(arguments={"a": 1}), "tool_calls"),
    answer(call(arguments='{"a'), "tool_calls"),
    answer(call(name=None), "tool_calls"),
    answer({"tool_calls": [{**CALL, "id": None}]}, "tool_calls"),
    answer({"tool_calls": [{**CALL, "type": None}]}, "tool_calls"),
]


@pytest.mark.parametrize("payload", SOUND)
def test_sound(payload: Any) -> None:
    assert is_sound(payload)


@pytest.mark.parametrize("payload", UNSOUND)
def test_unsound_until_it_was_read_and_written(payload: Any) -> None:
    assert not is_sound(payload)
    assert is_sound(
        DIALECT.emit_response(
            DIALECT.parse_response(payload, context()), context()
        ).payload
    )


@pytest.mark.parametrize("choices", [[1], [{"index": 1}], [{"index": 0}], None])
def test_what_is_no_answer_is_not_sound(choices: Any) -> None:
    assert not is_sound(answer(choices=choices))


@pytest.mark.parametrize("word", [{}, [], 7, None])
def test_an_end_that_is_no_word_is_not_sound(word: Any) -> None:
    assert not is_sound(answer(word=word))
