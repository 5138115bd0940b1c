"""`__all__` is the public surface of a module: present, true, and respected."""

from __future__ import annotations

import ast
import importlib
from pathlib import Path

import pytest

from tests.architecture.sources import (
    OURS,
    exported,
    is_package,
    module_name,
    tree_of,
)

BY_NAME = {module_name(path): path for path in OURS}


def is_bare(path: Path) -> bool:
    """A package that holds a docstring and nothing else exports nothing."""
    return is_package(path) and len(tree_of(path).body) <= 1


def source_of(node: ast.ImportFrom, path: Path) -> str:
    """The absolute name of the module that an import takes from."""
    if node.level == 0:
        return node.module or ""
    name = module_name(path)
    package = name if is_package(path) else name.rpartition(".")[0]
    return f"{package}.{node.module}" if node.module else package


def taken(path: Path) -> list[tuple[Path, str]]:
    """What a module takes from our other modules: whence and which name."""
    out = []
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.ImportFrom):
            source = source_of(node, path)
            names = [alias.name for alias in node.names]
            out += [
                (BY_NAME[source], name)
                for name in names
                if source in BY_NAME and f"{source}.{name}" not in BY_NAME
            ]
    return out


@pytest.mark.parametrize("path", OURS, ids=str)
def test_every_module_says_what_it_exports(path: Path) -> None:
    names = exported(path)
    if is_bare(path) or path.name == "__main__.py":
        return
    if names is None:
        # The package of the core holds its version and nothing to import by name.
        assert is_package(path)
        defined = [n for n in tree_of(path).body[1:] if not isinstance(n, ast.Assign)]
        assert defined == []
        return
    assert len(names) == len(set(names))


# Importing `__main__` runs the program.
IMPORTABLE = [path for path in OURS if path.name != "__main__.py"]


@pytest.mark.parametrize("path", IMPORTABLE, ids=str)
def test_every_exported_name_exists(path: Path) -> None:
    module = importlib.import_module(module_name(path))
    assert [name for name in exported(path) or [] if not hasattr(module, name)] == []


@pytest.mark.parametrize("path", OURS, ids=str)
def test_nobody_uses_what_is_not_exported(path: Path) -> None:
    used = [
        f"{name} of {source}"
        for source, name in taken(path)
        if not name.startswith("__") and name not in (exported(source) or [])
    ]
    assert used == []


@pytest.mark.parametrize("path", [p for p in OURS if is_package(p)], ids=str)
def test_a_package_exports_exactly_what_it_gathers(path: Path) -> None:
    """Names that an `__init__` imports and does not export have no use there."""
    body = tree_of(path).body
    gathered = {
        alias.asname or alias.name
        for node in body
        if isinstance(node, ast.ImportFrom) and node.module != "__future__"
        for alias in node.names
        if source_of(node, path).startswith(module_name(path))
    }
    used = {
        node.id
        for statement in body
        if not isinstance(statement, ast.ImportFrom)
        for node in ast.walk(statement)
        if isinstance(node, ast.Name)
    }
    assert sorted(gathered - used - set(exported(path) or [])) == []
