"""Which whole answers may go on as they came."""

from __future__ import annotations

from typing import Any

import pytest

from cliproxy_core.dialects.gemini.sound import is_sound
from tests.core.dialects.gemini.streams import call, text, thought


def whole(*parts: Any, **more: Any) -> dict[str, Any]:
    content = {"parts": list(parts), "role": "model"}
    return {"candidates": [{"content": content, "finishReason": "STOP", **more}]}


@pytest.mark.parametrize(
    "document",
    [
        whole(text("a")),
        whole(text("a"), index=0),
        {
            **whole(text("a")),
            "responseId": "r",
            "modelVersion": "m",
            "usageMetadata": {},
        },
        whole(thought("a", thoughtSignature="aa==")),
        whole(call("f")),
        whole(call("f", {}, id="i")),
        whole({"tomorrow": 1}),
        whole(content=None, finishReason="SAFETY"),
        whole(content={"role": "model"}),
        whole(content={}),
        {"promptFeedback": {"blockReason": "SAFETY"}},
    ],
    ids=str,
)
def test_sound(document: dict[str, Any]) -> None:
    assert is_sound(document)


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"candidates": []},
        {"candidates": 5},
        {"candidates": [5]},
        whole(text("a"), index=1),
        whole(text("a"), finishReason=None),
        whole(text("a"), finishReason="stop"),
        whole(text("a"), finishReason=""),
        {"candidates": [{"content": {}, "finish_reason": "STOP"}]},
        whole(content=[]),
        whole(content=5),
        whole(content={"parts": []}),
        whole(content={"parts": 5, "role": "model"}),
        whole({}),
        whole(5),
        whole({"text": 5}),
        whole({"function_call": {}}),
        whole({"functionCall": 5}),
        whole({"functionCall": {}}),
        whole(call("")),
        whole(call("f", "{}")),
        whole(call("f", id=5)),
        {**whole(text("a")), "responseId": 5},
        {**whole(text("a")), "usageMetadata": None},
    ],
    ids=str,
)
def test_unsound(document: dict[str, Any]) -> None:
    assert not is_sound(document)
