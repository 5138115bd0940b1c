"""Of several schemas the first to say something is right."""

# ruff: noqa: E501  (a row of a table is one line)

from __future__ import annotations

import copy

import pytest

from cliproxy_core.base.jsonval import Json, JsonObject
from cliproxy_core.ir.schema_merge import (
    Gathered,
    appended,
    best,
    constants,
    fill,
    filled,
    kinds_of,
    names_in,
)

S: JsonObject = {"type": "string"}
N: JsonObject = {"type": "number"}

# fmt: off
FILLED: list[tuple[JsonObject, JsonObject, JsonObject]] = [
    ({},                              S,                                   S),
    (S,                               {"title": "t"},                      {**S, "title": "t"}),
    ({"title": "a"},                  {"title": "b"},                      {"title": "a"}),
    (S,                               {**N, "title": "t"},                 S),
    ({"required": ["a"]},             {"required": ["b", "a"]},            {"required": ["a", "b"]}),
    ({"required": 5},                 {"required": ["b"]},                 {"required": 5}),
    ({"properties": {"a": S}},        {"properties": {"b": N}},            {"properties": {"a": S, "b": N}}),
    ({"properties": {"a": S}},        {"properties": {"a": N}},            {"properties": {"a": S}}),
    ({"properties": {"a": {}}},       {"properties": {"a": N}},            {"properties": {"a": N}}),
    ({"properties": 5},               {"properties": {"a": N}},            {"properties": 5}),
    ({"properties": {"a": {"enum": ["x"]}}}, {"properties": {"a": N}},     {"properties": {"a": {"enum": ["x"]}}}),
    ({"items": {}},                   {"items": S},                        {"items": S}),
    ({"items": 5},                    {"items": S},                        {"items": 5}),
]
APPENDED: list[tuple[Json, str, str]] = [
    (None,              "h",           "h"),
    ("",                "h",           "h"),
    (5,                 "h",           "h"),
    ("d",               "h",           "d (h)"),
    ("h",               "h",           "h"),
    ("h (i)",           "h",           "h (i)"),
    ("d (h)",           "h",           "d (h)"),
    ("",                "(nullable)",  "(nullable)"),
    ("d",               "(nullable)",  "d (nullable)"),
    ("d (nullable)",    "(nullable)",  "d (nullable)"),
]
KINDS: list[tuple[JsonObject, list[str]]] = [
    (S,                              ["string"]),
    ({"type": ["null", 5, "x"]},     ["null", "x"]),
    ({"properties": {}},             ["object"]),
    ({"items": {}},                  ["array"]),
    ({"const": None},                ["null"]),
    ({"const": 1},                   []),
    ({},                             []),
]
BEST: list[tuple[list[JsonObject], int]] = [
    ([{"type": "null"}, S, N],                        1),
    ([S, {"items": {}}, {"properties": {}}],          2),
    ([S, {"type": ["null", "array"]}],                1),
    ([{"type": "null"}, {}],                          1),
    ([{"type": "null"}],                              0),
]
CONSTANTS: list[tuple[list[JsonObject], JsonObject | None]] = [
    ([{"const": "a"}, {"enum": ["b", "c"]}],          {"type": "string", "enum": ["a", "b", "c"]}),
    ([{"const": "a"}, {"type": "null"}],              {"type": "string", "enum": ["a"]}),
    ([{"const": 1, **N}, {"const": 2}],               {"type": "number", "enum": [1, 2]}),
    ([{"const": 1}],                                  {"enum": [1]}),
    ([{"const": "a", **S}, {"const": 1, **N}],        None),
    ([{"const": "a"}, S],                             None),
    ([{"enum": "a"}],                                 None),
    ([{"type": "null"}],                              None),
]
# fmt: on


@pytest.mark.parametrize(("words", "more", "after"), FILLED)
def test_filling(words: JsonObject, more: JsonObject, after: JsonObject) -> None:
    before = copy.deepcopy((words, more))
    assert filled(words, more) == after
    assert (words, more) == before


def test_everything_is_filled() -> None:
    into = Gathered({"a": 1}, ["s"], ["x"], {"p": S}, {"p"})
    fill(into, Gathered({"b": 2}, ["t"], ["y"], {"p": N, "q": N}, {"q"}))
    both = Gathered(
        {"a": 1, "b": 2}, ["s", "t"], ["x", "y"], {"p": S, "q": N}, {"p", "q"}
    )
    assert into == both


@pytest.mark.parametrize(("description", "hint", "after"), APPENDED)
def test_hints(description: Json, hint: str, after: str) -> None:
    assert appended(description, hint) == after


@pytest.mark.parametrize(("node", "kinds"), KINDS)
def test_kinds(node: JsonObject, kinds: list[str]) -> None:
    assert kinds_of(node) == kinds


@pytest.mark.parametrize(("nodes", "index"), BEST)
def test_the_best_branch(nodes: list[JsonObject], index: int) -> None:
    assert best(nodes) == index


@pytest.mark.parametrize(("nodes", "listed"), CONSTANTS)
def test_unions_of_constants(
    nodes: list[JsonObject], listed: JsonObject | None
) -> None:
    assert constants(nodes) == listed


def test_names() -> None:
    assert list(names_in(["b", 5, "a", "b", {}])) == ["b", "a"]
