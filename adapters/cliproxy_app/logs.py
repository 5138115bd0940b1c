"""Log lines as text: one line each, `key=value`, to standard error."""

from __future__ import annotations

import datetime
import re
import sys
from typing import TextIO

import attrs

from cliproxy_core.observe.log import Field, LogLine

__all__ = ["LogWriter", "written"]

# Anything else is quoted, so that a line can be split at its spaces.
_PLAIN = re.compile(r"[A-Za-z0-9_.:/@#+*=,-]+")


@attrs.define
class LogWriter:
    """Writes lines to a stream. A stream that broke is not worth a request."""

    stream: TextIO = attrs.field(factory=lambda: sys.stderr)

    def __call__(self, line: LogLine) -> None:
        stamp = datetime.datetime.now(datetime.UTC).isoformat(timespec="microseconds")
        try:
            self.stream.write(f"{stamp[:-6]}Z {written(line)}\n")
            self.stream.flush()
        except OSError:
            return


def written(line: LogLine) -> str:
    """`info request model=gpt-5 ms=12`; a field without a value is left out."""
    words = [
        f"{key}={value:.3f}" if isinstance(value, float) else f"{key}={value}"
        for key, value in line.fields
        if value is not None
    ]
    if not _PLAIN.fullmatch("=".join(words)):  # one look for all; hardly ever true
        words = [f"{k}={_text(v)}" for k, v in line.fields if v is not None]
    return " ".join((line.level.value, line.event, *words))


def _text(value: Field) -> str:
    if isinstance(value, float):
        return f"{value:.3f}"
    text = str(value)
    if _PLAIN.fullmatch(text) and "=" not in text:
        return text
    escaped = "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in text)
    return '"' + escaped.replace('"', '\\"') + '"'
