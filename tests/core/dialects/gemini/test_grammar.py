"""The grammar: which chunks take which steps, and which streams are legal."""

from __future__ import annotations

from typing import Any

import pytest

from cliproxy_core.dialects.gemini.grammar import GRAMMAR, block_reason, classify
from cliproxy_core.ir.grammar import Checker, Step
from tests.core.dialects.gemini.streams import call, text, thought


def chunk(*parts: Any, finish: str | None = None, **more: Any) -> dict[str, Any]:
    end = {} if finish is None else {"finishReason": finish}
    return {"candidates": [{"content": {"parts": list(parts)}, **end, **more}]}


@pytest.mark.parametrize(
    ("payload", "want"),
    [
        (None, []),
        ({"error": {"code": 503}}, [Step("error")]),
        ({"usageMetadata": {}}, [Step("meta")]),
        ({"candidates": []}, [Step("meta")]),
        ({"promptFeedback": {"blockReason": "SAFETY"}}, [Step("blocked")]),
        ({"promptFeedback": {"safetyRatings": []}}, [Step("meta")]),
        ({"candidates": [5]}, []),
        (chunk(text("a")), [Step("text")]),
        (chunk(text("a"), index=2), [Step("text", -1, 2)]),
        (chunk(thought("a")), [Step("thought")]),
        (chunk(text("")), []),
        (chunk(5), []),
        (chunk(text("", thoughtSignature="aa==")), [Step("text")]),
        (chunk(call("f")), [Step("call")]),
        (chunk({"inlineData": {}}), [Step("media")]),
        (chunk({"fileData": {}}), [Step("media")]),
        (chunk({"executableCode": {}}), [Step("native")]),
        (chunk(text("a"), call("f")), [Step("text"), Step("call")]),
        (chunk(text(""), finish="STOP"), [Step("finish")]),
        ({"candidates": [{"finishReason": "SAFETY"}]}, [Step("finish")]),
    ],
)
def test_the_steps_of_a_chunk(payload: Any, want: list[Step]) -> None:
    assert list(classify(payload)) == want


def test_what_is_said_most_is_not_made_anew() -> None:
    assert classify(chunk(text("a"))) is classify(chunk(text("b")))


TEXT = chunk(text("a"))
STOP = chunk(text(""), finish="STOP")
SECOND = chunk(text("b"), index=1)
BLOCK: dict[str, Any] = {"promptFeedback": {"blockReason": "OTHER"}}
META: dict[str, Any] = {"usageMetadata": {}}
ERROR: dict[str, Any] = {"error": {"code": 500}}


@pytest.mark.parametrize(
    ("stream", "legal"),
    [
        ([TEXT, STOP, None], True),
        ([STOP], True),
        ([META, TEXT, META, STOP], True),
        ([chunk(text("a"), finish="MAX_TOKENS")], True),
        ([BLOCK], True),
        ([TEXT, ERROR], True),
        ([ERROR], True),
        ([TEXT, SECOND, STOP, chunk(finish="STOP", index=1)], True),
        ([], False),
        ([TEXT], False),
        ([TEXT, SECOND, STOP], False),
        ([STOP, TEXT], False),
        ([STOP, STOP], False),
        ([STOP, META], False),
        ([TEXT, BLOCK], False),
        ([STOP, ERROR, TEXT], False),
    ],
)
def test_which_streams_are_legal(stream: list[Any], legal: bool) -> None:
    checker = Checker(GRAMMAR)
    violations = [checker.check(classify(payload)) for payload in stream]
    allowed = violations == [None] * len(stream)
    assert (allowed and checker.complete) is legal


@pytest.mark.parametrize(
    ("payload", "want"),
    [
        ({}, None),
        ({"promptFeedback": 5}, None),
        ({"promptFeedback": {"blockReason": 5}}, None),
        ({"promptFeedback": {"blockReason": ""}}, None),
        ({"promptFeedback": {"blockReason": "JAILBREAK"}}, "JAILBREAK"),
    ],
)
def test_why_a_prompt_was_refused(payload: Any, want: str | None) -> None:
    assert block_reason(payload) == want
