"""The parts of one item, each opened, said once and ended, whatever was left out.

What came early in the opening of a part, or only at its end, is made the delta that it
should have been: readers append deltas to an empty part. One part is open at a time.
"""

from __future__ import annotations

from typing import Final

import attrs

from cliproxy_core.base.jsonval import Json, JsonObject

from .mend_forms import LISTINGS, Form, form_of, index_of, objects
from .mend_line import Place

# What items of an unknown type may have; what their last word says is left alone.
_ANY: Final = ("summary", "content")

__all__ = ["Part", "Parts", "complete_delta"]


@attrs.define(eq=False)
class Part:
    """One part of an item."""

    form: Form
    index: int
    key: int
    """The index that the upstream gives it."""
    bare: bool = False
    """Whether it has no events around those with its text."""
    given: JsonObject = attrs.field(factory=dict, repr=False)
    """What came with its opening."""
    pieces: list[str] = attrs.field(factory=list, repr=False)
    sources: list[Json] = attrs.field(factory=list, repr=False)
    """Annotations that were told one by one."""
    ended: bool = False
    """Whether the end of its text was told."""
    final: JsonObject | None = attrs.field(default=None, repr=False)
    """The part as it is, once it is over."""

    @property
    def text(self) -> str:
        return "".join(self.pieces)

    def last_word(self, given: JsonObject | None) -> JsonObject:
        """What the upstream says of the part at its end, and what that lacks."""
        field = self.form.field
        if not self.form.part:
            return self.given if given is None else given
        if given is not None and (given.get(field) or not self.text):
            return given if isinstance(given.get(field), str) else {**given, field: ""}
        told: JsonObject = {**self.given, **self.form.empty(), field: self.text}
        if self.sources:
            told["annotations"] = self.sources
        return {**told, **(given or {}), field: self.text}


