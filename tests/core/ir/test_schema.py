"""Schemas become what an upstream takes: the thirty vectors, and what always holds."""

# ruff: noqa: E501  (a row of a table is one line)

from __future__ import annotations

import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cliproxy_core.base.jsonval import Json, JsonObject, dumps, loads, loads_exact
from cliproxy_core.ir import schema as schemas
from cliproxy_core.ir.request import Dropped
from cliproxy_core.ir.schema import Variant, claude_input_schema, clean
from cliproxy_core.ir.schema_rules import RULES

G, AT = Variant.GEMINI, Variant.ANTIGRAVITY
AT0, AR = Variant.ANTIGRAVITY_PLAIN, Variant.ANTIGRAVITY_RESPONSE
ALL = (G, AT, AT0, AR)
REASON = '"reason":{"type":"string","description":"Brief explanation of why you are calling this tool"}'


def of(properties: str, more: str = "") -> str:
    """The text of an object schema with these properties."""
    return f'{{"type":"object","properties":{{{properties}}}{more}}}'


# facts/02, section 4.4. `S24/AT` is vector S24 where that variant differs.
# fmt: off
VECTORS: dict[str, tuple[tuple[Variant, ...], str, str]] = {
    "S1": ((AT,),
        of('"kind":{"type":"string","const":"X"}'),
        of('"kind":{"type":"string","description":"Allowed: X"}')),
    "S2": ((AT,),
        of('"name":{"type":["string","null"]},"other":{"type":"string"}', ',"required":["name","other"]'),
        of('"name":{"type":"string","nullable":true,"description":"(nullable)"},"other":{"type":"string"}', ',"required":["name","other"]')),
    "S3": ((G,),
        of('"name":{"type":["string","null"]},"other":{"type":"string"}', ',"required":["name","other"]'),
        of('"name":{"type":"string","description":"(nullable)"},"other":{"type":"string"}', ',"required":["other"]')),
    "S4": ((AT,),
        of('"query":{"anyOf":[{"type":"null"},{"type":"object","properties":{"kind":{"type":"string"}}}]}'),
        of('"query":{"type":"object","nullable":true,"description":"Accepts: null | object","properties":{"_":{"type":"boolean"},"kind":{"type":"string"}},"required":["_"]}')),
    "S5": ((AT,),
        of('"config":{"oneOf":[{"type":"string"},{"type":"integer"}]}'),
        of('"config":{"type":"string","description":"Accepts: string | integer"}')),
    "S6": ((AT,),
        of('"v":{"description":"Parent desc","anyOf":[{"type":"string","description":"Child desc"},{"type":"integer"}]}'),
        of('"v":{"type":"string","description":"Parent desc (Child desc) (Accepts: string | integer)"}')),
    "S7": ((AT,),
        '{"type":"object","allOf":[{"properties":{"a":{"type":"string"}},"required":["a"]},{"properties":{"b":{"type":"integer"}},"required":["b"]}]}',
        of('"a":{"type":"string"},"b":{"type":"integer"}', ',"required":["a","b"]')),
    "S8": ((AT,),
        '{"type":"object","allOf":[{"properties":{"my.param":{"type":"string"}},"required":["my.param"]},{"properties":{"b":{"type":"integer"}},"required":["b"]}]}',
        of('"my.param":{"type":"string"},"b":{"type":"integer"}', ',"required":["my.param","b"]')),
    "S9": ((AT,),
        of('"customer":{"$ref":"#/definitions/User"}', ',"definitions":{"User":{"type":"object","properties":{"name":{"type":"string"}}}}'),
        of('"customer":{"type":"object","properties":{"name":{"type":"string"},"_":{"type":"boolean"}},"required":["_"]}')),
    "S10": ((AT,),
        '{"definitions":{"Node":{"type":"object","properties":{"child":{"$ref":"#/definitions/Node"}}}},"$ref":"#/definitions/Node"}',
        of('"child":{"type":"object","description":"See: Node","properties":{' + REASON + '},"required":["reason"]}')),
    "S11": (ALL,
        '{"properties":{"pattern":{"type":"string","description":"The regex pattern"}},"required":["pattern"]}',
        '{"properties":{"pattern":{"type":"string","description":"The regex pattern"}},"required":["pattern"]}'),
    "S12": ((AT,),
        of('"tags":{"type":"array","description":"List of tags","minItems":1}'),
        of('"tags":{"type":"array","description":"List of tags (minItems: 1)"}')),
    "S13": ((AT,),
        '{"type":"object"}',
        of(REASON, ',"required":["reason"]')),
    "S14": ((AR, AT0, G),
        '{"type":"object"}',
        '{"type":"object"}'),
    "S15": ((AR,),
        '{"type":"number","enum":[0.25,0.5,1]}',
        '{"type":"number","enum":["0.25","0.5","1"],"description":"Allowed: 0.25, 0.5, 1"}'),
    "S16": ((AR,),
        '{"type":"boolean","enum":["true"]}',
        '{"type":"boolean","description":"Allowed: true"}'),
    "S17": ((AR,),
        of('"a":{"type":"object","additionalProperties":false},"b":{"type":"object","additionalProperties":true},"c":{"type":"object","additionalProperties":{"type":"string"}}', ',"additionalProperties":false'),
        of('"a":{"type":"object","additionalProperties":false},"b":{"type":"object"},"c":{"type":"object"}', ',"additionalProperties":false')),
    "S18": ((G,),
        of('"$id":{"type":"string","$id":"i","enumTitles":["x"]},"$comment":{"type":"string","$comment":"c","prefill":"p"},"enumDescriptions":{"type":"string","enum":["a","b"],"enumDescriptions":["x","y"]}', ',"patternProperties":{"^x":{"type":"string"}},"$id":"root"'),
        of('"$id":{"type":"string"},"$comment":{"type":"string"},"enumDescriptions":{"type":"string","enum":["a","b"],"description":"Allowed: a, b"}')),
    "S19": (ALL,
        '{"properties":{"x-data":{"type":"string"},"normal":{"type":"string","x-meta":"r"}},"required":["x-data"],"x-root.meta":"r"}',
        '{"properties":{"x-data":{"type":"string"},"normal":{"type":"string"}},"required":["x-data"]}'),
    "S20": (ALL,
        of('"side":{"type":"string"}', ',"if":{"properties":{"side":{"const":"sell"}}},"then":{"properties":{"sell_reason":{"type":"string"}},"required":["sell_reason"]},"else":{"properties":{"buy_reason":{"type":"string"}}}'),
        of('"side":{"type":"string"},"sell_reason":{"type":"string"},"buy_reason":{"type":"string"}')),
    "S21": ((AR,),
        of('"action":{"type":"string","description":"What"}', ',"allOf":[{"if":{"properties":{"x":{"const":1}}},"then":{"properties":{"action":{"type":"null"},"price":{"type":"number"}}}}]'),
        of('"action":{"type":"string","description":"What"},"price":{"type":"number"}')),
    "S22": (ALL,
        of('"data":{"parent":{"type":"string","required":true},"insert_after":{"type":"string"}}'),
        of('"data":{"type":"object","properties":{"parent":{"type":"string"},"insert_after":{"type":"string"}},"required":["parent"]}')),
    "S23": (ALL,
        '{"title":{"type":"string"},"description":{"type":"string"},"format":{"type":"string"},"type":{"type":"string"}}',
        of('"title":{"type":"string"},"description":{"type":"string"},"format":{"type":"string"},"type":{"type":"string"}')),
    "S24": ((G, AR),
        '{"type":"string","enum":["FOO","BAR"],"x-google-enum-descriptions":{"FOO":"f"}}',
        '{"type":"string","enum":["FOO","BAR"],"description":"Allowed: FOO, BAR"}'),
    "S24/AT": ((AT, AT0),
        '{"type":"string","enum":["FOO","BAR"],"x-google-enum-descriptions":{"FOO":"f"}}',
        '{"type":"string","description":"Allowed: FOO, BAR"}'),
    "S25": ((G, AT0, AR),
        of('"settings":{"type":"object","default":{"theme":"dark"}}'),
        of('"settings":{"type":"object"}')),
    "S25/AT": ((AT,),
        of('"settings":{"type":"object","default":{"theme":"dark"}}'),
        of('"settings":{"type":"object","properties":{' + REASON + '},"required":["reason"]}')),
    "S26": ((AR,),
        '{"type":"integer","minimum":9007199254740993}',
        '{"type":"integer","description":"minimum: 9007199254740993"}'),
    "S26/exact": ((AT, AT0, AR),
        '{"type":"number","minimum":123456789012345678901234567890,"maximum":1.50e2}',
        '{"type":"number","description":"minimum: 123456789012345678901234567890 (maximum: 1.50e2)"}'),
    "S27": (ALL,
        of('"a":{"type":"string","description":"a <tag> & > b","maxLength":5}'),
        of('"a":{"type":"string","description":"a <tag> & > b (maxLength: 5)"}')),
    "S28": ((AT,),
        '{"type":"number","minimum":1,"maximum":2,"not":{"enum":[1.5]}}',
        '{"type":"number","description":"minimum: 1 (maximum: 2) (not: {\\"enum\\":[1.5]})"}'),
    "S29": ((G,),
        of('"a":{"type":"string"}', ',"title":"T","required":["a","b"]'),
        of('"a":{"type":"string"}', ',"required":["a"]')),
    "S30": (ALL,
        of('"encrypted":{"type":"string","encrypted":true}'),
        of('"encrypted":{"type":"string"}')),
}
# fmt: on

