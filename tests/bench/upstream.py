"""The upstream of the whole-proxy rows: canned Chat answers over raw asyncio.

What is answered is told by a word in the request's body, so that any proxy in between
may rename models and rewrite requests: `bench-json`, `bench-burst-500` (so many events
in a few large writes), `bench-paced-250` (so many events, 50 a second, one write each,
each telling when it was written), `bench-first-3` (at once), `bench-idle-0` (a first
word, then silence).

Run as `python -m tests.bench.upstream`; prints its port, ends with its parent.
"""

from __future__ import annotations

import asyncio
import functools
import re
import sys
import time
from typing import Final, cast

from tests.bench.samples import CHAT, CHAT_WHOLE, chat_chunk, chunked, frames

__all__ = ["EVENTS_PER_SECOND", "loop_factory", "main"]

EVENTS_PER_SECOND: Final = 50

# One write of an upstream that has much to say.
WRITE: Final = 64 * 1024

_WISH = re.compile(rb"bench-(json|burst|paced|first|idle)(?:-(\d{1,5}))?")
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)

_HEAD: Final = (
    b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n"
    b"transfer-encoding: chunked\r\n\r\n"
)
_LAST: Final = b"0\r\n\r\n"


def _part(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


_JSON: Final = (
    b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"
    b"content-length: %d\r\n\r\n%b" % (len(CHAT_WHOLE), CHAT_WHOLE)
)
# A word that is a time in nanoseconds, between marks by which the client finds it.
_STAMPED: Final = b"data: %b\n\n" % chat_chunk({"content": "~STAMP~ "}).replace(
    b"STAMP", b"%d"
)
_ROLE, *_, _FINISH, _USAGE, _DONE = frames(CHAT, 0)


@functools.cache
def _whole_stream(count: int) -> bytes:
    """A complete stream in large writes."""
    parts = [_part(piece) for piece in chunked(frames(CHAT, count), WRITE)]
    return b"".join((_HEAD, *parts, _LAST))


class Upstream(asyncio.Protocol):
    """One connection; answers one request after another."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._held = b""
        self._timer: asyncio.TimerHandle | None = None
        self._left = 0
        self._due = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # A cast: uvloop's transports are not asyncio.Transport by inheritance.
        self._transport = cast("asyncio.Transport", transport)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def data_received(self, data: bytes) -> None:
        self._held += data
        end = self._held.find(b"\r\n\r\n")
        if end < 0:
            return
        length = _LENGTH.search(self._held, 0, end)
        if length is None:  # chunked
            complete = self._held.endswith(_LAST)
        else:
            complete = len(self._held) >= end + 4 + int(length[1])
        if complete:
            body, self._held = self._held[end + 4 :], b""
            self._answer(body)

    def _answer(self, body: bytes) -> None:
        wish = _WISH.search(body)
        kind, count = (b"json", 0) if wish is None else (wish[1], int(wish[2] or 0))
        match kind:
            case b"json":
                self._transport.write(_JSON)
            case b"burst" | b"first":
                self._transport.write(_whole_stream(count))
            case _:
                self._begin(count)

    def _begin(self, count: int) -> None:
        """The first event comes at once, with the role before it."""
        word = _STAMPED % time.monotonic_ns()
        self._transport.write(_HEAD + _part(_ROLE) + _part(word))
        self._left = count - 1
        self._due = self._loop.time()
        if count:
            self._wait()

    def _wait(self) -> None:
        self._due += 1 / EVENTS_PER_SECOND
        self._timer = self._loop.call_at(self._due, self._next)

    def _next(self) -> None:
        if self._left:
            self._left -= 1
            self._transport.write(_part(_STAMPED % time.monotonic_ns()))
            self._wait()
        else:
            end = b"".join((_part(_FINISH + _USAGE + _DONE), _LAST))
            self._transport.write(end)


def loop_factory() -> asyncio.AbstractEventLoop:
    """uvloop's where it is installed."""
    try:
        import uvloop
    except ImportError:
        return asyncio.new_event_loop()
    loop: asyncio.AbstractEventLoop = uvloop.new_event_loop()
    return loop


async def _serve() -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Upstream, "127.0.0.1", 0, backlog=2048)
    print(server.sockets[0].getsockname()[1], flush=True)
    gone = asyncio.Event()
    loop.add_reader(sys.stdin.fileno(), gone.set)  # the parent keeps it open
    await gone.wait()
    server.close()


def main() -> None:
    """Serve until standard input ends."""
    with asyncio.Runner(loop_factory=loop_factory) as runner:
        runner.run(_serve())


if __name__ == "__main__":
    main()
