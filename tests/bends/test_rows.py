"""How proxies fail real clients: the rows of facts/06, section 2, and their tests.

Rows that need sockets are tested in `tests/interop`; `ROWS` says which test is which
row, and is complete.
"""

from __future__ import annotations

import ast
import base64
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pytest

from cliproxy_core.base.errors import DecodeError
from cliproxy_core.base.jsonval import JsonObject
from cliproxy_core.dialects import DIALECTS
from cliproxy_core.translate import request
from cliproxy_core.wire.sse import SseDecoder, SseFrame
from tests.interop.bends.bend import Bend, Breaks, Means

from .exchange import ASKED, UPSTREAMS, plan

HERE: Final = "tests/bends/test_rows.py::"
ALL: Final = "tests/bends/test_all_directions.py::"
WIRE: Final = "tests/interop/test_dialects.py::"

ROWS: Final[Mapping[int, tuple[str, ...]]] = {
    1: (
        f"{WIRE}test_the_sdk_with_either_version",
        f"{WIRE}test_every_sdk_lists_models_in_its_own_shape",
    ),
    2: (f"{WIRE}test_geminis_addresses",),
    3: (f"{HERE}test_what_failed_is_never_completed",),
    4: (f"{HERE}test_responses_callers_are_told_twice",),
    5: (f"{HERE}test_an_error_is_the_last_that_a_claude_caller_hears",),
    6: (f"{HERE}test_an_error_is_the_last_that_a_chat_caller_hears",),
    7: (f"{HERE}test_gemini_callers_hear_one_finish_and_it_is_last",),
    8: (f"{HERE}test_gemini_callers_hear_one_finish_and_it_is_last",),
    9: (f"{HERE}test_errors_for_gemini_callers_have_a_number",),
    10: (f"{HERE}test_gemini_callers_hear_no_comments",),
    11: (f"{HERE}test_chat_callers_hear_names_once",),
    12: (
        f"{HERE}test_thinking_always_has_a_signature_field",
        f"{HERE}test_unsigned_thinking_goes_to_no_claude_upstream",
    ),
    13: (f"{HERE}test_a_proof_comes_back_in_either_alphabet",),
    14: (
        f"{HERE}test_what_another_upstream_keeps_is_refused",
        f"{WIRE}test_an_earlier_response_is_known_to_those_who_kept_it",
    ),
    15: (f"{HERE}test_what_another_upstream_keeps_is_refused",),
    16: (f"{HERE}test_two_calls_alike_are_two_calls",),
    17: (f"{HERE}test_thoughts_are_counted_once", f"{ALL}test_streamed"),
    18: (f"{HERE}test_arguments_are_told_once",),
    19: (f"{HERE}test_a_cut_is_an_error_that_clients_try_again",),
    20: (f"{HERE}test_a_claude_request_to_gemini",),
    21: ("tests/interop/test_bends.py::test_a_bad_request_cools_nothing",),
}
ROOT: Final = Path(__file__).parents[2]

downs = pytest.mark.parametrize("down", ASKED)
ups = pytest.mark.parametrize("up", UPSTREAMS)


def test_every_row_has_its_tests() -> None:
    assert list(ROWS) == list(range(1, 22))
    for name in (name for names in ROWS.values() for name in names):
        path, _, function = name.partition("::")
        tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
        assert function in {n.name for n in tree.body if isinstance(n, ast.FunctionDef)}


def bend(up: str, name: str) -> Bend:
    (found,) = (each for each in UPSTREAMS[up] if each.name == name)
    return found


def heard(down: str, up: str, told: Bend) -> list[SseFrame]:
    """The events that a caller gets."""
    stream = plan(down, up, streams=True).response_stream()
    said = stream.feed(b"".join(told.frames))
    if not stream.done:
        said += stream.finish()
    frames = SseDecoder().feed(said)
    events = [frame for frame in frames if isinstance(frame, SseFrame)]
    assert len(events) == len(frames)
    return events


def payloads(down: str, up: str, told: Bend) -> list[Any]:
    """The same without the end mark."""
    events = heard(down, up, told)
    return [json.loads(e.data) for e in events if e.data != b"[DONE]"]


def breaking(up: str) -> list[Bend]:
    return [each for each in UPSTREAMS[up] if isinstance(each.means, Breaks)]


def meaning(up: str) -> list[Bend]:
    return [each for each in UPSTREAMS[up] if isinstance(each.means, Means)]


# 3 to 6: errors.


@ups
def test_what_failed_is_never_completed(up: str) -> None:
    for told in breaking(up):
        kinds = [e.event for e in heard("openai_responses", up, told)]
        assert "response.completed" not in kinds
        assert "response.incomplete" not in kinds


@ups
def test_responses_callers_are_told_twice(up: str) -> None:
    for told in breaking(up):
        *_, first, last = payloads("openai_responses", up, told)
        assert (first["type"], last["type"]) == ("error", "response.failed")
        assert last["response"]["error"]["message"] == first["message"]
        assert last["sequence_number"] == first["sequence_number"] + 1


