"""What blocks are while they are open, and what is said when they end.

Each is an item, or a content part of one. Opening them is the turn's (`encode_turn`).
"""

from __future__ import annotations

from collections import Counter
from typing import Final, TypeAlias

import attrs

from cliproxy_core.base.errors import DecodeError
from cliproxy_core.base.jsonval import Json, JsonObject, loads, write
from cliproxy_core.ir import stream as ev
from cliproxy_core.ir.citation import Citation, TokenProb
from cliproxy_core.ir.dialect import Sent
from cliproxy_core.ir.reasoning import Signature
from cliproxy_core.ir.request import ToolKind

from .carrier import wrap
from .decode import ITEM_DONE
from .frames import Growth, Writer
from .grammar import NAME, OTHER, classify
from .items import (
    Items,
    call_item,
    message_item,
    picture_item,
    reasoning_item,
    refusal_part,
    summary_part,
    text_part,
)
from .notes import emit_citation, emit_probs

__all__ = [
    "Block",
    "Call",
    "Message",
    "Own",
    "Picture",
    "Sheet",
    "Thought",
    "Words",
    "is_writable",
    "texts_of",
]

# What an event of a native item gets anew.
_ANEW: Final = frozenset({"type", "sequence_number", "output_index"})


@attrs.define
class Sheet:
    """Where items are written to, and what did not fit."""

    dropped: Counter[str]
    writer: Writer = attrs.field(factory=Writer, init=False)
    items: Items = attrs.field(factory=Items, init=False)

    def added(self, item: JsonObject, index: int, out: list[Sent]) -> None:
        fields: JsonObject = {"output_index": index, "item": item}
        self.writer.say("response.output_item.added", fields, out)

    def done(self, item: JsonObject, index: int, out: list[Sent]) -> None:
        self.items.done(index, item)
        self.writer.say(ITEM_DONE, {"output_index": index, "item": item}, out)


@attrs.define
class Message:
    """A message item and its parts."""

    name: str
    index: int
    candidate: int
    content: list[Json] = attrs.field(factory=list, init=False, repr=False)

    def end(self, sheet: Sheet, out: list[Sent]) -> None:
        item = message_item(self.name, self.content, done=True)
        sheet.done(item, self.index, out)


@attrs.define
class Words:
    """A content part of the open message."""

    growth: Growth
    message: Message
    place: JsonObject
    refusing: bool
    signature: Signature | None = attrs.field(default=None, init=False)
    _annotations: list[Json] = attrs.field(factory=list, init=False, repr=False)
    _loose: list[Citation] = attrs.field(factory=list, init=False, repr=False)
    """Sources for all of the words, whose number is known at the end."""
    _logprobs: list[Json] = attrs.field(factory=list, init=False, repr=False)

    def cite(self, citation: Citation, sheet: Sheet, out: list[Sent]) -> None:
        if citation.end is None and citation.dialect != NAME:
            self._loose.append(citation)
        else:
            self._annotate(citation, 0, sheet, out)

    def weigh(
        self, tokens: tuple[TokenProb, ...], sheet: Sheet, out: list[Sent]
    ) -> None:
        """Probabilities come after their words, so the delta that has them is empty."""
        if self.refusing:
            sheet.dropped["logprobs"] += 1
            return
        logprobs = emit_probs(tokens)
        self._logprobs += logprobs
        fields: JsonObject = {**self.place, "delta": "", "logprobs": logprobs}
        sheet.writer.say("response.output_text.delta", fields, out)

    def end(self, sheet: Sheet, out: list[Sent]) -> None:
        text = self.growth.text
        for citation in self._loose:
            self._annotate(citation, len(text), sheet, out)
        if self.refusing:
            part, kind = refusal_part(text), "response.refusal.done"
            said: JsonObject = {"refusal": text}
        else:
            part = text_part(text, self._annotations, self._logprobs)
            kind = "response.output_text.done"
            said = {"text": text, "logprobs": self._logprobs}
        self.message.content.append(part)
        sheet.writer.say(kind, {**self.place, **said}, out)
        fields: JsonObject = {**self.place, "part": part}
        sheet.writer.say("response.content_part.done", fields, out)

    def _annotate(
        self, citation: Citation, length: int, sheet: Sheet, out: list[Sent]
    ) -> None:
        raw = None if self.refusing else emit_citation(citation, length)
        if raw is None or not is_writable(raw):
            sheet.dropped["citation"] += 1
            return
        index = len(self._annotations)
        self._annotations.append(raw)
        told: JsonObject = {"annotation_index": index, "annotation": raw}
        kind = "response.output_text.annotation.added"
        sheet.writer.say(kind, {**self.place, **told}, out)


