"""Arguments, judged by the parser that the vendor's SDK uses."""

from __future__ import annotations

import json
from typing import Any

import orjson
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from jiter import from_json

from cliproxy_core.base.jsonval import write
from cliproxy_core.dialects.claude_messages.arguments import (
    Arguments,
    inside_string,
    settled,
)
from cliproxy_core.ir.request import ToolKind
from cliproxy_core.testing.cuts import cut

FUNCTION, CUSTOM = ToolKind.FUNCTION, ToolKind.CUSTOM


def said(pieces: list[str], kind: ToolKind = FUNCTION) -> tuple[str, bool, bool]:
    """What goes out, which any reader can follow at every step."""
    arguments, out = Arguments(kind), ""
    for piece in pieces:
        if arguments.in_string and inside_string(piece):
            assert arguments.feed(piece) == piece
            out += piece
        else:
            out += arguments.feed(piece)
        if out:
            assert isinstance(from_json(out.encode(), partial_mode=True), dict)
    out += arguments.finish()
    if out:
        assert isinstance(from_json(out.encode(), partial_mode=True), dict)
    return out, arguments.cut, arguments.broken


# fmt: off
STORIES: list[tuple[str, str, bool, bool]] = [
    #text                    goes out                cut    broken
    ("",                     "",                     False, False),
    (" \n",                  "",                     False, False),
    ("null",                 "",                     False, False),
    (" {}\n",                " {}\n",                False, False),
    ('{"a": [1, 2.50, -0]}', '{"a": [1, 2.50, -0]}', False, False),
    ('{"a":"\\ud83d\\ude00"}', '{"a":"\\ud83d\\ude00"}', False, False),
    ("{x",                   '{"input":"{x"}',       False, True),
    ("{'a': 1}",             '{"input":"{\'a\': 1}"}', False, True),
    ("[1]",                  '{"input":"[1]"}',      False, True),
    ('"{}"',                 '{"input":"\\"{}\\""}', False, True),
    ("{",                    "",                     True,  False),
    ('{"a":',                '{"a":',                True,  False),
    ('{"a":tru',             '{"a":',                True,  False),
    ('{"a":1,}',             '{"a":1,',              True,  True),
    ('{"a":1}}',             '{"a":1}',              True,  True),
    ('{"a":[1}',             '{"a":[1',              True,  True),
    ('{"a":01}',             '{"a":',                True,  True),
    ('{"a":1e999}',          '{"a":',                True,  True),
    ('{"a":NaN}',            '{"a":',                True,  True),
    ('{"a":"\\x"}',          '{"a":"',               True,  True),
    ('{"a":"\\ud83d"}',      '{"a":"',               True,  True),
    ('{"a":"\\ud83d\\u0041"}', '{"a":"',             True,  True),
    ('{"a":"\\ude00"}',      '{"a":"',               True,  True),
    ('{"a":"\\u12g4"}',      '{"a":"',               True,  True),
    ('{"a":"\t"}',           '{"a":"',               True,  True),
    ('{"a" 1}',              '{"a" ',                True,  True),
    ('{"a":1 "b"}',          '{"a":1 ',              True,  True),
]
# fmt: on


@pytest.mark.parametrize(("text", "out", "cut_", "broken"), STORIES)
def test_what_goes_out(text: str, out: str, cut_: bool, broken: bool) -> None:
    assert said([text]) == said(list(text)) == (out, cut_, broken)


def test_more_levels_than_readers_take() -> None:
    text = '{"a":' + "[" * 300
    assert said([text]) == said(list(text))
    assert said([text])[1:] == (True, True)


def test_more_digits_than_readers_take() -> None:
    assert said(['{"a":' + "1" * 5000 + "}"]) == ('{"a":', True, True)


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=2), inner),
    max_leaves=6,
)
cuts = st.lists(st.integers(0, 60), max_size=6)


@given(st.dictionaries(st.text(max_size=2), json_values, max_size=3), cuts)
def test_an_object_goes_out_as_it_came(value: Any, at: list[int]) -> None:
    text = json.dumps(value, ensure_ascii=False)
    assert said(pieces(text, at)) == (text, False, False)


def pieces(text: str, at: list[int]) -> list[str]:
    parts = cut(text.encode("utf-32-le"), [place * 4 for place in at])
    return [part.decode("utf-32-le") for part in parts]


damage = st.text('{}[]",:\\ x1-.eu\n', max_size=3)


@given(
    st.dictionaries(st.text(max_size=2), json_values, max_size=2),
    st.integers(0, 40),
    damage,
    cuts,
)
@example({"a": 1}, 6, "x", [1, 2, 3])
def test_damage_never_shows_and_cuts_do_not_matter(
    value: Any, at: int, dirt: str, places: list[int]
) -> None:
    text = json.dumps(value)
    text = text[:at] + dirt + text[at:]
    whole = said([text])
    assert said(list(text)) == whole
    assert said(pieces(text, places)) == whole
    try:
        sound = isinstance(orjson.loads(text), dict)
    except orjson.JSONDecodeError:
        sound = False
    assert sound == (whole == (text, False, False))
    assert sound or whole[1] or whole[2]


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]))))
def test_free_text_is_a_string_in_an_object(texts: list[str]) -> None:
    out, cut_, broken = said(texts, CUSTOM)
    assert orjson.loads(out) == {"input": "".join(texts)}
    assert (cut_, broken) == (False, False)


# fmt: off
SETTLED: list[tuple[str, ToolKind, Any, bool]] = [
    ("",                   FUNCTION, {},                 False),
    ('{"a":1}',            FUNCTION, {"a": 1},           False),
    ("[1]",                FUNCTION, {"input": "[1]"},   False),
    ('{"a":',              FUNCTION, {},                 True),
    ('{"a":1}}',           FUNCTION, {},                 True),
    ("ls",                 CUSTOM,   {"input": "ls"},    False),
    ("",                   CUSTOM,   {"input": ""},      False),
]
# fmt: on


@pytest.mark.parametrize(("text", "kind", "value", "cut_"), SETTLED)
def test_settled(text: str, kind: ToolKind, value: Any, cut_: bool) -> None:
    found, arguments = settled(text, kind)
    assert (found, arguments.cut) == (value, cut_)


def test_numbers_keep_their_digits() -> None:
    text = '{"a":12345678901234567890123,"b":2.50}'
    assert write(settled(text, FUNCTION)[0]).decode() == text
