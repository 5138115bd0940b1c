"""No vector is forgotten: each is a test, a test elsewhere, or a note that says why."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.vectors.elsewhere import ELSEWHERE

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
WANTED = [f"v{n:03}" for n in range(1, 181)] + [f"t{n}" for n in range(1, 9)]

_TEST = re.compile(r"test_(v\d{3}|t\d)_")
_ROW = re.compile(r"(v\d{3}|t\d)(\b|_)")


def numbers(tree: ast.Module) -> Iterator[str]:
    """The vectors in names of tests and in ids of rows."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            found = _TEST.match(node.name)
        elif isinstance(node, ast.keyword) and node.arg == "id":
            found = _ROW.match(_start(node.value))
        else:
            found = None
        if found is not None:
            yield found[1]


def _start(value: ast.expr) -> str:
    """The text of an id, or what an f-string begins with."""
    if isinstance(value, ast.JoinedStr) and value.values:
        value = value.values[0]
    if isinstance(value, ast.Constant) and isinstance(value.value, str):
        return value.value
    return ""


def covered() -> set[str]:
    files = sorted(HERE.glob("test_*.py"))
    return {n for file in files for n in numbers(ast.parse(file.read_text()))}


def notes() -> dict[str, dict[str, str]]:
    return tomllib.loads((HERE / "notes.toml").read_text())


def test_every_vector_is_accounted_for() -> None:
    known = covered() | ELSEWHERE.keys() | notes().keys()
    assert [number for number in WANTED if number not in known] == []
    assert sorted(known - set(WANTED)) == []


@pytest.mark.parametrize("number", sorted(notes()))
def test_a_note_says_why_and_by_what_authority(number: str) -> None:
    note = notes()[number]
    assert note.keys() == {"differs", "reason", "authority"}
    assert all(note.values())


@pytest.mark.parametrize("node", sorted(set(ELSEWHERE.values())))
def test_a_test_elsewhere_exists(node: str) -> None:
    file, _, name = node.partition("::")
    tree = ast.parse((ROOT / file).read_text())
    assert name in {n.name for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)}


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("def test_v001_a(): ...", ["v001"]),
        ("def test_t1_a(): ...", ["t1"]),
        ("def test_v1_a(): ...", []),
        ("param(1, id='v002-a')", ["v002"]),
        ("param(1, id=f'v003-{x}')", ["v003"]),
        ("param(1, id='v0045')", []),
        ("param('v006', ids=['v007'])", []),
    ],
)
def test_numbers_are_found(source: str, found: list[str]) -> None:
    assert list(numbers(ast.parse(source))) == found
