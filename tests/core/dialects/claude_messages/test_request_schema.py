"""Schemas of tools: an object at the root."""

from __future__ import annotations

from typing import Any

import pytest

from cliproxy_core.dialects.claude_messages.request_schema import emit_schema
from cliproxy_core.ir.request import Dropped

A: Any = {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]}
B: Any = {"type": "object", "properties": {"b": {"anyOf": [{}]}}, "required": ["b"]}
AB: Any = {**A["properties"], **B["properties"]}
NESTED: Any = {"type": "object", "properties": {"x": {"oneOf": [A, B]}}}

# fmt: off
CASES: list[tuple[Any, Any, list[str]]] = [
    (None,                      {"type": "object", "properties": {}},       []),
    ({},                        {"type": "object", "properties": {}},       []),
    (A,                         A,                                          []),
    (NESTED,                    NESTED,                                     []),
    ({"properties": {}},        {"type": "object", "properties": {}},       []),
    ({"type": "string"},        {"type": "object", "properties": {}},       ["type"]),
    ({"type": None},            {"type": "object", "properties": {}},       ["type"]),
    ({"anyOf": [A, B]},         {"type": "object", "properties": AB},       ["anyOf"]),
    ({"oneOf": [A, B]},         {"type": "object", "properties": AB},       ["oneOf"]),
    ({"allOf": [A, B, A]},
     {"type": "object", "properties": AB, "required": ["a", "b"]},          ["allOf"]),
    ({**A, "anyOf": [{"required": ["a"]}, 1]},                           A, ["anyOf"]),
    ({"allOf": 1},              {"type": "object", "properties": {}},       ["allOf"]),
]
# fmt: on


@pytest.mark.parametrize(("schema", "expected", "merged"), CASES)
def test_schemas(schema: Any, expected: Any, merged: list[str]) -> None:
    dropped: list[Dropped] = []
    assert emit_schema(schema, ".tools[0]", dropped) == expected
    paths = [f".tools[0].input_schema.{key}" for key in merged]
    assert [each.path for each in dropped] == paths


def test_the_callers_schema_is_not_touched() -> None:
    schema: Any = {"anyOf": [A, B]}
    emit_schema(schema, "", [])
    assert schema == {"anyOf": [A, B]}
