"""Answers to callers of Claude Messages."""

from __future__ import annotations

import copy
import re
from typing import Any

import pytest

from tests.core.dialects.openai_responses import streams as rs
from tests.vectors.answers import ASKED, CHAT, CLAUDE, GEMINI, RESPONSES, hear, whole
from tests.vectors.lines import Payload
from tests.vectors.upstream import (
    calling,
    chat,
    chunk,
    counts,
    gemini,
    part_call,
    responses,
    said,
)
from tests.vectors.vector import sent

SEAL = "cliproxy1:openai_responses::"
SIGN = "cliproxy1:gemini:"
CUT = {"incomplete_details": {"reason": "max_output_tokens"}, "kind": "incomplete"}
FILTERED = {"incomplete_details": {"reason": "content_filter"}, "kind": "incomplete"}
SEARCH = {"type": "web_search_20250305", "name": "web_search"}


def _finished(*items: list[Payload], **more: Any) -> Payload:
    return rs.end(*(item[-1]["item"] for item in items), **more)


# From Responses.


@pytest.mark.parametrize("first", ["pre", ""])
@pytest.mark.parametrize("last", ["final", ""])
def test_v127_reasoning_is_one_block_with_the_last_seal(first: str, last: str) -> None:
    item = copy.deepcopy(rs.reasoning(0, "First part", "Second part", sealed=last))
    if first:
        item[0]["item"]["encrypted_content"] = first
    seal = last or first
    assert hear(CLAUDE, RESPONSES, responses(rs.good(item))).lines == [
        "start",
        "open 0 thinking",
        "think 0 First part",
        "think 0 \n\n",
        "think 0 Second part",
        *([f"sign 0 {SEAL}{seal}"] if seal else []),
        "close 0",
        "end end_turn",
        "over",
    ]


def test_v127_two_items_are_two_blocks() -> None:
    items = rs.reasoning(0, "a", sealed="s1"), rs.reasoning(1, "b", sealed="s2")
    assert hear(CLAUDE, RESPONSES, responses(rs.good(*items))).lines == [
        "start",
        *("open 0 thinking", "think 0 a", f"sign 0 {SEAL}s1", "close 0"),
        *("open 1 thinking", "think 1 b", f"sign 1 {SEAL}s2", "close 1"),
        *("end end_turn", "over"),
    ]


def test_v128_reasoning_that_never_ended_is_closed_unsigned() -> None:
    item = rs.reasoning(0, "a")
    wire = responses(rs.created(), item[:-1], rs.end())
    assert hear(CLAUDE, RESPONSES, wire).lines == [
        *("start", "open 0 thinking", "think 0 a", "close 0", "end end_turn", "over")
    ]


def test_v128_a_seal_alone_is_a_block_that_comes_back() -> None:
    items = rs.reasoning(0, sealed="S"), rs.message(1, "x")
    heard = hear(CLAUDE, RESPONSES, responses(rs.good(*items)))
    assert heard.lines == [
        *("start", "open 0 redacted_thinking", "close 0"),
        *("open 1 text", "text 1 x", "close 1", "end end_turn", "over"),
    ]
    block = heard.payloads[1]["content_block"]
    assert block == {"type": "redacted_thinking", "data": f"{SEAL}S"}
    body = {
        **ASKED[CLAUDE],
        "messages": [
            {"role": "user", "content": "hi"},
            {"role": "assistant", "content": [block]},
            {"role": "user", "content": "go on"},
        ],
    }
    assert sent(CLAUDE, RESPONSES, body).at("input", 1, "encrypted_content") == "S"


@pytest.mark.parametrize("order", ["interleaved", "second-first", "only-at-the-end"])
def test_v129_parallel_calls_are_told_one_after_the_other(order: str) -> None:
    one, two = rs.call(0, '{"a":1}'), rs.call(1, '{"b":2}', "g")
    inside = {
        "interleaved": [one[0], two[0], two[1], one[1], *two[2:], *one[2:]],
        "second-first": [two[0], one[0], one[1], *one[2:], two[1], *two[2:]],
        "only-at-the-end": [one[0], two[0], one[1]],
    }[order]
    wire = responses(rs.created(), inside, _finished(one, two))
    calls = [("call_0 f", '{"a":1}'), ("call_1 g", '{"b":2}')]
    if order == "second-first":
        calls.reverse()
    (call, args), (other, more) = calls
    assert hear(CLAUDE, RESPONSES, wire).lines == [
        "start",
        *(f"open 0 tool_use {call}", f"args 0 {args}", "close 0"),
        *(f"open 1 tool_use {other}", f"args 1 {more}", "close 1"),
        *("end tool_use", "over"),
    ]


