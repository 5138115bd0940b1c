"""Neutral events to chunks.

Every block that grows has one byte template, made when it opens; a delta is that
template filled with its text. The finish reason waits for nothing: blocks of a
candidate have ended when it stops. Usage waits for the end, where its place is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

import attrs
import orjson

from cliproxy_core.base.jsonval import JsonObject, dumps
from cliproxy_core.ir import stream as ev
from cliproxy_core.ir.dialect import Sent, StreamContext
from cliproxy_core.ir.failure import Failure
from cliproxy_core.ir.grammar import Step
from cliproxy_core.ir.reasoning import Signature
from cliproxy_core.ir.usage import Usage

from . import errors
from .mend_around import CHUNK, END_MARK
from .usage import emit_usage

__all__ = ["ChatEncoder", "finish_word", "sealed_entry", "signed_entry"]

_FINISH_WORDS: Final[Mapping[ev.Reason, str]] = {
    ev.Reason.END: "stop",
    ev.Reason.STOP_SEQUENCE: "stop",
    ev.Reason.TOOL_USE: "tool_calls",
    ev.Reason.MAX_OUTPUT: "length",
    ev.Reason.CONTEXT_WINDOW: "length",
    ev.Reason.REFUSAL: "content_filter",
    ev.Reason.PAUSE: "stop",
    ev.Reason.OTHER: "stop",
}

# What the issuers of signatures are called in `reasoning_details`.
_FORMATS: Final[Mapping[str, str]] = {"claude_messages": "anthropic-claude-v1"}

_USAGE: Final = (Step("usage"),)
_DONE: Final = (Step("done"),)
_ERROR: Final = (Step("error"),)
_GROWING: Final = (ev.ToolCallDelta, ev.ReasoningDelta, ev.RefusalDelta)


@attrs.define
class _Grows:
    """An open block: what a delta of it looks like, and the step it takes."""

    steps: tuple[Step, ...]
    template: bytes
    candidate: int
    silent: bool = False
    """Whether it is a call without arguments so far."""
    pieces: list[str] | None = None
    """The text so far, of reasoning only: a signature is sent with all of it."""
    signature: Signature | None = None


@attrs.define
class _Lane:
    """One candidate."""

    calls: int = 0
    silent: list[_Grows] = attrs.field(factory=list)
    """Calls that began without arguments."""
    details: int = 0


@attrs.define
class ChatEncoder:
    """Transducer from events to frames."""

    context: StreamContext
    dropped: Counter[str] = attrs.field(factory=Counter, init=False)
    _head: bytes = attrs.field(default=b"", init=False, repr=False)
    """Everything before the choices, ready for a template."""
    _blocks: dict[int, _Grows] = attrs.field(factory=dict, init=False)
    _lanes: dict[int, _Lane] = attrs.field(factory=dict, init=False)
    _usage: Usage | None = attrs.field(default=None, init=False)

    def feed(self, events: Sequence[ev.Event]) -> list[Sent]:
        """Take events; return the frames that they complete."""
        out: list[Sent] = []
        blocks, write = self._blocks, orjson.dumps
        for event in events:
            if isinstance(event, ev.TextDelta):
                grows = blocks[event.block]
                if event.text:
                    out.append((grows.steps, grows.template % write(event.text)))
            elif isinstance(event, _GROWING):
                self._grow(blocks[event.block], event.text, out)
            else:
                self._take(event, out)
        return out

    def fail(self, failure: Failure) -> list[Sent]:
        """Say that the stream is broken. No end mark follows."""
        return [(_ERROR, errors.fail(failure))]

    def _take(self, event: ev.Event, out: list[Sent]) -> None:
        match event:
            case ev.TextStarted():
                self._open(event.block, event.candidate, "content", out)
            case ev.RefusalStarted():
                self._open(event.block, event.candidate, "refusal", out)
            case ev.ReasoningStarted():
                self._open(event.block, event.candidate, "reasoning_content", out)
            case ev.ToolCallStarted():
                self._call(event, out)
            case ev.BlockSigned():
                self._blocks[event.block].signature = event.signature
            case ev.RedactedReasoning():
                self._redacted(event, out)
            case ev.BlockEnded(block=block):
                self._end_block(block, out)
            case _:
                self._around(event, out)

    def _around(self, event: ev.Event, out: list[Sent]) -> None:
        """What belongs to the response rather than to a block."""
        match event:
            case ev.Started():
                self._start(event)
                self._lane(0, out)
            case ev.UsageReported(usage=usage):
                self._usage = self._usage.merged(usage) if self._usage else usage
            case ev.Stopped():
                self._stop(event, out)
            case ev.Ended():
                self._end(out)
            case ev.Broken(failure=failure):
                out.extend(self.fail(failure))
            case _:
                pass  # media, citations, native blocks: this API has no place for them

    def _start(self, event: ev.Started) -> None:
        created = self.context.created if event.created is None else event.created
        around: JsonObject = {
            "id": event.id or self.context.ids("chatcmpl-"),
            "object": CHUNK,
            "created": created,
            "model": event.model or self.context.model,
        }
        self._head = b"data: " + dumps(around)[:-1].replace(b"%", b"%%")

    def _lane(self, candidate: int, out: list[Sent]) -> _Lane:
        """A candidate; those before it begin first, as readers count them so."""
        for each in range(len(self._lanes), candidate + 1):
            self._lanes[each] = _Lane()
            delta: JsonObject = {"role": "assistant", "content": ""}
            out.append(((Step("role", -1, each),), self._frame(each, delta)))
        return self._lanes[candidate]

    def _frame(self, candidate: int, delta: JsonObject) -> bytes:
        return self._template(candidate, b"%b") % dumps(delta)

    def _template(self, candidate: int, delta: bytes) -> bytes:
        return b'%b,"choices":[{"index":%d,"delta":%b,"finish_reason":null}]}\n\n' % (
            self._head,
            candidate,
            delta,
        )

    def _open(self, block: int, candidate: int, key: str, out: list[Sent]) -> None:
        self._lane(candidate, out)
        symbol = "reasoning" if key == "reasoning_content" else key
        self._blocks[block] = _Grows(
            (Step(symbol, -1, candidate),),
            self._template(candidate, b'{"%b":%%b}' % key.encode()),
            candidate,
            pieces=[] if symbol == "reasoning" else None,
        )

    def _call(self, event: ev.ToolCallStarted, out: list[Sent]) -> None:
        lane = self._lane(event.candidate, out)
        number = lane.calls
        lane.calls += 1
        function: JsonObject = {"name": event.name, "arguments": ""}
        call: JsonObject = {
            "index": number,
            "id": event.call_id,
            "type": "function",
            "function": function,
        }
        opening = (Step("tool_start", number, event.candidate),)
        out.append((opening, self._frame(event.candidate, {"tool_calls": [call]})))
        delta = b'{"tool_calls":[{"index":%d,"function":{"arguments":%%b}}]}' % number
        grows = self._blocks[event.block] = _Grows(
            (Step("tool_delta", number, event.candidate),),
            self._template(event.candidate, delta),
            event.candidate,
            silent=True,
        )
        lane.silent.append(grows)

    def _grow(self, grows: _Grows, text: str, out: list[Sent]) -> None:
        if not text:
            return
        grows.silent = False
        if grows.pieces is not None:
            grows.pieces.append(text)
        out.append((grows.steps, grows.template % dumps(text)))

    def _redacted(self, event: ev.RedactedReasoning, out: list[Sent]) -> None:
        lane = self._lane(event.candidate, out)
        entry = sealed_entry(lane.details, event.sealed)
        lane.details += 1
        self._detail(event.candidate, entry, out)

    def _end_block(self, block: int, out: list[Sent]) -> None:
        grows = self._blocks.pop(block, None)
        if grows is None or grows.pieces is None or grows.signature is None:
            return
        lane = self._lane(grows.candidate, out)
        text = "".join(grows.pieces)
        entry = signed_entry(lane.details, text, grows.signature)
        lane.details += 1
        self._detail(grows.candidate, entry, out)

    def _detail(self, candidate: int, entry: JsonObject, out: list[Sent]) -> None:
        steps = (Step("reasoning", -1, candidate),)
        out.append((steps, self._frame(candidate, {"reasoning_details": [entry]})))

    def _stop(self, event: ev.Stopped, out: list[Sent]) -> None:
        lane = self._lane(event.candidate, out)
        word = finish_word(event.reason, calls=lane.calls > 0)
        for grows in lane.silent:
            # A call that was cut must not look as if it took no arguments.
            if grows.silent and word != "length":
                self._grow(grows, "{}", out)
        choice: JsonObject = {
            "index": event.candidate,
            "delta": {},
            "finish_reason": word,
        }
        if event.native is not None and event.native != word:
            choice["native_finish_reason"] = event.native
        steps = (Step("finish", -1, event.candidate),)
        out.append((steps, self._whole(b'"choices":[%b]' % dumps(choice))))

    def _end(self, out: list[Sent]) -> None:
        if self._usage is not None and self.context.usage:
            usage = dumps(emit_usage(self._usage))
            out.append((_USAGE, self._whole(b'"choices":[],"usage":%b' % usage)))
        out.append((_DONE, END_MARK))

    def _whole(self, rest: bytes) -> bytes:
        return b"%b,%b}\n\n" % (self._head % (), rest)


def finish_word(reason: ev.Reason, *, calls: bool) -> str:
    """The finish reason of this API; calls are told only where there are any."""
    if reason in (ev.Reason.END, ev.Reason.TOOL_USE):
        return "tool_calls" if calls else "stop"
    return _FINISH_WORDS[reason]


def signed_entry(index: int, text: str, signature: Signature) -> JsonObject:
    """An entry of `reasoning_details` for reasoning that somebody vouches for."""
    return {
        "type": "reasoning.text",
        "index": index,
        "text": text,
        "signature": signature.text,
        "format": _format(signature),
    }


def sealed_entry(index: int, sealed: Signature) -> JsonObject:
    """An entry of `reasoning_details` for reasoning that only its issuer can read."""
    return {
        "type": "reasoning.encrypted",
        "index": index,
        "data": sealed.text,
        "format": _format(sealed),
    }


def _format(signature: Signature) -> str:
    return signature.format or _FORMATS.get(signature.issuer, "unknown")
