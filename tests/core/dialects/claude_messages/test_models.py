"""The list of models, as the vendor's client reads it."""

from __future__ import annotations

from anthropic.types import ModelInfo

from cliproxy_core.dialects.claude_messages.models import emit_models
from cliproxy_core.ir.models import ModelCard


def test_a_page_sorted_by_name() -> None:
    cards = [ModelCard("gpt-x", 86400, "openai"), ModelCard("claude-x", 0, "anthropic")]
    page = emit_models(cards)
    assert page["data"] == [
        {
            "type": "model",
            "id": "claude-x",
            "display_name": "claude-x",
            "created_at": "1970-01-01T00:00:00Z",
            "owned_by": "anthropic",
        },
        {
            "type": "model",
            "id": "gpt-x",
            "display_name": "gpt-x",
            "created_at": "1970-01-02T00:00:00Z",
            "owned_by": "openai",
        },
    ]
    assert (page["first_id"], page["last_id"]) == ("claude-x", "gpt-x")
    assert page["has_more"] is False
    first = ModelInfo.construct(**page["data"][0])
    assert first.id == "claude-x"


def test_an_empty_page() -> None:
    assert emit_models([]) == {
        "data": [],
        "has_more": False,
        "first_id": None,
        "last_id": None,
    }
