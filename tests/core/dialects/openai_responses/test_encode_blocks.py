"""What is said of blocks while they are open, and when they end."""

from __future__ import annotations

from typing import Any

import pytest

from cliproxy_core.dialects.openai_responses.encode import ResponsesEncoder
from cliproxy_core.dialects.openai_responses.encode_blocks import is_writable, texts_of
from cliproxy_core.dialects.openai_responses.grammar import NAME
from cliproxy_core.ir import stream as ev
from cliproxy_core.ir.citation import Citation, TokenProb
from cliproxy_core.ir.media import MediaKind
from cliproxy_core.ir.request import ToolKind
from tests.core.dialects.openai_responses.events import context, encode, short, whole

OWN = Citation(dialect=NAME, raw={"type": "file_path", "file_id": "f", "index": 0})
LOOSE = Citation(dialect="claude_messages", raw={}, url="http://x", title="X")
TIED = Citation(dialect="gemini", raw={}, url="http://y", title="Y", start=1, end=2)
BOOK = Citation(dialect="claude_messages", raw={}, title="a book")


def url(address: str, title: str, start: int, end: int) -> dict[str, Any]:
    return {
        "type": "url_citation",
        "start_index": start,
        "end_index": end,
        "url": address,
        "title": title,
    }


def test_sources_are_told_in_the_part_and_on_the_way() -> None:
    heard = encode(
        *whole(
            ev.TextStarted(0),
            ev.TextDelta(0, "ab"),
            ev.CitationAdded(0, LOOSE),
            ev.CitationAdded(0, OWN),
            ev.CitationAdded(0, TIED),
            ev.TextDelta(0, "c"),
            ev.BlockEnded(0),
        )
    )
    assert [short(payload) for payload in heard[4:-2]] == [
        "output_text.delta 0 'ab'",
        "output_text.annotation.added 0",
        "output_text.annotation.added 0",
        "output_text.delta 0 'c'",
        "output_text.annotation.added 0",
        "output_text.done 0 'abc'",
        "content_part.done 0",
    ]
    # A source for all of the words is told when all of them are known.
    sources = [OWN.raw, url("http://y", "Y", 1, 2), url("http://x", "X", 0, 3)]
    told = [payload for payload in heard if "annotation" in payload]
    assert [payload["annotation"] for payload in told] == sources
    assert [payload["annotation_index"] for payload in told] == [0, 1, 2]
    (item,) = heard[-1]["response"]["output"]
    assert item["content"][0]["annotations"] == sources


def test_sources_without_an_address_are_counted() -> None:
    deep: Any = {}
    for _ in range(300):
        deep = {"a": deep}
    encoder = ResponsesEncoder(context())
    encoder.feed(
        whole(
            ev.TextStarted(0),
            ev.CitationAdded(0, BOOK),
            ev.CitationAdded(0, Citation(dialect=NAME, raw=deep)),
            ev.BlockEnded(0),
            ev.RefusalStarted(1),
            ev.CitationAdded(1, LOOSE),
            ev.LogProbsAdded(1, (TokenProb("a", -1),)),
            ev.BlockEnded(1),
        )
    )
    assert encoder.dropped == {"citation": 3, "logprobs": 1}


def test_probabilities_come_in_a_delta_of_their_own() -> None:
    heard = encode(
        *whole(
            ev.TextStarted(0),
            ev.TextDelta(0, "a"),
            ev.LogProbsAdded(0, (TokenProb("a", -1, (97,)),)),
            ev.TextDelta(0, "b"),
            ev.LogProbsAdded(0, (TokenProb("b", -2, (98,)),)),
            ev.BlockEnded(0),
        )
    )
    one = {"token": "a", "logprob": -1, "bytes": [97], "top_logprobs": []}
    two = {"token": "b", "logprob": -2, "bytes": [98], "top_logprobs": []}
    told = [(p["delta"], p["logprobs"]) for p in heard if "delta" in p]
    assert told == [("a", []), ("", [one]), ("b", []), ("", [two])]
    (done,) = [p for p in heard if p["type"] == "response.output_text.done"]
    assert done["logprobs"] == [one, two]
    (item,) = heard[-1]["response"]["output"]
    assert item["content"][0]["logprobs"] == [one, two]


def test_empty_deltas_say_nothing() -> None:
    heard = encode(
        *whole(
            ev.TextStarted(0),
            ev.TextDelta(0, ""),
            ev.TextDelta(0, "a"),
            ev.BlockEnded(0),
        )
    )
    assert [payload["delta"] for payload in heard if "delta" in payload] == ["a"]


def test_reasoning_from_its_opening_to_its_end() -> None:
    heard = encode(
        *whole(
            ev.ReasoningStarted(0),
            ev.ReasoningDelta(0, "t"),
            ev.ReasoningDelta(0, "h"),
            ev.BlockEnded(0),
        )
    )
    assert [short(payload) for payload in heard[2:-1]] == [
        "output_item.added 0 reasoning",
        "reasoning_summary_part.added 0",
        "reasoning_summary_text.delta 0 't'",
        "reasoning_summary_text.delta 0 'h'",
        "reasoning_summary_text.done 0 'th'",
        "reasoning_summary_part.done 0",
        "output_item.done 0 reasoning",
    ]
    part = {"type": "summary_text", "text": "th"}
    assert heard[7]["part"] == part
    assert heard[8]["item"]["summary"] == [part]


