"""Proofs in carriers: what goes in comes out, and nothing else does."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cliproxy_core.ir.carrier import Carried, Place, is_carrier, load, unload
from cliproxy_core.ir.reasoning import Signature

OWN, OTHER = "gemini", "claude_messages"
forms = st.none() | st.text(min_size=1, max_size=12)
texts = st.text(min_size=1)


@given(texts, forms, st.sampled_from(Place))
def test_there_and_back(text: str, form: str | None, place: Place) -> None:
    proof = Signature(text, OTHER, form)
    slot = load(proof, place, own=OWN)
    assert is_carrier(slot)
    assert unload(slot, own=OWN) == Carried(proof, place)


def test_its_own_proof_needs_no_carrier_in_its_place() -> None:
    assert load(Signature("s", OWN), Place.OWN, own=OWN) == "s"
    beside = load(Signature("s", OWN), Place.NEXT, own=OWN)
    assert beside == "cliproxy1:gemini:next:s"
    assert unload(beside, own=OWN) == Carried(Signature("s", OWN), Place.NEXT)


@pytest.mark.parametrize("proof", [None, Signature("", OTHER)])
def test_nobody_vouches(proof: Signature | None) -> None:
    assert load(proof, Place.OWN, own=OWN) == ""


@pytest.mark.parametrize(
    "slot",
    [
        "cliproxy1:",
        "cliproxy1:x",
        "cliproxy1::f:s",
        "cliproxy1:a::",
        "cliproxy1:gemini::s",
    ],
)
def test_a_spoilt_or_needless_carrier_proves_nothing(slot: str) -> None:
    assert is_carrier(slot)
    assert unload(slot, own=OWN) is None


def test_what_a_carrier_looks_like() -> None:
    assert load(Signature("s", OTHER, "v:1"), Place.PREVIOUS, own=OWN) == (
        "cliproxy1:claude_messages:previous/v%3A1:s"
    )
    assert not is_carrier("CiQBy7")
