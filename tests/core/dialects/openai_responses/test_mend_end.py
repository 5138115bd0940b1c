"""What the end of a response says of its items, and what it leaves out."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from cliproxy_core.dialects.openai_responses import mend_known
from cliproxy_core.ir.failure import Kind
from tests.core.dialects.openai_responses.streams import (
    Heard,
    call,
    created,
    custom,
    end,
    kinds,
    mend,
    message,
    plain,
    reasoning,
)

Event = dict[str, Any]

HI, CALL, RUN = message(0, "hi"), call(1, '{"a":1}'), custom(2, "ls")
THOUGHT = reasoning(3, "A", sealed="enc")
ALL = [*HI, *CALL, *RUN, *THOUGHT]
OUTPUT = [item[-1]["item"] for item in (HI, CALL, RUN, THOUGHT)]


def ended(*events: Event, output: Any = (), kind: str = "completed") -> Heard:
    return mend(*copy.deepcopy([*created(), *events, end(*output, kind=kind)]))


def output_of(heard: Heard) -> Any:
    told = heard.events[-1]["response"]["output"]
    last = {
        e["output_index"]: e["item"]
        for e in heard.events
        if e["type"] == "response.output_item.done"
    }
    assert [last[i]["id"] for i in range(len(last))] == [item["id"] for item in told]
    return told


def lacking(*names: str, **fields: Any) -> list[Event]:
    return [
        {**{k: v for k, v in item.items() if k not in names}, **fields}
        for item in OUTPUT
    ]


# fmt: off
OUTPUTS: dict[str, list[Any]] = {
    "nothing":         [],
    "no ids":          lacking("id"),
    "no ids at all":   lacking("id", "call_id"),
    "no names":        lacking("name"),
    "other ids":       lacking(id="x"),
    "no substance":    lacking("content", "arguments", "input", "summary"),
    "empty substance": lacking(content=[], arguments="", input="", summary=[]),
    "odd substance":   lacking(content="hi", arguments={}, input=[], summary="A"),
    "not sealed":      lacking("encrypted_content"),
    "some":            [OUTPUT[1], OUTPUT[3]],
    "another order":   OUTPUT[::-1],
    "no items":        [None, 7, {}, {"type": 7}],
}
# fmt: on


@pytest.mark.parametrize("output", OUTPUTS.values(), ids=OUTPUTS)
def test_the_output_is_what_was_told(output: list[Any]) -> None:
    heard = ended(*ALL, output=output)
    told = output_of(heard)
    for item, expected in zip(told, OUTPUT, strict=True):
        assert expected.items() <= item.items()
    assert heard.repairs == {"output_rebuilt": 1}
    assert plain(heard.events)[2:-1] == ALL


def test_more_than_what_was_told_stays() -> None:
    output = lacking(more=1)
    heard = ended(*ALL, output=output)
    assert (output_of(heard), heard.repairs) == (output, {})


def test_items_that_were_never_streamed_are_told_before_the_end() -> None:
    more = message(4, "more")
    heard = ended(*ALL, output=[more[-1]["item"], *OUTPUT])
    assert plain(heard.events)[2:-1] == [*ALL, *more]
    assert output_of(heard) == [*OUTPUT, more[-1]["item"]]
    assert heard.repairs["item_added"] == 1


def test_one_entry_twice_is_two_items() -> None:
    told = output_of(ended(*HI, output=[OUTPUT[0], OUTPUT[0]]))
    assert [item["content"] for item in told] == [OUTPUT[0]["content"]] * 2
    assert told[0]["id"] != told[1]["id"]


def test_items_by_index_then_those_without_one() -> None:
    """facts/02, vector 173: the output is in the order in which items were shown."""
    unplaced = [{k: v for k, v in e.items() if k != "output_index"} for e in RUN]
    heard = ended(CALL[-1], HI[-1], unplaced[-1])
    assert [item["type"] for item in output_of(heard)] == [
        "function_call",
        "message",
        "custom_tool_call",
    ]


def test_too_many_items(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mend_known, "MAX_ITEMS", 3)
    failure = ended(*HI, output=OUTPUT).failure
    assert failure is not None
    assert (failure.kind, "too many items" in failure.message) == (Kind.MALFORMED, True)
    events = [*message(0), *message(1), *message(2), *message(3)]
    failure = ended(*events).failure
    assert failure is not None
    late = {"type": HI[-1]["type"], "item": {"id": "new", "type": "message"}}
    for event in (HI[1], HI[2], HI[3], CALL[1], RUN[2], late):
        failure = ended(*message(0), *message(1), *message(2), {
            **event, "item_id": "new", "output_index": 9}).failure  # fmt: skip
        assert failure is not None


# Items that nobody ended.


@pytest.mark.parametrize("count", range(1, len(HI)))
def test_words_that_were_not_ended(count: int) -> None:
    heard = ended(*HI[:count])
    item = output_of(heard)[0]
    assert item["status"] == "completed"
    assert [part["text"] for part in item["content"]] == (
        [] if count == 1 else [""] if count == 2 else ["hi"]
    )


@pytest.mark.parametrize("count", [2, 3])
@pytest.mark.parametrize(("events", "field"), [(CALL, "arguments"), (RUN, "input")])
def test_a_whole_call_that_was_not_ended(
    events: list[Event], field: str, count: int
) -> None:
    place = [{**event, "output_index": 0} for event in events]
    heard = ended(*place[:count])
    assert plain(heard.events)[2:-1] == place
    assert output_of(heard)[0][field] == events[1]["delta"]


def test_a_call_without_arguments_gets_empty_ones() -> None:
    heard = ended({**CALL[0], "output_index": 0})
    assert output_of(heard)[0]["arguments"] == "{}"
    assert heard.repairs["arguments_missing"] == 1


def test_a_call_that_was_cut_is_no_answer() -> None:
    heard = ended(CALL[0], {**CALL[1], "delta": '{"a'})
    assert heard.failure is not None
    assert heard.failure.kind is Kind.TRUNCATED
    assert "incomplete tool arguments" in heard.failure.message
    assert kinds(heard.events)[-1] == "function_call_arguments.delta"


CUT = [{**CALL[0], "output_index": 0}, {**CALL[1], "output_index": 0, "delta": '{"a'}]
ENTRY = {**OUTPUT[1], "arguments": '{"a'}


@pytest.mark.parametrize(
    "entry",
    [
        None,
        {k: v for k, v in ENTRY.items() if k != "status"},
        {**ENTRY, "status": "incomplete"},
        {**ENTRY, "status": "in_progress"},
        {**ENTRY, "status": "incomplete", "arguments": ""},
    ],
)
def test_a_call_that_was_cut_never_looks_finished(entry: Any) -> None:
    heard = ended(*CUT, output=[entry] if entry else [], kind="incomplete")
    assert heard.failure is None
    assert kinds(heard.events)[2:] == [
        "output_item.added",
        "function_call_arguments.delta",
        "output_item.done",
        "incomplete",
    ]
    (item,) = output_of(heard)
    assert item["status"] in ("incomplete", "in_progress")
    assert item["arguments"] == '{"a'


def test_a_call_that_was_finished_before_the_cut_is_finished() -> None:
    place = [{**event, "output_index": 0} for event in CALL]
    for given in ([], [OUTPUT[1]]):
        heard = ended(*place[:3], output=given, kind="incomplete")
        assert output_of(heard) == [OUTPUT[1]]


def test_words_that_were_cut_say_so() -> None:
    heard = ended(*HI[:3], kind="incomplete")
    (item,) = output_of(heard)
    assert (item["status"], item["content"][0]["text"]) == ("incomplete", "hi")


def test_the_seal_at_the_end_counts() -> None:
    opened, *rest = THOUGHT
    early = {**opened, "item": {**opened["item"], "encrypted_content": "early"}}
    heard = ended(early, *rest)
    assert output_of(heard)[0]["encrypted_content"] == "enc"
