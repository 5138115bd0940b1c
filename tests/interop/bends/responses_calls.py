"""Bends of Responses: tool calls."""

from __future__ import annotations

from typing import Any, Final

from tests.interop.readings import Asked, Cut, Said, Thought

from .bend import Bend, Breaks
from .responses_frames import (
    ARGS_A,
    ARGS_B,
    BEGIN,
    CALL_A,
    CALL_B,
    FIRST,
    MESSAGE,
    PARIS,
    TWO,
    arguments,
    asks,
    call,
    called,
    closed,
    ended,
    limited,
    opened,
    reasoning,
    speech,
    told,
    without,
)

__all__ = ["RESPONSES_CALLS"]

ADDED, DELTA, ARGS_DONE, ITEM_DONE = called(0, "call_a", ARGS_A)
BOTH: Final = ended(CALL_A, CALL_B)
ONE: Final = ended(CALL_A)
LIMIT: Final = {"incomplete_details": {"reason": "max_output_tokens"}}
HALF: Final = '{"city":"Pa'
CUT: Final = call("call_a", HALF, status="incomplete")


def limit(*output: Any) -> Any:
    return ended(*output, kind="incomplete", **LIMIT)


def anonymous(*events: Any) -> Any:
    """Without ids of items."""
    return tuple(without(event, "item_id") for event in events)