def test_v130_words_while_a_call_is_open_come_after_it() -> None:
    call, words = rs.call(0, '{"a":1}'), rs.message(1, "Hi")
    wire = responses(rs.created(), call[0], words, call[1:], _finished(call, words))
    assert hear(CLAUDE, RESPONSES, wire).lines == [
        "start",
        *("open 0 tool_use call_0 f", 'args 0 {"a":1}', "close 0"),
        *("open 1 text", "text 1 Hi", "close 1", "end tool_use", "over"),
    ]


def test_v130_a_call_without_a_name_waits_behind_the_words() -> None:
    call, words = copy.deepcopy(rs.call(0, '{"a":1}')), rs.message(1, "Hi")
    call[0]["item"] = {k: v for k, v in call[0]["item"].items() if k != "name"}
    wire = responses(rs.created(), call[0], words, call[1:], _finished(call, words))
    assert hear(CLAUDE, RESPONSES, wire).lines == [
        *("start", "open 0 text", "text 0 Hi", "close 0"),
        *("open 1 tool_use call_0 f", 'args 1 {"a":1}', "close 1"),
        *("end tool_use", "over"),
    ]


def test_v131_a_call_that_never_got_a_name_is_none() -> None:
    call, words = copy.deepcopy(rs.call(0, "")), rs.message(1, "Hi")
    del call[0]["item"]["name"]
    wire = responses(rs.created(), call[0], words, _finished(words))
    heard = hear(CLAUDE, RESPONSES, wire)
    assert heard.lines == [
        *("start", "open 0 text", "text 0 Hi", "close 0", "end end_turn", "over")
    ]
    assert heard.repairs["call_dropped"] == 1


def test_v132_a_search_of_the_upstreams_is_not_passed_off_as_the_callers() -> None:
    item = {"id": "ws_123", "type": "web_search_call", "status": "in_progress"}
    action = {"type": "search", "query": "cats"}
    done = {**item, "status": "completed", "action": action}
    name, words = "response.output_item", rs.message(1, "x")
    wire = responses(
        rs.created(),
        {"type": f"{name}.added", "output_index": 0, "item": item},
        {"type": f"{name}.done", "output_index": 0, "item": done},
        words,
        rs.end(done, words[-1]["item"]),
    )
    heard = hear(CLAUDE, RESPONSES, wire, tools=[SEARCH])
    assert heard.lines == [
        *("start", "open 0 text", "text 0 x", "close 0", "end end_turn", "over")
    ]
    assert heard.dropped == {"stream": "native"}


def test_v133_words_may_come_with_their_item_only() -> None:
    item = rs.message(0, "ok")
    heard = hear(CLAUDE, RESPONSES, responses(rs.created(), item[-1], _finished(item)))
    assert heard.lines == [
        *("start", "open 0 text", "text 0 ok", "close 0", "end end_turn", "over")
    ]
    assert heard.payloads[-2]["usage"]["output_tokens"] == rs.USAGE["output_tokens"]


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (
            {"error": {"type": "invalid_request", "code": "cyber_policy"}},
            "invalid_request_error",
        ),
        ({"code": "cyber_policy", "message": "no"}, "invalid_request_error"),
        ({"error": {}, "error_type": "overloaded_error"}, "overloaded_error"),
    ],
)
def test_v134_errors(error: Payload, told: str) -> None:
    if error.get("error"):
        error = {"error": {**error["error"], "message": "no"}}
    wire = responses(rs.created(), {"type": "error", **error})
    heard = hear(CLAUDE, RESPONSES, wire)
    said_no = "no" if "no" in str(error) else "the upstream answered 529"
    assert heard.lines[-1].startswith(f"error {told}: {said_no}")
    assert not heard.complete


STOPS = [
    ("cut", "words", CUT, "max_tokens"),
    ("cut", "call", CUT, "max_tokens"),
    ("filtered", "words", FILTERED, "refusal"),
    ("stopped", "words", {"stop_reason": "stop", "stop_sequence": "\nEND"}, None),
    ("stopped", "call", {"stop_reason": "stop", "stop_sequence": "\nEND"}, "tool_use"),
]


