"""Requests: values whose repr tells nothing that a caller wrote."""

from __future__ import annotations

import pytest

from cliproxy_core.ir.request import (
    Message,
    NativePart,
    Reasoning,
    Request,
    Role,
    Text,
    Tool,
    ToolCall,
)

CANARY = "canary-7f3a"


@pytest.mark.parametrize("role", Role)
def test_a_role_has_its_word(role: Role) -> None:
    assert role.word == role.value
    assert Role(role.word) is role


def test_what_was_said_is_not_in_the_repr() -> None:
    parts = (
        Text(CANARY),
        Reasoning(CANARY),
        ToolCall(call_id="c", name="f", arguments=CANARY),
        NativePart("d", {"x": CANARY}),
    )
    message = Message(role=Role.USER, parts=parts)
    tool = Tool(name="f", description=CANARY, schema={"x": CANARY})
    request = Request(model="m", messages=(message,), tools=(tool,), user=CANARY)
    assert CANARY not in repr(request)
    assert CANARY not in repr(message)