@attrs.define(eq=False)
class Parts:
    """All parts of one item, in the fields that list them."""

    place: Place
    kind: str
    """The type of the item."""
    open: Part | None = attrs.field(default=None, init=False)
    _listed: dict[str, list[Part]] = attrs.field(init=False, repr=False)
    _early: dict[str, list[JsonObject]] = attrs.field(
        factory=dict, init=False, repr=False
    )
    """Parts that came with the opening of the item."""

    def __attrs_post_init__(self) -> None:
        self._listed = {listing: [] for listing in LISTINGS.get(self.kind, _ANY)}

    def empty(self, item: JsonObject) -> bool:
        """Take the parts out of the opening of an item; whether there were any."""
        listings = LISTINGS.get(self.kind, ())
        early = {key: objects(item[key]) for key in listings if item.get(key)}
        item.update({key: [] for key in early})
        self._early = early
        return bool(early)

    def find(self, form: Form, key: int | None) -> Part | None:
        """The part that an event is about; without an index the open one."""
        if key is None:
            part = self.open
            return part if part and part.form.listing == form.listing else None
        parts = self._listed.get(form.listing, ())
        return next((part for part in reversed(parts) if part.key == key), None)

    def begin(
        self,
        form: Form,
        key: int | None,
        payload: JsonObject | None = None,
        raw: bytes | None = None,
        *,
        bare: bool = False,
        told: JsonObject | None = None,
    ) -> Part:
        """Open a part, with the upstream's event if it sent one; the last is over.

        `told` is what the upstream says of it later.
        """
        if self.open is not None:
            self.end(self.open)
        parts = self._listed[form.listing]
        # Parts with events around them are counted without those that have none.
        bare = parts[0].bare if parts else bare
        part = Part(form, len(parts), len(parts) if key is None else key, bare)
        parts.append(part)
        self.open = part
        if payload is not None:
            raw = self._empty_part(part, payload, raw)
            if bare:
                self.place.line.mend("part_added_dropped")
            else:
                self.put(part, payload, raw)
        elif not bare:
            self.place.line.mend("part_added")
            part.given = form.empty() or told or {}
            self._say(part, f"{form.around}.added", {"part": part.given})
        return part

    def end_text(
        self, part: Part, payload: JsonObject | None = None, raw: bytes | None = None
    ) -> None:
        """Tell the end of a part's text, with the upstream's event if it sent one."""
        form, line = part.form, self.place.line
        field = form.field
        self._catch_up(part, None if payload is None else payload.get(field))
        part.ended = True
        if payload is None:
            line.mend("text_done_added")
            text: JsonObject = {field: part.text}
            if form.part == "output_text":
                text["logprobs"] = []
            self._say(part, f"{form.text}.done", text)
            return
        if not isinstance(payload.get(field), str) or (
            not payload[field] and part.text
        ):
            payload[field], raw = part.text, None
            line.mend("text_completed")
        if complete_delta(form, payload):
            line.mend("logprobs_added")
            raw = None
        self.put(part, payload, raw)

    def end(
        self,
        part: Part,
        given: JsonObject | None = None,
        payload: JsonObject | None = None,
        raw: bytes | None = None,
    ) -> None:
        """Tell the end of a part. `given` is the upstream's last word on it."""
        if part.form.part:
            self._catch_up(part, None if given is None else given.get(part.form.field))
            if not part.ended:
                self.end_text(part)
        part.final = part.last_word(given)
        if self.open is part:
            self.open = None
        line = self.place.line
        if payload is None:
            if not part.bare:
                line.mend("part_done_added")
                self._say(part, f"{part.form.around}.done", {"part": part.final})
            return
        if part.bare:
            line.mend("part_done_dropped")
            return
        if part.final is not given:
            payload["part"], raw = part.final, None
            line.mend("part_completed")
        self.put(part, payload, raw)

    def put(self, part: Part, payload: JsonObject, raw: bytes | None) -> None:
        """An event inside of a part."""
        if index_of(payload, part.form.index) != part.index:
            payload[part.form.index], raw = part.index, None
            self.place.line.mend("part_index_corrected")
        self.place.put(payload, raw)

    def settle(self, item: JsonObject) -> bool:
        """Tell what the last word on the item has beyond its parts, and end them.

        Fills in what that lacks; whether it did.
        """
        if self.kind not in LISTINGS:
            if self.open is not None:
                self.end(self.open)
            return False
        fixed = False
        for listing, parts in self._listed.items():
            listed = objects(item.get(listing)) or self._early.get(listing, [])
            for index, told in enumerate(listed):
                if index == len(parts):
                    form = form_of(told, self.kind, listing)
                    self.begin(form, index, told=told)
                if parts[index].final is None:
                    self.end(parts[index], told)
            if self.open in parts:
                self.end(parts[-1])
            whole = [_better(part, listed) for part in parts]
            if (parts or item.get(listing)) and item.get(listing) != whole:
                item[listing], fixed = whole, True
        return fixed

    def _empty_part(
        self, part: Part, payload: JsonObject, raw: bytes | None
    ) -> bytes | None:
        """Take the words out of the opening of a part."""
        given = payload.get("part")
        part.given = given if isinstance(given, dict) else {}
        least = part.form.empty()
        if isinstance(part.given.get("annotations"), list):
            least.pop("annotations", None)
        fixed = {k: v for k, v in least.items() if part.given.get(k) != v}
        if fixed:
            payload["part"], raw = {**part.given, **fixed}, None
            self.place.line.mend("part_opening_corrected")
        return raw

    def _catch_up(self, part: Part, text: Json) -> None:
        """Say what the text of a part has beyond what was said."""
        if part.ended:
            return
        early = part.given.get(part.form.field)
        said = part.text
        whole = text if isinstance(text, str) and text else early
        if isinstance(whole, str) and len(whole) > len(said) and whole.startswith(said):
            rest = whole[len(said) :]
            part.pieces.append(rest)
            self.place.line.mend("delta_added")
            delta: JsonObject = {"delta": rest}
            complete_delta(part.form, delta)
            self._say(part, f"{part.form.text}.delta", delta)

    def _say(self, part: Part, kind: str, fields: JsonObject) -> None:
        self.place.say(kind, {part.form.index: part.index, **fields})


def complete_delta(form: Form, payload: JsonObject) -> bool:
    """Put in what the vendor's Python SDK reads without a look; whether it lacked."""
    if form.part != "output_text" or isinstance(payload.get("logprobs"), list):
        return False
    payload["logprobs"] = []
    return True


def _better(part: Part, listed: list[JsonObject]) -> Json:
    """A part of an item's last word, unless that says less than what was said."""
    if part.index >= len(listed):
        return part.final
    told = listed[part.index]
    return told if told.get(part.form.field) or not part.text else part.final
