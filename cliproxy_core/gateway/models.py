"""What can be asked for, as the caller's dialect lists it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from cliproxy_core.base.jsonval import Json, JsonObject
from cliproxy_core.dialects.claude_messages.models import emit_models as claude_list
from cliproxy_core.dialects.gemini.models import emit_models as gemini_list
from cliproxy_core.dialects.openai_chat.models import emit_models as chat_list
from cliproxy_core.dialects.openai_responses.models import emit_models as responses_list
from cliproxy_core.ir.models import ModelCard

__all__ = ["list_models", "show_model"]

_OWNER: Final = "cliproxy"

# How a list is written, and under which name its entries stand there.
_LISTS: Final[Mapping[str, tuple[Callable[[Sequence[ModelCard]], JsonObject], str]]] = {
    "openai_chat": (chat_list, "data"),
    "openai_responses": (responses_list, "data"),
    "claude_messages": (claude_list, "data"),
    "gemini": (gemini_list, "models"),
}


def list_models(names: Sequence[str], dialect: str) -> JsonObject:
    """Every model, in one page."""
    emit, _ = _LISTS[dialect]
    return emit([ModelCard(id=name, created=0, owner=_OWNER) for name in names])


def show_model(name: str, names: Sequence[str], dialect: str) -> Json:
    """The entry of one model, if it is listed."""
    if name not in names:
        return None
    entries = list_models([name], dialect)[_LISTS[dialect][1]]
    return entries[0] if isinstance(entries, list) else None
