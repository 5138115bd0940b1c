"""One block at a time, counted from 0, whatever came."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cliproxy_core.base.ids import Ids
from cliproxy_core.dialects.claude_messages.grammar import GRAMMAR, classify
from cliproxy_core.dialects.claude_messages.mend_blocks import NOTHING, Blocks
from cliproxy_core.ir.grammar import Checker
from tests.core.dialects.claude_messages.streams import brief, payloads


def feed(blocks: Blocks, story: str) -> str | None:
    """Give a story to the blocks; the first fault, if there is one."""
    for payload in payloads(story) if story else []:
        match payload["type"]:
            case "content_block_start":
                fault = blocks.start(payload, None)
            case "content_block_delta":
                fault = blocks.delta(payload, None)
            case _:
                blocks.stop(payload, None)
                fault = None
        if fault is not None:
            return fault
    return None


def make() -> Blocks:
    return Blocks(Ids(b"x"), Counter())


def shown(blocks: Blocks) -> str:
    return " | ".join(brief(payload) for payload, _ in blocks.out if payload)


UNSIGNED: Any = {
    "type": "content_block_start",
    "content_block": {"type": "thinking", "thinking": ""},
}
ARGUMENTS = (0, "input_json_delta", "partial_json", ["{"])


@pytest.mark.parametrize(
    ("story", "fast"),
    [
        ("open 0 text", (0, "text_delta", "text", None)),
        ("open 0 thinking", (0, "thinking_delta", "thinking", None)),
        ("open 0 tool_use t f | args 0 {", ARGUMENTS),
        ("", NOTHING),
        ("open 0 text | close 0", NOTHING),
        ("open 1 text", NOTHING),
        ("open 0 thinking | sign 0 s", NOTHING),
        ("open 0 redacted_thinking", NOTHING),
        ("open 0 web_search_tool_result", NOTHING),
    ],
)
def test_the_ordinary_delta(story: str, fast: Any) -> None:
    blocks = make()
    assert feed(blocks, story) is None
    assert blocks.fast == fast


def test_nothing_equals_the_ordinary_index_of_nothing() -> None:
    assert NOTHING[0] != NOTHING[0]


def test_frames_pass_as_they_came_when_nothing_was_wrong() -> None:
    blocks = make()
    start, delta, stop = payloads("open 0 text | text 0 a | close 0")
    blocks.start(start, b"1")
    blocks.delta(delta, b"2")
    blocks.stop(stop, b"3")
    assert [raw for _, raw in blocks.out] == [b"1", b"2", b"3"]
    assert blocks.content


def test_a_block_that_waits_shows_nothing() -> None:
    blocks = make()
    feed(blocks, "open 0 tool_use a f")
    blocks.content = False
    feed(blocks, "open 1 tool_use b g | args 1 {} | close 1")
    assert not blocks.content
    assert shown(blocks) == "open 0 tool_use a f"
    feed(blocks, "close 0")
    assert shown(blocks).endswith("close 0 | open 1 tool_use b g | args 1 {} | close 1")


def test_many_may_wait() -> None:
    count = 300
    starts = " | ".join(f"open {i} tool_use t{i} f" for i in range(count))
    deltas = " | ".join(f"args {i} {{}}" for i in reversed(range(count)))
    blocks = make()
    assert feed(blocks, f"{starts} | {deltas}") is None
    assert blocks.close(cut=False) is None
    opened = [p for p, _ in blocks.out if p and p["type"] == "content_block_start"]
    assert [start["index"] for start in opened] == list(range(count))
    assert len(blocks.out) == 3 * count


@pytest.mark.parametrize(
    ("story", "cut"),
    [
        ("open 0 tool_use t f", False),
        ("open 0 tool_use t f | args 0 {}", False),
        ("open 0 tool_use t f | args 0 {", True),
        ('open 0 tool_use t f {"a":1}', False),
        ("open 0 text | text 0 {", False),
    ],
)
def test_whether_a_call_is_cut(story: str, cut: bool) -> None:
    blocks = make()
    feed(blocks, story)
    assert blocks.cut_call is cut
    assert (blocks.close(cut=False) is not None) is cut


def test_a_cut_call_is_closed_when_the_message_was_cut() -> None:
    blocks = make()
    feed(blocks, "open 0 tool_use t f | args 0 {")
    assert blocks.close(cut=True) is None
    assert shown(blocks) == "open 0 tool_use t f | args 0 { | close 0"


@pytest.mark.parametrize(
    ("story", "fault"),
    [
        ("args 0 {}", "tool arguments without a tool call"),
        ("open 0 tool_use t ", "a tool call without a name"),
        ("think 0 a | close 0 | sign 0 s", "a signature whose thinking is over"),
        ("open 0 tool_use t f | args 0 { | open 0 text", "incomplete tool arguments"),
    ],
)
def test_faults(story: str, fault: str) -> None:
    assert feed(make(), story) == fault


def test_a_value_of_the_wrong_type_is_a_fault() -> None:
    (delta,) = payloads("text 0 a")
    delta["delta"]["text"] = 1
    assert make().delta(delta, None) == "a text_delta whose text is not a string"


@pytest.mark.parametrize("spoilt", [None, {}, {"type": 1}, {"type": "text_delta"}])
def test_a_delta_that_says_nothing(spoilt: Any) -> None:
    blocks = make()
    assert blocks.delta({"delta": spoilt}, None) is None
    assert (blocks.out, blocks.repairs) == ([], {"empty_delta": 1})


@pytest.mark.parametrize(
    ("story", "expected"),
    [
        ("open - text | close -", "open 0 text | close 0"),
        ("close - | close 3", ""),
        (
            "open 0 thinking | sign 0 s | think 0 b",
            "open 0 thinking | sign 0 s | close 0 | open 1 thinking | think 1 b",
        ),
        (
            "open 0 tool_use t f | open 0 tool_use t f | args 0 {}",
            "open 0 tool_use t f | args 0 {}",
        ),
        (
            "open 0 server_tool_use s w | open 1 text | args 0 {} | close 0",
            "open 0 server_tool_use s w | args 0 {} | close 0 | open 1 text",
        ),
    ],
)
def test_stories(story: str, expected: str) -> None:
    blocks = make()
    assert feed(blocks, story) is None
    assert shown(blocks) == expected


def test_a_field_that_is_missing_is_put_in() -> None:
    blocks = make()
    blocks.start({"index": 0, **UNSIGNED}, b"raw")
    (payload, raw), *_ = blocks.out
    assert payload is not None
    assert payload["content_block"] == {
        "type": "thinking",
        "thinking": "",
        "signature": "",
    }
    assert raw != b"raw"
    assert blocks.repairs == {"thinking_field_added": 1}


words = st.builds(
    str.format,
    st.sampled_from(
        [
            "open {} text",
            "open {} thinking",
            "open {} tool_use t f",
            "open {} server_tool_use s w",
            "open {}",
            "text {} a",
            "think {} b",
            "sign {} s",
            "args {} {{}}",
            "args {} ",
            "new_delta {} x",
            "close {}",
        ]
    ),
    st.sampled_from(["0", "1", "2", "-"]),
)


@given(st.lists(words, max_size=12))
def test_what_is_shown_is_legal(story: list[str]) -> None:
    blocks, checker = make(), Checker(GRAMMAR)
    checker.check(classify({"type": "message_start"}))
    if feed(blocks, " | ".join(story)) is None:
        blocks.close(cut=True)
    for payload, _ in blocks.out:
        assert checker.check(classify(payload)) is None
