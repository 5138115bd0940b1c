"""Gemini by API key: where the key goes, where it is asked, whose state goes back."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from cliproxy_core.base.jsonval import Json
from cliproxy_core.providers.gemini.profile import PROFILE
from cliproxy_core.translate import Lane
from cliproxy_core.wire.url import Origin

ORIGIN = Origin("https", "x.test", 443)


def test_the_key_has_a_field_of_its_own() -> None:
    assert PROFILE.auth("k", ORIGIN) == ((b"x-goog-api-key", b"k"),)


def test_no_key_no_field() -> None:
    assert PROFILE.auth("", ORIGIN) == ()


def test_the_callers_key_is_not_among_what_goes_on() -> None:
    assert not b"x-goog-api-key".startswith(PROFILE.forwarded)


@pytest.mark.parametrize("model", ["gemini-x", "models/gemini-x"])
def test_where_it_is_asked(model: str) -> None:
    place = "/v1beta/models/gemini-x"
    assert PROFILE.path(model, False) == f"{place}:generateContent"
    assert PROFILE.path(model, True) == f"{place}:streamGenerateContent?alt=sse"
    assert PROFILE.counting is not None
    assert PROFILE.counting.path(model) == f"{place}:countTokens"


def turn(*signatures: str) -> dict[str, Any]:
    parts = [{"text": "x", "thoughtSignature": text} for text in signatures]
    return {"role": "model", "parts": parts}


OWN = "b3duLXN0YXRl"
FOREIGN = base64.b64encode(b"cliproxy1:claude_messages::c2ln").decode()
CLEANED: Json = [{"role": "model", "parts": [turn(OWN)["parts"][0], {"text": "x"}]}]

HISTORIES: list[tuple[Json, dict[str, Json]]] = [
    ([turn(OWN)], {}),
    ([turn(OWN, FOREIGN)], {"contents": CLEANED}),
    (None, {}),
]


@pytest.mark.parametrize(("contents", "edits"), HISTORIES)
def test_natively_state_of_others_does_not_go(
    contents: Json, edits: dict[str, Json]
) -> None:
    assert PROFILE.finish({"contents": contents}, Lane.NATIVE) == edits
    assert PROFILE.finish({"contents": contents}, Lane.TRANSLATED) == {}


def test_tokens_are_counted_of_what_would_be_sent() -> None:
    counting = PROFILE.counting
    assert counting is not None
    foreign: Json = [turn(OWN, FOREIGN)]
    assert counting.edits({"contents": [turn(OWN)]}, "m") == {}
    assert counting.edits({"contents": foreign}, "m") == {"contents": CLEANED}
    wrapped = {"model": "models/alias", "contents": foreign, "x": 1}
    assert counting.edits({"generateContentRequest": wrapped}, "m") == {
        "generateContentRequest": {
            "model": "models/m",
            "contents": CLEANED,
            "x": 1,
        }
    }
