"""HTTP/1.1 over httptools (llhttp, in C): the engine of a busy proxy.

Nothing in the core imports this; an adapter chooses it when httptools is there. A
parser serves one message: no state, upgrade or leniency reaches the next one.
"""

from __future__ import annotations

import re
from typing import Final

import attrs
from httptools import (
    HttpParserError,
    HttpParserUpgrade,
    HttpRequestParser,
    HttpResponseParser,
)

from .http import Headers, PeerFault
from .http1_flow import ClientFlow, ServerFlow, Unframed
from .http1_head import MAX_HEAD_BYTES

__all__ = ["FastClient", "FastServer"]

_PRIMER: Final = b"POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n"
# A chunked body ends with this, with trailers or without, and holds it elsewhere
# only by chance; so whoever stops after each one knows where a body ended.
_END: Final = b"\r\n\r\n"
# llhttp refuses some codings before it has told the field.
_CODINGS: Final = re.compile(rb"\ntransfer-encoding:[ \t]*+([^\r]*)", re.IGNORECASE)


class _Fields:
    """What a parser calls for a head; httptools looks for these method names."""

    __slots__ = ("complete", "found")

    def __init__(self) -> None:
        self.found: list[tuple[bytes, bytes]] = []
        self.complete = False

    def on_header(self, name: bytes, value: bytes) -> None:
        self.found.append((name.lower(), value.rstrip()))

    def on_headers_complete(self) -> None:
        self.complete = True


class _Chunks:
    """What a parser calls for a chunked body. Trailers are only measured."""

    __slots__ = ("complete", "on_body", "pieces", "trailers")

    def __init__(self) -> None:
        self.pieces: list[bytes] = []
        self.on_body = self.pieces.append
        self.complete = False
        self.trailers = 0

    def on_header(self, name: bytes, value: bytes) -> None:
        self.trailers += len(name) + len(value)

    def on_message_complete(self) -> None:
        self.complete = True


class _ChunkReader:
    """A parser that was shown a head of its own, so that only chunks are left."""

    __slots__ = ("_last", "_parser", "_quiet", "_sink")

    def __init__(self) -> None:
        self._sink = _Chunks()
        self._parser = HttpRequestParser(self._sink)
        self._parser.feed_data(_PRIMER)
        self._sink.trailers = 0
        self._last = b""
        """The latest bytes, at most three: an end may be cut."""
        self._quiet = 0

    def feed(self, data: bytes) -> Unframed:
        sink = self._sink
        try:
            rest: bytes | PeerFault | None = self._run(data)
        except HttpParserError:
            rest = PeerFault("malformed chunks")
        if sink.pieces or sink.complete:
            self._quiet = 0
        else:
            self._quiet += len(data)
        # Chunk extensions and trailers mean nothing to us and may not be endless.
        # llhttp does not tell where they stop, so an extension beyond the limit shows
        # only if it comes in several reads; it is never stored.
        if max(self._quiet, sink.trailers) > MAX_HEAD_BYTES:
            rest = PeerFault("more trailers than the limit", 431)
        body = sink.pieces[0] if len(sink.pieces) == 1 else b"".join(sink.pieces)
        sink.pieces.clear()
        return body, rest

    def _run(self, data: bytes) -> bytes | None:
        """What is behind the body, or None if it goes on."""
        at, end = 0, self._seam(data)
        while at < len(data):
            if end <= 0:
                end = data.find(_END, at) + len(_END)
                if end < len(_END):
                    end = len(data)
            whole = at == 0 and end == len(data)
            self._parser.feed_data(data if whole else data[at:end])
            if self._sink.complete:
                return data[end:]
            at, end = end, 0
        return None

    def _seam(self, data: bytes) -> int:
        """Where in the data an end stops that began before it, or 0."""
        last, self._last = self._last, (self._last + data[-3:])[-3:]
        found = (last + data[:3]).find(_END)
        return found + len(_END) - len(last) if found >= 0 else 0


class _Engine:
    """Fields and chunks by way of llhttp."""

    __slots__ = ("_parser",)

    def __init__(
        self, parser: type[HttpRequestParser] | type[HttpResponseParser]
    ) -> None:
        self._parser = parser

    def fields(self, head: bytes) -> Headers | PeerFault:
        sink = _Fields()
        try:
            self._parser(sink).feed_data(head)
        except HttpParserUpgrade:
            pass  # an offer, which nobody here takes up
        except HttpParserError:
            # What it minds about a complete head is judged for both engines alike.
            if not sink.complete:
                codings = [coding.strip().lower() for coding in _CODINGS.findall(head)]
                known = codings in ([], [b"chunked"])
                return PeerFault("malformed header fields", 400 if known else 501)
        return tuple(sink.found)

    def chunks(self) -> _ChunkReader:
        return _ChunkReader()


_REQUESTS: Final = _Engine(HttpRequestParser)
_RESPONSES: Final = _Engine(HttpResponseParser)


@attrs.define(init=False)
class FastServer(ServerFlow):
    """`ServerCodec` over httptools."""

    def __init__(self) -> None:
        super().__init__(_REQUESTS)


@attrs.define(init=False)
class FastClient(ClientFlow):
    """`ClientCodec` over httptools."""

    def __init__(self) -> None:
        super().__init__(_RESPONSES)
