"""Stray properties go where they belong, and nothing else moves."""

# ruff: noqa: E501  (a row of a table is one line)

from __future__ import annotations

import pytest

from cliproxy_core.base.jsonval import Json, JsonObject
from cliproxy_core.ir.schema_repair import asks_for_a_request, promoted, repaired

S: JsonObject = {"type": "string"}

# fmt: off
REPAIRS: list[tuple[JsonObject, JsonObject]] = [
    ({"a": S},                                 {"type": "object", "properties": {"a": S}}),
    ({"a": S, "description": "d"},             {"description": "d", "type": "object", "properties": {"a": S}}),
    ({"a": S, "type": None},                   {"type": "object", "properties": {"a": S}}),
    ({"type": S},                              {"type": "object", "properties": {"type": S}}),
    ({"a": S, "type": ["null", "object"]},     {"type": ["null", "object"], "properties": {"a": S}}),
    ({"properties": {"b": S}, "a": S},         {"type": "object", "properties": {"b": S, "a": S}}),
    ({"properties": {"a": S}, "a": {}},        {"type": "object", "properties": {"a": S}}),
    ({"properties": [], "a": S},               {"properties": {"a": S}, "type": "object"}),
    ({"pattern": S, "$ref": S, "enum": S},     {"type": "object", "properties": {"pattern": S, "$ref": S, "enum": S}}),
]
LEFT: list[JsonObject] = [
    {},
    {"a": 1, "b": [S], "title": "t"},
    {"a": S, "type": "string"},
    {"a": S, "type": ["string", "null"]},
    {"x-a": S, "items": S, "not": S, "default": {"theme": "dark"}, "$defs": {"a": S}},
]
PROMOTIONS: list[tuple[JsonObject, Json, Json]] = [
    ({"a": S},                                            None,        None),
    ({"a": S},                                            ["a"],       ["a"]),
    ({"b": {"required": True}, "a": {"required": True}},  None,        ["a", "b"]),
    ({"b": {"required": True}, "a": {"required": True}},  ["c", "b"],  ["c", "b", "a"]),
    ({"a": {"required": False}, "b": True},               None,        None),
    ({"a": {"required": True}},                           "x",         ["a"]),
]
# fmt: on


@pytest.mark.parametrize(("before", "after"), REPAIRS)
def test_stray_properties(before: JsonObject, after: JsonObject) -> None:
    out = repaired(before)
    assert out == after
    assert repaired(out) is out


@pytest.mark.parametrize("node", LEFT)
def test_what_is_right_is_left_alone(node: JsonObject) -> None:
    assert repaired(node) is node


@pytest.mark.parametrize(("properties", "required", "after"), PROMOTIONS)
def test_promotion(properties: JsonObject, required: Json, after: Json) -> None:
    assert promoted(properties, required) == after


@pytest.mark.parametrize(
    ("document", "is_one"),
    [
        ({"functionDeclarations": []}, True),
        ({"request": {"tools": [1]}}, True),
        ({"request": [], "tools": {"type": "string"}}, False),
        ({"type": "object"}, False),
    ],
)
def test_requests(document: JsonObject, is_one: bool) -> None:
    assert asks_for_a_request(document) == is_one
