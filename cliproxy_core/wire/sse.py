"""Server-sent events: bytes to frames, frames to bytes (WHATWG HTML, section 9.2).

Line ends are made LF first, so everything behind that sees one kind of text, and
the text between two blank lines is one event. A decoder keeps the unfinished event
as the pieces that came, joins them once, and never looks at a byte of them twice.
How the bytes were cut into chunks never shows in what comes out.

An event of the two usual shapes (`data: x`, or `event: n` and `data: x`) is its own
canonical form and is passed on as it came; any other is taken apart by lines and
written anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import attrs

from cliproxy_core.base.errors import LocalError
from cliproxy_core.base.value import value

__all__ = [
    "MAX_EVENT_BYTES",
    "Comment",
    "Oversize",
    "SseDecoder",
    "SseFrame",
    "Truncated",
    "encode",
]

# The largest single event known carries a base64 image of about 11 MiB. Four times
# that is abuse or a lost newline.
MAX_EVENT_BYTES: Final = 48 * 1024 * 1024

# Event names that a decoder remembers: no dialect has as many or as long ones.
MAX_NAMES: Final = 100
MAX_NAME_BYTES: Final = 100

_BOM: Final = b"\xef\xbb\xbf"
_LF: Final = 10
_COLON: Final = 58


@value
class SseFrame:
    """One event with at least one data line."""

    event: str
    """Its name, or empty."""
    data: bytes = attrs.field(repr=False)
    """The data lines, joined by newlines; nobody has checked that it is UTF-8."""
    raw: bytes = attrs.field(repr=False)
    """The whole frame in canonical form, with its blank line."""

    @property
    def text(self) -> str:
        return self.data.decode("utf-8", "replace")


@value
class Comment:
    """A line that only shows that the peer lives."""

    text: str = attrs.field(repr=False)


@value
class Oversize:
    """An event grew beyond the limit. Nothing comes after this."""

    limit: int


@value
class Truncated:
    """The peer closed before the blank line that ends an event."""

    lost: int
    """How many bytes of it were there."""
    frame: SseFrame | None
    """What it would have been; by the standard it is dropped."""


@attrs.define
class SseDecoder:
    """Transducer from arbitrary byte chunks to frames. Never raises."""

    limit: int = MAX_EVENT_BYTES
    _held: list[bytes] = attrs.field(factory=list, init=False, repr=False)
    """The unfinished event; blank lines and comments before it are not kept."""
    _size: int = attrs.field(default=0, init=False)
    _unusual: bool = attrs.field(default=True, init=False)
    """Whether anything below needs a look at the next chunk."""
    _start: bytes | None = attrs.field(default=b"", init=False, repr=False)
    """What may become a byte-order mark; None once the start is behind us."""
    _skip_lf: bool = attrs.field(default=False, init=False)
    _dead: bool = attrs.field(default=False, init=False)
    _names: dict[bytes, str] = attrs.field(factory=dict, init=False, repr=False)
    """Event lines seen so far and their names."""
    _event: str = attrs.field(default="", init=False)
    """The name of the last single event; the next mostly has the same."""
    _opening: bytes = attrs.field(default=b"data: ", init=False, repr=False)
    """All that it had before its data, and how much that was."""
    _opened: int = attrs.field(default=6, init=False)

    def feed(self, chunk: bytes) -> list[SseFrame | Comment | Oversize]:
        """Take any number of bytes; return what they complete."""
        start, end = self._opened, len(chunk) - 2
        if (  # one event like the one before it: paced tokens are
            chunk[:start] == self._opening
            and chunk.find(b"\n", start) == end
            and chunk[-1] == _LF
            and end <= self.limit
            and b"\r" not in chunk
            and not (self._unusual or self._held)
        ):
            return [SseFrame(self._event, chunk[start:-2], chunk)]
        if (  # the same with the line ends of Gemini's
            chunk[-4:] == b"\r\n\r\n"
            and chunk.find(b"\r") == end - 2
            and not (self._unusual or self._held)
        ):
            return self.feed(chunk[:-4] + b"\n\n")
        out: list[SseFrame | Comment | Oversize] = []
        if self._unusual or b"\r" in chunk:
            chunk = self._plain(chunk)
        if self._held:
            chunk = self._completing(chunk, out)
        if chunk[-2:] == b"\n\n":
            frame = self._single(chunk)
            if frame is not None:
                out.append(frame)
            else:
                self._split(chunk, out)
        elif chunk:
            end = chunk.rfind(b"\n\n") + 2
            if end > 1:
                self._split(chunk[:end], out)
                chunk = chunk[end:]
            self._hold(chunk, out)
        return out

    def finish(self) -> list[SseFrame | Truncated]:
        """The peer closed. An event still missing its blank line is reported."""
        lost = self._size + len(self._start or b"")
        frame, _ = _frame(b"".join(self._held).split(b"\n"))
        self._die()
        return [Truncated(lost, frame)] if lost else []

    def _single(self, text: bytes) -> SseFrame | None:
        """The event, if the text is just one of a usual shape: paced tokens are."""
        first, end = text.find(b"\n"), len(text) - 2
        if end > self.limit:
            return None
        if first == end:
            if text[:6] == b"data: ":
                self._event, self._opened, self._opening = "", 6, b"data: "
                return SseFrame("", text[6:-2], text)
        elif (
            text.find(b"\n", first + 1) == end
            and text[first + 1 : first + 7] == b"data: "
        ):
            head = text[:first]
            name = self._names.get(head) or self._name(head)
            if name:
                if first < MAX_NAME_BYTES:
                    self._event, self._opened = name, first + 7
                    self._opening = text[: first + 7]
                return SseFrame(name, text[first + 7 : -2], text)
        return None

    def _split(self, text: bytes, out: list[SseFrame | Comment | Oversize]) -> None:
        """Take text that ends with a blank line, for which nothing is remembered."""
        lines = text.split(b"\n")
        del lines[-1]
        if len(text) > self.limit:
            self._walk(lines, out)
        elif not any(lines[1::2]):  # every event is one line
            for line in lines[::2]:
                if line[:6] == b"data: ":
                    out.append(SseFrame("", line[6:], line + b"\n\n"))
                else:
                    self._walk((line, b""), out)
        elif not any(lines[2::3]) and len(lines) % 3 == 0:  # every event is two
            for head, line in zip(lines[::3], lines[1::3], strict=True):
                name = self._names.get(head) or self._name(head)
                if name and line[:6] == b"data: ":
                    raw = b"\n".join((head, line, b"", b""))
                    out.append(SseFrame(name, line[6:], raw))
                else:
                    self._walk((head, line, b""), out)
        else:
            self._walk(lines, out)

    def _name(self, line: bytes) -> str:
        """The name that a well-written event line gives, else nothing."""
        if line[:7] != b"event: ":
            return ""
        name = line[7:].decode("utf-8", "replace")
        if len(self._names) < MAX_NAMES and len(line) < MAX_NAME_BYTES:
            self._names[line] = name
        return name

    def _walk(
        self, lines: Sequence[bytes], out: list[SseFrame | Comment | Oversize]
    ) -> None:
        """Take complete events of any shape, the last line being blank."""
        if self._dead:
            return
        event: list[bytes] = []
        for line in lines:
            if line and (event or line[0] != _COLON):
                event.append(line)
                continue
            if max(len(line), sum(map(len, event)) + len(event) - 1) > self.limit:
                self._overflow(out)
                return
            if line:
                out.append(_comment(line))
            elif event:
                frame, comments = _frame(event)
                out.extend(comments)
                if frame is not None:
                    out.append(frame)
                event = []

    def _completing(
        self, chunk: bytes, out: list[SseFrame | Comment | Oversize]
    ) -> bytes:
        """Put the held text in front if the chunk completes anything, else hold it."""
        held = self._held
        if not chunk:
            return b""
        after_line = held[-1][-1] == _LF
        held.append(chunk)
        if (
            b"\n\n" in chunk
            or (after_line and chunk[0] == _LF)
            or (held[0][0] == _COLON and b"\n" in chunk)
        ):
            chunk = b"".join(held)
            held.clear()
            self._size = 0
            return chunk
        self._grow(chunk, out)
        return b""

    def _hold(self, tail: bytes, out: list[SseFrame | Comment | Oversize]) -> None:
        """Begin to keep an unfinished event; comments before it need not wait."""
        at = 1 if tail[0] == _LF else 0
        while tail[at : at + 1] == b":" and (end := tail.find(b"\n", at)) >= 0:
            self._walk((tail[at:end], b""), out)
            at = end + 1
        tail = tail[at:]
        if tail and not self._dead:
            self._held.append(tail)
            self._grow(tail, out)

    def _grow(self, more: bytes, out: list[SseFrame | Comment | Oversize]) -> None:
        # A newline may prove to be a part of the end, which is not counted.
        self._size += len(more)
        if self._size - (more[-1] == _LF) > self.limit:
            self._overflow(out)

    def _plain(self, chunk: bytes) -> bytes:
        """The same text without byte-order mark and with LF as its only line end."""
        if self._dead or not chunk:
            return b""
        if self._start is not None:
            chunk = self._start + chunk
            if len(chunk) < len(_BOM) and _BOM.startswith(chunk):
                self._start = chunk
                return b""
            self._start = None
            chunk = chunk.removeprefix(_BOM)
        if self._skip_lf and chunk[:1] == b"\n":  # a CRLF that was cut in two
            chunk = chunk[1:]
        self._skip_lf = self._unusual = chunk[-1:] == b"\r"
        return chunk.replace(b"\r\n", b"\n").replace(b"\r", b"\n")

    def _overflow(self, out: list[SseFrame | Comment | Oversize]) -> None:
        self._die()
        out.append(Oversize(self.limit))

    def _die(self) -> None:
        self._dead = self._unusual = True
        self._held.clear()
        self._size, self._start = 0, None


def encode(event: str, data: bytes) -> bytes:
    """One frame; the event line is left out if the name is empty."""
    name = event.encode()
    if b"\n" in name or b"\r" in name:
        raise LocalError("an event name of more than one line")
    if b"\r" in data:
        data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return _written(name, data)


def _written(name: bytes, data: bytes) -> bytes:
    if b"\n" in data:
        data = data.replace(b"\n", b"\ndata: ")
    if name:
        return b"event: %b\ndata: %b\n\n" % (name, data)
    return b"data: %b\n\n" % data


def _frame(lines: Sequence[bytes]) -> tuple[SseFrame | None, list[Comment]]:
    """The lines of one event, by the algorithm of the standard."""
    name = b""
    data: list[bytes] = []
    comments: list[Comment] = []
    for line in lines:
        field, _, content = line.partition(b":")
        if field == b"data":
            data.append(content.removeprefix(b" "))
        elif field == b"event":
            name = content.removeprefix(b" ")
        elif line and not field:
            comments.append(_comment(line))
        # `id`, `retry` and unknown fields mean nothing to a proxy.
    if not data:
        return None, comments
    joined = b"\n".join(data)
    raw = _written(name, joined)
    return SseFrame(name.decode("utf-8", "replace"), joined, raw), comments


def _comment(line: bytes) -> Comment:
    return Comment(line[1:].removeprefix(b" ").decode("utf-8", "replace"))
