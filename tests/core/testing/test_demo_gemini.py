"""The demo upstream's Gemini API, frame by frame."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from cliproxy_core.testing.demo_gemini import GEMINI, PROOF
from cliproxy_core.testing.demo_plan import Call, Plan

CALLS = (Call("f", {"x": 1}), Call("g", {}))
PLAN = Plan(model="m", thinking=("hm",), text=("a", "b"), calls=CALLS)
SIGNATURE = base64.b64encode(PROOF).decode()


def chunks() -> list[dict[str, Any]]:
    frames = list(GEMINI.frames(PLAN))
    assert all(f.startswith(b"data: ") and f.endswith(b"\r\n\r\n") for f in frames)
    return [json.loads(frame[6:]) for frame in frames]


def parts(payload: dict[str, Any]) -> Any:
    return payload["candidates"][0]["content"]["parts"]


def test_a_stream_tells_the_plan_in_order() -> None:
    assert [part for chunk in chunks() for part in parts(chunk)] == [
        {"text": "hm", "thought": True},
        {"text": "a", "thoughtSignature": SIGNATURE},
        {"text": "b"},
        {"functionCall": {"name": "f", "args": {"x": 1}}},
        {"functionCall": {"name": "g", "args": {}}},
    ]


def test_the_end_is_in_the_last_chunk() -> None:
    *before, last = chunks()
    assert all("finishReason" not in c["candidates"][0] for c in before)
    assert last["candidates"][0]["finishReason"] == "STOP"
    usage = last["usageMetadata"]
    assert usage["thoughtsTokenCount"] == 1
    told = ("promptTokenCount", "candidatesTokenCount", "thoughtsTokenCount")
    assert usage["totalTokenCount"] == sum(usage[name] for name in told)


def test_the_mark_is_in_the_frames_with_text() -> None:
    marked = [frame for frame in GEMINI.frames(PLAN) if GEMINI.text_mark in frame]
    assert len(marked) == len(PLAN.text)


def test_a_whole_answer_has_the_same_parts_joined() -> None:
    whole = json.loads(json.dumps(GEMINI.whole(PLAN)))
    assert parts(whole) == [
        {"text": "hm", "thought": True},
        {"text": "ab", "thoughtSignature": SIGNATURE},
        {"functionCall": {"name": "f", "args": {"x": 1}}},
        {"functionCall": {"name": "g", "args": {}}},
    ]
    assert whole["usageMetadata"] == chunks()[-1]["usageMetadata"]


def test_a_call_without_words_before_it_is_signed() -> None:
    whole: Any = GEMINI.whole(Plan(model="m", thinking=("hm",), calls=CALLS))
    assert ["thoughtSignature" in part for part in parts(whole)] == [
        False, True, False,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("proof", "ours"),
    [
        (SIGNATURE, True),
        (base64.urlsafe_b64encode(PROOF).decode(), True),
        ("Zm9yZ2Vk", False),
        ("not base64", False),
        (7, False),
    ],
)
def test_signatures(proof: object, ours: bool) -> None:
    part: Any = {"text": "x", "thoughtSignature": proof}
    document: Any = {"contents": [{"role": "model", "parts": [{"text": "y"}, part]}]}
    assert GEMINI.signatures_are_ours(document) is ours
    assert GEMINI.signatures_are_ours({})
