"""The legal streams of Gemini, and the steps that a chunk takes.

    (text | thought | call | media | native)* finish        for each candidate
    blocked                                                  instead of all that

A stream is a sequence of whole responses; the parts of each are more of the answer. A
candidate's finish reason stands in its last chunk, and nothing says that the stream is
over: it is when every candidate has finished, or when the prompt was blocked. A chunk
of no candidate (token counts, feedback that blocks nothing) may stand before that.
Empty words take no step, so that the last chunk has a part to carry: the SDKs' chats
forget a turn of which any chunk has none.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import Final

from cliproxy_core.base.jsonval import Json, JsonObject
from cliproxy_core.ir.grammar import Grammar, Step

__all__ = ["GRAMMAR", "NAME", "Phase", "block_reason", "classify", "symbol_of"]

NAME: Final = "gemini"


class Phase(enum.Enum):
    """Where a candidate is."""

    START = "before the answer"
    BODY = "in the answer"
    DONE = "after the finish reason"


_CONTENT: Final = ("text", "thought", "call", "media", "native")

GRAMMAR: Final = Grammar(
    dialect=NAME,
    start=Phase.START,
    end=Phase.DONE,
    table={
        **{(Phase.START, symbol): Phase.BODY for symbol in _CONTENT},
        **{(Phase.BODY, symbol): Phase.BODY for symbol in _CONTENT},
        (Phase.START, "finish"): Phase.DONE,
        (Phase.BODY, "finish"): Phase.DONE,
        (Phase.START, "blocked"): Phase.DONE,
    },
    anywhere=frozenset({"meta"}),
)

# The field that says what a part is, and its symbol; text comes after all of them.
_KINDS: Final[Mapping[str, str]] = {
    "functionCall": "call",
    "inlineData": "media",
    "fileData": "media",
}

_META: Final = (Step("meta"),)
_BLOCKED: Final = (Step("blocked"),)
_ERROR: Final = (Step("error"),)
_ONE: Final = {symbol: (Step(symbol),) for symbol in (*_CONTENT, "finish")}
"""What nearly every chunk takes: one step of the first candidate."""


def classify(payload: JsonObject | None) -> tuple[Step, ...]:
    """The steps that a payload takes. None is the end, which is nothing on the wire."""
    if payload is None:
        return ()
    if payload.get("error") is not None:
        return _ERROR
    candidates = payload.get("candidates")
    if not isinstance(candidates, list) or not candidates:
        return _META if block_reason(payload) is None else _BLOCKED
    steps: list[Step] = []
    for candidate in candidates:
        if isinstance(candidate, dict):
            _classify_candidate(candidate, steps)
    if len(steps) == 1 and steps[0].lane == 0:
        return _ONE[steps[0].symbol]
    return tuple(steps)


def block_reason(payload: JsonObject) -> str | None:
    """Why the prompt was refused, if it was."""
    feedback = payload.get("promptFeedback")
    word = feedback.get("blockReason") if isinstance(feedback, dict) else None
    return word if isinstance(word, str) and word else None


def _classify_candidate(candidate: JsonObject, steps: list[Step]) -> None:
    index = candidate.get("index")
    lane = index if isinstance(index, int) else 0
    content = candidate.get("content")
    parts = content.get("parts") if isinstance(content, dict) else None
    for part in parts if isinstance(parts, list) else ():
        symbol = symbol_of(part)
        if symbol is not None:
            steps.append(Step(symbol, -1, lane))
    if candidate.get("finishReason") is not None:
        steps.append(Step("finish", -1, lane))


def symbol_of(part: Json) -> str | None:
    """The symbol of a part, if it takes a step."""
    if not isinstance(part, dict):
        return None
    for field, symbol in _KINDS.items():
        if field in part:
            return symbol
    if "text" not in part:
        return "native"
    if not part["text"] and "thoughtSignature" not in part:
        return None
    return "thought" if part.get("thought") else "text"
