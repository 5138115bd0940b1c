"""Items: numbers, names, forms."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cliproxy_core.dialects.openai_responses.items import (
    MAX_ID,
    Items,
    call_item,
    message_item,
    picture_item,
    reasoning_item,
    refusal_part,
    text_part,
)
from cliproxy_core.ir.request import ToolKind
from cliproxy_core.ir.stream import ToolCallStarted


def test_items_are_told_in_the_order_of_their_opening() -> None:
    items = Items()
    assert [items.open(), items.open(), items.open()] == [0, 1, 2]
    items.done(2, {"id": "c"})
    items.done(0, {"id": "a"})
    assert items.output == [{"id": "a"}, {"id": "c"}]


def test_names_tell_what_they_belong_to() -> None:
    items = Items()
    assert items.name("msg_", "resp_1", 0) == "msg_resp_1_0"
    assert items.call_name(ToolKind.FUNCTION, "call_a", 1) == "fc_call_a"
    assert items.call_name(ToolKind.CUSTOM, "call_a", 2) == "ctc_call_a"
    assert items.call_name(ToolKind.FUNCTION, "call_a", 3) == "fc_call_a_3"


@given(st.lists(st.text(), max_size=5))
def test_any_name_is_one_that_may_come_back(owners: list[str]) -> None:
    items = Items()
    names = [items.name("rs_", owner, i) for i, owner in enumerate(owners)]
    assert len(set(names)) == len(names)
    for name in names:
        assert len(name) <= MAX_ID
        assert name.startswith("rs_")
        assert name.isascii()
        assert name.replace("_", "").replace("-", "").isalnum()
    again = Items()
    assert [again.name("rs_", owner, i) for i, owner in enumerate(owners)] == names


def test_long_names_are_told_apart() -> None:
    items, long = Items(), "x" * 100
    one = items.call_name(ToolKind.FUNCTION, long + "1", 0)
    other = items.call_name(ToolKind.FUNCTION, long + "2", 1)
    assert one != other
    assert max(len(one), len(other)) <= MAX_ID


OPENING = ToolCallStarted(0, "c1", "f")
SPACED = ToolCallStarted(0, "c1", "f", kind=ToolKind.CUSTOM, namespace="n")

FORMS: list[tuple[Any, Any]] = [
    (
        message_item("i", [], done=False),
        {
            "id": "i",
            "type": "message",
            "status": "in_progress",
            "role": "assistant",
            "content": [],
        },
    ),
    (
        message_item("i", [refusal_part("no")], done=True),
        {
            "id": "i",
            "type": "message",
            "status": "completed",
            "role": "assistant",
            "content": [{"type": "refusal", "refusal": "no"}],
        },
    ),
    (
        text_part("x", [1], [2]),
        {"type": "output_text", "text": "x", "annotations": [1], "logprobs": [2]},
    ),
    (reasoning_item("i", (), None), {"id": "i", "type": "reasoning", "summary": []}),
    (
        reasoning_item("i", ("a",), ""),
        {
            "id": "i",
            "type": "reasoning",
            "summary": [{"type": "summary_text", "text": "a"}],
            "encrypted_content": "",
        },
    ),
    (
        call_item("i", OPENING, "{}", "completed"),
        {
            "id": "i",
            "type": "function_call",
            "status": "completed",
            "call_id": "c1",
            "name": "f",
            "arguments": "{}",
        },
    ),
    (
        call_item("i", SPACED, "ls", "incomplete"),
        {
            "id": "i",
            "type": "custom_tool_call",
            "status": "incomplete",
            "call_id": "c1",
            "name": "f",
            "input": "ls",
            "namespace": "n",
        },
    ),
    (
        picture_item("i", "image/jpeg", "aGk=", done=True),
        {
            "id": "i",
            "type": "image_generation_call",
            "status": "completed",
            "result": "aGk=",
            "output_format": "jpeg",
        },
    ),
    (
        picture_item("i", None, None, done=False),
        {
            "id": "i",
            "type": "image_generation_call",
            "status": "in_progress",
            "result": None,
        },
    ),
]


@pytest.mark.parametrize(("made", "form"), FORMS)
def test_forms(made: Any, form: Any) -> None:
    assert made == form
