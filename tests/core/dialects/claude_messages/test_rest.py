"""What travels along to its own dialect."""

from __future__ import annotations

from typing import Any

import pytest

from cliproxy_core.dialects.claude_messages.rest import (
    NO_REST,
    Rest,
    extras_of,
    rest_of,
    restored,
)
from cliproxy_core.ir.request import Extras

NAME = "claude_messages"
KNOWN = frozenset({"a", "b"})

# fmt: off
CASES: list[tuple[Any, Extras]] = [
    ({},                      NO_REST),
    ({"a": 1},                NO_REST),
    ({"a": None},             Extras(NAME, {}, {"a": None})),
    ({"c": None},             Extras(NAME, {}, {"c": None})),
    ({"a": 1, "c": 0},        Extras(NAME, {"c": 0})),
    ({"b": None, "c": []},    Extras(NAME, {"c": []}, {"b": None})),
]
# fmt: on


@pytest.mark.parametrize(("holder", "extras"), CASES)
def test_the_rest_of_an_object(holder: Any, extras: Extras) -> None:
    assert extras_of(holder, KNOWN) == extras
    assert rest_of(holder, KNOWN).extras == extras
    known = {k: v for k, v in holder.items() if k in KNOWN and v is not None}
    assert restored(known, extras) == holder


def test_the_rest_of_an_object_inside() -> None:
    rest = Rest()
    rest.keep("x", {"a": 1, "b": None, "c": {"d": 1}}, KNOWN)
    rest.keep("y", {}, KNOWN)
    rest.keep("z", {"a": 1}, KNOWN)
    rest.hush("w", [])
    fields: Any = {"x": {"c": {"d": 1}}}
    silent: Any = {"x": {"b": None}, "y": {}, "w": []}
    assert rest.extras == Extras(NAME, fields, silent)


def test_what_was_written_goes_before_what_was_kept() -> None:
    extras = Extras(NAME, {"a": {"x": 0, "z": 3}, "b": 1}, {"b": None, "c": []})
    known: Any = {"a": {"x": 1}, "b": "said"}
    assert restored(known, extras) == {"a": {"x": 1, "z": 3}, "b": "said", "c": []}
    assert known == {"a": {"x": 1}, "b": "said"}
