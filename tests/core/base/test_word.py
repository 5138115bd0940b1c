"""Words are enumerations in every respect."""

from __future__ import annotations

import pickle

import pytest

from cliproxy_core.base.word import Word


class Colour(Word):
    RED = "red"
    BLUE = "blue"


def test_members_are_keys() -> None:
    table = {Colour.RED: 1, Colour.BLUE: 2}
    assert table[Colour("red")] == 1
    assert list(Colour) == [Colour.RED, Colour.BLUE]
    assert Colour.RED.__hash__.__objclass__ is object  # type: ignore[attr-defined]


def test_a_copy_is_the_member_itself() -> None:
    assert pickle.loads(pickle.dumps(Colour.RED)) is Colour.RED


def test_there_is_no_other_member() -> None:
    with pytest.raises(ValueError, match="green"):
        Colour("green")
