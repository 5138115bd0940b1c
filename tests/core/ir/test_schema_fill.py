"""What is demanded is there, and placeholders come and go."""

# ruff: noqa: E501  (a row of a table is one line)

from __future__ import annotations

import copy

import pytest

from cliproxy_core.base.jsonval import JsonObject
from cliproxy_core.ir.request import Dropped
from cliproxy_core.ir.schema_fill import settled
from cliproxy_core.ir.schema_rules import RULES, Variant

G, AT, AT0 = Variant.GEMINI, Variant.ANTIGRAVITY, Variant.ANTIGRAVITY_PLAIN
S: JsonObject = {"type": "string"}
MARK: JsonObject = {"type": "boolean"}
TEXT = "Brief explanation of why you are calling this tool"
REASON: JsonObject = {"type": "string", "description": TEXT}
ASKED: JsonObject = {
    "type": "object",
    "properties": {"reason": REASON},
    "required": ["reason"],
}

# fmt: off
INNER: list[tuple[Variant, JsonObject, JsonObject]] = [
    (AT,  {"type": "object"},                                 ASKED),
    (AT,  {"type": "object", "properties": {}},               ASKED),
    (AT,  {"type": "object", "required": ["a"]},              ASKED),
    (AT,  {"type": "object", "properties": {"a": S}},         {"type": "object", "properties": {"a": S, "_": MARK}, "required": ["_"]}),
    (AT,  {"type": "object", "properties": {"_": S}},         {"type": "object", "properties": {"_": S}, "required": ["_"]}),
    (AT,  {"type": "object", "properties": {"a": S}, "required": ["b"]}, {"type": "object", "properties": {"a": S, "_": MARK}, "required": ["_"]}),
    (AT,  {"type": "array", "items": {"type": "object"}},     {"type": "array", "items": ASKED}),
    (G,   {"properties": {"_": MARK, "a": S}, "required": ["_", "a"]}, {"properties": {"a": S}, "required": ["a"]}),
    (G,   {"properties": {"_": MARK}, "required": ["_"]},     {"properties": {}}),
    (G,   ASKED,                                              {"type": "object", "properties": {}}),
    (G,   {"properties": {"a": ASKED}},                       {"properties": {"a": {"type": "object", "properties": {}}}}),
    (AT0, {"properties": {"a": S}, "required": ["a", "b", 5, "a"]}, {"properties": {"a": S}, "required": ["a"]}),
    (AT0, {"properties": {"a": S}, "required": []},           {"properties": {"a": S}}),
    (AT0, {"properties": {"a": S}, "propertyOrdering": ["b"]}, {"properties": {"a": S}}),
    (AT0, {"required": ["a"]},                                {}),
]
LEFT: list[tuple[Variant, JsonObject]] = [
    (AT,  S),
    (AT,  ASKED),
    (AT,  {"type": "object", "properties": {"a": S}, "required": ["a"]}),
    (AT,  {"properties": {"a": S}}),
    (AT0, {"type": "object"}),
    (AT0, ASKED),
    (G,   {"type": "object", "properties": {"_": S}}),
    (G,   {"type": "object", "properties": {"reason": S}}),
    (G,   {"type": "object", "properties": {"reason": REASON, "a": S}, "propertyOrdering": ["a"]}),
]
# fmt: on


@pytest.mark.parametrize(("variant", "before", "after"), INNER)
def test_settling(variant: Variant, before: JsonObject, after: JsonObject) -> None:
    kept = copy.deepcopy(before)
    notes: list[Dropped] = []
    out = settled(before, RULES[variant], ".p", notes, root=False)
    assert out == after
    assert before == kept
    assert notes
    again: list[Dropped] = []
    assert settled(out, RULES[variant], ".p", again, root=False) is out
    assert again == []


@pytest.mark.parametrize(("variant", "node"), LEFT)
def test_what_is_settled_is_left_alone(variant: Variant, node: JsonObject) -> None:
    notes: list[Dropped] = []
    assert settled(node, RULES[variant], "", notes, root=False) is node
    assert notes == []


def test_at_the_root_nothing_need_be_demanded() -> None:
    node: JsonObject = {"type": "object", "properties": {"a": S}}
    notes: list[Dropped] = []
    assert settled(node, RULES[AT], "", notes, root=True) is node
    assert settled({"type": "object"}, RULES[AT], "", notes, root=True) == ASKED


def test_what_was_done_is_told() -> None:
    node: JsonObject = {
        "properties": {"_": MARK, "a": {"items": {"required": ["x"]}}},
        "required": ["b"],
    }
    notes: list[Dropped] = []
    settled(node, RULES[G], ".p", notes, root=True)
    assert [note.path for note in notes] == [
        ".p.properties.a.items.required",
        ".p.properties._",
        ".p.required",
    ]
