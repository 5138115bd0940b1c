"""The list of models as this API prints it."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

from cliproxy_core.base.jsonval import JsonObject
from cliproxy_core.ir.models import ModelCard

__all__ = ["emit_models"]


def emit_models(models: Sequence[ModelCard]) -> JsonObject:
    """One page with everything on it, sorted by name."""
    cards = sorted(models, key=lambda card: card.id)
    return {
        "data": [_model(card) for card in cards],
        "has_more": False,
        "first_id": cards[0].id if cards else None,
        "last_id": cards[-1].id if cards else None,
    }


def _model(card: ModelCard) -> JsonObject:
    created = datetime.datetime.fromtimestamp(card.created, datetime.UTC)
    return {
        "type": "model",
        "id": card.id,
        "display_name": card.id,
        "created_at": created.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "owned_by": card.owner,
    }
