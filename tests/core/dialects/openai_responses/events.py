"""Events of both kinds for the tests of this dialect, in few words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import orjson

from cliproxy_core.base.ids import Ids
from cliproxy_core.dialects.openai_responses.decode import ResponsesDecoder
from cliproxy_core.dialects.openai_responses.encode import ResponsesEncoder
from cliproxy_core.dialects.openai_responses.grammar import GRAMMAR, classify
from cliproxy_core.ir import stream as ev
from cliproxy_core.ir.dialect import Sent, StreamContext
from cliproxy_core.ir.grammar import Checker

__all__ = [
    "STARTED",
    "added",
    "checked",
    "context",
    "created",
    "decode",
    "done",
    "encode",
    "message",
    "payload_of",
    "payloads",
    "short",
    "terminal",
    "whole",
]

STARTED = ev.Started("r", "m", 7)


def context(caller: Any = None) -> StreamContext:
    caller = caller or {}
    return StreamContext(ids=Ids(b"test"), created=1, model="asked", caller=caller)


# Neutral events to frames.


def whole(*events: ev.Event, reason: ev.Reason = ev.Reason.END) -> list[ev.Event]:
    """A response around what happens in it."""
    return [STARTED, *events, ev.Stopped(reason), ev.Ended()]


def encode(*events: ev.Event, caller: Any = None) -> list[dict[str, Any]]:
    """The payloads of a whole stream, held against the grammar."""
    return payloads(checked(ResponsesEncoder(context(caller)).feed(events)))


def checked(sent: Sequence[Sent], *, complete: bool = True) -> Sequence[Sent]:
    """The same frames, after a look at their form, numbers and order."""
    checker = Checker(GRAMMAR)
    for number, (steps, frame) in enumerate(sent):
        payload = payload_of(frame)
        assert frame.startswith(b"event: %b\ndata: {" % payload["type"].encode())
        assert frame.endswith(b"}\n\n")
        assert payload["sequence_number"] == number
        assert classify(payload) == steps, "the steps it claims"
        assert checker.check(steps) is None
    assert checker.complete is complete
    return sent


def payload_of(frame: bytes) -> dict[str, Any]:
    payload: dict[str, Any] = orjson.loads(frame.partition(b"\ndata: ")[2])
    return payload


def payloads(sent: Iterable[Sent]) -> list[dict[str, Any]]:
    return [payload_of(frame) for _, frame in sent]


def terminal(*events: ev.Event, caller: Any = None) -> Any:
    """The response as the last event tells it."""
    return encode(*events, caller=caller)[-1]["response"]


def short(payload: dict[str, Any]) -> str:
    """`output_item.added 0 message`: what it is, where, and what it says."""
    words = [payload["type"].removeprefix("response.")]
    if "output_index" in payload:
        words.append(str(payload["output_index"]))
    if payload.get("content_index"):
        words.append(f"/{payload['content_index']}")
    if "item" in payload:
        words.append(payload["item"]["type"])
    said = [payload.get(key) for key in ("delta", "text", "arguments", "input")]
    words += [repr(text) for text in said if text is not None]
    return " ".join(words)


# Payloads to neutral events.


def decode(*each: dict[str, Any]) -> list[ev.Event]:
    return ResponsesDecoder(context()).feed([(payload, b"") for payload in each])


def created(**more: Any) -> dict[str, Any]:
    response = {"id": "resp_1", "model": "gpt-5", "created_at": 7.0, **more}
    return {"type": "response.created", "response": response}


def added(index: int, kind: str, **more: Any) -> dict[str, Any]:
    item = {"type": kind, "id": f"i{index}", **more}
    return {"type": "response.output_item.added", "output_index": index, "item": item}


def done(index: int, kind: str, **more: Any) -> dict[str, Any]:
    item = {"type": kind, "id": f"i{index}", **more}
    return {"type": "response.output_item.done", "output_index": index, "item": item}


def message(kind: str, index: int = 0, content: int = 0, **more: Any) -> dict[str, Any]:
    """An event about a content part."""
    place = {"output_index": index, "content_index": content, "item_id": f"i{index}"}
    return {"type": f"response.{kind}", **place, **more}
