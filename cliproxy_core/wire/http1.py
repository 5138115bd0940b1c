"""HTTP/1.1 over h11, pure Python: the engine that is always there.

h11 reads the heads. Chunks are read here, because h11 lets pass around chunk sizes
what llhttp refuses, and its pieces would have to be joined again.
"""

from __future__ import annotations

import enum
import re
from typing import Final

import attrs
import h11

from .http import Headers, PeerFault
from .http1_flow import ClientFlow, ServerFlow, Unframed
from .http1_head import FIELD, MAX_HEAD_BYTES, TOKEN

__all__ = ["H11Client", "H11Server"]

# RFC 9112, section 7.1, without the optional spaces. 16 digits are 64 bits.
_QUOTED: Final = rb"\"(?:[\t !#-\[\]-~\x80-\xff]|\\[\t -~\x80-\xff])*+\""
_SIZE_LINE: Final = re.compile(
    rb"[0-9A-Fa-f]{1,16}(?:;%b(?:=(?:%b|%b))?)*+\r\n" % (TOKEN, TOKEN, _QUOTED)
)
# A chunk as most are; whether all of it is there is another question.
_CHUNK_START: Final = re.compile(rb"([1-9A-Fa-f][0-9A-Fa-f]{0,6})\r\n")
_TRAILER: Final = re.compile(FIELD)
_MALFORMED: Final = PeerFault("malformed chunks")
_TOO_LARGE: Final = PeerFault("more trailers than the limit", 431)
_LF: Final = 10
# h11 makes one field of lengths that agree, so they are looked at before it does.
_LENGTHS: Final = re.compile(rb"\ncontent-length:[ \t]*+([^\r]*)", re.IGNORECASE)


class _Line(enum.Enum):
    """Which line of a chunked body comes next, and what it must begin with."""

    SIZE = re.compile(rb"[0-9A-Fa-f]{1,16}(?:[;\r]|\Z)")
    DATA_END = re.compile(rb"\r(?:\n|\Z)")
    TRAILER = re.compile(rb"")


@attrs.define
class _ChunkReader:
    """Takes a chunked body apart; holds at most an unfinished line."""

    _next: _Line = attrs.field(default=_Line.SIZE, init=False)
    _left: int = attrs.field(default=0, init=False)
    _held: bytearray = attrs.field(factory=bytearray, init=False, repr=False)
    _trailers: int = attrs.field(default=0, init=False)

    def feed(self, data: bytes) -> Unframed:
        pieces: list[bytes] = []
        rest = self._run(data, pieces)
        return b"".join(pieces), rest

    def _run(self, data: bytes, pieces: list[bytes]) -> bytes | PeerFault | None:
        at = 0
        while at < len(data):
            if self._left:
                piece = data[at : at + self._left]
                pieces.append(piece)
                self._left -= len(piece)
                at += len(piece)
                continue
            fresh = self._next is _Line.SIZE and not self._held
            if fresh and (chunk := _CHUNK_START.match(data, at)):
                start = chunk.end()
                end = start + int(chunk[1], 16)
                if data[end : end + 2] == b"\r\n":
                    pieces.append(data[start:end])
                    at = end + 2
                    continue
            end = data.find(b"\n", at) + 1 or len(data)
            self._held += data[at:end]
            at = end
            fault = self._fault_of_line()
            if fault is not None:
                return fault
            if self._held[-1] == _LF and self._take(bytes(self._held)):
                return data[at:]
        return None

    def _fault_of_line(self) -> PeerFault | None:
        """What is wrong with the held line, as early as it can be told."""
        line, kind = self._held, self._next
        if kind.value.match(line) is None:
            return _MALFORMED
        if len(line) + self._trailers > MAX_HEAD_BYTES:
            return _TOO_LARGE
        if line[-1] != _LF or line == b"\r\n":
            return _MALFORMED if line == b"\n" else None
        whole = _SIZE_LINE if kind is _Line.SIZE else _TRAILER
        return None if whole.fullmatch(line) else _MALFORMED

    def _take(self, line: bytes) -> bool:
        """Take a complete line; whether it was the last."""
        self._held.clear()
        if self._next is _Line.SIZE:
            self._left = int(line.partition(b";")[0], 16)
            self._next = _Line.DATA_END if self._left else _Line.TRAILER
            return False
        if self._next is _Line.DATA_END:
            self._next = _Line.SIZE
            return False
        self._trailers += len(line)
        return line == b"\r\n"


@attrs.frozen
class _Engine:
    """Fields by way of h11. A connection object serves one head."""

    _role: type[h11.CLIENT | h11.SERVER]

    def fields(self, head: bytes) -> Headers | PeerFault:
        lengths = _LENGTHS.findall(head)
        if len(lengths) > 1 or (lengths and not lengths[0].strip().isdigit()):
            return PeerFault("a malformed content-length")
        reader = h11.Connection(self._role, max_incomplete_event_size=MAX_HEAD_BYTES)
        try:
            reader.receive_data(head)
            event = reader.next_event()
        except h11.RemoteProtocolError as error:
            return PeerFault("malformed header fields", error.error_status_hint)
        assert isinstance(event, h11.Request | h11.Response)
        return tuple((bytes(name), bytes(content)) for name, content in event.headers)

    def chunks(self) -> _ChunkReader:
        return _ChunkReader()


_REQUESTS: Final = _Engine(h11.SERVER)
_RESPONSES: Final = _Engine(h11.CLIENT)


@attrs.define(init=False)
class H11Server(ServerFlow):
    """`ServerCodec` over h11."""

    def __init__(self) -> None:
        super().__init__(_REQUESTS)


@attrs.define(init=False)
class H11Client(ClientFlow):
    """`ClientCodec` over h11."""

    def __init__(self) -> None:
        super().__init__(_RESPONSES)
