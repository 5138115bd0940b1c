"""Every bend, by the upstream that bends."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from .bend import Bend
from .chat_around import CHAT_AROUND
from .chat_calls import CHAT_CALLS
from .chat_framing import CHAT_FRAMING
from .chat_more import CHAT_MORE
from .chat_reasoning import CHAT_REASONING
from .claude_around import CLAUDE_AROUND
from .claude_blocks import CLAUDE_BLOCKS
from .claude_calls import CLAUDE_CALLS
from .claude_framing import CLAUDE_FRAMING
from .claude_more import CLAUDE_MORE
from .claude_reasoning import CLAUDE_REASONING
from .gemini_around import GEMINI_AROUND
from .gemini_framing import GEMINI_FRAMING
from .gemini_parts import GEMINI_PARTS
from .responses_around import RESPONSES_AROUND
from .responses_calls import RESPONSES_CALLS
from .responses_framing import RESPONSES_FRAMING
from .responses_items import RESPONSES_ITEMS

__all__ = ["TABLES"]

TABLES: Final[Mapping[str, tuple[Bend, ...]]] = {
    "chat": (*CHAT_AROUND, *CHAT_FRAMING, *CHAT_CALLS, *CHAT_REASONING, *CHAT_MORE),
    "claude": (
        *CLAUDE_AROUND,
        *CLAUDE_FRAMING,
        *CLAUDE_BLOCKS,
        *CLAUDE_CALLS,
        *CLAUDE_REASONING,
        *CLAUDE_MORE,
    ),
    "responses": (
        *RESPONSES_AROUND,
        *RESPONSES_FRAMING,
        *RESPONSES_ITEMS,
        *RESPONSES_CALLS,
    ),
    "gemini": (*GEMINI_AROUND, *GEMINI_FRAMING, *GEMINI_PARTS),
}
