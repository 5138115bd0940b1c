"""Whole answers that go on as they came, and those that do not."""

from __future__ import annotations

from typing import Any

import pytest

from cliproxy_core.base.ids import Ids
from cliproxy_core.dialects.claude_messages import DIALECT
from cliproxy_core.dialects.claude_messages.sound import is_sound
from cliproxy_core.ir.dialect import StreamContext

TEXT: Any = {"type": "text", "text": "hi"}
CALL: Any = {"type": "tool_use", "id": "toolu_1", "name": "f", "input": {}}
SIGNED: Any = {"type": "thinking", "thinking": "t", "signature": "s"}


def answer(*content: Any, word: Any = "end_turn", **more: Any) -> Any:
    return {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "m",
        "content": list(content) or [TEXT],
        "stop_reason": word,
        "stop_sequence": None,
        "usage": {"input_tokens": 1, "output_tokens": 1},
        **more,
    }


SOUND = [
    answer(),
    answer(SIGNED, TEXT, CALL, word="tool_use"),
    answer(CALL, word="max_tokens"),
    answer({"type": "server_tool_use", "id": "x"}, word="pause_turn"),
    answer(word="stop_sequence", stop_sequence="END"),
]

UNSOUND = [
    answer(id=None),
    answer(type=None),
    answer(role=None),
    answer(model=None),
    answer(usage=None),
    answer(usage={"input_tokens": 1}),
    answer(word=None),
    answer(word="tool_use"),
    answer(CALL, word="end_turn"),
    answer({**CALL, "input": None}, word="tool_use"),
    answer({"type": "thinking", "thinking": "t"}),
]


@pytest.mark.parametrize("payload", SOUND)
def test_sound(payload: Any) -> None:
    assert is_sound(payload)


@pytest.mark.parametrize("payload", UNSOUND)
def test_unsound_until_it_was_read_and_written(payload: Any) -> None:
    assert not is_sound(payload)
    context = StreamContext(ids=Ids(b"x"), created=0, model="asked")
    assert is_sound(
        DIALECT.emit_response(DIALECT.parse_response(payload, context), context).payload
    )


@pytest.mark.parametrize("content", [None, [1], [{"type": None}]])
def test_what_is_no_answer_is_not_sound(content: Any) -> None:
    assert not is_sound(answer(content=content))
