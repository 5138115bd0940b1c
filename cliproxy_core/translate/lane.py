"""Which way a request takes: untouched, or through the neutral form."""

from __future__ import annotations

import enum
from typing import Final

__all__ = ["LANES", "Lane", "lane_of"]


class Lane(enum.Enum):
    """How a payload crosses."""

    NATIVE = "native"
    TRANSLATED = "translated"


_CHAT: Final = "openai_chat"
_RESPONSES: Final = "openai_responses"
_CLAUDE: Final = "claude_messages"
_GEMINI: Final = "gemini"

# fmt: off
LANES: Final = {
    # downstream  upstream
    (_CHAT,       _CHAT):      Lane.NATIVE,
    (_CHAT,       _RESPONSES): Lane.TRANSLATED,
    (_CHAT,       _CLAUDE):    Lane.TRANSLATED,
    (_CHAT,       _GEMINI):    Lane.TRANSLATED,
    (_RESPONSES,  _CHAT):      Lane.TRANSLATED,
    (_RESPONSES,  _RESPONSES): Lane.NATIVE,
    (_RESPONSES,  _CLAUDE):    Lane.TRANSLATED,
    (_RESPONSES,  _GEMINI):    Lane.TRANSLATED,
    (_CLAUDE,     _CHAT):      Lane.TRANSLATED,
    (_CLAUDE,     _RESPONSES): Lane.TRANSLATED,
    (_CLAUDE,     _CLAUDE):    Lane.NATIVE,
    (_CLAUDE,     _GEMINI):    Lane.TRANSLATED,
    (_GEMINI,     _CHAT):      Lane.TRANSLATED,
    (_GEMINI,     _RESPONSES): Lane.TRANSLATED,
    (_GEMINI,     _CLAUDE):    Lane.TRANSLATED,
    (_GEMINI,     _GEMINI):    Lane.NATIVE,
}
# fmt: on


def lane_of(downstream: str, upstream: str) -> Lane:
    """The lane between two dialects, by name."""
    return LANES[downstream, upstream]
