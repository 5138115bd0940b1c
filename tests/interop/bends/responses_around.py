"""Bends of Responses: heads, usage and how it ends."""

from __future__ import annotations

from typing import Final

from cliproxy_core.testing.script import End
from tests.interop.readings import Said, Stop, Tokens

from .bend import Bend, Breaks, Means
from .responses_frames import (
    BEGIN,
    COUNTS,
    GREETING,
    HELLO,
    MESSAGE,
    UNCOUNTED,
    Event,
    begun,
    ended,
    limited,
    said,
    told,
    without,
)

__all__ = ["RESPONSES_AROUND"]

DONE: Final = ended(MESSAGE)
LIMIT: Final[Event] = {"incomplete_details": {"reason": "max_output_tokens"}}
FILTER: Final[Event] = {"incomplete_details": {"reason": "content_filter"}}
BUSY: Final = {"code": "server_error", "message": "all are busy"}
BUSY_BREAK: Final = Breaks(words="all are busy")
LATE_BREAK: Final = Breaks(said="Hello", words="all are busy")


def failing(*events: Event) -> tuple[bytes, ...]:
    """After some words."""
    return told(*BEGIN, *GREETING[:4], *events)


RESPONSES_AROUND: Final = (
    Bend("control", told(*BEGIN, *GREETING, DONE), HELLO),
    Bend("no created", told(BEGIN[1], *GREETING, DONE), HELLO),
    Bend("no in_progress", told(BEGIN[0], *GREETING, DONE), HELLO),
    Bend("neither", told(*GREETING, DONE), HELLO),
    Bend("queued", told(begun("queued"), *BEGIN, *GREETING, DONE), HELLO),
    Bend(
        "created twice",
        told(*BEGIN, *GREETING[:3], BEGIN[0], *GREETING[3:], DONE),
        HELLO,
    ),
    Bend(
        "created without its response",
        told({"type": "response.created"}, *GREETING, DONE),
        HELLO,
    ),
    Bend(
        "a bare response",
        told(
            {"type": "response.created", "response": {"id": "resp_1"}},
            *GREETING,
            {
                "type": "response.completed",
                "response": {"id": "resp_1", "usage": COUNTS},
            },
        ),
        HELLO,
    ),
    Bend(
        "no id",
        told(begun(id=...), begun("in_progress", id=None), *GREETING, ended(id="")),
        HELLO,
    ),
    Bend(
        "another id in every event",
        told(begun(id="a"), begun("in_progress", id="b"), *GREETING, ended(id="c")),
        HELLO,
    ),
    Bend(
        "null model and time",
        told(begun(model=None, created_at=None), *GREETING, ended(model=None)),
        HELLO,
    ),
    Bend(
        "output in created",
        told(begun(output=[MESSAGE]), *GREETING, DONE),
        HELLO,
    ),
    # Usage.
    Bend(
        "usage missing", told(*BEGIN, *GREETING, ended(MESSAGE, usage=...)), UNCOUNTED
    ),
    Bend("usage null", told(*BEGIN, *GREETING, ended(MESSAGE, usage=None)), UNCOUNTED),
    Bend(
        "usage without its total",
        told(*BEGIN, *GREETING, ended(MESSAGE, usage=without(COUNTS, "total_tokens"))),
        HELLO,
    ),
    Bend(
        "usage without details",
        told(
            *BEGIN,
            *GREETING,
            ended(MESSAGE, usage={"input_tokens": 10, "output_tokens": 5}),
        ),
        Means(parts=(Said("Hello"),), tokens=Tokens(10, 0, 5)),
    ),
    # What the end says.
    Bend("output empty", told(*BEGIN, *GREETING, ended()), HELLO),
    Bend("output null", told(*BEGIN, *GREETING, ended(output=None)), HELLO),
    Bend("output missing", told(*BEGIN, *GREETING, ended(output=...)), HELLO),
    Bend(
        "output without ids",
        told(*BEGIN, *GREETING, ended(without(MESSAGE, "id"))),
        HELLO,
    ),
    Bend(
        "output under another id",
        told(*BEGIN, *GREETING, ended({**MESSAGE, "id": "msg_x"})),
        HELLO,
    ),
    Bend(
        "done for completed",
        told(*BEGIN, *GREETING, ended(MESSAGE, kind="done", status="completed")),
        HELLO,
    ),
    Bend(
        "completed in no good status",
        told(*BEGIN, *GREETING, ended(MESSAGE, status="in_progress")),
        HELLO,
    ),
    Bend(
        "incomplete",
        told(*BEGIN, *GREETING, ended(MESSAGE, kind="incomplete", **LIMIT)),
        limited(Said("Hello")),
    ),
    Bend(
        "incomplete, called completed",
        told(*BEGIN, *GREETING, ended(MESSAGE, status="incomplete", **LIMIT)),
        limited(Said("Hello")),
    ),
    Bend(
        "incomplete, in the middle of a word",
        told(*BEGIN, *GREETING[:4], ended(kind="incomplete", **LIMIT)),
        limited(Said("Hello")),
    ),
    Bend(
        "filtered",
        told(*BEGIN, *GREETING, ended(MESSAGE, kind="incomplete", **FILTER)),
        Means(parts=(Said("Hello"),), stop=Stop.REFUSED),
    ),
    Bend(
        "filtered before anything was said",
        told(*BEGIN, ended(kind="incomplete", **FILTER)),
        Means(parts=(), stop=Stop.REFUSED),
    ),
    Bend(
        "incomplete, nobody says why",
        told(*BEGIN, *GREETING, ended(MESSAGE, kind="incomplete")),
        Means(parts=(Said("Hello"),), stop=Stop.OTHER),
    ),
    Bend("no words at all", told(*BEGIN, ended()), Means(parts=())),
    # What fails.
    Bend("failed", told(*BEGIN, ended(kind="failed", error=BUSY)), BUSY_BREAK),
    Bend("failed at once", told(ended(kind="failed", error=BUSY)), BUSY_BREAK),
    Bend("failed after words", failing(ended(kind="failed", error=BUSY)), LATE_BREAK),
    Bend("failed without a word", failing(ended(kind="failed")), Breaks(said="Hello")),
    Bend(
        "failed, called completed",
        failing(ended(status="failed", error=BUSY)),
        LATE_BREAK,
    ),
    Bend("cancelled", failing(ended(status="cancelled")), Breaks(said="Hello")),
    Bend("error", told(*BEGIN, {"type": "error", **BUSY, "param": None}), BUSY_BREAK),
    Bend("error at once", told({"type": "error", **BUSY, "param": None}), BUSY_BREAK),
    Bend("error after words", failing({"type": "error", **BUSY}), LATE_BREAK),
    Bend("error as an object", failing({"type": "error", "error": BUSY}), LATE_BREAK),
    Bend(
        "error of a type alone",
        failing({"type": "error", "error": {}, "error_type": "busy"}),
        Breaks(said="Hello"),
    ),
    Bend(
        "error and failed",
        failing({"type": "error", **BUSY}, ended(kind="failed", error=BUSY)),
        LATE_BREAK,
    ),
    Bend(
        "an error of no type",
        told(*BEGIN, *GREETING[:4], b'data: {"error":{"message":"all are busy"}}\n\n'),
        LATE_BREAK,
    ),
    Bend(
        "an error that only the event line tells",
        told(*BEGIN, *GREETING[:4], b'event: error\ndata: {"message":"busy"}\n\n'),
        Breaks(said="Hello", words="busy"),
    ),
    # What is left out at the end, or is too much there.
    Bend("no end", told(*BEGIN, *GREETING), Breaks(said="Hello")),
    Bend("no end, closed", told(*BEGIN, *GREETING), Breaks(said="Hello"), End.CLOSED),
    Bend("no end in a word", told(*BEGIN, *GREETING[:3]), Breaks(said="Hel")),
    Bend(
        "an end mark of another API for the end",
        told(*BEGIN, *GREETING, b"data: [DONE]\n\n"),
        Breaks(said="Hello"),
    ),
    Bend(
        "an end mark of another API",
        told(*BEGIN, *GREETING, DONE, b"data: [DONE]\n\n"),
        HELLO,
    ),
    Bend(
        "something after the end",
        told(*BEGIN, *GREETING, DONE, *said(0, "!"), DONE),
        HELLO,
    ),
    Bend("no last chunk", told(*BEGIN, *GREETING, DONE), HELLO, End.TRUNCATED),
    Bend("reset after the end", told(*BEGIN, *GREETING, DONE), HELLO, End.RESET),
    Bend("stays open after the end", told(*BEGIN, *GREETING, DONE), HELLO, End.STALLED),
)
