"""Neutral events to frames for a Claude client.

Blocks that this API cannot show (generated media, other dialects' own blocks, further
candidates) are left out; the rest is counted from 0 without gaps. The frames of words
are templates around one JSON string; everything else is built by a pure function.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

import attrs

from cliproxy_core.base.jsonval import JsonObject, dumps
from cliproxy_core.ir import stream as ev
from cliproxy_core.ir.dialect import Sent, StreamContext
from cliproxy_core.ir.failure import Failure
from cliproxy_core.ir.grammar import Step
from cliproxy_core.ir.sequence import OneBlockAtATime
from cliproxy_core.ir.usage import Usage

from .carrier import wrap
from .citations import emit_citation
from .errors import fail
from .grammar import NAME
from .usage import emit_reason, emit_usage

__all__ = ["PING", "Encoder"]

PING: Final = b'event: ping\ndata: {"type":"ping"}\n\n'

_DELTA: Final = (
    b"event: content_block_delta\n"
    b'data: {"type":"content_block_delta","index":%d,"delta":{"type":"%b","%b":'
)
_TAIL: Final = b"}}\n\n"

_Growing = ev.TextDelta | ev.ToolCallDelta | ev.ReasoningDelta | ev.RefusalDelta
_GROWING: Final = (ev.TextDelta, ev.ToolCallDelta, ev.ReasoningDelta, ev.RefusalDelta)

_NOT_OPEN: Final = -1


# Pure: one payload each.


def message_start(name: str, model: str, usage: Usage | None) -> JsonObject:
    return {
        "type": "message_start",
        "message": {
            "id": name,
            "type": "message",
            "role": "assistant",
            "model": model,
            "content": [],
            "stop_reason": None,
            "stop_sequence": None,
            "usage": emit_usage(usage, whole=True),
        },
    }


def block_start(index: int, block: JsonObject) -> JsonObject:
    return {"type": "content_block_start", "index": index, "content_block": block}


def block_delta(index: int, delta: JsonObject) -> JsonObject:
    return {"type": "content_block_delta", "index": index, "delta": delta}


def block_stop(index: int) -> JsonObject:
    return {"type": "content_block_stop", "index": index}


def message_delta(reason: str, sequence: str | None, usage: Usage | None) -> JsonObject:
    return {
        "type": "message_delta",
        "delta": {"stop_reason": reason, "stop_sequence": sequence},
        "usage": emit_usage(usage, whole=False),
    }


# Stateful: numbers, and what is said only at the end.


@attrs.define
class Encoder:
    """Transducer from the events of one response to frames."""

    context: StreamContext
    dropped: Counter[str] = attrs.field(factory=Counter, init=False)
    _queue: OneBlockAtATime = attrs.field(factory=OneBlockAtATime, init=False)
    _count: int = attrs.field(default=0, init=False)
    _open: int = attrs.field(default=_NOT_OPEN, init=False)
    """The neutral number of the block that is open, if it is shown."""
    _steps: tuple[Step, ...] = attrs.field(default=(), init=False)
    _head: bytes = attrs.field(default=b"", init=False, repr=False)
    """All of a delta's frame before its text, and the step that such a frame takes."""
    _calls: bool = attrs.field(default=False, init=False)
    _usage: Usage | None = attrs.field(default=None, init=False)
    _stopped: ev.Stopped | None = attrs.field(default=None, init=False)
    _over: bool = attrs.field(default=False, init=False)

    def feed(self, events: Sequence[ev.Event]) -> list[Sent]:
        """Take events; return the frames that they complete."""
        out: list[Sent] = []
        append = out.append
        growing, write = _GROWING, dumps
        block, head, steps = self._open, self._head, self._steps
        for event in events:
            # What belongs to the open block need not ask the queue.
            if isinstance(event, growing) and event.block == block and event.text:
                append((steps, head + write(event.text) + _TAIL))
            else:
                for each in self._queue.feed((event,)):
                    self._take(each, out)
                block, head, steps = self._open, self._head, self._steps
        return out

    def fail(self, failure: Failure) -> list[Sent]:
        """Say inside the stream that it is broken, and end it."""
        if self._over:
            return []
        self._over, self._open = True, _NOT_OPEN
        return [((Step("error"),), fail(failure))]

    def _take(self, event: ev.Event, out: list[Sent]) -> None:
        if self._over:
            return
        match event:
            case ev.TextDelta() | ev.RefusalDelta() | ev.ReasoningDelta():
                self._grow(event, out)
            case ev.ToolCallDelta():
                self._grow(event, out)
            case ev.BlockEnded(block=block):
                if block == self._open:
                    self._close(out)
            case ev.BlockSigned(block=block, signature=signature):
                proof: JsonObject = {"signature": wrap(signature)}
                self._delta(block, {"type": "signature_delta", **proof}, out)
            case ev.CitationAdded(block=block, citation=citation):
                raw = emit_citation(citation)
                if raw is None:
                    self.dropped["citation"] += 1
                else:
                    cited: JsonObject = {"type": "citations_delta", "citation": raw}
                    self._delta(block, cited, out)
            case ev.NativeDelta(block=block, raw=raw):
                self._delta(block, raw, out)
            case ev.Started():
                self._start(event, out)
            case ev.UsageReported(usage=usage):
                self._usage = self._usage.merged(usage) if self._usage else usage
            case ev.Stopped():
                if event.candidate == 0:
                    self._stopped = event
            case ev.Heartbeat():
                out.append(((Step("ping"),), PING))
            case ev.Ended():
                self._end(out)
            case ev.Broken(failure=failure):
                out.extend(self.fail(failure))
            case _:
                self._begin(event, out)

    def _start(self, event: ev.Started, out: list[Sent]) -> None:
        name = event.id or self.context.ids("msg_")
        model = event.model or self.context.model
        _say(message_start(name, model, self._usage), out)

    def _begin(self, event: ev.Event, out: list[Sent]) -> None:
        """A block opens, or something that this dialect has no word for."""
        match event:
            case ev.TextStarted() | ev.RefusalStarted():
                self._show(event, {"type": "text", "text": ""}, b"text", out)
            case ev.ReasoningStarted():
                block: JsonObject = {
                    "type": "thinking",
                    "thinking": "",
                    "signature": "",
                }
                self._show(event, block, b"thinking", out)
            case ev.RedactedReasoning(sealed=sealed):
                block = {"type": "redacted_thinking", "data": wrap(sealed)}
                self._show(event, block, b"", out)
            case ev.ToolCallStarted(call_id=call_id, name=name):
                call_id = call_id or self.context.ids("toolu_")
                block = {"type": "tool_use", "id": call_id, "name": name, "input": {}}
                self._show(event, block, b"partial_json", out)
                self._calls = self._calls or event.candidate == 0
            case ev.NativeStarted(dialect=dialect, raw=raw) if dialect == NAME:
                self._native(event, raw, out)
            case _:
                pass

    def _native(
        self, event: ev.NativeStarted, raw: JsonObject, out: list[Sent]
    ) -> None:
        """A block of this dialect's own; a collected one brings its deltas along."""
        deltas = raw.get("deltas")
        block = {key: value for key, value in raw.items() if key != "deltas"}
        self._show(event, block, b"", out)
        for delta in deltas if isinstance(deltas, list) else ():
            if isinstance(delta, dict):
                self._delta(event.block, delta, out)

    def _show(
        self, event: ev.Opening, block: JsonObject, field: bytes, out: list[Sent]
    ) -> None:
        if event.candidate != 0:
            return
        if self._open != _NOT_OPEN:  # it never ended, and nothing more comes of it
            self._close(out)
        index = self._count
        self._count += 1
        self._open = event.block
        kind = b"input_json" if field == b"partial_json" else field
        self._head = _DELTA % (index, kind + b"_delta", field)
        self._steps = (Step("content_block_delta", index),)
        _say(block_start(index, block), out, index)

    def _grow(self, event: _Growing, out: list[Sent]) -> None:
        if event.block == self._open and event.text:
            out.append((self._steps, self._head + dumps(event.text) + _TAIL))

    def _delta(self, block: int, delta: JsonObject, out: list[Sent]) -> None:
        if block == self._open:
            index = self._count - 1
            _say(block_delta(index, delta), out, index)

    def _close(self, out: list[Sent]) -> None:
        index = self._count - 1
        self._open = _NOT_OPEN
        _say(block_stop(index), out, index)

    def _end(self, out: list[Sent]) -> None:
        for event in self._queue.finish():
            self._take(event, out)
        if self._open != _NOT_OPEN:
            self._close(out)
        stopped = self._stopped or ev.Stopped(ev.Reason.OTHER)
        reason = emit_reason(stopped.reason, stopped.native, tools=self._calls)
        _say(message_delta(reason, stopped.sequence, self._usage), out)
        _say({"type": "message_stop"}, out)
        self._over = True


def _say(payload: JsonObject, out: list[Sent], index: int = -1) -> None:
    kind = str(payload["type"])
    frame = b"event: %b\ndata: %b\n\n" % (kind.encode(), dumps(payload))
    out.append(((Step(kind, index),), frame))
