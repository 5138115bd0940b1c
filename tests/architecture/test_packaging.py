"""What a user gets: the wheel holds our packages, typed, and nothing else."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from tests.architecture.sources import OURS, ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PACKAGES = {
    Path(entry).name
    for entry in PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The names of the files in a freshly built wheel."""
    out = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-index"]
    command += ["--no-deps", "--no-build-isolation", "--wheel-dir", str(out), str(ROOT)]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    (path,) = out.glob("*.whl")
    with zipfile.ZipFile(path) as archive:
        return set(archive.namelist())


def test_the_top_level_is_ours(wheel: set[str]) -> None:
    tops = {name.split("/")[0] for name in wheel}
    assert {top for top in tops if not top.endswith(".dist-info")} == PACKAGES


def test_every_module_is_in_it(wheel: set[str]) -> None:
    expected = {path.as_posix().removeprefix("adapters/") for path in OURS}
    assert sorted(expected - wheel) == []


@pytest.mark.parametrize("package", sorted(PACKAGES))
def test_every_package_is_typed(wheel: set[str], package: str) -> None:
    assert f"{package}/py.typed" in wheel


def test_nothing_else_is_in_it(wheel: set[str]) -> None:
    suffixes = {Path(n).suffix for n in wheel if ".dist-info/" not in n}
    assert suffixes <= {".py", ".typed", ".txt"}


def test_the_lock_names_no_index_and_hashes_everything() -> None:
    for path in sorted((ROOT / "requirements").glob("*.txt")):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"(https?|file)://|--\S*index-url|--find-links", text)
        pinned = re.findall(
            r"^\S+==\S+.*(?:\n    --hash=sha256:\S+(?: \\)?)*", text, re.MULTILINE
        )
        assert pinned
        assert [entry for entry in pinned if "--hash" not in entry] == []


def test_the_library_needs_little() -> None:
    """Plain `pip install cliproxy` is the library: four packages."""
    names = [re.split(r"[<>=!~ ]", d)[0] for d in PROJECT["project"]["dependencies"]]
    assert names == ["attrs", "orjson", "h11", "wsproto"]
