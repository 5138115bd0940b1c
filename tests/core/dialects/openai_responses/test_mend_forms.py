"""Names and fields of events, and what is put into those that lack some."""

from __future__ import annotations

from typing import Any

import pytest

from cliproxy_core.base.errors import DecodeError
from cliproxy_core.dialects.openai_responses.mend_forms import (
    CALLS,
    EVENTS,
    LISTINGS,
    REASONING,
    arguments_of,
    canonical,
    complete_item,
    complete_response,
    complete_usage,
    fits,
    form_of,
    id_prefix,
    index_of,
    is_object,
    is_word,
    objects,
    words_of,
)
from tests.core.dialects.openai_responses.streams import context


def test_a_frame() -> None:
    frame = canonical({"type": "a.b", "x": 1})
    assert frame == b'event: a.b\ndata: {"type":"a.b","x":1}\n\n'
    deep: Any = []
    for _ in range(300):
        deep = [deep]
    with pytest.raises(DecodeError):
        canonical({"type": "x", "deep": deep})


def test_every_form_is_about_a_listing_of_its_item() -> None:
    for text, form in EVENTS.items():
        assert form.text == text
        assert form.listing in LISTINGS[form.item]
        assert form.index == f"{form.listing}_index"
        assert form.around.startswith("response.")
        assert form.empty()["type"] == form.part
        assert form_of({"type": form.part}, form.item, form.listing) is form


@pytest.mark.parametrize(
    ("part", "item", "listing", "kind"),
    [
        ({"type": "output_text"}, "message", "content", "output_text"),
        ({"type": "text"}, "message", "content", "output_text"),
        (None, "message", "content", "output_text"),
        ({}, "reasoning", "content", "reasoning_text"),
        ({"type": "output_text"}, "reasoning", "content", "reasoning_text"),
        (None, "reasoning", "summary", "summary_text"),
        ({"type": "refusal"}, "reasoning", "content", ""),
        ({"type": "summary_text"}, "reasoning", "content", ""),
        ({"type": "new"}, "message", "content", ""),
        ({"type": 7}, "message", "content", ""),
        ({"type": "refusal"}, "agent_message", "content", "refusal"),
        (None, "agent_message", "content", "output_text"),
    ],
)
def test_the_form_of_a_part(part: Any, item: str, listing: str, kind: str) -> None:
    form = form_of(part, item, listing)
    assert (form.part, form.listing) == (kind, listing)
    assert bool(form.empty()) is bool(kind)


@pytest.mark.parametrize(
    ("item", "wanted", "fit"),
    [
        ("message", "message", True),
        ("message", "reasoning", False),
        ("function_call", "custom_tool_call", False),
        ("agent_message", "message", True),
    ],
)
def test_items_that_may_be_meant(item: str, wanted: str, fit: bool) -> None:
    assert fits(item, wanted) is fit


def test_ids_begin_as_codex_wants_them() -> None:
    kinds = ("message", "reasoning", "function_call", "custom_tool_call", "x")
    assert [id_prefix(k) for k in kinds] == ["msg_", "rs_", "fc_", "ctc_", "item_"]


@pytest.mark.parametrize(
    ("index", "found"), [(0, 0), (3, 3), (-1, None), (True, None), ("0", None)]
)
def test_an_index(index: Any, found: int | None) -> None:
    assert index_of({"i": index}, "i") == found
    assert index_of({}, "i") is None


def test_small_readers() -> None:
    assert [is_word(x) for x in ("a", "", None, 7)] == [True, False, False, False]
    assert [is_object(x) for x in ("{}", "[]", "{", "")] == [True, False, False, False]
    assert objects([{}, None, 7, {"a": 1}]) == [{}, {"a": 1}]
    assert objects("x") == objects(None) == []
    assert [arguments_of(x) for x in ("a", {"text": "b"}, None, 7)] == [
        "a",
        '{"text":"b"}',
        None,
        None,
    ]
    assert [words_of(x) for x in ("a", {"text": "b"}, {}, None, 7)] == [
        "a",
        "b",
        None,
        None,
        None,
    ]


def test_a_response_from_nothing() -> None:
    response: Any = {}
    complete_response(response, "in_progress", context(), {})
    assert response["id"].startswith("resp_")
    assert (response["model"], response["created_at"]) == ("asked", 1)
    assert (response["object"], response["status"]) == ("response", "in_progress")
    assert complete_response(response, "in_progress", context(), response) == []


def test_a_response_keeps_its_names() -> None:
    known: Any = {"id": "r", "model": "m", "created_at": 7}
    later: Any = {"id": "x", "object": "response", "status": "queued"}
    fixes = complete_response(later, "in_progress", context(), known)
    assert fixes == ["response_id_corrected", "model_added", "created_at_added"]
    assert later == {"object": "response", "status": "queued", **known}
    assert complete_response(later, "completed", context(), known)
    assert later["status"] == "completed"


def test_counts_without_the_newest_ones_are_whole() -> None:
    usage: Any = {
        "input_tokens": 3,
        "input_tokens_details": {"cached_tokens": 1},
        "output_tokens": 4,
        "output_tokens_details": {"reasoning_tokens": 2},
        "total_tokens": 7,
    }
    assert not complete_usage(usage)
    assert usage["input_tokens_details"] == {"cached_tokens": 1}


@pytest.mark.parametrize("usage", [None, 7, "x"])
def test_what_is_no_usage_is_left_alone(usage: Any) -> None:
    assert not complete_usage(usage)


def test_counts() -> None:
    usage: Any = {"input_tokens": 3, "output_tokens_details": {"reasoning_tokens": 2}}
    assert complete_usage(usage)
    assert usage == {
        "input_tokens": 3,
        "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
        "output_tokens": 0,
        "output_tokens_details": {"reasoning_tokens": 2},
        "total_tokens": 3,
    }
    assert not complete_usage(usage)


@pytest.mark.parametrize(
    ("kind", "least"),
    [
        ("message", {"role": "assistant", "content": [], "status": "s"}),
        ("reasoning", {"summary": []}),
        ("function_call", {"arguments": ""}),
        ("custom_tool_call", {"input": ""}),
        ("web_search_call", {}),
    ],
)
def test_the_least_of_an_item(kind: str, least: dict[str, Any]) -> None:
    item: Any = {"type": kind}
    assert complete_item(item, "s") is bool(least)
    assert item == {"type": kind, **least}
    assert not complete_item(item, "other")


def test_calls_and_reasoning_have_their_own_words() -> None:
    assert set(CALLS) == {"function_call", "custom_tool_call"}
    assert REASONING.part == "reasoning_text"
