"""Bends of Claude Messages: how blocks are opened, numbered and closed."""

from __future__ import annotations

from typing import Final

from tests.interop.readings import Said

from .bend import Bend, Means
from .claude_frames import (
    BEGIN,
    DONE,
    GREETING,
    HELLO,
    begin,
    delta,
    start,
    stop,
    words,
)

__all__ = ["CLAUDE_BLOCKS"]

CLAUDE_BLOCKS: Final = (
    Bend("start missing", (BEGIN, *GREETING[1:], *DONE), HELLO),
    Bend("stop missing", (BEGIN, *GREETING[:-1], *DONE), HELLO),
    Bend("start and stop missing", (BEGIN, *GREETING[1:-1], *DONE), HELLO),
    Bend(
        "text in the start",
        (
            BEGIN,
            start(0, type="text", text="Hel"),
            delta(0, "text_delta", text="lo"),
            stop(0),
            *DONE,
        ),
        HELLO,
    ),
    Bend(
        "no text in the start",
        (BEGIN, start(0, type="text"), *GREETING[1:], *DONE),
        HELLO,
    ),
    Bend(
        "blocks from one",
        (BEGIN, *words(1, "Hel"), *words(2, "lo"), *DONE),
        Means(parts=(Said("Hel"), Said("lo"))),
    ),
    Bend(
        "every block zero",
        (BEGIN, *words(0, "Hel"), *words(0, "lo"), *DONE),
        Means(parts=(Said("Hel"), Said("lo"))),
    ),
    Bend(
        "no indexes",
        (BEGIN, *words(None, "Hel"), *words(None, "lo"), *DONE),
        Means(parts=(Said("Hel"), Said("lo"))),
    ),
    Bend(
        "content in message_start",
        (begin(content=[{"type": "text", "text": "Hello"}]), *DONE),
        HELLO,
    ),
)
