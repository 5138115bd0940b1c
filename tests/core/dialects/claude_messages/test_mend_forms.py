"""Payloads made complete, and left alone when they are."""

from __future__ import annotations

from typing import Any

import pytest

from cliproxy_core.base.ids import Ids
from cliproxy_core.dialects.claude_messages import mend_forms as forms
from cliproxy_core.ir.dialect import StreamContext
from tests.core.dialects.claude_messages.streams import message, payloads


def context() -> StreamContext:
    return StreamContext(ids=Ids(b"x"), created=0, model="asked")


def test_a_frame_has_the_name_of_its_payload() -> None:
    raw = forms.canonical({"type": "ping"})
    assert raw == b'event: ping\ndata: {"type":"ping"}\n\n'


@pytest.mark.parametrize(
    ("index", "read"),
    [(0, 0), (7, 7), (-1, -1), (True, None), ("0", None), (0.0, None)],
)
def test_indexes(index: Any, read: int | None) -> None:
    assert forms.index_of({"index": index}) == read
    assert forms.index_of({}) is None


@pytest.mark.parametrize(
    ("text", "whole"), [("{}", True), ('{"a":1}', True), ("[]", False), ("{", False)]
)
def test_is_object(text: str, whole: bool) -> None:
    assert forms.is_object(text) is whole


def test_a_message_that_is_complete_stays() -> None:
    (start,) = payloads("message")
    assert forms.complete_message(start, context()) == []
    assert start["message"] == message()


@pytest.mark.parametrize(
    ("key", "value", "fix"),
    [
        ("id", None, "id_added"),
        ("id", "", "id_added"),
        ("model", 1, "model_added"),
        ("type", "msg", "type_corrected"),
        ("role", None, "role_corrected"),
        ("content", None, "content_corrected"),
        ("usage", None, "usage_added"),
        ("usage", {"input_tokens": None, "output_tokens": 1}, "usage_added"),
    ],
)
def test_a_message_is_completed(key: str, value: Any, fix: str) -> None:
    start: Any = {"type": "message_start", "message": {**message(), key: value}}
    assert forms.complete_message(start, context()) == [fix]
    assert forms.complete_message(start, context()) == []


def test_a_message_that_is_not_there() -> None:
    start: Any = {"type": "message_start", "message": "x"}
    forms.complete_message(start, context())
    made = start["message"]
    assert made["id"].startswith("msg_")
    assert {**made, "id": ""} == {
        **message(),
        "id": "",
        "model": "asked",
        "usage": {"input_tokens": 0, "output_tokens": 0},
    }


def test_usage_that_was_told_is_kept() -> None:
    holder: Any = {"usage": {"output_tokens": 3}}
    assert not forms.complete_usage(holder, {"output_tokens": 0})
    assert forms.complete_usage(holder, {"input_tokens": 0})
    assert holder == {"usage": {"output_tokens": 3, "input_tokens": 0}}


def test_two_ends_are_one() -> None:
    held: Any = {"delta": {"stop_reason": "end_turn"}, "usage": None, "new": 1}
    later: Any = {
        "delta": {"stop_reason": None, "stop_sequence": "x"},
        "usage": {"output_tokens": 3},
        "new": None,
    }
    forms.merge_last(held, later)
    assert held == {
        "delta": {"stop_reason": "end_turn", "stop_sequence": "x"},
        "usage": {"output_tokens": 3},
        "new": 1,
    }


def test_the_reason_is_written_where_it_belongs() -> None:
    end: Any = {"delta": {"stop_reason": None}}
    forms.set_reason(end, "end_turn")
    assert end == {"delta": {"stop_reason": "end_turn", "stop_sequence": None}}
    spoilt: Any = {"delta": None}
    forms.set_reason(spoilt, "end_turn")
    assert spoilt == {"delta": None}


@pytest.mark.parametrize(
    ("block", "complete"),
    [
        ({"type": "text"}, {"type": "text", "text": ""}),
        (
            {"type": "thinking", "thinking": "t", "signature": None},
            {"type": "thinking", "thinking": "t", "signature": ""},
        ),
        ({"type": "redacted_thinking"}, {"type": "redacted_thinking", "data": ""}),
    ],
)
def test_blocks_are_completed(block: Any, complete: Any) -> None:
    assert forms.complete_block(block)
    assert block == complete
    assert not forms.complete_block(block)
    assert not forms.complete_block({"type": "tool_use"})


def test_starts_that_nobody_sent() -> None:
    assert forms.empty_block("thinking", 2) == {
        "type": "content_block_start",
        "index": 2,
        "content_block": {"type": "thinking", "thinking": "", "signature": ""},
    }


@pytest.mark.parametrize(
    ("given", "text"),
    [({}, ""), (None, ""), ({"a": 1}, '{"a":1}'), ('{"a"', '{"a"'), ([1], "[1]")],
)
def test_arguments_leave_the_start(given: Any, text: str) -> None:
    block: Any = {"type": "tool_use", "input": given}
    assert forms.take_arguments(block) == text
    assert block["input"] == {}


def test_arguments_become_a_delta() -> None:
    assert [forms.new_delta(1, "{}")] == payloads("args 1 {}")
