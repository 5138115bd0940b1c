"""Answers to callers of Responses."""

from __future__ import annotations

import json
import re

import pytest

from tests.vectors.answers import (
    ASKED,
    CHAT,
    CLAUDE,
    GEMINI,
    RESPONSES,
    Heard,
    hear,
    whole,
)
from tests.vectors.lines import Payload
from tests.vectors.upstream import (
    block,
    calling,
    chat,
    chunk,
    claude,
    counts,
    end,
    gemini,
    part_call,
    said,
    sealed,
    start,
    text,
    thinking,
    use,
)
from tests.vectors.vector import sent

HELLO = chunk({"role": "assistant", "content": "hello"})
STOP, DONE = chunk({}, "stop"), chunk({}, "tool_calls")
MESSAGE = [
    *("created", "in_progress", "item 0 message msg_c1_0", "part 0", "text 0 hello"),
    *("text! 0 hello", "part! 0", "item! 0", "completed"),
]
SIGN = "cliproxy1:gemini:"


def _output(heard: Heard) -> list[Payload]:
    output: list[Payload] = heard.last["response"]["output"]
    return output


# From Chat.


@pytest.mark.parametrize(
    ("chunks", "told"),
    [
        ([STOP, counts(3, 2)], True),
        ([{**STOP, "usage": counts(3, 2)["usage"]}], True),
        ([STOP], False),
    ],
    ids=["after the finish", "with the finish", "never"],
)
def test_v145_one_end_with_the_usage_that_was_told(
    chunks: list[Payload], told: bool
) -> None:
    heard = hear(RESPONSES, CHAT, chat(HELLO, *chunks))
    assert heard.lines == MESSAGE
    usage = heard.last["response"]["usage"]
    assert (usage["total_tokens"] == 5) if told else usage is None


@pytest.mark.parametrize("absent", [True, False])
def test_v146_words_without_a_finish_are_finished_by_the_end_mark(absent: bool) -> None:
    choice: Payload = {"index": 0, "delta": {"content": "hello"}}
    if not absent:
        choice["finish_reason"] = None
    wire = chat({"id": "c1", "model": "m", "choices": [choice]})
    assert hear(RESPONSES, CHAT, wire).lines == MESSAGE


def test_v147_each_call_is_an_item_of_its_own() -> None:
    wire = chat(
        calling(0, id="a", name="f", arguments='{"a":'),
        calling(1, id="b", name="g", arguments='{"b":2}'),
        calling(0, arguments="1}"),
        DONE,
    )
    output = _output(hear(RESPONSES, CHAT, wire))
    assert [each["call_id"] for each in output] == ["a", "b"]
    assert [json.loads(each["arguments"]) for each in output] == [{"a": 1}, {"b": 2}]


def test_v147_each_choice_is_an_item_of_its_own() -> None:
    def other(delta: Payload, finish: str | None = None) -> Payload:
        choice = {"index": 1, "delta": delta, "finish_reason": finish}
        return {"id": "c1", "model": "m", "choices": [choice]}

    wire = chat(HELLO, other({"content": "B"}), STOP, other({}, "stop"))
    heard = hear(RESPONSES, CHAT, wire)
    added = [each for each in heard.payloads if each["type"].endswith("item.added")]
    assert [each["output_index"] for each in added] == [0, 1]
    assert [each["id"] for each in _output(heard)] == ["msg_c1_0", "msg_c1_1"]


def test_v148_a_cut_answer_is_incomplete() -> None:
    heard = hear(RESPONSES, CHAT, chat(HELLO, chunk({}, "length")))
    assert heard.lines == [*MESSAGE[:-1], "incomplete"]
    told = heard.last["response"]
    assert told["incomplete_details"] == {"reason": "max_output_tokens"}
    assert "output_text" not in told, "the SDK's own sum of the words"


EXEC = {"type": "custom", "name": "exec"}
ADD = {"type": "function", "name": "add_numbers", "parameters": {"type": "object"}}
GROUP = "mcp__test_mcp__"
DECLARED = [
    EXEC,
    {"type": "namespace", "name": GROUP, "description": "", "tools": [ADD]},
]


def test_v149_a_group_is_told_apart_from_its_tool() -> None:
    wire = chat(
        calling(0, id="call_1", name=f"{GROUP}add_numbers", arguments="{}"), DONE
    )
    (item,) = _output(hear(RESPONSES, CHAT, wire, tools=DECLARED))
    assert (item["name"], item["namespace"]) == ("add_numbers", GROUP)


INPUT = '{"input":"pwd"}'
EXECS = {
    "late name": [calling(0, id="call_exec"), calling(0, name="exec", arguments=INPUT)],
    "no name": [calling(0, id="call_exec", arguments=INPUT)],
    "cut input": [
        calling(0, id="call_exec", name="exec", arguments=INPUT[:4]),
        calling(0, arguments=INPUT[4:]),
    ],
}


