"""What can be asked for, as the caller's dialect lists it."""

from __future__ import annotations

from typing import Final

from cliproxy_core.base.jsonval import JsonObject
from cliproxy_core.dialects.claude_messages.models import emit_models as claude_list
from cliproxy_core.dialects.openai_chat.models import emit_models as chat_list
from cliproxy_core.ir.models import ModelCard
from cliproxy_core.wire.http import Headers, get_header

__all__ = ["list_models"]

_OWNER: Final = "cliproxy"


def list_models(names: list[str], headers: Headers) -> JsonObject:
    """Claude's shape for callers that speak it, Chat's for everybody else."""
    cards = [ModelCard(id=name, created=0, owner=_OWNER) for name in names]
    if get_header(headers, b"anthropic-version") is not None:
        return claude_list(cards)
    return chat_list(cards)
