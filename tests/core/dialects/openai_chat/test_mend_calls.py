"""Tool calls in every shape that upstreams were seen to send."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from cliproxy_core.base.ids import Ids
from cliproxy_core.dialects.openai_chat.mend_calls import Calls, is_cut, is_json
from tests.core.dialects.openai_chat.streams import call

FN = {"type": "function"}


def told(*deltas: list[Any]) -> tuple[list[str], Counter[str]]:
    """The calls in the end as `index name#id(arguments)`, and what was mended."""
    calls = Calls(Ids(b"x"), Counter())
    out: dict[int, list[str]] = {}
    for entries in [*(calls.take(delta)[0] for delta in deltas), calls.flush()]:
        for entry in entries:
            assert isinstance(entry, dict)
            index, function = entry["index"], entry["function"]
            assert isinstance(index, int)
            assert isinstance(function, dict)
            if index not in out:
                assert index == len(out)
                assert entry["type"] == "function"
                ident = str(entry["id"])
                made = (
                    "made" if ident.startswith("call_") and len(ident) > 20 else ident
                )
                out[index] = [f"{index} {function['name']}#{made}("]
            else:
                assert entry.keys() == {"index", "function"}
                assert function.keys() == {"arguments"}
            out[index].append(str(function["arguments"]))
    return ["".join(pieces) + ")" for pieces in out.values()], calls.repairs


# Name -> deltas, calls in the end, repairs.
SHAPES: dict[str, tuple[list[list[Any]], list[str], set[str]]] = {
    "in order": (
        [[call(0, "", id="a", name="f", **FN)], [call(0, "{")], [call(0, "}")]],
        ["0 f#a({})"],
        set(),
    ),
    "all in one delta": (
        [[call(0, "1", id="a", name="f", **FN), call(1, "2", id="b", name="g", **FN)]],
        ["0 f#a(1)", "1 g#b(2)"],
        set(),
    ),
    "any order in one delta": (
        [[call(i, str(i), id=f"i{i}", name="f", **FN) for i in (2, 0, 1)]],
        ["0 f#i0(0)", "1 f#i1(1)", "2 f#i2(2)"],
        {"call_order"},
    ),
    "sparse indexes": (
        [[call(i, str(i), id=f"i{i}", name="f", **FN)] for i in (0, 2, 5)]
        + [[call(5, "!")], [call(2, "?")]],
        ["0 f#i0(0)", "1 f#i2(2?)", "2 f#i5(5!)"],
        {"call_opening", "call_index"},
    ),
    "indexes from 1": (
        [[call(1, "", id="a", name="f", **FN)], [call(1, "{}")]],
        ["0 f#a({})"],
        {"call_opening", "call_index"},
    ),
    "interleaved": (
        [
            [call(0, "", id="a", name="f", **FN)],
            [call(1, "", id="b", name="g", **FN)],
            [call(0, "x")],
            [call(1, "y")],
            [call(0, "z")],
        ],
        ["0 f#a(xz)", "1 g#b(y)"],
        set(),
    ),
    "no index": (
        [
            [call(None, "", id="a", name="f", **FN)],
            [call(None, "x")],
            [call(None, "", id="b", name="f", **FN)],
            [call(None, "y", id="b")],
            [call(None, "z", id="a")],
        ],
        ["0 f#a(xz)", "1 f#b(y)"],
        {"call_index_missing", "call_opening", "call_head_repeated"},
    ),
    "one index for all": (
        [
            [call(0, "x", id="a", name="f", **FN)],
            [call(0, "y", id="b", name="g", **FN)],
            [call(0, "z")],
        ],
        ["0 f#a(x)", "1 g#b(yz)"],
        {"call_index_reused", "call_opening", "call_index"},
    ),
    "id empty, then real": (
        [[call(0, "x", id="", name="f", **FN)], [call(0, "y", id="real")]],
        ["0 f#real(xy)"],
        {"call_held", "call_opening"},
    ),
    "id in an entry without function": (
        [[call(0, "x", name="f")], [{"index": 0, "id": "late"}]],
        ["0 f#late(x)"],
        {"call_held", "call_opening"},
    ),
    "id never": ([[call(0, "x", name="f")]], ["0 f#made(x)"], {"call_id_made"}),
    "id repeated, another id": (
        [
            [call(0, "x", id="a", name="f", **FN)],
            [call(0, "y", id="a")],
            [call(0, "z", id="other")],
        ],
        ["0 f#a(xyz)"],
        {"call_head_repeated"},
    ),
    "name late": (
        [[call(0, "x", id="a")], [call(0, "y", name="f")], [call(0, "z")]],
        ["0 f#a(xyz)"],
        {"call_held", "call_opening"},
    ),
    "name never": ([[call(3, "x", id="a")]], ["0 tool_3#a(x)"], {"call_name_made"}),
    "name null, then of another type": (
        [[call(0, "x", id="a", name=None)], [call(0, "", name=123)]],
        ["0 tool_0#a(x)"],
        {"call_name_made"},
    ),
    "name on every delta": (
        [[call(0, "x", id="a", name="f", **FN)], [call(0, "y", name="f")]],
        ["0 f#a(xy)"],
        {"call_head_repeated"},
    ),
    "null heads on later deltas": (
        [
            [call(0, "x", id="a", name="f", **FN)],
            [call(0, "y", id=None, type=None, name=None)],
        ],
        ["0 f#a(xy)"],
        {"call_head_repeated"},
    ),
    "type missing": ([[call(0, "", id="a", name="f")]], ["0 f#a()"], {"call_opening"}),
    "arguments null": (
        [[call(0, None, id="a", name="f", **FN)], [call(0, None)], [call(0, "{}")]],
        ["0 f#a({})"],
        {"call_opening", "call_head_repeated"},
    ),
    "arguments an object": (
        [[call(0, {"a": 1}, id="a", name="f", **FN)]],
        ['0 f#a({"a":1})'],
        {"arguments_not_text", "call_opening"},
    ),
    "arguments again at the end": (
        [
            [call(0, "", id="a", name="f", **FN)],
            [call(0, '{"a":')],
            [call(0, "1}")],
            [call(0, '{"a":1}')],
        ],
        ['0 f#a({"a":1})'],
        {"arguments_again", "call_head_repeated"},
    ),
    "a later call starts first": (
        [
            [call(0, "x", name="f")],
            [call(1, "y", id="b", name="g", **FN)],
            [call(0, "z", id="a")],
        ],
        ["0 g#b(y)", "1 f#a(xz)"],
        {"call_held", "call_opening"},
    ),
    "no signal": ([[{"index": 0}], [call(0, None)]], [], {"call_suppressed"}),
    "not an object": ([[5, call(0, "", id="a", name="f", **FN)]], ["0 f#a()"], set()),
}


@pytest.mark.parametrize(("deltas", "want", "repairs"), SHAPES.values(), ids=SHAPES)
def test_calls_come_out_dense_and_complete(
    deltas: list[list[Any]], want: list[str], repairs: set[str]
) -> None:
    got, made = told(*deltas)
    assert got == want
    assert repairs <= set(made)


def test_what_is_in_order_is_the_same_object() -> None:
    calls = Calls(Ids(b"x"), Counter())
    opening: list[Any] = [call(0, "", id="a", name="f", extra=1, **FN)]
    more: list[Any] = [call(0, "x")]
    for entries in (opening, more):
        sent, bent = calls.take(entries)
        assert not bent
        assert sent[0] is entries[0]
    assert calls.live[0].text == "x"


def test_calls_without_arguments_are_filled_once() -> None:
    calls = Calls(Ids(b"x"), Counter())
    silent: Any = {"id": "c", "custom": {"name": "h", "input": ""}}
    calls.take([call(0, "", id="a", name="f", **FN)])
    calls.take([call(1, "[]", id="b", name="g", **FN), {"index": 2, **silent}])
    assert calls.fill() == [{"index": 0, "function": {"arguments": "{}"}}]
    assert calls.fill() == []
    assert [each.text for each in calls.started] == ["{}", "[]", ""]
    assert calls.repairs["arguments_missing"] == 1


def test_a_call_that_never_gets_a_name_can_mean_one_tool() -> None:
    calls = Calls(Ids(b"x"), Counter(), "exec")
    calls.take([call(0, "{}", id="a")])
    (entry,) = calls.flush()
    assert entry["function"] == {"name": "exec", "arguments": "{}"}  # type: ignore[index,call-overload]
    assert calls.repairs["call_name_made"] == 1


def test_free_text_stays_free() -> None:
    calls = Calls(Ids(b"x"), Counter())
    entry: Any = {"index": 1, "id": "a", "custom": {"name": "f", "input": "{"}}
    ((sent,), bent) = calls.take([entry])
    assert bent
    assert sent == {
        "index": 0,
        "id": "a",
        "type": "custom",
        "custom": {"name": "f", "input": "{"},
    }
    assert calls.started[0].custom


@pytest.mark.parametrize(
    ("text", "json", "cut"),
    [
        ("", True, False),
        ("{}", True, False),
        ("[1]", True, False),
        ("{", False, True),
        ('{"a": "x', False, True),
        (r'{"a": "\"}', False, True),
        ('{"a": "}"', False, True),
        ("{a}", False, False),
        ("}", False, False),
        ('{"a": "{"}}', False, False),
    ],
)
def test_whether_arguments_are_complete(text: str, json: bool, cut: bool) -> None:
    assert (is_json(text), is_cut(text)) == (json, cut)
