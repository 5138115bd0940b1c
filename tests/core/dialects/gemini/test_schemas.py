"""Schemas with types in capitals, as JSON Schema."""

from __future__ import annotations

from typing import Any

import pytest

from cliproxy_core.base.errors import DecodeError
from cliproxy_core.dialects.gemini.schemas import MAX_DEPTH, json_schema

STRING: Any = {"type": "STRING"}
WORD: Any = {"type": "string"}

# fmt: off
CASES: list[tuple[Any, Any]] = [
    ({}, {}),
    (STRING, WORD),
    ({"type": "string"}, WORD),
    ({"type": 7}, {"type": 7}),
    ({"type": "TYPE_UNSPECIFIED", "title": "t"}, {"title": "t"}),
    ({"type": "OBJECT", "properties": {"any_of": STRING, "type": STRING}},
     {"type": "object", "properties": {"any_of": WORD, "type": WORD}}),
    ({"type": "ARRAY", "items": STRING, "min_items": "2", "maxItems": 3},
     {"type": "array", "items": WORD, "minItems": 2, "maxItems": 3}),
    ({"minLength": "two"}, {"minLength": "two"}),
    ({"minLength": "9" * 5000}, {"minLength": "9" * 5000}),
    ({"any_of": [STRING, {"type": "NULL"}, 7]},
     {"anyOf": [WORD, {"type": "null"}, 7]}),
    ({"anyOf": STRING}, {"anyOf": STRING}),
    ({"type": "STRING", "nullable": True}, {"type": ["string", "null"]}),
    ({"type": "STRING", "nullable": False}, WORD),
    ({"type": "NULL", "nullable": True}, {"type": "null"}),
    ({"nullable": True, "enum": ["A"]}, {"enum": ["A"]}),
    ({"defs": {"d": STRING}, "ref": "#/defs/d"},
     {"$defs": {"d": WORD}, "$ref": "#/$defs/d"}),
    ({"ref": "#/x"}, {"$ref": "#/x"}),
    ({"ref": 7}, {"$ref": 7}),
    ({"additionalProperties": False}, {"additionalProperties": False}),
    ({"additionalProperties": STRING}, {"additionalProperties": WORD}),
    ({"default": {"type": "STRING"}}, {"default": {"type": "STRING"}}),
]
# fmt: on


@pytest.mark.parametrize(("schema", "wanted"), CASES, ids=str)
def test_the_same_is_said(schema: Any, wanted: Any) -> None:
    assert json_schema(schema) == wanted
    assert json_schema(wanted) == wanted


def test_properties_are_an_object() -> None:
    with pytest.raises(DecodeError, match=r"^\.items\.properties: expected an object"):
        json_schema({"items": {"properties": [STRING]}})


def test_there_is_an_end_to_nesting() -> None:
    schema: Any = {}
    for _ in range(MAX_DEPTH):
        schema = {"items": schema}
    assert json_schema(schema) == schema
    with pytest.raises(DecodeError, match="nested too deeply"):
        json_schema({"items": schema})
