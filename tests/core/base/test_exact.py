"""Numbers keep their spelling, and only documents that need it are read twice."""

from __future__ import annotations

import base64
import copy
import pickle
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cliproxy_core.base import jsonval
from cliproxy_core.base.errors import DecodeError
from cliproxy_core.base.exact import ExactFloat, ExactInt, rewritten, spelled
from cliproxy_core.base.jsonval import (
    Json,
    JsonObject,
    exactly,
    loads,
    loads_exact,
    write,
)

SUITE = orjson.loads(
    (Path(__file__).parents[2] / "contracts" / "json-parsing.json").read_bytes()
)

# fmt: off
# A number, whether the document is read twice for it, and what it is then.
NUMBERS = [
    ("0",                          False, int),
    ("-7",                         False, int),
    ("9223372036854775807",        False, int),
    ("999999999999999999",         False, int),
    ("1.5",                        False, float),
    ("-0.0",                       False, float),
    ("0.0",                        False, float),
    ("1.0",                        False, float),
    ("0.0001",                     False, float),
    ("12345678.1234567",           False, float),
    ("18446744073709551615",       True,  int),         # in doubt, and then as it was
    ("-9223372036854775808",       True,  int),
    ("0.30000000000000004",        True,  float),
    ("0.00001",                    True,  float),
    ("18446744073709551616",       True,  ExactInt),
    ("-9223372036854775809",       True,  ExactInt),
    ("12345678901234567890123",    True,  ExactInt),
    ("-0",                         True,  ExactInt),
    ("0.10",                       True,  ExactFloat),
    ("-1.00",                      True,  ExactFloat),
    ("1e5",                        True,  ExactFloat),
    ("1E+5",                       True,  ExactFloat),
    ("0.1e-7",                     True,  ExactFloat),
    ("0.00000",                    True,  ExactFloat),
    ("0.1234567890123456789",      True,  ExactFloat),
]
# fmt: on


@pytest.mark.parametrize(("text", "twice", "kind"), NUMBERS)
def test_numbers(text: str, twice: bool, kind: type) -> None:
    for document in (text, f'{{"a": [{text}], "b":{text} }}', f"[1,{text},true]"):
        assert rewritten(document.encode()) == twice
    value = loads_exact(text)
    assert type(value) is kind
    assert value == (int(text) if issubclass(kind, int) else float(text))
    for document in (text, f'{{"a":[{text}],"b":{text}}}'):
        assert write(loads_exact(document)) == document.encode()
        assert write(loads_exact(document.encode())) == document.encode()


@pytest.mark.parametrize(
    "text",
    [
        '"1e5"',
        '{"1e5":"0.10","b\\"":"\\\\","c":"\\\\\\",-0,"}',
        '["12345678901234567890123", "say \\"1.50\\", or: 1e5"]',
        '{"base64":"eyJhIjoxZTV9,0.10"}',
        "[true,false,null,{},[]]",
    ],
)
def test_numbers_within_strings_do_not_count(text: str) -> None:
    assert not rewritten(text.encode())


def test_readers_take_them_for_what_they_are() -> None:
    holder = loads_exact('{"i":12345678901234567890123,"f":1e5,"s":"x"}')
    assert isinstance(holder, dict)
    assert jsonval.opt_int(holder, "i", "") == 12345678901234567890123
    assert jsonval.opt_number(holder, "f", "") == 100000
    assert jsonval.kind_of(holder["i"]) == "a number"
    assert type(holder["s"]) is str
    assert [type(key) for key in holder] == [str] * 3


@pytest.mark.parametrize("number", [ExactInt("-0"), ExactFloat("1.50")])
def test_they_can_be_copied(number: ExactInt | ExactFloat) -> None:
    for same in (copy.deepcopy(number), pickle.loads(pickle.dumps(number))):
        assert (type(same), same, same.text) == (type(number), number, number.text)


