"""Neutral events to frames for a Claude client.

Blocks that this API cannot show (generated media, other dialects' own blocks, further
candidates) are left out and counted; the rest is numbered from 0 without gaps. A block
of words begins with its first word, as this API refuses empty ones when they come back.
The frames of words are templates around one JSON string; everything else is built by
the pure functions in `payloads`.

Opaque state that goes with a call or with words has no slot of its own: it travels in
a thinking block (see `carrier`). One that has just ended takes it, if nobody signed it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Final

import attrs

from cliproxy_core.base.jsonval import JsonObject, dumps
from cliproxy_core.ir import stream as ev
from cliproxy_core.ir.dialect import Sent, StreamContext
from cliproxy_core.ir.failure import Failure
from cliproxy_core.ir.grammar import Step
from cliproxy_core.ir.reasoning import Signature
from cliproxy_core.ir.sequence import OneBlockAtATime
from cliproxy_core.ir.usage import Usage

from .arguments import Arguments, inside_string
from .carrier import Place, wrap
from .citations import emit_citation
from .errors import fail
from .grammar import NAME
from .payloads import (
    block_delta,
    block_start,
    block_stop,
    is_writable,
    message_delta,
    message_start,
    say,
    signature_delta,
    thinking_block,
)
from .usage import emit_reason

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


def _in_doubt(_text: str) -> None:
    """No piece of arguments may go out unseen."""


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
    _words: ev.TextStarted | ev.RefusalStarted | None = attrs.field(
        default=None, init=False
    )
    """A block of words that has none yet, and is not shown."""
    _arguments: Arguments | None = attrs.field(default=None, init=False)
    """Those of the open call."""
    _passes: Callable[[str], object] | None = attrs.field(default=None, init=False)
    """Which pieces may go out unseen; None: all."""
    _unsigned: bool = attrs.field(default=False, init=False)
    """Whether the last block is thinking that nobody signed. It is stopped late."""
    _lingers: bool = attrs.field(default=False, init=False)
    """Whether such a block has ended."""
    _seal: Signature | None = attrs.field(default=None, init=False)
    """What goes with the open words."""
    _calls: bool = attrs.field(default=False, init=False)
    _cut: bool = attrs.field(default=False, init=False)
    """Whether some call is less than was meant."""
    _declined: bool = attrs.field(default=False, init=False)
    """Whether there were words by which the model declined."""
    _usage: Usage | None = attrs.field(default=None, init=False)
    _stopped: ev.Stopped | None = attrs.field(default=None, init=False)
    _over: bool = attrs.field(default=False, init=False)

    def feed(self, events: Sequence[ev.Event]) -> list[Sent]:
        """Take events; return the frames that they complete."""
        out: list[Sent] = []
        append = out.append
        growing, write = _GROWING, dumps
        block, head, steps = self._open, self._head, self._steps
        passes = self._passes
        quoted = passes is inside_string
        for event in events:
            # What belongs to the open block need not ask the queue.
            if isinstance(event, growing) and event.block == block and event.text:
                text = event.text
                # The first look is the cheapest that does for most pieces.
                if (
                    passes is None
                    or (
                        quoted
                        and text.isprintable()
                        and '"' not in text
                        and "\\" not in text
                    )
                    or passes(text)
                ):
                    append((steps, head + write(text) + _TAIL))
                else:
                    self._argue(text, out)
                    passes = self._passes
                    quoted = passes is inside_string
            else:
                for each in self._queue.feed((event,)):
                    self._take(each, out)
                block, head, steps = self._open, self._head, self._steps
                passes = self._passes
                quoted = passes is inside_string
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
            case (
                ev.TextDelta()
                | ev.RefusalDelta()
                | ev.ReasoningDelta()
                | ev.ToolCallDelta()
            ):
                self._grow(event, out)
            case ev.BlockEnded(block=block):
                self._finish_block(block, out)
            case ev.BlockSigned(block=block, signature=signature):
                self._sign(block, signature, out)
            case ev.CitationAdded(block=block, citation=citation):
                self._cite(block, emit_citation(citation), out)
            case ev.NativeDelta(block=block, raw=raw):
                self._delta(block, raw, "native", out)
            case ev.LogProbsAdded():
                self.dropped["logprobs"] += 1
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
            case ev.MediaDelta():
                pass  # counted where it began
            case _:
                self._begin(event, out)

    def _start(self, event: ev.Started, out: list[Sent]) -> None:
        name = event.id or self.context.ids("msg_")
        model = event.model or self.context.model
        say(message_start(name, model, self._usage), out)

    # A block begins.

    def _begin(self, event: ev.Opening, out: list[Sent]) -> None:
        if event.candidate != 0:
            self.dropped["candidate"] += 1
            return
        match event:
            case ev.TextStarted() | ev.RefusalStarted():
                self._leave(out)
                self._words = event
            case ev.ReasoningStarted():
                self._show(event.block, thinking_block(), b"thinking", out)
                self._unsigned = True
            case ev.RedactedReasoning(block=number, sealed=sealed):
                block: JsonObject = {"type": "redacted_thinking", "data": wrap(sealed)}
                self._show(number, block, b"", out)
            case ev.ToolCallStarted():
                self._call(event, out)
            case ev.NativeStarted(dialect=dialect, raw=raw) if dialect == NAME:
                self._native(event.block, raw, out)
            case ev.NativeStarted():
                self.dropped["native"] += 1
            case ev.MediaStarted():
                self.dropped["media"] += 1

    def _call(self, event: ev.ToolCallStarted, out: list[Sent]) -> None:
        if event.signature is not None:
            self._carry(wrap(event.signature, Place.NEXT), out)
        call_id = event.call_id or self.context.ids("toolu_")
        block: JsonObject = {"type": "tool_use", "id": call_id, "name": event.name}
        block["input"] = {}
        self._show(event.block, block, b"partial_json", out)
        self._arguments, self._passes = Arguments(event.kind), _in_doubt
        self._calls = True

    def _native(self, number: int, raw: JsonObject, out: list[Sent]) -> None:
        """A block of this dialect's own; a collected one brings its deltas along."""
        deltas = raw.get("deltas")
        block = {key: value for key, value in raw.items() if key != "deltas"}
        if not is_writable(block):
            self.dropped["native"] += 1
            return
        self._show(number, block, b"", out)
        for delta in deltas if isinstance(deltas, list) else ():
            if isinstance(delta, dict):
                self._delta(number, delta, "native", out)

    def _show(
        self, number: int, block: JsonObject, field: bytes, out: list[Sent]
    ) -> None:
        self._leave(out)
        index = self._count
        self._count += 1
        self._open = number
        kind = b"input_json" if field == b"partial_json" else field
        self._head = _DELTA % (index, kind + b"_delta", field)
        self._steps = (Step("content_block_delta", index),)
        say(block_start(index, block), out, index)

    def _carry(self, proof: str, out: list[Sent]) -> None:
        """Say what has no slot of its own, in thinking that nobody signed."""
        if not self._lingers:
            self._show(_NOT_OPEN, thinking_block(), b"", out)
            self._lingers = True
        index = self._count - 1
        say(block_delta(index, signature_delta(proof)), out, index)
        self._close(out)

    # A block grows.

    def _grow(self, event: _Growing, out: list[Sent]) -> None:
        words = self._words
        if words is not None and event.block == words.block and event.text:
            self._speak(words, out)
        if event.block != self._open or not event.text:
            return
        if self._arguments is not None:
            self._argue(event.text, out)
        else:
            out.append((self._steps, self._head + dumps(event.text) + _TAIL))

    def _speak(
        self, words: ev.TextStarted | ev.RefusalStarted, out: list[Sent]
    ) -> None:
        """A block of words begins after all."""
        self._words = None
        self._show(words.block, {"type": "text", "text": ""}, b"text", out)
        self._declined = self._declined or isinstance(words, ev.RefusalStarted)

    def _argue(self, text: str, out: list[Sent]) -> None:
        """Say more of a call's arguments, as far as every reader can follow."""
        arguments = self._arguments
        assert arguments is not None, "only calls have pieces that are in doubt"
        piece = arguments.feed(text)
        if piece:
            out.append((self._steps, self._head + dumps(piece) + _TAIL))
        self._passes = inside_string if arguments.in_string else _in_doubt

    def _sign(self, block: int, signature: Signature, out: list[Sent]) -> None:
        if block == self._open and self._unsigned:
            self._delta(block, signature_delta(wrap(signature)), "signature", out)
            self._unsigned = False
        elif block == self._open or (self._words and block == self._words.block):
            self._seal = signature

    def _cite(self, block: int, raw: JsonObject | None, out: list[Sent]) -> None:
        if raw is None:
            self.dropped["citation"] += 1
            return
        if self._words is not None and block == self._words.block:
            self._speak(self._words, out)
        cited: JsonObject = {"type": "citations_delta", "citation": raw}
        self._delta(block, cited, "citation", out)

    def _delta(self, block: int, delta: JsonObject, name: str, out: list[Sent]) -> None:
        if block != self._open:
            return
        if not is_writable(delta):
            self.dropped[name] += 1
            return
        index = self._count - 1
        say(block_delta(index, delta), out, index)

    # A block ends.

    def _finish_block(self, block: int, out: list[Sent]) -> None:
        if block == self._open and self._unsigned:
            self._open, self._lingers = _NOT_OPEN, True
        elif block == self._open or (self._words and block == self._words.block):
            self._leave(out)

    def _leave(self, out: list[Sent]) -> None:
        """Whatever is open is over."""
        self._words = None
        if self._open != _NOT_OPEN or self._lingers:
            self._close(out)
        seal, self._seal = self._seal, None
        if seal is not None:
            self._carry(wrap(seal, Place.PREVIOUS), out)

    def _close(self, out: list[Sent]) -> None:
        arguments, self._arguments = self._arguments, None
        if arguments is not None:
            piece = arguments.finish()
            if piece:
                out.append((self._steps, self._head + dumps(piece) + _TAIL))
            self._cut = self._cut or arguments.cut
            if arguments.broken:
                self.dropped["arguments"] += 1
        index = self._count - 1
        self._open, self._passes = _NOT_OPEN, None
        self._unsigned = self._lingers = False
        say(block_stop(index), out, index)

    def _end(self, out: list[Sent]) -> None:
        for event in self._queue.finish():
            self._take(event, out)
        self._leave(out)
        stopped = self._stopped or ev.Stopped(ev.Reason.OTHER)
        reason = emit_reason(
            stopped.reason,
            stopped.native,
            tools=self._calls,
            cut=self._cut,
            declined=self._declined,
        )
        say(message_delta(reason, stopped.sequence, self._usage), out)
        say({"type": "message_stop"}, out)
        self._over = True
