"""Proofs of other issuers: they come back whole, and go to no upstream of this API."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cliproxy_core.dialects.openai_chat.carrier import unwrap, without_foreign, wrap
from cliproxy_core.ir.reasoning import Signature

OWN = "openai_chat"
words = st.text(min_size=1).filter(lambda text: not text.startswith("cliproxy1:"))


@given(words, st.sampled_from(["openai_chat", "gemini", "x_y"]), st.none() | words)
def test_a_proof_comes_back(text: str, issuer: str, form: str | None) -> None:
    proof = Signature(text, issuer, form)
    assert unwrap(wrap(proof), OWN, form) == proof


def test_the_owner_of_a_slot_needs_no_carrier() -> None:
    proof = Signature("c2ln", "gemini")
    assert wrap(proof, "gemini") == "c2ln"
    assert wrap(proof) == "cliproxy1:gemini::c2ln"
    assert unwrap("c2ln", "gemini") == proof


@pytest.mark.parametrize(
    "text",
    ["cliproxy1:", "cliproxy1:a:b", "cliproxy1:a:b:", "cliproxy1:openai_chat::made up"],
)
def test_a_spoilt_carrier_proves_nothing(text: str) -> None:
    assert unwrap(text, OWN) is None


FOREIGN = wrap(Signature("s", "gemini"))
SIGNED: dict[str, Any] = {
    "id": "a",
    "extra_content": {"google": {"thought_signature": "cliproxy1:x::s"}},
}
THEIRS: dict[str, Any] = {"type": "reasoning.text", "text": "t", "signature": FOREIGN}
SEALED: dict[str, Any] = {"type": "reasoning.encrypted", "data": FOREIGN}
OURS: dict[str, Any] = {"type": "reasoning.text", "text": "t", "signature": "s"}


@pytest.mark.parametrize(
    ("message", "want"),
    [
        ({"reasoning_details": [THEIRS, OURS]}, {"reasoning_details": [OURS]}),
        ({"reasoning_details": [SEALED], "content": "a"}, {"content": "a"}),
        (
            {"tool_calls": [SIGNED, {"id": "b"}]},
            {"tool_calls": [{"id": "a"}, {"id": "b"}]},
        ),
    ],
)
def test_a_history_without_foreign_proofs(message: Any, want: Any) -> None:
    other = {"role": "user", "content": "hi"}
    assert without_foreign([other, message]) == [other, want]


@pytest.mark.parametrize(
    "messages",
    [None, [], [5], [{"reasoning_details": [OURS, 5], "tool_calls": [5, {"id": "a"}]}]],
)
def test_mostly_there_are_none(messages: Any) -> None:
    assert without_foreign(messages) is None
