"""The list of models in the caller's shape."""

from __future__ import annotations

from typing import Any, cast

from cliproxy_core.gateway.models import list_models


def ids(listed: object) -> list[str]:
    return [entry["id"] for entry in cast("Any", listed)["data"]]


def test_chats_shape_for_everybody() -> None:
    listed = list_models(["a", "b"], ())
    assert listed["object"] == "list"
    assert ids(listed) == ["a", "b"]


def test_claudes_shape_for_those_who_speak_it() -> None:
    listed = list_models(["a", "b"], ((b"anthropic-version", b"2023-06-01"),))
    assert "has_more" in listed
    assert ids(listed) == ["a", "b"]
