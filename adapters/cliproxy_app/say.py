"""What commands say and where, and how they stop.

0  done
1  it could not run here, or what it looked at is not as it should be
2  it was told something that makes no sense (configuration, arguments, files)
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Final, NoReturn

from rich.console import Console

from cliproxy_core.base.jsonval import JsonObject
from cliproxy_core.ir.failure import Failure

__all__ = [
    "CANNOT_RUN",
    "MAKES_NO_SENSE",
    "NOT_RIGHT",
    "failure_document",
    "one_line",
    "say",
    "stop",
    "write_out",
]

CANNOT_RUN: Final = 1
NOT_RIGHT: Final = 1
MAKES_NO_SENSE: Final = 2


def say(label: str, colour: str, lines: Iterable[str]) -> None:
    """One line each, in colour on a terminal."""
    console = Console(stderr=True, markup=False, highlight=False, soft_wrap=True)
    for line in lines:
        console.print(f"{label}:", style=colour, end=" ")
        console.print(one_line(line))


def stop(code: int, *lines: str) -> NoReturn:
    """Say what is wrong, and exit."""
    say("error", "red", lines)
    raise SystemExit(code)


def one_line(text: str) -> str:
    """The same without what moves a terminal's cursor: names come from anywhere."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)


def write_out(data: bytes) -> None:
    """To standard output, at once: somebody may watch a stream that goes on."""
    if not sys.stdout:
        stop(CANNOT_RUN, "standard output: closed")
    try:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    except BrokenPipeError:  # whoever read it has had enough; click ends the command
        raise
    except OSError as error:
        stop(CANNOT_RUN, f"standard output: {error.strerror}")


def failure_document(failure: Failure | None) -> JsonObject | None:
    """A failure for machines."""
    if failure is None:
        return None
    return {"kind": failure.kind.value, "message": failure.message}
