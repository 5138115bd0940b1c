"""Gemini, as its vendor writes it: a call comes whole, in one chunk."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from tests.judges.sample import Document

from . import scenes
from .scenes import Spoken, events, whole

__all__ = ["SPOKEN"]

USAGE: Final = {
    "promptTokenCount": 11,
    "candidatesTokenCount": 7,
    "totalTokenCount": 18,
}
CACHED: Final = {
    "promptTokenCount": 20,
    "cachedContentTokenCount": 5,
    "candidatesTokenCount": 7,
    "thoughtsTokenCount": 2,
    "totalTokenCount": 29,
}


def chunk(
    *parts: Document, finish: str | None = None, usage: Document = USAGE
) -> Document:
    counted = usage
    candidate: Document = {
        "content": {"role": "model", "parts": list(parts)},
        "index": 0,
    }
    if finish is None:
        prompt = usage["promptTokenCount"]
        counted = {"promptTokenCount": prompt, "totalTokenCount": prompt}
    else:
        candidate["finishReason"] = finish
    known = {"modelVersion": "m", "responseId": "r_1"}
    return {"candidates": [candidate], "usageMetadata": counted, **known}


def spoken(
    finish: str,
    *chunks: Sequence[Document],
    parts: list[Document] | None = None,
    usage: Document = USAGE,
    raw: str | None = None,
) -> Spoken:
    """A stream of chunks, each of some parts; as one document all of them."""
    *firsts, last = chunks
    stream = events(
        *(chunk(*first, usage=usage) for first in firsts),
        chunk(*last, finish=finish, usage=usage),
        raw=raw,
    )
    told = [p for part in chunks for p in part] if parts is None else parts
    return Spoken(stream, whole(chunk(*told, finish=finish, usage=usage), raw))


def said(text: str, **more: Any) -> Document:
    return {"text": text, **more}


def call(name: str, args: Any) -> Document:
    return {"functionCall": {"name": name, "args": args}}


def each(*pieces: str) -> list[list[Document]]:
    return [[said(piece)] for piece in pieces]


(F, F_TEXT), (G, G_TEXT) = scenes.TWO
HEL: Final = events(chunk(said("Hel")))

SPOKEN: Final = {
    "text": spoken("STOP", *each("Hello, ", "wörld."), parts=[said("Hello, wörld.")]),
    "letters": spoken("STOP", *each(*scenes.LETTERS), parts=[said(scenes.LETTERS)]),
    "thought": spoken(
        "STOP",
        *([said(piece, thought=True)] for piece in scenes.THOUGHT),
        [said("Yes.")],
        [said("", thoughtSignature=scenes.PROOF)],
        parts=[
            said("".join(scenes.THOUGHT), thought=True),
            said("Yes.", thoughtSignature=scenes.PROOF),
        ],
    ),
    "a call": spoken(
        "STOP", [said("Let me look.")], [call("f", "@raw")], raw=scenes.ARGUMENTS
    ),
    "two calls": spoken(
        "STOP",
        [call(F, {"n": 1.0, "b": True})],
        [call(G, {"x": 12345678901234567890})],
    ),
    "no arguments": spoken("STOP", [{"functionCall": {"name": "f"}}]),
    "big arguments": spoken("STOP", [call("f", "@raw")], raw=scenes.BIG),
    "refusal": spoken(
        "SAFETY", *each(*scenes.REFUSAL), parts=[said("".join(scenes.REFUSAL))]
    ),
    # A call that does not fit is not told at all.
    "limit": spoken("MAX_TOKENS", [said("Let me")]),
    "cached": spoken("STOP", [said("Yes.")], usage=CACHED),
    "error": Spoken(
        HEL
        + events(
            {"error": {"code": 503, "message": scenes.BUSY, "status": "UNAVAILABLE"}}
        )
    ),
    "cut": Spoken(HEL),
    "cut call": Spoken(HEL + events(chunk(call("f", {"x": 1})))),
}
