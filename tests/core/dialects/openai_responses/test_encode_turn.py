"""Which items blocks become, and when they begin and end."""

from __future__ import annotations

from typing import Any

import pytest

from cliproxy_core.dialects.openai_responses.encode import ResponsesEncoder
from cliproxy_core.dialects.openai_responses.grammar import NAME
from cliproxy_core.ir import stream as ev
from cliproxy_core.ir.citation import Citation, TokenProb
from cliproxy_core.ir.media import MediaKind
from cliproxy_core.ir.reasoning import Signature
from cliproxy_core.ir.request import ToolKind
from tests.core.dialects.openai_responses.events import (
    context,
    encode,
    short,
    terminal,
    whole,
)

GEMINI = Signature("S", "gemini")


def text(block: int, words: str, candidate: int = 0) -> list[ev.Event]:
    return [
        ev.TextStarted(block, candidate),
        ev.TextDelta(block, words),
        ev.BlockEnded(block),
    ]


def signed(block: int, words: str, proof: str) -> list[ev.Event]:
    sign = ev.BlockSigned(block, Signature(proof, "gemini"))
    return [
        ev.TextStarted(block),
        ev.TextDelta(block, words),
        sign,
        ev.BlockEnded(block),
    ]


def call(
    block: int, arguments: str, kind: ToolKind = ToolKind.FUNCTION, candidate: int = 0
) -> list[ev.Event]:
    return [
        ev.ToolCallStarted(block, f"c{block}", "f", candidate, kind),
        ev.ToolCallDelta(block, arguments),
        ev.BlockEnded(block),
    ]


def thought(block: int, words: str) -> list[ev.Event]:
    return [
        ev.ReasoningStarted(block),
        ev.ReasoningDelta(block, words),
        ev.BlockEnded(block),
    ]


def native(block: int, dialect: str, **raw: Any) -> list[ev.Event]:
    return [ev.NativeStarted(block, dialect, raw), ev.BlockEnded(block)]


def said(item: Any) -> list[str]:
    """An item in short."""
    match item["type"]:
        case "message":
            return [part.get("text", part.get("refusal")) for part in item["content"]]
        case "reasoning":
            return [part["text"] for part in item["summary"]] + [
                item["encrypted_content"]
            ]
        case "function_call":
            return [item["call_id"], item["arguments"], item["status"]]
        case "custom_tool_call":
            return [item["call_id"], item["input"], item["status"]]
        case kind:
            return [kind]


ITEMS: dict[str, tuple[list[ev.Event], list[list[str]]]] = {
    "words that follow one another": ([*text(0, "a"), *text(1, "b")], [["a", "b"]]),
    "words and a refusal": (
        [
            *text(0, "a"),
            ev.RefusalStarted(1),
            ev.RefusalDelta(1, "no"),
            ev.BlockEnded(1),
        ],
        [["a", "no"]],
    ),
    "words around what cannot be shown (vector 151)": (
        [*text(0, "a"), *native(1, "claude_messages"), *text(2, "b")],
        [["a", "b"]],
    ),
    "words before and after a call (vector 152)": (
        [*text(0, "a"), *call(1, "{}"), *text(2, "b")],
        [["a"], ["c1", "{}", "completed"], ["b"]],
    ),
    "thoughts among words (vector 157)": (
        [*thought(0, "t"), *text(1, "a"), *thought(2, "u"), *text(3, "b")],
        [["t", ""], ["a"], ["u", ""], ["b"]],
    ),
    "two thoughts are two items (vector 153)": (
        [*thought(0, ""), *thought(1, "b")],
        [["", ""], ["b", ""]],
    ),
    "candidates do not share an item (vector 147)": (
        [*text(0, "a"), *text(1, "b", candidate=1), *text(2, "c")],
        [["a"], ["b"], ["c"]],
    ),
    "signed words (vector 156)": (
        [*text(0, "a"), *signed(1, "b", "s1"), *signed(2, "c", "s2"), *text(3, "d")],
        [
            ["a", "b"],
            ["cliproxy1:gemini:previous:s1"],
            ["c"],
            ["cliproxy1:gemini:previous:s2"],
            ["d"],
        ],
    ),
    "a signed call": (
        [ev.ToolCallStarted(0, "c", "f", signature=GEMINI), ev.BlockEnded(0)],
        [["cliproxy1:gemini:next:S"], ["c", "{}", "completed"]],
    ),
    "thoughts of its own are signed as they are": (
        [
            ev.ReasoningStarted(0),
            ev.BlockSigned(0, Signature("gAAA", NAME)),
            ev.BlockEnded(0),
            ev.RedactedReasoning(1, Signature("gBBB", NAME)),
            ev.BlockEnded(1),
        ],
        [["", "gAAA"], ["gBBB"]],
    ),
    "proofs that are empty": (
        [
            ev.RedactedReasoning(0, Signature("", "gemini")),
            ev.BlockEnded(0),
            *signed(1, "a", ""),
            ev.ToolCallStarted(2, "c", "f", signature=Signature("", "gemini")),
            ev.BlockEnded(2),
        ],
        [["a"], ["c", "{}", "completed"]],
    ),
    "an image": (
        [
            ev.MediaStarted(0, MediaKind.IMAGE, "image/png"),
            ev.MediaDelta(0, "aG"),
            ev.MediaDelta(0, "k="),
            ev.BlockEnded(0),
        ],
        [["image_generation_call"]],
    ),
    "nothing": ([], []),
}


