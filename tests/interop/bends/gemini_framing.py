"""Bends of Gemini: how chunks are framed, and chunks that say nothing."""

from __future__ import annotations

from typing import Final

from .bend import Bend, Breaks
from .gemini_frames import GREETING, HELLO, STOP, bare, candidate, chunk, event, text

__all__ = ["GEMINI_FRAMING"]

ALL: Final = (*GREETING, STOP)


def payloads(*frames: bytes) -> list[bytes]:
    return [frame.removeprefix(b"data: ").strip() for frame in frames]


def between(frame: bytes) -> tuple[bytes, ...]:
    return (GREETING[0], frame, GREETING[1], STOP)


GEMINI_FRAMING: Final = (
    Bend("LF", tuple(f.replace(b"\r\n", b"\n") for f in ALL), HELLO),
    Bend("lone CR", tuple(f.replace(b"\r\n", b"\r") for f in ALL), HELLO),
    Bend(
        "no space after data", tuple(f.replace(b"data: ", b"data:") for f in ALL), HELLO
    ),
    Bend("byte-order mark", (b"\xef\xbb\xbf" + ALL[0], *ALL[1:]), HELLO),
    Bend(
        "comments",
        (b": hello\n\n", GREETING[0], b": x\n" + GREETING[1], b":\n\n", STOP),
        HELLO,
    ),
    Bend("event lines", tuple(b"event: message\n" + f for f in ALL), HELLO),
    Bend(
        "id and retry lines",
        (b"retry: 3000\n\n", *(b"id: 1\n" + f for f in ALL)),
        HELLO,
    ),
    Bend(
        "data over two lines",
        tuple(f.replace(b', "index"', b',\ndata: "index"') for f in ALL),
        HELLO,
    ),
    Bend("one array", (b"[" + b",\r\n".join(payloads(*ALL)) + b"]",), HELLO),
    Bend(
        "one array, spread out",
        (
            b"[\n",
            *(p + b"\n,\n" for p in payloads(*GREETING)),
            payloads(STOP)[0],
            b"\n]\n",
        ),
        HELLO,
    ),
    Bend("an array that never ends", (b"[" + b",\r\n".join(payloads(*ALL)),), HELLO),
    Bend(
        "an array that is cut",
        (b"[" + b",\r\n".join(payloads(*GREETING)),),
        Breaks(said="Hello"),
    ),
    Bend("empty chunks", between(event({})), HELLO),
    Bend("chunks of no candidates", between(bare(candidates=[])), HELLO),
    Bend("chunks of empty parts", between(chunk()), HELLO),
    Bend("chunks of empty words", between(chunk(text(""))), HELLO),
    Bend("chunks of no content", between(chunk(content=...)), HELLO),
    Bend("chunks of null content", between(chunk(content=None)), HELLO),
    Bend(
        "null fields",
        (
            bare(
                candidates=[
                    candidate({"text": "Hello", "thought": None, "functionCall": None})
                ],
                promptFeedback=None,
            ),
            STOP,
        ),
        HELLO,
    ),
    Bend("parts that are strings", (chunk("Hello"), STOP), HELLO),
    Bend("pings", between(b"event: ping\ndata: {}\n\n"), HELLO),
    Bend("not JSON", between(b"data: {oops\n\n"), Breaks(said="Hel")),
    Bend("not an object", between(b"data: 17\n\n"), Breaks(said="Hel")),
    Bend("not JSON at once", (b"data: oops\n\n",), Breaks()),
    Bend("empty body", (), Breaks()),
    Bend("comments only", (b": a\n\n", b": b\n\n"), Breaks()),
    Bend("usage only", (bare(),), Breaks()),
    Bend("cut inside a frame", (GREETING[0], GREETING[1][:-9]), Breaks(said="Hel")),
)
