"""Randomness, which the core may not draw itself."""

from __future__ import annotations

import secrets

__all__ = ["seed"]

# BLAKE2b takes keys of up to 64 bytes; 32 are beyond guessing.
SEED_BYTES = 32


def seed() -> bytes:
    """What all names of one run are drawn from."""
    return secrets.token_bytes(SEED_BYTES)
