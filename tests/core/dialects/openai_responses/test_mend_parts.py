"""The parts of an item: opened, said once, ended."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from tests.core.dialects.openai_responses.streams import (
    Heard,
    created,
    end,
    kinds,
    mend,
    message,
    plain,
    reasoning,
)

Event = dict[str, Any]

HI = message(0, "hi")
ADDED, OPENED, DELTA, SAID, CLOSED, DONE = HI
PART = CLOSED["part"]
TWO = message(0, "a", "b")


def stream(*events: Event, output: Any = (DONE["item"],)) -> Heard:
    return mend(*copy.deepcopy([*created(), *events, end(*output)]))


def inside(heard: Heard) -> list[Event]:
    return plain(heard.events)[2:-1]


def text_of(heard: Heard) -> str:
    """What a reader puts together."""
    return "".join(e["delta"] for e in heard.events if e["type"].endswith(".delta"))


# fmt: off
BENT: dict[str, tuple[list[Event], dict[str, int]]] = {
    "words in the opening":  ([ADDED, {**OPENED, "part": PART}, *HI[2:]],
                              {"part_opening_corrected": 1}),
    "only in the opening":   ([ADDED, {**OPENED, "part": PART}, {**SAID, "text": ""},
                               *HI[4:]],
                              {"part_opening_corrected": 1, "delta_added": 1,
                               "text_completed": 1}),
    "opening without part":  ([ADDED, {**OPENED, "part": None}, *HI[2:]],
                              {"part_opening_corrected": 1}),
    "opening without words": ([ADDED, {**OPENED, "part": {"type": "output_text"}},
                               *HI[2:]], {"part_opening_corrected": 1}),
    "another type":          ([ADDED, {**OPENED, "part": {**PART, "type": "text"}},
                               *HI[2:]], {"part_opening_corrected": 1}),
    "no logprobs":           ([*HI[:2], {k: v for k, v in DELTA.items()
                                         if k != "logprobs"},
                               {k: v for k, v in SAID.items() if k != "logprobs"},
                               *HI[4:]], {"logprobs_added": 2}),
    "end without words":     ([*HI[:3], {k: v for k, v in SAID.items() if k != "text"},
                               *HI[4:]], {"text_completed": 1}),
    "end with no words":     ([*HI[:3], {**SAID, "text": ""}, *HI[4:]],
                              {"text_completed": 1}),
    "end without part":      ([*HI[:4], {**CLOSED, "part": None}, DONE],
                              {"part_completed": 1}),
    "end with empty part":   ([*HI[:4], {**CLOSED, "part": {**PART, "text": ""}}, DONE],
                              {"part_completed": 1}),
    "no deltas":             ([*HI[:2], *HI[3:]], {"delta_added": 1}),
    "opened twice":          ([*HI[:2], *HI[1:]], {"part_added_repeated": 1}),
    "ended twice":           ([*HI[:5], *HI[4:]], {"part_done_repeated": 1}),
    "item without words":    ([*HI[:5], {**DONE, "item": {**DONE["item"],
                                                          "content": []}}],
                              {"item_completed": 1}),
    "item with null":        ([*HI[:5], {**DONE, "item": {**DONE["item"],
                                                          "content": None}}],
                              {"item_completed": 1}),
    "item with less":        ([*HI[:5], {**DONE, "item": {
                                **DONE["item"],
                                "content": [{**PART, "text": ""}]}}],
                              {"item_completed": 1}),
    "parts from 1":          ([ADDED, *({**e, "content_index": 1} for e in HI[1:5]),
                               DONE], {"part_index_corrected": 4}),
    "parts without index":   ([ADDED, *({**e, "content_index": None} for e in HI[1:5]),
                               DONE], {"part_index_corrected": 4}),
}
# fmt: on


@pytest.mark.parametrize("case", BENT.values(), ids=BENT)
def test_a_bent_part_comes_out_straight(
    case: tuple[list[Event], dict[str, int]],
) -> None:
    events, repairs = case
    heard = stream(*events)
    assert (heard.failure, heard.repairs) == (None, repairs)
    assert kinds(inside(heard)) == kinds(HI)
    assert inside(heard)[0] == ADDED
    assert inside(heard)[1] == OPENED
    assert inside(heard)[3:] == HI[3:]
    assert text_of(heard) == "hi"


def test_the_end_says_more_than_was_said() -> None:
    start = {**DELTA, "delta": "h"}
    for rest in (HI[3:], HI[4:], HI[5:]):
        heard = stream(ADDED, OPENED, start, *rest)
        assert text_of(heard) == "hi"
        assert heard.repairs["delta_added"] == 1
        assert inside(heard)[-3:] == HI[-3:]


def test_the_end_says_something_else() -> None:
    """Readers have heard the deltas; the upstream's last word is left to it."""
    heard = stream(*HI[:2], {**DELTA, "delta": "ho"}, *HI[3:])
    assert (text_of(heard), heard.repairs) == ("ho", {})
    assert inside(heard)[3:] == HI[3:]


