"""The items of one response as they open, grow and end.

Items may be open side by side, but nothing opens beside words (`ir.sequence`), so that
the order of items is that of the blocks, streamed or whole. Words that follow one
another are content parts of one message, which is done when something else opens or the
turn stops. State that goes with words or with a call stands in a reasoning item of its
own (`carrier`).

A call is done when its block ends, if its arguments are a JSON object by then. Others
wait for the reason why the model stopped: a call that was cut is done as incomplete,
and its arguments are not said to be whole. Free text is whole if anything follows it.
"""

from __future__ import annotations

from typing import Final, TypeAlias, assert_never

import attrs

from cliproxy_core.base.ids import Ids
from cliproxy_core.base.jsonval import JsonObject
from cliproxy_core.ir import stream as ev
from cliproxy_core.ir.dialect import Sent
from cliproxy_core.ir.media import MediaKind
from cliproxy_core.ir.request import ToolKind

from .carrier import Place, wrap
from .encode_blocks import (
    Block,
    Call,
    Message,
    Own,
    Picture,
    Sheet,
    Thought,
    Words,
    is_writable,
    texts_of,
)
from .frames import Growth, growth_of
from .grammar import NAME
from .items import (
    call_item,
    message_item,
    picture_item,
    reasoning_item,
    refusal_part,
    summary_part,
    text_part,
)

__all__ = ["About", "Turn"]

About: TypeAlias = (
    ev.Opening
    | ev.TextDelta
    | ev.RefusalDelta
    | ev.ReasoningDelta
    | ev.ToolCallDelta
    | ev.BlockSigned
    | ev.MediaDelta
    | ev.CitationAdded
    | ev.NativeDelta
    | ev.LogProbsAdded
    | ev.BlockEnded
)
"""The events about a block."""

# After any other reason, what is not complete was cut.
_FREELY: Final = frozenset(
    {ev.Reason.END, ev.Reason.TOOL_USE, ev.Reason.STOP_SEQUENCE, ev.Reason.PAUSE}
)


