"""A folder that nobody registered would be dead code that looks alive."""

from __future__ import annotations

import ast
import importlib
from pathlib import Path
from typing import Final

import pytest

from tests.architecture.sources import ROOT, tree_of

# Package of the core, and the name of its registry.
REGISTRIES: Final = [("dialects", "DIALECTS"), ("providers", "PROFILES")]


def folders(package: str) -> set[str]:
    parent = ROOT / "cliproxy_core" / package
    return {p.name for p in parent.iterdir() if (p / "__init__.py").is_file()}


@pytest.mark.parametrize(("package", "registry"), REGISTRIES)
def test_every_folder_is_registered(package: str, registry: str) -> None:
    module = importlib.import_module(f"cliproxy_core.{package}")
    assert len(getattr(module, registry)) == len(folders(package))


@pytest.mark.parametrize(("package", "registry"), REGISTRIES)
def test_the_registry_imports_every_folder(package: str, registry: str) -> None:
    tree = tree_of(Path("cliproxy_core", package, "__init__.py"))
    taken = [node for node in tree.body if isinstance(node, ast.ImportFrom)]
    sources = {(node.module or "").partition(".")[0] for node in taken}
    sources |= {alias.name for node in taken for alias in node.names}
    assert folders(package) <= sources, registry
