"""Bends of Gemini: heads, usage, finish reasons, refusals and errors."""

from __future__ import annotations

from typing import Final

from cliproxy_core.testing.script import End
from tests.interop.readings import Said, Stop, Thought, Tokens

from .bend import Bend, Breaks, Means
from .gemini_frames import (
    COUNTS,
    GREETING,
    HELLO,
    LESS,
    STOP,
    bare,
    candidate,
    chunk,
    event,
    last,
    limited,
    text,
    thought,
    usage,
)

__all__ = ["GEMINI_AROUND"]

BUSY: Final = {"code": 503, "message": "all are busy", "status": "UNAVAILABLE"}
BUSY_BREAK: Final = Breaks(said="Hello", words="all are busy")
UNSAFE: Final = Means(parts=(Said("Hello"),), stop=Stop.REFUSED)
BLOCKED: Final = Means(parts=(), stop=Stop.REFUSED)
UNCOUNTED: Final = Means(parts=(Said("Hello"),), tokens=None)
ALONE: Final = bare(
    candidates=[{"finishReason": "STOP", "index": 0}], usageMetadata=COUNTS
)
TRAFFIC: Final = {"trafficType": "ON_DEMAND"}


def ending(*frames: bytes) -> tuple[bytes, ...]:
    """After the words."""
    return (*GREETING, *frames)


def stopped(word: object, **fields: object) -> tuple[bytes, ...]:
    """With another word at the end."""
    return (chunk(text("Hel")), last(text("lo"), finish=word, **fields))


