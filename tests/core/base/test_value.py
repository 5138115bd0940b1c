"""Values of the hot path: equal by content, hashable, slotted."""

from __future__ import annotations

import pytest

from cliproxy_core.base.value import value


@value
class Pair:
    """Two of something."""

    left: int
    right: str = "r"


def test_it_is_a_value() -> None:
    assert Pair(1) == Pair(1, "r")
    assert Pair(1) != Pair(2)
    assert hash(Pair(1)) == hash(Pair(1, "r"))
    assert repr(Pair(1)) == "Pair(left=1, right='r')"


def test_it_takes_no_new_fields() -> None:
    with pytest.raises(AttributeError):
        Pair(1).other = 2  # type: ignore[attr-defined]
