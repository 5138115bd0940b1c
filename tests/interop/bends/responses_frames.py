"""Responses as upstreams really stream it: Codex, gateways and local servers included.

Each stream is written as bytes, without any code of ours.
"""

from __future__ import annotations

import json
from typing import Any, Final, TypeAlias

from tests.interop.readings import Asked, Part, Said, Stop

from .bend import Means

__all__ = [
    "ARGS_A",
    "ARGS_B",
    "BEGIN",
    "CALL_A",
    "CALL_B",
    "COUNTS",
    "FIRST",
    "GREETING",
    "HELLO",
    "MESSAGE",
    "PARIS",
    "SECOND",
    "TWO",
    "UNCOUNTED",
    "Event",
    "answer",
    "arguments",
    "asks",
    "at",
    "begun",
    "call",
    "called",
    "closed",
    "ended",
    "limited",
    "message",
    "nameless",
    "opened",
    "part",
    "reasoning",
    "said",
    "speech",
    "told",
    "typeless",
    "without",
]

Event: TypeAlias = dict[str, Any]

COUNTS: Final[Event] = {
    "input_tokens": 10,
    "input_tokens_details": {"cached_tokens": 4, "cache_write_tokens": 0},
    "output_tokens": 5,
    "output_tokens_details": {"reasoning_tokens": 0},
    "total_tokens": 15,
}
PARIS: Final = {"city": "Paris"}
ARGS_A: Final = '{"city":"Paris"}'
ARGS_B: Final = '{"city":"Rome"}'


# Frames.


def told(*events: Event | bytes) -> tuple[bytes, ...]:
    """Frames in a row, numbered; bytes are frames already."""
    out = []
    for number, event in enumerate(events):
        if isinstance(event, bytes):
            out.append(event)
            continue
        payload = json.dumps({"sequence_number": number, **event}).encode()
        out.append(b"event: %b\ndata: %b\n\n" % (event["type"].encode(), payload))
    return tuple(out)


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


def without(event: Event, *keys: str) -> Event:
    return {key: value for key, value in event.items() if key not in keys}


# The response.


def answer(status: str, *output: Event, **fields: Any) -> Event:
    """The response object; a field that is `...` is left out."""
    known: Event = {
        "id": "resp_1",
        "object": "response",
        "created_at": 1767225600,
        "status": status,
        "background": False,
        "error": None,
        "incomplete_details": None,
        "instructions": None,
        "metadata": {},
        "model": "m",
        "output": list(output),
        "parallel_tool_calls": True,
        "temperature": 1.0,
        "tool_choice": "auto",
        "tools": [],
        "top_p": 1.0,
        "usage": COUNTS,
    }
    return {k: v for k, v in {**known, **fields}.items() if v is not ...}


def begun(kind: str = "created", **fields: Any) -> Event:
    response = answer("in_progress", **({"usage": None} | fields))
    return {"type": f"response.{kind}", "response": response}


def ended(*output: Event, kind: str = "completed", **fields: Any) -> Event:
    status = fields.pop("status", kind)
    response = answer(status, *output, **fields)
    return {"type": f"response.{kind}", "response": response}


# Items.


def message(*texts: str, number: int = 0, **fields: Any) -> Event:
    return {
        "type": "message",
        "id": f"msg_{number}",
        "status": "completed",
        "role": "assistant",
        "content": [part(text) for text in texts],
        **fields,
    }


def part(text: str, kind: str = "output_text", **fields: Any) -> Event:
    if kind == "refusal":
        return {"type": kind, "refusal": text, **fields}
    if kind == "output_text":
        return {"type": kind, "text": text, "annotations": [], **fields}
    return {"type": kind, "text": text, **fields}


def call(call_id: str, text: Any, number: int = 0, **fields: Any) -> Event:
    return {
        "type": "function_call",
        "id": f"fc_{number}",
        "status": "completed",
        "call_id": call_id,
        "name": "get_weather",
        "arguments": text,
        **fields,
    }


def reasoning(*texts: str, number: int = 0, **fields: Any) -> Event:
    return {
        "type": "reasoning",
        "id": f"rs_{number}",
        "summary": [part(text, "summary_text") for text in texts],
        **fields,
    }


EMPTY: Final[Event] = {
    "message": {"content": []},
    "function_call": {"arguments": ""},
    "custom_tool_call": {"input": ""},
    "reasoning": {"summary": []},
}
"""What an item lacks when it opens."""


def opened(index: int, item: Event) -> Event:
    first = {**item, **EMPTY.get(item["type"], {})}
    if "status" in item:
        first["status"] = "in_progress"
    return {"type": "response.output_item.added", "output_index": index, "item": first}


def closed(index: int, item: Event) -> Event:
    return {"type": "response.output_item.done", "output_index": index, "item": item}


def at(index: int, kind: str, item: str, **fields: Any) -> Event:
    """An event inside of an item."""
    return {
        "type": f"response.{kind}",
        "item_id": item,
        "output_index": index,
        **fields,
    }


def said(
    index: int, *pieces: str, item: str = "msg_0", number: int = 0
) -> tuple[Event, ...]:
    """Only the deltas."""
    place = {"content_index": number, "logprobs": []}
    return tuple(
        at(index, "output_text.delta", item, delta=piece, **place) for piece in pieces
    )


def speech(index: int, *pieces: str, number: int = 0) -> tuple[Event, ...]:
    """A whole message of one part, with everything the vendor says of it."""
    item, text = f"msg_{number}", "".join(pieces)
    full = message(text, number=number)
    place = {"content_index": 0}
    return (
        opened(index, full),
        at(index, "content_part.added", item, part=part(""), **place),
        *said(index, *pieces, item=item),
        at(index, "output_text.done", item, text=text, logprobs=[], **place),
        at(index, "content_part.done", item, part=part(text), **place),
        closed(index, full),
    )


def arguments(index: int, *pieces: str, number: int = 0) -> tuple[Event, ...]:
    """Only the deltas."""
    kind, item = "function_call_arguments.delta", f"fc_{number}"
    return tuple(at(index, kind, item, delta=piece) for piece in pieces)


def called(index: int, call_id: str, *pieces: str, number: int = 0) -> tuple[Any, ...]:
    """A whole call."""
    text = "".join(pieces)
    full = call(call_id, text, number)
    done = "function_call_arguments.done"
    return (
        opened(index, full),
        *arguments(index, *pieces, number=number),
        at(index, done, f"fc_{number}", arguments=text, name="get_weather"),
        closed(index, full),
    )


BEGIN: Final = (begun(), begun("in_progress"))
MESSAGE: Final = message("Hello")
GREETING: Final = speech(0, "Hel", "lo")
CALL_A: Final = call("call_a", ARGS_A)
CALL_B: Final = call("call_b", ARGS_B, 1)

HELLO: Final = Means(parts=(Said("Hello"),))
UNCOUNTED: Final = Means(parts=(Said("Hello"),), tokens=None)
FIRST: Final = Asked("get_weather", PARIS, "call_a")
SECOND: Final = Asked("get_weather", {"city": "Rome"}, "call_b")


def asks(*parts: Part) -> Means:
    return Means(parts=parts, stop=Stop.CALLS)


TWO: Final = asks(FIRST, SECOND)


def limited(*parts: Part) -> Means:
    """The last call is not to be run."""
    return Means(parts=parts, stop=Stop.LIMIT)