@pytest.mark.parametrize(("events", "items"), ITEMS.values(), ids=ITEMS)
def test_items(events: list[ev.Event], items: list[list[str]]) -> None:
    assert [said(item) for item in terminal(*whole(*events))["output"]] == items


def test_notes_on_what_is_no_text_are_counted() -> None:
    encoder = ResponsesEncoder(context())
    encoder.feed(
        whole(
            ev.ReasoningStarted(0),
            ev.CitationAdded(0, Citation(dialect="gemini", raw={}, url="http://x")),
            ev.LogProbsAdded(0, (TokenProb("a", -1),)),
            ev.BlockEnded(0),
            ev.ToolCallStarted(1, "c", "f"),
            ev.BlockSigned(1, GEMINI),
            ev.BlockEnded(1),
        )
    )
    assert encoder.dropped == {"citation": 1, "logprobs": 1, "signature": 1}


def test_what_cannot_be_shown_is_counted() -> None:
    encoder = ResponsesEncoder(context())
    encoder.feed(
        whole(
            *native(0, "gemini"),
            ev.MediaStarted(1, MediaKind.AUDIO, "audio/wav"),
            ev.MediaDelta(1, "aGk="),
            ev.BlockEnded(1),
        )
    )
    assert encoder.dropped == {"native": 1, "media": 1}


def test_notes_and_progress_go_to_the_block_that_is_open() -> None:
    notes: list[ev.Event] = [
        ev.CitationAdded(0, Citation(dialect=NAME, raw={"type": "file_path"})),
        ev.LogProbsAdded(0, (TokenProb("a", -1),)),
        ev.NativeDelta(0, {"type": "response.web_search_call.searching"}),
        ev.MediaDelta(0, "aGk="),
        ev.BlockSigned(0, GEMINI),
    ]
    openings: list[ev.Event] = [
        ev.TextStarted(0),
        ev.NativeStarted(0, NAME, {"type": "web_search_call", "deltas": [{}]}),
        ev.MediaStarted(0, MediaKind.IMAGE),
        ev.NativeStarted(0, "gemini", {}),
    ]
    each = [
        [short(payload) for payload in encode(*whole(start, *notes, ev.BlockEnded(0)))]
        for start in openings
    ]
    assert [words[3:-2] for words in each] == [
        [
            "content_part.added 0",
            "output_text.annotation.added 0",
            "output_text.delta 0 ''",
            "output_text.done 0 ''",
            "content_part.done 0",
            "output_item.done 0 message",
            "output_item.added 1 reasoning",
        ],
        ["web_search_call.searching 0"],
        [],
        [],
    ]


