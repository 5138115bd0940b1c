"""Codex by API key: where the key goes, and whose reasoning goes back."""

from __future__ import annotations

from typing import Any

import pytest

from cliproxy_core.base.jsonval import Json
from cliproxy_core.providers.codex.profile import PROFILE
from cliproxy_core.translate import Lane
from cliproxy_core.wire.url import Origin

ORIGIN = Origin("https", "x.test", 443)


def test_a_bearer_token() -> None:
    assert PROFILE.auth("k", ORIGIN) == ((b"authorization", b"Bearer k"),)


def test_no_key_no_field() -> None:
    assert PROFILE.auth("", ORIGIN) == ()


def test_who_it_is() -> None:
    assert (PROFILE.id, PROFILE.dialect.name) == ("codex", "openai_responses")
    assert PROFILE.path("m", True) == PROFILE.path("m", False) == "/responses"
    assert PROFILE.counting is None


SAID: dict[str, Any] = {"role": "assistant", "content": "x"}
OWN: dict[str, Any] = {"type": "reasoning", "encrypted_content": "gAAAAA", "id": "rs_1"}
FOREIGN: dict[str, Any] = {
    "type": "reasoning",
    "encrypted_content": "cliproxy1:claude_messages::c2ln",
}

HISTORIES: list[tuple[Json, dict[str, Json]]] = [
    ([OWN, SAID], {}),
    ([FOREIGN, SAID], {"input": [SAID]}),
    ([FOREIGN, OWN, SAID], {"input": [OWN, SAID]}),
    ("words", {}),
    (None, {}),
]


@pytest.mark.parametrize(("items", "edits"), HISTORIES)
def test_natively_reasoning_of_others_does_not_go(
    items: Json, edits: dict[str, Json]
) -> None:
    assert PROFILE.finish({"model": "m", "input": items}, Lane.NATIVE) == edits


def test_a_translated_request_is_complete() -> None:
    assert PROFILE.finish({"model": "m", "input": [FOREIGN]}, Lane.TRANSLATED) == {}
