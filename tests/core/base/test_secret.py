"""A secret shows itself to nobody who does not ask by name."""

from __future__ import annotations

import attrs
import pytest

from cliproxy_core.base.secret import Secret

CANARY = "sk-canary"


@attrs.frozen
class Holder:
    key: Secret


@pytest.mark.parametrize("show", [repr, str, "{}".format, "{!r}".format])
def test_nothing_shows(show: object) -> None:
    assert callable(show)
    for value in (Secret(CANARY), Holder(Secret(CANARY)), [Secret(CANARY)]):
        assert CANARY not in show(value)


def test_it_can_be_revealed_and_compared() -> None:
    assert Secret(CANARY).reveal() == CANARY
    assert Secret(CANARY) == Secret(CANARY)
    assert Secret(CANARY) != Secret("other")
    assert len({Secret("a"), Secret("a"), Secret("b")}) == 2


def test_empty_is_false_and_looks_empty() -> None:
    assert not Secret("")
    assert Secret("x")
    assert repr(Secret("")) != repr(Secret("x"))
