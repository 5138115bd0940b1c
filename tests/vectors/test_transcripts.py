"""The golden transcripts: what upstreams send, and all that callers hear of it.

A transcript's id begins with its number. Lines are told by `tests.vectors.lines`.
"""

from __future__ import annotations

import copy

from tests.core.dialects.openai_responses import streams as rs
from tests.vectors.answers import CHAT, CLAUDE, GEMINI, RESPONSES, hear
from tests.vectors.lines import Payload
from tests.vectors.upstream import (
    chat,
    claude,
    end,
    frames,
    gemini,
    responses,
    sealed,
    start,
    text,
    thinking,
    use,
)


def _choice(delta: Payload, **more: object) -> Payload:
    return {"choices": [{"index": 0, "delta": delta, **more}]}


def test_t1_chat_to_claude_words_a_call_and_late_usage() -> None:
    call = {"index": 0, "id": "call_a", "type": "function"}
    named = {**call, "function": {"name": "bash", "arguments": ""}}
    more = {"index": 0, "function": {"arguments": '{"cmd":"ls"}'}}
    hi = {"role": "assistant", "content": "Hi"}
    usage = {
        "prompt_tokens": 10,
        "completion_tokens": 5,
        "prompt_tokens_details": {"cached_tokens": 4},
    }
    wire = chat(
        {"id": "c1", "model": "m", **_choice(hi, finish_reason=None)},
        {"id": "c1", **_choice({"tool_calls": [named]})},
        {"id": "c1", **_choice({"tool_calls": [more]})},
        {"id": "c1", **_choice({}, finish_reason="tool_calls")},
        {"id": "c1", "choices": [], "usage": usage},
    )
    bash = {"name": "Bash", "input_schema": {"type": "object"}}
    heard = hear(CLAUDE, CHAT, wire, tools=[bash])
    assert heard.lines == [
        "start",
        "open 0 text",
        "text 0 Hi",
        "close 0",
        "open 1 tool_use call_a Bash",
        'args 1 {"cmd":"ls"}',
        "close 1",
        "end tool_use",
        "over",
    ]
    message = heard.payloads[0]["message"]
    assert (message["id"], message["model"]) == ("c1", "m")
    assert heard.payloads[-2]["usage"] == {
        "input_tokens": 6,
        "cache_read_input_tokens": 4,
        "output_tokens": 5,
    }
    assert heard.dropped == {}


def test_t2_claude_to_chat_thinking_and_a_call() -> None:
    cached = {"cache_read_input_tokens": 22000, "cache_creation_input_tokens": 31}
    wire = claude(
        start(**cached),
        thinking(0, "t", "s"),
        use(1, "toolu_1", "lookup", '{"q":1}'),
        end("tool_use"),
    )
    heard = hear(CHAT, CLAUDE, wire)
    assert heard.lines == [
        "role",
        "thought t",
        "details",  # the signature, for the way back
        "call 0 toolu_1 lookup",
        'args 0 {"q":1}',
        "finish tool_calls",
        "usage",
    ]
    assert heard.payloads[0]["choices"][0]["delta"]["content"] == ""
    usage = heard.last["usage"]
    assert (
        usage.items()
        >= {
            "prompt_tokens": 22044,
            "completion_tokens": 4,
            "total_tokens": 22048,
        }.items()
    )
    assert usage["prompt_tokens_details"]["cached_tokens"] == 22000
    assert heard.complete


def test_t3_responses_to_claude_parts_of_reasoning_and_interleaved_calls() -> None:
    thought = copy.deepcopy(rs.reasoning(0, "A", "B", sealed="enc_final"))
    thought[0]["item"]["encrypted_content"] = "enc_pre"
    one = copy.deepcopy(rs.call(1, '{"file_path":"a"}', "Read"))
    two = copy.deepcopy(rs.call(2, '{"file_path":"b"}', "Read"))
    usage = {
        "input_tokens": 30,
        "input_tokens_details": {"cached_tokens": 10},
        "output_tokens": 7,
    }
    output = [item[-1]["item"] for item in (thought, one, two)]
    wire = responses(
        rs.created(),
        thought,
        [one[0], two[0], two[1], one[1], *two[2:], *one[2:]],
        rs.end(*output, usage=usage),
    )
    read = {"name": "Read", "input_schema": {"type": "object"}}
    heard = hear(CLAUDE, RESPONSES, wire, tools=[read])
    assert heard.lines == [
        "start",
        "open 0 thinking",
        "think 0 A",
        "think 0 \n\n",
        "think 0 B",
        "sign 0 cliproxy1:openai_responses::enc_final",
        "close 0",
        "open 1 tool_use call_1 Read",
        'args 1 {"file_path":"a"}',
        "close 1",
        "open 2 tool_use call_2 Read",
        'args 2 {"file_path":"b"}',
        "close 2",
        "end tool_use",
        "over",
    ]
    assert heard.payloads[-2]["usage"] == {
        "input_tokens": 20,
        "cache_read_input_tokens": 10,
        "output_tokens": 7,
    }


