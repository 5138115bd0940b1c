"""The core does no I/O, has no clock, draws no randomness and suspends nowhere.

Three nets, because each has a hole: the source (this needs no tool), import-linter
(`test_layers.py`; it sees indirect imports), and what is loaded at run time.
"""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.architecture.sources import CORE, ROOT, module_name, tree_of

STDLIB: Final = frozenset(
    {
        "__future__",
        "base64",
        "binascii",
        "bisect",
        "codecs",
        "collections",
        "datetime",
        "difflib",
        "enum",
        "functools",
        "hashlib",
        "heapq",
        "hmac",
        "html",
        "http",
        "ipaddress",
        "itertools",
        "math",
        "operator",
        "re",
        "struct",
        "typing",
        "urllib.parse",
        "zlib",
    }
)
THIRD: Final = frozenset({"attrs", "h11", "orjson", "wsproto"})
OWN: Final = frozenset({"cliproxy_core"})

# What only some modules may import, and why.
EXTRA: Final = {
    "cliproxy_core/base/exact.py": {"json"},  # the only reader that keeps spellings
    "cliproxy_core/dialects/__init__.py": {"importlib"},  # loads what is asked for
    "cliproxy_core/wire/coding.py": {"brotli", "zstandard"},  # the optional codings
    "cliproxy_core/wire/http1_fast.py": {"httptools"},  # the optional fast engine
}

# attrs loads `threading`, and everything loads `time` and `os`: those are looked for
# in the source.
NEVER_LOADED: Final = ("asyncio", "logging", "random", "secrets", "selectors", "socket")

ASYNC: Final = (ast.AsyncFunctionDef, ast.Await, ast.AsyncFor, ast.AsyncWith)


def imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield node.module or ""


def is_listed(name: str, extra: set[str]) -> bool:
    root = name.partition(".")[0]
    return (
        name in STDLIB
        or (root in STDLIB and root != "http")
        or root in THIRD | OWN | extra
    )


@pytest.mark.parametrize("path", CORE, ids=str)
def test_imports_are_on_the_list(path: Path) -> None:
    extra = EXTRA.get(path.as_posix(), set())
    names = set(imported(tree_of(path)))
    assert [name for name in sorted(names) if not is_listed(name, extra)] == []


@pytest.mark.parametrize("path", CORE, ids=str)
def test_nothing_is_async(path: Path) -> None:
    found = [n for n in ast.walk(tree_of(path)) if isinstance(n, ASYNC)]
    assert [ast.unparse(n) for n in found] == []


@pytest.mark.parametrize("path", CORE, ids=str)
def test_nothing_is_printed_opened_or_evaluated(path: Path) -> None:
    banned = {"print", "open", "input", "eval", "exec", "__import__", "breakpoint"}
    calls = [n.func for n in ast.walk(tree_of(path)) if isinstance(n, ast.Call)]
    assert [f.id for f in calls if isinstance(f, ast.Name) and f.id in banned] == []


def test_importing_all_of_the_core_loads_nothing_that_does_io() -> None:
    names = [module_name(path) for path in CORE]
    script = (
        "import importlib, json, sys\n"
        f"for name in {names!r}: importlib.import_module(name)\n"
        "print(json.dumps(sorted(sys.modules)))"
    )
    # -P and a bare path: the core must not need anything beside it.
    run = subprocess.run(
        [sys.executable, "-P", "-c", script],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    loaded = set(json.loads(run.stdout))
    assert set(names) <= loaded
    assert sorted(loaded & set(NEVER_LOADED)) == []
    assert sorted(m for m in loaded if m.startswith("cliproxy_app")) == []
