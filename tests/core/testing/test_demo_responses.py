"""The demo upstream's Responses API, frame by frame."""

from __future__ import annotations

import json
from typing import Any

from cliproxy_core.testing.demo_plan import Call, Plan
from cliproxy_core.testing.demo_responses import RESPONSES, SEALED

PLAN = Plan(model="m", thinking=("hm",), text=("a", "b"), calls=(Call("f", {"x": 1}),))


def events() -> list[dict[str, Any]]:
    out = []
    for frame in RESPONSES.frames(PLAN):
        name, data = frame.decode().removesuffix("\n\n").split("\n")
        payload = json.loads(data.removeprefix("data: "))
        assert name == f"event: {payload['type']}"
        out.append(payload)
    return out


def test_a_stream_tells_the_plan_in_order() -> None:
    told = [(e["type"].removeprefix("response."), e.get("delta")) for e in events()]
    assert told == [
        ("created", None),
        ("in_progress", None),
        ("output_item.added", None),
        ("reasoning_summary_part.added", None),
        ("reasoning_summary_text.delta", "hm"),
        ("reasoning_summary_text.done", None),
        ("reasoning_summary_part.done", None),
        ("output_item.done", None),
        ("output_item.added", None),
        ("content_part.added", None),
        ("output_text.delta", "a"),
        ("output_text.delta", "b"),
        ("output_text.done", None),
        ("content_part.done", None),
        ("output_item.done", None),
        ("output_item.added", None),
        ("function_call_arguments.delta", '{"x":1}'),
        ("function_call_arguments.done", None),
        ("output_item.done", None),
        ("completed", None),
    ]


def test_the_last_event_repeats_what_the_items_were() -> None:
    done = [e["item"] for e in events() if e["type"] == "response.output_item.done"]
    assert events()[-1]["response"]["output"] == done
    assert json.loads(json.dumps(RESPONSES.whole(PLAN)))["output"] == done


def test_the_mark_is_in_the_frames_with_text() -> None:
    marked = [f for f in RESPONSES.frames(PLAN) if RESPONSES.text_mark in f]
    assert len(marked) == len(PLAN.text)


def test_an_error_counts_on() -> None:
    frame = RESPONSES.error_frame("sorry", 7)
    payload = json.loads(frame.partition(b"data: ")[2])
    assert frame.startswith(b"event: error\n")
    assert (payload["sequence_number"], payload["message"]) == (7, "sorry")


def test_signatures() -> None:
    def turn(**item: str) -> dict[str, Any]:
        return {"input": [item, {"role": "user", "content": "x"}]}

    signed = RESPONSES.signatures_are_ours
    assert signed({})
    assert signed({"input": "words"})
    assert signed(turn(type="reasoning", encrypted_content=SEALED))
    assert signed(turn(type="reasoning"))
    assert not signed(turn(type="reasoning", encrypted_content="x"))
