"""A transport for the SDKs that keeps a copy of what they read.

The bytes that a client understood and the bytes that are held against the grammar are
the same ones. What a client no longer reads, because its stream is over for it, is read
to the end all the same.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import httpx2

__all__ = ["Tee"]


class Tee(httpx2.HTTPTransport):
    """Real sockets; `heard` is the body of the latest answer."""

    def __init__(self) -> None:
        super().__init__()
        self.heard = bytearray()

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        response = super().handle_request(request)
        self.heard = bytearray()
        stream = response.stream
        assert isinstance(stream, httpx2.SyncByteStream)
        response.stream = _Copied(stream, self.heard)
        return response


class _Copied(httpx2.SyncByteStream):
    def __init__(self, stream: httpx2.SyncByteStream, copy: bytearray) -> None:
        self._stream = stream
        self._chunks = iter(stream)
        self._copy = copy

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._chunks:
            self._copy += chunk
            yield chunk

    def close(self) -> None:
        # After an error of the connection there is nothing left to read.
        with contextlib.suppress(httpx2.HTTPError, httpx2.StreamError):
            for chunk in self._chunks:
                self._copy += chunk
        self._stream.close()
