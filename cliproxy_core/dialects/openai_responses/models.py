"""The model list as this API prints it."""

from __future__ import annotations

from collections.abc import Sequence

from cliproxy_core.base.jsonval import JsonObject
from cliproxy_core.ir.models import ModelCard

__all__ = ["emit_models"]


def emit_models(models: Sequence[ModelCard]) -> JsonObject:
    """The answer to `GET /v1/models`: these four keys and no others."""
    return {
        "object": "list",
        "data": [
            {
                "id": model.id,
                "object": "model",
                "created": model.created,
                "owned_by": model.owner,
            }
            for model in models
        ],
    }
