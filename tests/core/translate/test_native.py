"""Named edits change what they name and not one byte more."""

from __future__ import annotations

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cliproxy_core.base.jsonval import JsonObject
from cliproxy_core.translate.native import MAX_CANDIDATES, splice

CASES = [
    # body, edits, result
    (b'{"model":"a","x":1}', {"model": "b"}, b'{"model":"b","x":1}'),
    (b'{"x":[1,2],"model" : "a"}', {"model": "b"}, b'{"x":[1,2],"model" : "b"}'),
    (b'{"model":"a"}', {"model": "a"}, b'{"model":"a"}'),
    (b'{ "x" : 1 }\n', {"stream": True}, b'{ "x" : 1 ,"stream":true}\n'),
    (b"{}", {"model": "b"}, b'{"model":"b"}'),
    (b"{}", {"model": "b", "n": 1}, b'{"model":"b","n":1}'),
    (
        b'{"y":0,"x":[{}],"z":1}',
        {"x": 2, "n": 1, "y": {"x": 3}, "m": None},
        b'{"y":{"x":3},"x":2,"z":1,"n":1,"m":null}',
    ),
    (
        b'{"t":{"model":{"type":"string"}},"model":"a"}',
        {"model": "b"},
        b'{"t":{"model":{"type":"string"}},"model":"b"}',
    ),
    (
        b'{"model":"a","t":{"model":1}}',
        {"model": "b"},
        b'{"model":"b","t":{"model":1}}',
    ),
    (
        b'{"s":"\\"model\\":\\"z\\"","model":"a"}',
        {"model": "b"},
        b'{"s":"\\"model\\":\\"z\\"","model":"b"}',
    ),
    (b'{"v":["model"],"model":"a"}', {"model": "b"}, b'{"v":["model"],"model":"b"}'),
    (b'{"mod\\u0065l":"a"}', {"model": "b"}, b'{"mod\\u0065l":"b"}'),
    (b'{"o":{"a":[{}]},"z":1}', {"o": {"b": 2}}, b'{"o":{"b":2},"z":1}'),
    (b'{"stream":false }', {"stream": True}, b'{"stream":true }'),
    (
        b'{"a\\"model":"x","model":"a"}',
        {"model": "b"},
        b'{"a\\"model":"x","model":"b"}',
    ),
    (b'{"n":1}', {"n": True}, b'{"n":true}'),
    (b'{"model":"a\\"}","x":1}', {"model": "b"}, b'{"model":"b","x":1}'),
]


@pytest.mark.parametrize(("body", "edits", "expected"), CASES)
def test_an_edit(body: bytes, edits: JsonObject, expected: bytes) -> None:
    assert splice(body, orjson.loads(body), edits) == expected


def test_a_member_that_stands_twice_is_set_everywhere() -> None:
    """Readers differ in which of the two they take."""
    body = b'{"model":"a","x":{"model":"n"},"model":"c"}'
    expected = b'{"model":"b","x":{"model":"n"},"model":"b"}'
    assert splice(body, orjson.loads(body), {"model": "b"}) == expected


def test_many_namesakes_are_found_by_scanning() -> None:
    tools = [{"model": i} for i in range(MAX_CANDIDATES + 5)]
    body = orjson.dumps({"tools": tools, "model": "a", "s": '"model":"x"'})
    edited = splice(body, orjson.loads(body), {"model": "b"})
    assert edited == body.replace(b'"model":"a"', b'"model":"b"')


keys = st.sampled_from(["model", "stream", "x", 'q"model', "a\\", "a\\b", "é"])
values = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | keys | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner),
    max_leaves=8,
)


@given(st.dictionaries(keys, values), values, st.booleans())
def test_the_result_means_the_edited_document(
    document: JsonObject, wanted: object, indent: bool
) -> None:
    body = orjson.dumps(document, option=orjson.OPT_INDENT_2 if indent else None)
    edited = splice(body, orjson.loads(body), {"model": wanted})  # type: ignore[dict-item]
    assert orjson.loads(edited) == {**document, "model": wanted}
    assert list(orjson.loads(edited)) == list({**document, "model": wanted})
