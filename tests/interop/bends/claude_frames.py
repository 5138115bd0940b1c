"""Claude Messages as upstreams really stream it, relays and imitators included.

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
    "BEFORE",
    "BEGIN",
    "CALLED",
    "DONE",
    "END",
    "FIRST",
    "GREETING",
    "HELLO",
    "LIMIT",
    "MESSAGE",
    "PARIS",
    "ROME",
    "SECOND",
    "TWO",
    "UNCOUNTED",
    "arguments",
    "asks",
    "begin",
    "call",
    "delta",
    "event",
    "last",
    "limited",
    "nameless",
    "numbered",
    "opening",
    "start",
    "stop",
    "thinking",
    "typeless",
    "words",
]

BEFORE: Final = {
    "input_tokens": 6,
    "cache_read_input_tokens": 4,
    "cache_creation_input_tokens": 0,
    "output_tokens": 1,
}
MESSAGE: Final[dict[str, Any]] = {
    "id": "msg_1",
    "type": "message",
    "role": "assistant",
    "model": "m",
    "content": [],
    "stop_reason": None,
    "stop_sequence": None,
    "usage": BEFORE,
}

PARIS: Final = {"city": "Paris"}
ROME: Final = {"city": "Rome"}


# Frames.


def event(kind: str, **fields: Any) -> bytes:
    payload = json.dumps({"type": kind, **fields}).encode()
    return b"event: %b\ndata: %b\n\n" % (kind.encode(), payload)


def begin(**fields: Any) -> bytes:
    """A `message_start`; a field that is `...` is left out."""
    message = {k: v for k, v in {**MESSAGE, **fields}.items() if v is not ...}
    return event("message_start", message=message)


def start(index: int | None, **block: Any) -> bytes:
    return event("content_block_start", **numbered(index), content_block=block)


def delta(index: int | None, kind: str, **fields: Any) -> bytes:
    return event(
        "content_block_delta", **numbered(index), delta={"type": kind, **fields}
    )


def stop(index: int | None) -> bytes:
    return event("content_block_stop", **numbered(index))


def numbered(index: int | None) -> dict[str, int]:
    return {} if index is None else {"index": index}


def words(index: int | None, *pieces: str) -> tuple[bytes, ...]:
    """A whole block of text."""
    said = [delta(index, "text_delta", text=piece) for piece in pieces]
    return (start(index, type="text", text=""), *said, stop(index))


def thinking(index: int, text: str, proof: str) -> tuple[bytes, ...]:
    return (
        start(index, type="thinking", thinking="", signature=""),
        delta(index, "thinking_delta", thinking=text),
        delta(index, "signature_delta", signature=proof),
        stop(index),
    )


def opening(index: int | None, call_id: Any, given: Any = None) -> bytes:
    given = {} if given is None else given
    return start(index, type="tool_use", id=call_id, name="get_weather", input=given)


def arguments(index: int | None, text: str) -> bytes:
    return delta(index, "input_json_delta", partial_json=text)


def call(index: int | None, call_id: Any, text: str) -> tuple[bytes, ...]:
    return (opening(index, call_id), arguments(index, text), stop(index))


def last(reason: Any, **fields: Any) -> bytes:
    return event(
        "message_delta",
        delta={"stop_reason": reason, "stop_sequence": None},
        **({"usage": {"output_tokens": 5}} | fields),
    )


BEGIN: Final = begin()
END: Final = event("message_stop")
DONE: Final = (last("end_turn"), END)
CALLED: Final = (last("tool_use"), END)
LIMIT: Final = (last("max_tokens"), END)
GREETING: Final = words(0, "Hel", "lo")

HELLO: Final = Means(parts=(Said("Hello"),))
UNCOUNTED: Final = Means(parts=(Said("Hello"),), tokens=None)
FIRST: Final = Asked("get_weather", PARIS, "toolu_a")
SECOND: Final = Asked("get_weather", ROME, "toolu_b")
ARGS_A: Final = '{"city":"Paris"}'
ARGS_B: Final = '{"city":"Rome"}'


def asks(*parts: Part) -> Means:
    return Means(parts=parts, stop=Stop.CALLS)


TWO: Final = asks(FIRST, SECOND)


def limited(*parts: Part) -> Means:
    """The last call is not to be run."""
    return Means(parts=parts, stop=Stop.LIMIT)


def nameless(*frames: bytes) -> tuple[bytes, ...]:
    """Without the `event:` lines."""
    return tuple(frame.partition(b"\n")[2] for frame in frames)


def typeless(*frames: bytes) -> tuple[bytes, ...]:
    """Only the `event:` line tells what it is."""
    out = []
    for frame in frames:
        head, _, data = frame.strip().partition(b"\n")
        payload = json.loads(data.removeprefix(b"data: "))
        del payload["type"]
        out.append(head + b"\ndata: " + json.dumps(payload).encode() + b"\n\n")
    return tuple(out)