CASES = [
    pytest.param(variant, given_, expected, id=f"{name}-{variant.value}")
    for name, (variants, given_, expected) in VECTORS.items()
    for variant in variants
]


@pytest.mark.parametrize(("variant", "before", "after"), CASES)
def test_vectors(variant: Variant, before: str, after: str) -> None:
    document = loads_exact(before)
    assert isinstance(document, dict)
    kept = copy.deepcopy(document)
    cleaned = clean(document, variant)
    assert cleaned.schema == loads(after)
    assert document == kept
    assert (cleaned.schema is document) == (before == after)
    assert bool(cleaned.dropped) == (before != after)


def test_every_vector_is_there() -> None:
    assert {name.partition("/")[0] for name in VECTORS} == {
        f"S{n}" for n in range(1, 31)
    }


# Where the vectors say nothing, or the program they were taken from is known to be wrong
# (facts/02, section 8.3, items 19, 21 and 24).
# fmt: off
BETTER: list[tuple[str, tuple[Variant, ...], str, str]] = [
    ("a union leaves the keys beside it", (AT0, AR),
        of('"a":{"type":"string"}', ',"title":5,"required":["a"],"anyOf":[{"type":"object","properties":{"b":{"type":"string"}},"required":["b"]},{"type":"object"}]'),
        of('"a":{"type":"string"},"b":{"type":"string"}', ',"required":["a","b"]')),
    ("a choice of what to demand demands nothing", (G, AT0),
        of('"a":{"type":"string"},"b":{"type":"string"}', ',"anyOf":[{"required":["a"]},{"required":["b"]}]'),
        of('"a":{"type":"string"},"b":{"type":"string"}')),
    ("nor does a branch that is only an object", (G, AT0),
        of('"a":{"type":"string"}', ',"anyOf":[{"type":"object","required":["a"]},{"type":"object"}]'),
        of('"a":{"type":"string"}')),
    ("a branch without a type narrows nothing", (AT,),
        '{"type":"string","anyOf":[{"format":"uri"},{"format":"email"}]}',
        '{"type":"string"}'),
    ("a union of constants is a list of values", (G,),
        '{"anyOf":[{"const":"a","description":"A"},{"const":"b"},{"type":"null"}]}',
        '{"type":"string","enum":["a","b"],"description":"Allowed: a, b (Accepts: null | string)"}'),
    ("null is chosen last", (AT,),
        '{"anyOf":[{"type":"null"},{"description":"any"}]}',
        '{"description":"any","nullable":true}'),
    ("both branches of a condition demand it", (G, AT0),
        of('"a":{"type":"string"}', ',"if":{},"then":{"required":["a"]},"else":{"required":["b","a"]}'),
        of('"a":{"type":"string"}', ',"required":["a"]')),
    ("what Gemini takes it keeps", (G,),
        '{"type":"number","minimum":1.5,"maximum":"x","multipleOf":2,"not":{"const":3}}',
        '{"type":"number","minimum":1.5,"description":"multipleOf: 2 (not: {\\"const\\":3})"}'),
    ("a reference keeps the order of what it names", (AT0,),
        of('"z":{"$ref":"#/$defs/D","description":"mine"},"a":{"type":"string"}', ',"$defs":{"D":{"type":"object","description":"D","properties":{"y":{"type":"string"},"b":{"type":"string"}}}}'),
        of('"z":{"description":"mine","type":"object","properties":{"y":{"type":"string"},"b":{"type":"string"}}},"a":{"type":"string"}')),
    ("the name of a reference where nothing is copied", (G,),
        of('"z":{"$ref":"#/$defs/D","description":"mine","title":"t"},"y":{"$ref":"http://x/E"}'),
        of('"z":{"type":"object","description":"mine (See: D)"},"y":{"type":"object","description":"See: E"}')),
    ("a reference that leads nowhere", (AT0,),
        of('"z":{"$ref":"#/$defs/D","type":"string"}'),
        of('"z":{"type":"string","description":"See: D"}')),
    ("a reference seen through a union", (AT0,),
        of('"z":{"anyOf":[{"type":"null"},{"$ref":"#/$defs/D"}]}', ',"$defs":{"D":{"$ref":"#/$defs/E"},"E":{"type":"array","items":{"type":"string"}}}'),
        of('"z":{"type":"array","items":{"type":"string"},"nullable":true,"description":"Accepts: null | array"}')),
    ("the same, where nothing is copied", (G,),
        of('"z":{"anyOf":[{"type":"null"},{"$ref":"#/$defs/D"}]}'),
        of('"z":{"type":"object","description":"See: D (Accepts: null | object)"}')),
    ("a reference of a union that leads nowhere", (AT0,),
        '{"anyOf":[{"$ref":"#/a"},{"type":"string"}]}',
        '{"type":"string"}'),
    ("a part of itself", (AT0,),
        of('"a":{"$ref":"#"}', ',"description":"tree"'),
        of('"a":{"type":"object","description":"tree (See: #)"}', ',"description":"tree"')),
    ("a tuple is a list of what it may hold", (AT0,),
        of('"a":{"type":"array","prefixItems":[{"type":"string"},{"type":"number"}]},"b":{"type":"array","items":[{"type":"string"}]}'),
        of('"a":{"type":"array","items":{"type":"string","description":"Accepts: string | number"}},"b":{"type":"array","items":{"type":"string"}}')),
    ("elements are cleaned", (G,),
        '{"type":"array","items":{"type":"string","title":"t"}}',
        '{"type":"array","items":{"type":"string"}}'),
    ("what is not a schema", (G,),
        of('"a":true,"b":false,"c":"string","d":[]'),
        of('"a":{},"c":{},"d":{}')),
    ("a wrapper is not at the root", (AT,),
        '{"schema":{"type":"object","properties":{"a":{"type":"string"}}}}',
        '{"schema":{"type":"object","properties":{"a":{"type":"string"},"_":{"type":"boolean"}},"required":["_"]}}'),
    ("a wrapper of what is clean", (AT,),
        '{"schema":{"type":"string"}}',
        '{"schema":{"type":"string"}}'),
]
# fmt: on


