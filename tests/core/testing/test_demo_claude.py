"""The demo upstream's Claude Messages, frame by frame."""

from __future__ import annotations

import json
from typing import Any

from cliproxy_core.testing.demo_claude import CLAUDE, SIGNATURE
from cliproxy_core.testing.demo_plan import Call, Plan

PLAN = Plan(model="m", thinking=("hm",), text=("a", "b"), calls=(Call("f", {"x": 1}),))


def test_a_stream_tells_the_plan_in_order() -> None:
    told = []
    for frame in CLAUDE.frames(PLAN):
        name, data = frame.decode().removesuffix("\n\n").split("\n")
        payload = json.loads(data.removeprefix("data: "))
        assert name == f"event: {payload['type']}"
        told.append((payload["type"], payload.get("index"), payload.get("delta")))
    assert told == [
        ("message_start", None, None),
        ("ping", None, None),
        ("content_block_start", 0, None),
        ("content_block_delta", 0, {"type": "thinking_delta", "thinking": "hm"}),
        ("content_block_delta", 0, {"type": "signature_delta", "signature": SIGNATURE}),
        ("content_block_stop", 0, None),
        ("content_block_start", 1, None),
        ("content_block_delta", 1, {"type": "text_delta", "text": "a"}),
        ("content_block_delta", 1, {"type": "text_delta", "text": "b"}),
        ("content_block_stop", 1, None),
        ("content_block_start", 2, None),
        ("content_block_delta", 2, {"type": "input_json_delta", "partial_json": ""}),
        (
            "content_block_delta",
            2,
            {"type": "input_json_delta", "partial_json": '{"x":1}'},
        ),
        ("content_block_stop", 2, None),
        ("message_delta", None, {"stop_reason": "tool_use", "stop_sequence": None}),
        ("message_stop", None, None),
    ]


def test_the_mark_is_in_the_frames_with_text() -> None:
    marked = [frame for frame in CLAUDE.frames(PLAN) if CLAUDE.text_mark in frame]
    assert len(marked) == len(PLAN.text)


def test_a_whole_answer_has_the_same_blocks() -> None:
    whole = json.loads(json.dumps(CLAUDE.whole(PLAN)))
    assert [block["type"] for block in whole["content"]] == [
        "thinking",
        "text",
        "tool_use",
    ]
    assert whole["stop_reason"] == "tool_use"
    assert (
        whole["usage"]["input_tokens"] + whole["usage"]["cache_read_input_tokens"] == 20
    )


def test_signatures() -> None:
    def turn(**block: str) -> dict[str, Any]:
        return {"messages": [{"role": "assistant", "content": [block]}]}

    assert CLAUDE.signatures_are_ours({})
    assert CLAUDE.signatures_are_ours(turn(type="thinking", signature=SIGNATURE))
    assert CLAUDE.signatures_are_ours(turn(type="text", text="x"))
    assert not CLAUDE.signatures_are_ours(turn(type="thinking", signature="x"))
    assert not CLAUDE.signatures_are_ours(turn(type="thinking"))
