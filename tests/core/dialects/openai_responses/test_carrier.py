"""Proofs in the one slot, both ways."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cliproxy_core.dialects.openai_responses.carrier import (
    Carried,
    Place,
    unwrap,
    without_foreign,
    wrap,
)
from cliproxy_core.ir.reasoning import Signature

OWN, NEXT, PREVIOUS = Place.OWN, Place.NEXT, Place.PREVIOUS

BOTH_WAYS = [
    (Signature("gAAA", "openai_responses"), OWN, "gAAA"),
    (Signature("s:1", "gemini"), OWN, "cliproxy1:gemini::s:1"),
    (Signature("e", "chat", "a:b%"), OWN, "cliproxy1:chat:a%3Ab%25:e"),
    (Signature("e", "chat", "%3A"), OWN, "cliproxy1:chat:%253A:e"),
    (Signature("s", "gemini"), NEXT, "cliproxy1:gemini:next:s"),
    (Signature("s", "gemini", "v1"), NEXT, "cliproxy1:gemini:next/v1:s"),
    (Signature("s", "gemini", "v/1"), PREVIOUS, "cliproxy1:gemini:previous/v/1:s"),
    (Signature("s", "gemini", "next"), OWN, "cliproxy1:gemini:/next:s"),
    (Signature("s", "gemini", "/x"), OWN, "cliproxy1:gemini://x:s"),
]


@pytest.mark.parametrize(("signature", "place", "text"), BOTH_WAYS)
def test_both_ways(signature: Signature, place: Place, text: str) -> None:
    assert wrap(signature, place) == text
    assert unwrap(text) == Carried(signature, place)


@given(
    st.text(min_size=1),
    st.text(min_size=1).filter(lambda issuer: ":" not in issuer),
    st.none() | st.text(min_size=1),
    st.sampled_from(Place),
)
def test_any_proof_comes_back(
    text: str, issuer: str, form: str | None, place: Place
) -> None:
    signature = Signature(text, issuer, form)
    assert unwrap(wrap(signature, place)) == Carried(signature, place)


def test_nobody_vouches() -> None:
    assert wrap(None) == ""
    assert wrap(Signature("", "gemini")) == ""
    assert unwrap("") is None


@pytest.mark.parametrize(
    "text",
    [
        "cliproxy1:",
        "cliproxy1:gemini",
        "cliproxy1:gemini:f:",
        "cliproxy1::f:x",
        "cliproxy1:openai_responses::x",
    ],
)
def test_a_spoilt_carrier_proves_nothing(text: str) -> None:
    assert unwrap(text) is None


SEALED = {"type": "reasoning", "summary": [], "encrypted_content": "gAAA"}
BARE = {"type": "reasoning", "summary": [], "id": "rs_1"}
UNSIGNED = {"type": "reasoning", "summary": [], "encrypted_content": ""}
CARRIED = {"type": "reasoning", "summary": [], "encrypted_content": "cliproxy1:x::s"}
WORDS = {"type": "message", "role": "user", "content": "cliproxy1:x::s"}


def test_a_history_of_this_api_is_left_alone() -> None:
    assert without_foreign([WORDS, SEALED, BARE]) is None


def test_what_others_thought_is_taken_out() -> None:
    assert without_foreign([WORDS, CARRIED, SEALED, UNSIGNED]) == [WORDS, SEALED]


@pytest.mark.parametrize("odd", [None, "x", [1, {"encrypted_content": ""}, {}]])
def test_what_is_no_history_is_not_judged(odd: Any) -> None:
    assert without_foreign(odd) is None