@pytest.mark.parametrize(
    ("variant", "before", "after"),
    [
        pytest.param(variant, before, after, id=f"{name}-{variant.value}")
        for name, variants, before, after in BETTER
        for variant in variants
    ],
)
def test_better(variant: Variant, before: str, after: str) -> None:
    document = loads(before)
    assert isinstance(document, dict)
    cleaned = clean(document, variant)
    assert dumps(cleaned.schema) == after.encode()
    assert (cleaned.schema is document) == (before == after)


def test_what_happened_is_told_with_its_place() -> None:
    document = loads(
        of(
            '"a":{"type":"string","minLength":1,"x-y":2},'
            '"b":{"oneOf":[{"type":"string"}],"then":{}},"c":{"type":["string","null"]}',
            ',"required":["d"]',
        )
    )
    assert isinstance(document, dict)
    assert clean(document, AT).dropped == (
        Dropped(".properties.a.minLength", "only told in the description"),
        Dropped(".properties.a.x-y", "not taken there"),
        Dropped(".properties.b.oneOf", "one branch stands for all"),
        Dropped(".properties.b.then", "its properties are optional"),
        Dropped(".properties.c.type", "spelled as the upstream takes it"),
        Dropped(".required", "names that are not properties, left out"),
    )
    assert clean({"type": "object"}, AT).dropped == (
        Dropped(".properties.reason", "a placeholder, put in"),
    )
    assert "string" not in repr(clean(document, AT))


