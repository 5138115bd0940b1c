"""Arguments: cut out of a frame, made an object, put together from pieces."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cliproxy_core.base.errors import DecodeError
from cliproxy_core.base.jsonval import loads_exact
from cliproxy_core.dialects.gemini.arguments import (
    Fragments,
    arguments_in,
    object_text,
    parse_object,
)
from cliproxy_core.ir.request import ToolKind
from tests.core.dialects.gemini.streams import call, chunk, text

SPELLED = '{"a": [1, 2.50, "\\u00e9}]"], "n": 12345678901234567890123, "b":{"c":null}}'


def calls_of(frame: bytes) -> list[Any]:
    document: Any = loads_exact(frame[6:])
    parts = document["candidates"][0]["content"]["parts"]
    return [part["functionCall"] for part in parts if "functionCall" in part]


def test_the_text_is_the_one_that_came() -> None:
    frame = chunk(text('"args":{'), call("f", 5), call("g"), call("h", {}))
    frame = frame.replace(b'"args":5', b'"args" : %b' % SPELLED.encode())
    assert arguments_in(frame, calls_of(frame)) == [SPELLED, "", "{}"]


def test_arguments_within_arguments_are_not_taken_for_some() -> None:
    inner = {"candidates": [{"functionCall": {"args": {}}}], "args": {"x": 1}}
    frame = chunk(call("f", inner))
    assert arguments_in(frame, calls_of(frame)) == [orjson.dumps(inner).decode()]


def test_without_a_frame_they_are_written() -> None:
    assert arguments_in(b"", [{"args": {"a": 1}}, {}]) == ['{"a":1}', ""]


def test_a_key_that_stands_twice_does_not_mislead() -> None:
    frame = b'{"candidates":[{"content":{"parts":[{"functionCall":{"args":{"a":1},'
    frame += b'"args":{"b":2}}}]}}]}'
    assert arguments_in(frame, [{"args": {"b": 2}}]) == ['{"b":2}']


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=4),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=6,
)
OBJECTS = st.dictionaries(st.text(max_size=9), JSON, max_size=3)


@given(st.lists(OBJECTS, max_size=3))
def test_any_arguments_are_found(objects: list[Any]) -> None:
    frame = chunk(text("x"), *(call("f", args) for args in objects))
    want = [orjson.dumps(args).decode() for args in objects]
    assert arguments_in(frame, calls_of(frame)) == want


@pytest.mark.parametrize(
    ("arguments", "want"),
    [
        ("", "{}"),
        (" \n", "{}"),
        ("null", "{}"),
        ("{}", "{}"),
        (SPELLED, SPELLED),
        (' {"a": 1} ', '{"a": 1}'),
        ('{"a":\n1.50}', '{"a":1.50}'),
        ('{"a":\r[]}', '{"a":[]}'),
        ("[1]", None),
        ("5", None),
        ('"x"', None),
        ('{"a":', None),
        ("{'a': 1}", None),
    ],
)
def test_arguments_as_an_object(arguments: str, want: str | None) -> None:
    assert object_text(arguments, ToolKind.FUNCTION) == want


def test_free_text_gets_the_clothes_of_an_object() -> None:
    assert object_text('say "hi"', ToolKind.CUSTOM) == '{"input":"say \\"hi\\""}'


@pytest.mark.parametrize("text_", ["", "[]", "5", "{", "nope"])
def test_what_is_no_object(text_: str) -> None:
    assert parse_object(text_) is None


def test_no_number_is_changed() -> None:
    found = parse_object('{"big":12345678901234567890123,"half":2.50}')
    assert found == {"big": 12345678901234567890123, "half": 2.5}


def fragment(
    path: str, value: Any = "", kind: str = "string", more: bool = False
) -> Any:
    return {
        "jsonPath": path,
        f"{kind}Value": value,
        **({"willContinue": True} if more else {}),
    }


@pytest.mark.parametrize(
    ("fragments", "want"),
    [
        ([], {}),
        ([fragment("$.a", "x")], {"a": "x"}),
        ([fragment("$.a", "x", more=True), fragment("$.a", "y")], {"a": "xy"}),
        ([fragment("$.a", "x"), fragment("$.a", "y")], {"a": "y"}),
        ([fragment("$.a", 5, "number")], {"a": 5}),
        ([fragment("$.a", False, "bool")], {"a": False}),
        ([fragment("$.a", "NULL_VALUE", "null")], {"a": None}),
        ([{"jsonPath": "$.a", "willContinue": True}, fragment("$.a", "x")], {"a": "x"}),
        ([fragment("$.a.b[1].c", "x")], {"a": {"b": [None, {"c": "x"}]}}),
        ([fragment("$.a[0]", "x"), fragment("$.a[1]", "y")], {"a": ["x", "y"]}),
        ([fragment("$['a b']['it\\'s']", "x")], {"a b": {"it's": "x"}}),
        ([fragment('$["a.b"]', "x")], {"a.b": "x"}),
        (
            [fragment("$.a.x", 1, "number"), fragment("$.a.y", 2, "number")],
            {"a": {"x": 1, "y": 2}},
        ),
        ([fragment("$")], {}),
        ([fragment("$.a", "cut", more=True)], {"a": "cut"}),
    ],
)
def test_pieces_make_an_object(fragments: list[Any], want: Any) -> None:
    found = Fragments()
    for each in fragments:
        found.add(each)
    assert orjson.loads(found.finish()) == want


@pytest.mark.parametrize(
    "odd",
    [
        5,
        {},
        {"jsonPath": 5},
        fragment("a"),
        fragment("$..a"),
        fragment("$[*]"),
        fragment("$[?(@.x)]"),
        fragment("$.a[5000]"),
        fragment("$[0]"),
        fragment("$" + ".a" * 100),
    ],
    ids=str,
)
def test_pieces_that_make_no_sense(odd: Any) -> None:
    with pytest.raises(DecodeError):
        Fragments().add(odd)


def test_a_piece_does_not_replace_an_object_by_words() -> None:
    found = Fragments()
    found.add(fragment("$.a", "words"))
    found.add(fragment("$.a.b", "x"))
    assert orjson.loads(found.finish()) == {"a": {"b": "x"}}