# A text that is not JSON may have been cut; free text, if it is the last of its kind.
CUTS = [
    ('{"a":1}', ToolKind.FUNCTION, ev.Reason.MAX_OUTPUT, ['{"a":1}', "completed"]),
    ('{"a":', ToolKind.FUNCTION, ev.Reason.MAX_OUTPUT, ['{"a":', "incomplete"]),
    ('{"a":', ToolKind.FUNCTION, ev.Reason.CONTEXT_WINDOW, ['{"a":', "incomplete"]),
    ('{"a":', ToolKind.FUNCTION, ev.Reason.REFUSAL, ['{"a":', "incomplete"]),
    ('{"a":', ToolKind.FUNCTION, ev.Reason.OTHER, ['{"a":', "incomplete"]),
    ('{"a":', ToolKind.FUNCTION, ev.Reason.PAUSE, ['{"a":', "completed"]),
    ('{"a":', ToolKind.FUNCTION, ev.Reason.TOOL_USE, ['{"a":', "completed"]),
    ("", ToolKind.FUNCTION, ev.Reason.TOOL_USE, ["{}", "completed"]),
    ("", ToolKind.FUNCTION, ev.Reason.END, ["{}", "completed"]),
    ("", ToolKind.FUNCTION, ev.Reason.MAX_OUTPUT, ["", "incomplete"]),
    ("", ToolKind.CUSTOM, ev.Reason.TOOL_USE, ["", "completed"]),
    ("rm -r", ToolKind.CUSTOM, ev.Reason.TOOL_USE, ["rm -r", "completed"]),
    ("rm -r", ToolKind.CUSTOM, ev.Reason.MAX_OUTPUT, ["rm -r", "incomplete"]),
    ("{}", ToolKind.CUSTOM, ev.Reason.MAX_OUTPUT, ["{}", "incomplete"]),
]


@pytest.mark.parametrize(("arguments", "kind", "reason", "told"), CUTS)
def test_cuts(
    arguments: str, kind: ToolKind, reason: ev.Reason, told: list[str]
) -> None:
    heard = encode(*whole(*call(0, arguments, kind), reason=reason))
    (item,) = heard[-1]["response"]["output"]
    assert said(item)[1:] == told
    ends = [
        payload
        for payload in heard
        if payload["type"].endswith(("arguments.done", "input.done"))
    ]
    assert len(ends) == (told[1] == "completed")
    # The answer as a whole never claims more than its calls do.
    whole_or_not = heard[-1]["response"]["status"]
    assert told[1] == "completed" or whole_or_not == "incomplete"


def test_a_call_that_may_have_been_cut_waits_for_the_reason() -> None:
    events = [*call(0, '{"a'), *call(1, "{}"), *text(2, "x")]
    heard = encode(*whole(*events, reason=ev.Reason.MAX_OUTPUT))
    assert [short(payload) for payload in heard if "item" in payload] == [
        "output_item.added 0 function_call",
        "output_item.added 1 function_call",
        "output_item.done 1 function_call",
        "output_item.added 2 message",
        "output_item.done 2 message",
        "output_item.done 0 function_call",
    ]


def test_free_text_is_whole_if_anything_follows_it() -> None:
    events = [*call(0, '{"a'), *call(1, "ls", ToolKind.CUSTOM), *thought(2, "t")]
    heard = encode(*whole(*events, reason=ev.Reason.MAX_OUTPUT))
    cut, free, _ = heard[-1]["response"]["output"]
    assert (cut["status"], free["status"]) == ("incomplete", "completed")


def test_free_text_is_whole_if_anything_began_before_it_ended() -> None:
    heard = encode(
        *whole(
            ev.ToolCallStarted(0, "a", "f", kind=ToolKind.CUSTOM),
            ev.ToolCallStarted(1, "b", "g", kind=ToolKind.CUSTOM),
            ev.BlockEnded(0),
            ev.BlockEnded(1),
            reason=ev.Reason.MAX_OUTPUT,
        )
    )
    one, other = heard[-1]["response"]["output"]
    assert (one["status"], other["status"]) == ("completed", "incomplete")


def test_candidates_are_cut_each_for_itself() -> None:
    heard = encode(
        ev.Started("r", "m"),
        *call(0, "ls", ToolKind.CUSTOM, candidate=0),
        *call(1, "pwd", ToolKind.CUSTOM, candidate=1),
        ev.Stopped(ev.Reason.MAX_OUTPUT, candidate=1),
        ev.Stopped(ev.Reason.TOOL_USE, candidate=0),
        ev.Ended(),
    )
    assert [item["status"] for item in heard[-1]["response"]["output"]] == [
        "completed",
        "incomplete",
    ]
    assert heard[-1]["type"] == "response.completed"


