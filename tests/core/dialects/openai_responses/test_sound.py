"""What may go on to a caller as it came, and what may not."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from cliproxy_core.dialects.openai_responses.sound import is_sound, is_sound_item
from tests.core.dialects.openai_responses.streams import (
    call,
    custom,
    end,
    message,
    reasoning,
)

ITEMS = [item[-1]["item"] for item in (
    reasoning(0, "A"), message(1, "a"), call(2, "{}"), custom(3, "ls")
)]  # fmt: skip
WHOLE: dict[str, Any] = end(*ITEMS)["response"]
INCOMPLETE = {
    **end(*ITEMS)["response"],
    "status": "incomplete",
    "incomplete_details": {"reason": "max_output_tokens"},
}
CUT = {**ITEMS[2], "arguments": "{", "status": "incomplete"}


@pytest.mark.parametrize(
    "document",
    [
        WHOLE,
        INCOMPLETE,
        {**WHOLE, "output": []},
        {**WHOLE, "usage": None},
        {**WHOLE, "status": "queued"},
        {**WHOLE, "created_at": 7.5},
        {**WHOLE, "output": [{"type": "web_search_call"}]},
        {**INCOMPLETE, "output": [CUT]},
    ],
)
def test_sound(document: dict[str, Any]) -> None:
    assert is_sound(document)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("id", ""),
        ("id", None),
        ("object", "chat.completion"),
        ("created_at", None),
        ("created_at", True),
        ("model", None),
        ("status", None),
        ("status", "failed"),
        ("status", "incomplete"),
        ("error", {"message": "m"}),
        ("incomplete_details", {"reason": "max_output_tokens"}),
        ("usage", 7),
        ("usage", {**WHOLE["usage"], "total_tokens": None}),
        ("usage", {**WHOLE["usage"], "input_tokens_details": None}),
        ("usage", {**WHOLE["usage"], "output_tokens_details": {}}),
        ("output", None),
        ("output", [None]),
        ("output", [{"type": None}]),
    ],
)
def test_unsound(key: str, value: Any) -> None:
    assert not is_sound({**WHOLE, key: value})
    if value is None and key != "output":
        assert not is_sound({k: v for k, v in WHOLE.items() if k != key})


@pytest.mark.parametrize(
    ("item", "key", "value"),
    [
        (1, "id", None),
        (1, "content", None),
        (1, "content", [None]),
        (1, "content", [{"type": 1}]),
        (1, "content", [{"type": "output_text", "text": "a"}]),
        (1, "content", [{"type": "refusal"}]),
        (0, "summary", None),
        (0, "summary", [{"type": "summary_text"}]),
        (2, "call_id", ""),
        (2, "name", ""),
        (2, "name", None),
        (2, "arguments", {}),
        (2, "arguments", "{"),
        (3, "input", None),
    ],
)
def test_items_that_mislead(item: int, key: str, value: Any) -> None:
    document = copy.deepcopy(WHOLE)
    document["output"][item][key] = value
    assert not is_sound(document)


def test_a_call_that_was_cut_may_stand_only_where_the_answer_was() -> None:
    assert is_sound_item(CUT, finished=False)
    assert not is_sound_item(CUT, finished=True)
    assert not is_sound_item({**CUT, "status": "completed"}, finished=False)
