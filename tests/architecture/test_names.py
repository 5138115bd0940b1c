"""Names and prose: the words that are banned, and what every module must say."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Final

import pytest

from tests.architecture.sources import (
    FUZZ,
    OURS,
    ROOT,
    TESTS,
    definitions,
    name_of,
    tree_of,
)

# House style N1: words that fit every class and therefore say nothing.
EMPTY_WORDS: Final = frozenset(
    {
        "Abstract",
        "Base",
        "Data",
        "Handler",
        "Helper",
        "Helpers",
        "Impl",
        "Info",
        "Manager",
        "Processor",
        "Service",
        "Util",
        "Utils",
    }
)
EXCUSED: Final = {
    "BodyData": "the bytes of an HTTP body, told from its head and its end",
    "UpstreamData": "the same, of an upstream's answer",
}

SLEEPS: Final = {"time.sleep", "asyncio.sleep", "anyio.sleep", "trio.sleep"}
MOCKS: Final = {"unittest.mock", "mock", "pytest_mock"}


def camel_words(name: str) -> list[str]:
    return re.findall(r"[A-Z]+(?=[A-Z][a-z]|$)|[A-Z]?[a-z]+|\d+", name)


def snake_words(name: str) -> list[str]:
    return [word.lower() for part in name.split("_") for word in camel_words(part)]


def forbidden_words() -> dict[str, str]:
    """Wrong word -> right word, from the table in the glossary."""
    page = (ROOT / "docs/glossary.md").read_text(encoding="utf-8")
    out = {}
    for line in page.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("|") and len(cells) == 3:
            out.update(dict.fromkeys(re.findall(r"`(\w+)`", cells[2]), cells[0]))
    return out


def test_the_glossary_forbids_something() -> None:
    assert forbidden_words()["frontend"] == "downstream"


@pytest.mark.parametrize("path", OURS, ids=str)
def test_class_names_say_something(path: Path) -> None:
    classes = [n.name for n in definitions(path) if isinstance(n, ast.ClassDef)]
    empty = [name for name in classes if EMPTY_WORDS & set(camel_words(name))]
    assert [name for name in empty if name not in EXCUSED] == []


@pytest.mark.parametrize("path", OURS, ids=str)
def test_one_word_per_idea(path: Path) -> None:
    forbidden = forbidden_words()
    wrong = {
        node.name: forbidden[word]
        for node in definitions(path)
        for word in [node.name, *snake_words(node.name)]
        if word in forbidden
    }
    assert wrong == {}


@pytest.mark.parametrize("path", [*OURS, *FUZZ, *TESTS], ids=str)
def test_every_module_says_what_it_is(path: Path) -> None:
    assert ast.get_docstring(tree_of(path)), "a module docstring"


@pytest.mark.parametrize("path", OURS, ids=str)
def test_nothing_is_left_to_do(path: Path) -> None:
    text = (ROOT / path).read_text(encoding="utf-8")
    assert re.findall(r"\b(?:TODO|FIXME|XXX|HACK)\b", text) == []
    raised = [n.exc for n in ast.walk(tree_of(path)) if isinstance(n, ast.Raise)]
    names = [name_of(e.func if isinstance(e, ast.Call) else e) for e in raised if e]
    assert "NotImplementedError" not in names


@pytest.mark.parametrize("path", TESTS, ids=str)
def test_no_test_sleeps(path: Path) -> None:
    calls = [n for n in ast.walk(tree_of(path)) if isinstance(n, ast.Call)]
    assert [n.lineno for n in calls if name_of(n.func) in SLEEPS] == []
    taken = [n for n in ast.walk(tree_of(path)) if isinstance(n, ast.ImportFrom)]
    names = {f"{n.module}.{alias.name}" for n in taken for alias in n.names}
    assert sorted(names & SLEEPS) == []


@pytest.mark.parametrize("path", TESTS, ids=str)
def test_no_test_mocks(path: Path) -> None:
    imports: set[str] = set()
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            imports |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            imports |= {node.module}
            imports |= {f"{node.module}.{alias.name}" for alias in node.names}
    assert sorted(imports & MOCKS) == []