def test_t4_chat_to_responses_cut_by_its_length() -> None:
    usage = {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5}
    wire = chat(
        {"id": "r", **_choice({"role": "assistant", "content": "hel"})},
        {"id": "r", **_choice({"content": "lo"}, finish_reason="length")},
        {"id": "r", "choices": [], "usage": usage},
    )
    heard = hear(RESPONSES, CHAT, wire)
    assert heard.lines == [
        "created",
        "in_progress",
        "item 0 message msg_r_0",
        "part 0",
        "text 0 hel",
        "text 0 lo",
        "text! 0 hello",
        "part! 0",
        "item! 0",
        "incomplete",
    ]
    assert [each["sequence_number"] for each in heard.payloads] == list(range(10))
    assert heard.payloads[2]["item"]["status"] == "in_progress"
    assert heard.payloads[8]["item"]["status"] == "completed"
    told = heard.last["response"]
    assert told["status"] == "incomplete"
    assert told["incomplete_details"] == {"reason": "max_output_tokens"}
    assert [each["content"][0]["text"] for each in told["output"]] == ["hello"]
    assert (
        told["usage"].items()
        >= {
            "input_tokens": 3,
            "output_tokens": 2,
            "total_tokens": 5,
        }.items()
    )


def test_t5_claude_to_responses_sealed_thinking_words_and_a_call_cut() -> None:
    wire = claude(
        start(),
        sealed(0, "D"),
        text(1, "Hi"),
        use(2, "toolu_1", "lookup", "{}"),
        end("max_tokens", output_tokens=9),
    )
    heard = hear(RESPONSES, CLAUDE, wire)
    assert heard.lines == [
        "created",
        "in_progress",
        "item 0 reasoning rs_msg_1_0",
        "item! 0",
        "item 1 message msg_msg_1_1",
        "part 1",
        "text 1 Hi",
        "text! 1 Hi",
        "part! 1",
        "item! 1",
        "item 2 function_call fc_toolu_1",
        "args 2 {}",
        "args! 2 {}",
        "item! 2",
        "incomplete",
    ]
    assert heard.payloads[3]["item"] == {
        "id": "rs_msg_1_0",
        "type": "reasoning",
        "summary": [],
        "encrypted_content": "cliproxy1:claude_messages::D",
    }
    call = heard.payloads[13]["item"]
    assert (call["call_id"], call["name"]) == ("toolu_1", "lookup")
    reason = heard.last["response"]["incomplete_details"]
    assert reason == {"reason": "max_output_tokens"}


def test_t6_gemini_to_claude_a_signed_call_and_an_end_on_two_lines() -> None:
    counted = {
        "promptTokenCount": 10,
        "cachedContentTokenCount": 4,
        "candidatesTokenCount": 3,
        "thoughtsTokenCount": 2,
    }
    call = {"functionCall": {"name": "run", "args": {"c": 1}}}
    thought = {"text": "think", "thought": True}
    wire = gemini(
        {"candidates": [{"content": {"parts": [thought]}}]},
        {"candidates": [{"content": {"parts": [{**call, "thoughtSignature": "SIG"}]}}]},
        {"candidates": [{"content": {"parts": []}, "finishReason": "STOP"}]},
        {"usageMetadata": counted},
    )
    heard = hear(CLAUDE, GEMINI, wire)
    call_id = heard.payloads[5]["content_block"]["id"]
    assert heard.lines == [
        "start",
        "open 0 thinking",
        "think 0 think",
        "sign 0 cliproxy1:gemini:next:SIG",
        "close 0",
        f"open 1 tool_use {call_id} run",
        'args 1 {"c":1}',
        "close 1",
        "end tool_use",
        "over",
    ]
    assert (
        heard.payloads[-2]["usage"].items()
        >= {
            "input_tokens": 6,
            "cache_read_input_tokens": 4,
            "output_tokens": 5,
        }.items()
    )


def test_t7_gemini_to_chat_cut_by_its_length() -> None:
    counted = {
        "promptTokenCount": 7,
        "candidatesTokenCount": 4,
        "thoughtsTokenCount": 1,
        "totalTokenCount": 12,
    }
    call = {"functionCall": {"id": "call_g", "name": "run", "args": {}}}
    wire = gemini(
        {
            "responseId": "r1",
            "candidates": [{"content": {"parts": [{"text": "A"}]}}],
        },
        {"responseId": "r1", "candidates": [{"content": {"parts": [call]}}]},
        {"candidates": [{"finishReason": "MAX_TOKENS"}]},
        {"usageMetadata": counted},
    )
    heard = hear(CHAT, GEMINI, wire)
    assert heard.lines == [
        "role",
        "text A",
        "call 0 call_g run",
        "args 0 {}",
        "finish length",
        "usage",
    ]
    assert heard.last["usage"] == {
        "prompt_tokens": 7,
        "completion_tokens": 5,
        "total_tokens": 12,
        "completion_tokens_details": {"reasoning_tokens": 1},
    }
    assert heard.complete


def test_t8_chat_to_gemini_a_null_is_no_finish_reason() -> None:
    call = {"index": 0, "id": "c1", "function": {"name": "f", "arguments": '{"a":1}'}}
    usage = {"prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 7}
    words = {"role": "assistant", "content": "x"}
    wire = frames(
        _choice(words, finish_reason=None),
        _choice({"tool_calls": [call]}, finish_reason=None),
        {**_choice({}, finish_reason="tool_calls"), "usage": usage},
    )
    heard = hear(GEMINI, CHAT, wire)
    assert heard.lines == ["text x", 'call c1 f {"a":1}', "finish STOP"]
    assert [each["candidates"][0]["content"]["role"] for each in heard.payloads] == [
        "model"
    ] * len(heard.payloads)
    assert heard.last["usageMetadata"] == {
        "promptTokenCount": 3,
        "candidatesTokenCount": 4,
        "totalTokenCount": 7,
    }
