"""Documents and captured streams from files and pipes; dialects by their names.

Whatever cannot be read ends the command with one line.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Final

from cliproxy_core.dialects import DIALECTS
from cliproxy_core.ir.dialect import Dialect

from .say import MAKES_NO_SENSE, stop

__all__ = ["ALIASES", "chunks", "dialect", "label", "whole"]

# How much of a stream is in memory at a time.
CHUNK_BYTES: Final = 64 * 1024
# More than any service takes as a request or gives as an answer.
MAX_DOCUMENT_BYTES: Final = 128 * 1024 * 1024

ALIASES: Final = {
    "chat": "openai_chat",
    "responses": "openai_responses",
    "claude": "claude_messages",
    "gemini": "gemini",
}

_STDIN: Final = "-"


def dialect(name: str) -> Dialect:
    """The dialect of a name or a short name."""
    found = DIALECTS.get(ALIASES.get(name, name))
    if found is None:
        names = ", ".join(dict.fromkeys([*ALIASES, *DIALECTS]))
        stop(MAKES_NO_SENSE, f"no dialect {name!r}: choose from {names}")
    return found


def label(file: str) -> str:
    """What a file is called in messages."""
    return "standard input" if file == _STDIN else file


def whole(file: str) -> bytes:
    """A document, which is text."""
    pieces: list[bytes] = []
    size = 0
    for chunk in chunks(file):
        pieces.append(chunk)
        size += len(chunk)
        if size > MAX_DOCUMENT_BYTES:
            stop(MAKES_NO_SENSE, f"{label(file)}: too large for a document")
    data = b"".join(pieces)
    try:
        data.decode()
    except UnicodeDecodeError as error:
        text = f"not UTF-8 text, from byte {error.start} on"
        stop(MAKES_NO_SENSE, f"{label(file)}: {text}")
    return data


def chunks(file: str) -> Iterator[bytes]:
    """A capture, as it comes. It holds something, and begins as text."""
    with ExitStack() as stack:
        try:
            source = _opened(file, stack)
            chunk = source.read1(CHUNK_BYTES)
            if not chunk:
                stop(MAKES_NO_SENSE, f"{label(file)}: empty")
            if not _is_text(chunk.partition(b"\n")[0]):
                stop(MAKES_NO_SENSE, f"{label(file)}: not UTF-8 text")
            while chunk:
                yield chunk
                chunk = source.read1(CHUNK_BYTES)
        except OSError as error:
            stop(MAKES_NO_SENSE, f"{label(file)}: {error.strerror}")


def _opened(file: str, stack: ExitStack) -> io.BufferedIOBase:
    if file != _STDIN:
        return stack.enter_context(open(file, "rb"))
    # A process may be started without a standard input.
    source = sys.stdin.buffer if sys.stdin else None
    if not isinstance(source, io.BufferedIOBase):
        stop(MAKES_NO_SENSE, f"{label(file)}: closed")
    return source


def _is_text(line: bytes) -> bool:
    """Whether a line, whose end may be missing, is UTF-8 of plain text."""
    try:
        # A character that is cut at the end is no fault: at most three bytes of it.
        text = line.decode(errors="strict")
    except UnicodeDecodeError as error:
        return error.reason == "unexpected end of data"
    return "\0" not in text
