"""The words of HTTP messages, whichever engine reads or writes them (RFC 9110).

Header names are lower-case bytes, in the order they came. A codec reports what the
peer did wrong as `PeerFault`, never as an exception, and nothing comes after it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeAlias

import attrs

from cliproxy_core.base.value import value

__all__ = [
    "BodyData",
    "BodyEnded",
    "ClientCodec",
    "ClientEvent",
    "Headers",
    "PeerFault",
    "RequestHead",
    "ResponseHead",
    "ServerCodec",
    "ServerEvent",
    "get_header",
]

Headers: TypeAlias = tuple[tuple[bytes, bytes], ...]


@value
class RequestHead:
    """The first line and the header fields of a request."""

    method: bytes
    target: bytes = attrs.field(repr=False)  # its query may hold a key
    headers: Headers = attrs.field(repr=False)
    keep_alive: bool = True
    """Whether the client allows another request on this connection."""
    expects_continue: bool = False
    """Whether the client waits for `100 Continue` before it sends the body."""


@value
class ResponseHead:
    """The status and the header fields of a response."""

    status: int
    headers: Headers = attrs.field(repr=False)


@value
class BodyData:
    """Some bytes of a body, already unframed."""

    data: bytes = attrs.field(repr=False)


@value
class BodyEnded:
    """The message is complete."""


@value
class PeerFault:
    """The peer broke the protocol, or closed too early."""

    reason: str
    status: int = 400
    """What a server should answer, if it still can."""


ServerEvent: TypeAlias = RequestHead | BodyData | BodyEnded | PeerFault
ClientEvent: TypeAlias = ResponseHead | BodyData | BodyEnded | PeerFault


class ServerCodec(Protocol):
    """The server's side of one HTTP/1.1 connection.

    Requests may be pipelined: events of the next request may follow `BodyEnded` in
    the same list. Responses are written one after another, in order.
    """

    def feed(self, data: bytes, /) -> Sequence[ServerEvent]: ...

    def finish(self) -> Sequence[ServerEvent]:
        """The client closed its side. A `PeerFault` if in the middle of a message."""

    def proceed(self) -> bytes:
        """`100 Continue`."""

    def head(self, head: ResponseHead, /, *, method: bytes) -> bytes:
        """Begin a response to a request of that method.

        Without a content-length the body is chunked. The caller decides on
        `connection: close` by putting the header in.
        """

    def data(self, data: bytes, /) -> bytes:
        """Frame a piece of the body; empty for HEAD, 204 and 304."""

    def end(self) -> bytes:
        """Complete the response."""

    @property
    def closes(self) -> bool:
        """Between `head` and `end`: whether only the close ends this response."""


class ClientCodec(Protocol):
    """The client's side of one HTTP/1.1 connection, one exchange at a time."""

    def request(self, head: RequestHead, body: bytes, /) -> bytes:
        """A whole request. `content-length` is put in; `host` is the caller's."""

    def feed(self, data: bytes, /) -> Sequence[ClientEvent]:
        """Informational (1xx) responses are swallowed."""

    def finish(self) -> Sequence[ClientEvent]:
        """The server closed: ends a body that runs to the close, else a fault."""

    @property
    def reusable(self) -> bool:
        """After `BodyEnded`: whether the connection can carry another exchange."""


def get_header(headers: Headers, name: bytes) -> bytes | None:
    """The first field of that lower-case name."""
    for key, field in headers:
        if key == name:
            return field
    return None
