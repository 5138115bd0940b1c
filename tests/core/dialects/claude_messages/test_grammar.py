"""The table, and what each payload counts as."""

from __future__ import annotations

from typing import Any

import pytest

from cliproxy_core.dialects.claude_messages.grammar import (
    GRAMMAR,
    Phase,
    classify,
)
from cliproxy_core.ir.grammar import Checker, Step
from tests.core.dialects.claude_messages.streams import payloads


@pytest.mark.parametrize(
    ("payload", "step"),
    [
        (None, Step("[DONE]")),
        ({}, Step("unknown")),
        ({"type": 1}, Step("unknown")),
        ({"type": "unheard_of"}, Step("unknown")),
        ({"type": "ping"}, Step("ping")),
        ({"type": "error"}, Step("error")),
        ({"type": "message_start"}, Step("message_start")),
        (
            {"type": "content_block_start", "index": 3},
            Step("content_block_start", 3),
        ),
    ],
)
def test_classify(payload: dict[str, Any] | None, step: Step) -> None:
    assert classify(payload) == (step,)


@pytest.mark.parametrize(
    "story",
    [
        "message | end end_turn | over",
        (
            "ping | message | new_event | open 0 text | text 0 a | close 0 "
            "| open 1 text | close 1 | end - | end end_turn | ping | over"
        ),
        "message | open 0 text | error",
        "error",
    ],
)
def test_legal_streams(story: str) -> None:
    checker = Checker(GRAMMAR)
    assert not any(checker.check(classify(each)) for each in payloads(story))
    assert checker.complete


@pytest.mark.parametrize(
    ("story", "rule"),
    [
        ("open 0 text", "not allowed before the start"),
        ("message | message", "not allowed between blocks"),
        ("message | open 1 text", "index 1 where 0 is next"),
        ("message | open - text", "where 0 is next"),
        ("message | open 0 text | open 1 text", "not allowed inside a block"),
        ("message | open 0 text | text 1 a", "index 1 is not open"),
        ("message | open 0 text | close 0 | open 1 text | text 0 a", "0 is not open"),
        ("message | open 0 text | end end_turn", "not allowed inside a block"),
        ("message | over", "not allowed between blocks"),
        ("message | end end_turn | over | over", "after the end"),
        ("message | end end_turn | over | ping", "after the end"),
    ],
)
def test_illegal_streams(story: str, rule: str) -> None:
    checker = Checker(GRAMMAR)
    *before, last = payloads(story)
    assert not any(checker.check(classify(each)) for each in before)
    violation = checker.check(classify(last))
    assert violation is not None
    assert rule in violation.rule


def test_every_phase_is_reached() -> None:
    assert {GRAMMAR.start, *GRAMMAR.table.values()} == set(Phase)