@attrs.define
class Thought:
    """A reasoning item with one part."""

    growth: Growth
    name: str
    index: int
    place: JsonObject
    signature: Signature | None = attrs.field(default=None, init=False)

    def end(self, sheet: Sheet, out: list[Sent]) -> None:
        text, say = self.growth.text, sheet.writer.say
        said: JsonObject = {**self.place, "text": text}
        say("response.reasoning_summary_text.done", said, out)
        done: JsonObject = {**self.place, "part": summary_part(text)}
        say("response.reasoning_summary_part.done", done, out)
        item = reasoning_item(self.name, (text,), wrap(self.signature))
        sheet.done(item, self.index, out)


@attrs.define
class Call:
    """A call item."""

    growth: Growth
    name: str
    index: int
    opening: ev.ToolCallStarted

    @property
    def whole(self) -> bool:
        """Whether nothing can be missing, to judge by the arguments alone."""
        if self.opening.kind is not ToolKind.FUNCTION:
            return False
        try:
            return isinstance(loads(self.growth.text), dict)
        except DecodeError:
            return False

    def end(self, sheet: Sheet, out: list[Sent], *, cut: bool = False) -> None:
        """It is done. The arguments of one that was cut are not said to be whole."""
        kind, say = self.opening.kind, sheet.writer.say
        if not cut:
            if kind is ToolKind.FUNCTION and not self.growth.pieces:
                sheet.writer.grow(self.growth, "{}", out)
            place: JsonObject = {"item_id": self.name, "output_index": self.index}
            key = "arguments" if kind is ToolKind.FUNCTION else "input"
            say(f"{texts_of(kind)}.done", {**place, key: self.growth.text}, out)
        status = "incomplete" if cut else "completed"
        item = call_item(self.name, self.opening, self.growth.text, status)
        sheet.done(item, self.index, out)


@attrs.define
class Picture:
    """An image item, which is shown when it is whole."""

    name: str
    index: int
    mime: str | None
    pieces: list[str] = attrs.field(factory=list, init=False, repr=False)

    def end(self, sheet: Sheet, out: list[Sent]) -> None:
        data = "".join(self.pieces)
        item = picture_item(self.name, self.mime, data, done=True)
        sheet.done(item, self.index, out)


@attrs.define
class Own:
    """An item that only this dialect understands, as it will be when it is done."""

    index: int
    item: JsonObject

    def progress(self, raw: JsonObject, sheet: Sheet, out: list[Sent]) -> None:
        """An event about it. Those that the grammar orders are not repeated: what they
        tell is in the item at its end."""
        kind, item = raw.get("type"), raw.get("item")
        if not is_writable(raw):
            sheet.dropped["native"] += 1
        elif kind == ITEM_DONE and isinstance(item, dict):
            self.item = item
        elif isinstance(kind, str) and kind.isprintable() and _is_free(raw):
            rest = {key: value for key, value in raw.items() if key not in _ANEW}
            sheet.writer.say(kind, {"output_index": self.index, **rest}, out)

    def end(self, sheet: Sheet, out: list[Sent]) -> None:
        sheet.done(self.item, self.index, out)


Block: TypeAlias = Words | Thought | Call | Picture | Own


def texts_of(kind: ToolKind) -> str:
    """What the types of the events with a call's arguments begin with."""
    if kind is ToolKind.FUNCTION:
        return "response.function_call_arguments"
    return "response.custom_tool_call_input"


def is_writable(raw: JsonObject) -> bool:
    """Whether somebody else's object can be part of an event (see `jsonval.write`)."""
    try:
        write([[[[[raw]]]]])  # as deep as it stands in the last event
    except DecodeError:
        return False
    return True


def _is_free(raw: JsonObject) -> bool:
    (step,) = classify(raw)
    return step.symbol == OTHER
