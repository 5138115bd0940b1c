"""Reasoning: what is told of it, and what proves it.

The forms that callers write are in the table of `test_messages`.
"""

from __future__ import annotations

from typing import Any

import pytest

from cliproxy_core.dialects.openai_chat.thoughts import (
    details_of,
    parse_thoughts,
    signature_of,
)
from cliproxy_core.ir.reasoning import Signature
from cliproxy_core.ir.request import Part, Reasoning, Redacted, Text


def test_a_proof_belongs_to_its_upstream() -> None:
    entry: Any = {"signature": "s", "format": "anthropic-claude-v1"}
    want = Signature("s", "openai_chat", "anthropic-claude-v1")
    assert signature_of(entry, "signature") == want
    assert signature_of({"signature": ""}, "signature") is None


@pytest.mark.parametrize(
    ("proof", "text", "form"),
    [
        (Signature("s", "openai_chat", "f"), "s", "f"),
        (Signature("s", "openai_chat"), "s", "unknown"),
        (
            Signature("s", "claude_messages"),
            "cliproxy1:claude_messages::s",
            "anthropic-claude-v1",
        ),
        (Signature("s", "gemini"), "cliproxy1:gemini::s", "google-gemini-v1"),
        (
            Signature("s", "openai_responses", "v"),
            "cliproxy1:openai_responses:v:s",
            "v",
        ),
    ],
)
def test_what_callers_bring_back_finds_its_issuer(
    proof: Signature, text: str, form: str
) -> None:
    parts: tuple[Part, ...] = (Reasoning("t", proof), Redacted(proof))
    details: Any = details_of((*parts, Text("a"), Reasoning("u")))
    assert details == [
        {
            "type": "reasoning.text",
            "index": 0,
            "text": "t",
            "signature": text,
            "format": form,
        },
        {"type": "reasoning.encrypted", "index": 1, "data": text, "format": form},
    ]
    back = parse_thoughts({"reasoning_details": details})
    if proof.issuer == "openai_chat":
        proof = Signature("s", "openai_chat", form)
    assert back == [Reasoning("t", proof), Redacted(proof)]
