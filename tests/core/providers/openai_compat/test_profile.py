"""OpenAI-compatible services: keys, and usage in streams."""

from __future__ import annotations

from typing import Any

import pytest

from cliproxy_core.providers.openai_compat.profile import PROFILE
from cliproxy_core.translate import Lane
from cliproxy_core.wire.url import Origin

ORIGIN = Origin("https", "x.test", 443)


def test_a_bearer_token() -> None:
    assert PROFILE.auth("k", ORIGIN) == ((b"authorization", b"Bearer k"),)


def test_no_key_no_field() -> None:
    assert PROFILE.auth("", ORIGIN) == ()


FINISHED: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"stream": True}, {"stream_options": {"include_usage": True}}),
    (
        {"stream": True, "stream_options": {"include_usage": False, "x": 1}},
        {"stream_options": {"include_usage": True, "x": 1}},
    ),
    (
        {"stream": True, "stream_options": None},
        {"stream_options": {"include_usage": True}},
    ),
    ({"stream": False}, {}),
    ({"stream": None, "stream_options": {"x": 1}}, {}),
    ({}, {}),
]


@pytest.mark.parametrize(("payload", "edits"), FINISHED)
@pytest.mark.parametrize("lane", Lane)
def test_usage_is_asked_for_in_every_stream(
    payload: dict[str, Any], edits: dict[str, Any], lane: Lane
) -> None:
    assert PROFILE.finish(payload, lane) == edits


def test_proofs_of_other_upstreams_stay_here() -> None:
    foreign = {"type": "reasoning.text", "signature": "cliproxy1:gemini::AAAA"}
    said = {"role": "assistant", "content": "a", "reasoning_details": [foreign]}
    payload: Any = {"messages": [{"role": "user", "content": "q"}, said]}
    kept = [payload["messages"][0], {"role": "assistant", "content": "a"}]
    assert PROFILE.finish(payload, Lane.NATIVE) == {"messages": kept}
    assert PROFILE.finish(payload, Lane.TRANSLATED) == {}


def test_who_it_is() -> None:
    assert (PROFILE.id, PROFILE.dialect.name) == ("openai_compat", "openai_chat")
    assert PROFILE.path("m", True) == PROFILE.path("m", False) == "/chat/completions"
    assert PROFILE.counting is None
