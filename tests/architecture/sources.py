"""The files of this repository, parsed once, for the tests that look at all of them."""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterator
from pathlib import Path
from typing import Final

__all__ = [
    "ADAPTERS",
    "CORE",
    "FUZZ",
    "OURS",
    "ROOT",
    "TESTS",
    "definitions",
    "exported",
    "is_package",
    "module_name",
    "name_of",
    "tree_of",
]

ROOT: Final = Path(__file__).parents[2]


def _python_files(*folders: str) -> list[Path]:
    found = [p for folder in folders for p in (ROOT / folder).rglob("*.py")]
    return sorted(p.relative_to(ROOT) for p in found)


CORE: Final = _python_files("cliproxy_core")
ADAPTERS: Final = _python_files("adapters")
FUZZ: Final = _python_files("fuzz")
TESTS: Final = _python_files("tests")
OURS: Final = [*CORE, *ADAPTERS]


@functools.cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse((ROOT / path).read_text(encoding="utf-8"), str(path))


def is_package(path: Path) -> bool:
    return path.name == "__init__.py"


def module_name(path: Path) -> str:
    """What one writes to import it: `adapters/` is a source root, not a package."""
    parts = path.with_suffix("").parts
    if parts[0] == "adapters":
        parts = parts[1:]
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def exported(path: Path) -> list[str] | None:
    """The literal `__all__` of a module; None without one."""
    for node in tree_of(path).body:
        if isinstance(node, ast.Assign):
            targets, literal = node.targets, node.value
        elif isinstance(node, ast.AnnAssign) and node.value is not None:
            targets, literal = [node.target], node.value
        else:
            continue
        if any(isinstance(t, ast.Name) and t.id == "__all__" for t in targets):
            return list(ast.literal_eval(literal))
    return None


def name_of(node: ast.expr) -> str:
    """The dotted name that an expression spells, or nothing."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        head = name_of(node.value)
        return f"{head}.{node.attr}" if head else ""
    return ""


def definitions(
    path: Path,
) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef]:
    """Every function and class, nested ones too."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node
