"""HTTP/1.1 messages as bytes. Refuses to write what would be read as something else."""

from __future__ import annotations

from collections import deque
from http import HTTPStatus
from typing import Final

import attrs

from cliproxy_core.base.errors import LocalError

from .http import Headers, RequestHead, ResponseHead

__all__ = ["CONTINUE", "ResponseWriter", "write_request"]

CONTINUE: Final = b"HTTP/1.1 100 Continue\r\n\r\n"

_STATUS_LINES: Final = {
    int(status): b"HTTP/1.1 %d %b\r\n" % (status, status.phrase.encode())
    for status in HTTPStatus
}

# How the body that is being written ends; positive numbers are bytes to come.
_IDLE: Final = -1
_CHUNKED: Final = -2
_CLOSE: Final = -3
_NONE: Final = -4


@attrs.define
class ResponseWriter:
    """Writes one response after another, each framed as its client understands."""

    _left: int = attrs.field(default=_IDLE, init=False)
    _asked: deque[tuple[bool, bool]] = attrs.field(factory=deque, init=False)
    """For each request without an answer: is it HTTP/1.1, may it keep alive."""

    def asked(self, *, modern: bool, keep_alive: bool) -> None:
        """A request came that will be answered in its turn."""
        self._asked.append((modern, keep_alive))

    @property
    def to_the_close(self) -> bool:
        """Whether only closing the connection ends the current body."""
        return self._left == _CLOSE

    def head(self, head: ResponseHead, *, method: bytes) -> bytes:
        if self._left != _IDLE:
            raise LocalError("a response inside another")
        status = head.status
        if status < 200:
            raise LocalError("an interim response where a final one belongs")
        modern, keep_alive = self._asked.popleft() if self._asked else (False, False)
        length = _length(head.headers)
        extra = b""
        if method == b"HEAD" or status == 204 or status == 304:
            left = _NONE
        elif length is not None:
            left = length
        elif modern:
            left, extra = _CHUNKED, b"transfer-encoding: chunked\r\n"
        else:
            left = _CLOSE
        if not modern and not _names(head.headers, b"connection"):
            # An HTTP/1.0 client goes by what is said; nothing means close.
            stays = keep_alive and left != _CLOSE
            extra = b"connection: keep-alive\r\n" if stays else b"connection: close\r\n"
        line = _STATUS_LINES.get(status) or b"HTTP/1.1 %d \r\n" % status
        text = _head(line, head.headers, extra)
        self._left = left
        return text

    def data(self, data: bytes) -> bytes:
        left = self._left
        if left == _CHUNKED:
            # An empty chunk would be the end.
            return b"%x\r\n%b\r\n" % (len(data), data) if data else b""
        if left >= 0:
            if len(data) > left:
                raise LocalError("a body longer than its content-length")
            self._left = left - len(data)
            return data
        if left == _IDLE:
            raise LocalError("a body without a head")
        return data if left == _CLOSE else b""

    def end(self) -> bytes:
        left, self._left = self._left, _IDLE
        if left == _CHUNKED:
            return b"0\r\n\r\n"
        if left > 0:
            raise LocalError("a body shorter than its content-length")
        if left == _IDLE:
            raise LocalError("the end of no response")
        return b""


def write_request(head: RequestHead, body: bytes) -> bytes:
    """A whole request. `content-length` is put in; `host` must be there."""
    if _length(head.headers) is not None:
        raise LocalError("content-length is not the caller's to give")
    if _names(head.headers, b"host") != 1:
        raise LocalError("a request needs one host")
    if not head.method or not head.target or b" " in head.method + head.target:
        raise LocalError("a method or target that ends too early")
    extra = b""
    if body or head.method in (b"POST", b"PUT", b"PATCH"):
        extra = b"content-length: %d\r\n" % len(body)
    line = b"%b %b HTTP/1.1\r\n" % (head.method, head.target)
    return _head(line, head.headers, extra) + body


def _head(line: bytes, headers: Headers, extra: bytes) -> bytes:
    fields = [b"%b: %b\r\n" % field for field in headers]
    text = b"".join((line, *fields, extra, b"\r\n"))
    # Each line gave one CR and one LF; any more came in with a name or a value.
    lines = len(fields) + 2 + bool(extra)
    if text.count(b"\n") != lines or text.count(b"\r") != lines or b"\0" in text:
        raise LocalError("a header field that would break out of its line")
    return text


def _names(headers: Headers, name: bytes) -> int:
    return sum(key == name for key, _ in headers)


def _length(headers: Headers) -> int | None:
    length = None
    for name, content in headers:
        if name == b"content-length":
            if length is not None or not content.isdigit():
                raise LocalError("a content-length that means nothing")
            length = int(content)
        elif name == b"transfer-encoding":
            raise LocalError("transfer-encoding is not the caller's to give")
    return length