@pytest.mark.parametrize(
    ("said_by", "what", "more", "reason"), STOPS, ids=[f"{s[0]}-{s[1]}" for s in STOPS]
)
def test_v135_stop_reasons(
    said_by: str, what: str, more: Payload, reason: str | None
) -> None:
    item = rs.message(0, "x") if what == "words" else rs.call(0, "{}")
    wire = responses(rs.created(), item, _finished(item, **more))
    delta = hear(CLAUDE, RESPONSES, wire).payloads[-2]["delta"]
    if reason is None:
        assert delta == {"stop_reason": "stop_sequence", "stop_sequence": "\nEND"}
    else:
        assert delta["stop_reason"] == reason


# From Chat.


@pytest.mark.parametrize("late", [True, False], ids=["after-the-end", "before"])
def test_v136_late_usage_changes_nothing(late: bool) -> None:
    wire = chat(chunk({"content": "x"}), chunk({}, "stop"), counts(3, 2))
    wire += chat(counts(9, 9), done=False) if late else b""
    heard = hear(CLAUDE, CHAT, wire)
    assert heard.lines == [
        *("start", "open 0 text", "text 0 x", "close 0", "end end_turn", "over")
    ]
    assert heard.payloads[-2]["usage"] == {"input_tokens": 3, "output_tokens": 2}


DONE = chunk({}, "tool_calls")
A1, A2 = '{"a"', ":1}"
CALLS: dict[str, tuple[list[Payload], list[str]]] = {
    **{
        f"name {name!r}": (
            [
                calling(0, id="call_a", name=name, arguments=A1),
                calling(0, arguments=A2),
            ],
            ["open 0 tool_use call_a tool_0", 'args 0 {"a":1}', "close 0"],
        )
        for name in ("", None, 123)
    },
    "name repeated": (
        [
            calling(0, id="call_a", name="f", arguments=A1),
            calling(0, name="f", arguments=A2),
        ],
        ["open 0 tool_use call_a f", f"args 0 {A1}", f"args 0 {A2}", "close 0"],
    ),
    "id empty, then real": (
        [
            calling(0, id="", name="f", arguments=A1),
            calling(0, id="call_real", arguments=A2),
        ],
        ["open 0 tool_use call_real f", 'args 0 {"a":1}', "close 0"],
    ),
    "id alone in a later delta": (
        [calling(0, name="f", arguments="{}"), calling(0, id="call_late")],
        ["open 0 tool_use call_late f", "args 0 {}", "close 0"],
    ),
    "never an id": (
        [calling(0, name="f", arguments="{}")],
        ["open 0 tool_use MADE f", "args 0 {}", "close 0"],
    ),
    "nothing at all": ([calling(0)], []),
    "any order": (
        [calling(i, id=f"call_{i}", arguments="{}") for i in (2, 0, 1)],
        [
            line
            for i in range(3)
            for line in (
                f"open {i} tool_use call_{i} tool_{i}",
                f"args {i} {{}}",
                f"close {i}",
            )
        ],
    ),
}


@pytest.mark.parametrize("case", CALLS)
def test_v137_calls_in_bad_shape(case: str) -> None:
    chunks, blocks = CALLS[case]
    heard = hear(CLAUDE, CHAT, chat(*chunks, DONE))
    lines = [re.sub(r"call_[0-9a-f]{24}", "MADE", line) for line in heard.lines]
    reason = "tool_use" if blocks else "end_turn"
    assert lines == ["start", *blocks, f"end {reason}", "over"]


def test_v137_an_id_after_the_finish_is_in_time() -> None:
    wire = chat(calling(0, name="f", arguments="{}"), DONE, calling(0, id="call_late"))
    assert hear(CLAUDE, CHAT, wire).lines == [
        *("start", "open 0 tool_use call_late f", "args 0 {}", "close 0"),
        *("end tool_use", "over"),
    ]


@pytest.mark.parametrize("name", [None, ""])
def test_v138_a_name_is_not_taken_back(name: str | None) -> None:
    first = calling(0, id="call_a", name="f", arguments="")
    wire = chat(first, calling(0, name=name, arguments='{"a":1}'), DONE)
    assert hear(CLAUDE, CHAT, wire).lines == [
        *("start", "open 0 tool_use call_a f", 'args 0 {"a":1}', "close 0"),
        *("end tool_use", "over"),
    ]


# From Gemini.


def test_v139_a_proof_alone_closes_the_thinking() -> None:
    wire = gemini(
        said({"text": "think", "thought": True}),
        said({"text": "", "thoughtSignature": "sig"}, finish="STOP", usage=(10, 2)),
    )
    heard = hear(CLAUDE, GEMINI, wire)
    assert heard.lines == [
        *("start", "open 0 thinking", "think 0 think", f"sign 0 {SIGN}:sig"),
        *("close 0", "end end_turn", "over"),
    ]
    assert heard.payloads[-2]["usage"]["output_tokens"] == 2


