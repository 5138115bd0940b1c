"""Every module of the core that does something has a test module of its own."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.architecture.sources import CORE, ROOT, definitions, is_package


def does_something(path: Path) -> bool:
    """A module of values, protocols and constants has nothing to run."""
    return any(
        not isinstance(node, ast.ClassDef) and not is_declaration(node)
        for node in definitions(path)
    )


def is_declaration(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return all(
        isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
        for statement in node.body
    )


@pytest.mark.parametrize(
    "path", [p for p in CORE if not is_package(p) and does_something(p)], ids=str
)
def test_it_has_a_test_module(path: Path) -> None:
    inside = path.relative_to("cliproxy_core")
    mirror = Path("tests/core") / inside.parent / f"test_{inside.name}"
    assert (ROOT / mirror).is_file(), f"{mirror} is missing"
