"""The table says something about every kind of failure."""

from __future__ import annotations

import pytest

from cliproxy_core.ir.failure import Kind, Then
from cliproxy_core.pool.retry import RETRY

STOPS = {
    Kind.REQUEST,  # the same request fails with anybody
    Kind.NOT_FOUND,
    Kind.TOO_LARGE,
    Kind.UNAVAILABLE,  # there is nobody to ask
    Kind.GONE,  # there is nobody to answer
    Kind.INTERNAL,  # our own fault is the same with anybody
}


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_has_a_consequence(kind: Kind) -> None:
    assert RETRY[kind] is (Then.STOP if kind in STOPS else Then.NEXT)
