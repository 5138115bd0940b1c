"""Claude Messages, as its vendor writes it."""

from __future__ import annotations

from typing import Any, Final

from tests.judges.answers_claude_messages import (
    PING,
    STOP,
    delta,
    message,
    pieces,
    start,
    stop,
    text,
    use,
)
from tests.judges.sample import Document

from . import scenes
from .scenes import Spoken, events, whole

__all__ = ["SPOKEN"]

USAGE: Final = {"input_tokens": 11, "output_tokens": 7}
CACHED: Final = {
    "input_tokens": 15,
    "cache_read_input_tokens": 5,
    "output_tokens": 9,
    "output_tokens_details": {"thinking_tokens": 2},
}


def opening(usage: Document = USAGE) -> Document:
    counted = {k: v for k, v in usage.items() if k != "output_tokens_details"}
    begun = message(stop_reason=None, usage={**counted, "output_tokens": 1})
    return {"type": "message_start", "message": begun}


def spoken(
    reason: str,
    *blocks: list[Document],
    content: list[Document],
    usage: Document = USAGE,
    raw: str | None = None,
) -> Spoken:
    last = {k: v for k, v in usage.items() if k.startswith("output")}
    ended = {"stop_reason": reason, "stop_sequence": None}
    end = {"type": "message_delta", "delta": ended, "usage": last}
    inside = [event for block in blocks for event in block]
    stream = events(opening(usage), PING, *inside, end, STOP, named=True)
    document = message(*content, stop_reason=reason, usage=usage)
    return Spoken(stream, whole(document, raw))


def said(words: str) -> Document:
    return {"type": "text", "text": words}


def call(index: int, name: str, *given: str) -> list[Document]:
    """A block of a call."""
    return [use(index, name), *(pieces(index, piece) for piece in given), stop(index)]


def called(index: int, name: str, given: Any) -> Document:
    return {"type": "tool_use", "id": f"toolu_{index}", "name": name, "input": given}


(F, F_TEXT), (G, G_TEXT) = scenes.TWO

SPOKEN: Final = {
    "text": spoken(
        "end_turn", text(0, "Hello, ", "wörld."), content=[said("Hello, wörld.")]
    ),
    "letters": spoken(
        "end_turn", text(0, *scenes.LETTERS), content=[said(scenes.LETTERS)]
    ),
    "thought": spoken(
        "end_turn",
        [
            start(0, type="thinking", thinking="", signature=""),
            *(delta(0, "thinking", "thinking", piece) for piece in scenes.THOUGHT),
            delta(0, "signature", "signature", scenes.PROOF),
            stop(0),
        ],
        text(1, "Yes."),
        content=[
            {
                "type": "thinking",
                "thinking": "".join(scenes.THOUGHT),
                "signature": scenes.PROOF,
            },
            said("Yes."),
        ],
    ),
    "a call": spoken(
        "tool_use",
        text(0, "Let me look."),
        call(1, "f", "", scenes.ARGUMENTS[:11], scenes.ARGUMENTS[11:]),
        content=[said("Let me look."), called(1, "f", "@raw")],
        raw=scenes.ARGUMENTS,
    ),
    # The API has one block open at a time.
    "two calls": spoken(
        "tool_use",
        call(0, F, F_TEXT[:9], F_TEXT[9:]),
        call(1, G, G_TEXT[:5], G_TEXT[5:20], G_TEXT[20:]),
        content=[
            called(0, F, {"n": 1.0, "b": True}),
            called(1, G, {"x": 12345678901234567890}),
        ],
    ),
    "no arguments": spoken("tool_use", call(0, "f", ""), content=[called(0, "f", {})]),
    "big arguments": spoken(
        "tool_use",
        call(0, "f", "", *scenes.BIG_PIECES),
        content=[called(0, "f", "@raw")],
        raw=scenes.BIG,
    ),
    "refusal": spoken(
        "refusal", text(0, *scenes.REFUSAL), content=[said("".join(scenes.REFUSAL))]
    ),
    "limit": spoken(
        "max_tokens", call(0, "f", scenes.CUT_ARGUMENTS), content=[called(0, "f", {})]
    ),
    "cached": spoken("end_turn", text(0, "Yes."), content=[said("Yes.")], usage=CACHED),
    "error": Spoken(
        events(
            opening(),
            *text(0, "Hel")[:2],
            {
                "type": "error",
                "error": {"type": "overloaded_error", "message": scenes.BUSY},
            },
            named=True,
        )
    ),
    "cut": Spoken(events(opening(), *text(0, "Hel")[:2], named=True)),
    "cut call": Spoken(
        events(opening(), *call(0, "f", scenes.CUT_ARGUMENTS)[:2], named=True)
    ),
}
