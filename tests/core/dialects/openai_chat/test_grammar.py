"""The grammar: which chunks take which steps, and which streams are legal."""

from __future__ import annotations

from typing import Any

import pytest

from cliproxy_core.dialects.openai_chat.grammar import GRAMMAR, classify
from cliproxy_core.ir.grammar import Checker, Step
from tests.core.dialects.openai_chat.streams import call


def choice(delta: Any, index: Any = 0, word: Any = None) -> dict[str, Any]:
    return {"choices": [{"index": index, "delta": delta, "finish_reason": word}]}


FREE = {"index": 0, "id": "a", "custom": {"name": "f", "input": "x"}}
OPENING = call(0, "", id="a", name="f")


@pytest.mark.parametrize(
    ("payload", "want"),
    [
        (None, [Step("done")]),
        ({"error": {}}, [Step("error")]),
        ({"choices": []}, [Step("meta")]),
        ({"choices": [], "usage": {}}, [Step("usage")]),
        ({"choices": [5]}, []),
        (choice({"role": "assistant", "content": ""}), [Step("role")]),
        (choice({}), []),
        (choice(None), []),
        (choice({"content": "a"}, 2), [Step("content", -1, 2)]),
        (choice({"reasoning": "a"}), [Step("reasoning")]),
        (choice({"reasoning_details": [{}]}), [Step("reasoning")]),
        (choice({"refusal": "a"}), [Step("refusal")]),
        (choice({"images": [{}]}), [Step("media")]),
        (choice({"audio": {"data": "AA"}}), [Step("media")]),
        (choice({"annotations": [{}]}), [Step("note")]),
        (choice({"annotations": [], "audio": None}), []),
        (
            choice({"tool_calls": [FREE]}),
            [Step("tool_start", 0), Step("tool_delta", 0)],
        ),
        (choice({"content": "a"}, word="stop"), [Step("content"), Step("finish")]),
        (choice({"tool_calls": [OPENING]}), [Step("tool_start", 0)]),
        (choice({"tool_calls": [call(1, "x")]}), [Step("tool_delta", 1)]),
        (choice({"tool_calls": [call(1, ""), 5]}), []),
        (
            choice({"tool_calls": [call(None, "x", id="a")]}),
            [Step("tool_start"), Step("tool_delta")],
        ),
    ],
)
def test_the_steps_of_a_chunk(payload: Any, want: list[Step]) -> None:
    assert list(classify(payload)) == want


ROLE = choice({"role": "assistant"})
TEXT = choice({"content": "a"})
STOP = choice({}, word="stop")
COUNT: dict[str, Any] = {"choices": [], "usage": {}}
META: dict[str, Any] = {"choices": []}


@pytest.mark.parametrize(
    ("stream", "legal"),
    [
        ([ROLE, TEXT, STOP, None], True),
        ([META, ROLE, TEXT, STOP, COUNT, META, None], True),
        ([ROLE, {"error": {}}], True),
        ([TEXT], False),
        ([ROLE, ROLE], False),
        ([ROLE, None], False),
        ([ROLE, STOP, TEXT], False),
        ([ROLE, STOP, STOP], False),
        ([ROLE, COUNT], False),
        ([ROLE, STOP, COUNT, COUNT], False),
        ([ROLE, STOP, None, META], False),
        ([ROLE, choice({"tool_calls": [call(0, "x")]})], False),
        ([ROLE, choice({"tool_calls": [OPENING]})] * 1 + [STOP, None], True),
        ([ROLE, choice({"tool_calls": [OPENING, OPENING]})], False),
        ([ROLE, choice({"role": "assistant"}, 1), STOP, None], False),
    ],
)
def test_which_streams_are_legal(stream: list[Any], legal: bool) -> None:
    checker = Checker(GRAMMAR)
    violations = [checker.check(classify(payload)) for payload in stream]
    allowed = violations == [None] * len(stream)
    assert (allowed and checker.complete) is legal
