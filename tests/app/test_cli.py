"""The entry point with and without the packages of the server extra."""

from __future__ import annotations

import subprocess
import sys

import pytest


def cliproxy(*lines: str) -> subprocess.CompletedProcess[str]:
    """Run `cliproxy version` after some lines of preparation."""
    script = "\n".join(
        [
            "import sys",
            *lines,
            "sys.argv = ['cliproxy', 'version']",
            "from cliproxy_app.cli import main",
            "main()",
        ]
    )
    return subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )


def test_it_runs() -> None:
    done = cliproxy()
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("cliproxy ")


@pytest.mark.parametrize("missing", ["click", "rich.console", "cattrs", "ruamel.yaml"])
def test_without_the_extra_it_says_what_to_install(missing: str) -> None:
    done = cliproxy(f"sys.modules[{missing!r}] = None")
    assert done.returncode == 2
    assert done.stderr == (
        "cliproxy needs its server extra: pip install 'cliproxy[server]'\n"
    )


def test_our_own_broken_imports_are_not_hidden() -> None:
    done = cliproxy("sys.modules['cliproxy_core.config.model'] = None")
    assert done.returncode == 1
    assert "cliproxy_core.config.model" in done.stderr
