"""The `cliproxy` command, and what it says when its packages are not installed."""

from __future__ import annotations

import sys

__all__ = ["main"]

# What the server extra brings and the commands import.
EXTRA = frozenset({"cattrs", "click", "rich", "ruamel"})


def main() -> None:
    """Run the command line; exits the process."""
    try:
        from .commands import cli
    except ImportError as error:
        if (error.name or "").partition(".")[0] not in EXTRA:
            raise
        sys.stderr.write(
            "cliproxy needs its server extra: pip install 'cliproxy[server]'\n"
        )
        sys.exit(2)
    cli(prog_name="cliproxy")