def _thought(text: str, **more: str) -> Payload:
    return {"text": text, "thought": True, **more}


@pytest.mark.parametrize(
    "parts",
    [
        [_thought("a"), _thought("b", thoughtSignature="sig")],
        [_thought("a"), _thought("b", thought_signature="sig")],
        [_thought("a"), _thought("b"), _thought("", thoughtSignature="sig")],
    ],
    ids=["on the last", "in the other spelling", "alone"],
)
def test_v140_thoughts_are_one_block_before_the_words(parts: list[Payload]) -> None:
    answer = said(*parts, {"text": "x"}, finish="STOP")
    assert whole(CLAUDE, GEMINI, answer)["content"] == [
        {"type": "thinking", "thinking": "ab", "signature": f"{SIGN}:sig"},
        {"type": "text", "text": "x"},
    ]


def test_v141_an_empty_answer_is_a_message_without_content() -> None:
    last = {"candidates": [{"finishReason": "STOP"}]}
    usage = {"usageMetadata": {"promptTokenCount": 5, "totalTokenCount": 5}}
    heard = hear(CLAUDE, GEMINI, gemini({**last, **usage}))
    assert heard.lines == ["start", "end end_turn", "over"]
    assert heard.payloads[1]["usage"] == {"input_tokens": 5, "output_tokens": 0}


def test_v142_words_keep_the_sources_of_a_search() -> None:
    answer = said({"text": "Cats purr."}, finish="STOP", usage=(10, 2))
    segment = {"startIndex": 0, "endIndex": 4, "text": "Cats"}
    answer["candidates"][0]["groundingMetadata"] = {
        "groundingChunks": [{"web": {"uri": "https://a.example/", "title": "a"}}],
        "groundingSupports": [{"segment": segment, "groundingChunkIndices": [0]}],
    }
    heard = hear(CLAUDE, GEMINI, gemini(answer), tools=[SEARCH])
    assert heard.lines == [
        *("start", "open 0 text", "text 0 Cats purr.", "citations_delta 0", "close 0"),
        *("end end_turn", "over"),
    ]
    assert (
        heard.payloads[3]["delta"]["citation"].items()
        >= {
            "type": "web_search_result_location",
            "url": "https://a.example/",
            "title": "a",
        }.items()
    )


CALL = part_call("run", {"c": 1}, id="c1")
PLACED = {
    "on words": [{"text": "Hi", "thoughtSignature": "U0lH"}],
    "on a call": [{**CALL, "thoughtSignature": "U0lH"}],
    "on both": [
        {"text": "Hi", "thoughtSignature": "U0lH"},
        {**CALL, "thoughtSignature": "U0lI"},
    ],
    "on the first of two calls": [
        {**CALL, "thoughtSignature": "U0lH"},
        part_call("run", {"c": 2}, id="c2"),
    ],
    "on thinking": [_thought("t", thoughtSignature="U0lH"), {"text": "Hi"}],
}
CARRIED = {
    "on words": ["text", "thinking previous:U0lH"],
    "on a call": ["thinking next:U0lH", "tool_use"],
    "on both": ["text", "thinking previous:U0lH", "thinking next:U0lI", "tool_use"],
    "on the first of two calls": ["thinking next:U0lH", "tool_use", "tool_use"],
    "on thinking": ["thinking :U0lH", "text"],
}


@pytest.mark.parametrize("case", PLACED)
def test_v143_proofs_find_their_way_back_to_their_parts(case: str) -> None:
    parts = PLACED[case]
    content = whole(CLAUDE, GEMINI, said(*parts, finish="STOP"))["content"]
    told = [
        f"{b['type']} {b.get('signature', '').removeprefix(SIGN)}".rstrip()
        for b in content
    ]
    assert told == CARRIED[case]
    results = [
        {"type": "tool_result", "tool_use_id": b["id"], "content": "ok"}
        for b in content
        if b["type"] == "tool_use"
    ]
    messages = [
        {"role": "user", "content": "hi"},
        {"role": "assistant", "content": content},
        {"role": "user", "content": [*results, {"type": "text", "text": "go on"}]},
    ]
    asked = sent(CLAUDE, GEMINI, {**ASKED[CLAUDE], "messages": messages})
    assert asked.at("contents", 1, "parts") == parts
