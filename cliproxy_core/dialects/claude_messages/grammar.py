"""The legal streams of the Claude Messages API.

    message_start  (content_block_start content_block_delta* content_block_stop)*
    message_delta+  message_stop

Blocks are counted from 0 without gaps and exactly one is open at a time: the vendor's
SDKs append what a start brings and address it by index. Pings and events of an unknown
kind may stand anywhere, an error ends the stream.
"""

from __future__ import annotations

import enum
from typing import Final

from cliproxy_core.base.jsonval import JsonObject
from cliproxy_core.ir.grammar import Grammar, Numbering, Step

__all__ = ["GRAMMAR", "NAME", "UNKNOWN", "Phase", "classify"]

NAME: Final = "claude_messages"

UNKNOWN: Final = "unknown"
"""The symbol of every event that this table does not name."""


class Phase(enum.Enum):
    """How far a stream has come."""

    START = "before the start"
    IDLE = "between blocks"
    BLOCK = "inside a block"
    CLOSING = "after the last block"
    END = "after the end"


# fmt: off
GRAMMAR: Final = Grammar(
    dialect=NAME,
    start=Phase.START,
    end=Phase.END,
    table={
        (Phase.START,   "message_start"):       Phase.IDLE,
        (Phase.IDLE,    "content_block_start"): Phase.BLOCK,
        (Phase.BLOCK,   "content_block_delta"): Phase.BLOCK,
        (Phase.BLOCK,   "content_block_stop"):  Phase.IDLE,
        (Phase.IDLE,    "message_delta"):       Phase.CLOSING,
        (Phase.CLOSING, "message_delta"):       Phase.CLOSING,
        (Phase.CLOSING, "message_stop"):        Phase.END,
    },
    anywhere=frozenset({"ping", UNKNOWN}),
    fatal=frozenset({"error"}),
    opens=frozenset({"content_block_start"}),
    inside=frozenset({"content_block_delta", "content_block_stop"}),
    numbering=Numbering.SEQUENTIAL,
)
# fmt: on

_NUMBERED: Final = GRAMMAR.opens | GRAMMAR.inside
_PLAIN: Final = frozenset(
    {"message_start", "message_delta", "message_stop", "ping", "error"}
)

# What a numbered event without a usable index counts as: never open, never next.
_NO_INDEX: Final = 1 << 62


def classify(payload: JsonObject | None) -> tuple[Step, ...]:
    """The step that a payload takes. A bare end mark is no part of this dialect."""
    if payload is None:
        return (Step("[DONE]"),)
    kind = payload.get("type")
    if not isinstance(kind, str):
        return (Step(UNKNOWN),)
    if kind in _NUMBERED:
        index = payload.get("index")
        if isinstance(index, bool) or not isinstance(index, int) or index < 0:
            index = _NO_INDEX
        return (Step(kind, index),)
    return (Step(kind if kind in _PLAIN else UNKNOWN),)