@pytest.mark.parametrize(
    "document", [{"tools": []}, {"request": {"contents": []}}, {"messages": [{}]}]
)
def test_a_request_is_left_alone(document: JsonObject) -> None:
    cleaned = clean(document, G)
    assert cleaned.schema is document
    assert [note.reason for note in cleaned.dropped] == [
        "a request and not a schema: left as it is"
    ]


# Limits.


@pytest.mark.parametrize("key", ["items", "allOf", "anyOf", "then", "not", "a", "$ref"])
@pytest.mark.parametrize("variant", ALL)
def test_what_is_nested_too_deeply_ends(key: str, variant: Variant) -> None:
    deep: JsonObject = {"type": "object"}
    for _ in range(900):
        deep = {key: [deep]} if key in {"allOf", "anyOf"} else {key: deep}
    dumps(clean(deep, variant).schema)


def test_the_end_of_the_nesting_is_told() -> None:
    deep: JsonObject = {"type": "string"}
    for _ in range(schemas.MAX_DEPTH + 1):
        deep = {"items": deep, "type": "array"}
    cleaned = clean(deep, AT0)
    assert cleaned.dropped == (
        Dropped(".items" * (schemas.MAX_DEPTH + 1), "nested too deeply"),
    )
    assert clean(cleaned.schema, AT0).dropped == ()


