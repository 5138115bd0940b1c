"""A folder that nobody registered would be dead code that looks alive."""

from __future__ import annotations

import ast
import importlib
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from cliproxy_core.dialects import DIALECTS
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


def test_the_dialects_are_the_folders() -> None:
    assert set(DIALECTS) == folders("dialects")
    assert all(dialect.name == name for name, dialect in DIALECTS.items())


def test_one_dialect_does_not_load_another() -> None:
    code = (
        "import sys, cliproxy_core.dialects as d; d.DIALECTS['gemini'];"
        "print(*sorted(m for m in sys.modules if m.startswith(d.__name__ + '.')))"
    )
    command = [sys.executable, "-c", code]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert told
    assert all(".gemini" in name for name in told.split())


def test_the_providers_are_all_imported() -> None:
    package, registry = "providers", "PROFILES"
    tree = tree_of(Path("cliproxy_core", package, "__init__.py"))
    taken = [node for node in tree.body if isinstance(node, ast.ImportFrom)]
    sources = {(node.module or "").partition(".")[0] for node in taken}
    sources |= {alias.name for node in taken for alias in node.names}
    assert folders(package) <= sources, registry
