"""The page with the tables: where, with what and when they were made."""

from __future__ import annotations

import datetime
import importlib.metadata
import platform
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

__all__ = ["page"]

PACKAGES: Final = (
    "cliproxy",
    "attrs",
    "orjson",
    "httptools",
    "uvloop",
    "h11",
    "uvicorn",
)

_INTRODUCTION: Final = """\
# Benchmarks

Every row is a ratio taken in one run; the budgets are in `tests/bench/budget.toml`.

- *c* is one `orjson.loads` of a 150-byte chat chunk and one `orjson.dumps` of a small
  Claude delta.
- A chunk of Gemini's has 290 bytes, and its counts differ from those of the last one:
  it is read in full each time, which alone takes 1.7 *c*.
- *both* is one `orjson.loads` and one `orjson.dumps` of the same body.
- nginx is a plain reverse proxy: one worker, keep-alive upstream, no buffering.
- CPU is user and system time of all processes of a proxy.
  Proxies run on one core, one under load at a time; all else runs on the others.
- A burst is 500 events in one upstream body.
- Paced are 100 streams of 50 events a second, one write each.
- An answer counts only if its status, its words and its end are right.
"""


def page(tables: Sequence[tuple[str, str]], notes: Sequence[str]) -> str:
    """The whole page."""
    lines = [_INTRODUCTION, "Made with:", ""]
    lines += [f"- `{command}`" for command in [_command()]]
    lines += [f"- {line}" for line in _versions()]
    lines += [f"- {datetime.datetime.now(datetime.UTC).date().isoformat()}", ""]
    for title, table in tables:
        lines += [f"## {title}", "", table]
    if notes:
        lines += ["## Missing", "", *[f"- {note}" for note in notes], ""]
    return "\n".join(lines)


def _command() -> str:
    return " ".join(["python", "tests/bench/run.py", *sys.argv[1:]])


def _versions() -> list[str]:
    found = []
    for package in PACKAGES:
        try:
            found.append(f"{package} {importlib.metadata.version(package)}")
        except importlib.metadata.PackageNotFoundError:
            found.append(f"no {package}")
    machine = f"{_processor()}, {platform.system()} {platform.release()}"
    python = f"{platform.python_implementation()} {platform.python_version()}"
    return [machine, f"{python}, {', '.join(found)}", _nginx()]


def _processor() -> str:
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return platform.machine()
    names = [line.partition(":")[2].strip() for line in text.splitlines()
             if line.startswith("model name")]  # fmt: skip
    return f"{len(names)} x {names[0]}" if names else platform.machine()


def _nginx() -> str:
    if shutil.which("nginx") is None:
        return "no nginx"
    done = subprocess.run(
        ["nginx", "-v"], capture_output=True, check=False, text=True, timeout=10
    )
    return done.stderr.strip().rpartition(" ")[2].replace("/", " ")
