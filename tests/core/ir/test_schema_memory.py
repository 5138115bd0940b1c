"""What is remembered of a schema is what cleaning it gives; nobody can change it."""

from __future__ import annotations

import pytest

from cliproxy_core.base.jsonval import JsonObject, as_object, loads_exact, write
from cliproxy_core.ir.schema import Variant, clean
from cliproxy_core.ir.schema_memory import MAX_BYTES, clean_again

SCHEMAS: list[JsonObject] = [
    {"type": "object", "properties": {"a": {"type": "string"}}},
    {
        "type": "object",
        "properties": {"a": {"type": "string", "minLength": 3}},
        "additionalProperties": False,
    },
    {"schema": {"type": "object", "properties": {}, "$comment": "c"}},
    {"model": "m", "messages": [], "tools": []},
    {"type": "object", "description": "x" * MAX_BYTES, "additionalProperties": False},
]


@pytest.mark.parametrize("variant", Variant)
@pytest.mark.parametrize("schema", SCHEMAS, ids=range(len(SCHEMAS)))
def test_the_second_time_is_like_the_first(
    schema: JsonObject, variant: Variant
) -> None:
    fresh = clean(schema, variant)
    for _ in range(2):
        found = clean_again(schema, variant)
        assert found == fresh
        assert (found.schema is schema) == (fresh.schema is schema)


def test_what_one_request_does_to_its_schema_no_other_sees() -> None:
    first = clean_again(SCHEMAS[1], Variant.GEMINI)
    first.schema["properties"] = "spoilt"
    assert clean_again(SCHEMAS[1], Variant.GEMINI) == clean(SCHEMAS[1], Variant.GEMINI)


def test_numbers_keep_their_spelling() -> None:
    text = b'{"type":"object","properties":{"a":{"type":"number","maximum":1e5}},"x":1}'
    schema = as_object(loads_exact(text), "")
    for _ in range(2):
        found = clean_again(schema, Variant.GEMINI)
        assert write(found.schema) == write(clean(schema, Variant.GEMINI).schema)


def test_what_cannot_be_written_is_cleaned_all_the_same() -> None:
    deep: JsonObject = {}
    for _ in range(300):
        deep = {"type": "object", "properties": {"a": deep}}
    assert clean_again(deep, Variant.GEMINI) == clean(deep, Variant.GEMINI)
