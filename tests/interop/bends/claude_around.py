"""Bends of Claude Messages: heads, usage, finish and end."""

from __future__ import annotations

from typing import Final

from cliproxy_core.testing.script import End

from .bend import Bend
from .claude_frames import (
    BEFORE,
    BEGIN,
    CALLED,
    DONE,
    END,
    GREETING,
    HELLO,
    UNCOUNTED,
    begin,
    event,
    last,
    words,
)

__all__ = ["CLAUDE_AROUND"]

CLAUDE_AROUND: Final = (
    Bend("control", (BEGIN, event("ping"), *GREETING, *DONE), HELLO),
    Bend("no role", (begin(role=...), *GREETING, *DONE), HELLO),
    Bend("no id", (begin(id=...), *GREETING, *DONE), HELLO),
    Bend(
        "empty id and null model", (begin(id="", model=None), *GREETING, *DONE), HELLO
    ),
    Bend(
        "a bare message",
        (event("message_start", message={"usage": BEFORE}), *GREETING, *DONE),
        HELLO,
    ),
    Bend("null content", (begin(content=None), *GREETING, *DONE), HELLO),
    Bend(
        "message_start missing",
        (*GREETING, last("end_turn", usage={**BEFORE, "output_tokens": 5}), END),
        HELLO,
    ),
    Bend(
        "message_start twice",
        (BEGIN, *GREETING[:2], BEGIN, *GREETING[2:], *DONE),
        HELLO,
    ),
    Bend("ping first", (event("ping"), BEGIN, *GREETING, *DONE), HELLO),
    Bend(
        "usage missing",
        (
            begin(usage=...),
            *GREETING,
            event("message_delta", delta={"stop_reason": "end_turn"}),
            END,
        ),
        UNCOUNTED,
    ),
    Bend(
        "usage null",
        (begin(usage=None), *GREETING, last("end_turn", usage=None), END),
        UNCOUNTED,
    ),
    Bend(
        "usage only at the end",
        (
            begin(usage={"input_tokens": 0, "output_tokens": 0}),
            *GREETING,
            last("end_turn", usage={**BEFORE, "output_tokens": 5}),
            END,
        ),
        HELLO,
    ),
    Bend(
        "usage only at the start",
        (
            begin(usage={**BEFORE, "output_tokens": 5}),
            *GREETING,
            event(
                "message_delta",
                delta={"stop_reason": "end_turn", "stop_sequence": None},
            ),
            END,
        ),
        HELLO,
    ),
    Bend(
        "usage with message_stop",
        (
            BEGIN,
            *GREETING,
            event("message_delta", delta={"stop_reason": "end_turn"}),
            event("message_stop", usage={"output_tokens": 5}),
        ),
        HELLO,
    ),
    Bend(
        "message_delta twice",
        (BEGIN, *GREETING, last("end_turn", usage={"output_tokens": 2}), *DONE),
        HELLO,
    ),
    Bend(
        "message_delta in two halves",
        (
            BEGIN,
            *GREETING,
            event("message_delta", delta={"stop_reason": "end_turn"}),
            event("message_delta", delta={}, usage={"output_tokens": 5}),
            END,
        ),
        HELLO,
    ),
    Bend("message_delta early", (BEGIN, last(None), *GREETING, *DONE), HELLO),
    Bend(
        "message_delta inside a block",
        (BEGIN, *GREETING[:2], last("end_turn"), *GREETING[2:], END),
        HELLO,
    ),
    Bend(
        "message_delta missing",
        (begin(usage={**BEFORE, "output_tokens": 5}), *GREETING, END),
        HELLO,
    ),
    Bend("reason null", (BEGIN, *GREETING, last(None), END), HELLO),
    Bend("tool_use without calls", (BEGIN, *GREETING, *CALLED), HELLO),
    Bend("no message_stop", (BEGIN, *GREETING, last("end_turn")), HELLO),
    Bend(
        "no message_stop, closed",
        (BEGIN, *GREETING, last("end_turn")),
        HELLO,
        End.CLOSED,
    ),
    Bend("no last chunk", (BEGIN, *GREETING, *DONE), HELLO, End.TRUNCATED),
    Bend("reset after message_stop", (BEGIN, *GREETING, *DONE), HELLO, End.RESET),
    Bend(
        "stays open after message_stop", (BEGIN, *GREETING, *DONE), HELLO, End.STALLED
    ),
    Bend(
        "no newline at the end",
        (BEGIN, *GREETING, last("end_turn"), END.rstrip()),
        HELLO,
    ),
    Bend(
        "an end mark of another API",
        (BEGIN, *GREETING, *DONE, b"data: [DONE]\n\n"),
        HELLO,
    ),
    Bend(
        "the end mark instead of message_stop",
        (BEGIN, *GREETING, last("end_turn"), b"data: [DONE]\n\n"),
        HELLO,
    ),
    Bend(
        "something after message_stop",
        (BEGIN, *GREETING, *DONE, *words(1, "!"), *DONE),
        HELLO,
    ),
)
