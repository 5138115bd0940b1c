"""HTTP/1.1 connections, whichever engine reads the heads and the chunks.

    server: HEAD --> BODY --> HEAD | OVER
    client: IDLE --request--> HEAD --> BODY --> IDLE | OVER

The body bytes of one `feed` become one `BodyData`. Behind a fault there is nothing,
but a server can still write its answer.
"""

from __future__ import annotations

import enum
from typing import Final, Protocol, TypeAlias

import attrs

from cliproxy_core.base.errors import LocalError

from .http import (
    BodyData,
    BodyEnded,
    ClientEvent,
    Headers,
    PeerFault,
    RequestHead,
    ResponseHead,
    ServerEvent,
)
from .http1_head import (
    CHUNKED,
    CLOSED,
    HeadReader,
    request_line,
    request_terms,
    response_terms,
    status_line,
)
from .http1_write import CONTINUE, ResponseWriter, write_request

__all__ = ["ChunkReader", "ClientFlow", "Engine", "ServerFlow", "Unframed"]

# 100, 102 and 103 come once or twice; a server that sends more never gets to a point.
MAX_INTERIM: Final = 20

Unframed: TypeAlias = tuple[bytes, bytes | PeerFault | None]
"""Body bytes, and then: what is behind the message, a fault, or None for more."""


class ChunkReader(Protocol):
    """Takes the chunks of one body apart."""

    def feed(self, data: bytes, /) -> Unframed: ...


class Engine(Protocol):
    """What somebody else's parser does for us."""

    def fields(self, head: bytes, /) -> Headers | PeerFault:
        """The header fields of a head that is well-formed."""

    def chunks(self) -> ChunkReader:
        """A reader for the body behind the latest head."""


class State(enum.Enum):
    """What the next byte belongs to."""

    IDLE = enum.auto()
    HEAD = enum.auto()
    BODY = enum.auto()
    OVER = enum.auto()


@attrs.define
class _Body:
    """Takes one body off the bytes, however it is framed."""

    engine: Engine
    _left: int = attrs.field(default=0, init=False)
    _chunks: ChunkReader | None = attrs.field(default=None, init=False)

    def begin(self, length: int) -> None:
        self._left = length
        self._chunks = self.engine.chunks() if length == CHUNKED else None

    def feed(self, data: bytes) -> Unframed:
        left = self._left
        if left >= 0:
            size = len(data)
            self._left = left - size
            if size < left:
                return data, None
            if size == left:
                return data, b""
            return data[:left], data[left:]
        if self._chunks is not None:
            return self._chunks.feed(data)
        return data, None


@attrs.define
class ServerFlow:
    """The server's side of one connection."""

    _engine: Engine
    _heads: HeadReader = attrs.field(factory=HeadReader, init=False)
    _body: _Body = attrs.field(init=False)
    _state: State = attrs.field(default=State.HEAD, init=False)
    _keep_alive: bool = attrs.field(default=True, init=False)
    _writer: ResponseWriter = attrs.field(factory=ResponseWriter, init=False)

    @_body.default
    def _body_of_engine(self) -> _Body:
        return _Body(self._engine)

    def feed(self, data: bytes) -> list[ServerEvent]:
        """Take any number of bytes; return what they complete."""
        out: list[ServerEvent] = []
        while data:
            if self._state is State.HEAD:
                data = self._read_head(data, out)
            elif self._state is State.BODY:
                data = self._read_body(data, out)
            else:
                break  # behind a fault, or a request that was to be the last
        return out

    def finish(self) -> list[ServerEvent]:
        """The client closed its side. A `PeerFault` if in the middle of a message."""
        state, self._state = self._state, State.OVER
        if state is State.BODY:
            return [PeerFault("closed in the middle of a body")]
        if state is State.HEAD and self._heads.begun:
            return [PeerFault("closed in the middle of a head")]
        return []

    def proceed(self) -> bytes:
        """`100 Continue`."""
        return CONTINUE

    def head(self, head: ResponseHead, *, method: bytes) -> bytes:
        """Begin a response; see `closes` for one that only the close can end."""
        return self._writer.head(head, method=method)

    def data(self, data: bytes) -> bytes:
        """Frame a piece of the body; empty for HEAD, 204 and 304."""
        return self._writer.data(data)

    def end(self) -> bytes:
        """Complete the response."""
        return self._writer.end()

    @property
    def closes(self) -> bool:
        """Between `head` and `end`: whether the connection must close behind it."""
        return self._writer.to_the_close

    def _read_head(self, data: bytes, out: list[ServerEvent]) -> bytes:
        head, rest = self._heads.feed(data)
        if head is None:
            return b""
        event, length = self._parse(head) if isinstance(head, bytes) else (head, 0)
        out.append(event)
        if isinstance(event, PeerFault):
            self._state = State.OVER
            return b""
        if length == 0:
            self._end(out)
        else:
            self._body.begin(length)
            self._state = State.BODY
        return rest

    def _parse(self, head: bytes) -> tuple[RequestHead | PeerFault, int]:
        line = request_line(head)
        if isinstance(line, PeerFault):
            return line, 0
        fields = self._engine.fields(head)
        if isinstance(fields, PeerFault):
            return fields, 0
        method, target, modern = line
        terms = request_terms(fields, modern=modern)
        if isinstance(terms, PeerFault):
            return terms, 0
        self._keep_alive = terms.keep_alive
        self._writer.asked(modern=modern, keep_alive=terms.keep_alive)
        request = RequestHead(
            method, target, fields, terms.keep_alive, terms.expects_continue
        )
        return request, terms.length

    def _read_body(self, data: bytes, out: list[ServerEvent]) -> bytes:
        body, rest = self._body.feed(data)
        if body:
            out.append(BodyData(body))
        if rest is None:
            return b""
        if isinstance(rest, PeerFault):
            out.append(rest)
            self._state = State.OVER
            return b""
        self._end(out)
        return rest

    def _end(self, out: list[ServerEvent]) -> None:
        out.append(BodyEnded())
        self._state = State.HEAD if self._keep_alive else State.OVER


