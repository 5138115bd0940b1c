"""The list of models as this API prints it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from cliproxy_core.base.jsonval import Json, JsonObject
from cliproxy_core.ir.models import ModelCard

__all__ = ["emit_models"]

_PREFIX: Final = "models/"
_METHODS: Final[list[Json]] = [
    "generateContent",
    "streamGenerateContent",
    "countTokens",
]


def emit_models(models: Sequence[ModelCard]) -> JsonObject:
    """One page with everything on it."""
    return {"models": [_model(card) for card in models]}


def _model(card: ModelCard) -> JsonObject:
    return {
        "name": _PREFIX + card.id.removeprefix(_PREFIX),
        "displayName": card.id,
        "description": card.id,
        "supportedGenerationMethods": _METHODS,
    }
