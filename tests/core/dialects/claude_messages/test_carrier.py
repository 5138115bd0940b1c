"""Proofs in the one slot, both ways."""

from __future__ import annotations

from typing import Any

import pytest

from cliproxy_core.dialects.claude_messages.carrier import (
    Carried,
    Place,
    unwrap,
    without_foreign,
    wrap,
)
from cliproxy_core.ir.reasoning import Signature

NAME = "claude_messages"
OPENAI = "openai_responses"

# fmt: off
BOTH_WAYS = [
    (Signature("EqQB", NAME),               Place.OWN,  "EqQB"),
    (Signature("s:1", "gemini"),            Place.OWN,  "cliproxy1:gemini::s:1"),
    (Signature("e", "x", "a:b%"),           Place.OWN,  "cliproxy1:x:a%3Ab%25:e"),
    (Signature("e", "x", "%3A"),            Place.OWN,  "cliproxy1:x:%253A:e"),
    (Signature("s", "gemini"),              Place.NEXT, "cliproxy1:gemini:next:s"),
    (Signature("s", "gemini", "v1"),        Place.NEXT, "cliproxy1:gemini:next/v1:s"),
    (Signature("s", "gemini"),              Place.PREVIOUS,
     "cliproxy1:gemini:previous:s"),
    (Signature("s", "gemini", "next"),      Place.OWN,  "cliproxy1:gemini:/next:s"),
    (Signature("s", "gemini", "next/x"),    Place.OWN,  "cliproxy1:gemini:/next/x:s"),
    (Signature("s", NAME),                  Place.NEXT,
     "cliproxy1:claude_messages:next:s"),
    (Signature("gAAAAABp", OPENAI),         Place.OWN,
     "cliproxy1:openai_responses::gAAAAABp"),
]
# fmt: on


@pytest.mark.parametrize(("signature", "place", "text"), BOTH_WAYS)
def test_both_ways(signature: Signature, place: Place, text: str) -> None:
    assert wrap(signature, place) == text
    assert unwrap(text) == Carried(signature, place)


def test_an_empty_slot() -> None:
    assert wrap(None) == ""
    assert unwrap("") is None


@pytest.mark.parametrize(
    ("text", "signature"),
    [
        ("gAAAAABpX", Signature("gAAAAABpX", OPENAI)),
        ("openai#gAAAA", Signature("gAAAA", OPENAI)),
        ("codex#x", Signature("x", OPENAI)),
        ("google#x", Signature("x", "gemini")),
        ("claude#EqQB", Signature("EqQB", NAME)),
    ],
)
def test_what_other_proxies_let_through(text: str, signature: Signature) -> None:
    assert unwrap(text) == Carried(signature)


@pytest.mark.parametrize(
    "text",
    [
        "cliproxy1:",
        "cliproxy1:gemini",
        "cliproxy1:gemini:f:",
        "cliproxy1::f:x",
        "cliproxy1:claude_messages::x",
        "kimi#x",
        "gemini#",
        "#",
    ],
)
def test_a_spoilt_carrier_proves_nothing(text: str) -> None:
    assert unwrap(text) is None


SIGNED = {"type": "thinking", "thinking": "t", "signature": "EqQB"}
UNSIGNED = {"type": "thinking", "thinking": "t", "signature": ""}
CARRIED = {"type": "thinking", "thinking": "t", "signature": "cliproxy1:x::s"}
PASTED = {"type": "thinking", "thinking": "t", "signature": "gAAAAABp"}
SEALED = {"type": "redacted_thinking", "data": "cliproxy1:x::s"}
WORDS = {"type": "text", "text": "cliproxy1:x::s"}


def said(*blocks: Any) -> Any:
    return {"role": "assistant", "content": list(blocks)}


def test_a_history_of_this_api_is_left_alone() -> None:
    history = [{"role": "user", "content": "hi"}, said(SIGNED, WORDS)]
    assert without_foreign(history) is None


def test_what_others_thought_is_taken_out() -> None:
    history = [said(UNSIGNED, WORDS), said(CARRIED), said(SIGNED, SEALED, PASTED)]
    assert without_foreign(history) == [said(WORDS), said(SIGNED)]


@pytest.mark.parametrize(
    "odd",
    [
        None,
        "x",
        [1, {"content": [2]}, {"role": "user"}],
        [said({**SIGNED, "signature": 1})],
    ],
)
def test_what_is_no_history_is_not_judged(odd: Any) -> None:
    assert without_foreign(odd) is None
