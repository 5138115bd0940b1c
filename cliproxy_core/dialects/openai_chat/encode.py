"""Neutral events to chunks.

Every block that grows has one byte template, made when it opens; a delta is that
template filled with its text. The finish reason waits for nothing: blocks of a
candidate have ended when it stops. Usage waits for the end, where its place is. A
picture and the sources of words are told when their block ends.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

import attrs
import orjson

from cliproxy_core.base.jsonval import Json, JsonObject, dumps, write
from cliproxy_core.ir import stream as ev
from cliproxy_core.ir.citation import Citation
from cliproxy_core.ir.dialect import Sent, StreamContext
from cliproxy_core.ir.failure import Failure
from cliproxy_core.ir.grammar import Step
from cliproxy_core.ir.media import Media, MediaKind
from cliproxy_core.ir.reasoning import Signature
from cliproxy_core.ir.request import ToolKind
from cliproxy_core.ir.usage import Usage

from . import errors
from .calls import signed_content
from .grammar import NAME
from .media import emit_image
from .mend_around import CHUNK, END_MARK
from .notes import emit_citation, emit_probs
from .thoughts import sealed_entry, signed_entry
from .usage import emit_usage
from .voices import Voices, Words

__all__ = ["ChatEncoder", "finish_word"]

_FINISH_WORDS: Final[Mapping[ev.Reason, str]] = {
    ev.Reason.END: "stop",
    ev.Reason.STOP_SEQUENCE: "stop",
    ev.Reason.TOOL_USE: "stop",
    ev.Reason.MAX_OUTPUT: "length",
    ev.Reason.CONTEXT_WINDOW: "length",
    ev.Reason.REFUSAL: "content_filter",
    ev.Reason.PAUSE: "stop",
    ev.Reason.OTHER: "stop",
}

_KEYS: Final[Mapping[type[Words], str]] = {
    ev.TextStarted: "content",
    ev.RefusalStarted: "refusal",
    ev.ReasoningStarted: "reasoning_content",
}

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
    size: int = 0
    """How many characters of words there are so far."""
    citations: list[Citation] = attrs.field(factory=list)


@attrs.define
class _Picture:
    """A picture that grows: it can only be sent whole."""

    mime: str | None
    candidate: int
    pieces: list[str] = attrs.field(factory=list, repr=False)


@attrs.define
class _Lane:
    """One candidate."""

    calls: int = 0
    silent: list[_Grows] = attrs.field(factory=list)
    """Calls that began without arguments."""
    details: int = 0
    pictures: int = 0
    notes: int = 0
    said: int = 0
    """How many characters of words were in blocks that have ended."""


@attrs.define
class ChatEncoder:
    """Transducer from events to frames."""

    context: StreamContext
    dropped: Counter[str] = attrs.field(factory=Counter, init=False)
    _head: bytes = attrs.field(default=b"", init=False, repr=False)
    """Everything before the choices, ready for a template."""
    _voices: Voices = attrs.field(factory=Voices, init=False)
    _blocks: dict[int, _Grows] = attrs.field(factory=dict, init=False)
    _pictures: dict[int, _Picture] = attrs.field(factory=dict, init=False)
    _lanes: dict[int, _Lane] = attrs.field(factory=dict, init=False)
    _usage: Usage | None = attrs.field(default=None, init=False)

    def feed(self, events: Sequence[ev.Event]) -> list[Sent]:
        """Take events; return the frames that they complete."""
        out: list[Sent] = []
        blocks, quoted = self._blocks, orjson.dumps
        voices, waiting = self._voices, self._voices.waiting
        for event in events:
            if waiting and voices.keeps(event):
                continue
            if type(event) is ev.TextDelta:
                grows, text = blocks[event.block], event.text
                if text:
                    grows.size += len(text)
                    out.append((grows.steps, grows.template % quoted(text)))
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
            case ev.TextStarted() | ev.RefusalStarted() | ev.ReasoningStarted():
                if self._voices.begins(event):
                    self._open(event, _KEYS[type(event)], out)
            case ev.ToolCallStarted():
                self._call(event, out)
            case ev.RedactedReasoning():
                self._redacted(event, out)
            case ev.MediaStarted():
                self._medium(event, out)
            case ev.NativeStarted():
                self._native(event, out)
            case ev.BlockEnded(block=block):
                self._end_block(block, out)
                out += self.feed(self._voices.ends(block))
            case ev.MediaDelta(block=block, data=data):
                if block in self._pictures:
                    self._pictures[block].pieces.append(data)
                elif block in self._blocks:
                    self._grow(self._blocks[block], data, out)
            case ev.BlockSigned() | ev.CitationAdded() | ev.LogProbsAdded():
                self._note(event, out)
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
                pass  # heartbeats, and more of blocks that this API has no place for

    def _start(self, event: ev.Started) -> None:
        created = self.context.created if event.created is None else event.created
        around: JsonObject = {
            "id": event.id or self.context.ids("chatcmpl-"),
            "object": CHUNK,
            "created": created,
            "model": event.model or self.context.model,
        }
        self._head = b"data: " + write(around)[:-1].replace(b"%", b"%%")

    def _lane(self, candidate: int, out: list[Sent]) -> _Lane:
        """A candidate; those before it begin first, as readers count them so."""
        for each in range(len(self._lanes), candidate + 1):
            self._lanes[each] = _Lane()
            delta: JsonObject = {"role": "assistant", "content": ""}
            out.append(((Step("role", -1, each),), self._frame(each, delta)))
        return self._lanes[candidate]

    def _frame(self, candidate: int, delta: JsonObject) -> bytes:
        return self._template(candidate, b"%b") % write(delta)

    def _template(self, candidate: int, delta: bytes) -> bytes:
        return b'%b,"choices":[{"index":%d,"delta":%b,"finish_reason":null}]}\n\n' % (
            self._head,
            candidate,
            delta,
        )

    def _open(self, event: Words, key: str, out: list[Sent]) -> None:
        candidate = event.candidate
        self._lane(candidate, out)
        symbol = "reasoning" if key == "reasoning_content" else key
        self._blocks[event.block] = _Grows(
            (Step(symbol, -1, candidate),),
            self._template(candidate, b'{"%b":%%b}' % key.encode()),
            candidate,
            pieces=[] if symbol == "reasoning" else None,
        )

    def _call(self, event: ev.ToolCallStarted, out: list[Sent]) -> None:
        lane = self._lane(event.candidate, out)
        number = lane.calls
        lane.calls += 1
        free = event.kind is ToolKind.CUSTOM
        kind, text = ("custom", "input") if free else ("function", "arguments")
        call: JsonObject = {
            "index": number,
            "id": event.call_id,
            "type": kind,
            kind: {"name": event.name, text: ""},
        }
        if event.signature is not None:
            call.update(signed_content(event.signature))
        opening = (Step("tool_start", number, event.candidate),)
        out.append((opening, self._frame(event.candidate, {"tool_calls": [call]})))
        delta = b'{"tool_calls":[{"index":%d,"%b":{"%b":%%b}}]}'
        delta %= number, kind.encode(), text.encode()
        grows = self._blocks[event.block] = _Grows(
            (Step("tool_delta", number, event.candidate),),
            self._template(event.candidate, delta),
            event.candidate,
            silent=not free,
        )
        lane.silent.append(grows)

    def _medium(self, event: ev.MediaStarted, out: list[Sent]) -> None:
        if event.kind is MediaKind.IMAGE:
            self._lane(event.candidate, out)
            self._pictures[event.block] = _Picture(event.mime, event.candidate)
        elif event.kind is MediaKind.AUDIO:
            self._lane(event.candidate, out)
            steps = (Step("media", -1, event.candidate),)
            sound: JsonObject = {"audio": {"id": self.context.ids("audio_")}}
            out.append((steps, self._frame(event.candidate, sound)))
            template = self._template(event.candidate, b'{"audio":{"data":%b}}')
            self._blocks[event.block] = _Grows(steps, template, event.candidate)
        else:
            self.dropped["media"] += 1

    def _native(self, event: ev.NativeStarted, out: list[Sent]) -> None:
        """Of this dialect's own: pictures that are elsewhere."""
        images = event.raw.get("images") if event.dialect == NAME else None
        if not isinstance(images, list):
            self.dropped["native"] += 1
            return
        for image in images:
            if isinstance(image, dict):
                self._picture(event.candidate, image, out)

    def _picture(self, candidate: int, image: JsonObject, out: list[Sent]) -> None:
        lane = self._lane(candidate, out)
        delta: JsonObject = {"images": [{**image, "index": lane.pictures}]}
        lane.pictures += 1
        out.append(((Step("media", -1, candidate),), self._frame(candidate, delta)))

    def _note(
        self,
        event: ev.BlockSigned | ev.CitationAdded | ev.LogProbsAdded,
        out: list[Sent],
    ) -> None:
        """Something about the words of a block."""
        grows = self._blocks.get(event.block)
        if grows is None:
            return
        match event:
            case ev.BlockSigned(signature=signature):
                if grows.pieces is None:
                    self.dropped["signature"] += 1  # only reasoning has a place for it
                else:
                    grows.signature = signature
            case ev.CitationAdded(citation=citation):
                grows.citations.append(citation)
            case ev.LogProbsAdded(tokens=tokens):
                refusing = grows.steps[0].symbol == "refusal"
                probs = emit_probs(tokens, refusing=refusing)
                rest = b'"choices":[{"index":%d,"delta":{},"logprobs":%b,'
                rest += b'"finish_reason":null}]'
                rest %= grows.candidate, write(probs)
                out.append(((), self._whole(rest)))

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
        picture = self._pictures.pop(block, None)
        if picture is not None:
            data = "".join(picture.pieces)
            media = Media(kind=MediaKind.IMAGE, mime=picture.mime, data=data)
            self._picture(picture.candidate, emit_image(media) or {}, out)
        grows = self._blocks.pop(block, None)
        if grows is None:
            return
        lane = self._lanes[grows.candidate]
        if grows.citations:
            self._cite(grows, lane, out)
        lane.said += grows.size
        if grows.pieces is None or grows.signature is None:
            return
        text = "".join(grows.pieces)
        entry = signed_entry(lane.details, text, grows.signature)
        lane.details += 1
        self._detail(grows.candidate, entry, out)

    def _cite(self, grows: _Grows, lane: _Lane, out: list[Sent]) -> None:
        """The sources of a block; entries of lists in deltas have a number."""
        notes: list[Json] = []
        for citation in grows.citations:
            note = emit_citation(citation, lane.said, grows.size)
            if note is None:
                self.dropped["citation"] += 1
            else:
                notes.append({**note, "index": lane.notes})
                lane.notes += 1
        if notes:
            steps = (Step("note", -1, grows.candidate),)
            out.append((steps, self._frame(grows.candidate, {"annotations": notes})))

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
            usage = write(emit_usage(self._usage))
            out.append((_USAGE, self._whole(b'"choices":[],"usage":%b' % usage)))
        out.append((_DONE, END_MARK))

    def _whole(self, rest: bytes) -> bytes:
        return b"%b,%b}\n\n" % (self._head % (), rest)


def finish_word(reason: ev.Reason, *, calls: bool) -> str:
    """The finish reason of this API; calls are told only where there are any, and
    always where they are complete: clients run them on this word."""
    word = _FINISH_WORDS[reason]
    return "tool_calls" if calls and word == "stop" else word
