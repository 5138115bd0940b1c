"""Which credential serves which model, and under what name."""

from __future__ import annotations

from typing import Any

import pytest

from cliproxy_core.base.secret import Secret
from cliproxy_core.config.model import (
    ClaudeKey,
    CodexKey,
    CompatKey,
    Config,
    GeminiKey,
    ModelName,
    OpenAICompat,
)
from cliproxy_core.pool.credential import (
    EXACT,
    FAMILY,
    REST,
    Credential,
    credentials_of,
)
from cliproxy_core.providers import PROFILES
from cliproxy_core.wire.url import Origin


def credential(**fields: Any) -> Credential:
    return Credential(
        id="x",
        profile=PROFILES["openai_compat"],
        origin=Origin("http", "x.test", 80),
        path="",
        key=Secret("the-key-itself"),
        **fields,
    )


NAMED = {"models": {"fast": "vendor/fast-1"}}
SERVES: list[tuple[dict[str, Any], str, tuple[int, str] | None]] = [
    # credential, asked, how well and under what name
    (NAMED, "fast", (EXACT, "vendor/fast-1")),
    (NAMED, "vendor/fast-1", None),
    (NAMED, "other", None),
    ({"family": "claude"}, "claude-opus", (FAMILY, "claude-opus")),
    ({"family": "claude"}, "gpt", None),
    ({"family": ("gpt-", "o3")}, "o3-pro", (FAMILY, "o3-pro")),
    ({"family": ("gpt-", "o3")}, "claude", None),
    ({"family": ""}, "anything", (REST, "anything")),
    ({"family": ""}, "a/b", (REST, "a/b")),
    ({"family": "", "prefix": "p"}, "p/anything", (FAMILY, "anything")),
    ({"family": "", "prefix": "p"}, "p/a/b", (FAMILY, "a/b")),
    ({"family": "", "prefix": "p"}, "anything", None),
    ({"family": "", "prefix": "p"}, "p", None),
    ({"family": "", "prefix": "p"}, "q/anything", None),
    ({**NAMED, "prefix": "p"}, "p/fast", (EXACT, "vendor/fast-1")),
    ({**NAMED, "prefix": "p"}, "fast", (EXACT, "vendor/fast-1")),
    ({**NAMED, "prefix": "p"}, "q/fast", None),
]


@pytest.mark.parametrize(("fields", "asked", "expected"), SERVES)
def test_serves(
    fields: dict[str, Any], asked: str, expected: tuple[int, str] | None
) -> None:
    assert credential(**fields).serves(asked) == expected


def test_public_models() -> None:
    assert credential(**NAMED).public_models() == ["fast"]
    assert credential(**NAMED, prefix="p").public_models() == ["p/fast"]
    assert credential(family="").public_models() == []


def test_the_key_does_not_show() -> None:
    one = credential(headers=(("x-a", Secret("header-secret")),))
    assert "the-key-itself" not in repr(one)
    assert "header-secret" not in repr(one)


def compat(**fields: Any) -> Config:
    return Config(
        openai_compatibility=(
            OpenAICompat(name="c", base_url="https://c.test/v1/", **fields),
        )
    )


def claude(**fields: Any) -> Config:
    return Config(claude_api_key=(ClaudeKey(api_key=Secret("k"), **fields),))


def test_each_key_is_a_credential() -> None:
    keys = tuple(CompatKey(api_key=Secret(k)) for k in ("one", "two"))
    first, second = credentials_of(compat(api_key_entries=keys))
    assert (first.id, second.id) == ("c#1", "c#2")
    assert (first.key.reveal(), second.key.reveal()) == ("one", "two")
    assert (first.origin.host, first.path) == ("c.test", "/v1")
    assert first.profile.id == "openai_compat"


def test_a_service_without_keys_is_a_credential_without_one() -> None:
    (only,) = credentials_of(compat())
    assert not only.key
    assert only.serves("anything") == (REST, "anything")


def test_a_disabled_service_is_none() -> None:
    assert credentials_of(compat(disabled=True)) == ()


def test_models_have_the_name_that_callers_use() -> None:
    models = (ModelName(name="m"), ModelName(name="vendor-m", alias="mine"))
    (only,) = credentials_of(compat(models=models))
    assert only.models == {"m": "m", "mine": "vendor-m"}
    assert only.serves("other") is None


def test_headers_go_along() -> None:
    (only,) = credentials_of(compat(headers={"x-a": Secret("v")}))
    assert [(n, s.reveal()) for n, s in only.headers] == [("x-a", "v")]


def gemini(**fields: Any) -> Config:
    return Config(gemini_api_key=(GeminiKey(api_key=Secret("k"), **fields),))


def codex(**fields: Any) -> Config:
    key = CodexKey(api_key=Secret("k"), base_url="https://r.test/v1", **fields)
    return Config(codex_api_key=(key,))


MAKERS = {"claude": claude, "gemini": gemini, "codex": codex}

KEYS: list[tuple[str, dict[str, Any], str, tuple[int, str] | None]] = [
    # kind, settings, asked, how well and under what name
    ("claude", {}, "claude-opus-4-1", (FAMILY, "claude-opus-4-1")),
    ("claude", {}, "gpt-5", None),
    ("gemini", {}, "gemini-2.5-pro", (FAMILY, "gemini-2.5-pro")),
    ("gemini", {}, "models/gemini-2.5-pro", (FAMILY, "models/gemini-2.5-pro")),
    ("gemini", {}, "gemma-3", (FAMILY, "gemma-3")),
    ("gemini", {}, "gpt-5", None),
    ("codex", {}, "gpt-5", (FAMILY, "gpt-5")),
    ("codex", {}, "o3", (FAMILY, "o3")),
    ("codex", {}, "claude-opus-4-1", None),
]


@pytest.mark.parametrize("kind", MAKERS)
@pytest.mark.parametrize(
    ("fields", "asked", "expected"),
    [
        ({"prefix": "p"}, "p/anything", (FAMILY, "anything")),
        ({"prefix": "p"}, "claude-opus-4-1", None),
        ({"prefix": "p"}, "gemini-x", None),
        ({"prefix": "p"}, "gpt-5", None),
        ({"models": (ModelName(name="c", alias="a"),)}, "a", (EXACT, "c")),
        ({"models": (ModelName(name="c", alias="a"),)}, "claude-x", None),
    ],
)
def test_what_any_key_serves(
    kind: str, fields: dict[str, Any], asked: str, expected: tuple[int, str] | None
) -> None:
    (only,) = credentials_of(MAKERS[kind](**fields))
    assert (only.id, only.profile.id) == (f"{kind}#1", kind)
    assert only.serves(asked) == expected


@pytest.mark.parametrize(("kind", "fields", "asked", "expected"), KEYS)
def test_what_a_key_serves_without_models(
    kind: str, fields: dict[str, Any], asked: str, expected: tuple[int, str] | None
) -> None:
    (only,) = credentials_of(MAKERS[kind](**fields))
    assert only.serves(asked) == expected


def test_where_keys_are_sent() -> None:
    places = {
        kind: (only.origin.host, only.path)
        for kind, make in MAKERS.items()
        for only in credentials_of(make())
    }
    assert places == {
        "claude": ("api.anthropic.com", ""),
        "gemini": ("generativelanguage.googleapis.com", ""),
        "codex": ("r.test", "/v1"),
    }
