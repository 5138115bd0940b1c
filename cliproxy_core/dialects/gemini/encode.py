"""Neutral events to chunks.

Words go out as they come, each delta as one part, from the byte template of its block.
Calls and media are said whole when their block ends. The finish reasons and the token
counts wait for the end, since they belong into the last chunk; and so does everything
behind a call without arguments, which may have been cut before them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

import attrs
import orjson

from cliproxy_core.base.jsonval import JsonObject, dumps, write
from cliproxy_core.ir import stream as ev
from cliproxy_core.ir.citation import Citation, TokenProb
from cliproxy_core.ir.dialect import Sent, StreamContext
from cliproxy_core.ir.failure import Failure
from cliproxy_core.ir.grammar import Step
from cliproxy_core.ir.media import Media
from cliproxy_core.ir.sequence import OneBlockAtATime
from cliproxy_core.ir.usage import Usage

from . import errors
from .arguments import object_text
from .carrier import wrap
from .emit import NOTHING, finish_word, is_lost, media_part, native_part, words_part
from .grammar import NAME, symbol_of
from .notes import Cited, emit_citations, emit_logprobs
from .usage import emit_usage

__all__ = ["Encoder"]

_ERROR: Final = (Step("error"),)
_GROWING: Final = (ev.TextDelta, ev.ReasoningDelta, ev.RefusalDelta)
_OPENING: Final = (
    ev.TextStarted,
    ev.RefusalStarted,
    ev.ReasoningStarted,
    ev.RedactedReasoning,
    ev.ToolCallStarted,
    ev.MediaStarted,
    ev.NativeStarted,
)
_INSIDE: Final = (
    *_GROWING,
    ev.BlockSigned,
    ev.ToolCallDelta,
    ev.MediaDelta,
    ev.CitationAdded,
    ev.LogProbsAdded,
    ev.NativeDelta,
    ev.BlockEnded,
)


@attrs.define(eq=False)
class _Lane:
    """One candidate."""

    number: int
    queue: OneBlockAtATime = attrs.field(factory=OneBlockAtATime)
    opening: ev.Opening | None = None
    """The open block, unless it grows by words."""
    pieces: list[str] = attrs.field(factory=list, repr=False)
    """What came of the open call or medium."""
    held: list[Sent] | None = None
    """What waits behind a call without arguments; the first is that call."""
    bare: list[Sent] = attrs.field(factory=list)
    """Those of the held frames that are calls without arguments."""
    words: list[_Words] = attrs.field(factory=list)
    cited: list[tuple[Citation, _Words]] = attrs.field(factory=list, repr=False)
    tokens: list[TokenProb] = attrs.field(factory=list, repr=False)
    lost: list[str] = attrs.field(factory=list, repr=False)
    """Arguments of calls that were left out."""
    refused: bool = False
    """Whether there were words of declining."""
    stopped: ev.Stopped | None = None


@attrs.define(eq=False)
class _Words:
    """A block of words: what a delta of it looks like, and the step it takes."""

    lane: _Lane
    steps: tuple[Step, ...]
    template: bytes
    thought: bool
    pieces: list[str] = attrs.field(factory=list, repr=False)
    """The words themselves, for the places that sources are for."""


@attrs.define
class Encoder:
    """Transducer from events to frames."""

    context: StreamContext
    dropped: Counter[str] = attrs.field(factory=Counter, init=False)
    _tail: bytes = attrs.field(default=b"", init=False, repr=False)
    """Everything behind the candidates."""
    _open: dict[int, _Words] = attrs.field(factory=dict, init=False)
    """Blocks of words whose turn it is."""
    _lanes: dict[int, _Lane] = attrs.field(factory=dict, init=False)
    _lane_of: dict[int, _Lane] = attrs.field(factory=dict, init=False)
    """By block, until it ends."""
    _usage: Usage | None = attrs.field(default=None, init=False)
    _over: bool = attrs.field(default=False, init=False)

    def feed(self, events: Sequence[ev.Event]) -> list[Sent]:
        """Take events; return the frames that they complete."""
        out: list[Sent] = []
        growing, words, escaped = _GROWING, self._open, orjson.dumps
        for event in events:
            if isinstance(event, growing) and event.block in words:
                if event.text:
                    block = words[event.block]
                    block.pieces.append(event.text)
                    to = out if block.lane.held is None else block.lane.held
                    to.append((block.steps, block.template % escaped(event.text)))
            elif not self._over:
                self._route(event, out)
        return out

    def fail(self, failure: Failure) -> list[Sent]:
        """Say inside the stream that it is broken, and end it."""
        if self._over:
            return []
        self._over = True
        self._open.clear()
        return [(_ERROR, errors.fail(failure))]

    def _route(self, event: ev.Event, out: list[Sent]) -> None:
        """Blocks of a candidate one after the other, whatever came between."""
        if isinstance(event, _OPENING):
            lane = self._lane_of[event.block] = self._lane(event.candidate)
        elif isinstance(event, _INSIDE):
            lane = self._lane_of[event.block]
        else:
            self._around(event, out)
            return
        for each in lane.queue.feed((event,)):
            self._take(lane, each, out)

    def _around(self, event: ev.Event, out: list[Sent]) -> None:
        """What belongs to the response rather than to a block."""
        match event:
            case ev.Started():
                names: JsonObject = {
                    "modelVersion": event.model or self.context.model,
                    "responseId": event.id or self.context.ids("resp_"),
                }
                self._tail = b"," + dumps(names)[1:] + b"\n\n"
            case ev.UsageReported(usage=usage):
                self._usage = self._usage.merged(usage) if self._usage else usage
            case ev.Stopped(candidate=candidate):
                self._stop(self._lane(candidate), event, out)
            case ev.Ended():
                self._end(out)
            case ev.Broken(failure=failure):
                out.extend(self.fail(failure))
            case _:
                pass  # a sign of life has no place here

    def _take(self, lane: _Lane, event: ev.Event, out: list[Sent]) -> None:
        match event:
            case ev.TextStarted(block=block) | ev.RefusalStarted(block=block):
                self._open[block] = self._words(lane, thought=False)
                lane.refused = lane.refused or isinstance(event, ev.RefusalStarted)
            case ev.ReasoningStarted(block=block):
                self._open[block] = self._words(lane, thought=True)
            case ev.TextDelta() | ev.ReasoningDelta() | ev.RefusalDelta():
                out.extend(self.feed((event,)))  # it waited for its turn
            case ev.BlockSigned(block=block, signature=signature):
                words = self._open.get(block)
                if words is None:
                    self.dropped["signature"] += 1
                    return
                part = words_part("", signature, thought=words.thought)
                self._say(lane, words.steps[0].symbol, write(part), out)
            case ev.RedactedReasoning(sealed=sealed):
                part = words_part("", sealed, thought=True, sealed=True)
                self._say(lane, "thought", write(part), out)
            case ev.ToolCallStarted() | ev.MediaStarted():
                lane.opening, lane.pieces = event, []
            case ev.ToolCallDelta(text=piece) | ev.MediaDelta(data=piece):
                lane.pieces.append(piece)
            case ev.NativeStarted(dialect=dialect, raw=raw):
                if dialect == NAME:
                    part = native_part(raw)
                    self._say(lane, symbol_of(part), write(part), out)
                else:
                    self.dropped["native"] += 1
            case ev.BlockEnded(block=block):
                self._end_block(lane, block, out)
            case _:
                self._note(lane, event)

    def _note(self, lane: _Lane, event: ev.Event) -> None:
        """What is said of words, in the last chunk."""
        if isinstance(event, ev.LogProbsAdded):
            lane.tokens += event.tokens
        elif isinstance(event, ev.CitationAdded) and event.block in self._open:
            lane.cited.append((event.citation, self._open[event.block]))

    def _lane(self, number: int) -> _Lane:
        """A candidate; those before it are there too."""
        for each in range(len(self._lanes), number + 1):
            self._lanes[each] = _Lane(each)
        return self._lanes[number]

    def _words(self, lane: _Lane, *, thought: bool) -> _Words:
        part = b'{"text":%b,"thought":true}' if thought else b'{"text":%b}'
        steps = (Step("thought" if thought else "text", -1, lane.number),)
        # The names may hold a percent sign, which a template takes for its own.
        frame = self._frame(lane, b"\0").replace(b"%", b"%%").replace(b"\0", part)
        words = _Words(lane, steps, frame, thought)
        lane.words.append(words)
        return words

    def _frame(self, lane: _Lane, part: bytes) -> bytes:
        content = b'{"parts":[%b],"role":"model"}' % part
        return b'data: {"candidates":[{"content":%b,"index":%d}]%b' % (
            content,
            lane.number,
            self._tail,
        )

    def _say(
        self, lane: _Lane, symbol: str | None, part: bytes, out: list[Sent]
    ) -> None:
        steps = () if symbol is None else (Step(symbol, -1, lane.number),)
        to = out if lane.held is None else lane.held
        to.append((steps, self._frame(lane, part)))

    def _end_block(self, lane: _Lane, block: int, out: list[Sent]) -> None:
        self._lane_of.pop(block, None)
        self._open.pop(block, None)
        opening, lane.opening = lane.opening, None
        if isinstance(opening, ev.ToolCallStarted):
            self._call(lane, opening, out)
        elif isinstance(opening, ev.MediaStarted):
            data = "".join(lane.pieces)
            media = Media(kind=opening.kind, mime=opening.mime, data=data)
            part = media_part(media)
            if part is None:
                self.dropped["media"] += 1
            else:
                self._say(lane, "media", write(part), out)

    def _call(self, lane: _Lane, call: ev.ToolCallStarted, out: list[Sent]) -> None:
        text = "".join(lane.pieces)
        args = object_text(text, call.kind)
        if args is None:
            self._lose(lane, text)
            return
        ident = call.call_id or self.context.ids("call_")
        proof = b""
        if call.signature is not None:
            proof = b',"thoughtSignature":%b' % dumps(wrap(call.signature))
        part = b'{"functionCall":{"id":%b,"name":%b,"args":%b}%b}' % (
            dumps(ident),
            dumps(call.name),
            args.encode(),
            proof,
        )
        if text.strip():
            self._say(lane, "call", part, out)
            return
        lane.held = [] if lane.held is None else lane.held
        self._say(lane, "call", part, lane.held)
        lane.bare.append(lane.held[-1])

    def _lose(self, lane: _Lane, arguments: str) -> None:
        self.dropped["call"] += 1
        lane.lost.append(arguments)

    def _stop(self, lane: _Lane, stopped: ev.Stopped, out: list[Sent]) -> None:
        lane.stopped = stopped
        for sent in lane.held or ():
            if is_lost("", stopped.reason) and sent in lane.bare:
                self._lose(lane, "")
            else:
                out.append(sent)
        lane.held = None

    def _end(self, out: list[Sent]) -> None:
        self._lane(0)
        for lane in self._lanes.values():
            for event in lane.queue.finish():
                self._take(lane, event, out)
            if isinstance(lane.opening, ev.ToolCallStarted):
                self._lose(lane, "".join(lane.pieces))
            if lane.stopped is None:
                reason = ev.Reason.MAX_OUTPUT if lane.lost else ev.Reason.OTHER
                self._stop(lane, ev.Stopped(reason, candidate=lane.number), out)
        payload: JsonObject = {
            "candidates": [self._finish(lane) for lane in self._lanes.values()]
        }
        if self._usage is not None:
            payload["usageMetadata"] = emit_usage(self._usage)
        steps = tuple(Step("finish", -1, number) for number in self._lanes)
        out.append((steps, b"data: " + write(payload)[:-1] + self._tail))
        self._over = True

    def _finish(self, lane: _Lane) -> JsonObject:
        stopped = lane.stopped or ev.Stopped(ev.Reason.OTHER)
        places, before = {}, 0
        for words in lane.words:
            text = "" if words.thought else "".join(words.pieces)
            places[id(words)] = Cited(text, before)
            before += len(text.encode())
        cited = [(citation, places[id(words)]) for citation, words in lane.cited]
        sources, lost = emit_citations(cited)
        if lost:
            self.dropped["citation"] += lost
        word = finish_word(
            stopped.reason, stopped.native, lane.lost, refused=lane.refused
        )
        return {
            "content": {"parts": [NOTHING], "role": "model"},
            "finishReason": word,
            "index": lane.number,
            **sources,
            **emit_logprobs(lane.tokens),
        }
