"""Bends of Chat Completions: visible thinking."""

from __future__ import annotations

from typing import Final

from tests.interop.readings import Said, Thought

from .bend import Bend, Means
from .chat_frames import (
    ALL_A,
    DONE,
    FIRST,
    LIMIT,
    LONG,
    ROLE,
    STOP,
    asks,
    calls,
    chunk,
    limited,
    text,
    usage,
)

__all__ = ["CHAT_REASONING"]

CHAT_REASONING: Final = (
    Bend(
        "reasoning",
        (
            ROLE,
            chunk({"reasoning_content": "Hm"}),
            chunk({"reasoning_content": "m."}),
            text("Hello"),
            *STOP,
        ),
        Means(parts=(Thought("Hmm."), Said("Hello"))),
    ),
    Bend(
        "reasoning by its other name",
        (ROLE, chunk({"reasoning": "Hmm."}), text("Hello"), *STOP),
        Means(parts=(Thought("Hmm."), Said("Hello"))),
    ),
    Bend(
        "reasoning under both names",
        (
            ROLE,
            chunk({"reasoning": "Hm", "reasoning_content": "Hm"}),
            chunk({"reasoning": "m.", "reasoning_content": "m."}),
            text("Hello"),
            *STOP,
        ),
        Means(parts=(Thought("Hmm."), Said("Hello"))),
    ),
    Bend(
        "reasoning again after the text",
        (
            ROLE,
            chunk({"reasoning_content": LONG[:9]}),
            chunk({"reasoning_content": LONG[9:]}),
            text("Hello"),
            chunk({"reasoning_content": LONG}),
            *STOP,
        ),
        Means(parts=(Thought(LONG), Said("Hello"))),
    ),
    Bend(
        "reasoning again with the finish",
        (
            ROLE,
            chunk({"reasoning_content": "Hm"}),
            chunk({"reasoning_content": "m."}),
            text("Hello"),
            chunk({"reasoning_content": "Hmm."}, "stop"),
            usage(),
            DONE,
        ),
        Means(parts=(Thought("Hmm."), Said("Hello"))),
    ),
    Bend(
        "reasoning, text, more reasoning",
        (
            ROLE,
            chunk({"reasoning_content": "One."}),
            text("Hel"),
            chunk({"reasoning_content": "Two."}),
            text("lo"),
            *STOP,
        ),
        Means(parts=(Thought("One."), Said("Hel"), Thought("Two."), Said("lo"))),
    ),
    Bend(
        "reasoning and a call",
        (ROLE, chunk({"reasoning_content": "Hmm."}), calls(ALL_A), *STOP),
        asks(Thought("Hmm."), FIRST),
    ),
    Bend(
        "reasoning and text in one delta",
        (ROLE, chunk({"reasoning_content": "Hmm.", "content": "Hello"}), *STOP),
        Means(parts=(Thought("Hmm."), Said("Hello"))),
    ),
    Bend(
        "nothing but reasoning",
        (ROLE, chunk({"reasoning_content": "Hmm."}), *LIMIT),
        limited(Thought("Hmm.")),
    ),
)
