"""The payloads of a stream, and their frames."""

from __future__ import annotations

from typing import Any

from cliproxy_core.base.jsonval import loads_exact
from cliproxy_core.dialects.claude_messages import payloads
from cliproxy_core.ir.dialect import Sent
from cliproxy_core.ir.grammar import Step
from cliproxy_core.ir.usage import Usage


def test_the_life_of_a_block() -> None:
    thinking = payloads.thinking_block()
    proof = payloads.signature_delta("s")
    assert [
        payloads.block_start(1, thinking),
        payloads.block_delta(1, proof),
        payloads.block_stop(1),
    ] == [
        {
            "type": "content_block_start",
            "index": 1,
            "content_block": {"type": "thinking", "thinking": "", "signature": ""},
        },
        {
            "type": "content_block_delta",
            "index": 1,
            "delta": {"type": "signature_delta", "signature": "s"},
        },
        {"type": "content_block_stop", "index": 1},
    ]


def test_the_message_around_them() -> None:
    start: Any = payloads.message_start("msg_1", "m", Usage(input_uncached=3))
    assert start["message"]["content"] == []
    assert start["message"]["usage"] == {"input_tokens": 3, "output_tokens": 0}
    assert payloads.message_delta("end_turn", None, None) == {
        "type": "message_delta",
        "delta": {"stop_reason": "end_turn", "stop_sequence": None},
        "usage": {"output_tokens": 0},
    }


def test_a_frame_has_its_name_its_step_and_every_digit() -> None:
    out: list[Sent] = []
    raw: Any = loads_exact(b'{"n":12345678901234567890123}')
    payloads.say({"type": "x", **raw}, out, 3)
    frame = b'event: x\ndata: {"type":"x","n":12345678901234567890123}\n\n'
    assert out == [((Step("x", 3),), frame)]


def test_what_can_be_written() -> None:
    deep: Any = {}
    for _ in range(300):
        deep = {"x": deep}
    assert payloads.is_writable({"x": 1})
    assert not payloads.is_writable(deep)
