"""The slot for opaque state: this API's own as it is, others' in a carrier."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from cliproxy_core.dialects.gemini.carrier import (
    is_sealed,
    unwrap,
    without_foreign,
    wrap,
)
from cliproxy_core.ir.reasoning import Signature

OWN = Signature("+/+/", "gemini")
FOREIGN = [
    Signature("sig", "claude_messages"),
    Signature("a:b%c", "openai_responses", "x:y%z"),
    Signature("ü?>", "openai_chat", None),
    Signature("sig", "openai_chat", "sealed/x"),
    Signature("sig", "openai_chat", "/x"),
]


def carried(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def test_its_own_travels_as_it_is() -> None:
    assert wrap(OWN) == wrap(OWN, sealed=True) == "+/+/"
    assert not is_sealed("+/+/")
    assert unwrap("+/+/") == OWN
    assert unwrap("-_-_") == Signature("-_-_", "gemini")


@pytest.mark.parametrize("sealed", [True, False])
@pytest.mark.parametrize("signature", FOREIGN)
def test_another_comes_back_as_it_was(signature: Signature, sealed: bool) -> None:
    slot = wrap(signature, sealed=sealed)
    assert is_sealed(slot) is sealed
    base64.b64decode(slot, validate=True)
    assert unwrap(slot) == signature
    assert unwrap(slot.rstrip("=")) == signature
    assert unwrap(slot.replace("+", "-").replace("/", "_")) == signature


@pytest.mark.parametrize(
    "slot",
    [
        "",
        carried("cliproxy1:"),
        carried("cliproxy1:claude_messages:sig"),
        carried("cliproxy1:gemini::sig"),
        carried("cliproxy1:claude_messages::sig")[:-3] + "$$$",
        carried("cliproxy1:") + "////",
    ],
)
def test_a_spoilt_carrier_proves_nothing(slot: str) -> None:
    assert unwrap(slot) is None


SLOT = wrap(FOREIGN[0])
HI = {"role": "user", "parts": [{"text": "hi"}]}


@pytest.mark.parametrize(
    ("parts", "left"),
    [
        ([{"text": "a", "thought": True, "thoughtSignature": SLOT}], []),
        ([{"text": "", "thoughtSignature": SLOT}, {"text": "b"}], [{"text": "b"}]),
        ([{"text": "b", "thoughtSignature": SLOT}], [{"text": "b"}]),
        (
            [{"functionCall": {"name": "f"}, "thoughtSignature": SLOT}],
            [{"functionCall": {"name": "f"}}],
        ),
    ],
)
def test_what_others_made_is_taken_out(parts: Any, left: Any) -> None:
    contents = [HI, {"role": "model", "parts": parts}]
    rest = [{"role": "model", "parts": left}] if left else []
    assert without_foreign(contents) == [HI, *rest]


@pytest.mark.parametrize(
    "contents",
    [
        None,
        5,
        [HI],
        [5, {"parts": 5}, {"parts": [5, {"thoughtSignature": 5}]}],
        [{"role": "model", "parts": [{"text": "a", "thoughtSignature": "+/+/"}]}],
    ],
)
def test_the_rest_is_left_alone(contents: Any) -> None:
    assert without_foreign(contents) is None
