"""What every model list tells of a model."""

from __future__ import annotations

import attrs

__all__ = ["ModelCard"]


@attrs.frozen
class ModelCard:
    """One model that callers may ask for."""

    id: str
    created: int
    """Seconds since the epoch."""
    owner: str
