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