@ups
def test_an_error_is_the_last_that_a_claude_caller_hears(up: str) -> None:
    for told in breaking(up):
        *before, last = [e.event for e in heard("claude_messages", up, told)]
        assert last == "error"
        assert not {"error", "message_delta", "message_stop"} & set(before)


@ups
def test_an_error_is_the_last_that_a_chat_caller_hears(up: str) -> None:
    for told in breaking(up):
        events = heard("openai_chat", up, told)
        assert b"[DONE]" not in [event.data for event in events]
        *before, last = [json.loads(event.data) for event in events]
        assert last["error"]["message"]
        assert not any(
            choice.get("finish_reason")
            for chunk in before
            for choice in chunk["choices"]
        )


# 7 to 10: Gemini's callers.


@ups
def test_gemini_callers_hear_one_finish_and_it_is_last(up: str) -> None:
    for told in meaning(up):
        chunks = payloads("gemini", up, told)
        if "promptFeedback" in chunks[-1] and "candidates" not in chunks[-1]:
            continue  # the prompt was blocked: nothing finishes
        candidates = [chunk["candidates"][0] for chunk in chunks]
        reasons = [candidate.get("finishReason") for candidate in candidates]
        assert all(reason is None for reason in reasons[:-1])
        assert reasons[-1]
        if len(candidates) > 1:
            assert all(each["content"]["parts"] for each in candidates)


@ups
def test_errors_for_gemini_callers_have_a_number(up: str) -> None:
    for told in breaking(up):
        last = heard("gemini", up, told)[-1]
        error = json.loads(last.data)["error"]
        assert last.event == ""
        assert type(error["code"]) is int
        assert error["message"]
        assert error["status"]


@ups
def test_gemini_callers_hear_no_comments(up: str) -> None:
    assert DIALECTS["gemini"].heartbeat == b""
    stream = plan("gemini", up, streams=True).response_stream()
    said = stream.feed(b"".join(bend(up, "comments").frames)) + stream.finish()
    assert all(line[:6] in (b"data: ", b"") for line in said.splitlines())


# 11 and 12: names, and the field of a signature.


@ups
def test_chat_callers_hear_names_once(up: str) -> None:
    for told in meaning(up):
        chunks = payloads("openai_chat", up, told)
        deltas = [c["delta"] for chunk in chunks for c in chunk["choices"]]
        assert [bool(d.get("role")) for d in deltas].count(True) <= 1
        calls = [call for delta in deltas for call in delta.get("tool_calls") or ()]
        names = [call for call in calls if "name" in call["function"]]
        assert [call["index"] for call in names] == list(range(len(names)))
        assert all(
            call.keys() == {"index", "function"} for call in calls if call not in names
        )


@ups
def test_thinking_always_has_a_signature_field(up: str) -> None:
    seen = 0
    for told in meaning(up):
        for event in payloads("claude_messages", up, told):
            block = event.get("content_block", {})
            if block.get("type") == "thinking":
                assert isinstance(block["signature"], str)
                seen += 1
        document = plan("claude_messages", up, streams=False).response(
            b"".join(told.frames)
        )
        for block in json.loads(document)["content"]:
            assert block["type"] != "thinking" or isinstance(block["signature"], str)
    assert seen


def test_unsigned_thinking_goes_to_no_claude_upstream() -> None:
    spoken = [
        {"type": "thinking", "thinking": "Hmm.", "signature": ""},
        {"type": "text", "text": "Hello"},
    ]
    for target in DIALECTS:
        asked = again("claude_messages", spoken)
        body = request(asked, source="claude_messages", target=target, model="m").body
        assert (b"Hmm." in body) is (target == "openai_chat"), target
        assert b"Hello" in body


def again(dialect: str, spoken: Any) -> JsonObject:
    """The same conversation, after an answer."""
    asked = dict(ASKED[dialect])
    if dialect == "gemini":
        turns = [*asked["contents"], spoken, *asked["contents"]]  # type: ignore[misc]
        return {**asked, "contents": turns}
    said = {"role": "assistant", "content": spoken}
    turns = [*asked["messages"], said, *asked["messages"]]  # type: ignore[misc]
    return {**asked, "messages": turns}


# 13 to 15: state that somebody keeps.


@pytest.mark.parametrize("letters", [b"+/", b"-_"], ids=["standard", "URL-safe"])
def test_a_proof_comes_back_in_either_alphabet(letters: bytes) -> None:
    """Of whatever issuer: Google's Python SDK sends the second."""
    told = bend("claude_messages", "thinking")
    document = plan("gemini", "claude_messages", streams=False).response(
        b"".join(told.frames)
    )
    content = json.loads(document)["candidates"][0]["content"]
    for part in content["parts"]:
        if "thoughtSignature" in part:
            raw = base64.b64decode(part["thoughtSignature"])
            part["thoughtSignature"] = base64.b64encode(raw, letters).decode()
    back = request(
        again("gemini", content),
        source="gemini",
        target="claude_messages",
        model="m",
    )
    blocks = json.loads(back.body)["messages"][1]["content"]
    assert blocks[0] == {"type": "thinking", "thinking": "Hmm.", "signature": "c2ln"}


