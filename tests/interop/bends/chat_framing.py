"""Bends of Chat Completions: how events are framed, and events that say nothing."""

from __future__ import annotations

from typing import Final

from cliproxy_core.testing.script import End

from .bend import Bend, Breaks
from .chat_frames import (
    DONE,
    HEAD,
    HELLO,
    ROLE,
    STOP,
    chunk,
    crlf,
    event,
    text,
    usage,
)

__all__ = ["CHAT_FRAMING"]

CHAT_FRAMING: Final = (
    Bend("CRLF", crlf(ROLE, text("Hel"), text("lo"), *STOP), HELLO),
    Bend(
        "lone CR",
        tuple(f.replace(b"\n", b"\r") for f in (ROLE, text("Hello"), *STOP)),
        HELLO,
    ),
    Bend(
        "no space after data",
        tuple(f.replace(b"data: ", b"data:") for f in (ROLE, text("Hello"), *STOP)),
        HELLO,
    ),
    Bend("byte-order mark", (b"\xef\xbb\xbf" + ROLE, text("Hello"), *STOP), HELLO),
    Bend(
        "comments",
        (
            b": OPENROUTER PROCESSING\n\n",
            ROLE,
            b":\n\n",
            text("Hel"),
            b": x\n" + text("lo"),
            b": y\n\n",
            *STOP,
        ),
        HELLO,
    ),
    Bend("blank lines", (b"\n\n\n", ROLE, b"\n\n", text("Hello"), b"\n", *STOP), HELLO),
    Bend(
        "event lines",
        tuple(b"event: message\n" + f for f in (ROLE, text("Hello"), *STOP)),
        HELLO,
    ),
    Bend(
        "id and retry lines",
        (b"retry: 3000\n\n", b"id: 1\n" + ROLE, b"id: 2\n" + text("Hello"), *STOP),
        HELLO,
    ),
    Bend(
        "data over two lines",
        (
            ROLE,
            text("Hello").replace(b', "model"', b',\ndata: "model"'),
            *STOP,
        ),
        HELLO,
    ),
    Bend(
        "unknown events",
        (
            ROLE,
            b'event: progress\ndata: {"done":0.5}\n\n',
            text("Hel"),
            event({"type": "trace", "id": "x"}),
            text("lo"),
            *STOP,
        ),
        HELLO,
    ),
    Bend("pings", (ROLE, b"event: ping\ndata: {}\n\n", text("Hello"), *STOP), HELLO),
    Bend(
        "chunks without choices",
        (ROLE, event({**HEAD, "choices": []}), text("Hello"), *STOP),
        HELLO,
    ),
    Bend(
        "content filter results first",
        (
            event(
                {
                    "id": "",
                    "object": "",
                    "created": 0,
                    "model": "",
                    "choices": [],
                    "prompt_filter_results": [{"prompt_index": 0}],
                }
            ),
            ROLE,
            text("Hello"),
            *STOP,
        ),
        HELLO,
    ),
    Bend(
        "null fields",
        (
            chunk(
                {
                    "role": "assistant",
                    "content": None,
                    "tool_calls": None,
                    "function_call": None,
                    "refusal": None,
                    "reasoning_content": None,
                },
                usage=None,
                system_fingerprint=None,
            ),
            chunk(
                {"content": "Hello", "role": None, "tool_calls": None, "audio": None},
                usage=None,
            ),
            chunk({"content": None}, "stop", usage=None),
            usage(),
            DONE,
        ),
        HELLO,
    ),
    Bend(
        "null delta",
        (ROLE, chunk(None), text("Hello"), chunk(None, "stop"), usage(), DONE),
        HELLO,
    ),
    Bend(
        "content as parts",
        (ROLE, chunk({"content": [{"type": "text", "text": "Hello"}]}), *STOP),
        HELLO,
    ),
    Bend(
        "whole message at the end",
        (
            ROLE,
            text("Hello"),
            event(
                {
                    **HEAD,
                    "choices": [
                        {
                            "index": 0,
                            "message": {"role": "assistant", "content": "Hello"},
                            "finish_reason": "stop",
                        }
                    ],
                }
            ),
            usage(),
            DONE,
        ),
        HELLO,
    ),
    Bend(
        "not JSON", (ROLE, text("Hel"), b"data: {oops\n\n", *STOP), Breaks(said="Hel")
    ),
    Bend(
        "not an object", (ROLE, text("Hel"), b"data: 17\n\n", *STOP), Breaks(said="Hel")
    ),
    Bend("not JSON at once", (b"data: oops\n\n",), Breaks()),
    Bend("empty body", (), Breaks()),
    Bend("comments only", (b": a\n\n", b": b\n\n"), Breaks()),
    Bend("end mark only", (DONE,), Breaks()),
    Bend("no end at all", (ROLE, text("Hel")), Breaks(said="Hel")),
    Bend("no end at all, closed", (ROLE, text("Hel")), Breaks(said="Hel"), End.CLOSED),
    Bend(
        "cut inside a frame", (ROLE, text("Hel"), text("lo")[:-9]), Breaks(said="Hel")
    ),
)
