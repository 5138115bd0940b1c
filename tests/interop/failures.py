"""What goes wrong at an upstream, in both dialects, and what must come of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import attrs

from cliproxy_core.testing.script import (
    Close,
    End,
    Reset,
    Say,
    ScriptStep,
    Stall,
    json_answer,
    sse_answer,
)
from tests.interop.bends import chat_frames as chat
from tests.interop.bends import claude_frames as claude

__all__ = [
    "FAILURES",
    "GREETINGS",
    "MESSAGE",
    "SILENT_AFTER",
    "SILENT_BEFORE",
    "WHOLE",
    "Failing",
]

# A connection that is kept and breaks when it is used again would be tried afresh, and
# what is counted here are the credentials.
CLOSE: Final = (b"connection", b"close")

MESSAGE: Final = "the elephant sits on the cable"
SAID: Final = "One two three"

# What each upstream says until something happens: three tokens.
STARTS: Final[Mapping[str, tuple[bytes, ...]]] = {
    "chat": (chat.ROLE, chat.text("One"), chat.text(" two"), chat.text(" three")),
    "claude": (claude.BEGIN, *claude.words(0, "One", " two", " three")[:-1]),
}

GREETINGS: Final[Mapping[str, tuple[bytes, ...]]] = {
    "chat": (chat.ROLE, chat.text("Hel"), chat.text("lo"), *chat.STOP),
    "claude": (claude.BEGIN, *claude.GREETING, *claude.DONE),
}
"""A stream in good order."""

WHOLE: Final[Mapping[str, Any]] = {
    "chat": {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1767225600,
        "model": "m",
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": "Hello"},
                "finish_reason": "stop",
            }
        ],
        "usage": chat.COUNTS,
    },
    "claude": {
        **claude.MESSAGE,
        "content": [{"type": "text", "text": "Hello"}],
        "stop_reason": "end_turn",
        "usage": {**claude.BEFORE, "output_tokens": 5},
    },
}
"""A document in good order."""

ERRORS: Final[Mapping[str, Any]] = {
    "chat": {"error": {"message": MESSAGE, "type": "server_error", "code": None}},
    "claude": {"type": "error", "error": {"type": "api_error", "message": MESSAGE}},
}
PAGE: Final = (
    b"<!DOCTYPE html><html><head><title>" + MESSAGE.encode() + b"</title></head>"
    b"<body><h1>Sorry</h1></body></html>"
)


@attrs.frozen(kw_only=True)
class Failing:
    """One way to fail."""

    name: str
    answers: Mapping[str, Sequence[ScriptStep]]
    """By the upstream's dialect."""
    status: int
    """What the caller is told where nothing was sent to him before."""
    message: str = ""
    """Words that he must read."""
    said: str = ""
    """Content that he gets first, in a stream."""
    final: bool = False
    """Whether nobody else is asked even before the first content."""

    def __str__(self) -> str:
        return self.name


def _refusal(status: int, *headers: tuple[bytes, bytes]) -> Mapping[str, Any]:
    fields = (*headers, CLOSE)
    return {n: json_answer(status, e, fields) for n, e in ERRORS.items()}


def _html(status: int) -> Mapping[str, Any]:
    head = b"HTTP/1.1 %d \r\ncontent-type: text/html\r\nconnection: close\r\n" % status
    length = b"content-length: %d\r\n\r\n" % len(PAGE)
    return dict.fromkeys(ERRORS, (Say(head + length + PAGE),))


def _started(end: End, *, last: Mapping[str, bytes] | None = None) -> Mapping[str, Any]:
    """Three tokens, then maybe a last frame, then the end, all in one write."""
    tails = last or dict.fromkeys(STARTS, b"")
    return {
        name: sse_answer((*frames, tails[name]), end=end, cut=1 << 16, headers=(CLOSE,))
        for name, frames in STARTS.items()
    }