def test_a_call_that_waited_behind_another_knows_that_it_was_cut() -> None:
    heard = encode(
        ev.Started("r", "m"),
        ev.TextStarted(0, 1),
        *call(1, "ls", ToolKind.CUSTOM),
        ev.Stopped(ev.Reason.MAX_OUTPUT, candidate=0),
        ev.BlockEnded(0),
        ev.Stopped(ev.Reason.END, candidate=1),
        ev.Ended(),
    )
    assert heard[-1]["response"]["output"][1]["status"] == "incomplete"


def test_calls_may_be_interleaved() -> None:
    heard = encode(
        *whole(
            ev.ToolCallStarted(0, "a", "f"),
            ev.ToolCallStarted(1, "b", "g"),
            ev.ToolCallDelta(1, '{"b":1}'),
            ev.ToolCallDelta(0, "{}"),
            ev.BlockEnded(1),
            ev.BlockEnded(0),
        )
    )
    assert [short(payload) for payload in heard[2:-1]] == [
        "output_item.added 0 function_call",
        "output_item.added 1 function_call",
        "function_call_arguments.delta 1 '{\"b\":1}'",
        "function_call_arguments.delta 0 '{}'",
        "function_call_arguments.done 1 '{\"b\":1}'",
        "output_item.done 1 function_call",
        "function_call_arguments.done 0 '{}'",
        "output_item.done 0 function_call",
    ]
    assert [said(item) for item in heard[-1]["response"]["output"]] == [
        ["a", "{}", "completed"],
        ["b", '{"b":1}', "completed"],
    ]


def test_nothing_opens_beside_words() -> None:
    heard = encode(
        *whole(
            ev.ToolCallStarted(0, "a", "f"),
            ev.TextStarted(1),
            *call(2, "{}"),
            ev.ToolCallDelta(0, "{}"),
            ev.BlockSigned(1, GEMINI),
            ev.BlockEnded(1),
            ev.BlockEnded(0),
        )
    )
    assert [short(payload) for payload in heard if "item" in payload] == [
        "output_item.added 0 function_call",
        "output_item.added 1 message",
        "output_item.done 1 message",
        "output_item.added 2 reasoning",
        "output_item.done 2 reasoning",
        "output_item.added 3 function_call",
        "output_item.done 3 function_call",
        "output_item.done 0 function_call",
    ]


def test_a_call_without_an_id_gets_one_and_keeps_it() -> None:
    heard = encode(*whole(ev.ToolCallStarted(0, "", "f"), ev.BlockEnded(0)))
    items = [payload["item"] for payload in heard if "item" in payload]
    assert len({item["call_id"] for item in items}) == 1
    assert items[0]["call_id"].startswith("call_")
    assert items[0]["id"] == f"fc_{items[0]['call_id']}"


def test_a_namespace_and_the_kind_are_told() -> None:
    opening = ev.ToolCallStarted(0, "c", "exec", 0, ToolKind.CUSTOM, "functions")
    heard = encode(*whole(opening, ev.ToolCallDelta(0, "pwd"), ev.BlockEnded(0)))
    assert [short(payload) for payload in heard[2:-1]] == [
        "output_item.added 0 custom_tool_call",
        "custom_tool_call_input.delta 0 'pwd'",
        "custom_tool_call_input.done 0 'pwd'",
        "output_item.done 0 custom_tool_call",
    ]
    (item,) = heard[-1]["response"]["output"]
    assert (item["id"], item["name"], item["namespace"]) == (
        "ctc_c",
        "exec",
        "functions",
    )


def test_blocks_that_never_end_are_ended() -> None:
    heard = encode(
        ev.Started("r", "m"),
        ev.TextStarted(0),
        ev.TextDelta(0, "a"),
        *thought(1, "b"),
        *call(2, "ls", ToolKind.CUSTOM),
        ev.ToolCallStarted(3, "c3", "f"),
        ev.ToolCallDelta(3, "{"),
        ev.Ended(),
    )
    assert [said(item) for item in heard[-1]["response"]["output"]] == [
        ["a"],
        ["b", ""],
        ["c2", "ls", "completed"],
        ["c3", "{", "incomplete"],
    ]
