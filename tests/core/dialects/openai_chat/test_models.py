"""The model list: four keys for each model."""

from __future__ import annotations

from cliproxy_core.dialects.openai_chat import emit_models
from cliproxy_core.ir.models import ModelCard


def test_the_list() -> None:
    assert emit_models([ModelCard("m", 7, "us")]) == {
        "object": "list",
        "data": [{"id": "m", "object": "model", "created": 7, "owned_by": "us"}],
    }
    assert emit_models([])["data"] == []
