"""One folder for each public API format; they do not know each other."""

from typing import Final

from . import claude_messages, openai_chat

__all__ = ["DIALECTS"]

DIALECTS: Final = {
    dialect.name: dialect for dialect in (openai_chat.DIALECT, claude_messages.DIALECT)
}
