"""JSON readers: a value or a complaint with a path, and nothing else."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cliproxy_core.base import jsonval
from cliproxy_core.base.errors import DecodeError
from cliproxy_core.base.jsonval import Json

# fmt: off
KINDS = [
    (None,       "null"),
    (True,       "a boolean"),
    (1,          "a number"),
    (1.5,        "a number"),
    ("text",     "a string"),
    ([1],        "an array"),
    ({"a": 1},   "an object"),
]
READERS = [
    (jsonval.opt_object, {"an object"},           "an object"),
    (jsonval.opt_array,  {"an array"},            "an array"),
    (jsonval.opt_str,    {"a string"},            "a string"),
    (jsonval.opt_number, {"a number"},            "a number"),
    (jsonval.opt_bool,   {"a boolean"},           "a boolean"),
]
# fmt: on

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner)
    ),
    max_leaves=10,
)


@given(JSON)
def test_what_is_written_can_be_read(value: Json) -> None:
    assert jsonval.loads(jsonval.dumps(value)) == value


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b"", "not JSON at byte 0"),
        (b"[1,", "not JSON at byte 3"),
        (b"\xff", "not JSON at byte 0"),
        ("NaN", "not JSON at byte 0"),
    ],
)
def test_what_is_not_json(text: bytes | str, reason: str) -> None:
    with pytest.raises(DecodeError) as caught:
        jsonval.loads(text)
    assert (caught.value.path, caught.value.reason) == ("", reason)


def test_a_complaint_about_text_does_not_quote_it() -> None:
    with pytest.raises(DecodeError) as caught:
        jsonval.loads('{"key": sk-canary')
    assert "canary" not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize(("value", "kind"), KINDS)
def test_kinds(value: Json, kind: str) -> None:
    assert jsonval.kind_of(value) == kind


@pytest.mark.parametrize(("value", "kind"), KINDS)
@pytest.mark.parametrize(("reader", "accepted", "expected"), READERS)
def test_optional_readers(
    reader: Callable[[dict[str, Json], str, str], Json],
    accepted: set[str],
    expected: str,
    value: Json,
    kind: str,
) -> None:
    holder: dict[str, Json] = {"key": value}
    assert reader(holder, "absent", ".p") is None
    if value is None:
        assert reader(holder, "key", ".p") is None
    elif kind in accepted:
        assert reader(holder, "key", ".p") == value
    else:
        with pytest.raises(DecodeError) as caught:
            reader(holder, "key", ".p")
        assert str(caught.value) == f".p.key: expected {expected}, got {kind}"


@pytest.mark.parametrize(
    ("reader", "good", "expected"),
    [
        (jsonval.as_object, {"a": 1}, "an object"),
        (jsonval.as_array, [1], "an array"),
        (jsonval.as_str, "text", "a string"),
        (jsonval.as_int, 1, "an integer"),
    ],
)
def test_plain_readers(
    reader: Callable[[Json, str], Json], good: Json, expected: str
) -> None:
    assert reader(good, ".p") == good
    for value, kind in KINDS:
        if type(value) is not type(good):
            with pytest.raises(DecodeError, match=f"expected {expected}, got {kind}"):
                reader(value, ".p")


@pytest.mark.parametrize("value", [1.5, True, "1"])
def test_an_integer_is_neither_a_float_nor_a_boolean(value: Json) -> None:
    with pytest.raises(DecodeError, match="expected an integer"):
        jsonval.opt_int({"n": value}, "n", "")
    assert jsonval.opt_int({"n": 7}, "n", "") == 7
    assert jsonval.opt_int({}, "n", "") is None


def test_a_needed_key_may_be_null_but_not_absent() -> None:
    assert jsonval.need({"a": None}, "a", ".p") is None
    with pytest.raises(DecodeError) as caught:
        jsonval.need({}, "a", ".p")
    assert str(caught.value) == ".p.a: required"


def test_each_element_has_its_path() -> None:
    assert jsonval.each(["x", "y"], ".p") == [("x", ".p[0]"), ("y", ".p[1]")]


def test_what_is_too_deep_to_be_written_is_a_complaint() -> None:
    deep: Json = []
    for _ in range(500):
        deep = [deep]
    with pytest.raises(DecodeError, match="nested too deeply"):
        jsonval.write(deep)
    assert jsonval.write({"a": [1]}) == b'{"a":[1]}'


def test_a_string_that_must_be_there() -> None:
    assert jsonval.need_str({"a": ""}, "a", ".p") == ""
    for holder, reason in (({}, "required"), ({"a": 1}, "expected a string")):
        with pytest.raises(DecodeError, match=reason) as caught:
            jsonval.need_str(dict(holder), "a", ".p")
        assert caught.value.path == ".p.a"


def test_complaints_about_an_element_name_its_place() -> None:
    def parse(holder: jsonval.JsonObject) -> str:
        return jsonval.need_str(holder, "a", "")

    assert jsonval.parse_each([{"a": "x"}, {"a": "y"}], ".p", parse) == ["x", "y"]
    with pytest.raises(DecodeError) as caught:
        jsonval.parse_each([{"a": "x"}, {}], ".p", parse)
    assert caught.value.path == ".p[1].a"
    with pytest.raises(DecodeError) as caught:
        jsonval.parse_each([5], ".p", parse)
    assert caught.value.path == ".p[0]"
