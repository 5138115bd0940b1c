"""The legal streams of Chat Completions, and the steps that a chunk takes.

    role (content | reasoning | refusal | media | note | tool_start | tool_delta)*
    finish [usage] done

Each candidate walks its own lane; the usage chunk and the end mark belong to all of
them. A chunk without candidates and without usage (Azure's filter results) may stand
anywhere, and so may an empty delta, which takes no step at all.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import Final

from cliproxy_core.base.jsonval import Json, JsonObject
from cliproxy_core.ir.grammar import Grammar, Numbering, Step

__all__ = ["GRAMMAR", "NAME", "Phase", "classify"]

NAME: Final = "openai_chat"


class Phase(enum.Enum):
    """Where a candidate is."""

    START = "before the role"
    BODY = "in the answer"
    FINISHED = "after the finish reason"
    COUNTED = "after the usage"
    DONE = "after the end mark"


GRAMMAR: Final = Grammar(
    dialect=NAME,
    start=Phase.START,
    end=Phase.DONE,
    table={
        (Phase.START, "role"): Phase.BODY,
        (Phase.BODY, "content"): Phase.BODY,
        (Phase.BODY, "reasoning"): Phase.BODY,
        (Phase.BODY, "refusal"): Phase.BODY,
        (Phase.BODY, "media"): Phase.BODY,
        (Phase.BODY, "note"): Phase.BODY,
        (Phase.BODY, "tool_start"): Phase.BODY,
        (Phase.BODY, "tool_delta"): Phase.BODY,
        (Phase.BODY, "finish"): Phase.FINISHED,
        (Phase.FINISHED, "usage"): Phase.COUNTED,
        (Phase.FINISHED, "done"): Phase.DONE,
        (Phase.COUNTED, "done"): Phase.DONE,
    },
    anywhere=frozenset({"meta"}),
    shared=frozenset({"usage", "done"}),
    opens=frozenset({"tool_start"}),
    inside=frozenset({"tool_delta"}),
    numbering=Numbering.DENSE,
)

# Keys of a delta and the symbol for what is in them. `reasoning` is what OpenRouter and
# newer vLLM call what DeepSeek called `reasoning_content`.
_TEXTS: Final[Mapping[str, str]] = {
    "reasoning_content": "reasoning",
    "reasoning": "reasoning",
    "reasoning_details": "reasoning",
    "content": "content",
    "refusal": "refusal",
    # Pictures (OpenRouter) and sound beside the words, and sources of the words.
    "images": "media",
    "audio": "media",
    "annotations": "note",
}


def classify(payload: JsonObject | None) -> tuple[Step, ...]:
    """The steps that a payload takes; None is the bare end mark."""
    if payload is None:
        return (Step("done"),)
    if payload.get("error") is not None:
        return (Step("error"),)
    choices = payload.get("choices")
    if not isinstance(choices, list) or not choices:
        return (Step("meta" if payload.get("usage") is None else "usage"),)
    steps: list[Step] = []
    for choice in choices:
        if isinstance(choice, dict):
            _classify_choice(choice, steps)
    return tuple(steps)


def _classify_choice(choice: JsonObject, steps: list[Step]) -> None:
    index = choice.get("index")
    lane = index if isinstance(index, int) else 0
    delta = choice.get("delta")
    if isinstance(delta, dict):
        if delta.get("role"):
            steps.append(Step("role", -1, lane))
        steps += [Step(s, -1, lane) for key, s in _TEXTS.items() if delta.get(key)]
        calls = delta.get("tool_calls")
        for call in calls if isinstance(calls, list) else ():
            _classify_call(call, lane, steps)
    if choice.get("finish_reason") is not None:
        steps.append(Step("finish", -1, lane))


def _classify_call(call: Json, lane: int, steps: list[Step]) -> None:
    if not isinstance(call, dict):
        return
    index = call.get("index")
    number = index if isinstance(index, int) else -1
    key, text = ("custom", "input") if "custom" in call else ("function", "arguments")
    function = call.get(key)
    named = isinstance(function, dict) and function.get("name")
    if call.get("id") or named:
        steps.append(Step("tool_start", number, lane))
    if isinstance(function, dict) and function.get(text):
        steps.append(Step("tool_delta", number, lane))
