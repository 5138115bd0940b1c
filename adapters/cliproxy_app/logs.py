"""Log lines as text: one line each, `key=value`, to standard error."""

from __future__ import annotations

import asyncio
import datetime
import re
import sys
from typing import TextIO

import attrs

from cliproxy_core.observe.log import Field, LogLine

__all__ = ["BatchedLog", "LogWriter", "stamped", "written"]

# Anything else is quoted, so that a line can be split at its spaces.
_PLAIN = re.compile(r"[A-Za-z0-9_.:/@#+*=,-]+")


@attrs.define
class LogWriter:
    """Writes lines to a stream. A stream that broke is not worth a request."""

    stream: TextIO = attrs.field(factory=lambda: sys.stderr)

    def __call__(self, line: LogLine) -> None:
        self.write(stamped(line))

    def write(self, text: str) -> None:
        try:
            self.stream.write(text)
            self.stream.flush()
        except OSError:
            return


@attrs.define
class BatchedLog:
    """Writes the lines of one turn of the event loop at once.

    Under load a turn serves many requests, and a write for each of them would cost as
    much as one of their own.
    """

    loop: asyncio.AbstractEventLoop
    writer: LogWriter = attrs.field(factory=LogWriter)
    _lines: list[str] = attrs.field(factory=list, init=False)

    def __call__(self, line: LogLine) -> None:
        if not self._lines:
            self.loop.call_soon(self.flush)
        self._lines.append(stamped(line))

    def flush(self) -> None:
        text = "".join(self._lines)
        self._lines.clear()
        if text:
            self.writer.write(text)


def stamped(line: LogLine) -> str:
    """The line with the time in front (RFC 3339, UTC) and a line end."""
    stamp = datetime.datetime.now(datetime.UTC).isoformat(timespec="microseconds")
    return f"{stamp[:-6]}Z {written(line)}\n"


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