def _raw(*steps: ScriptStep) -> Mapping[str, Any]:
    return dict.fromkeys(ERRORS, steps)


STREAM_HEAD: Final = (
    b"HTTP/1.1 200 \r\ncontent-type: text/event-stream\r\n"
    b"connection: close\r\ntransfer-encoding: chunked\r\n\r\n"
)
ERROR_EVENTS: Final = {
    "chat": chat.event(ERRORS["chat"]),
    "claude": claude.event("error", error=ERRORS["claude"]["error"]),
}
EMPTY: Final = (
    b"HTTP/1.1 200 \r\ncontent-type: application/json\r\n"
    b"connection: close\r\ncontent-length: 0\r\n\r\n"
)
HALF: Final = (
    b"HTTP/1.1 200 \r\ncontent-type: application/json\r\n"
    b'content-length: 900\r\n\r\n{"id":"x","mod'
)

FAILURES: Final = (
    Failing(
        name="429",
        answers=_refusal(429, (b"retry-after", b"7")),
        status=429,
        message=MESSAGE,
    ),
    Failing(name="500", answers=_refusal(500), status=500, message=MESSAGE),
    Failing(name="529", answers=_refusal(529), status=529, message=MESSAGE),
    Failing(name="401", answers=_refusal(401), status=401, message=MESSAGE),
    Failing(name="400", answers=_refusal(400), status=400, message=MESSAGE, final=True),
    Failing(name="502 in HTML", answers=_html(502), status=502, message=MESSAGE),
    Failing(
        name="error event in a 200",
        answers=_started(End.CHUNKED, last=ERROR_EVENTS),
        status=500,
        message=MESSAGE,
        said=SAID,
    ),
    Failing(
        name="error event at once",
        answers={
            n: sse_answer((e,), headers=(CLOSE,)) for n, e in ERROR_EVENTS.items()
        },
        status=500,
        message=MESSAGE,
    ),
    Failing(
        name="error document in a 200",
        answers=_refusal(200),
        status=500,
        message=MESSAGE,
    ),
    Failing(
        name="reset after three tokens",
        answers=_started(End.RESET),
        status=502,
        message="upstream",
        said=SAID,
    ),
    Failing(
        name="closed in good order after three tokens",
        answers=_started(End.CHUNKED),
        status=502,
        message="upstream",
        said=SAID,
    ),
    Failing(
        name="closed without the last chunk after three tokens",
        answers=_started(End.TRUNCATED),
        status=502,
        message="upstream",
        said=SAID,
    ),
    Failing(
        name="reset after the head",
        answers=_raw(Say(STREAM_HEAD), Reset()),
        status=502,
        message="upstream",
    ),
    Failing(name="reset at once", answers=_raw(Reset()), status=502),
    Failing(name="closed at once", answers=_raw(Close()), status=502),
    Failing(name="empty document", answers=_raw(Say(EMPTY)), status=502),
    Failing(
        name="empty stream",
        answers=_raw(Say(STREAM_HEAD + b"0\r\n\r\n")),
        status=502,
        message="upstream",
    ),
    Failing(name="half a document", answers=_raw(Say(HALF), Close()), status=502),
    Failing(name="HTML in a 200", answers=_html(200), status=502),
    Failing(
        name="not HTTP",
        answers=_raw(Say(b"SSH-2.0-OpenSSH_9.9\r\n\r\n"), Close()),
        status=502,
    ),
)

SILENT_BEFORE: Final = (
    Failing(name="silent at once", answers=_raw(Stall()), status=504),
    Failing(
        name="silent after the head",
        answers=_raw(Say(STREAM_HEAD), Stall()),
        status=504,
    ),
)
"""With a short deadline for the first byte."""

SILENT_AFTER: Final = (
    Failing(
        name="silent after three tokens",
        answers=_started(End.STALLED),
        status=504,
        message="upstream",
        said=SAID,
    ),
)
"""With a short deadline for silence."""
