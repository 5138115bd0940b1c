"""Both ends of a proxy in one hand: raw sockets with just enough HTTP to be exact.

Everything blocks, and nothing blocks for longer than `PATIENCE`: what has not come by
then is a failure of the proxy.
"""

from __future__ import annotations

import select
import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final, Self

import attrs

__all__ = ["PATIENCE", "Message", "Peer", "listening", "pump"]

# Far above any deadline that a case sets, and above what a loaded machine needs.
PATIENCE: Final = 15.0

# A peer that is slow should be full soon: by itself the kernel may hold several
# megabytes on each side.
BUFFER_BYTES: Final = 64 * 1024

READ_BYTES: Final = 65536


@attrs.frozen
class Message:
    """A request or a response, its body unframed."""

    first: bytes
    """The first line."""
    headers: dict[bytes, bytes]
    body: bytes = b""

    @property
    def status(self) -> int:
        return int(self.first.split(b" ")[1])


@contextmanager
def listening() -> Iterator[socket.socket]:
    """A listener on a free port of the loopback."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, BUFFER_BYTES)
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        listener.settimeout(PATIENCE)
        yield listener


class Peer:
    """One end of a connection, and what it has received but not looked at."""

    def __init__(self, sock: socket.socket) -> None:
        sock.settimeout(PATIENCE)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sock = sock
        self._held = bytearray()

    @classmethod
    def to(cls, address: tuple[str, int]) -> Self:
        """A new connection to there."""
        sock = socket.socket()
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER_BYTES)
        try:
            sock.connect(address)
        except OSError:
            sock.close()
            raise
        return cls(sock)

    def send(self, data: bytes) -> None:
        """All of it."""
        self.sock.sendall(data)

    # Reading.

    def read_head(self) -> Message:
        """Up to the empty line."""
        first, *lines = self._until(b"\r\n\r\n").split(b"\r\n")
        fields = (line.partition(b":") for line in lines if line)
        return Message(first, {n.lower(): v.strip() for n, _, v in fields})

    def read(self) -> Message:
        """A whole message whose framing says where it ends."""
        head = self.read_head()
        if head.headers.get(b"transfer-encoding") == b"chunked":
            return attrs.evolve(head, body=self.read_chunks())
        length = int(head.headers.get(b"content-length", b"0"))
        return attrs.evolve(head, body=self._exactly(length))

    def read_chunks(self, expected: bytes | None = None) -> bytes:
        """A chunked body's next bytes: as many as expected, or up to its end."""
        out = bytearray()
        while expected is None or len(out) < len(expected):
            size = int(self._until(b"\r\n"), 16)
            out += self._exactly(size)
            assert self._exactly(2) == b"\r\n", "a chunk longer than it says"
            if not size:
                break
        assert expected is None or expected == out, "other bytes than expected"
        return bytes(out)

    def read_to_close(self) -> bytes:
        """Whatever comes until the other side has closed, in order or not."""
        with suppress(ConnectionError):
            while self._more():
                pass
        out = bytes(self._held)
        self._held.clear()
        return out

    def read_some(self) -> bytes:
        """Anything."""
        assert self._more(), "closed without a word"
        return self._take(len(self._held))

    def _until(self, mark: bytes) -> bytes:
        while (at := self._held.find(mark)) < 0:
            assert self._more(), "closed in the middle of a message"
        return self._take(at + len(mark))

    def _exactly(self, size: int) -> bytes:
        while len(self._held) < size:
            assert self._more(), "closed in the middle of a message"
        return self._take(size)

    def _take(self, size: int) -> bytes:
        out = bytes(self._held[:size])
        del self._held[:size]
        return out

    def _more(self) -> bool:
        data = self.sock.recv(READ_BYTES)
        self._held += data
        return bool(data)

    # Ending.

    def close(self) -> None:
        """Hang up; rudely if there is something unread."""
        self.sock.close()

    def reset(self) -> None:
        """Break the connection."""
        now = struct.pack("ii", 1, 0)
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, now)
        self.sock.close()


def pump(source: Peer, data: bytes, patience: float) -> int:
    """Send until it is all out or nothing is taken for that long; how much was."""
    sent, view = 0, memoryview(data)
    with suppress(ConnectionError):
        while sent < len(data):
            _, ready, _ = select.select([], [source.sock], [], patience)
            if not ready:
                break
            sent += source.sock.send(view[sent : sent + READ_BYTES])
    return sent
