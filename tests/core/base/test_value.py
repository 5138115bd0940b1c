"""Values of the hot path: equal by content, hashable, slotted."""

from __future__ import annotations

import attrs
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


@value(kw_only=True)
class Login:
    """Somebody, and what nobody may see."""

    name: str
    secret: str = attrs.field(repr=False)
    seen: int = attrs.field(default=0, eq=False)


def test_a_value_of_named_fields() -> None:
    ann = Login(name="ann", secret="s")
    assert repr(ann) == "Login(name='ann', seen=0)"
    assert ann != Login(name="ann", secret="t")
    assert ann == Login(name="ann", secret="s", seen=1)
    assert hash(ann) == hash(Login(name="ann", secret="s", seen=1))


def test_values_of_two_classes_differ() -> None:
    others: list[object] = [Login(name="ann", secret="s"), (1, "r")]
    assert Pair(1) not in others
