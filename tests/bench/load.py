"""The client of the whole-proxy rows: raw asyncio, every answer checked.

A proxy that is fast because its answers are wrong is not fast: an exchange counts only
if its status, its words and its end are right.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable
from typing import Any, Final, cast

import attrs
import orjson

from tests.bench.samples import CHAT, MODEL, PATHS, TEXT_OF_WHOLE, token

__all__ = ["Tally", "Wish", "closed_loop", "hold_open", "one_by_one", "paced"]

_STAMP = re.compile(rb"~(\d+)~ ")
_END_MARK: Final = {CHAT: b"data: [DONE]\n\n"}
_CLAUDE_END: Final = b'{"type":"message_stop"}\n\n'

# What an answer may take on a machine that is busy with other things.
PATIENCE: Final = 30.0

MAX_REASON: Final = 60


@attrs.define
class Tally:
    """What one round of load came to."""

    right: int = 0
    events: int = 0
    wrong: int = 0
    reason: str = ""
    """Why the first wrong answer was wrong."""
    delays: list[int] = attrs.field(factory=list)
    """Nanoseconds from the upstream's write, or from the request, to the client."""

    def fail(self, reason: str) -> None:
        self.wrong += 1
        line = " ".join(reason.replace("|", " ").split())  # a cell of a table
        self.reason = self.reason or line[:MAX_REASON]