@pytest.mark.parametrize(
    ("text", "again"),
    [
        ('{"a":1,"b":["\u00e9",0.5]}', False),  # as orjson writes it
        ('{ "a": 1, "b": ["\\u00e9", 0.5] }', False),  # otherwise, but plain
        ('{"a":1e5}', True),
        ('{"a":1,"a":1}', False),
        ("[" * 300 + "]" * 300, False),  # which cannot be written
    ],
)
def test_only_an_odd_number_has_a_document_read_again(text: str, again: bool) -> None:
    for document in (text, text.encode()):
        value = loads(document)
        exact = exactly(value, document)
        assert (exact is not value) == again
        assert write_or_none(exact) == write_or_none(loads_exact(document))


def write_or_none(value: Json) -> bytes | None:
    try:
        return write(value)
    except DecodeError:
        return None


def test_nothing_else_is_spelled() -> None:
    assert orjson.dumps(spelled(ExactInt("-0"))) == b"-0"
    with pytest.raises(TypeError):
        spelled(object())


def test_the_last_of_two_equal_keys_wins_in_the_place_of_the_first() -> None:
    document = '{"a":1,"b":2,"a":1.50}'
    assert write(loads_exact(document)) == b'{"a":1.50,"b":2}'


def test_what_is_nested_too_deeply_for_the_second_reading() -> None:
    with pytest.raises(DecodeError, match="nested too deeply"):
        loads_exact("[" * 1000 + "1e5" + "]" * 1000)
    less = "[" * 300 + "1e5" + "]" * 300
    assert loads_exact(less) == loads(less)


@pytest.mark.parametrize(
    "document",
    [
        pytest.param(base64.b64decode(case["base64"]), id=case["name"])
        for case in SUITE["cases"]
    ],
)
def test_json_is_what_it_is_for_the_other_reader(document: bytes) -> None:
    """JSONTestSuite, also with a number beside each document that is read twice."""
    for text in (document, b"[1e5," + document + b"]"):
        assert verdict(loads_exact, text) == verdict(loads, text)


def verdict(read: Callable[[bytes], Json], document: bytes) -> str:
    try:
        read(document)
    except DecodeError as error:
        return error.reason
    return "accepted"


def quoted(text: str) -> str:
    return orjson.dumps(text).decode()


def written(members: dict[str, str]) -> str:
    """An object whose values are texts already."""
    return "{" + ",".join(f"{quoted(k)}:{v}" for k, v in members.items()) + "}"


DIGITS = st.text("0123456789", min_size=1, max_size=22)
SPELLINGS = st.builds(
    "{}{}{}{}".format,
    st.sampled_from(["", "-"]),
    DIGITS.map(lambda digits: digits.lstrip("0") or "0"),
    st.just("") | DIGITS.map(lambda digits: "." + digits),
    st.just("") | st.sampled_from(["e5", "E-3", "e+0", "e00"]),
)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
DOCUMENTS = st.recursive(
    SPELLINGS | TEXTS.map(quoted) | st.just("true"),
    lambda inner: (
        st.lists(inner, max_size=4).map(lambda parts: f"[{','.join(parts)}]")
        | st.dictionaries(TEXTS, inner, max_size=4).map(written)
    ),
    max_leaves=8,
)


@given(DOCUMENTS)
@example('{"\\\\":1,"\\\\\\"":-0}')
def test_what_was_read_is_written_as_it_came(text: str) -> None:
    assert write(loads_exact(text)) == text.encode()


@given(SPELLINGS)
def test_no_number_that_changes_is_missed(text: str) -> None:
    changes = orjson.dumps(orjson.loads(text)) != text.encode()
    assert rewritten(text.encode()) or not changes


@given(DOCUMENTS)
def test_values_are_those_of_the_other_reader_where_it_is_exact(text: str) -> None:
    value = loads(text)
    if orjson.dumps(value) == text.encode():
        assert loads_exact(text) == value


def test_a_plain_document_is_read_once() -> None:
    holder: JsonObject = {"a": [1, 2.5, "x"], "b": None}
    assert loads_exact(orjson.dumps(holder)) == holder