@attrs.define
class Turn:
    """What becomes of blocks."""

    ids: Ids
    sheet: Sheet
    owner: str = attrs.field(default="", init=False)
    """The response, after which its items are named."""
    cut: bool = attrs.field(default=False, init=False)
    """Whether a call of the first candidate was cut."""
    growths: dict[int, Growth] = attrs.field(factory=dict, init=False)
    """How open blocks grow that do so by deltas."""
    _open: dict[int, Block] = attrs.field(factory=dict, init=False)
    _words: int | None = attrs.field(default=None, init=False)
    """The block of words that is open."""
    _last: dict[int, int] = attrs.field(factory=dict, init=False)
    """The item that opened last, by candidate."""
    _message: Message | None = attrs.field(default=None, init=False)
    _held: dict[int, list[Call]] = attrs.field(factory=dict, init=False)
    """Calls that have ended and may have been cut, by candidate."""
    _stops: dict[int, ev.Reason] = attrs.field(factory=dict, init=False)

    def take(self, event: About, out: list[Sent]) -> None:
        """Something about a block. What belongs to one that is not shown is nothing."""
        shown, sheet = self._open.get(event.block), self.sheet
        match event:
            case (
                ev.TextDelta(text=text)
                | ev.RefusalDelta(text=text)
                | ev.ReasoningDelta(text=text)
                | ev.ToolCallDelta(text=text)
            ):
                growth = self.growths.get(event.block)
                if growth is not None and text:
                    sheet.writer.grow(growth, text, out)
            case ev.BlockEnded():
                self._end(event.block, out)
            case ev.BlockSigned(signature=signature):
                if isinstance(shown, Words | Thought):
                    shown.signature = signature if signature.text else None
                else:
                    sheet.dropped["signature"] += 1
            case ev.CitationAdded(citation=citation):
                if isinstance(shown, Words):
                    shown.cite(citation, sheet, out)
                else:
                    sheet.dropped["citation"] += 1
            case ev.LogProbsAdded(tokens=tokens):
                if isinstance(shown, Words):
                    shown.weigh(tokens, sheet, out)
                else:
                    sheet.dropped["logprobs"] += 1
            case ev.MediaDelta(data=data):
                if isinstance(shown, Picture):
                    shown.pieces.append(data)
            case ev.NativeDelta(raw=raw):
                if isinstance(shown, Own):
                    shown.progress(raw, sheet, out)
            case _:
                self._begin(event, out)

    def stop(self, event: ev.Stopped, out: list[Sent]) -> None:
        """A candidate is complete."""
        self._stops[event.candidate] = event.reason
        if self._message is not None and self._message.candidate == event.candidate:
            self._end_message(out)
        self._release(event.candidate, out)

    def finish(self, out: list[Sent]) -> None:
        """There is no more."""
        for block in list(self._open):
            self._end(block, out)
        self._end_message(out)
        for candidate in sorted(self._held):
            self._release(candidate, out)

    # Blocks open.

    def _begin(self, event: ev.Opening, out: list[Sent]) -> None:
        if self._words is not None:  # they never ended, and nothing more comes of them
            self._end(self._words, out)
        match event:
            case ev.TextStarted() | ev.RefusalStarted():
                self._speak(event, out)
            case ev.ReasoningStarted():
                self._think(event, out)
            case ev.RedactedReasoning(sealed=sealed):
                if sealed.text:  # else there is nothing to bring back
                    self._carry(wrap(sealed), self._apart(event, out), out)
            case ev.ToolCallStarted():
                self._call(event, out)
            case ev.MediaStarted(kind=kind):
                if kind is MediaKind.IMAGE:
                    self._picture(event, out)
                else:
                    self.sheet.dropped["media"] += 1
            case ev.NativeStarted(dialect=dialect, raw=raw):
                if dialect == NAME and is_writable(raw):
                    self._native(event, out)
                else:
                    self.sheet.dropped["native"] += 1
            case _:
                assert_never(event)

    def _apart(self, event: ev.Opening, out: list[Sent]) -> int:
        """An item opens: the message before it is over. The number of the item."""
        self._end_message(out)
        self._let_go(event.candidate, out)
        return self._next(event)

    def _next(self, event: ev.Opening) -> int:
        index = self._last[event.candidate] = self.sheet.items.open()
        return index

    def _speak(
        self, event: ev.TextStarted | ev.RefusalStarted, out: list[Sent]
    ) -> None:
        message = self._message
        if message is None or message.candidate != event.candidate:
            index = self._apart(event, out)
            name = self.sheet.items.name("msg_", self.owner, index)
            message = self._message = Message(name, index, event.candidate)
            self.sheet.added(message_item(name, [], done=False), index, out)
        refusing = isinstance(event, ev.RefusalStarted)
        place: JsonObject = {
            "item_id": message.name,
            "output_index": message.index,
            "content_index": len(message.content),
        }
        part = refusal_part("") if refusing else text_part("")
        added: JsonObject = {**place, "part": part}
        self.sheet.writer.say("response.content_part.added", added, out)
        kind = "response.refusal.delta" if refusing else "response.output_text.delta"
        growth = self.growths[event.block] = growth_of(kind, place)
        self._open[event.block] = Words(growth, message, place, refusing)
        self._words = event.block

    def _think(self, event: ev.ReasoningStarted, out: list[Sent]) -> None:
        index = self._apart(event, out)
        name = self.sheet.items.name("rs_", self.owner, index)
        self.sheet.added(reasoning_item(name, (), None), index, out)
        place: JsonObject = {
            "item_id": name,
            "output_index": index,
            "summary_index": 0,
        }
        added: JsonObject = {**place, "part": summary_part("")}
        self.sheet.writer.say("response.reasoning_summary_part.added", added, out)
        kind = "response.reasoning_summary_text.delta"
        growth = self.growths[event.block] = growth_of(kind, place)
        self._open[event.block] = Thought(growth, name, index, place)

    def _call(self, event: ev.ToolCallStarted, out: list[Sent]) -> None:
        index = self._apart(event, out)
        if event.signature is not None and event.signature.text:
            self._carry(wrap(event.signature, Place.NEXT), index, out)
            index = self._next(event)
        opening = event
        if not event.call_id:
            opening = attrs.evolve(event, call_id=self.ids("call_"))
        name = self.sheet.items.call_name(event.kind, opening.call_id, index)
        self.sheet.added(call_item(name, opening, "", "in_progress"), index, out)
        place: JsonObject = {"item_id": name, "output_index": index}
        kind = f"{texts_of(event.kind)}.delta"
        growth = self.growths[event.block] = growth_of(kind, place)
        self._open[event.block] = Call(growth, name, index, opening)

    def _carry(self, proof: str, index: int, out: list[Sent]) -> None:
        """A reasoning item that nobody can read."""
        name = self.sheet.items.name("rs_", self.owner, index)
        self.sheet.added(reasoning_item(name, (), None), index, out)
        self.sheet.done(reasoning_item(name, (), proof), index, out)

    def _picture(self, event: ev.MediaStarted, out: list[Sent]) -> None:
        index = self._apart(event, out)
        name = self.sheet.items.name("ig_", self.owner, index)
        item = picture_item(name, event.mime, None, done=False)
        self.sheet.added(item, index, out)
        self._open[event.block] = Picture(name, index, event.mime)

    def _native(self, event: ev.NativeStarted, out: list[Sent]) -> None:
        """An item of this dialect's own; a collected one brings its deltas along."""
        index = self._apart(event, out)
        deltas = event.raw.get("deltas")
        item = {key: value for key, value in event.raw.items() if key != "deltas"}
        shown = self._open[event.block] = Own(index, item)
        self.sheet.added(item, index, out)
        for delta in deltas if isinstance(deltas, list) else ():
            if isinstance(delta, dict):
                shown.progress(delta, self.sheet, out)

    # Blocks end.

    def _end(self, block: int, out: list[Sent]) -> None:
        shown = self._open.pop(block, None)
        self.growths.pop(block, None)
        if isinstance(shown, Call):
            self._end_call(shown, out)
        elif shown is not None:
            shown.end(self.sheet, out)
        if isinstance(shown, Words):
            self._words = None
            if shown.signature is not None:
                self._end_message(out)
                index = self.sheet.items.open()
                self._carry(wrap(shown.signature, Place.PREVIOUS), index, out)

    def _end_message(self, out: list[Sent]) -> None:
        message, self._message = self._message, None
        if message is not None:
            message.end(self.sheet, out)

    def _end_call(self, call: Call, out: list[Sent]) -> None:
        candidate = call.opening.candidate
        free = call.opening.kind is ToolKind.CUSTOM
        if call.whole or (free and call.index != self._last[candidate]):
            call.end(self.sheet, out)
            return
        self._held.setdefault(candidate, []).append(call)
        if candidate in self._stops:
            self._release(candidate, out)

    def _release(self, candidate: int, out: list[Sent]) -> None:
        """The calls of a candidate that stopped."""
        cut = self._stops.get(candidate) not in _FREELY
        for call in self._held.pop(candidate, ()):
            self.cut = self.cut or (cut and candidate == 0)
            call.end(self.sheet, out, cut=cut)

    def _let_go(self, candidate: int, out: list[Sent]) -> None:
        """The candidate goes on, so what took free text has all of it."""
        held = self._held.pop(candidate, [])
        for call in held:
            if call.opening.kind is ToolKind.CUSTOM:
                call.end(self.sheet, out)
        rest = [call for call in held if call.opening.kind is not ToolKind.CUSTOM]
        if rest:
            self._held[candidate] = rest
