"""Bends of Claude Messages: how events are framed, and events that say nothing."""

from __future__ import annotations

from typing import Final

from cliproxy_core.testing.script import End

from .bend import Bend, Breaks
from .claude_frames import (
    BEGIN,
    DONE,
    END,
    GREETING,
    HELLO,
    begin,
    delta,
    event,
    last,
    nameless,
    start,
    stop,
    typeless,
)

__all__ = ["CLAUDE_FRAMING"]

CLAUDE_FRAMING: Final = (
    Bend("no event lines", nameless(BEGIN, *GREETING, *DONE), HELLO),
    Bend("no types", typeless(BEGIN, *GREETING, *DONE), HELLO),
    Bend(
        "event line of another kind",
        tuple(b"event: message\n" + f for f in nameless(BEGIN, *GREETING, *DONE)),
        HELLO,
    ),
    Bend(
        "CRLF",
        tuple(f.replace(b"\n", b"\r\n") for f in (BEGIN, *GREETING, *DONE)),
        HELLO,
    ),
    Bend(
        "lone CR",
        tuple(f.replace(b"\n", b"\r") for f in (BEGIN, *GREETING, *DONE)),
        HELLO,
    ),
    Bend(
        "no spaces after colons",
        tuple(
            f.replace(b"data: ", b"data:").replace(b"event: ", b"event:")
            for f in (BEGIN, *GREETING, *DONE)
        ),
        HELLO,
    ),
    Bend("byte-order mark", (b"\xef\xbb\xbf" + BEGIN, *GREETING, *DONE), HELLO),
    Bend(
        "comments",
        (
            b": hello\n\n",
            BEGIN,
            b":\n\n",
            *GREETING,
            b": x\n" + last("end_turn"),
            b": y\n\n",
            END,
        ),
        HELLO,
    ),
    Bend(
        "data before the event line",
        tuple(
            b"data: " + d.strip().removeprefix(b"data: ") + b"\n" + e + b"\n\n"
            for e, _, d in (f.partition(b"\n") for f in (BEGIN, *GREETING, *DONE))
        ),
        HELLO,
    ),
    Bend(
        "unknown events",
        (
            BEGIN,
            event("vendor_trace", detail={"a": 1}),
            *GREETING[:2],
            event("vendor_trace"),
            *GREETING[2:],
            *DONE,
        ),
        HELLO,
    ),
    Bend(
        "unknown event first", (event("vendor_trace"), BEGIN, *GREETING, *DONE), HELLO
    ),
    Bend(
        "unknown delta",
        (
            BEGIN,
            *GREETING[:2],
            delta(0, "sparkle_delta", sparkle=1),
            *GREETING[2:],
            *DONE,
        ),
        HELLO,
    ),
    Bend(
        "null fields",
        (
            begin(container=None, stop_details=None),
            start(0, type="text", text=None, citations=None),
            delta(0, "text_delta", text="Hello"),
            delta(0, "text_delta", text=None),
            stop(0),
            event(
                "message_delta",
                delta={
                    "stop_reason": "end_turn",
                    "stop_sequence": None,
                    "stop_details": None,
                    "container": None,
                },
                usage={
                    "output_tokens": 5,
                    "input_tokens": None,
                    "cache_read_input_tokens": None,
                },
            ),
            END,
        ),
        HELLO,
    ),
    Bend("empty data", (BEGIN, b"event: ping\ndata:\n\n", *GREETING, *DONE), HELLO),
    Bend(
        "not JSON",
        (BEGIN, *GREETING[:2], b"event: content_block_delta\ndata: {oops\n\n", *DONE),
        Breaks(said="Hel"),
    ),
    Bend(
        "not an object",
        (BEGIN, *GREETING[:2], b"event: content_block_delta\ndata: 17\n\n", *DONE),
        Breaks(said="Hel"),
    ),
    Bend("not JSON at once", (b"event: message_start\ndata: oops\n\n",), Breaks()),
    Bend("empty body", (), Breaks()),
    Bend("comments only", (b": a\n\n", b": b\n\n"), Breaks()),
    Bend("pings only", (event("ping"), event("ping")), Breaks()),
    Bend("message_stop only", (END,), Breaks()),
    Bend("no end at all", (BEGIN, *GREETING), Breaks(said="Hello")),
    Bend("no end at all, closed", (BEGIN, *GREETING), Breaks(said="Hello"), End.CLOSED),
    Bend(
        "cut inside a frame",
        (BEGIN, *GREETING[:2], GREETING[2][:-9]),
        Breaks(said="Hel"),
    ),
)
