"""Documents that differ in one string only."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cliproxy_core.ir.pattern import pattern

PROBE = "probe \N{REPLACEMENT CHARACTER}"


def find(data: bytes, text: str) -> tuple[bytes, bytes] | None:
    """The pattern of a document whose text is under `t`."""
    document: dict[str, Any] = orjson.loads(data)
    assert document["t"] == text
    return pattern(data, text, lambda other: {**document, "t": other})


@pytest.mark.parametrize(
    ("data", "text", "found"),
    [
        (b'{"a":1,"t":"x"}', "x", (b'{"a":1,"t":', b"}")),
        (b'{"t": "x" , "b":"y"}', "x", (b'{"t": ', b' , "b":"y"}')),
        (b'{"t":"\\n"}', "\n", (b'{"t":', b"}")),
        (b'{"t":"\\u0041"}', "A", None),  # escaped without need
        (b'{"a":"x","t":"x"}', "x", None),  # the first is another one
        (b'{"x":1,"t":"x"}', "x", None),  # a key
        (b'{"t":"x","t":"x"}', "x", None),  # the second counts
        (b'{"t":"t"}', "t", None),
        (b'{"a":"\\"x\\"","t":"x"}', "x", (b'{"a":"\\"x\\"","t":', b"}")),
        (orjson.dumps({"t": PROBE}), PROBE, None),
    ],
)
def test_where_the_text_stands(
    data: bytes, text: str, found: tuple[bytes, bytes] | None
) -> None:
    assert find(data, text) == found


def test_bytes_that_end_inside_a_string_are_no_pattern() -> None:
    # `"x"` also stands where one string ends and another begins.
    data = b'{"a":"\\\\"x"":1}'
    assert pattern(data, "x", lambda text: {"a": text}) is None


@given(
    st.dictionaries(st.text(max_size=3), st.text(max_size=3), max_size=4),
    st.text(max_size=3),
    st.text(max_size=3),
)
def test_a_pattern_says_what_a_reader_says(
    around: dict[str, str], text: str, other: str
) -> None:
    found = find(orjson.dumps({**around, "t": text}), text)
    if found is not None:
        before, after = found
        assert orjson.loads(before + orjson.dumps(other) + after) == {
            **around,
            "t": other,
        }