@pytest.mark.parametrize("case", EXECS)
def test_v149_free_text_is_free_again(case: str) -> None:
    heard = hear(RESPONSES, CHAT, chat(*EXECS[case], DONE), tools=DECLARED)
    assert heard.lines == [
        *("created", "in_progress", "item 0 custom_tool_call ctc_call_exec"),
        *("input 0 pwd", "input! 0 pwd", "item! 0", "completed"),
    ]
    (item,) = _output(heard)
    assert (item["name"], item["input"]) == ("exec", "pwd")


def test_v149_a_whole_answer_may_lack_the_name_too() -> None:
    call = {"id": "call_exec", "type": "function", "function": {"arguments": INPUT}}
    message = {"role": "assistant", "content": None, "tool_calls": [call]}
    choice = {"index": 0, "message": message, "finish_reason": "tool_calls"}
    document = {"id": "c1", "object": "chat.completion", "choices": [choice]}
    (item,) = whole(RESPONSES, CHAT, document, tools=DECLARED)["output"]
    assert (item["type"], item["name"], item["input"]) == (
        *("custom_tool_call", "exec", "pwd"),
    )


def test_v149_an_id_may_come_late_or_never() -> None:
    bare = calling(0, name="f", arguments="{}")
    late = hear(RESPONSES, CHAT, chat(bare, calling(0, id="call_late"), DONE))
    assert "item 0 function_call fc_call_late" in late.lines
    (item,) = _output(hear(RESPONSES, CHAT, chat(bare, DONE)))
    assert re.fullmatch(r"call_[0-9a-f]{24}", item["call_id"])
    assert item["id"] == f"fc_{item['call_id']}"


def test_v150_a_stream_that_just_ends_is_not_complete() -> None:
    heard = hear(RESPONSES, CHAT, chat(HELLO, done=False))
    assert heard.lines[:5] == MESSAGE[:5]
    assert [line.partition(" ")[0] for line in heard.lines[5:]] == ["error", "failed"]
    assert heard.failure is not None
    assert heard.failure.status == 502


# From Claude.

CITED = {
    "type": "web_search_result_location",
    "url": "https://a.example/",
    "title": "a",
    "cited_text": "q",
    "encrypted_index": "I",
}


def test_v151_words_around_a_search_are_one_message() -> None:
    query = {"type": "input_json_delta", "partial_json": '{"query":"x"}'}
    search = {"id": "srv_1", "name": "web_search", "input": {}}
    wire = claude(
        start(),
        text(0, "Cats"),
        block(1, "server_tool_use", query, **search),
        block(2, "web_search_tool_result", tool_use_id="srv_1", content=[]),
        text(3, " purr", cited=CITED),
        text(4, "."),
        end("end_turn"),
    )
    heard = hear(RESPONSES, CLAUDE, wire)
    (item,) = _output(heard)
    assert [part["text"] for part in item["content"]] == ["Cats", " purr", "."]
    (note,) = item["content"][1]["annotations"]
    assert (
        note.items()
        >= {
            "type": "url_citation",
            "url": "https://a.example/",
            "title": "a",
        }.items()
    )
    places = {p["output_index"] for p in heard.payloads if "output_index" in p}
    assert places == {0}


def test_v152_a_call_ends_the_message_and_begins_the_next() -> None:
    wire = claude(
        start(),
        text(0, "A"),
        use(1, "toolu_1", "f", "{}"),
        text(2, "B"),
        end("tool_use"),
    )
    assert hear(RESPONSES, CLAUDE, wire).lines == [
        *("created", "in_progress", "item 0 message msg_msg_1_0", "part 0"),
        *("text 0 A", "text! 0 A", "part! 0", "item! 0"),
        *("item 1 function_call fc_toolu_1", "args 1 {}", "args! 1 {}", "item! 1"),
        *("item 2 message msg_msg_1_2", "part 2", "text 2 B", "text! 2 B"),
        *("part! 2", "item! 2", "completed"),
    ]


THOUGHTS = {
    "sealed": (sealed(0, "DATA"), [], "DATA"),
    "signed": (thinking(0, "t", "sig"), ["t"], "sig"),
    "empty and signed": (thinking(0, "", "sig"), [""], "sig"),
}


@pytest.mark.parametrize("case", THOUGHTS)
def test_v153_thinking_crosses_and_comes_back_as_it_was(case: str) -> None:
    events, summary, proof = THOUGHTS[case]
    output = _output(
        hear(RESPONSES, CLAUDE, claude(start(), events, text(1, "x"), end("end_turn")))
    )
    assert output[0] == {
        "id": "rs_msg_1_0",
        "type": "reasoning",
        "summary": [{"type": "summary_text", "text": each} for each in summary],
        "encrypted_content": f"cliproxy1:claude_messages::{proof}",
    }
    body = {**ASKED[RESPONSES], "input": [*output, {"role": "user", "content": "go"}]}
    first = sent(RESPONSES, CLAUDE, body).at("messages", 0, "content", 0)
    assert first == (
        {"type": "thinking", "thinking": summary[0], "signature": proof}
        if summary
        else {"type": "redacted_thinking", "data": proof}
    )


def test_v153_two_blocks_are_two_items() -> None:
    blocks = thinking(0, "t", "s1"), thinking(1, "u", "s2")
    output = _output(hear(RESPONSES, CLAUDE, claude(start(), *blocks, end("end_turn"))))
    assert [each["id"] for each in output] == ["rs_msg_1_0", "rs_msg_1_1"]


