"""Answers to callers of Chat Completions."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from tests.core.dialects.openai_responses import streams as rs
from tests.vectors.answers import CHAT, CLAUDE, GEMINI, RESPONSES, hear, whole
from tests.vectors.lines import Payload
from tests.vectors.upstream import (
    claude,
    end,
    gemini,
    part_call,
    responses,
    said,
    sealed,
    start,
    text,
    thinking,
)

CUT = {"reason": "max_output_tokens"}
PREVIEW, PICTURE = "iVBORw0KGgo=", "/9j/4AAQ"
COMPLETE: Payload = {
    "id": "msg_1",
    "type": "message",
    "role": "assistant",
    "model": "m",
    "content": [{"type": "text", "text": "x"}],
    "stop_reason": "end_turn",
    "stop_sequence": None,
    "usage": {"input_tokens": 1, "output_tokens": 2},
}


def _of(wire: bytes) -> list[str]:
    return hear(CHAT, RESPONSES, wire).lines


# From Responses.


def test_v114_the_role_comes_first_and_the_model_with_every_chunk() -> None:
    heard = hear(CHAT, RESPONSES, responses(rs.good(rs.message(0, "hi"))))
    assert heard.lines == ["role", "text hi", "finish stop", "usage"]
    assert {(p["id"], p["model"]) for p in heard.payloads} == {("resp_1", "m")}


@pytest.mark.parametrize("streamed", [True, False], ids=["delta", "done-only"])
def test_v115_a_call_with_free_text_is_announced_once(streamed: bool) -> None:
    call = copy.deepcopy(rs.custom(0, "pwd"))
    if not streamed:
        call[1]["delta"] = ""
    heard = hear(CHAT, RESPONSES, responses(rs.good(call)))
    assert heard.lines == [
        "role",
        "call 0 call_0 run",
        "args 0 pwd",
        "finish tool_calls",
        "usage",
    ]
    opening = heard.payloads[1]["choices"][0]["delta"]["tool_calls"][0]
    assert opening["custom"] == {"name": "run", "input": ""}


def test_v116_interleaved_calls_keep_their_numbers() -> None:
    one, two = rs.call(0, '{"a":1}'), rs.custom(1, "pwd")
    wire = responses(
        rs.created(),
        [one[0], two[0], two[1], one[1], *two[2:], *one[2:]],
        rs.end(one[-1]["item"], two[-1]["item"]),
    )
    assert _of(wire) == [
        "role",
        "call 0 call_0 f",
        "call 1 call_1 run",
        "args 1 pwd",
        'args 0 {"a":1}',
        "finish tool_calls",
        "usage",
    ]


def test_v117_an_item_without_id_is_known_again_by_its_place() -> None:
    call = copy.deepcopy(rs.call(0, '{"a":1}'))
    del call[0]["item"]["id"]
    wire = responses(rs.created(), call[0], call[-1], rs.end(call[-1]["item"]))
    assert _of(wire) == [
        "role",
        "call 0 call_0 f",
        'args 0 {"a":1}',
        "finish tool_calls",
        "usage",
    ]


@pytest.mark.parametrize(
    "item", [rs.message(0, "x"), rs.call(0, "{}")], ids=["words", "call"]
)
def test_v118_a_cut_answer_is_cut_whatever_it_called(item: list[Payload]) -> None:
    last = rs.end(item[-1]["item"], kind="incomplete", incomplete_details=CUT)
    heard = hear(CHAT, RESPONSES, responses(rs.created(), item, last))
    (finish,) = (
        choice
        for payload in heard.payloads
        for choice in payload["choices"]
        if choice["finish_reason"]
    )
    assert finish["finish_reason"] == "length"
    assert finish["native_finish_reason"] == "max_output_tokens"


@pytest.mark.parametrize(
    ("told", "written"), [({"cache_write_tokens": 40}, 40), ({}, None)]
)
def test_v119_usage(told: dict[str, int], written: int | None) -> None:
    usage = {
        "input_tokens": 100,
        "input_tokens_details": {"cached_tokens": 30, **told},
        "output_tokens": 20,
        "output_tokens_details": {"reasoning_tokens": 5},
        "total_tokens": 120,
    }
    item = rs.message(0, "x")
    last = rs.end(item[-1]["item"], usage=usage)
    heard = hear(CHAT, RESPONSES, responses(rs.created(), item, last))
    into: dict[str, Any] = {"cached_tokens": 30}
    if written is not None:
        into["cache_write_tokens"] = written
    assert heard.last["usage"] == {
        "prompt_tokens": 100,
        "prompt_tokens_details": into,
        "completion_tokens": 20,
        "completion_tokens_details": {"reasoning_tokens": 5},
        "total_tokens": 120,
    }


def test_v120_an_empty_message_does_not_erase_the_words_before_it() -> None:
    one, two = rs.message(0, "the real answer"), rs.message(1, "")
    last = rs.end(one[-1]["item"], two[-1]["item"])
    told = whole(CHAT, RESPONSES, last["response"])
    assert told["choices"][0]["message"]["content"] == "the real answer"
    lines = _of(responses(rs.created(), one, two, last))
    assert lines == ["role", "text the real answer", "finish stop", "usage"]


def test_v121_a_picture_comes_once_whatever_previews_it_had() -> None:
    item = {"id": "ig_1", "type": "image_generation_call", "status": "in_progress"}
    done = {**item, "status": "completed", "result": PICTURE, "output_format": "jpeg"}
    where = {"output_index": 0, "item_id": "ig_1"}
    preview = {
        "type": "response.image_generation_call.partial_image",
        **where,
        "partial_image_b64": PREVIEW,
        "output_format": "png",
    }
    name = "response.output_item"
    wire = responses(
        rs.created(),
        {"type": f"{name}.added", "output_index": 0, "item": {**item, "result": None}},
        {**preview, "partial_image_index": 0},
        {**preview, "partial_image_index": 1},
        {"type": f"{name}.done", "output_index": 0, "item": done},
        rs.end(done),
    )
    assert _of(wire) == [
        "role",
        f"image data:image/jpeg;base64,{PICTURE}",
        "finish stop",
        "usage",
    ]


# From Gemini.


def test_v122_only_the_last_chunk_says_that_it_is_over() -> None:
    last = said(finish="STOP")
    last["usageMetadata"] = {"promptTokenCount": 5, "totalTokenCount": 5}
    wire = gemini(
        said({"text": "A"}),
        said(part_call("run", {"c": 1}, id="call_1")),
        said(part_call("run", {"c": 2}, id="call_2")),
        last,
    )
    heard = hear(CHAT, GEMINI, wire)
    assert heard.lines == [
        "role",
        "text A",
        "call 0 call_1 run",
        'args 0 {"c":1}',
        "call 1 call_2 run",
        'args 1 {"c":2}',
        "finish tool_calls",
        "usage",
    ]
    finishes = [
        choice["finish_reason"] for p in heard.payloads for choice in p["choices"]
    ]
    assert finishes[:-1] == [None] * (len(finishes) - 1)
    assert heard.last["usage"]["completion_tokens"] == 0


def test_v123_empty_words_are_empty_not_absent() -> None:
    answer = said({"text": ""}, {"text": ""}, finish="STOP", usage=(5, 0))
    (choice,) = whole(CHAT, GEMINI, answer)["choices"]
    assert choice["message"]["content"] == ""
    assert choice["finish_reason"] == "stop"


# From Claude.

CACHED = {"cache_read_input_tokens": 22000, "cache_creation_input_tokens": 31}


@pytest.mark.parametrize(
    ("first", "later"),
    [
        ({}, {"input_tokens": 13, **CACHED}),
        (CACHED, {}),
        ({"cache_read_input_tokens": 100, "cache_creation_input_tokens": 7}, CACHED),
    ],
    ids=["late", "early", "again"],
)
def test_v124_usage_wherever_it_is_told(
    first: dict[str, int], later: dict[str, int]
) -> None:
    wire = claude(start(**first), text(0, "x"), end("end_turn", **later))
    assert hear(CHAT, CLAUDE, wire).last["usage"] == {
        "prompt_tokens": 22044,
        "completion_tokens": 4,
        "total_tokens": 22048,
        "prompt_tokens_details": {"cached_tokens": 22000, "cache_write_tokens": 31},
    }


@pytest.mark.parametrize("word", ["refusal", "sensitive"])
def test_v125_a_refusal_is_filtered_content(word: str) -> None:
    wire = claude(start(), text(0, "x"), end(word))
    assert "finish content_filter" in hear(CHAT, CLAUDE, wire).lines
    (choice,) = whole(CHAT, CLAUDE, {**COMPLETE, "stop_reason": word})["choices"]
    assert choice["finish_reason"] == "content_filter"
    assert choice["native_finish_reason"] == word


def test_v125_thinking_is_reasoning_and_sealed_thinking_is_not_shown() -> None:
    wire = claude(
        start(), thinking(0, "hm"), sealed(1, "D"), text(2, "x"), end("end_turn")
    )
    heard = hear(CHAT, CLAUDE, wire)
    assert heard.lines == [
        "role",
        "thought hm",
        "details",  # what is sealed, for the way back
        "text x",
        "finish stop",
        "usage",
    ]
    blocks = [
        {"type": "redacted_thinking", "data": "D"},
        {"type": "thinking", "thinking": "hm", "signature": "s"},
        {"type": "text", "text": "x"},
    ]
    (choice,) = whole(CHAT, CLAUDE, {**COMPLETE, "content": blocks})["choices"]
    assert choice["message"]["reasoning_content"] == "hm"
    assert choice["message"]["content"] == "x"


def test_v125_without_thinking_there_is_no_reasoning() -> None:
    (choice,) = whole(CHAT, CLAUDE, COMPLETE)["choices"]
    assert "reasoning_content" not in choice["message"]
