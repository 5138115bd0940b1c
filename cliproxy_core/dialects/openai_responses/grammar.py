"""The legal streams of the Responses API, and the step that an event takes.

    response.created (response.queued | response.in_progress | other | item)*
    response.completed | response.incomplete | response.failed | error [response.failed]

    item    := response.output_item.added  body  response.output_item.done
    body    := (content | summary | reasoning text)*  [arguments]
    content := content_part.added  delta* annotation* done?  content_part.done
    summary := reasoning_summary_part.added  delta* done?  reasoning_summary_part.done
    arguments := (arguments | input).delta*  [(arguments | input).done]

The response itself walks lane 0. Each item walks a lane of its own, its `output_index`
plus one, so that several may be open; they begin in the order of their index, without
gaps. Symbols are the events' types; the number of a content part is its
`content_index`, which counts from 0 without gaps too. `completed` and `incomplete` need
every item done. `response.failed` may come at any time, and so may `error`, which only
`response.failed` may follow. An event of any other type (progress of built-in tools,
audio, types of tomorrow) takes the step `other` of lane 0: it may stand anywhere in the
response and changes nothing.
"""

from __future__ import annotations

import enum
from functools import lru_cache
from typing import Final

from cliproxy_core.base.jsonval import JsonObject
from cliproxy_core.ir.grammar import Grammar, Numbering, Step

__all__ = ["CALL_TEXTS", "GRAMMAR", "NAME", "OTHER", "Phase", "classify"]

NAME: Final = "openai_responses"

OTHER: Final = "other"
"""The symbol of every event that this table does not name."""

CALL_TEXTS: Final = (
    "response.function_call_arguments",
    "response.custom_tool_call_input",
)
"""What the types of the events with a call's arguments begin with."""

# More distinct steps than a stream of an agent's turn has; a stream with more of them
# pays for a new tuple.
MAX_STEPS: Final = 4096


class Phase(enum.Enum):
    """Where the response is, or one of its items."""

    START = "before the response"
    OPEN = "in the response"
    NEW = "before the item"
    ITEM = "in an item"
    PART = "in a content part"
    SAID = "after the text of a content part"
    SUMMARY = "in a summary part"
    SUMMED = "after the text of a summary part"
    CALLED = "after the arguments"
    DONE = "after the item"
    END = "after the end"


# fmt: off
GRAMMAR: Final = Grammar(
    dialect=NAME,
    start=Phase.START,
    end=Phase.END,
    table={
        (Phase.START,   "response.created"):                      Phase.OPEN,
        (Phase.OPEN,    "response.queued"):                       Phase.OPEN,
        (Phase.OPEN,    "response.in_progress"):                  Phase.OPEN,
        (Phase.OPEN,    OTHER):                                   Phase.OPEN,
        (Phase.OPEN,    "response.completed"):                    Phase.END,
        (Phase.OPEN,    "response.incomplete"):                   Phase.END,

        (Phase.NEW,     "response.output_item.added"):            Phase.ITEM,
        (Phase.ITEM,    "response.content_part.added"):           Phase.PART,
        (Phase.PART,    "response.output_text.delta"):            Phase.PART,
        (Phase.PART,    "response.output_text.annotation.added"): Phase.PART,
        (Phase.PART,    "response.refusal.delta"):                Phase.PART,
        (Phase.PART,    "response.reasoning_text.delta"):         Phase.PART,
        (Phase.PART,    "response.output_text.done"):             Phase.SAID,
        (Phase.PART,    "response.refusal.done"):                 Phase.SAID,
        (Phase.PART,    "response.reasoning_text.done"):          Phase.SAID,
        (Phase.SAID,    "response.output_text.annotation.added"): Phase.SAID,
        (Phase.PART,    "response.content_part.done"):            Phase.ITEM,
        (Phase.SAID,    "response.content_part.done"):            Phase.ITEM,
        # Reasoning comes with and without a content part around it.
        (Phase.ITEM,    "response.reasoning_text.delta"):         Phase.ITEM,
        (Phase.ITEM,    "response.reasoning_text.done"):          Phase.ITEM,
        (Phase.ITEM,    "response.reasoning_summary_part.added"): Phase.SUMMARY,
        (Phase.SUMMARY, "response.reasoning_summary_text.delta"): Phase.SUMMARY,
        (Phase.SUMMARY, "response.reasoning_summary_text.done"):  Phase.SUMMED,
        (Phase.SUMMARY, "response.reasoning_summary_part.done"):  Phase.ITEM,
        (Phase.SUMMED,  "response.reasoning_summary_part.done"):  Phase.ITEM,
        (Phase.ITEM,    "response.function_call_arguments.delta"): Phase.ITEM,
        (Phase.ITEM,    "response.function_call_arguments.done"): Phase.CALLED,
        (Phase.ITEM,    "response.custom_tool_call_input.delta"): Phase.ITEM,
        (Phase.ITEM,    "response.custom_tool_call_input.done"):  Phase.CALLED,
        # A call that was cut is done without its arguments ever being so.
        (Phase.ITEM,    "response.output_item.done"):             Phase.DONE,
        (Phase.CALLED,  "response.output_item.done"):             Phase.DONE,
        (Phase.DONE,    "response.completed"):                    Phase.END,
        (Phase.DONE,    "response.incomplete"):                   Phase.END,
    },
    fatal=frozenset({"error", "response.failed"}),
    epilogue=frozenset({("error", "response.failed")}),
    shared=frozenset({"response.completed", "response.incomplete"}),
    branches={Phase.OPEN: Phase.NEW},
    opens=frozenset({"response.content_part.added"}),
    inside=frozenset({
        "response.output_text.delta",
        "response.output_text.done",
        "response.output_text.annotation.added",
        "response.refusal.delta",
        "response.refusal.done",
        "response.content_part.done",
    }),
    numbering=Numbering.SEQUENTIAL,
)
# fmt: on

_NUMBERED: Final = GRAMMAR.opens | GRAMMAR.inside
_WHOLE: Final = frozenset(
    symbol for phase, symbol in GRAMMAR.table if phase in (Phase.START, Phase.OPEN)
)
_PLAIN: Final = (_WHOLE | GRAMMAR.fatal) - {OTHER}
_OF_ITEMS: Final = frozenset(symbol for _, symbol in GRAMMAR.table) - _WHOLE

# What an event without a usable index counts as: never open, never next.
_NO_INDEX: Final = 1 << 62


def classify(payload: JsonObject | None) -> tuple[Step, ...]:
    """The step that a payload takes. A bare end mark is no part of this dialect."""
    if payload is None:
        return (Step("[DONE]"),)
    kind = payload.get("type")
    if not isinstance(kind, str):
        return _steps(OTHER, -1, 0)
    if kind in _OF_ITEMS:
        number = _index(payload, "content_index") if kind in _NUMBERED else -1
        return _steps(kind, number, _index(payload, "output_index") + 1)
    return _steps(kind if kind in _PLAIN else OTHER, -1, 0)


@lru_cache(MAX_STEPS)
def _steps(symbol: str, number: int, lane: int) -> tuple[Step, ...]:
    return (Step(symbol, number, lane),)


def _index(payload: JsonObject, key: str) -> int:
    index = payload.get(key)
    return index if type(index) is int and index >= 0 else _NO_INDEX
