"""Chat Completions as upstreams really stream it.

The deviations are those of facts/02, section 2.1.3, and facts/06, section 1; each is
written as bytes, without any code of ours.
"""

from __future__ import annotations

import json
from typing import Any, Final

from tests.interop.readings import Asked, Part, Said, Stop, Tokens

from .bend import Means

__all__ = [
    "ALL_A",
    "CALLED",
    "COUNTS",
    "DONE",
    "FIRST",
    "HEAD",
    "HELLO",
    "LESS",
    "LIMIT",
    "LONG",
    "OPEN_A",
    "OPEN_B",
    "PARIS",
    "ROLE",
    "ROME",
    "SECOND",
    "STOP",
    "TWO",
    "asks",
    "calls",
    "choice",
    "chunk",
    "crlf",
    "entry",
    "event",
    "finish",
    "limited",
    "more",
    "opening",
    "text",
    "usage",
    "without",
]

HEAD: Final = {
    "id": "chatcmpl-1",
    "object": "chat.completion.chunk",
    "created": 1767225600,
    "model": "m",
}
COUNTS: Final = {
    "prompt_tokens": 10,
    "completion_tokens": 5,
    "total_tokens": 15,
    "prompt_tokens_details": {"cached_tokens": 4},
}
LESS: Final = {**COUNTS, "completion_tokens": 1, "total_tokens": 11}

LONG: Final = "The user greets me, so I shall greet the user."

PARIS: Final = {"city": "Paris"}
ROME: Final = {"city": "Rome"}


# Frames.


def event(payload: Any) -> bytes:
    return b"data: " + json.dumps(payload).encode() + b"\n\n"


def choice(delta: Any, finish: Any = None, **fields: Any) -> dict[str, Any]:
    return {"index": 0, "delta": delta, "finish_reason": finish, **fields}


def chunk(delta: Any, finish: Any = None, **around: Any) -> bytes:
    return event({**HEAD, "choices": [choice(delta, finish)], **around})


def without(*keys: str, delta: Any, finish: Any = None) -> bytes:
    """A chunk that lacks some of the fields around its choices."""
    head = {key: value for key, value in HEAD.items() if key not in keys}
    return event({**head, "choices": [choice(delta, finish)]})


def text(said: str) -> bytes:
    return chunk({"content": said})


def finish(word: Any) -> bytes:
    return chunk({}, word)


def usage(counts: Any = COUNTS) -> bytes:
    return event({**HEAD, "choices": [], "usage": counts})


def entry(index: int | None, **fields: Any) -> dict[str, Any]:
    return fields if index is None else {"index": index, **fields}


def opening(
    index: int | None, call_id: Any, name: Any, arguments: Any = ""
) -> dict[str, Any]:
    function = {"name": name, "arguments": arguments}
    return entry(index, id=call_id, type="function", function=function)


def more(index: int | None, arguments: str) -> dict[str, Any]:
    return entry(index, function={"arguments": arguments})


def calls(*entries: Any, word: str | None = None) -> bytes:
    return chunk({"tool_calls": list(entries)}, word)


ROLE: Final = chunk({"role": "assistant", "content": ""})
DONE: Final = b"data: [DONE]\n\n"
STOP: Final = (finish("stop"), usage(), DONE)
CALLED: Final = (finish("tool_calls"), usage(), DONE)
LIMIT: Final = (finish("length"), usage(), DONE)

HELLO: Final = Means(parts=(Said("Hello"),))
FIRST: Final = Asked("get_weather", PARIS, "call_a")
SECOND: Final = Asked("get_weather", ROME, "call_b")
OPEN_A: Final = opening(0, "call_a", "get_weather")
OPEN_B: Final = opening(1, "call_b", "get_weather")
ALL_A: Final = opening(0, "call_a", "get_weather", '{"city":"Paris"}')


def asks(*parts: Part, tokens: Tokens | None = HELLO.tokens) -> Means:
    return Means(parts=parts, stop=Stop.CALLS, tokens=tokens)


TWO: Final = asks(FIRST, SECOND)


def limited(*parts: Part) -> Means:
    """The last call is not to be run."""
    return Means(parts=parts, stop=Stop.LIMIT)


def crlf(*frames: bytes) -> tuple[bytes, ...]:
    return tuple(frame.replace(b"\n", b"\r\n") for frame in frames)
