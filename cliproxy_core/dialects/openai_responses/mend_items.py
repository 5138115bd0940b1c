"""The events inside a response: what each is about, and what is missing before it.

What is about no known item opens one. A call without a name waits, with all its events,
until the name comes: clients look at the name of a call when it is opened.
"""

from __future__ import annotations

from typing import Final, TypeAlias

import attrs

from cliproxy_core.base.ids import Ids
from cliproxy_core.base.jsonval import JsonObject

from .mend_forms import (
    CALLS,
    EVENTS,
    REASONING,
    Form,
    form_of,
    index_of,
    is_word,
    objects,
    words_of,
)
from .mend_item import Item
from .mend_known import Known
from .mend_line import Line
from .mend_parts import Part, complete_delta

__all__ = ["NOTHING", "Fast", "Items"]

Fast: TypeAlias = tuple[str, str, int, str, float, str, list[str]]
"""The ordinary delta: its type, `item_id` and `output_index`, the field and the value
of its part's index, a field that must be there, and where the words are kept."""

NOTHING: Final[Fast] = ("", "", -1, "", float("nan"), "", [])
"""No ordinary delta: no index equals this one."""

_AROUND: Final = {
    "response.content_part": "content",
    "response.reasoning_summary_part": "summary",
}
_ANNOTATION: Final = "response.output_text.annotation"
_ITEM: Final = "response.output_item"
_CALL_EVENTS: Final = {event: kind for kind, (event, _) in CALLS.items()}


