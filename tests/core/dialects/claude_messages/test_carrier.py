"""Proofs in the one slot, both ways."""

from __future__ import annotations

import pytest

from cliproxy_core.dialects.claude_messages.carrier import unwrap, wrap
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
