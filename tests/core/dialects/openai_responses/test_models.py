"""The model list."""

from __future__ import annotations

from cliproxy_core.dialects.openai_responses.models import emit_models
from cliproxy_core.ir.models import ModelCard


def test_the_list() -> None:
    assert emit_models([ModelCard("m", 7, "us")]) == {
        "object": "list",
        "data": [{"id": "m", "object": "model", "created": 7, "owned_by": "us"}],
    }