@pytest.mark.parametrize("key", ["properties", "allOf", "anyOf"])
def test_references_that_multiply_end(key: str) -> None:
    definitions: JsonObject = {"d40": {"type": "string"}}
    for n in range(40):
        both: list[Json] = [{"$ref": f"#/$defs/d{n + 1}"}] * 2
        named: Json = {"l": both[0], "r": both[1]}
        definitions[f"d{n}"] = {key: named if key == "properties" else both}
    document: JsonObject = {"items": {"$ref": "#/$defs/d0"}, "$defs": definitions}
    assert len(dumps(clean(document, AR).schema)) < 2 * schemas.MAX_COPIED


def test_a_large_definition_is_not_copied_again_and_again() -> None:
    large = {"type": "string", "description": "x" * 50_000}
    document: JsonObject = {
        "properties": {f"p{n}": {"$ref": "#/$defs/large"} for n in range(1000)},
        "$defs": {"large": large},
    }
    assert len(dumps(clean(document, AR).schema)) < 2 * schemas.MAX_COPIED


def test_a_definition_that_could_not_be_written_is_not_copied() -> None:
    deep: JsonObject = {"type": "string"}
    for _ in range(300):
        deep = {"items": deep, "type": "array"}
    document: JsonObject = {"properties": {"a": {"$ref": "#/d"}}, "d": deep}
    properties = clean({**document, "type": "string"}, AR).schema["properties"]
    assert properties == {"a": {"type": "array", "description": "See: d"}}


def test_branches_beyond_the_limit_are_told() -> None:
    count = schemas.MAX_MERGED + 1
    document: JsonObject = {
        "allOf": [{"properties": {f"p{n}": {}}} for n in range(count)]
    }
    cleaned = clean(document, G)
    assert len(dict(cleaned.schema["properties"])) == schemas.MAX_MERGED  # type: ignore[arg-type]
    beyond = f".allOf[{schemas.MAX_MERGED}]"
    assert Dropped(beyond, "too many branches, from here on") in cleaned.dropped


# Claude.


# fmt: off
CLAUDE = [
    (None,                                        '{"type":"object","properties":{}}'),
    ('{}',                                        '{"type":"object","properties":{}}'),
    ('{"type":"string"}',                         '{"type":"object","properties":{}}'),
    ('{"type":"object","properties":[]}',         '{"type":"object","properties":{}}'),
    ('{"properties":{"a":{}},"required":["a"]}',  '{"properties":{"a":{}},"required":["a"],"type":"object"}'),
    ('{"anyOf":[{"properties":{"a":{}},"required":["a"]},{"properties":{"b":{}}}]}',
                                                  '{"type":"object","properties":{"a":{},"b":{}}}'),
    ('{"properties":{"a":{"type":"string"}},"oneOf":[{"required":["a"]},5],"type":"object"}',
                                                  '{"properties":{"a":{"type":"string"}},"type":"object"}'),
    ('{"required":["c"],"allOf":[{"properties":{"a":{}},"required":["a","c"]},{"required":"x"}]}',
                                                  '{"required":["c","a"],"type":"object","properties":{"a":{}}}'),
    ('{"properties":{"a":{"const":1}},"anyOf":[{"properties":{"a":{"const":2}}}]}',
                                                  '{"properties":{"a":{"const":1}},"type":"object"}'),
]
# fmt: on