RESPONSES_CALLS: Final = (
    Bend(
        "calls in good order",
        told(
            *BEGIN,
            *called(0, "call_a", '{"city":', '"Paris"}'),
            *called(1, "call_b", ARGS_B, number=1),
            BOTH,
        ),
        TWO,
    ),
    Bend(
        "interleaved",
        told(
            *BEGIN,
            opened(0, CALL_A),
            opened(1, CALL_B),
            *arguments(1, '{"city":"Ro', number=1),
            *arguments(0, ARGS_A),
            *arguments(1, 'me"}', number=1),
            closed(1, CALL_B),
            closed(0, CALL_A),
            BOTH,
        ),
        TWO,
    ),
    Bend(
        "interleaved, told apart by their index",
        told(
            *BEGIN,
            opened(0, CALL_A),
            opened(1, CALL_B),
            *anonymous(*arguments(1, ARGS_B), *arguments(0, ARGS_A)),
            closed(0, CALL_A),
            closed(1, CALL_B),
            ended(),
        ),
        TWO,
    ),
    Bend(
        "interleaved, told apart by their ids",
        told(
            *BEGIN,
            without(opened(0, CALL_A), "output_index"),
            without(opened(0, CALL_B), "output_index"),
            *(without(e, "output_index") for e in arguments(0, ARGS_B, number=1)),
            *(without(e, "output_index") for e in arguments(0, ARGS_A)),
            without(closed(0, CALL_A), "output_index"),
            without(closed(0, CALL_B), "output_index"),
            ended(),
        ),
        TWO,
    ),
    # Arguments that come in one place only.
    Bend(
        "arguments at their end only",
        told(*BEGIN, ADDED, ARGS_DONE, ITEM_DONE, ONE),
        asks(FIRST),
    ),
    Bend(
        "arguments at their end only, and no output",
        told(*BEGIN, ADDED, ARGS_DONE, ended()),
        asks(FIRST),
    ),
    Bend(
        "arguments in the item only", told(*BEGIN, ADDED, ITEM_DONE, ONE), asks(FIRST)
    ),
    Bend("only the item of the call", told(*BEGIN, ITEM_DONE, ended()), asks(FIRST)),
    Bend("calls in the output only", told(*BEGIN, BOTH), TWO),
    Bend("arguments in the output only", told(*BEGIN, ADDED, ONE), asks(FIRST)),
    Bend(
        "arguments when it opens",
        told(*BEGIN, {**ADDED, "item": CALL_A}, ITEM_DONE, ONE),
        asks(FIRST),
    ),
    Bend(
        "arguments when it opens, and again",
        told(*BEGIN, {**ADDED, "item": CALL_A}, DELTA, ARGS_DONE, ITEM_DONE, ONE),
        asks(FIRST),
    ),
    Bend(
        "arguments when it opens, never closed",
        told(*BEGIN, {**ADDED, "item": CALL_A}, ended()),
        asks(FIRST),
    ),
    Bend(
        "arguments in part, all of them at the end",
        told(*BEGIN, ADDED, *arguments(0, '{"city"'), ARGS_DONE, ITEM_DONE, ONE),
        asks(FIRST),
    ),
    Bend(
        "arguments as an object",
        told(*BEGIN, ADDED, closed(0, call("call_a", PARIS)), ended()),
        asks(FIRST),
    ),
    Bend(
        "arguments as an object at their end",
        told(*BEGIN, ADDED, {**ARGS_DONE, "arguments": PARIS}, ended()),
        asks(FIRST),
    ),
    Bend(
        "the end of the arguments empty",
        told(
            *BEGIN,
            ADDED,
            DELTA,
            {**ARGS_DONE, "arguments": ""},
            closed(0, call("call_a", "")),
            ended(call("call_a", "")),
        ),
        asks(FIRST),
    ),
    Bend(
        "no arguments",
        told(*BEGIN, *called(0, "call_a"), ended(call("call_a", ""))),
        asks(Asked("get_weather", {})),
    ),
    Bend(
        "no arguments, and no field for them",
        told(*BEGIN, closed(0, without(CALL_A, "arguments")), ended()),
        asks(Asked("get_weather", {})),
    ),
    Bend(
        "no arguments, never closed",
        told(*BEGIN, ADDED, ended()),
        asks(Asked("get_weather", {})),
    ),
    Bend(
        "arguments told four times",
        told(*BEGIN, ADDED, DELTA, ARGS_DONE, ARGS_DONE, ITEM_DONE, ITEM_DONE, ONE),
        asks(FIRST),
    ),
    # Items that are not opened or not closed.
    Bend("never opened", told(*BEGIN, DELTA, ARGS_DONE, ITEM_DONE, ONE), asks(FIRST)),
    Bend("call never closed", told(*BEGIN, ADDED, DELTA, ONE), asks(FIRST)),
    Bend(
        "call never closed, and no output",
        told(*BEGIN, ADDED, DELTA, ended()),
        asks(FIRST),
    ),
    Bend(
        "two never closed",
        told(
            *BEGIN,
            ADDED,
            DELTA,
            opened(1, CALL_B),
            *arguments(1, ARGS_B, number=1),
            ended(),
        ),
        TWO,
    ),
    # Names and ids.
    Bend(
        "name late",
        told(
            *BEGIN,
            {**ADDED, "item": without(ADDED["item"], "name")},
            DELTA,
            ARGS_DONE,
            ITEM_DONE,
            ONE,
        ),
        asks(FIRST),
    ),
    Bend(
        "name at the end of the item",
        told(
            *BEGIN,
            {**ADDED, "item": without(ADDED["item"], "name")},
            DELTA,
            without(ARGS_DONE, "name"),
            ITEM_DONE,
            ONE,
        ),
        asks(FIRST),
    ),
    Bend(
        "name in the output",
        told(*BEGIN, {**ADDED, "item": without(ADDED["item"], "name")}, DELTA, ONE),
        asks(FIRST),
    ),
    Bend(
        "name never", told(*BEGIN, DELTA, without(ARGS_DONE, "name"), ended()), Breaks()
    ),
    Bend(
        "no call id",
        told(
            *BEGIN,
            closed(0, without(CALL_A, "call_id")),
            closed(1, without(CALL_B, "call_id")),
            ended(),
        ),
        TWO,
    ),
    Bend(
        "call id late",
        told(
            *BEGIN,
            {**ADDED, "item": without(ADDED["item"], "call_id")},
            DELTA,
            ITEM_DONE,
            ended(),
        ),
        asks(FIRST),
    ),
    Bend(
        "one call id for two",
        told(
            *BEGIN,
            *called(0, "call_a", ARGS_A),
            *called(1, "call_a", ARGS_B, number=1),
            ended(),
        ),
        TWO,
    ),
    Bend(
        "one item id for two",
        told(
            *BEGIN, *called(0, "call_a", ARGS_A), *called(1, "call_b", ARGS_B), ended()
        ),
        TWO,
    ),
    Bend(
        "no item ids of calls",
        told(
            *BEGIN,
            closed(0, without(CALL_A, "id")),
            closed(1, without(CALL_B, "id")),
            ended(),
        ),
        TWO,
    ),
    Bend(
        "every call at index zero",
        told(
            *BEGIN,
            *called(0, "call_a", ARGS_A),
            *called(0, "call_b", ARGS_B, number=1),
            BOTH,
        ),
        TWO,
    ),
    Bend(
        "calls with an index left out",
        told(
            *BEGIN,
            *called(1, "call_a", ARGS_A),
            *called(3, "call_b", ARGS_B, number=1),
            BOTH,
        ),
        TWO,
    ),
    # What stands beside them.
    Bend(
        "words before and after",
        told(
            *BEGIN,
            *speech(0, "Hello"),
            *called(1, "call_a", ARGS_A),
            *speech(2, "Hello", number=1),
            ended(),
        ),
        asks(Said("Hello"), FIRST, Said("Hello")),
    ),
    Bend(
        "a thought before",
        told(
            *BEGIN, closed(0, reasoning("Hmm.")), *called(1, "call_a", ARGS_A), ended()
        ),
        asks(Thought("Hmm."), FIRST),
    ),
    Bend(
        "a call in the output that was not told",
        told(*BEGIN, *speech(0, "Hello"), ended(MESSAGE, CALL_A)),
        asks(Said("Hello"), FIRST),
    ),
    # Calls that are cut.
    Bend(
        "call cut",
        told(*BEGIN, ADDED, *arguments(0, HALF), closed(0, CUT), limit(CUT)),
        limited(Cut("get_weather", HALF)),
    ),
    Bend(
        "call cut and never closed",
        told(*BEGIN, ADDED, *arguments(0, HALF), limit()),
        limited(Cut("get_weather", HALF)),
    ),
    Bend(
        "call cut, and a whole one before",
        told(
            *BEGIN,
            *called(0, "call_a", ARGS_A),
            opened(1, CALL_B),
            *arguments(1, '{"ci', number=1),
            limit(),
        ),
        limited(FIRST, Cut("get_weather", '{"ci')),
    ),
    Bend(
        "call cut before its arguments",
        told(*BEGIN, ADDED, limit()),
        limited(Cut("get_weather", "")),
    ),
    Bend(
        "call cut, called completed",
        told(*BEGIN, ADDED, *arguments(0, HALF), ended()),
        Breaks(),
    ),
    Bend(
        "call cut, and failed",
        told(
            *BEGIN,
            ADDED,
            *arguments(0, HALF),
            ended(kind="failed", error={"code": "server_error", "message": "busy"}),
        ),
        Breaks(words="busy"),
    ),
    Bend("call cut without an end", told(*BEGIN, ADDED, *arguments(0, HALF)), Breaks()),
    Bend(
        "call closed without an end",
        told(*BEGIN, *called(0, "call_a", ARGS_A)),
        Breaks(),
    ),
)
