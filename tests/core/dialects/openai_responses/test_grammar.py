"""The table, and what each payload counts as."""

from __future__ import annotations

from typing import Any

import pytest

from cliproxy_core.dialects.openai_responses.grammar import (
    GRAMMAR,
    OTHER,
    Phase,
    classify,
)
from cliproxy_core.ir.grammar import Checker, Step
from tests.core.dialects.openai_responses.streams import (
    call,
    created,
    custom,
    end,
    good,
    message,
    reasoning,
)

NOWHERE = 1 << 62

FAILED = {"type": "response.failed"}
ERROR = {"type": "error"}
PROGRESS = {"type": "response.web_search_call.searching", "output_index": 9}
MESSAGE, CALL = message(0, "a"), call(1, "{}")


@pytest.mark.parametrize(
    ("payload", "step"),
    [
        (None, Step("[DONE]")),
        ({}, Step(OTHER)),
        ({"type": 1}, Step(OTHER)),
        ({"type": "response.audio.delta"}, Step(OTHER)),
        (PROGRESS, Step(OTHER)),
        ({"type": OTHER}, Step(OTHER)),
        (ERROR, Step("error")),
        (FAILED, Step("response.failed")),
        ({"type": "response.created"}, Step("response.created")),
        (
            {"type": "response.output_item.added", "output_index": 0},
            Step("response.output_item.added", -1, 1),
        ),
        (
            {
                "type": "response.output_text.delta",
                "output_index": 2,
                "content_index": 3,
            },
            Step("response.output_text.delta", 3, 3),
        ),
        (
            {"type": "response.output_text.delta", "output_index": 0},
            Step("response.output_text.delta", NOWHERE, 1),
        ),
        (
            {"type": "response.output_item.done", "output_index": True},
            Step("response.output_item.done", -1, NOWHERE + 1),
        ),
        (
            {
                "type": "response.reasoning_summary_text.delta",
                "output_index": 0,
                "summary_index": 5,
            },
            Step("response.reasoning_summary_text.delta", -1, 1),
        ),
    ],
)
def test_classify(payload: dict[str, Any] | None, step: Step) -> None:
    assert classify(payload) == (step,)


def test_steps_are_shared() -> None:
    assert classify(MESSAGE[2]) is classify(dict(MESSAGE[2]))


def bare(index: int) -> list[dict[str, Any]]:
    """Reasoning without a content part around it."""
    opened, *_, done = reasoning(index, "a")
    where = {"output_index": index, "content_index": 0}
    name = "response.reasoning_text"
    said = [{"type": f"{name}.{verb}", **where} for verb in ("delta", "done")]
    return [opened, *said, done]


@pytest.mark.parametrize(
    "stream",
    [
        good(),
        good(message(0)),
        good(reasoning(0, "A", "B"), message(1, "a", "b"), call(2, "{}")),
        good(call(0, "{}"), custom(1, "ls"), kind="incomplete"),
        good(bare(0)),
        [*created(), PROGRESS, end()],
        # Items side by side.
        [*created(), MESSAGE[0], CALL[0], *MESSAGE[1:], *CALL[1:], end()],
        # A call that was cut: its arguments never end.
        [*created(), *call(0, "{")[:2], call(0, "{")[-1], end(kind="incomplete")],
        [ERROR],
        [ERROR, FAILED],
        [FAILED],
        [*created(), *MESSAGE[:2], ERROR, FAILED],
        [*created(), *MESSAGE, FAILED],
    ],
)
def test_legal_streams(stream: list[dict[str, Any]]) -> None:
    checker = Checker(GRAMMAR)
    for payload in stream:
        assert checker.check(classify(payload)) is None, payload
    assert checker.complete


@pytest.mark.parametrize(
    ("stream", "rule"),
    [
        ([PROGRESS], "not allowed before the response"),
        ([MESSAGE[0]], "not allowed before the response"),
        ([*created(), created()[0]], "not allowed in the response"),
        ([*created(), CALL[0]], "index 1 where 0 is next"),
        ([*created(), MESSAGE[0], call(2, "{}")[0]], "index 2 where 1 is next"),
        ([*created(), MESSAGE[1]], "not allowed before the item"),
        ([*created(), MESSAGE[0], MESSAGE[0]], "not allowed in an item"),
        ([*created(), MESSAGE[0], MESSAGE[2]], "not allowed in an item"),
        ([*created(), *MESSAGE[:2], end()], "not allowed in a content part"),
        ([*created(), *MESSAGE[:2], MESSAGE[-1]], "not allowed in a content part"),
        ([*created(), *MESSAGE[:4], MESSAGE[2]], "after the text of a content part"),
        (
            [*created(), MESSAGE[0], message(0, "a", "b")[5]],
            "index 1 where 0 is next",
        ),
        (
            [*created(), *MESSAGE[:2], message(0, "a", "b")[6]],
            "index 1 is not open",
        ),
        (
            [*created(), *call(0, "{}")[:3], call(0, "{}")[1]],
            "not allowed after the arguments",
        ),
        ([*created(), *MESSAGE, MESSAGE[-1]], "not allowed after the item"),
        ([*created(), *MESSAGE, *MESSAGE[2:3]], "not allowed after the item"),
        ([*created(), end(), end()], "after the end"),
        ([*created(), end(), MESSAGE[0]], "after the end"),
        ([*created(), end(), PROGRESS], "after the end"),
        ([*created(), end(), FAILED], "after the end"),
        ([ERROR, ERROR], "after the end"),
        ([FAILED, ERROR], "after the end"),
        ([ERROR, FAILED, FAILED], "after the end"),
        ([*created(), None], "not allowed in the response"),
    ],
)
def test_illegal_streams(stream: list[dict[str, Any] | None], rule: str) -> None:
    checker = Checker(GRAMMAR)
    *before, last = stream
    assert not any(checker.check(classify(each)) for each in before)
    violation = checker.check(classify(last))
    assert violation is not None
    assert rule in violation.rule


def test_every_phase_is_reached() -> None:
    reached = {*GRAMMAR.table.values(), *GRAMMAR.branches.values()}
    assert {GRAMMAR.start, *reached} == set(Phase)
