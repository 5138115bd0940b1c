"""Streams of an upstream for the tests of the mender, in few words."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

import attrs
import orjson

from cliproxy_core.base.ids import Ids
from cliproxy_core.dialects.openai_responses.grammar import GRAMMAR, classify
from cliproxy_core.dialects.openai_responses.mend import Mender
from cliproxy_core.ir.dialect import Mended, StreamContext
from cliproxy_core.ir.failure import Failure
from cliproxy_core.ir.grammar import Checker
from cliproxy_core.testing.cuts import cut
from cliproxy_core.wire.sse import SseDecoder

__all__ = [
    "USAGE",
    "Heard",
    "call",
    "context",
    "created",
    "custom",
    "end",
    "frame",
    "good",
    "hear",
    "kinds",
    "mend",
    "message",
    "numbered",
    "plain",
    "reasoning",
    "wire",
]

Event = dict[str, Any]

USAGE = {
    "input_tokens": 30,
    "input_tokens_details": {"cached_tokens": 10},
    "output_tokens": 7,
    "output_tokens_details": {"reasoning_tokens": 3},
    "total_tokens": 37,
}


def context() -> StreamContext:
    return StreamContext(ids=Ids(b"test"), created=1, model="asked")


def response(status: str, *output: Event, **more: Any) -> Event:
    return {
        "id": "resp_1",
        "object": "response",
        "created_at": 7,
        "status": status,
        "error": None,
        "incomplete_details": None,
        "model": "m",
        "output": list(output),
        "usage": None,
        **more,
    }


def created() -> list[Event]:
    return [
        {"type": f"response.{kind}", "response": response("in_progress")}
        for kind in ("created", "in_progress")
    ]


def end(*output: Event, kind: str = "completed", **more: Any) -> Event:
    told = response(kind, *output, **{"usage": USAGE, **more})
    return {"type": f"response.{kind}", "response": told}


def _inside(index: int, item: Event, events: Iterable[Event]) -> list[Event]:
    """An item around what happens in it. `item` is what it is at its end."""
    opened = {
        key: value if isinstance(value, str) else []
        for key, value in item.items()
        if key in ("id", "type", "role", "call_id", "name", "content", "summary")
    }
    if item["type"] != "reasoning":
        opened["status"] = "in_progress"
    for field in ("arguments", "input"):
        if field in item:
            opened[field] = ""
    name = "response.output_item"
    place = {"output_index": index}
    inside = [{**event, "item_id": item["id"], **place} for event in events]
    added = {"type": f"{name}.added", **place, "item": opened}
    return [added, *inside, {"type": f"{name}.done", **place, "item": item}]


def message(index: int, *texts: str) -> list[Event]:
    """A message with a part for each text, a delta each."""
    events: list[Event] = []
    parts: list[Event] = []
    for place, text in enumerate(texts):
        where = {"content_index": place}
        part = {"type": "output_text", "text": text, "annotations": []}
        parts.append(part)
        said = {"logprobs": [], **where}
        events += [
            {
                "type": "response.content_part.added",
                **where,
                "part": {**part, "text": ""},
            },
            {"type": "response.output_text.delta", **said, "delta": text},
            {"type": "response.output_text.done", **said, "text": text},
            {"type": "response.content_part.done", **where, "part": part},
        ]
    item = {
        "id": f"msg_{index}",
        "type": "message",
        "role": "assistant",
        "status": "completed",
        "content": parts,
    }
    return _inside(index, item, events)


def reasoning(index: int, *texts: str, sealed: str = "") -> list[Event]:
    """Reasoning with a summary part for each text, a delta each."""
    events: list[Event] = []
    parts: list[Event] = []
    name = "response.reasoning_summary"
    for place, text in enumerate(texts):
        where = {"summary_index": place}
        part = {"type": "summary_text", "text": text}
        parts.append(part)
        events += [
            {"type": f"{name}_part.added", **where, "part": {**part, "text": ""}},
            {"type": f"{name}_text.delta", **where, "delta": text},
            {"type": f"{name}_text.done", **where, "text": text},
            {"type": f"{name}_part.done", **where, "part": part},
        ]
    item: Event = {"id": f"rs_{index}", "type": "reasoning", "summary": parts}
    if sealed:
        item["encrypted_content"] = sealed
    return _inside(index, item, events)


def call(index: int, arguments: str, name: str = "f") -> list[Event]:
    """A call of a function, its arguments in one delta."""
    item = {
        "id": f"fc_{index}",
        "type": "function_call",
        "status": "completed",
        "call_id": f"call_{index}",
        "name": name,
        "arguments": arguments,
    }
    kind = "response.function_call_arguments"
    events = [
        {"type": f"{kind}.delta", "delta": arguments},
        {"type": f"{kind}.done", "arguments": arguments},
    ]
    return _inside(index, item, events)


def custom(index: int, text: str) -> list[Event]:
    """A call of a tool that takes free text."""
    item = {
        "id": f"ctc_{index}",
        "type": "custom_tool_call",
        "status": "completed",
        "call_id": f"call_{index}",
        "name": "run",
        "input": text,
    }
    kind = "response.custom_tool_call_input"
    events = [
        {"type": f"{kind}.delta", "delta": text},
        {"type": f"{kind}.done", "input": text},
    ]
    return _inside(index, item, events)


def good(*items: list[Event], kind: str = "completed") -> list[Event]:
    """A whole stream in good order."""
    output = [item[-1]["item"] for item in items]
    inside = [event for item in items for event in item]
    return copy.deepcopy([*created(), *inside, end(*output, kind=kind)])


# On the wire.


def numbered(events: Sequence[Event]) -> list[Event]:
    return [{**event, "sequence_number": i} for i, event in enumerate(events)]


def frame(event: Event) -> bytes:
    kind = event.get("type")
    line = b"event: %b\n" % kind.encode() if isinstance(kind, str) else b""
    return b"%bdata: %b\n\n" % (line, orjson.dumps(event))


def wire(events: Sequence[Event]) -> bytes:
    return b"".join(frame(event) for event in numbered(events))


@attrs.define
class Heard:
    """What the mender made of a stream."""

    events: list[Event]
    native: bytes
    failure: Failure | None
    complete: bool
    repairs: dict[str, int]
    mender: Mender


def hear(data: bytes, at: Sequence[int] = ()) -> Heard:
    """What became of a stream; legal by the grammar, frames as their payloads."""
    sse, mender, checker = SseDecoder(), Mender(context()), Checker(GRAMMAR)
    heard = Heard([], b"", None, False, {}, mender)

    def take(mended: Mended) -> None:
        assert heard.failure is None or not mended.legal
        for payload, raw in mended.legal:
            assert payload is not None
            (told,) = SseDecoder().feed(raw)
            assert orjson.loads(told.data) == payload  # type: ignore[union-attr]
            assert told.event == payload["type"]  # type: ignore[union-attr]
            assert checker.check(classify(payload)) is None, (payload, heard.events)
            heard.events.append(copy.deepcopy(payload))
            heard.native += raw
        heard.failure = heard.failure or mended.failure

    for piece in cut(data, list(at)) if at else [data]:
        take(mender.feed(sse.feed(piece)))
    take(mender.feed(sse.finish()))
    take(mender.finish())
    heard.complete, heard.repairs = mender.complete, dict(mender.repairs)
    assert heard.complete is (heard.failure is None)
    assert not heard.complete or checker.complete
    numbers = [event["sequence_number"] for event in heard.events]
    assert all(a < b for a, b in pairwise(numbers))
    return heard


def mend(*events: Event) -> Heard:
    return hear(wire(events))


def plain(events: Sequence[Event]) -> list[Event]:
    """The events without their numbers, which move when something is put in."""
    return [{k: v for k, v in e.items() if k != "sequence_number"} for e in events]


def kinds(events: Sequence[Event]) -> list[str]:
    return [str(event["type"]).removeprefix("response.") for event in events]
