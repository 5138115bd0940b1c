"""Bends of Chat Completions: other ends, declining, and errors."""

from __future__ import annotations

from typing import Any, Final

from tests.interop.readings import Declined, Said, Stop

from .bend import Bend, Breaks, Means
from .chat_frames import (
    DONE,
    HEAD,
    OPEN_A,
    ROLE,
    STOP,
    calls,
    choice,
    chunk,
    event,
    finish,
    more,
    text,
    usage,
)

__all__ = ["CHAT_MORE"]

BUSY: Final = {
    "message": "all are busy",
    "type": "server_error",
    "code": None,
    "param": None,
}
BUSY_BREAK: Final = Breaks(said="Hel", words="all are busy")
FILTERED: Final = Means(parts=(Said("Hel"),), stop=Stop.REFUSED)
DECLINES: Final = Means(parts=(Declined("I won't."),))


def errs(*frames: Any) -> tuple[bytes, ...]:
    """After some words."""
    return (ROLE, text("Hel"), *frames)


CHAT_MORE: Final = (
    # Other ends.
    Bend("filter", errs(finish("content_filter"), usage(), DONE), FILTERED),
    Bend(
        "filter at once",
        (ROLE, finish("content_filter"), usage(), DONE),
        Means(parts=(), stop=Stop.REFUSED),
    ),
    Bend("nothing said", (ROLE, *STOP), Means(parts=())),
    Bend(
        "a refusal",
        (ROLE, chunk({"refusal": "I "}), chunk({"refusal": "won't."}), *STOP),
        DECLINES,
    ),
    # Errors.
    Bend("error", errs(event({"error": BUSY})), BUSY_BREAK),
    Bend("error at once", (event({"error": BUSY}),), Breaks(words="all are busy")),
    Bend("error, and the end mark", errs(event({"error": BUSY}), DONE), BUSY_BREAK),
    Bend("error as text", errs(event({"error": "all are busy"})), BUSY_BREAK),
    Bend(
        "error of an event line",
        errs(b"event: error\n" + event({"message": "all are busy"})),
        BUSY_BREAK,
    ),
    Bend("error of a type", errs(event({"type": "error", "error": BUSY})), BUSY_BREAK),
    Bend(
        "error of a code and a message",
        errs(event({"code": 503, "message": "all are busy"})),
        BUSY_BREAK,
    ),
    Bend(
        "error beside a choice",
        errs(
            event(
                {**HEAD, "choices": [choice({"content": ""}, "error")], "error": BUSY}
            )
        ),
        BUSY_BREAK,
    ),
    Bend(
        "finish that is an error",
        errs(finish("error"), usage(), DONE),
        Breaks(said="Hel"),
    ),
    Bend(
        "error in a call",
        (ROLE, calls(OPEN_A), calls(more(0, '{"ci')), event({"error": BUSY})),
        Breaks(words="all are busy"),
    ),
    Bend(
        "a null error",
        (
            ROLE,
            event({**HEAD, "choices": [choice({"content": "Hel"})], "error": None}),
            finish("content_filter"),
            usage(),
            DONE,
        ),
        FILTERED,
    ),
    Bend(
        "plain words for an error", errs(b"upstream exploded\n\n"), Breaks(said="Hel")
    ),
    Bend(
        "a document for an error",
        errs(b'{"error":{"message":"all are busy"}}\n\n'),
        Breaks(said="Hel"),
    ),
)