def test_an_image_is_shown_when_it_is_whole() -> None:
    heard = encode(
        *whole(
            ev.MediaStarted(0, MediaKind.IMAGE, "image/png"),
            ev.MediaDelta(0, "aG"),
            ev.MediaDelta(0, "k="),
            ev.BlockEnded(0),
        )
    )
    added, done = heard[2]["item"], heard[3]["item"]
    assert (added["status"], added["result"]) == ("in_progress", None)
    assert (done["status"], done["result"]) == ("completed", "aGk=")
    assert added["id"] == done["id"] == "ig_r_0"


@pytest.mark.parametrize(
    ("kind", "pieces", "reason", "said"),
    [
        (ToolKind.FUNCTION, ['{"a"', ":1}"], ev.Reason.MAX_OUTPUT, '{"a":1}'),
        (ToolKind.FUNCTION, [], ev.Reason.END, "{}"),
        (ToolKind.FUNCTION, ['{"a'], ev.Reason.MAX_OUTPUT, None),
        (ToolKind.FUNCTION, ["7"], ev.Reason.MAX_OUTPUT, None),
        (ToolKind.CUSTOM, ["ls"], ev.Reason.END, "ls"),
        (ToolKind.CUSTOM, ["ls"], ev.Reason.MAX_OUTPUT, None),
    ],
)
def test_arguments_are_said_to_be_whole_if_they_are(
    kind: ToolKind, pieces: list[str], reason: ev.Reason, said: str | None
) -> None:
    heard = encode(
        *whole(
            ev.ToolCallStarted(0, "c", "f", kind=kind),
            *(ev.ToolCallDelta(0, piece) for piece in pieces),
            ev.BlockEnded(0),
            reason=reason,
        )
    )
    told = [p for p in heard if p["type"] == f"{texts_of(kind)}.done"]
    key = "arguments" if kind is ToolKind.FUNCTION else "input"
    assert [payload[key] for payload in told] == ([] if said is None else [said])
    (item,) = heard[-1]["response"]["output"]
    assert item["status"] == ("incomplete" if said is None else "completed")
    assert item[key] == ("".join(pieces) if said is None else said)


SEARCH: dict[str, Any] = {"type": "web_search_call", "id": "ws", "status": "searching"}
DONE: Any = {
    "type": "response.output_item.done",
    "item": {**SEARCH, "status": "completed"},
}
SEARCHING: Any = {
    "type": "response.web_search_call.searching",
    "output_index": 9,
    "sequence_number": 99,
    "item_id": "ws",
}


def test_an_item_of_its_own_as_it_came() -> None:
    heard = encode(
        *whole(
            ev.TextStarted(0),
            ev.BlockEnded(0),
            ev.NativeStarted(1, NAME, SEARCH),
            ev.NativeDelta(1, SEARCHING),
            ev.NativeDelta(1, DONE),
            ev.BlockEnded(1),
        )
    )
    added, searching, done, last = heard[-4:]
    assert (added["output_index"], added["item"]) == (1, SEARCH)
    assert (searching["type"], searching["output_index"]) == (SEARCHING["type"], 1)
    assert searching["item_id"] == "ws"
    assert done["item"] == DONE["item"]
    assert last["response"]["output"][1] == DONE["item"]


def test_a_collected_item_brings_its_deltas_along() -> None:
    raw = {**SEARCH, "deltas": [SEARCHING, 7, DONE]}
    heard = encode(*whole(ev.NativeStarted(0, NAME, raw), ev.BlockEnded(0)))
    assert [short(payload) for payload in heard[2:-1]] == [
        "output_item.added 0 web_search_call",
        "web_search_call.searching 0",
        "output_item.done 0 web_search_call",
    ]
    assert heard[-1]["response"]["output"] == [DONE["item"]]


@pytest.mark.parametrize(
    "odd",
    [
        {"type": "response.completed"},
        {"type": "response.content_part.added", "content_index": 0},
        {"type": "error"},
        {"type": "odd\nevent: x"},
        {"type": 7},
        {},
    ],
)
def test_events_that_the_grammar_orders_are_not_repeated(odd: dict[str, Any]) -> None:
    start, end = ev.NativeStarted(0, NAME, SEARCH), ev.BlockEnded(0)
    heard = encode(*whole(start, ev.NativeDelta(0, odd), end))
    assert heard == encode(*whole(start, end))


def test_what_is_nested_too_deeply_is_counted() -> None:
    deep: Any = {"type": "deep"}
    for _ in range(300):
        deep = {"type": "deep", "a": deep}
    encoder = ResponsesEncoder(context())
    encoder.feed(
        whole(
            ev.NativeStarted(0, NAME, deep),
            ev.BlockEnded(0),
            ev.NativeStarted(1, NAME, SEARCH),
            ev.NativeDelta(1, deep),
            ev.BlockEnded(1),
        )
    )
    assert encoder.dropped == {"native": 2}
    assert not is_writable(deep)


def test_events_of_calls_by_kind() -> None:
    assert texts_of(ToolKind.FUNCTION) == "response.function_call_arguments"
    assert texts_of(ToolKind.CUSTOM) == "response.custom_tool_call_input"
