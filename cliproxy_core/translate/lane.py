"""Which way a request takes: untouched, or through the neutral form."""

from __future__ import annotations

import enum
from typing import Final

__all__ = ["LANES", "Lane", "lane_of"]


class Lane(enum.Enum):
    """How a payload crosses."""

    NATIVE = "native"
    TRANSLATED = "translated"


# fmt: off
LANES: Final = {
    # downstream        upstream
    ("openai_chat",     "openai_chat"):     Lane.NATIVE,
    ("openai_chat",     "claude_messages"): Lane.TRANSLATED,
    ("claude_messages", "openai_chat"):     Lane.TRANSLATED,
    ("claude_messages", "claude_messages"): Lane.NATIVE,
}
# fmt: on


def lane_of(downstream: str, upstream: str) -> Lane:
    """The lane between two dialects, by name."""
    return LANES[downstream, upstream]
