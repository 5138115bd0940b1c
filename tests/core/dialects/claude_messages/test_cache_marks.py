"""Marks for the prompt cache, within what the vendor takes."""

from __future__ import annotations

from typing import Any

import pytest

from cliproxy_core.dialects.claude_messages.cache_marks import fit_marks, places_of
from cliproxy_core.ir.request import (
    Dropped,
    Message,
    NativePart,
    Request,
    Role,
    Text,
    Tool,
    ToolResult,
)

SHORT: Any = {"type": "ephemeral"}
LONG: Any = {"type": "ephemeral", "ttl": "1h"}
BOTH: Any = {"m": SHORT, "h": LONG, "-": None}


def block(sign: str) -> Any:
    mark = BOTH[sign]
    return {"type": "text"} if mark is None else {"type": "text", "cache_control": mark}


def document(tools: str, system: str, turn: str) -> Any:
    content = [block(sign) for sign in turn]
    return {
        "tools": [block(sign) for sign in tools],
        "system": [block(sign) for sign in system],
        "messages": [{"role": "user", "content": content}],
    }


def signs(blocks: list[Any]) -> str:
    marks = [each.get("cache_control") for each in blocks]
    return "".join("-" if m is None else "h" if m.get("ttl") else "m" for m in marks)


# fmt: off
CASES = [
    # tools, system, turn     become                 dropped
    (("m", "m", "mm"),        ("m", "m", "mm"),      []),
    (("-", "-", "-mm-"),      ("-", "-", "-mm-"),    []),
    (("mm", "mm", "mmm"),     ("-m", "-m", "-mm"),
     [".system[0].cache_control", ".tools[0].cache_control",
      ".messages[0].content[0].cache_control"]),
    (("", "", "mmmmmm"),      ("", "", "--mmmm"),
     [".messages[0].content[0].cache_control",
      ".messages[0].content[1].cache_control"]),
    (("h", "h", "hm"),        ("h", "h", "hm"),      []),
    (("h", "m", "h"),         ("h", "m", "m"),
     [".messages[0].content[0].cache_control.ttl"]),
]
# fmt: on


@pytest.mark.parametrize(("before", "after", "dropped"), CASES)
def test_marks(before: Any, after: Any, dropped: list[str]) -> None:
    payload, notes = document(*before), list[Dropped]()
    fit_marks(payload, notes, {})
    found = [payload["tools"], payload["system"], payload["messages"][0]["content"]]
    assert tuple(map(signs, found)) == after
    assert [note.path for note in notes] == dropped
    assert all(note.reason for note in notes)


def test_marks_inside_of_results_count() -> None:
    inner = [block("m"), block("m"), block("m"), block("m")]
    result: Any = {"type": "tool_result", "content": inner, "cache_control": SHORT}
    notes: list[Dropped] = []
    fit_marks({"messages": [{"role": "user", "content": [result]}]}, notes, {})
    path = ".messages[0].content[0].content[0].cache_control"
    assert [note.path for note in notes] == [path]
    assert signs(inner) == "-mmm"


@pytest.mark.parametrize(
    "payload",
    [
        {},
        {"messages": [{"role": "user", "content": "hi"}], "system": "s"},
        {"system": [{"cache_control": 1}]},
    ],
)
def test_what_has_no_marks_is_left_alone(payload: Any) -> None:
    before, notes = str(payload), list[Dropped]()
    fit_marks(payload, notes, {})
    assert (str(payload), notes) == (before, [])


def test_a_mark_that_is_shared_is_not_changed() -> None:
    payload = document("", "", "mh")
    fit_marks(payload, [], {})
    assert LONG == {"type": "ephemeral", "ttl": "1h"}


def test_a_loss_is_where_the_mark_came_from() -> None:
    """The order of the document says nothing: system text may come late elsewhere."""
    marks: list[Any] = [{"type": "ephemeral", "n": n} for n in range(6)]
    result = ToolResult(
        call_id="a", parts=(Text("a", marks[2]),), plain=False, cache=marks[3]
    )
    native = NativePart("claude_messages", {"cache_control": marks[4]})
    request = Request(
        model="m",
        messages=(
            Message(role=Role.USER, parts=(Text("a", marks[1]),), path=".messages[0]"),
            Message(
                role=Role.USER, parts=(Text("b"), result, native), path=".messages[1]"
            ),
            Message(
                role=Role.SYSTEM, parts=(Text("s", marks[5]),), path=".messages[2]"
            ),
        ),
        tools=(Tool(name="f", cache=marks[0]),),
    )
    blocks: list[Any] = [{"cache_control": mark} for mark in marks]
    payload: Any = {"tools": blocks[:1], "system": blocks[5:]}
    payload["messages"] = [{"role": "user", "content": blocks[1:5]}]
    notes: list[Dropped] = []
    fit_marks(payload, notes, places_of(request))
    assert [note.path for note in notes] == [
        ".messages[0].content[0].cache_control",
        ".messages[1].content[1].cache_control",
    ]
    short: Any = {"type": "ephemeral"}
    long: Any = {"type": "ephemeral", "ttl": "1h"}
    asked = Request(
        model="m",
        messages=(
            Message(role=Role.USER, parts=(Text("a", short),), path=".messages[4]"),
            Message(role=Role.USER, parts=(Text("b", long),), path=".messages[7]"),
        ),
    )
    payload = {"messages": [{"role": "user", "content": [{}, {}]}]}
    for at, mark in enumerate((short, long)):
        payload["messages"][0]["content"][at]["cache_control"] = mark
    notes = []
    fit_marks(payload, notes, places_of(asked))
    assert [note.path for note in notes] == [
        ".messages[7].content[0].cache_control.ttl"
    ]