@attrs.frozen(kw_only=True)
class Wish:
    """What to ask for: the caller's dialect, the kind of answer, its events."""

    dialect: str
    kind: str
    events: int = 0

    def request(self) -> bytes:
        document: dict[str, Any] = {
            "model": MODEL,
            "max_tokens": 1024,
            "stream": self.kind != "json",
            "messages": [
                {"role": "user", "content": f"bench-{self.kind}-{self.events} please"}
            ],
        }
        body = orjson.dumps(document)
        head = (
            f"POST {PATHS[self.dialect]} HTTP/1.1\r\nhost: 127.0.0.1\r\n"
            "content-type: application/json\r\nauthorization: Bearer bench\r\n"
            f"content-length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body

    def fault(self, status: int, body: bytes, *, closely: bool) -> str:
        """What is wrong with an answer; nothing: it is right."""
        if status != 200:
            return f"status {status}: {body[:200].decode('utf-8', 'replace')}"
        if self.kind == "json":
            return "" if _said(self.dialect, body) == TEXT_OF_WHOLE else "wrong words"
        tail = body.replace(b'": "', b'":"')[-100:]
        if not tail.endswith(_END_MARK.get(self.dialect, _CLAUDE_END)):
            return "the stream did not end"
        if self.kind == "paced":
            stamps = len(_STAMP.findall(body))
            return "" if stamps == self.events else f"{stamps} events"
        if body.count(b"\n\n") < self.events:
            return "events are missing"
        if closely and _words(body) != "".join(map(token, range(self.events))):
            return "wrong words"
        return ""


def _said(dialect: str, body: bytes) -> str:
    try:
        document = orjson.loads(body)
        if dialect == CHAT:
            return str(document["choices"][0]["message"]["content"])
        return "".join(block["text"] for block in document["content"])
    except (ValueError, LookupError, TypeError):
        return ""


def _words(body: bytes) -> str:
    """The text of a stream in either dialect."""
    out = []
    for line in body.split(b"\n"):
        if line.startswith(b"data: {"):
            payload = orjson.loads(line[6:])
            choices = payload.get("choices", ())
            out += [choice["delta"].get("content") or "" for choice in choices]
            if payload.get("type") == "content_block_delta":
                out.append(payload["delta"].get("text", ""))
    return "".join(out)


class Connection(asyncio.Protocol):
    """One keep-alive connection: a request at a time, its answer unframed."""

    def __init__(self) -> None:
        self.status = 0
        self.body: list[bytes] = []
        self.first_byte = 0
        self.heard: Callable[[], None] | None = None
        """Called once, when a body's first byte is there."""
        self.delays: list[int] | None = None
        self._done: asyncio.Future[None] | None = None
        self._held = b""
        self._left = -1
        """Bytes to come of the body or of its chunk; -1: the head, or a size."""
        self._in_head = True
        self._chunked = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # A cast: uvloop's transports are not asyncio.Transport by inheritance.
        self._transport = cast("asyncio.Transport", transport)

    def ask(self, request: bytes) -> asyncio.Future[None]:
        self.status, self.first_byte, self._in_head, self._left = 0, 0, True, -1
        self._held, self.body = b"", []
        self._done = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return self._done

    def close(self) -> None:
        self._done = None
        self._transport.abort()

    def data_received(self, data: bytes) -> None:
        if self.delays is not None:
            now = time.monotonic_ns()
            self.delays += [now - int(stamp) for stamp in _STAMP.findall(data)]
        self._held += data
        if self._in_head and not self._head():
            return
        if self._chunked:
            self._chunks()
        else:
            self._take(len(self._held))
            if self._left <= 0:
                self._finish()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._done is not None and not self._done.done():
            self._done.set_exception(ConnectionError("the proxy closed the connection"))

    def _head(self) -> bool:
        head, found, rest = self._held.partition(b"\r\n\r\n")
        if not found:
            return False
        self.status = int(head[9:12])
        fields = head.lower()
        self._chunked = b"\r\ntransfer-encoding: chunked" in fields
        if not self._chunked:
            self._left = int(fields.partition(b"\r\ncontent-length: ")[2].split()[0])
        self._held, self._in_head = rest, False
        return True

    def _chunks(self) -> None:
        while self._held:
            if self._left < 0:
                size, found, rest = self._held.partition(b"\r\n")
                if not found:
                    return
                self._left, self._held = int(size, 16) + 2, rest
                if self._left == 2:
                    self._finish()
                    return
            self._take(self._left)
            if self._left == 0:
                self.body[-1] = self.body[-1].removesuffix(b"\r\n")
                self._left = -1

    def _take(self, most: int) -> None:
        piece, self._held = self._held[:most], self._held[most:]
        self._left -= len(piece)
        if not self.first_byte:
            self.first_byte = time.monotonic_ns()
            if self.heard is not None:
                self.heard()
        self.body.append(piece)

    def _finish(self) -> None:
        if self._done is not None and not self._done.done():
            self._done.set_result(None)


async def _connect(port: int) -> Connection:
    loop = asyncio.get_running_loop()
    _, connection = await loop.create_connection(Connection, "127.0.0.1", port)
    return connection


async def _exchange(
    connection: Connection, wish: Wish, request: bytes, tally: Tally, patience: float
) -> bool:
    """One request and its answer, checked; whether the connection can be used on."""
    closely = not tally.right
    try:
        async with asyncio.timeout(patience):
            await connection.ask(request)
    except TimeoutError:
        tally.fail("no complete answer in time")
        return False
    except (ConnectionError, ValueError, IndexError) as error:
        tally.fail(str(error))
        return False
    fault = wish.fault(connection.status, b"".join(connection.body), closely=closely)
    if fault:
        tally.fail(fault)
        return connection.status == 200
    tally.right += 1
    tally.events += wish.events
    return True


async def closed_loop(
    port: int, wish: Wish, *, connections: int, seconds: float
) -> Tally:
    """Each connection asks again as soon as it was answered."""
    tally, request = Tally(), wish.request()
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds

    async def caller() -> None:
        connection = await _connect(port)
        while loop.time() < end:
            if not await _exchange(connection, wish, request, tally, PATIENCE):
                break
        connection.close()

    async with asyncio.TaskGroup() as callers:
        for _ in range(connections):
            callers.create_task(caller())
    return tally


async def one_by_one(port: int, wish: Wish, *, count: int) -> Tally:
    """One connection, one request at a time; delays are times to the first byte."""
    tally, request = Tally(), wish.request()
    connection = await _connect(port)
    for _ in range(count):
        asked = time.monotonic_ns()
        if not await _exchange(connection, wish, request, tally, PATIENCE):
            break
        tally.delays.append(connection.first_byte - asked)
    connection.close()
    return tally


async def paced(
    port: int, wish: Wish, *, streams: int, seconds: float, halfway: Callable[[], None]
) -> Tally:
    """Streams side by side, begun at different times within one event's distance."""
    tally, request = Tally(), wish.request()
    loop = asyncio.get_running_loop()
    begin = loop.time() + 0.1
    loop.call_later(seconds / 2, halfway)

    async def caller(number: int) -> None:
        connection = await _connect(port)
        connection.delays = tally.delays
        start = asyncio.Event()
        loop.call_at(begin + number * 0.02 / streams, start.set)
        await start.wait()
        await _exchange(connection, wish, request, tally, seconds + PATIENCE)
        connection.close()

    async with asyncio.TaskGroup() as callers:
        for number in range(streams):
            callers.create_task(caller(number))
    return tally


async def hold_open(
    port: int, wish: Wish, *, streams: int, steps: Callable[[int], None]
) -> int:
    """Open streams that say one word, and keep them; `steps` hears of each tenth."""
    request = wish.request()
    held: list[Connection] = []
    try:
        for number in range(1, streams + 1):
            connection = await _connect(port)
            held.append(connection)
            heard = asyncio.Event()
            connection.heard = heard.set
            connection.ask(request)
            async with asyncio.timeout(PATIENCE):
                await heard.wait()
            if connection.status != 200:
                return number - 1
            if number % (streams // 10) == 0:
                steps(number)
    except (TimeoutError, ConnectionError):
        return len(held) - 1
    finally:
        for connection in held:
            connection.close()
    return len(held)
