"""Gemini as upstreams really stream it, relays and imitators included.

Each stream is written as bytes, without any code of ours.
"""

from __future__ import annotations

import json
from typing import Any, Final

from tests.interop.readings import Asked, Part, Said, Stop

from .bend import Means

__all__ = [
    "ARGS_A",
    "ARGS_B",
    "COUNTS",
    "FIRST",
    "GREETING",
    "HELLO",
    "LESS",
    "PARIS",
    "PROOF",
    "ROME",
    "SECOND",
    "STOP",
    "TWO",
    "asks",
    "bare",
    "call",
    "candidate",
    "chunk",
    "event",
    "last",
    "limited",
    "text",
    "thought",
    "usage",
]

COUNTS: Final = {
    "promptTokenCount": 10,
    "cachedContentTokenCount": 4,
    "candidatesTokenCount": 5,
    "totalTokenCount": 15,
}
LESS: Final = {"promptTokenCount": 10, "totalTokenCount": 10}
PROOF: Final = "c2lnbmVk"
PARIS: Final = {"city": "Paris"}
ROME: Final = {"city": "Rome"}


# Frames.


def event(payload: Any) -> bytes:
    return b"data: " + json.dumps(payload).encode() + b"\r\n\r\n"


def candidate(*parts: Any, **fields: Any) -> dict[str, Any]:
    """A candidate; a field that is `...` is left out."""
    known = {"content": {"role": "model", "parts": list(parts)}, "index": 0}
    return {k: v for k, v in {**known, **fields}.items() if v is not ...}


def bare(**fields: Any) -> bytes:
    """A chunk of no candidate."""
    known = {"usageMetadata": LESS, "modelVersion": "m", "responseId": "r_1"}
    return event({k: v for k, v in {**known, **fields}.items() if v is not ...})


def chunk(*parts: Any, **fields: Any) -> bytes:
    """A chunk of one candidate."""
    return bare(candidates=[candidate(*parts, **fields)])


def last(*parts: Any, finish: Any = "STOP", **fields: Any) -> bytes:
    told = candidate(*parts, finishReason=finish, **fields)
    return bare(candidates=[told], usageMetadata=COUNTS)


def usage(counts: Any = COUNTS) -> bytes:
    return event({"usageMetadata": counts, "modelVersion": "m", "responseId": "r_1"})


# Parts.


def text(words: str, **fields: Any) -> dict[str, Any]:
    return {"text": words, **fields}


def thought(words: str, **fields: Any) -> dict[str, Any]:
    return {"text": words, "thought": True, **fields}


def call(args: Any, *, proof: str | None = None, **fields: Any) -> dict[str, Any]:
    """A call; a field that is `...` is left out."""
    known = {"name": "get_weather", "args": args, **fields}
    made = {"functionCall": {k: v for k, v in known.items() if v is not ...}}
    return made if proof is None else {**made, "thoughtSignature": proof}


STOP: Final = last(text(""))
GREETING: Final = (chunk(text("Hel")), chunk(text("lo")))

HELLO: Final = Means(parts=(Said("Hello"),))
FIRST: Final = Asked("get_weather", PARIS)
SECOND: Final = Asked("get_weather", ROME)
ARGS_A: Final = '{"city":"Paris"}'
ARGS_B: Final = '{"city":"Rome"}'


def asks(*parts: Part) -> Means:
    return Means(parts=parts, stop=Stop.CALLS)


TWO: Final = asks(FIRST, SECOND)


def limited(*parts: Part) -> Means:
    """The last call is not to be run."""
    return Means(parts=parts, stop=Stop.LIMIT)
