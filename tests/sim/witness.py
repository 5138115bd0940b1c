"""What a client received, read without any of the code that wrote it.

HTTP answers are taken apart here, plainly; streams in them are held against the
grammar of the caller's dialect.
"""

from __future__ import annotations

import re

import attrs

from cliproxy_core.base.jsonval import as_object, loads
from cliproxy_core.dialects import DIALECTS
from cliproxy_core.ir.grammar import Checker

__all__ = ["Heard", "answers", "check_stream", "data_of"]

_STATUS = re.compile(rb"HTTP/1\.1 (\d{3}) [A-Za-z \-']*")
_FIELD = re.compile(rb"([!#-'*+\-.^-z|~0-9A-Z]+): ([ -~]*)")


@attrs.define
class Heard:
    """One answer, as much of it as has come."""

    status: int
    headers: dict[bytes, bytes]
    body: bytes = b""
    complete: bool = False

    @property
    def streams(self) -> bool:
        return self.headers.get(b"content-type", b"").startswith(b"text/event-stream")


def answers(received: bytes) -> list[Heard]:
    """Every answer; all but the last are complete. Asserts that it is HTTP."""
    out: list[Heard] = []
    rest = received
    while rest:
        assert not out or out[-1].complete, "bytes behind an answer without an end"
        head, found, rest = rest.partition(b"\r\n\r\n")
        assert found, "heads are written whole"
        line, *fields = head.split(b"\r\n")
        status = _STATUS.fullmatch(line)
        assert status, line
        if status[1] == b"100":
            continue
        heard = Heard(int(status[1]), {})
        for field in fields:
            match = _FIELD.fullmatch(field)
            assert match, field
            assert match[1] not in heard.headers, field
            heard.headers[match[1]] = match[2]
        rest = _chunked(heard, rest) if _is_chunked(heard) else _sized(heard, rest)
        out.append(heard)
    return out


def _is_chunked(heard: Heard) -> bool:
    return heard.headers.get(b"transfer-encoding") == b"chunked"


def _sized(heard: Heard, rest: bytes) -> bytes:
    length = int(heard.headers[b"content-length"])
    heard.body = rest[:length]
    heard.complete = len(heard.body) == length
    return rest[length:]


def _chunked(heard: Heard, rest: bytes) -> bytes:
    while rest:
        line, found, rest = rest.partition(b"\r\n")
        assert found, "chunks are written whole"
        size = int(line, 16)
        assert rest[size : size + 2] == b"\r\n"
        heard.body += rest[:size]
        rest = rest[size + 2 :]
        if size == 0:
            heard.complete = True
            return rest
    return b""


def data_of(body: bytes) -> list[bytes]:
    """The data of a stream's events. Frames are written whole, one line of data.

    Google ends its lines with CRLF, and natively they go on so.
    """
    frames = body.replace(b"\r\n", b"\n").split(b"\n\n")
    assert frames.pop() == b"", "half a frame"
    out: list[bytes] = []
    for frame in frames:
        lines = [line for line in frame.split(b"\n") if line[:1] != b":"]
        data = [line[6:] for line in lines if line.startswith(b"data: ")]
        assert len(lines) <= 2, frame
        assert len(data) == bool(lines), frame
        out += data
    return out


def check_stream(dialect: str, heard: Heard) -> None:
    """What came is legal so far, and if it is complete it ended legally."""
    known = DIALECTS[dialect]
    checker = Checker(known.grammar)
    for data in data_of(heard.body):
        payload = None if data == b"[DONE]" else as_object(loads(data), "")
        violation = checker.check(known.classify(payload))
        assert violation is None, (violation, data)
    assert checker.complete or not heard.complete, "an end that is none"
