"""JSON that comes in a stream: the elements of one array, or documents in a row.

    [{...}\\n,\\n{...}]          the first byte is `[`: each element is a frame
    {...}\\n{...}\\n             it is another: each document is a frame (NDJSON too)

Strings and brackets are found by pattern; what is between them is not looked at, so a
frame is where an element should be and may still not be JSON. A decoder keeps the
unfinished element as the pieces that came, joins them once, and never looks at a byte
of them twice. How the bytes were cut into chunks never shows in what comes out.

The frames are those of an event stream, so that whatever takes events takes elements.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Mapping
from typing import Final

import attrs

from cliproxy_core.base.value import value

from .sse import MAX_EVENT_BYTES, Oversize, SseFrame, Truncated, encode

__all__ = ["ArrayWriter", "Garbage", "JsonStreamDecoder"]

_BOM: Final = b"\xef\xbb\xbf"

# All of these match at any place, if only nothing. None of them ever goes back: the
# text is as long as a peer likes.
_BLANKS: Final = re.compile(rb"[ \t\n\r]*+")
_WORD: Final = re.compile(rb'[^ \t\n\r,:"{}\[\]]*+')
_QUOTED: Final = re.compile(rb'(?:[^"\\]++|\\.)*+', re.DOTALL)
# Up to a bracket, or to a string that does not end here, or to the end.
_TO_BRACKET: Final = re.compile(
    rb'(?:[^"{}\[\]]++|"(?:[^"\\]++|\\.)*+")*+(?:([{\[])|([}\]])|)', re.DOTALL
)
_OPENS: Final = 1
_CLOSES: Final = 2

# Only these are complete when nothing follows them.
_WHOLE_WORD: Final = re.compile(
    rb"true|false|null|-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?(?:[eE][+-]?[0-9]++)?"
)


@value
class Garbage:
    """A byte that no JSON text has in this place. Nothing comes after this."""

    place: str


class _Place(enum.Enum):
    """What is around the next thing that is not blank."""

    START = "before the first element"
    FIRST = "at the start of the array"
    AFTER = "after an element of the array"
    NEXT = "after a comma of the array"
    END = "after the array"
    DOCUMENTS = "between documents"


# fmt: off
_MARKS: Final[Mapping[tuple[_Place, bytes], _Place]] = {
    (_Place.START, b"["): _Place.FIRST,
    (_Place.FIRST, b"]"): _Place.END,
    (_Place.AFTER, b","): _Place.NEXT,
    (_Place.AFTER, b"]"): _Place.END,
}
_AFTER_ELEMENT: Final[Mapping[_Place, _Place]] = {
    _Place.START:     _Place.DOCUMENTS,
    _Place.DOCUMENTS: _Place.DOCUMENTS,
    _Place.FIRST:     _Place.AFTER,
    _Place.NEXT:      _Place.AFTER,
}
# fmt: on
_NO_ELEMENT: Final = b",:]}"
_IN_ARRAY: Final = frozenset({_Place.FIRST, _Place.AFTER, _Place.NEXT})


class _Inside(enum.Enum):
    """What kind of element has begun."""

    NOTHING = enum.auto()
    WORD = enum.auto()
    STRING = enum.auto()
    BRACKETS = enum.auto()


@attrs.define
class JsonStreamDecoder:
    """Transducer from arbitrary byte chunks to one frame per element. Never raises."""

    limit: int = MAX_EVENT_BYTES
    """The most bytes that one element may have."""
    _place: _Place = attrs.field(default=_Place.START, init=False)
    """Where the element is that has begun, else where the next thing will be."""
    _inside: _Inside = attrs.field(default=_Inside.NOTHING, init=False)
    _depth: int = attrs.field(default=0, init=False)
    _quoted: bool = attrs.field(default=False, init=False)
    _escaped: bool = attrs.field(default=False, init=False)
    """Whether the latest byte was a backslash that takes the next one with it."""
    _held: list[bytes] = attrs.field(factory=list, init=False, repr=False)
    _size: int = attrs.field(default=0, init=False)
    _start: bytes | None = attrs.field(default=b"", init=False, repr=False)
    """What may become a byte-order mark; None once the start is behind us."""
    _dead: bool = attrs.field(default=False, init=False)

    def feed(self, chunk: bytes) -> list[SseFrame | Oversize | Garbage]:
        """Take any number of bytes; return what they complete."""
        out: list[SseFrame | Oversize | Garbage] = []
        if self._start is not None:
            chunk = self._marked(self._start + chunk)
        at = 0
        while at < len(chunk) and not self._dead:
            if self._inside is _Inside.NOTHING:
                at = self._between(chunk, at, out)
            else:
                at = self._within(chunk, at, out)
        return out

    def finish(self) -> list[SseFrame | Truncated]:
        """The peer closed. Whatever is not complete is reported."""
        lost = self._size + len(self._start or b"")
        cut = lost > 0 or (self._place in _IN_ARRAY and not self._dead)
        text = b"".join(self._held)
        last = self._place not in _IN_ARRAY and _WHOLE_WORD.fullmatch(text)
        self._die()
        if last:  # the last line of NDJSON may lack its end
            return [_frame(text)]
        return [Truncated(lost, None)] if cut else []

    def _between(
        self, chunk: bytes, at: int, out: list[SseFrame | Oversize | Garbage]
    ) -> int:
        """Take blanks and at most one mark, or begin an element."""
        at = _end(_BLANKS, chunk, at)
        byte = chunk[at : at + 1]
        if not byte:
            return at
        place = _MARKS.get((self._place, byte))
        if place is not None:
            self._place = place
            return at + 1
        if self._place not in _AFTER_ELEMENT or byte in _NO_ELEMENT:
            out.append(Garbage(self._place.value))
            self._die()
        elif byte == b'"':
            self._inside = _Inside.STRING
        elif byte in b"{[":
            self._inside = _Inside.BRACKETS
        else:
            self._inside = _Inside.WORD
        return at

    def _within(
        self, chunk: bytes, at: int, out: list[SseFrame | Oversize | Garbage]
    ) -> int:
        """Take more of the element that has begun."""
        match self._inside:
            case _Inside.WORD:
                end = _end(_WORD, chunk, at)
                complete = end < len(chunk)
            case _Inside.STRING:
                end = self._string(chunk, at)
                complete = not self._quoted
            case _:
                end = self._brackets(chunk, at)
                complete = not self._depth
        self._size += end - at
        if self._size > self.limit:
            self._die()
            out.append(Oversize(self.limit))
            return end
        self._held.append(chunk[at:end])
        if complete:
            out.append(_frame(b"".join(self._held)))
            self._held.clear()
            self._size = 0
            self._inside = _Inside.NOTHING
            self._place = _AFTER_ELEMENT[self._place]
        return end

    def _string(self, chunk: bytes, at: int) -> int:
        """The end of a string in this chunk; `_quoted` says whether it goes on."""
        if not self._quoted:
            self._quoted = True
            at += 1
        if self._escaped and at < len(chunk):
            self._escaped = False
            at += 1
        at = _end(_QUOTED, chunk, at)
        if at < len(chunk):  # a quote, or a backslash that is the last byte
            self._escaped = chunk[at:] == b"\\"
            self._quoted = self._escaped
            at += 1
        return at

    def _brackets(self, chunk: bytes, at: int) -> int:
        """The end of an object or array; `_depth` says whether it goes on."""
        if self._quoted:
            at = self._string(chunk, at)
            if self._quoted:
                return at
        depth = self._depth
        for found in _TO_BRACKET.finditer(chunk, at):
            kind = found.lastindex
            if kind == _OPENS:
                depth += 1
            elif kind == _CLOSES:
                depth -= 1
            if not (kind and depth):
                at = found.end()
                break
        self._depth = depth
        return self._string(chunk, at) if depth and at < len(chunk) else at

    def _marked(self, chunk: bytes) -> bytes:
        """The same without byte-order mark; nothing while that is undecided."""
        if len(chunk) < len(_BOM) and _BOM.startswith(chunk):
            self._start = chunk
            return b""
        self._start = None
        return chunk.removeprefix(_BOM)

    def _die(self) -> None:
        self._dead = True
        self._held.clear()
        self._size, self._start = 0, None


@attrs.define
class ArrayWriter:
    """Writes the array form, an element at a time."""

    _begun: bool = attrs.field(default=False, init=False)

    def write(self, element: bytes) -> bytes:
        """One more element, with what goes before it."""
        before = b",\n" if self._begun else b"["
        self._begun = True
        return before + element

    def close(self) -> bytes:
        """The end; of an array without elements also the start."""
        return b"]" if self._begun else b"[]"


def _end(pattern: re.Pattern[bytes], chunk: bytes, at: int) -> int:
    found = pattern.match(chunk, at)
    assert found is not None
    return found.end()


def _frame(text: bytes) -> SseFrame:
    # A carriage return is blank in JSON; an event stream has none inside of a line.
    if b"\r" in text:
        text = text.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return SseFrame("", text, encode("", text))
