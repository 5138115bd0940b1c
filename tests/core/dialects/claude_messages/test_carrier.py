"""Proofs in the one slot, both ways."""

from __future__ import annotations

from typing import Any

import pytest

from cliproxy_core.dialects.claude_messages.carrier import (
    unwrap,
    without_foreign,
    wrap,
)
from cliproxy_core.ir.reasoning import Signature

BOTH_WAYS = [
    (None, ""),
    (Signature("EqQB", "claude_messages"), "EqQB"),
    (Signature("s:1", "gemini"), "cliproxy1:gemini::s:1"),
    (Signature("e", "responses", "a:b%"), "cliproxy1:responses:a%3Ab%25:e"),
    (Signature("e", "responses", "%3A"), "cliproxy1:responses:%253A:e"),
]


@pytest.mark.parametrize(("signature", "text"), BOTH_WAYS)
def test_both_ways(signature: Signature | None, text: str) -> None:
    assert wrap(signature) == text
    assert unwrap(text) == signature


@pytest.mark.parametrize(
    "text",
    [
        "cliproxy1:",
        "cliproxy1:gemini",
        "cliproxy1:gemini:f:",
        "cliproxy1::f:x",
        "cliproxy1:claude_messages::x",
    ],
)
def test_a_spoilt_carrier_proves_nothing(text: str) -> None:
    assert unwrap(text) is None


SIGNED = {"type": "thinking", "thinking": "t", "signature": "EqQB"}
UNSIGNED = {"type": "thinking", "thinking": "t", "signature": ""}
CARRIED = {"type": "thinking", "thinking": "t", "signature": "cliproxy1:x::s"}
SEALED = {"type": "redacted_thinking", "data": "cliproxy1:x::s"}
WORDS = {"type": "text", "text": "cliproxy1:x::s"}


def said(*blocks: Any) -> Any:
    return {"role": "assistant", "content": list(blocks)}


def test_a_history_of_this_api_is_left_alone() -> None:
    history = [{"role": "user", "content": "hi"}, said(SIGNED, WORDS)]
    assert without_foreign(history) is None


def test_what_others_thought_is_taken_out() -> None:
    history = [said(UNSIGNED, WORDS), said(CARRIED), said(SIGNED, SEALED)]
    assert without_foreign(history) == [said(WORDS), said(SIGNED)]


@pytest.mark.parametrize("odd", [None, "x", [1, {"content": [2]}, {"role": "user"}]])
def test_what_is_no_history_is_not_judged(odd: Any) -> None:
    assert without_foreign(odd) is None