@attrs.define
class ClientFlow:
    """The client's side of one connection, one exchange at a time."""

    _engine: Engine
    _heads: HeadReader = attrs.field(factory=HeadReader, init=False)
    _body: _Body = attrs.field(init=False)
    _state: State = attrs.field(default=State.IDLE, init=False)
    _method: bytes = attrs.field(default=b"", init=False)
    _keep_alive: bool = attrs.field(default=True, init=False)
    _to_the_close: bool = attrs.field(default=False, init=False)
    _interim: int = attrs.field(default=0, init=False)

    @_body.default
    def _body_of_engine(self) -> _Body:
        return _Body(self._engine)

    @property
    def reusable(self) -> bool:
        """After `BodyEnded`: whether the connection can carry another exchange."""
        return self._state is State.IDLE and self._keep_alive

    def request(self, head: RequestHead, body: bytes) -> bytes:
        """A whole request. `content-length` is put in; `host` is the caller's."""
        if not self.reusable:
            raise LocalError("a request on a connection that cannot carry it")
        text = write_request(head, body)
        terms = request_terms(head.headers, modern=True)
        self._keep_alive = not isinstance(terms, PeerFault) and terms.keep_alive
        self._state, self._method, self._interim = State.HEAD, head.method, 0
        return text

    def feed(self, data: bytes) -> list[ClientEvent]:
        """Informational (1xx) responses are swallowed."""
        out: list[ClientEvent] = []
        while data:
            if self._state is State.HEAD:
                data = self._read_head(data, out)
            elif self._state is State.BODY:
                data = self._read_body(data, out)
            else:
                self._unasked(out)
                break
        return out

    def finish(self) -> list[ClientEvent]:
        """The server closed: ends a body that runs to the close, else a fault."""
        state, self._state = self._state, State.OVER
        if state is State.BODY:
            if self._to_the_close:
                return [BodyEnded()]
            return [_fault("closed in the middle of a body")]
        if state is State.HEAD:
            where = "a head" if self._heads.begun else "an exchange"
            return [_fault(f"closed in the middle of {where}")]
        return []

    def _unasked(self, out: list[ClientEvent]) -> None:
        # Behind a complete response it spoils the connection, not the response.
        if self._state is State.IDLE and not self._method:
            out.append(_fault("a response that nobody asked for"))
        self._state = State.OVER

    def _read_head(self, data: bytes, out: list[ClientEvent]) -> bytes:
        head, rest = self._heads.feed(data)
        if head is None:
            return b""
        event = self._parse(head) if isinstance(head, bytes) else _fault(head.reason)
        if isinstance(event, PeerFault):
            out.append(event)
            self._state = State.OVER
            return b""
        response, length = event
        if response.status < 200:
            return rest
        out.append(response)
        if length == 0:
            self._end(out)
        else:
            self._to_the_close = length == CLOSED
            self._body.begin(length)
            self._state = State.BODY
        return rest

    def _parse(self, head: bytes) -> tuple[ResponseHead, int] | PeerFault:
        line = status_line(head)
        if isinstance(line, PeerFault):
            return _fault(line.reason)
        status, modern = line
        self._interim += 1
        if status == 101 or (status < 200 and self._interim > MAX_INTERIM):
            return _fault("an interim response that nobody can use")
        if status < 200:
            return ResponseHead(status, ()), 0
        fields = self._engine.fields(head)
        if isinstance(fields, PeerFault):
            return _fault(fields.reason)
        terms = response_terms(
            fields, modern=modern, status=status, method=self._method
        )
        if isinstance(terms, PeerFault):
            return _fault(terms.reason)
        if not modern or not terms.keep_alive:
            self._keep_alive = False
        return ResponseHead(status, fields), terms.length

    def _read_body(self, data: bytes, out: list[ClientEvent]) -> bytes:
        body, rest = self._body.feed(data)
        if body:
            out.append(BodyData(body))
        if rest is None:
            return b""
        if isinstance(rest, PeerFault):
            out.append(_fault(rest.reason))
            self._state = State.OVER
            return b""
        self._end(out)
        return rest

    def _end(self, out: list[ClientEvent]) -> None:
        out.append(BodyEnded())
        self._state = State.IDLE


# What is an upstream's fault is never the downstream's: 502, RFC 9110, 15.6.3.
_UPSTREAM: Final = 502


def _fault(reason: str) -> PeerFault:
    return PeerFault(reason, _UPSTREAM)
