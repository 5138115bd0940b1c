"""Bends of Claude Messages: visible thinking."""

from __future__ import annotations

from typing import Final

from tests.interop.readings import Said, Thought

from .bend import Bend, Means
from .claude_frames import (
    ARGS_A,
    BEGIN,
    CALLED,
    DONE,
    FIRST,
    asks,
    call,
    delta,
    start,
    stop,
    thinking,
    words,
)

__all__ = ["CLAUDE_REASONING"]

CLAUDE_REASONING: Final = (
    Bend(
        "thinking",
        (BEGIN, *thinking(0, "Hmm.", "c2ln"), *words(1, "Hello"), *DONE),
        Means(parts=(Thought("Hmm.", "c2ln"), Said("Hello"))),
    ),
    Bend(
        "thinking twice",
        (
            BEGIN,
            *thinking(0, "One.", "c2lnMQ=="),
            *thinking(1, "Two.", "c2lnMg=="),
            *words(2, "Hello"),
            *DONE,
        ),
        Means(
            parts=(
                Thought("One.", "c2lnMQ=="),
                Thought("Two.", "c2lnMg=="),
                Said("Hello"),
            )
        ),
    ),
    Bend(
        "thinking between",
        (
            BEGIN,
            *thinking(0, "One.", "c2lnMQ=="),
            *words(1, "Hello"),
            *thinking(2, "Two.", "c2lnMg=="),
            *call(3, "toolu_a", ARGS_A),
            *CALLED,
        ),
        asks(
            Thought("One.", "c2lnMQ=="),
            Said("Hello"),
            Thought("Two.", "c2lnMg=="),
            FIRST,
        ),
    ),
    Bend(
        "thinking unsigned",
        (
            BEGIN,
            start(0, type="thinking", thinking=""),
            delta(0, "thinking_delta", thinking="Hmm."),
            stop(0),
            *words(1, "Hello"),
            *DONE,
        ),
        Means(parts=(Thought("Hmm."), Said("Hello"))),
    ),
    Bend(
        "signature in the start",
        (
            BEGIN,
            start(0, type="thinking", thinking="", signature="c2ln"),
            delta(0, "thinking_delta", thinking="Hmm."),
            stop(0),
            *words(1, "Hello"),
            *DONE,
        ),
        Means(parts=(Thought("Hmm.", "c2ln"), Said("Hello"))),
    ),
    Bend(
        "thinking never ended",
        (BEGIN, *thinking(0, "Hmm.", "c2ln")[:-1], *words(1, "Hello"), *DONE),
        Means(parts=(Thought("Hmm.", "c2ln"), Said("Hello"))),
    ),
    Bend(
        "thinking and text at one index",
        (BEGIN, *thinking(0, "Hmm.", "c2ln"), *words(0, "Hello"), *DONE),
        Means(parts=(Thought("Hmm.", "c2ln"), Said("Hello"))),
    ),
)