def test_v154_arguments_are_never_missing() -> None:
    wire = claude(start(), use(0, "toolu_1", "f"), end("tool_use"))
    (item,) = _output(hear(RESPONSES, CLAUDE, wire))
    assert item["arguments"] == "{}"


def test_v154_free_text_of_a_group() -> None:
    group = {"type": "namespace", "name": "functions", "description": ""}
    call = use(0, "toolu_1", "functions__exec", '{"inp', 'ut":"pwd"}')
    wire = claude(start(), call, end("tool_use"))
    (item,) = _output(hear(RESPONSES, CLAUDE, wire, tools=[{**group, "tools": [EXEC]}]))
    assert item == {
        "id": "ctc_toolu_1",
        "type": "custom_tool_call",
        "status": "completed",
        "call_id": "toolu_1",
        "name": "exec",
        "namespace": "functions",
        "input": "pwd",
    }


def test_v155_the_last_word_about_usage_counts() -> None:
    first = {"cache_read_input_tokens": 100, "cache_creation_input_tokens": 7}
    later = {"cache_read_input_tokens": 22000, "cache_creation_input_tokens": 31}
    wire = claude(start(**first), text(0, "x"), end("end_turn", **later))
    usage = hear(RESPONSES, CLAUDE, wire).last["response"]["usage"]
    assert usage["input_tokens"] == 22044
    assert usage["input_tokens_details"]["cached_tokens"] == 22000
    assert (usage["output_tokens"], usage["total_tokens"]) == (4, 22048)


# From Gemini.

S0, S1, S2 = "c2lnMA==", "c2lnMQ==", "c2lnMg=="


def _back(heard: Heard) -> list[Payload]:
    """The parts of the model's turn when the caller brings its items back."""
    user = {"type": "message", "role": "user", "content": "hi"}
    results = [
        {"type": "function_call_output", "call_id": item["call_id"], "output": "ok"}
        for item in _output(heard)
        if item["type"] == "function_call"
    ]
    body = {**ASKED[RESPONSES], "input": [user, *_output(heard), *results, user]}
    parts = sent(RESPONSES, GEMINI, body).at("contents", 1, "parts")
    assert isinstance(parts, list)
    return [part for part in parts if isinstance(part, dict)]


SIGNED: dict[str, tuple[list[Payload], list[str], list[Payload]]] = {
    "two messages": (
        [
            {"text": "a"},
            {"text": "b", "thoughtSignature": S1},
            {"text": "c", "thoughtSignature": S2},
        ],
        ["ab", f"previous:{S1}", "c", f"previous:{S2}"],
        [{"text": "ab", "thoughtSignature": S1}, {"text": "c", "thoughtSignature": S2}],
    ),
    "signed, then not": (
        [{"text": "a", "thoughtSignature": S1}, {"text": "b"}],
        ["a", f"previous:{S1}", "b"],
        [{"text": "a", "thoughtSignature": S1}, {"text": "b"}],
    ),
    "proofs before a signed thought": (
        [
            {"text": "", "thoughtSignature": S0},
            {"text": "", "thoughtSignature": S1},
            {"text": "t", "thought": True, "thoughtSignature": S2},
            {"text": "x"},
        ],
        [f":{S0}", f":{S1}", f":{S2}", "x"],
        [
            {"text": "", "thought": True, "thoughtSignature": S0},
            {"text": "", "thought": True, "thoughtSignature": S1},
            {"text": "t", "thought": True, "thoughtSignature": S2},
            {"text": "x"},
        ],
    ),
}


@pytest.mark.parametrize("case", SIGNED)
def test_v156_proofs_keep_their_places(case: str) -> None:
    parts, items, again = SIGNED[case]
    heard = hear(RESPONSES, GEMINI, gemini(*map(said, parts), said(finish="STOP")))
    told = [
        str(item["encrypted_content"]).removeprefix(SIGN)
        if item["type"] == "reasoning"
        else item["content"][0]["text"]
        for item in _output(heard)
    ]
    assert told == items
    assert _back(heard) == again


def test_v157_thoughts_and_words_take_turns() -> None:
    parts: list[Payload] = [
        {"text": "t1", "thought": True},
        {"text": "x1"},
        {"text": "t2", "thought": True},
        {"text": "x2"},
    ]
    heard = hear(RESPONSES, GEMINI, gemini(said(*parts), said(finish="STOP")))
    kinds = [item["type"] for item in _output(heard)]
    assert kinds == ["reasoning", "message", "reasoning", "message"]


def test_v157_a_proof_behind_a_call_is_not_lost() -> None:
    wire = gemini(
        said(part_call("f", {}, id="c1")),
        said({"text": "", "thoughtSignature": S0}, finish="STOP"),
    )
    heard = hear(RESPONSES, GEMINI, wire)
    assert [item["type"] for item in _output(heard)] == ["function_call", "reasoning"]
    assert {part.get("thoughtSignature") for part in _back(heard)} >= {S0}
