"""The converter behind the file: types in, exceptions out, exceptions as paths."""

from __future__ import annotations

import pytest
from cliproxy_app.config_shape import SHAPES, WrongError, faults, key_of, structure

from cliproxy_core.config.model import Config, Timeouts


def found(tree: object) -> list[tuple[tuple[str | int, ...], str]]:
    with pytest.raises(Exception) as caught:  # noqa: PT011  # groups of anything
        structure(tree, Config)
    return list(faults(caught.value))


def test_faults_have_paths() -> None:
    tree = {"timeouts": {"idle": 0}, "claude-api-key": [{}, {"api-key": 1}]}
    assert sorted(found(tree), key=str) == [
        (("claude-api-key", 0, "api-key"), "required"),
        (
            ("claude-api-key", 1, "api-key"),
            "expected a string, got a number (put it in quotes)",
        ),
        (("timeouts", "idle"), "expected a number above 0"),
    ]


def test_one_list_may_have_several_faults() -> None:
    places = [path for path, _ in found({"api-keys": [1, "ok", None]})]
    assert places == [("api-keys", 0), ("api-keys", 2)]


def test_what_cattrs_raises_itself_is_said_without_its_words() -> None:
    assert list(faults(ValueError("secret"), ("a",))) == [(("a",), "cannot be read")]


def test_a_fault_may_be_below_the_place() -> None:
    assert list(faults(WrongError("no", ("b", 1)), ("a",))) == [(("a", "b", 1), "no")]


def test_every_class_of_the_model_has_a_shape() -> None:
    assert Config in SHAPES
    assert structure({}, Timeouts) == Timeouts()


def test_keys_are_names_with_hyphens() -> None:
    assert key_of("max_body_bytes") == "max-body-bytes"


def test_every_kind_of_key_has_the_same_rules() -> None:
    wrong = {"api-key": " ", "base-url": "ftp://x", "prefix": "a/b", "headers": []}
    for kind in ("claude-api-key", "gemini-api-key", "codex-api-key"):
        places = {path for path, _ in found({kind: [wrong]})}
        assert places == {(kind, 0, name) for name in wrong}


def test_responses_have_no_address_of_their_own() -> None:
    entry = {"api-key": "k"}
    assert found({"codex-api-key": [entry]}) == [
        (("codex-api-key", 0, "base-url"), "required")
    ]
    assert found({"codex-api-key": [{**entry, "base-url": ""}]}) == [
        (("codex-api-key", 0, "base-url"), "required")
    ]


def test_an_empty_address_is_the_vendors() -> None:
    tree = {
        kind: [{"api-key": "k", "base-url": ""}]
        for kind in ("claude-api-key", "gemini-api-key")
    }
    config = structure(tree, Config)
    assert config.claude_api_key[0].base_url == "https://api.anthropic.com"
    google = "https://generativelanguage.googleapis.com"
    assert config.gemini_api_key[0].base_url == google
