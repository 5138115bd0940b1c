"""The demo upstream's Chat Completions, frame by frame."""

from __future__ import annotations

import json
from typing import Any

from cliproxy_core.testing.demo_chat import CHAT
from cliproxy_core.testing.demo_plan import Call, Plan

PLAN = Plan(model="m", thinking=("hm",), text=("a", "b"), calls=(Call("f", {"x": 1}),))


def deltas() -> list[dict[str, Any]]:
    frames = [frame[6:] for frame in CHAT.frames(PLAN) if b"DONE" not in frame]
    chunks = [json.loads(frame) for frame in frames]
    return [choice["delta"] for chunk in chunks for choice in chunk["choices"]]


def test_a_stream_tells_the_plan_in_order() -> None:
    assert deltas() == [
        {"role": "assistant", "content": ""},
        {"reasoning_content": "hm"},
        {"content": "a"},
        {"content": "b"},
        {
            "tool_calls": [
                {
                    "index": 0,
                    "id": "call_demo_0",
                    "type": "function",
                    "function": {"name": "f", "arguments": ""},
                }
            ]
        },
        {"tool_calls": [{"index": 0, "function": {"arguments": '{"x":1}'}}]},
        {},
    ]


def test_the_mark_is_in_the_frames_with_text() -> None:
    marked = [frame for frame in CHAT.frames(PLAN) if CHAT.text_mark in frame]
    assert len(marked) == len(PLAN.text)


def test_a_whole_answer_without_text_has_null() -> None:
    whole = CHAT.whole(Plan(model="m", calls=PLAN.calls))
    (choice,) = json.loads(json.dumps(whole))["choices"]
    assert choice["message"]["content"] is None
    assert choice["finish_reason"] == "tool_calls"
    assert choice["message"]["tool_calls"][0]["function"]["arguments"] == '{"x":1}'


def test_there_are_no_signatures() -> None:
    assert CHAT.signatures_are_ours({})
