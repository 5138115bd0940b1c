"""JSON pointers within a schema lead to schemas, or nowhere."""

from __future__ import annotations

import pytest

from cliproxy_core.base.jsonval import JsonObject
from cliproxy_core.ir.schema_refs import name_of, target

ROOT: JsonObject = {
    "$defs": {
        "A": {"n": 1},
        "a/b": {"n": 2},
        "c~d": {"n": 3},
        "e[f]": {"n": 4},
        "": {"n": 5},
        "text": "x",
    },
    "anyOf": [{"n": 6}, 7],
}

# fmt: off
TARGETS: list[tuple[str, int | None]] = [
    ("#/$defs/A",                     1),
    ("#/$defs/a~1b",                  2),
    ("#/$defs/c~0d",                  3),
    ("#/%24defs/e%5Bf%5D",            4),
    ("#/$defs/",                      5),
    ("#/anyOf/0",                     6),
    ("#/anyOf/1",                     None),
    ("#/anyOf/2",                     None),
    ("#/anyOf/-1",                    None),
    ("#/anyOf/" + "9" * 5000,         None),
    ("#/anyOf/²",                     None),
    ("#/$defs/text",                  None),
    ("#/$defs/text/x",                None),
    ("#/$defs/none",                  None),
    ("#A",                            None),
    ("other.json#/$defs/A",           None),
    ("",                              None),
]
NAMES = [
    ("#/$defs/User",   "User"),
    ("#",              "#"),
    ("http://x/y/",    "http://x/y/"),
    ("User",           "User"),
]
# fmt: on


@pytest.mark.parametrize(("reference", "number"), TARGETS)
def test_targets(reference: str, number: int | None) -> None:
    found = target(ROOT, reference)
    assert (found and found["n"]) == number


def test_the_whole_schema() -> None:
    assert target(ROOT, "#") is ROOT


@pytest.mark.parametrize(("reference", "name"), NAMES)
def test_names(reference: str, name: str) -> None:
    assert name_of(reference) == name
