"""Bends of Claude Messages: tool calls."""

from __future__ import annotations

from typing import Final

from tests.interop.readings import Asked, Cut, Said

from .bend import Bend, Breaks
from .claude_frames import (
    ARGS_A,
    ARGS_B,
    BEFORE,
    BEGIN,
    CALLED,
    DONE,
    END,
    FIRST,
    LIMIT,
    PARIS,
    SECOND,
    TWO,
    arguments,
    asks,
    begin,
    call,
    last,
    limited,
    opening,
    start,
    stop,
    words,
)

__all__ = ["CLAUDE_CALLS"]

CLAUDE_CALLS: Final = (
    Bend(
        "calls in good order",
        (BEGIN, *call(0, "toolu_a", ARGS_A), *call(1, "toolu_b", ARGS_B), *CALLED),
        TWO,
    ),
    Bend(
        "sparse indexes",
        (BEGIN, *call(2, "toolu_a", ARGS_A), *call(7, "toolu_b", ARGS_B), *CALLED),
        TWO,
    ),
    Bend(
        "calls without indexes",
        (
            BEGIN,
            *call(None, "toolu_a", ARGS_A),
            *call(None, "toolu_b", ARGS_B),
            *CALLED,
        ),
        TWO,
    ),
    Bend(
        "every call zero",
        (BEGIN, *call(0, "toolu_a", ARGS_A), *call(0, "toolu_b", ARGS_B), *CALLED),
        TWO,
    ),
    Bend(
        "interleaved",
        (
            BEGIN,
            opening(0, "toolu_a"),
            opening(1, "toolu_b"),
            arguments(0, '{"city":'),
            arguments(1, '{"city":"Ro'),
            arguments(0, '"Paris"}'),
            arguments(1, 'me"}'),
            stop(0),
            stop(1),
            *CALLED,
        ),
        TWO,
    ),
    Bend(
        "interleaved, ended in reverse",
        (
            BEGIN,
            opening(0, "toolu_a"),
            opening(1, "toolu_b"),
            arguments(1, ARGS_B),
            arguments(0, ARGS_A),
            stop(1),
            stop(0),
            *CALLED,
        ),
        TWO,
    ),
    Bend(
        "calls never ended",
        (
            BEGIN,
            opening(0, "toolu_a"),
            arguments(0, ARGS_A),
            opening(1, "toolu_b"),
            arguments(1, ARGS_B),
            *CALLED,
        ),
        TWO,
    ),
    Bend(
        "start repeated",
        (
            BEGIN,
            opening(0, "toolu_a"),
            arguments(0, '{"city":'),
            opening(0, "toolu_a"),
            arguments(0, '"Paris"}'),
            stop(0),
            *CALLED,
        ),
        asks(FIRST),
    ),
    Bend(
        "id repeated",
        (BEGIN, *call(0, "toolu_a", ARGS_A), *call(1, "toolu_a", ARGS_B), *CALLED),
        TWO,
    ),
    Bend(
        "id never", (BEGIN, *call(0, None, ARGS_A), *call(1, "", ARGS_B), *CALLED), TWO
    ),
    Bend(
        "no arguments",
        (BEGIN, opening(0, "toolu_a"), stop(0), *CALLED),
        asks(Asked("get_weather", {})),
    ),
    Bend(
        "empty arguments",
        (BEGIN, opening(0, "toolu_a"), arguments(0, ""), stop(0), *CALLED),
        asks(Asked("get_weather", {})),
    ),
    Bend(
        "null input",
        (
            BEGIN,
            start(0, type="tool_use", id="toolu_a", name="get_weather", input=None),
            stop(0),
            *CALLED,
        ),
        asks(Asked("get_weather", {})),
    ),
    Bend(
        "no input field",
        (
            BEGIN,
            start(0, type="tool_use", id="toolu_a", name="get_weather"),
            arguments(0, ARGS_A),
            stop(0),
            *CALLED,
        ),
        asks(FIRST),
    ),
    Bend(
        "arguments in the start",
        (BEGIN, opening(0, "toolu_a", PARIS), stop(0), *CALLED),
        asks(FIRST),
    ),
    Bend(
        "arguments in the start and again",
        (BEGIN, opening(0, "toolu_a", PARIS), arguments(0, ARGS_A), stop(0), *CALLED),
        asks(FIRST),
    ),
    Bend(
        "no arguments, then a call with some",
        (BEGIN, opening(0, "toolu_a"), stop(0), *call(1, "toolu_b", ARGS_B), *CALLED),
        asks(Asked("get_weather", {}), SECOND),
    ),
    Bend(
        "text before, between and after",
        (
            BEGIN,
            *words(0, "Before."),
            *call(1, "toolu_a", ARGS_A),
            *words(2, "Between."),
            *call(3, "toolu_b", ARGS_B),
            *words(4, "After."),
            *CALLED,
        ),
        asks(Said("Before."), FIRST, Said("Between."), SECOND, Said("After.")),
    ),
    Bend(
        "text inside a call",
        (
            BEGIN,
            opening(0, "toolu_a"),
            arguments(0, '{"city":'),
            *words(1, "Hm."),
            arguments(0, '"Paris"}'),
            stop(0),
            *CALLED,
        ),
        asks(FIRST, Said("Hm.")),
    ),
    Bend(
        "end_turn where there was a call",
        (BEGIN, *call(0, "toolu_a", ARGS_A), *DONE),
        asks(FIRST),
    ),
    Bend(
        "reason null after a call",
        (BEGIN, *call(0, "toolu_a", ARGS_A), last(None), END),
        asks(FIRST),
    ),
    Bend(
        "message_delta missing after a call",
        (begin(usage={**BEFORE, "output_tokens": 5}), *call(0, "toolu_a", ARGS_A), END),
        asks(FIRST),
    ),
    Bend(
        "call cut",
        (BEGIN, *call(0, "toolu_a", '{"city":"Pa'), *LIMIT),
        limited(Cut("get_weather", '{"city":"Pa')),
    ),
    Bend(
        "call cut and never ended",
        (BEGIN, *call(0, "toolu_a", '{"city":"Pa')[:-1], *LIMIT),
        limited(Cut("get_weather", '{"city":"Pa')),
    ),
    Bend(
        "call cut, and a whole one before",
        (BEGIN, *call(0, "toolu_a", ARGS_A), *call(1, "toolu_b", '{"ci')[:-1], *LIMIT),
        limited(FIRST, Cut("get_weather", '{"ci')),
    ),
    Bend(
        "call cut before its arguments",
        (BEGIN, opening(0, "toolu_a"), stop(0), *LIMIT),
        limited(Cut("get_weather", "")),
    ),
    Bend(
        "call cut, called an end",
        (BEGIN, *call(0, "toolu_a", '{"city":"Pa')[:-1], *DONE),
        Breaks(),
    ),
    Bend(
        "call cut, called runnable",
        (BEGIN, *call(0, "toolu_a", '{"city":"Pa')[:-1], *CALLED),
        Breaks(),
    ),
    Bend(
        "call cut without an end",
        (BEGIN, *call(0, "toolu_a", '{"city":"Pa')[:-1]),
        Breaks(),
    ),
    Bend(
        "call without a name",
        (
            BEGIN,
            *words(0, "Hel"),
            start(1, type="tool_use", id="toolu_a", input={}),
            stop(1),
            *CALLED,
        ),
        Breaks(said="Hel"),
    ),
)