@pytest.mark.parametrize("target", DIALECTS)
@pytest.mark.parametrize(
    ("source", "key", "kept"),
    [
        ("openai_responses", "previous_response_id", "resp_1"),
        ("claude_messages", "thread", {"type": "continue", "previous_message_id": "m"}),
    ],
)
def test_what_another_upstream_keeps_is_refused(
    source: str, key: str, kept: Any, target: str
) -> None:
    asked = {**ASKED[source], key: kept}
    if source == target:
        body = request(asked, source=source, target=target, model="m").body
        assert json.loads(body)[key] == kept
        return
    with pytest.raises(DecodeError) as caught:
        request(asked, source=source, target=target, model="m")
    assert caught.value.path == f".{key}"


# 16 to 18: calls and counts.


@downs
def test_two_calls_alike_are_two_calls(down: str) -> None:
    told = bend("gemini", "the same call twice")
    body = b"".join(told.frames)
    document = plan(down, "gemini", streams=False).response(body)
    response = DIALECTS[down].parse_response(
        json.loads(document), plan(down, down, streams=False).context
    )
    calls = [part for part in response.candidates[0].parts if hasattr(part, "call_id")]
    assert len(calls) == 2
    assert len({call.call_id for call in calls}) == 2


@downs
@ups
def test_arguments_are_told_once(down: str, up: str) -> None:
    name = {
        "openai_chat": "arguments again at the end",
        "openai_responses": "arguments told four times",
        "claude_messages": "arguments in the start and again",
        "gemini": "arguments as text",
    }[up]
    events = heard(down, up, bend(up, name))
    deltas = [
        event.data
        for event in events
        if event.event
        not in (
            "response.function_call_arguments.done",
            "response.output_item.done",
            "response.completed",
        )
    ]
    assert b"".join(deltas).count(b"Paris") == 1


THINKING: Final[Mapping[str, tuple[str, bytes, bytes]]] = {
    "openai_chat": (
        "control",
        b'"total_tokens": 15, ',
        b'"total_tokens": 15, "completion_tokens_details": {"reasoning_tokens": 3}, ',
    ),
    "openai_responses": (
        "control",
        b'"reasoning_tokens": 0',
        b'"reasoning_tokens": 3',
    ),
    "gemini": (
        "control",
        b'"candidatesTokenCount": 5',
        b'"candidatesTokenCount": 2, "thoughtsTokenCount": 3',
    ),
}


@downs
@pytest.mark.parametrize("up", THINKING)
def test_thoughts_are_counted_once(down: str, up: str) -> None:
    """Five tokens of output, three of them thoughts."""
    name, before, after = THINKING[up]
    body = b"".join(bend(up, name).frames)
    assert before in body
    asked = plan(down, up, streams=False)
    usage = asked.whole(body.replace(before, after)).usage
    assert usage is not None
    assert (usage.input_total, usage.cache_read) == (10, 4)
    assert (usage.output_total, usage.reasoning) == (5, 3)
    document = json.loads(asked.response(body.replace(before, after)))
    told = DIALECTS[down].skim_response(document)
    assert told is not None
    assert (told.input_total, told.cache_read) == (10, 4)
    assert (told.output_total, told.reasoning) == (5, 3)


# 19 and 20: Claude's callers.


@ups
def test_a_cut_is_an_error_that_clients_try_again(up: str) -> None:
    frames = bend(up, "control").frames
    cut = Bend("cut", frames[: len(frames) // 2], Breaks())
    last = payloads("claude_messages", up, cut)[-1]
    assert last["error"]["type"] in ("overloaded_error", "api_error")


def test_a_claude_request_to_gemini() -> None:
    mark = {"cache_control": {"type": "ephemeral"}}
    asked: Any = {
        **ASKED["claude_messages"],
        "system": [{"type": "text", "text": "Be brief.", **mark}],
        "messages": [
            {"role": "user", "content": [{"type": "text", "text": "hi", **mark}]},
            {
                "role": "assistant",
                "content": [
                    {
                        "type": "tool_use",
                        "id": "toolu_a",
                        "name": "get_weather",
                        "input": {"city": "Paris"},
                    }
                ],
            },
            {
                "role": "user",
                "content": [
                    {"type": "tool_result", "tool_use_id": "toolu_a", "content": "sun"}
                ],
            },
        ],
    }
    made = request(asked, source="claude_messages", target="gemini", model="m")
    document = json.loads(made.body)
    assert made.path.endswith(":generateContent")
    assert "cachedContent" not in document
    assert document["systemInstruction"]["parts"] == [{"text": "Be brief."}]
    assert "Be brief." not in json.dumps(document["contents"])
    answer = document["contents"][-1]["parts"][0]["functionResponse"]
    assert answer["name"] == "get_weather"
