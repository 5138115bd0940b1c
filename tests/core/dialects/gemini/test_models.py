"""The list of models in Google's shape."""

from __future__ import annotations

from typing import Any

from cliproxy_core.dialects.gemini.models import emit_models
from cliproxy_core.ir.models import ModelCard


def test_the_list() -> None:
    cards = [ModelCard("gemini-x", 1, "google"), ModelCard("models/y", 1, "google")]
    listed: Any = emit_models(cards)["models"]
    first, second = listed
    assert first == {
        "name": "models/gemini-x",
        "displayName": "gemini-x",
        "description": "gemini-x",
        "supportedGenerationMethods": [
            "generateContent",
            "streamGenerateContent",
            "countTokens",
        ],
    }
    assert second["name"] == "models/y"


def test_no_models() -> None:
    assert emit_models([]) == {"models": []}
