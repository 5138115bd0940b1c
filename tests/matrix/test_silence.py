"""Nothing is lost in silence.

Every member of every full request is taken out, one at a time. If the upstream is sent
the same all the same, the member was lost: then it was named, or it says nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Final, TypeAlias

import pytest

from cliproxy_core.base.errors import DecodeError

from .callers import FULL, NAMES
from .test_requests import crossed

# What is inside of these is the caller's own.
FREE: Final = frozenset(
    {
        "args",
        "input_schema",
        "parameters",
        "parametersJsonSchema",
        "responseJsonSchema",
        "schema",
    }
)

ANY: Final = object()

# Members that may go without a word: where, with which value, and why.
SILENT: Final[tuple[tuple[str, Any, str], ...]] = (
    (r"\.type$", ANY, "what it is shows without it"),
    (r"\.(detail|service_tier)$", "auto", "is what happens anyway"),
    (r"\.container(\.type)?$", ANY, "of a tool; says `auto`, like the ones above"),
    (r"\.(refusal|content)$", None, "says nothing"),
    (r"^\.n$", 1, "is what happens anyway"),
    (r"^\.modalities$", ["text"], "is what happens anyway"),
    (r"^\.store$", False, "said to those who do not"),
    (r"^\.stream$", True, "is told by the address"),
    (r"^\.stream_options$", {"include_usage": True}, "is what the others always do"),
    (r"^\.stream_options\.include_usage$", True, "the same"),
    (r"^\.logprobs$", True, "follows from how many are asked for"),
    (r"\.strict$", True, "said to those who always are"),
    (r"\.(id|status)$", ANY, "is what the upstream said of an item, not needed"),
    (r"\.annotations$", [], "says nothing"),
    (r"^\.include$", ANY, "asks for what comes anyway, or by another member"),
    (r"^\.tools\[1\]\.description$", ANY, "of a group: told as a loss of its tools"),
    (r"\.media_type$", "text/plain", "is what words are"),
    (
        r"^\.tools\[\d\]\.name$",
        ANY,
        "of a tool of the vendor's: its type says the same",
    ),
)
CROSSINGS: Final = [(down, up) for down in NAMES for up in NAMES if down != up]


def members(value: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any], str]]:
    """Every member of an object: its place, the object and its name."""
    if isinstance(value, dict):
        for key, below in list(value.items()):
            yield f"{path}.{key}", value, key
            # A tool's arguments are its own; a request's input is not.
            if key not in FREE and not (key == "input" and path):
                yield from members(below, f"{path}.{key}")
    elif isinstance(value, list):
        for number, below in enumerate(value):
            yield from members(below, f"{path}[{number}]")


def near(one: str, other: str) -> bool:
    """Whether one place is the other or within it."""
    short, long = sorted((one, other), key=len)
    return long.startswith(short) and long[len(short) : len(short) + 1] in (
        "",
        ".",
        "[",
    )


def lost_in_silence(down: str, up: str) -> Iterator[tuple[str, Any]]:
    whole = crossed(FULL[down], down, up)
    named = [item.path for item in whole.dropped]
    document = json.loads(FULL[down])
    for path, holder, key in members(document):
        before = dict(holder)
        del holder[key]
        try:
            sent = crossed(json.dumps(document).encode(), down, up).body
        except DecodeError:
            sent = b""  # it is required
        if sent == whole.body and not any(near(path, place) for place in named):
            yield path, before[key]
        holder.clear()
        holder.update(before)


Silences: TypeAlias = dict[tuple[str, str], list[tuple[str, Any]]]


@pytest.fixture(scope="module")
def silences() -> Silences:
    return {(down, up): list(lost_in_silence(down, up)) for down, up in CROSSINGS}


def may_go(path: str, value: Any, words: str, wanted: Any) -> bool:
    known = wanted is ANY or (value == wanted and type(value) is type(wanted))
    return known and re.search(words, path) is not None


@pytest.mark.parametrize(("down", "up"), CROSSINGS)
def test_what_is_lost_is_named(silences: Silences, down: str, up: str) -> None:
    for path, value in silences[down, up]:
        assert any(may_go(path, value, words, v) for words, v, _ in SILENT), path


@pytest.mark.parametrize(("words", "wanted", "reason"), SILENT)
def test_every_silence_is_kept(
    silences: Silences, words: str, wanted: Any, reason: str
) -> None:
    """The list cannot outlive what it is for."""
    assert reason
    found = [item for lost in silences.values() for item in lost]
    assert any(may_go(path, value, words, wanted) for path, value in found)