def test_a_part_that_begins_ends_the_one_before() -> None:
    without_ends = [e for e in TWO if e["type"] != "response.content_part.done"]
    heard = stream(*without_ends, output=[TWO[-1]["item"]])
    assert (inside(heard), heard.repairs) == (TWO, {"part_done_added": 2})


def test_words_of_another_kind_begin_another_part() -> None:
    refused = {k: v for k, v in DELTA.items() if k != "logprobs"}
    refused["type"] = "response.refusal.delta"
    heard = stream(*HI[:2], refused, output=())
    told = heard.events[-1]["response"]["output"][0]["content"]
    assert [part["type"] for part in told] == ["output_text", "refusal"]
    assert told[1] == {"type": "refusal", "refusal": "hi"}
    again = {**DELTA, "delta": "!"}
    heard = stream(*HI[:4], again, output=())
    told = heard.events[-1]["response"]["output"][0]["content"]
    assert [part["text"] for part in told] == ["hi", "!"]


def test_reasoning_that_an_upstream_calls_output_text() -> None:
    """As vllm-project/vllm, pull request 24788, shows it."""
    opened, *_, done = reasoning(0)
    where = {"item_id": "rs_0", "output_index": 0, "content_index": 0}
    name = "response.reasoning_text"
    part = {"type": "reasoning_text", "text": "A"}
    item = {**done["item"], "content": [part]}
    around = {**where, "part": {"type": "output_text", "text": "", "annotations": []}}
    heard = stream(
        {**opened, "item": {**opened["item"], "content": None}},
        {"type": "response.content_part.added", **around},
        {"type": f"{name}.delta", **where, "delta": "A"},
        {"type": f"{name}.done", **where, "text": "A"},
        {"type": "response.reasoning_part.done", **where, "part": part},
        {**done, "item": item},
        output=[item],
    )
    assert heard.failure is None
    assert heard.events[3]["part"]["type"] == "reasoning_text"
    assert kinds(inside(heard))[4:] == [
        "reasoning_part.done",
        "content_part.done",
        "output_item.done",
    ]


def test_summary_and_content_of_one_item() -> None:
    opened, *summary, done = reasoning(0, "S")
    content = [{"type": "reasoning_text", "text": "C"}]
    item = {**done["item"], "content": content}
    heard = stream(opened, {**done, "item": item}, output=[item])
    assert kinds(inside(heard)) == [
        *kinds([opened, *summary]),
        "content_part.added",
        "reasoning_text.delta",
        "reasoning_text.done",
        "content_part.done",
        "output_item.done",
    ]
    heard = stream(opened, *summary[:2], {**done, "item": item}, output=[item])
    assert inside(heard)[-1]["item"] == item


@pytest.mark.parametrize("content", [[None], ["x"], [[]], "x", 7])
def test_what_is_no_part_is_left_out(content: Any) -> None:
    item = {**DONE["item"], "content": content}
    heard = stream(ADDED, {**DONE, "item": item}, output=())
    assert heard.events[-1]["response"]["output"][0]["content"] == []


def test_a_delta_without_words_does_not_make_an_empty_end_wrong() -> None:
    events = message(0, "")
    heard = stream(*events, output=[events[-1]["item"]])
    assert (inside(heard), heard.repairs) == (events, {})


def test_a_text_without_a_part_stays_one_whatever_follows() -> None:
    """Parts are counted by their openings, which these do not have."""
    where = {"item_id": "rs_0", "output_index": 0}
    thought = {"type": "response.reasoning_text.delta", **where, "delta": "a"}
    part = {"type": "reasoning_text", "text": ""}
    item = {"type": "reasoning", "id": "rs_0", "summary": []}
    words = [{**part, "text": "a"}, {**part, "text": "a"}]
    heard = stream(
        {"type": "response.output_item.added", "output_index": 0, "item": item},
        {**thought, "content_index": 0},
        {"type": "response.content_part.added", **where, "content_index": 1}
        | {"part": part},
        {**thought, "content_index": 1},
        {"type": "response.content_part.done", **where, "content_index": 1}
        | {"part": words[1]},
        output=[{**item, "content": words}],
    )
    assert heard.failure is None
    assert heard.repairs["part_added_dropped"] == 1
    assert heard.repairs["part_done_dropped"] == 1
    assert not any("content_part" in kind for kind in kinds(inside(heard)))
    assert text_of(heard) == "aa"
