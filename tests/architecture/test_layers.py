"""Layers import downwards only: the contracts of import-linter in pyproject.toml."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.sources import OURS, ROOT, is_package, module_name, tree_of


def test_the_contracts_are_kept() -> None:
    run = subprocess.run(
        [
            sys.executable,
            "-c",
            "from importlinter.cli import lint_imports_command as run; run()",
            "--no-cache",
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr


@pytest.mark.parametrize("path", OURS, ids=str)
def test_imports_within_a_package_are_relative_and_across_are_absolute(
    path: Path,
) -> None:
    name = module_name(path)
    package = name if is_package(path) else name.rpartition(".")[0]
    complaints = []
    for node in ast.walk(tree_of(path)):
        if not isinstance(node, ast.ImportFrom):
            continue
        if node.level > 1:
            complaints.append(f"line {node.lineno}: relative to a parent")
        holder = (node.module or "").rpartition(".")[0]
        if node.level == 0 and holder == package and "." in package:
            complaints.append(f"line {node.lineno}: a sibling imported absolutely")
    assert complaints == []
