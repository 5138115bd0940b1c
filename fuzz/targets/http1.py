"""Both HTTP engines: only documented events, whatever the cut, and one meaning."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from cliproxy_core.wire.http import (
    BodyData,
    BodyEnded,
    ClientCodec,
    ClientEvent,
    PeerFault,
    RequestHead,
    ResponseHead,
    ServerCodec,
    ServerEvent,
)
from cliproxy_core.wire.http1 import H11Client, H11Server
from cliproxy_core.wire.http1_fast import FastClient, FastServer

__all__ = ["run"]

Event: TypeAlias = ServerEvent | ClientEvent
Codec: TypeAlias = ServerCodec | ClientCodec

ASKED = RequestHead(b"GET", b"/", ((b"host", b"h"),))


def run(data: bytes) -> None:
    """Let all four codecs read the same bytes."""
    _agree(_events(H11Server, data), _events(FastServer, data))
    _agree(_events(_h11_client, data), _events(_fast_client, data))


def _events(made: Callable[[], Codec], data: bytes) -> list[Event]:
    whole, bytewise = made(), made()
    events = _merged([*whole.feed(data), *whole.finish()])
    cut = [event for byte in data for event in bytewise.feed(bytes([byte]))]
    assert events == _merged([*cut, *bytewise.finish()])
    faults = [isinstance(event, PeerFault) for event in events]
    assert not any(faults[:-1])
    return events


def _agree(ours: list[Event], theirs: list[Event]) -> None:
    """What both accept means the same; where one stops, the other may go on."""
    for one, other in zip(ours, theirs, strict=False):
        if isinstance(one, PeerFault) or isinstance(other, PeerFault):
            return
        match one:
            case RequestHead(method, target):
                assert isinstance(other, RequestHead)
                assert (method, target) == (other.method, other.target)
                assert one.keep_alive == other.keep_alive
            case ResponseHead(status):
                assert isinstance(other, ResponseHead)
                assert status == other.status
            case BodyData():
                # One may have met its fault behind fewer bytes.
                assert isinstance(other, BodyData)
                if one != other:
                    assert _prefix(one.data, other.data)
                    return
            case _:
                assert one == other


def _prefix(one: bytes, other: bytes) -> bool:
    return one.startswith(other) or other.startswith(one)


def _merged(events: Sequence[Event]) -> list[Event]:
    out: list[Event] = []
    for event in events:
        assert isinstance(
            event, RequestHead | ResponseHead | BodyData | BodyEnded | PeerFault
        )
        last = out[-1] if out else None
        if isinstance(event, BodyData) and isinstance(last, BodyData):
            out[-1] = BodyData(last.data + event.data)
        else:
            out.append(event)
    return out


def _h11_client() -> ClientCodec:
    client = H11Client()
    client.request(ASKED, b"")
    return client


def _fast_client() -> ClientCodec:
    client = FastClient()
    client.request(ASKED, b"")
    return client
