"""Bends of Claude Messages: what only Claude says, other ends, and errors."""

from __future__ import annotations

from typing import Any, Final

from tests.interop.readings import Said, Stop, Thought

from .bend import Bend, Breaks, Means
from .claude_frames import (
    ARGS_A,
    BEGIN,
    CALLED,
    DONE,
    END,
    FIRST,
    GREETING,
    HELLO,
    asks,
    call,
    delta,
    event,
    last,
    limited,
    start,
    stop,
    thinking,
    words,
)

__all__ = ["CLAUDE_MORE"]

ADDRESS: Final = "https://example.com/a"
CITATION: Final = {
    "type": "web_search_result_location",
    "url": ADDRESS,
    "title": "A",
    "cited_text": "Hello",
    "encrypted_index": "eA==",
}
RESULT: Final = {
    "type": "web_search_result",
    "url": ADDRESS,
    "title": "A",
    "encrypted_content": "eA==",
    "page_age": None,
}
BUSY: Final = {"type": "overloaded_error", "message": "all are busy"}
BUSY_BREAK: Final = Breaks(said="Hel", words="all are busy")
SEARCHED: Final = Means(parts=(Said("Hello"),), own=True)


def sealed(index: int, data: str) -> tuple[bytes, ...]:
    return (start(index, type="redacted_thinking", data=data), stop(index))


def asked(index: int) -> tuple[bytes, ...]:
    """The vendor's own search, with its arguments."""
    block: dict[str, Any] = {"type": "server_tool_use", "id": "srvtoolu_1"}
    return (
        start(index, **block, name="web_search", input={}),
        delta(index, "input_json_delta", partial_json='{"query":"hi"}'),
        stop(index),
    )


def found(index: int, content: Any) -> tuple[bytes, ...]:
    kind = "web_search_tool_result"
    return (
        start(index, type=kind, tool_use_id="srvtoolu_1", content=content),
        stop(index),
    )


def errs(error: Any) -> tuple[bytes, ...]:
    """After some words."""
    return (BEGIN, *GREETING[:2], event("error", error=error))


CLAUDE_MORE: Final = (
    # Thinking that nobody can read, or that says nothing.
    Bend(
        "thinking redacted",
        (BEGIN, *sealed(0, "c2VhbGVk"), *words(1, "Hello"), *DONE),
        Means(parts=(Thought("", "c2VhbGVk"), Said("Hello"))),
    ),
    Bend(
        "thinking, then more of it redacted",
        (
            BEGIN,
            *thinking(0, "Hmm.", "c2ln"),
            *sealed(1, "c2VhbGVk"),
            *call(2, "toolu_a", ARGS_A),
            *CALLED,
        ),
        asks(Thought("Hmm.", "c2ln"), Thought("", "c2VhbGVk"), FIRST),
    ),
    Bend(
        "thinking of a proof alone",
        (
            BEGIN,
            start(0, type="thinking", thinking="", signature=""),
            delta(0, "signature_delta", signature="c2ln"),
            stop(0),
            *words(1, "Hello"),
            *DONE,
        ),
        Means(parts=(Thought("", "c2ln"), Said("Hello"))),
    ),
    Bend(
        "thinking of nothing",
        (
            BEGIN,
            start(0, type="thinking", thinking="", signature=""),
            stop(0),
            *words(1, "Hello"),
            *DONE,
        ),
        HELLO,
    ),
    Bend(
        "nothing but thinking",
        (BEGIN, *thinking(0, "Hmm.", "c2ln"), last("max_tokens"), END),
        limited(Thought("Hmm.", "c2ln")),
    ),
    # Empty blocks.
    Bend(
        "an empty block of text",
        (BEGIN, start(0, type="text", text=""), stop(0), *words(1, "Hello"), *DONE),
        HELLO,
    ),
    Bend(
        "an empty block of text before a call",
        (BEGIN, *words(0, ""), *call(1, "toolu_a", ARGS_A), *CALLED),
        asks(FIRST),
    ),
    Bend("no blocks at all", (BEGIN, *DONE), Means(parts=())),
    # The vendor's own tools, and where words are from.
    Bend(
        "a search",
        (BEGIN, *asked(0), *found(1, [RESULT]), *words(2, "Hello"), *DONE),
        SEARCHED,
    ),
    Bend(
        "a search that failed",
        (
            BEGIN,
            *asked(0),
            *found(
                1, {"type": "web_search_tool_result_error", "error_code": "unavailable"}
            ),
            *words(2, "Hello"),
            *DONE,
        ),
        SEARCHED,
    ),
    Bend(
        "a search, then a call",
        (BEGIN, *asked(0), *found(1, [RESULT]), *call(2, "toolu_a", ARGS_A), *CALLED),
        Means(parts=(FIRST,), stop=Stop.CALLS, own=True),
    ),
    Bend(
        "sources",
        (
            BEGIN,
            start(0, type="text", text="", citations=[]),
            *GREETING[1:3],
            delta(0, "citations_delta", citation=CITATION),
            stop(0),
            *DONE,
        ),
        Means(parts=(Said("Hello"),), sources=(ADDRESS,)),
    ),
    # Other ends.
    Bend(
        "refusal",
        (BEGIN, *GREETING, last("refusal"), END),
        Means(parts=(Said("Hello"),), stop=Stop.REFUSED),
    ),
    Bend(
        "refusal at once",
        (BEGIN, last("refusal"), END),
        Means(parts=(), stop=Stop.REFUSED),
    ),
    Bend(
        "pause",
        (BEGIN, *asked(0), *found(1, [RESULT]), last("pause_turn"), END),
        Means(parts=(), stop=Stop.PAUSED, own=True),
    ),
    Bend(
        "pause after words",
        (BEGIN, *GREETING, last("pause_turn"), END),
        Means(parts=(Said("Hello"),), stop=Stop.PAUSED),
    ),
    Bend(
        "the context is full",
        (BEGIN, *GREETING, last("model_context_window_exceeded"), END),
        limited(Said("Hello")),
    ),
    Bend("reason of another API", (BEGIN, *GREETING, last("stop"), END), HELLO),
    # Errors.
    Bend("error", errs(BUSY), BUSY_BREAK),
    Bend("error at once", (event("error", error=BUSY),), Breaks(words="all are busy")),
    Bend(
        "error after its beginning",
        (BEGIN, event("error", error=BUSY)),
        Breaks(words="all are busy"),
    ),
    Bend("error, and the end after it", (*errs(BUSY), *DONE), BUSY_BREAK),
    Bend(
        "error in a call",
        (BEGIN, *call(0, "toolu_a", '{"ci')[:2], event("error", error=BUSY)),
        Breaks(words="all are busy"),
    ),
    Bend("error of no type", errs({"message": "all are busy"}), BUSY_BREAK),
    Bend("error of nothing", errs({}), Breaks(said="Hel")),
    Bend(
        "error of another API",
        (BEGIN, *GREETING[:2], b'data: {"error":{"message":"all are busy"}}\n\n'),
        BUSY_BREAK,
    ),
    Bend("a reset", (BEGIN, *GREETING[:2]), Breaks(said="Hel")),
)
