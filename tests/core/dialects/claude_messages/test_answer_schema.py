"""Schemas of answers as this API takes them."""

from __future__ import annotations

from typing import Any

import pytest

from cliproxy_core.dialects.claude_messages.answer_schema import closed

TEXT: Any = {"type": "string"}
OPEN: Any = {"type": "object", "properties": {"a": TEXT}}
CLOSED: Any = {**OPEN, "additionalProperties": False}
MAP: Any = {"type": "object", "additionalProperties": TEXT}

# fmt: off
CASES: list[tuple[Any, Any]] = [
    (OPEN,                                     CLOSED),
    ({"properties": {}},  {"properties": {}, "additionalProperties": False}),
    ({"type": "array", "items": OPEN},         {"type": "array", "items": CLOSED}),
    ({"anyOf": [OPEN, TEXT, True]},            {"anyOf": [CLOSED, TEXT, True]}),
    ({"$ref": "#/$defs/x", "$defs": {"x": OPEN}},
     {"$ref": "#/$defs/x", "$defs": {"x": CLOSED}}),
    ({**CLOSED, "properties": {"a": OPEN}},    {**CLOSED, "properties": {"a": CLOSED}}),
]
# fmt: on


@pytest.mark.parametrize(("schema", "written"), CASES)
def test_objects_are_closed(schema: Any, written: Any) -> None:
    before = str(schema)
    assert closed(schema) == written
    assert str(schema) == before


@pytest.mark.parametrize("schema", [CLOSED, MAP, TEXT, {}, {"properties": 1, **MAP}])
def test_what_needs_no_change_is_the_same(schema: Any) -> None:
    assert closed(schema) is schema


def test_depth_has_a_limit() -> None:
    schema: Any = OPEN
    for _ in range(500):
        schema = {"type": "array", "items": schema}
    assert closed(schema) is schema
