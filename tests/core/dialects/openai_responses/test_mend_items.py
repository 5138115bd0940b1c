"""Events inside a response: what each is about, and what is put in before it."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from cliproxy_core.ir.failure import Kind
from tests.core.dialects.openai_responses.streams import (
    Heard,
    call,
    created,
    end,
    good,
    kinds,
    mend,
    message,
    plain,
    reasoning,
)

Event = dict[str, Any]

HI = message(0, "hi")
ADDED, OPENED, DELTA, SAID, CLOSED, DONE = HI
OUTPUT = [DONE["item"]]
CALL = call(0, '{"a":1}')
ANNOTATION = {
    "type": "response.output_text.annotation.added",
    "item_id": "msg_0",
    "output_index": 0,
    "content_index": 0,
    "annotation_index": 0,
    "annotation": {"type": "url_citation", "url": "u"},
}


def stream(*events: Event, output: Any = OUTPUT) -> Heard:
    return mend(*copy.deepcopy([*created(), *events, end(*output)]))


def texts(heard: Heard) -> list[str]:
    return [e["delta"] for e in heard.events if e["type"].endswith(".delta")]


def inside(heard: Heard) -> list[Event]:
    """What happened between the beginning and the end."""
    return plain(heard.events)[2:-1]


# Words.


@pytest.mark.parametrize(
    ("delta", "words", "repairs"),
    [
        ({"text": "hi"}, ["hi"], {"delta_not_text": 1}),
        (None, ["hi"], {"empty_delta": 1, "delta_added": 1}),
        ("", ["", "hi"], {"delta_added": 1}),
    ],
)
def test_odd_deltas(delta: Any, words: list[str], repairs: dict[str, int]) -> None:
    heard = stream(ADDED, OPENED, {**DELTA, "delta": delta}, SAID, CLOSED, DONE)
    assert (texts(heard), heard.repairs) == (words, repairs)


@pytest.mark.parametrize("delta", [7, [], {}, {"text": 7}])
@pytest.mark.parametrize("events", [HI, CALL])
def test_deltas_that_are_no_text(delta: Any, events: list[Event]) -> None:
    at = next(i for i, e in enumerate(events) if "delta" in e)
    odd = {**events[at], "delta": delta}
    failure = stream(*events[:at], odd).failure
    assert failure is not None
    assert (failure.kind, "not text" in failure.message) == (Kind.MALFORMED, True)


def test_words_that_nobody_announced_open_an_item() -> None:
    heard = stream(DELTA)
    assert kinds(inside(heard)) == kinds(HI)
    assert inside(heard)[2] == DELTA
    assert heard.events[-1]["response"]["output"] == OUTPUT


def test_words_of_no_item_at_all() -> None:
    naked = {"type": DELTA["type"], "logprobs": [], "delta": "hi"}
    heard = stream(naked, output=())
    assert kinds(inside(heard)) == kinds(HI)


def test_words_without_any_address_belong_to_the_last_item() -> None:
    naked = {"type": DELTA["type"], "logprobs": []}
    heard = stream(
        ADDED, OPENED, {**naked, "delta": "h"}, {**naked, "delta": "i"}, *HI[3:]
    )
    assert heard.failure is None
    assert (texts(heard), len(inside(heard))) == (["h", "i"], 7)
    assert {e["item_id"] for e in inside(heard)[1:-1]} == {"msg_0"}


def test_words_behind_the_end_of_an_item_get_a_place_of_their_own() -> None:
    late = {**DELTA, "delta": "late"}
    heard = stream(*HI, late, late)
    assert texts(heard) == ["hi", "late", "late"]
    first, second = heard.events[-1]["response"]["output"]
    assert (first, second["content"][0]["text"]) == (DONE["item"], "latelate")
    assert first["id"] != second["id"]


def test_words_that_were_said_are_not_said_again() -> None:
    heard = stream(*HI, DELTA, OPENED, SAID, CLOSED, DONE, ADDED)
    assert inside(heard) == HI
    assert heard.repairs == {
        "delta_repeated": 1,
        "part_added_repeated": 1,
        "done_dropped": 1,
        "part_done_repeated": 1,
        "item_done_repeated": 1,
        "item_added_repeated": 1,
    }


def test_the_end_of_a_text_comes_once() -> None:
    heard = stream(*HI[:4], SAID, *HI[4:])
    assert (inside(heard), heard.repairs) == (HI, {"done_dropped": 1})


def test_an_end_of_nothing_is_dropped() -> None:
    heard = stream({**SAID, "text": ""}, output=())
    assert (inside(heard), heard.repairs) == ([], {"done_dropped": 1})


@pytest.mark.parametrize("only", [SAID, CLOSED, DONE, {**DELTA, "item_id": None}])
def test_one_event_with_all_the_words_is_enough(only: Event) -> None:
    assert kinds(inside(stream(only))) == kinds(HI)
    assert texts(stream(only)) == ["hi"]


@pytest.mark.parametrize(
    ("part", "kind"),
    [
        ({"type": "output_text", "text": "x", "annotations": []}, "message"),
        ({"type": "refusal", "refusal": "x"}, "message"),
        ({"type": "reasoning_text", "text": "x"}, "reasoning"),
        (None, "message"),
    ],
)
def test_a_part_that_nobody_announced_opens_an_item(part: Any, kind: str) -> None:
    heard = stream({**OPENED, "part": part}, output=())
    assert inside(heard)[0]["item"]["type"] == kind
    assert inside(heard)[1]["type"] == "response.content_part.added"


def test_a_summary_that_nobody_announced_is_reasoning() -> None:
    events = reasoning(0, "A")
    heard = stream(*events[1:-1], output=())
    assert kinds(inside(heard)) == kinds(events)


def test_reasoning_without_a_part_around_it() -> None:
    where = {"item_id": "rs_0", "output_index": 0, "content_index": 0}
    name = "response.reasoning_text"
    delta = {"type": f"{name}.delta", **where, "delta": "A"}
    said = {"type": f"{name}.done", **where, "text": "A"}
    part = {"type": "reasoning_text", "text": "A"}
    opened, *_, done = reasoning(0)
    whole = {**done["item"], "content": [part]}
    around = {"type": "response.content_part.done", **where, "part": part}
    heard = stream(opened, delta, said, around, {**done, "item": whole}, output=[whole])
    assert inside(heard) == [opened, delta, said, {**done, "item": whole}]
    assert heard.repairs == {"part_done_dropped": 1}
    heard = stream(opened, delta, done, output=[done["item"]])
    assert inside(heard)[-1]["item"] == whole
    assert heard.events[-1]["response"]["output"] == [whole]


def test_sources_of_words() -> None:
    heard = stream(*HI[:3], ANNOTATION, SAID, ANNOTATION, *HI[4:])
    assert heard.repairs == {}
    heard = stream(*HI[:3], ANNOTATION, DONE | {"item": {"type": "message"}}, output=())
    part = heard.events[-1]["response"]["output"][0]["content"][0]
    assert part["annotations"] == [ANNOTATION["annotation"]]


def test_sources_in_an_odd_place() -> None:
    heard = stream(ADDED, ANNOTATION, *HI[2:])
    assert heard.repairs == {"part_added": 1}
    assert stream(*HI, ANNOTATION).repairs == {"annotation_dropped": 1}
    assert stream(ANNOTATION, *HI).repairs == {"annotation_dropped": 1}
    second = [{**ANNOTATION, "content_index": 1}]
    heard = stream(*HI[:5], *second, HI[-1])
    assert "part_added" in heard.repairs


# Calls.


def nameless(**fields: Any) -> Event:
    item = {k: v for k, v in CALL[0]["item"].items() if k not in ("name", *fields)}
    return {**CALL[0], "item": item}


def test_a_call_waits_for_its_name() -> None:
    other = message(1, "hi")
    output = [CALL[-1]["item"], other[-1]["item"]]
    heard = stream(nameless(), CALL[1], *other, *CALL[2:], output=output)
    assert heard.failure is None
    assert kinds(inside(heard)) == kinds([*other, *CALL])
    calls = inside(heard)[len(other) :]
    assert calls[0]["item"]["name"] == "f"
    assert {e["output_index"] for e in calls} == {1}
    told = heard.events[-1]["response"]["output"]
    assert [item["type"] for item in told] == ["message", "function_call"]


@pytest.mark.parametrize(
    "events",
    [
        [nameless(), {**CALL[2], "name": "f"}],
        [nameless(), CALL[1], CALL[0]],
        [nameless(call_id=""), CALL[1], CALL[-1]],
        [nameless(), CALL[1], CALL[2]],  # the name is in the output at the end
        [*CALL[1:3]],
        [CALL[1]],
    ],
)
def test_wherever_the_name_comes(events: list[Event]) -> None:
    heard = stream(*events, output=[CALL[-1]["item"]])
    assert heard.failure is None
    assert kinds(inside(heard)) == kinds(CALL)
    opened, ended = inside(heard)[0]["item"], inside(heard)[-1]["item"]
    assert (opened["name"], opened["call_id"]) == ("f", "call_0")
    assert ended == CALL[-1]["item"]
    assert texts(heard) == ['{"a":1}']


@pytest.mark.parametrize("odd", [[], {}, 7])
def test_names_that_are_none(odd: Any) -> None:
    opened = {**CALL[0], "item": {**CALL[0]["item"], "name": odd, "call_id": odd}}
    heard = stream(opened, *CALL[1:], output=[CALL[-1]["item"]])
    assert heard.failure is None
    assert inside(heard)[-1] == CALL[-1]


def test_a_call_without_a_name_is_no_call() -> None:
    failure = stream(nameless(), CALL[1], output=()).failure
    assert failure is not None
    assert "without a name" in failure.message
    heard = stream(nameless(), output=())
    assert (inside(heard), heard.failure) == ([], None)
    assert heard.repairs == {"call_held": 1, "call_dropped": 1}


def test_arguments_are_said_once() -> None:
    heard = stream(*CALL[:3], *CALL[1:3], CALL[-1], CALL[1], output=[CALL[-1]["item"]])
    assert (inside(heard), heard.repairs) == (CALL, {"arguments_repeated": 3})


def test_arguments_that_are_an_object() -> None:
    heard = stream({**CALL[1], "delta": {"text": "{}"}}, output=())
    assert heard.failure is not None  # nobody ever named the call
    heard = stream(CALL[0], {**CALL[1], "delta": {"text": "{}"}}, output=())
    assert texts(heard) == ["{}"]


def test_parallel_calls_side_by_side() -> None:
    one, two = call(0, '{"a":1}'), call(1, '{"b":2}')
    mixed = [one[0], two[0], two[1], one[1], one[2], two[2], two[3], one[3]]
    output = [one[-1]["item"], two[-1]["item"]]
    heard = stream(*mixed, output=output)
    assert (inside(heard), heard.repairs) == (mixed, {})


# Whole items, and the rest.


@pytest.mark.parametrize("item", [None, 7, {}, {"type": ""}, {"type": 7}])
def test_empty_items_are_skipped(item: Any) -> None:
    odd = [{**ADDED, "item": item}, {**DONE, "item": item}]
    heard = stream(*odd, *HI)
    assert (inside(heard), heard.repairs) == (HI, {"empty_item": 2})


def test_progress_of_tools_goes_where_its_item_went() -> None:
    tool = {"id": "ws", "type": "web_search_call", "status": "completed"}
    added = {"type": "response.output_item.added", "output_index": 5, "item": tool}
    done = {"type": "response.output_item.done", "output_index": 5, "item": tool}
    name = "response.web_search_call"
    told = {"type": f"{name}.searching", "output_index": 5, "item_id": "ws"}
    bare = {"type": f"{name}.completed", "output_index": 5}
    elsewhere = {"type": f"{name}.other", "output_index": 9}
    heard = stream(added, told, bare, elsewhere, done, output=[tool])
    indexes = [event["output_index"] for event in inside(heard)]
    assert indexes == [0, 0, 0, 9, 0]
    assert heard.repairs == {"output_index_corrected": 4}


def test_items_of_tomorrow_may_have_parts_and_arguments() -> None:
    item = {"id": "x", "type": "agent_message", "content": [{"type": "z"}]}
    place = {"item_id": "x", "output_index": 0}
    part = {"type": "output_text", "text": "", "annotations": []}
    where = {**place, "content_index": 0}
    events = [
        {**ADDED, "item": item},
        {"type": "response.content_part.added", **where, "part": part},
        {**DELTA, **where},
        {**SAID, **where},
        {**CLOSED, **where},
        {"type": "response.function_call_arguments.delta", **place, "delta": "{}"},
        {"type": "response.function_call_arguments.done", **place, "arguments": "{}"},
        {**DONE, "item": item},
    ]
    heard = stream(*events, output=[item])
    assert (inside(heard), heard.repairs) == (events, {})
    # What was not ended is ended all the same.
    heard = stream(*events[:3], events[-1], output=[item])
    assert kinds(inside(heard))[3:5] == ["output_text.done", "content_part.done"]
    assert inside(heard)[-1]["item"] == item


def test_words_and_arguments_of_items_of_tomorrow_do_not_mix() -> None:
    item = {"id": "x", "type": "agent_message"}
    place = {"item_id": "x", "output_index": 0}
    name = "response.function_call_arguments"
    delta = {"type": f"{name}.delta", **place, "delta": "{}"}
    done = {"type": f"{name}.done", **place, "arguments": "{}"}
    said = {**DELTA, **place, "content_index": 0}
    for rest in ([said, delta, done], [said, done], [delta, done, said]):
        heard = stream({**ADDED, "item": item}, *rest, output=[item])
        assert heard.failure is None
        words = [e for e in inside(heard) if e["type"].endswith("output_text.delta")]
        assert [e["delta"] for e in words] == [DELTA["delta"]]


def test_parts_of_tomorrow() -> None:
    part = {"type": "output_audio", "data": "x"}
    item = {**DONE["item"], "content": [part]}
    events = [ADDED, {**OPENED, "part": part}, {**CLOSED, "part": part}]
    done = {**DONE, "item": item}
    heard = stream(*events, done, output=[item])
    assert (inside(heard), heard.repairs) == ([*events, done], {})
    for missing in ([ADDED], [ADDED, events[1]], [ADDED, events[2]]):
        heard = stream(*missing, done, output=[item])
        assert inside(heard) == [*events, done]


def test_good_streams_stay_good_in_any_number() -> None:
    events = good(*(message(i, f"{i}") for i in range(20)))
    assert plain(mend(*events).events) == events
