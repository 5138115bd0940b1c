"""What the tests of both HTTP engines share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from cliproxy_core.wire.http import (
    BodyData,
    BodyEnded,
    ClientCodec,
    PeerFault,
    RequestHead,
    ResponseHead,
    ServerCodec,
)
from cliproxy_core.wire.http1 import H11Client, H11Server
from cliproxy_core.wire.http1_fast import FastClient, FastServer

ServerType = Callable[[], ServerCodec]
ClientType = Callable[[], ClientCodec]

SERVERS: list[ServerType] = [H11Server, FastServer]
CLIENTS: list[ClientType] = [H11Client, FastClient]
HOST = b"Host: h\r\n"
LINE = b"POST /a HTTP/1.1\r\n" + HOST
CHUNKY = LINE + b"Transfer-Encoding: chunked\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\n"


def merged(events: Sequence[Any]) -> list[Any]:
    """The same events with neighbouring body data joined."""
    out: list[Any] = []
    for event in events:
        if isinstance(event, BodyData) and out and isinstance(out[-1], BodyData):
            out[-1] = BodyData(out[-1].data + event.data)
        else:
            out.append(event)
    return out


def bytewise(data: bytes) -> list[bytes]:
    return [data[i : i + 1] for i in range(len(data))]


def run(codec: ServerCodec | ClientCodec, chunks: Sequence[bytes]) -> list[Any]:
    events: list[Any] = [event for chunk in chunks for event in codec.feed(chunk)]
    return merged([*events, *codec.finish()])


def summary(events: Sequence[Any]) -> list[Any]:
    """Events as short words, so that tables can be read."""
    out: list[Any] = []
    for event in events:
        match event:
            case RequestHead():
                out.append((event.method + b" " + event.target).decode())
            case ResponseHead():
                out.append(event.status)
            case BodyData():
                out.append(event.data)
            case BodyEnded():
                out.append("end")
            case PeerFault():
                out.append(("fault", event.status))
            case _:
                raise TypeError(type(event))
    return out


def asking(made: ClientType, method: bytes = b"GET") -> ClientCodec:
    client = made()
    client.request(RequestHead(method, b"/", ((b"host", b"h"),)), b"")
    return client
