"""Bends of Chat Completions: tool calls."""

from __future__ import annotations

from typing import Final

from tests.interop.readings import Asked, Cut, Said

from .bend import Bend, Breaks
from .chat_frames import (
    ALL_A,
    CALLED,
    DONE,
    FIRST,
    HELLO,
    LIMIT,
    OPEN_A,
    OPEN_B,
    PARIS,
    ROLE,
    SECOND,
    STOP,
    TWO,
    asks,
    calls,
    chunk,
    finish,
    limited,
    more,
    opening,
    text,
    usage,
)

__all__ = ["CHAT_CALLS"]

CHAT_CALLS: Final = (
    Bend(
        "calls in good order",
        (
            ROLE,
            calls(OPEN_A),
            calls(more(0, '{"city":')),
            calls(more(0, '"Paris"}')),
            calls(OPEN_B),
            calls(more(1, '{"city":"Rome"}')),
            *CALLED,
        ),
        TWO,
    ),
    Bend(
        "sparse indexes",
        (
            ROLE,
            calls(opening(3, "call_a", "get_weather")),
            calls(more(3, '{"city":"Paris"}')),
            calls(opening(7, "call_b", "get_weather")),
            calls(more(7, '{"city":"Rome"}')),
            *CALLED,
        ),
        TWO,
    ),
    Bend(
        "indexes from one",
        (
            ROLE,
            calls(opening(1, "call_a", "get_weather", '{"city":"Paris"}')),
            calls(opening(2, "call_b", "get_weather", '{"city":"Rome"}')),
            *CALLED,
        ),
        TWO,
    ),
    Bend(
        "no indexes",
        (
            ROLE,
            calls(opening(None, "call_a", "get_weather")),
            calls(more(None, '{"city":"Paris"}')),
            calls(opening(None, "call_b", "get_weather")),
            calls(more(None, '{"city":"Rome"}')),
            *CALLED,
        ),
        TWO,
    ),
    Bend(
        "no indexes, in one delta",
        (
            ROLE,
            calls(
                opening(None, "call_a", "get_weather", '{"city":"Paris"}'),
                opening(None, "call_b", "get_weather", '{"city":"Rome"}'),
            ),
            *CALLED,
        ),
        TWO,
    ),
    Bend(
        "every index zero",
        (
            ROLE,
            calls(ALL_A),
            calls(opening(0, "call_b", "get_weather", '{"city":"Rome"}')),
            *CALLED,
        ),
        TWO,
    ),
    Bend(
        "interleaved",
        (
            ROLE,
            calls(OPEN_A),
            calls(OPEN_B),
            calls(more(0, '{"city":')),
            calls(more(1, '{"city":"Ro')),
            calls(more(0, '"Paris"}')),
            calls(more(1, 'me"}')),
            *CALLED,
        ),
        TWO,
    ),
    Bend(
        "interleaved in one delta",
        (
            ROLE,
            calls(OPEN_A, OPEN_B),
            calls(more(1, '{"city":"Rome"}'), more(0, '{"city":"Paris"}')),
            *CALLED,
        ),
        TWO,
    ),
    Bend(
        "opened in descending order",
        (
            ROLE,
            calls(opening(1, "call_b", "get_weather", '{"city":"Rome"}'), ALL_A),
            *CALLED,
        ),
        TWO,
    ),
    Bend(
        "names and ids repeated",
        (
            ROLE,
            calls(OPEN_A),
            calls(opening(0, "call_a", "get_weather", '{"city":')),
            calls(opening(0, "call_a", "get_weather", '"Paris"}')),
            *CALLED,
        ),
        asks(FIRST),
    ),
    Bend(
        "names and ids emptied",
        (
            ROLE,
            calls(OPEN_A),
            calls(opening(0, "", "", '{"city":')),
            calls(opening(0, None, None, '"Paris"}')),
            *CALLED,
        ),
        asks(FIRST),
    ),
    Bend(
        "id late",
        (
            ROLE,
            calls(opening(0, "", "get_weather")),
            calls(opening(0, "call_a", "", '{"city":"Paris"}')),
            *CALLED,
        ),
        asks(FIRST),
    ),
    Bend(
        "name late",
        (
            ROLE,
            calls(opening(0, "call_a", None)),
            calls(opening(0, None, "get_weather", '{"city":"Paris"}')),
            *CALLED,
        ),
        asks(FIRST),
    ),
    Bend(
        "id never",
        (
            ROLE,
            calls(opening(0, None, "get_weather", '{"city":"Paris"}')),
            calls(opening(1, None, "get_weather", '{"city":"Rome"}')),
            *CALLED,
        ),
        TWO,
    ),
    Bend(
        "no type",
        (
            ROLE,
            calls(
                {
                    "index": 0,
                    "id": "call_a",
                    "function": {
                        "name": "get_weather",
                        "arguments": '{"city":"Paris"}',
                    },
                }
            ),
            *CALLED,
        ),
        asks(FIRST),
    ),
    Bend(
        "empty arguments",
        (ROLE, calls(OPEN_A), *CALLED),
        asks(Asked("get_weather", {})),
    ),
    Bend(
        "no arguments field",
        (
            ROLE,
            calls(
                {
                    "index": 0,
                    "id": "call_a",
                    "type": "function",
                    "function": {"name": "get_weather"},
                }
            ),
            *CALLED,
        ),
        asks(Asked("get_weather", {})),
    ),
    Bend(
        "null arguments",
        (ROLE, calls(opening(0, "call_a", "get_weather", None)), *CALLED),
        asks(Asked("get_weather", {})),
    ),
    Bend(
        "no arguments, then a call with some",
        (
            ROLE,
            calls(OPEN_A),
            calls(OPEN_B),
            calls(more(1, '{"city":"Rome"}')),
            *CALLED,
        ),
        asks(Asked("get_weather", {}), SECOND),
    ),
    Bend(
        "arguments as an object",
        (ROLE, calls(opening(0, "call_a", "get_weather", PARIS)), *CALLED),
        asks(FIRST),
    ),
    Bend(
        "arguments again at the end",
        (
            ROLE,
            calls(OPEN_A),
            calls(more(0, '{"city":')),
            calls(more(0, '"Paris"}')),
            calls(opening(0, "call_a", "get_weather", '{"city":"Paris"}')),
            *CALLED,
        ),
        asks(FIRST),
    ),
    Bend(
        "text before, between and after",
        (
            ROLE,
            text("Before."),
            calls(ALL_A),
            text("Between."),
            calls(opening(1, "call_b", "get_weather", '{"city":"Rome"}')),
            text("After."),
            *CALLED,
        ),
        asks(Said("Before."), FIRST, Said("Between."), SECOND, Said("After.")),
    ),
    Bend(
        "text inside a call",
        (
            ROLE,
            calls(OPEN_A),
            calls(more(0, '{"city":')),
            text("Hm."),
            calls(more(0, '"Paris"}')),
            *CALLED,
        ),
        asks(FIRST, Said("Hm.")),
    ),
    Bend(
        "text and call in one delta",
        (
            chunk(
                {"role": "assistant", "content": "Hm.", "tool_calls": [ALL_A]},
                "tool_calls",
            ),
            usage(),
            DONE,
        ),
        asks(Said("Hm."), FIRST),
    ),
    Bend("stop where there was a call", (ROLE, calls(ALL_A), *STOP), asks(FIRST)),
    Bend(
        "finish with the call",
        (ROLE, calls(ALL_A, word="stop"), usage(), DONE),
        asks(FIRST),
    ),
    Bend(
        "finish missing after a call", (ROLE, calls(ALL_A), usage(), DONE), asks(FIRST)
    ),
    Bend(
        "finish before the calls",
        (ROLE, finish("tool_calls"), calls(ALL_A), *CALLED),
        asks(FIRST),
    ),
    Bend(
        "the old form",
        (
            ROLE,
            chunk({"function_call": {"name": "get_weather", "arguments": ""}}),
            chunk({"function_call": {"arguments": '{"city":"Paris"}'}}),
            finish("function_call"),
            usage(),
            DONE,
        ),
        asks(FIRST),
    ),
    Bend(
        "calls null and empty",
        (
            chunk({"role": "assistant", "tool_calls": []}),
            chunk({"content": "Hello", "tool_calls": None}),
            *STOP,
        ),
        HELLO,
    ),
    Bend(
        "an empty call",
        (ROLE, text("Hello"), calls(opening(0, "", "", "")), *STOP),
        HELLO,
    ),
    Bend(
        "call cut",
        (ROLE, calls(OPEN_A), calls(more(0, '{"city":"Pa')), *LIMIT),
        limited(Cut("get_weather", '{"city":"Pa')),
    ),
    Bend(
        "call cut, and a whole one before",
        (ROLE, calls(ALL_A), calls(OPEN_B), calls(more(1, '{"ci')), *LIMIT),
        limited(FIRST, Cut("get_weather", '{"ci')),
    ),
    Bend(
        "call cut, called runnable",
        (ROLE, calls(OPEN_A), calls(more(0, '{"city":"Pa')), *CALLED),
        limited(Cut("get_weather", '{"city":"Pa')),
    ),
    Bend(
        "call cut, called an end",
        (ROLE, calls(OPEN_A), calls(more(0, '{"city":"Pa')), *STOP),
        limited(Cut("get_weather", '{"city":"Pa')),
    ),
    Bend(
        "call cut before its arguments",
        (ROLE, calls(OPEN_A), *LIMIT),
        limited(Cut("get_weather", "")),
    ),
    Bend(
        "call cut without a finish",
        (ROLE, calls(OPEN_A), calls(more(0, '{"city":"Pa')), DONE),
        Breaks(),
    ),
    Bend(
        "call cut without an end",
        (ROLE, calls(OPEN_A), calls(more(0, '{"city":"Pa'))),
        Breaks(),
    ),
)
