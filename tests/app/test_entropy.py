"""The seed of a run."""

from __future__ import annotations

from cliproxy_app.entropy import SEED_BYTES, seed


def test_seeds_are_long_and_differ() -> None:
    assert len(seed()) == SEED_BYTES
    assert seed() != seed()
