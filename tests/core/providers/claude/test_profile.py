"""Claude by API key: where the key goes, and how much is to be thought."""

from __future__ import annotations

from typing import Any

import pytest

from cliproxy_core.base.jsonval import Json
from cliproxy_core.providers.claude.profile import PROFILE
from cliproxy_core.translate import Lane
from cliproxy_core.wire.url import Origin

OFFICIAL = Origin("https", "api.anthropic.com", 443)
RELAY = Origin("https", "relay.test", 443)


def test_the_vendor_gets_its_own_field_alone() -> None:
    assert PROFILE.auth("k", OFFICIAL) == ((b"x-api-key", b"k"),)


def test_a_relay_gets_both() -> None:
    fields = dict(PROFILE.auth("k", RELAY))
    assert fields == {b"x-api-key": b"k", b"authorization": b"Bearer k"}


def test_no_key_no_field() -> None:
    assert PROFILE.auth("", OFFICIAL) == PROFILE.auth("", RELAY) == ()


def test_the_version_is_said() -> None:
    assert PROFILE.headers == ((b"anthropic-version", b"2023-06-01"),)


BUDGET = {"type": "enabled", "budget_tokens": 8192}
FINISHED: list[tuple[dict[str, Any], dict[str, Any]]] = [
    (
        {"model": "claude-opus-4-7", "thinking": BUDGET},
        {"thinking": {"type": "adaptive"}, "output_config": {"effort": "medium"}},
    ),
    (
        {"model": "claude-opus-4-7", "thinking": BUDGET, "output_config": {"x": 1}},
        {
            "thinking": {"type": "adaptive"},
            "output_config": {"x": 1, "effort": "medium"},
        },
    ),
    ({"model": "claude-opus-4-1", "thinking": BUDGET}, {}),
    ({"model": "claude-opus-4-7", "thinking": {"type": "disabled"}}, {}),
    ({"model": "claude-opus-4-7", "thinking": {"type": "enabled"}}, {}),
    ({"model": "claude-opus-4-7", "thinking": 7}, {}),
    ({"model": "claude-opus-4-7"}, {}),
    ({"model": 7, "thinking": BUDGET}, {}),
]


@pytest.mark.parametrize(("payload", "edits"), FINISHED)
def test_how_much_to_think_as_the_model_understands_it(
    payload: dict[str, Any], edits: dict[str, Any]
) -> None:
    assert PROFILE.finish(payload, Lane.TRANSLATED) == edits
    assert PROFILE.finish(payload, Lane.NATIVE) == {}


def test_natively_thinking_that_nobody_signed_does_not_go_back() -> None:
    """What a translated answer showed as thinking has no signature of the vendor's."""
    said = {"type": "text", "text": "x"}
    thought = {"type": "thinking", "thinking": "hm", "signature": ""}
    signed = {"type": "thinking", "thinking": "hm", "signature": "c2ln"}

    def finished(*blocks: dict[str, Any]) -> Any:
        messages: list[Json] = [{"role": "assistant", "content": list(blocks)}]
        return PROFILE.finish({"model": "c", "messages": messages}, Lane.NATIVE)

    assert finished(signed, said) == {}
    assert finished(thought, said)["messages"] == [
        {"role": "assistant", "content": [said]}
    ]


def test_where_it_is_asked() -> None:
    assert PROFILE.path("m", True) == PROFILE.path("m", False) == "/v1/messages"


def test_tokens_are_counted_of_what_would_be_sent() -> None:
    counting = PROFILE.counting
    assert counting is not None
    assert counting.path("m") == "/v1/messages/count_tokens"
    said = {"type": "text", "text": "x"}
    thought = {"type": "thinking", "thinking": "hm", "signature": ""}
    messages: list[Json] = [{"role": "assistant", "content": [thought, said]}]
    assert counting.edits({"messages": messages}, "m") == {
        "model": "m",
        "messages": [{"role": "assistant", "content": [said]}],
    }
    assert counting.edits({"messages": []}, "m") == {"model": "m"}
