"""What has no word becomes a hint, and what goes out has a sound value."""

# ruff: noqa: E501  (a row of a table is one line)

from __future__ import annotations

import pytest

from cliproxy_core.base.jsonval import Json, JsonObject, loads_exact
from cliproxy_core.ir.schema_finish import MAX_TOLD_NAME, finish, same, step
from cliproxy_core.ir.schema_merge import Gathered
from cliproxy_core.ir.schema_rules import CONSTRAINTS, RULES, Variant

G, AT = Variant.GEMINI, Variant.ANTIGRAVITY
AT0, AR = Variant.ANTIGRAVITY_PLAIN, Variant.ANTIGRAVITY_RESPONSE
MANY = [str(n) for n in range(11)]

# fmt: off
FINISHED: list[tuple[Variant, JsonObject, JsonObject, set[str]]] = [
    (AT,  {"type": "string"},                       {"type": "string"}, set()),
    (G,   {"type": "integer", "enum": [1, None]},   {"type": "string", "enum": ["1", "null"], "description": "Allowed: 1, null"}, {"enum", "const"}),
    (G,   {"const": "a"},                           {"type": "string", "enum": ["a"]}, set()),
    (G,   {"const": "a", "enum": ["b"]},            {"enum": ["b"], "type": "string"}, set()),
    (G,   {"enum": []},                             {}, set()),
    (G,   {"enum": "a", "const": "b"},              {"enum": ["b"], "type": "string"}, set()),
    (AR,  {"enum": [1, "1", 2]},                    {"enum": ["1", "2"], "description": "Allowed: 1, 2"}, {"enum", "const"}),
    (AR,  {"enum": list(MANY)},                     {"enum": list(MANY)}, set()),
    (AT,  {"enum": list(MANY)},                     {}, set()),
    (AT,  {"enum": list(MANY[:10])},                {"description": "Allowed: 0, 1, 2, 3, 4, 5, 6, 7, 8, 9"}, {"enum", "const"}),
    (AR,  {"type": ["boolean", "null"], "enum": [True]}, {"type": "boolean", "nullable": True, "description": "Allowed: true (nullable)"}, {"enum", "const"}),
    (AT,  {"type": ["string", "integer", "string"]}, {"type": "string", "description": "Accepts: string | integer"}, set()),
    (AT,  {"type": ["null"]},                       {"type": "string", "nullable": True, "description": "(nullable)"}, set()),
    (AT,  {"type": []},                             {}, set()),
    (AT,  {"type": [5]},                            {}, set()),
    (AT,  {"additionalProperties": False},          {"description": "No extra properties allowed"}, {"additionalProperties"}),
    (AR,  {"additionalProperties": False},          {"additionalProperties": False}, set()),
    (AR,  {"additionalProperties": True},           {}, set()),
    (AR,  {"additionalProperties": {}},             {}, set()),
    (AT,  {"default": None, "examples": [1]},       {}, set()),
    (AT,  {"uniqueItems": True, "format": "uri"},   {"description": "uniqueItems: true (format: uri)"}, {"uniqueItems", "format"}),
    (G,   {"minimum": 1, "maximum": "2"},           {"minimum": 1}, set()),
    (G,   {"minimum": True, "nullable": True},      {}, set()),
    (AT,  {"minimum": 1, "nullable": True},         {"nullable": True, "description": "minimum: 1"}, {"minimum"}),
    (AT,  {"nullable": "yes", "title": 5, "description": [], "type": 5, "items": [], "properties": 5, "required": {}}, {}, set()),
    (AT0, {"title": "t", "not": None},              {"description": "not: null"}, {"not"}),
]
# fmt: on


@pytest.mark.parametrize(("variant", "words", "schema", "told"), FINISHED)
def test_finishing(
    variant: Variant, words: JsonObject, schema: JsonObject, told: set[str]
) -> None:
    finished = finish(Gathered(words), RULES[variant])
    assert finished.schema == schema
    assert finished.told == told


def test_the_order_of_hints() -> None:
    words: JsonObject = {
        "description": "d",
        "type": ["a", "b", "null"],
        "enum": [1],
        "not": 2,
        **dict.fromkeys(reversed(CONSTRAINTS), 3),
        "additionalProperties": False,
    }
    gathered = Gathered(words, sees=["See: X"], accepts=["Accepts: c | d"])
    hints = " ".join(f"({key}: 3)" for key in CONSTRAINTS)
    assert finish(gathered, RULES[AT]).schema["description"] == (
        f"d (See: X) (Allowed: 1) (No extra properties allowed) {hints} (not: 2)"
        " (Accepts: c | d) (Accepts: a | b) (nullable)"
    )


@pytest.mark.parametrize(("variant", "lost"), [(G, True), (AT, False), (AR, False)])
def test_whether_null_is_lost(variant: Variant, lost: bool) -> None:
    words: JsonObject = {"type": ["string", "null"]}
    assert finish(Gathered(words), RULES[variant]).nullable == lost


def test_properties_that_may_be() -> None:
    words: JsonObject = {"properties": {"a": {}}, "required": ["a", "b", 5]}
    gathered = Gathered(words, maybe={"b": {}, "a": {"type": "x"}}, loose={"a"})
    schema: JsonObject = {"properties": {"a": {}, "b": {}}, "required": ["b", 5]}
    assert finish(gathered, RULES[G]).schema == schema
    alone = finish(Gathered({}, maybe={"b": {}}), RULES[G])
    assert alone.schema == {"properties": {"b": {}}}
    kept: Json = ["a"]
    untouched = finish(Gathered({"required": kept}, loose={"z"}), RULES[G])
    assert untouched.schema["required"] is kept


def test_what_cannot_be_written_is_no_hint() -> None:
    deep: Json = []
    for _ in range(300):
        deep = [deep]
    finished = finish(Gathered({"not": deep, "enum": [deep, "a"]}), RULES[AT])
    assert finished.schema == {"description": "Allowed: a"}


def test_numbers_are_told_as_they_were_spelled() -> None:
    words = loads_exact('{"default":1.50,"enum":[12345678901234567890123]}')
    assert isinstance(words, dict)
    assert finish(Gathered(words), RULES[AT]).schema == {
        "description": "Allowed: 12345678901234567890123 (default: 1.50)"
    }


def test_sameness() -> None:
    value: Json = {}
    one: JsonObject = {"a": value, "b": 1}
    assert same(one, dict(one))
    assert not same(one, {"b": 1, "a": value})
    assert not same(one, {"a": {}, "b": 1})


def test_a_step_is_not_longer_than_a_name_should_be() -> None:
    assert step("a.b") == ".properties.a.b"
    assert len(step("x" * 1000)) == len(".properties.") + MAX_TOLD_NAME