GEMINI_AROUND: Final = (
    Bend("control", ending(STOP), HELLO),
    Bend("finish with the last words", stopped("STOP"), HELLO),
    Bend("all in one chunk", (last(text("Hello")),), HELLO),
    # The finish reason.
    Bend("finish alone", ending(ALONE), HELLO),
    Bend("finish with empty content", ending(last(content={})), HELLO),
    Bend("finish with a role alone", ending(last(content={"role": "model"})), HELLO),
    Bend("finish with empty parts", ending(last()), HELLO),
    Bend(
        "finish with null parts",
        ending(last(content={"role": "model", "parts": None})),
        HELLO,
    ),
    Bend(
        "finish without usage, usage after it",
        ending(chunk(text(""), finishReason="STOP"), usage()),
        HELLO,
    ),
    Bend(
        "finish early",
        (chunk(text("Hel"), finishReason="STOP"), chunk(text("lo")), usage()),
        HELLO,
    ),
    Bend("finish in every chunk", (last(text("Hel")), last(text("lo"))), HELLO),
    Bend("finish twice", ending(STOP, STOP), HELLO),
    Bend(
        "finish first, of empty parts",
        (chunk(finishReason="STOP"), *ending(STOP)),
        HELLO,
    ),
    Bend(
        "finish empty until the end",
        (
            chunk(text("Hel"), finishReason=""),
            chunk(text("lo"), finishReason="FINISH_REASON_UNSPECIFIED"),
            STOP,
        ),
        HELLO,
    ),
    Bend(
        "finish null until the end",
        (chunk(text("Hel"), finishReason=None), chunk(text("lo")), STOP),
        HELLO,
    ),
    Bend("finish in lower case", stopped("stop"), HELLO),
    Bend("finish of another API", stopped("end_turn"), HELLO),
    Bend("limit", stopped("MAX_TOKENS"), limited(Said("Hello"))),
    Bend("limit of another API", stopped("length"), limited(Said("Hello"))),
    Bend(
        "limit after an end",
        ending(STOP, last(text(""), finish="MAX_TOKENS")),
        limited(Said("Hello")),
    ),
    Bend(
        "nothing but thoughts",
        (chunk(thought("Hmm.")), last(finish="MAX_TOKENS")),
        limited(Thought("Hmm.")),
    ),
    Bend(
        "nothing at all but a limit",
        (last(content=..., finish="MAX_TOKENS"),),
        limited(),
    ),
    Bend("finish missing", GREETING, Breaks(said="Hello")),
    Bend("finish missing, closed", GREETING, Breaks(said="Hello"), End.CLOSED),
    Bend("finish missing, usage told", ending(usage()), Breaks(said="Hello")),
    Bend(
        "finish missing, an end mark told",
        ending(b"data: [DONE]\n\n"),
        Breaks(said="Hello"),
    ),
    Bend("an end mark of another API", ending(STOP, b"data: [DONE]\n\n"), HELLO),
    Bend("no newline at the end", ending(STOP.rstrip()), HELLO),
    # Who was refused.
    Bend("safety", stopped("SAFETY"), UNSAFE),
    Bend("safety, and no content", ending(last(content=..., finish="SAFETY")), UNSAFE),
    Bend(
        "safety, and ratings",
        stopped(
            "SAFETY",
            safetyRatings=[
                {
                    "category": "HARM_CATEGORY_HARASSMENT",
                    "probability": "HIGH",
                    "blocked": True,
                }
            ],
        ),
        UNSAFE,
    ),
    Bend("safety at once", (last(content=..., finish="SAFETY"),), BLOCKED),
    Bend("recitation", stopped("RECITATION"), UNSAFE),
    Bend("prohibited content", stopped("PROHIBITED_CONTENT"), UNSAFE),
    Bend(
        "something else",
        stopped("OTHER"),
        Means(parts=(Said("Hello"),), stop=Stop.OTHER),
    ),
    Bend(
        "a malformed call",
        (
            last(
                content=...,
                finish="MALFORMED_FUNCTION_CALL",
                finishMessage="Malformed function call: get_weather(",
            ),
        ),
        Means(parts=(), stop=Stop.OTHER),
    ),
    Bend(
        "a malformed call after words",
        ending(last(content={}, finish="MALFORMED_FUNCTION_CALL")),
        Means(parts=(Said("Hello"),), stop=Stop.OTHER),
    ),
    Bend(
        "a call nobody declared",
        ending(last(finish="UNEXPECTED_TOOL_CALL")),
        Means(parts=(Said("Hello"),), stop=Stop.OTHER),
    ),
    # Usage.
    Bend(
        "usage alone at the end",
        (*GREETING, chunk(text(""), finishReason="STOP"), usage()),
        HELLO,
    ),
    Bend("usage alone first", (usage(LESS), *ending(STOP)), HELLO),
    Bend("usage alone between", (GREETING[0], usage(LESS), GREETING[1], STOP), HELLO),
    Bend("usage twice", ending(STOP, usage()), HELLO),
    Bend(
        "usage missing",
        tuple(
            event({"candidates": [c]})
            for c in (
                candidate(text("Hello")),
                candidate(text(""), finishReason="STOP"),
            )
        ),
        UNCOUNTED,
    ),
    Bend(
        "usage of a kind of traffic alone",
        (bare(candidates=[candidate(text("Hello"))], usageMetadata=TRAFFIC), STOP),
        HELLO,
    ),
    Bend(
        "usage of a kind of traffic at the end",
        ending(STOP, usage({**COUNTS, **TRAFFIC})),
        HELLO,
    ),
    Bend(
        "usage with thoughts beside",
        ending(
            chunk(text(""), finishReason="STOP"),
            usage({**COUNTS, "candidatesTokenCount": 3, "thoughtsTokenCount": 2}),
        ),
        HELLO,
    ),
    Bend(
        "usage with null counts",
        ending(
            chunk(text(""), finishReason="STOP"),
            usage({**COUNTS, "thoughtsTokenCount": None}),
        ),
        HELLO,
    ),
    Bend(
        "usage of the vendor's tools",
        ending(
            chunk(text(""), finishReason="STOP"),
            usage({**COUNTS, "toolUsePromptTokenCount": 7, "totalTokenCount": 22}),
        ),
        Means(parts=(Said("Hello"),), tokens=Tokens(17, 4, 5)),
    ),
    # Heads.
    Bend("no role", (chunk(content={"parts": [text("Hello")]}), STOP), HELLO),
    Bend(
        "role of another API",
        (chunk(content={"role": "assistant", "parts": [text("Hello")]}), STOP),
        HELLO,
    ),
    Bend(
        "no index",
        (
            chunk(text("Hel"), index=...),
            chunk(text("lo"), index=...),
            last(text(""), index=...),
        ),
        HELLO,
    ),
    Bend("null index", (chunk(text("Hello"), index=None), STOP), HELLO),
    Bend(
        "no ids",
        (
            bare(
                candidates=[candidate(text("Hello"))], responseId=..., modelVersion=...
            ),
            STOP,
        ),
        HELLO,
    ),
    Bend(
        "ids that are numbers",
        (
            bare(
                candidates=[candidate(text("Hello"))], responseId=7, modelVersion=None
            ),
            STOP,
        ),
        HELLO,
    ),
    Bend(
        "a candidate that is no list",
        (bare(candidates=candidate(text("Hello"))), STOP),
        HELLO,
    ),
    Bend(
        "parts that are no list",
        (chunk(content={"role": "model", "parts": text("Hello")}), STOP),
        HELLO,
    ),
    Bend(
        "snake case",
        tuple(
            f.replace(b"finishReason", b"finish_reason")
            .replace(b"usageMetadata", b"usage_metadata")
            .replace(b"TokenCount", b"_token_count")
            .replace(b"cachedContent_", b"cached_content_")
            for f in ending(STOP)
        ),
        HELLO,
    ),
    # Prompts that are blocked.
    Bend(
        "a blocked prompt",
        (bare(promptFeedback={"blockReason": "SAFETY"}, usageMetadata=COUNTS),),
        BLOCKED,
    ),
    Bend(
        "a blocked prompt, usage after it",
        (
            bare(
                promptFeedback={"blockReason": "PROHIBITED_CONTENT"}, usageMetadata=...
            ),
            usage(),
        ),
        BLOCKED,
    ),
    Bend(
        "a prompt blocked in the middle",
        ending(bare(promptFeedback={"blockReason": "SAFETY"}, usageMetadata=COUNTS)),
        UNSAFE,
    ),
    # Errors.
    Bend("error", ending(event({"error": BUSY})), BUSY_BREAK),
    Bend("error at once", (event({"error": BUSY}),), Breaks(words="all are busy")),
    Bend("error in a list", ending(event([{"error": BUSY}])), BUSY_BREAK),
    Bend(
        "error without a code",
        ending(event({"error": {"message": "all are busy"}})),
        BUSY_BREAK,
    ),
    Bend(
        "error with its code as text",
        ending(event({"error": {**BUSY, "code": "503"}})),
        BUSY_BREAK,
    ),
    Bend(
        "error that the event line tells",
        ending(b"event: error\n" + event({"error": BUSY})),
        BUSY_BREAK,
    ),
    Bend(
        "error beside candidates", ending(bare(candidates=[], error=BUSY)), BUSY_BREAK
    ),
    Bend("error after the finish", ending(STOP, event({"error": BUSY})), BUSY_BREAK),
)
