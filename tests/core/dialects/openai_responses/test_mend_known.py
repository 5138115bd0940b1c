"""Which item an event is about, whatever names it uses."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from tests.core.dialects.openai_responses.streams import (
    Heard,
    call,
    created,
    end,
    good,
    mend,
    message,
    plain,
    reasoning,
)

Event = dict[str, Any]

EVENTS = [*reasoning(0, "A"), *message(1, "hi"), *call(2, "{}"), *call(3, "[]")]
OUTPUT = [e["item"] for e in EVENTS if e["type"] == "response.output_item.done"]
PREFIXES = {
    "message": "msg_",
    "reasoning": "rs_",
    "function_call": "fc_",
    "custom_tool_call": "ctc_",
}


def stream(*events: Event, output: Any = ()) -> Heard:
    return mend(*copy.deepcopy([*created(), *events, end(*output)]))


def renamed(change: Callable[[int, Event], None]) -> list[Event]:
    events = copy.deepcopy(EVENTS)
    for number, event in enumerate(events):
        change(number, event)
    return events


def no_index(_: int, event: Event) -> None:
    del event["output_index"]


def high_index(_: int, event: Event) -> None:
    event["output_index"] = event["output_index"] * 3 + 5


def odd_index(_: int, event: Event) -> None:
    event["output_index"] = "0"


def zero_index(_: int, event: Event) -> None:
    event["output_index"] = 0


def drifting_index(number: int, event: Event) -> None:
    event["output_index"] = number


def other_ids(number: int, event: Event) -> None:
    """Another id in every event."""
    if "item_id" in event:
        event["item_id"] = f"x{number}"
    else:
        event["item"]["id"] = f"y{number}"


def no_ids(_: int, event: Event) -> None:
    event.pop("item_id", None)
    if "item" in event:
        del event["item"]["id"]


def no_item_ids(_: int, event: Event) -> None:
    event.pop("item_id", None)


def no_names_at_all(number: int, event: Event) -> None:
    no_ids(number, event)
    no_index(number, event)


@pytest.mark.parametrize(
    ("change", "repair"),
    [
        (no_index, "output_index_corrected"),
        (high_index, "output_index_corrected"),
        (odd_index, "output_index_corrected"),
        (zero_index, "output_index_corrected"),
        (drifting_index, "output_index_corrected"),
        (other_ids, "item_id_corrected"),
        (no_ids, "id_added"),
        (no_item_ids, "item_id_corrected"),
        (no_names_at_all, "id_added"),
    ],
)
def test_whatever_names_an_upstream_uses(
    change: Callable[[int, Event], None], repair: str
) -> None:
    heard = stream(*renamed(change))
    assert heard.failure is None
    assert repair in heard.repairs
    assert "item_added" not in heard.repairs
    told = plain(heard.events)[2:-1]
    assert [e["type"] for e in told] == [e["type"] for e in EVENTS]
    assert [e["output_index"] for e in told] == [e["output_index"] for e in EVENTS]
    output = heard.events[-1]["response"]["output"]
    for item, expected in zip(output, OUTPUT, strict=True):
        assert item["id"].startswith(PREFIXES[item["type"]]) or change is other_ids
        assert {**item, "id": ""} == {**expected, "id": ""}
    ids = {e["output_index"]: e["item"]["id"] for e in told if "item" in e}
    assert all(ids[e["output_index"]] == e["item_id"] for e in told if "item_id" in e)


def test_one_id_for_all_messages() -> None:
    first, second = message(0, "one"), message(1, "two")
    for event in second:
        if "item_id" in event:
            event["item_id"] = "msg_0"
        else:
            event["item"]["id"] = "msg_0"
    heard = stream(*first, *second)
    one, two = heard.events[-1]["response"]["output"]
    assert [one["content"][0]["text"], two["content"][0]["text"]] == ["one", "two"]
    assert one["id"] == "msg_0" != two["id"]
    assert heard.repairs["id_repeated"] == 1


def test_one_id_for_all_calls() -> None:
    first, second = call(0, '{"a":1}'), call(1, '{"b":2}')
    for event in [*first, *second]:
        if "item_id" in event:
            event["item_id"] = "fc"
        else:
            event["item"]["id"] = "fc"
        event["output_index"] = 0
    heard = stream(*first, *second)
    told = heard.events[-1]["response"]["output"]
    assert [(i["call_id"], i["arguments"]) for i in told] == [
        ("call_0", '{"a":1}'),
        ("call_1", '{"b":2}'),
    ]
    assert told[0]["id"] != told[1]["id"]


def test_one_call_id_for_two_calls() -> None:
    first, second = call(0, "{}"), call(1, "{}")
    for event in (second[0], second[-1]):
        event["item"]["call_id"] = "call_0"
    heard = stream(*first, *second)
    one, two = heard.events[-1]["response"]["output"]
    assert one["call_id"] == "call_0" != two["call_id"]
    assert heard.repairs["call_id_repeated"] == 1


def test_a_call_id_that_comes_late_is_not_told() -> None:
    events = call(0, "{}")
    del events[0]["item"]["call_id"]
    heard = stream(*events)
    opened, ended = heard.events[2]["item"], heard.events[-2]["item"]
    assert opened["call_id"] == ended["call_id"] != "call_0"
    assert heard.repairs["call_id_added"] == 1


def test_the_same_opening_twice_is_one_item() -> None:
    events = message(0, "hi")
    heard = stream(events[0], events[0], *events[1:])
    assert heard.repairs == {"item_added_repeated": 1, "output_rebuilt": 1}
    events = call(0, "{}")
    bare = {**events[0], "item": {"type": "function_call", "name": "f"}}
    heard = stream(events[0], bare, *events[1:])
    assert heard.repairs == {"item_added_repeated": 1, "output_rebuilt": 1}


def test_an_index_that_is_used_again_is_another_item() -> None:
    """As vllm-project/vllm, pull request 31761, shows it."""
    first, second = reasoning(0, "A"), message(0, "hi")
    heard = stream(*first, *second)
    assert [e["output_index"] for e in heard.events if "output_index" in e] == [
        *[0] * len(first),
        *[1] * len(second),
    ]


def test_events_about_an_unknown_place_open_a_new_item() -> None:
    first, second = message(0, "one"), message(1, "two")
    heard = stream(first[0], *second[1:-1], *first[1:], second[-1])
    assert heard.failure is None
    texts = [i["content"][0]["text"] for i in heard.events[-1]["response"]["output"]]
    assert texts == ["one", "two"]


def bare(event: Event, *without: str) -> Event:
    """An opening that does not say where it is."""
    item = {k: v for k, v in event["item"].items() if k not in without}
    return {"type": event["type"], "item": item}


@pytest.mark.parametrize("events", [message(0, "hi"), call(0, "{}")])
@pytest.mark.parametrize("without", [(), ("id",), ("id", "call_id")])
def test_an_opening_without_an_index_is_found_by_what_follows(
    events: list[Event], without: tuple[str, ...]
) -> None:
    for rest in (events[1:], events[-1:]):
        heard = stream(bare(events[0], *without), *rest)
        assert heard.failure is None
        (item,) = heard.events[-1]["response"]["output"]
        assert item["type"] == events[0]["item"]["type"]
        assert "item_added" not in heard.repairs


def test_openings_without_an_index_are_found_in_their_order() -> None:
    first, second = call(0, '{"a":1}'), call(1, '{"b":2}')
    opened = [bare(first[0], "id", "call_id"), bare(second[0], "id", "call_id")]
    heard = stream(*opened, *first[1:], *second[1:])
    told = heard.events[-1]["response"]["output"]
    assert [item["arguments"] for item in told] == ['{"a":1}', '{"b":2}']


def test_an_opening_with_other_names_is_another_item() -> None:
    first, second = call(0, '{"a":1}'), call(1, '{"b":2}')
    heard = stream(bare(first[0]), *second)
    told = heard.events[-1]["response"]["output"]
    assert [item["call_id"] for item in told] == ["call_0", "call_1"]
    assert [item["arguments"] for item in told] == ["{}", '{"b":2}']
    heard = stream(bare(first[0], "id"), second[-1])
    told = heard.events[-1]["response"]["output"]
    assert [item["call_id"] for item in told] == ["call_0", "call_1"]


def test_made_names_are_the_same_each_time() -> None:
    events = good(message(0, "hi"), call(1, "{}"))
    for event in events:
        if "item" in event:
            event["item"].pop("id")
            event["item"].pop("call_id", None)
    events[-1]["response"]["output"] = []
    once, again = (mend(*copy.deepcopy(events)) for _ in range(2))
    assert once.native == again.native