@attrs.define
class Items:
    """What was shown, what is open, what waits."""

    ids: Ids
    line: Line
    fast: Fast = attrs.field(default=NOTHING, init=False, repr=False)
    """The delta that may pass unchanged, until another event comes."""
    known: Known = attrs.field(init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        self.known = Known(self.ids, self.line)

    def take(self, kind: str, payload: JsonObject, raw: bytes | None) -> None:
        """One event between the opening of the response and its end."""
        self.fast = NOTHING
        told = len(self.line.out)
        subject, _, verb = kind.rpartition(".")
        if subject in EVENTS and verb == "delta":
            self._delta(EVENTS[subject], payload, raw)
        elif subject in EVENTS and verb == "done":
            self._text_done(EVENTS[subject], payload, raw)
        elif subject in _CALL_EVENTS and verb in ("delta", "done"):
            self._call(kind, _CALL_EVENTS[subject], payload, raw)
        elif subject in _AROUND and verb in ("added", "done"):
            self._part(_AROUND[subject], verb, payload, raw)
        elif subject == _ANNOTATION and verb == "added":
            self._annotation(payload, raw)
        elif subject == _ITEM and verb in ("added", "done"):
            self._item(verb, payload, raw)
        else:
            self._pass(payload, raw)
            return
        self.line.content = self.line.content or len(self.line.out) > told

    def name(self, item: Item, told: JsonObject) -> bool:
        """A held call gets its name, if it is told; whether the item is shown."""
        if item.nameless and is_word(told.get("name")):
            item.given["name"] = told["name"]
            if not is_word(item.given.get("call_id")) and "call_id" in told:
                item.given["call_id"] = told["call_id"]
            self.known.show(item)
            held, item.held = item.held, []
            for kind, payload in held:
                self.take(kind, payload, None)
        return item.shown

    # Words.

    def _delta(self, form: Form, payload: JsonObject, raw: bytes | None) -> None:
        words = words_of(payload.get("delta"))
        if words is None:
            self._odd_delta(payload)
            return
        if words is not payload["delta"]:
            payload["delta"], raw = words, None
            self.line.mend("delta_not_text")
        item = self.known.find(payload, form.item)
        if item is not None and item.spoken:
            if item.final is not None and _says(item.final, form, words):
                self.line.mend("delta_repeated")
                return
            item = None  # for readers it is over: what is new needs a place of its own
        item = item or self.known.invent(form.item, payload)
        if item is None:
            return
        part = self._part_for(item, form, payload)
        part.pieces.append(words)
        if complete_delta(form, payload):
            self.line.mend("logprobs_added")
            raw = None
        if raw is not None:
            self.fast = _ordinary(item, payload, part)
        item.parts.put(part, payload, raw)

    def _odd_delta(self, payload: JsonObject) -> None:
        if payload.get("delta") is None:
            self.line.mend("empty_delta")
        else:
            self.line.refuse("a delta that is not text")

    def _part_for(self, item: Item, form: Form, payload: JsonObject) -> Part:
        """The open part that words belong to; they open one if there is none."""
        key = index_of(payload, form.index)
        part = item.parts.find(form, key)
        if part is not None and part.form is form and not part.ended:
            return part
        return item.parts.begin(form, key, bare=form is REASONING)

    def _text_done(self, form: Form, payload: JsonObject, raw: bytes | None) -> None:
        item = self.known.find(payload, form.item)
        if item is None and payload.get(form.field):
            item = self.known.invent(form.item, payload)
        if item is None or item.spoken:
            self.line.mend("done_dropped")
            return
        part = item.parts.find(form, index_of(payload, form.index))
        if part is not None and part.ended:
            self.line.mend("done_dropped")
            return
        item.parts.end_text(self._part_for(item, form, payload), payload, raw)

    def _part(
        self, listing: str, verb: str, payload: JsonObject, raw: bytes | None
    ) -> None:
        given = payload.get("part")
        thought = isinstance(given, dict) and given.get("type") == REASONING.part
        kinds: tuple[str, ...] = ("message", "reasoning")
        if thought or listing == "summary":
            kinds = ("reasoning",)
        item = self.known.find(payload, *kinds)
        item = item or self.known.invent(kinds[0], payload)
        if item is None:
            return
        form = form_of(given, item.kind, listing)
        key = index_of(payload, form.index)
        part = item.parts.find(form, key)
        if item.spoken or (
            part is not None and (verb == "added" or part.final is not None)
        ):
            self.line.mend(f"part_{verb}_repeated")
        elif verb == "added":
            item.parts.begin(form, key, payload, raw)
        else:
            told = given if isinstance(given, dict) else None
            part = part or item.parts.begin(form, key, told=told)
            item.parts.end(part, told, payload, raw)

    def _annotation(self, payload: JsonObject, raw: bytes | None) -> None:
        form = EVENTS["response.output_text"]
        item = self.known.find(payload, form.item)
        if item is None or item.spoken:
            self.line.mend("annotation_dropped")
            return
        part = item.parts.find(form, index_of(payload, form.index))
        if part is None or part.final is not None:
            part = item.parts.begin(form, index_of(payload, form.index))
        part.sources.append(payload.get("annotation"))
        item.parts.put(part, payload, raw)

    # Calls.

    def _call(
        self, event: str, kind: str, payload: JsonObject, raw: bytes | None
    ) -> None:
        item = self.known.find(payload, kind) or self.known.invent(kind, payload)
        if item is None:
            return
        if item.nameless and not self.name(item, payload):
            item.held.append((event, payload))
            return
        if item.called or item.final is not None:
            self.line.mend("arguments_repeated")
            return
        if event.endswith(".done"):
            item.end_call(payload, raw)
            return
        words = words_of(payload.get("delta"))
        if words is None:
            self._odd_delta(payload)
            return
        if words is not payload["delta"]:
            payload["delta"], raw = words, None
            self.line.mend("delta_not_text")
        if raw is not None:
            self.fast = _ordinary(item, payload, None)
        item.grow(words, payload, raw)

    # Whole items, and the rest.

    def _item(self, verb: str, payload: JsonObject, raw: bytes | None) -> None:
        given = payload.get("item")
        if not isinstance(given, dict) or not is_word(given.get("type")):
            # Seen before a gap in the numbers; the vendor's SDK skips it as well.
            self.line.mend("empty_item")
            return
        item = self.known.match(given, payload, verb)
        if verb == "done":
            item = item or self.known.add(given, payload)
            if item is not None:
                self.end(item, given, payload, raw)
        elif item is None or (
            item.final is not None and self.known.at(payload) is not item
        ):
            self.known.open(given, payload, raw)
        else:
            self.line.mend("item_added_repeated")
            self.name(item, given)

    def end(
        self,
        item: Item,
        given: JsonObject,
        payload: JsonObject | None = None,
        raw: bytes | None = None,
    ) -> None:
        """The last word on an item."""
        if item.final is not None:
            self.line.mend("item_done_repeated")
        elif self.name(item, given):
            item.end(given, payload, raw)
        elif item.held or given.get(CALLS[item.kind][1]):
            self.line.refuse("a tool call without a name")
        else:
            self.line.mend("call_dropped")
            item.final = given

    def _pass(self, payload: JsonObject, raw: bytes | None) -> None:
        """The progress of a built-in tool, or an event that only newer clients know."""
        named, index = payload.get("item_id"), index_of(payload, "output_index")
        item = self.known.by_id.get(named) if isinstance(named, str) else None
        item = item or self.known.at(payload)
        if item is not None and item.shown:
            if named is not None:
                item.place.put(payload, raw)
                return
            if index is not None:
                raw = item.place.set_index(payload, raw)
        self.line.put(payload, raw)


def _ordinary(item: Item, payload: JsonObject, part: Part | None) -> Fast:
    """The delta like this one, if it is where it says it is."""
    place = item.place
    key, index, needed, pieces = "output_index", place.index, "delta", item.pieces
    if part is not None:
        key, index, pieces = part.form.index, part.index, part.pieces
        needed = "logprobs" if part.form.part == "output_text" else "delta"
    if (
        payload.get("item_id") != place.id
        or index_of(payload, "output_index") != place.index
        or index_of(payload, key) != index
    ):
        return NOTHING
    return str(payload["type"]), place.id, place.index, key, index, needed, pieces


def _says(final: JsonObject, form: Form, words: str) -> bool:
    """Whether the words are all that some part of an item says."""
    parts = objects(final.get(form.listing))
    return any(part.get(form.field) == words for part in parts)