@pytest.mark.parametrize(("before", "after"), CLAUDE)
def test_claude_wants_an_object_without_unions(before: str | None, after: str) -> None:
    document = loads(before) if before else None
    assert document is None or isinstance(document, dict)
    kept = copy.deepcopy(document)
    out = claude_input_schema(document)
    assert dumps(out) == after.encode()
    assert document == kept
    assert claude_input_schema(out) is out


# What holds for every schema.

NAMES = st.sampled_from(["a", "b", "my.param", "type", "items", "$ref", "_", "reason"])
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-3, 2**64)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(["", "x", "null", "string", "Allowed: x", "(nullable)"])
)
KINDS = st.sampled_from(
    ["object", "array", "string", "integer", "boolean", "null", "", "OBJECT"]
)
TYPES = KINDS | st.lists(KINDS, max_size=3) | SCALARS
REFERENCES = st.sampled_from(
    ["#", "#/$defs/a", "#/$defs/b", "#/properties/a", "#/none", "http://x/y", "#/%61"]
)
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3)
    ),
    max_leaves=6,
)


def nodes(inner: st.SearchStrategy[Json]) -> st.SearchStrategy[Json]:
    """Schemas, nearly right ones too."""
    listed = st.lists(inner, max_size=3)
    named = st.dictionaries(NAMES, inner, max_size=3)
    keywords: dict[str, st.SearchStrategy[Json]] = {
        "type": TYPES,
        "description": SCALARS,
        "properties": named,
        "items": inner | listed,
        "prefixItems": listed,
        "required": st.lists(NAMES, max_size=3) | st.booleans(),
        "propertyOrdering": st.lists(NAMES, max_size=3),
        "enum": st.lists(SCALARS, max_size=3),
        "const": SCALARS,
        "allOf": listed,
        "anyOf": listed,
        "oneOf": listed,
        "if": inner,
        "then": inner,
        "else": inner,
        "not": ANYTHING,
        "$ref": REFERENCES,
        "$defs": named,
        "nullable": SCALARS,
        "title": SCALARS,
        "additionalProperties": inner,
        "default": ANYTHING,
        "minimum": SCALARS,
        "stray": inner,
        "x-more": inner,
    }
    return st.fixed_dictionaries({}, optional=dict(keywords)) | named


SCHEMAS = st.recursive(SCALARS, nodes, max_leaves=12).filter(
    lambda document: isinstance(document, dict)
)
VARIANTS = st.sampled_from(ALL)


def test_every_variant_has_rules() -> None:
    assert set(RULES) == set(Variant)


def unwrapped(document: JsonObject) -> JsonObject:
    inner = document.get("schema")
    return inner if len(document) == 1 and isinstance(inner, dict) else document


def below(node: Json) -> list[JsonObject]:
    """A clean node and all below it."""
    assert isinstance(node, dict)
    properties = node.get("properties", {})
    assert isinstance(properties, dict)
    children = [*properties.values(), *([node["items"]] if "items" in node else [])]
    return [node, *(deeper for child in children for deeper in below(child))]


@given(SCHEMAS, VARIANTS)
def test_a_clean_schema_is_left_alone(document: JsonObject, variant: Variant) -> None:
    kept = copy.deepcopy(document)
    once = clean(document, variant)
    assert document == kept
    assert (once.schema is document) == (not once.dropped)
    twice = clean(once.schema, variant)
    assert twice.schema is once.schema
    assert twice.dropped == ()


@given(SCHEMAS, VARIANTS)
def test_only_words_of_the_upstream_come_out(
    document: JsonObject, variant: Variant
) -> None:
    for node in below(unwrapped(clean(document, variant).schema)):
        assert node.keys() <= RULES[variant].keeps
        properties, required = node.get("properties", {}), node.get("required", ["a"])
        assert isinstance(properties, dict)
        assert isinstance(required, list)
        assert required
        if "required" in node:
            assert set(required) <= properties.keys()


@given(SCHEMAS, VARIANTS)
def test_properties_keep_their_order(document: JsonObject, variant: Variant) -> None:
    before = document.get("properties")
    after = clean(document, variant).schema.get("properties", {})
    if isinstance(before, dict) and "$ref" not in document:
        assert isinstance(after, dict)
        kept = [name for name in after if name in before]
        assert kept == [name for name in before if name in after]


@given(st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), ANYTHING))
def test_any_object_is_cleaned(document: JsonObject) -> None:
    for variant in ALL:
        dumps(clean(document, variant).schema)
