"""The configuration that nobody wrote: safe by default."""

from __future__ import annotations

import ipaddress

import attrs
import pytest

from cliproxy_core.base.secret import Secret
from cliproxy_core.config import defaults
from cliproxy_core.config.model import (
    ClaudeKey,
    CodexKey,
    Config,
    GeminiKey,
    OpenAICompat,
    Timeouts,
)


def test_nothing_is_open_or_known_by_default() -> None:
    config = Config()
    assert ipaddress.ip_address(config.host).is_loopback
    assert config.api_keys == ()
    assert config.openai_compatibility == ()
    assert config.claude_api_key == ()
    assert config.gemini_api_key == ()
    assert config.codex_api_key == ()


@pytest.mark.parametrize("name", [field.name for field in attrs.fields(Timeouts)])
def test_every_wait_ends(name: str) -> None:
    assert 0 < getattr(Timeouts(), name) < float("inf")


def test_waits_fit_into_each_other() -> None:
    assert defaults.CONNECT < defaults.FIRST_BYTE < defaults.REQUEST
    assert defaults.KEEPALIVE < 60 < defaults.IDLE


def test_keys_and_header_values_do_not_show() -> None:
    config = Config(
        api_keys=(Secret("canary"),),
        claude_api_key=(ClaudeKey(api_key=Secret("canary")),),
        gemini_api_key=(GeminiKey(api_key=Secret("canary")),),
        codex_api_key=(CodexKey(api_key=Secret("canary"), base_url="b"),),
        openai_compatibility=(
            OpenAICompat(name="a", base_url="b", headers={"X": Secret("canary")}),
        ),
    )
    assert "canary" not in repr(config)
