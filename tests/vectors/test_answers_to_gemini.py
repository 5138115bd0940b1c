"""Answers to callers of Gemini.

The vectors have no numbers of their own for these callers but one transcript; here are
the same rules seen from there. Ids begin with the number of the rule.
"""

from __future__ import annotations

import base64
from typing import Any

import pytest

from tests.core.dialects.openai_responses import streams as rs
from tests.vectors.answers import ASKED, CHAT, CLAUDE, GEMINI, RESPONSES, hear, whole
from tests.vectors.lines import Payload
from tests.vectors.upstream import (
    calling,
    chat,
    chunk,
    claude,
    counts,
    end,
    responses,
    sealed,
    start,
    text,
    thinking,
    use,
)
from tests.vectors.vector import sent

HI = {"role": "user", "parts": [{"text": "hi"}]}


def _parts(payloads: list[Payload]) -> list[Payload]:
    return [
        part
        for payload in payloads
        for candidate in payload.get("candidates", ())
        for part in candidate["content"]["parts"]
    ]


def _carried(proof: str) -> str:
    carrier = base64.b64decode(proof).decode()
    assert carrier.startswith("cliproxy1:")
    return carrier.removeprefix("cliproxy1:")


def test_v116_interleaved_calls_are_both_told() -> None:
    one, two = rs.call(0, '{"a":1}'), rs.call(1, '{"b":2}', "g")
    wire = responses(
        rs.created(),
        [one[0], two[0], two[1], one[1], *two[2:], *one[2:]],
        rs.end(one[-1]["item"], two[-1]["item"]),
    )
    assert hear(GEMINI, RESPONSES, wire).lines == [
        'call call_0 f {"a":1}',
        'call call_1 g {"b":2}',
        "finish STOP",
    ]


@pytest.mark.parametrize(
    ("word", "reason"),
    [("length", "MAX_TOKENS"), ("content_filter", "SAFETY"), ("stop", "STOP")],
)
def test_v118_the_finish_reason_comes_once_and_last(word: str, reason: str) -> None:
    wire = chat(chunk({"role": "assistant", "content": "x"}), chunk({}, word))
    heard = hear(GEMINI, CHAT, wire)
    assert heard.lines == ["text x", f"finish {reason}"]
    assert whole(GEMINI, CHAT, wire)["candidates"][0]["finishReason"] == reason


def test_v124_the_prompt_includes_what_was_cached() -> None:
    cached = {"cache_read_input_tokens": 22000, "cache_creation_input_tokens": 31}
    wire = claude(start(**cached), text(0, "x"), end("end_turn"))
    usage = hear(GEMINI, CLAUDE, wire).last["usageMetadata"]
    assert usage["promptTokenCount"] == 22044
    assert usage["cachedContentTokenCount"] == 22000
    assert (usage["candidatesTokenCount"], usage["totalTokenCount"]) == (4, 22048)


@pytest.mark.parametrize("order", [[0, 1], [1, 0]])
def test_v137_calls_are_told_whole(order: list[int]) -> None:
    chunks = [calling(i, id=f"c{i}", name="f", arguments='{"a":') for i in order]
    more = [calling(i, arguments="1}") for i in order]
    wire = chat(*chunks, *more, chunk({}, "tool_calls"), counts(3, 4))
    calls = [f'call c{i} f {{"a":1}}' for i in order]
    assert hear(GEMINI, CHAT, wire).lines == [*calls, "finish STOP"]


THOUGHTS = {
    "thinking": (thinking(0, "t", "sig"), "claude_messages::sig"),
    "thinking not shown": (thinking(0, "", "sig"), "claude_messages::sig"),
    "sealed thinking": (sealed(0, "DATA"), "claude_messages:sealed:DATA"),
}


@pytest.mark.parametrize("case", THOUGHTS)
def test_v153_thinking_crosses_and_comes_back_as_it_was(case: str) -> None:
    events, carrier = THOUGHTS[case]
    heard = hear(GEMINI, CLAUDE, claude(start(), events, text(1, "x"), end("end_turn")))
    parts = _parts(heard.payloads)
    (proof,) = (p["thoughtSignature"] for p in parts if "thoughtSignature" in p)
    assert _carried(proof) == carrier
    contents: list[Any] = [HI, {"role": "model", "parts": parts}, HI]
    back = sent(GEMINI, CLAUDE, {**ASKED[GEMINI], "contents": contents})
    assert (
        back.at("messages", 1, "content", 0)
        == {
            "thinking": {"type": "thinking", "thinking": "t", "signature": "sig"},
            "thinking not shown": {
                "type": "thinking",
                "thinking": "",
                "signature": "sig",
            },
            "sealed thinking": {"type": "redacted_thinking", "data": "DATA"},
        }[case]
    )


def test_v154_arguments_are_never_missing() -> None:
    wire = claude(start(), use(0, "toolu_1", "f"), end("tool_use"))
    assert hear(GEMINI, CLAUDE, wire).lines == ["call toolu_1 f {}", "finish STOP"]
