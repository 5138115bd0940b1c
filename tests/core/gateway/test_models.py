"""The list of models in the caller's shape."""

from __future__ import annotations

from typing import Any, cast

import pytest

from cliproxy_core.dialects import DIALECTS
from cliproxy_core.gateway.models import list_models, show_model

NAMES = ["a", "p/b"]


def ids(listed: object) -> list[str]:
    return [entry["id"] for entry in cast("Any", listed)["data"]]


@pytest.mark.parametrize("dialect", ["openai_chat", "openai_responses"])
def test_openais_shape(dialect: str) -> None:
    listed = list_models(NAMES, dialect)
    assert listed["object"] == "list"
    assert ids(listed) == NAMES


def test_claudes_shape() -> None:
    listed = list_models(NAMES, "claude_messages")
    assert "has_more" in listed
    assert ids(listed) == NAMES


def test_geminis_shape() -> None:
    listed = cast("Any", list_models(NAMES, "gemini"))
    names = [entry["name"] for entry in listed["models"]]
    assert names == ["models/a", "models/p/b"]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_single_model_is_an_entry_of_the_list(dialect: str) -> None:
    shown = cast("Any", show_model("p/b", NAMES, dialect))
    entries = cast("Any", list_models(["p/b"], dialect))
    assert shown in (entries.get("data") or entries["models"])
    assert show_model("b", NAMES, dialect) is None
