"""One item: its opening, the arguments of a call, its end."""

from __future__ import annotations

import copy
from typing import Any

import pytest

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

HI, THOUGHT = message(0, "hi"), reasoning(0, "A")
CALL, RUN = call(0, '{"a":1}'), custom(0, "ls")


def stream(*events: Event, output: Any) -> Heard:
    return mend(*copy.deepcopy([*created(), *events, end(*output)]))


def inside(heard: Heard) -> list[Event]:
    return plain(heard.events)[2:-1]


def item(event: Event, *without: str, **fields: Any) -> Event:
    told = {k: v for k, v in event["item"].items() if k not in without}
    return {**event, "item": {**told, **fields}}


@pytest.mark.parametrize("events", [HI, THOUGHT, CALL, RUN])
def test_what_comes_with_the_opening_is_said_later(events: list[Event]) -> None:
    done = events[-1]["item"]
    opened = item(events[0], **{k: done[k] for k in done if k not in ("id", "status")})
    for rest in (events[1:], events[-1:], []):
        heard = stream(opened, *rest, output=[done])
        assert inside(heard) == events
        assert heard.repairs["item_opening_corrected"] == 1


# fmt: off
OPENINGS: list[tuple[list[Event], Event]] = [
    (HI,      item(HI[0], "content")),
    (HI,      item(HI[0], "role", "status")),
    (HI,      item(HI[0], role=None, content="x")),
    (THOUGHT, item(THOUGHT[0], "summary")),
    (THOUGHT, item(THOUGHT[0], summary=None)),
    (CALL,    item(CALL[0], "arguments")),
    (CALL,    item(CALL[0], arguments=None)),
    (RUN,     item(RUN[0], "input")),
]
# fmt: on


@pytest.mark.parametrize(("events", "opened"), OPENINGS)
def test_an_opening_has_what_readers_count_on(
    events: list[Event], opened: Event
) -> None:
    heard = stream(opened, *events[1:], output=[events[-1]["item"]])
    assert (inside(heard), heard.repairs) == (events, {"item_opening_corrected": 1})


# fmt: off
BENT: dict[str, tuple[list[Event], dict[str, int]]] = {
    "only at the end":       ([CALL[0], CALL[-1]],
                              {"delta_added": 1, "arguments_done_added": 1}),
    "only in their end":     ([CALL[0], *CALL[2:]], {"delta_added": 1}),
    "an object":             ([CALL[0], {**CALL[2], "arguments": {"a": 1}},
                               item(CALL[-1], arguments={"a": 1})],
                              {"delta_added": 1, "arguments_completed": 1,
                               "item_completed": 1}),
    "their end is empty":    ([*CALL[:2], {**CALL[2], "arguments": ""}, CALL[-1]],
                              {"arguments_completed": 1}),
    "their end is null":     ([*CALL[:2], {**CALL[2], "arguments": None}, CALL[-1]],
                              {"arguments_completed": 1}),
    "the end has none":      ([*CALL[:3], item(CALL[-1], "arguments")],
                              {"item_completed": 1}),
    "the end has no names":  ([*CALL[:3], item(CALL[-1], "name", "call_id", "id")],
                              {"item_completed": 1}),
    "the end has others":    ([*CALL[:3], item(CALL[-1], name="x")],
                              {"item_completed": 1}),
    "the rest at the end":   ([CALL[0], {**CALL[1], "delta": '{"a'}, *CALL[2:]],
                              {"delta_added": 1}),
}
# fmt: on


@pytest.mark.parametrize("case", BENT.values(), ids=BENT)
def test_arguments_are_said_once_and_whole(
    case: tuple[list[Event], dict[str, int]],
) -> None:
    events, repairs = case
    heard = stream(*events, output=[CALL[-1]["item"]])
    assert (heard.failure, heard.repairs) == (None, repairs)
    said = [e["delta"] for e in inside(heard) if e["type"].endswith(".delta")]
    assert "".join(said) == '{"a":1}'
    assert inside(heard)[-2:] == CALL[-2:]


def test_arguments_that_are_told_differently_at_the_end() -> None:
    """Nothing is said twice; the upstream's last word is left to it."""
    spaced = '{"a": 1}'
    done = item(CALL[-1], arguments=spaced)
    heard = stream(
        *CALL[:2], {**CALL[2], "arguments": spaced}, done, output=[done["item"]]
    )
    assert heard.repairs == {}
    assert kinds(inside(heard)) == kinds(CALL)


@pytest.mark.parametrize("at", ["arguments", "end"])
def test_a_call_without_arguments_gets_empty_ones(at: str) -> None:
    said = {**CALL[2], "arguments": ""}
    done = item(CALL[-1], arguments="")
    events = [CALL[0], said, done] if at == "arguments" else [CALL[0], done]
    heard = stream(*events, output=[done["item"]])
    assert inside(heard)[1]["delta"] == "{}"
    assert inside(heard)[-1]["item"]["arguments"] == "{}"
    assert heard.events[-1]["response"]["output"][0]["arguments"] == "{}"


def test_free_text_may_be_empty() -> None:
    done = item(RUN[-1], input="")
    heard = stream(RUN[0], {**RUN[2], "input": ""}, done, output=[done["item"]])
    assert heard.repairs == {}
    assert kinds(inside(heard)) == kinds([RUN[0], *RUN[2:]])


@pytest.mark.parametrize("status", ["incomplete", "in_progress"])
@pytest.mark.parametrize("events", [CALL, RUN])
def test_the_vendors_own_end_of_a_call_that_was_cut(
    events: list[Event], status: str
) -> None:
    """vercel/ai, pull request 20405."""
    done = item(events[-1], status=status)
    told = [*events[:2], done]
    heard = mend(
        *copy.deepcopy([*created(), *told, end(done["item"], kind="incomplete")])
    )
    assert (inside(heard), heard.repairs) == (told, {})


def test_an_item_keeps_the_id_of_its_opening() -> None:
    done = item(HI[-1], id="other")
    heard = stream(*HI[:-1], done, output=[done["item"]])
    assert inside(heard) == HI
    assert heard.repairs == {"item_completed": 1, "output_rebuilt": 1}


def test_a_message_without_a_status_is_complete() -> None:
    heard = stream(*HI[:-1], item(HI[-1], "status", "role"), output=())
    assert inside(heard) == HI
