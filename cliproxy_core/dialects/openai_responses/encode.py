"""Neutral events to frames for a Responses client.

What a response repeats of its request is in the envelope, what becomes of blocks in the
turn; here is the life of the response, and the deltas, which are most of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

import attrs
import orjson

from cliproxy_core.base.jsonval import JsonObject
from cliproxy_core.ir import stream as ev
from cliproxy_core.ir.dialect import Sent, StreamContext
from cliproxy_core.ir.failure import Failure
from cliproxy_core.ir.grammar import Step
from cliproxy_core.ir.sequence import OneBlockAtATime
from cliproxy_core.ir.usage import Usage

from . import errors
from .encode_blocks import Sheet
from .encode_turn import Turn
from .envelope import Envelope, echo_of, incomplete_reason
from .frames import Writer

__all__ = ["ResponsesEncoder"]

_GROWING: Final = (ev.TextDelta, ev.ToolCallDelta, ev.ReasoningDelta, ev.RefusalDelta)

_ALONE: Final = (ev.TextStarted, ev.RefusalStarted)


@attrs.define
class ResponsesEncoder:
    """Transducer from the events of one response to frames."""

    context: StreamContext
    dropped: Counter[str] = attrs.field(factory=Counter, init=False)
    response: JsonObject | None = attrs.field(default=None, init=False, repr=False)
    """The response as the last event tells it, once that was said."""
    _queue: OneBlockAtATime = attrs.field(init=False)
    _sheet: Sheet = attrs.field(init=False)
    _writer: Writer = attrs.field(init=False)
    _turn: Turn = attrs.field(init=False)
    _envelope: Envelope | None = attrs.field(default=None, init=False)
    _usage: Usage | None = attrs.field(default=None, init=False)
    _stopped: ev.Stopped | None = attrs.field(default=None, init=False)
    _over: bool = attrs.field(default=False, init=False)

    def __attrs_post_init__(self) -> None:
        self._queue = OneBlockAtATime(_ALONE)
        self._sheet = Sheet(self.dropped)
        self._writer = self._sheet.writer
        self._turn = Turn(self.context.ids, self._sheet)

    def feed(self, events: Sequence[ev.Event]) -> list[Sent]:
        """Take events; return the frames that they complete."""
        out: list[Sent] = []
        growths, writer, write = self._turn.growths, self._writer, orjson.dumps
        for event in events:
            # What a block that is shown grows by need not ask the queue.
            if isinstance(event, _GROWING) and event.block in growths:
                text = event.text
                if text:
                    growth, number = growths[event.block], writer.number
                    writer.number = number + 1
                    growth.pieces.append(text)
                    out.append((growth.steps, growth.template % (number, write(text))))
            else:
                for each in self._queue.feed((event,)):
                    self._take(each, out)
        return out

    def fail(self, failure: Failure) -> list[Sent]:
        """Say inside the stream that it is broken, and end it."""
        if self._over:
            return []
        out: list[Sent] = []
        # The vendor's SDKs listen to nothing before they know the response.
        envelope = self._envelope or self._start(ev.Started("", ""), out)
        self._over = True
        self._turn.growths.clear()
        response = envelope.failed(self._sheet.items.output, self._usage)
        frames = errors.fail(failure, response, self._writer.number)
        first, blank, last = frames.partition(b"\n\n")
        out.append(((Step("error"),), first + blank))
        out.append(((Step("response.failed"),), last))
        return out

    def _take(self, event: ev.Event, out: list[Sent]) -> None:
        if self._over:
            return
        match event:
            case ev.Started():
                self._start(event, out)
            case ev.UsageReported(usage=usage):
                self._usage = self._usage.merged(usage) if self._usage else usage
            case ev.Stopped():
                if event.candidate == 0:
                    self._stopped = event
                self._turn.stop(event, out)
            case ev.Heartbeat():
                pass  # only comments say nothing here, and those need no encoder
            case ev.Ended():
                self._end(out)
            case ev.Broken(failure=failure):
                out.extend(self.fail(failure))
            case _:
                self._turn.take(event, out)

    def _start(self, event: ev.Started, out: list[Sent]) -> Envelope:
        context = self.context
        envelope = self._envelope = Envelope(
            name=event.id or context.ids("resp_"),
            model=event.model or context.model,
            created=context.created if event.created is None else event.created,
            echo=echo_of(context.caller),
        )
        self._turn.owner = envelope.name
        begun = envelope.text(envelope.begun())
        self._writer.say_response("response.created", begun, out)
        self._writer.say_response("response.in_progress", begun, out)
        return envelope

    def _end(self, out: list[Sent]) -> None:
        for event in self._queue.finish():
            self._take(event, out)
        envelope = self._envelope or self._start(ev.Started("", ""), out)
        self._turn.finish(out)
        stopped = self._stopped or ev.Stopped(ev.Reason.OTHER)
        if self._turn.cut and incomplete_reason(stopped.reason) is None:
            stopped = ev.Stopped(ev.Reason.MAX_OUTPUT)
        output = self._sheet.items.output
        own = envelope.ended(output, self._usage, stopped)
        kind = f"response.{own['status']}"
        self._writer.say_response(kind, envelope.text(own), out)
        self.response = {**own, **envelope.echo}
        self._over = True
