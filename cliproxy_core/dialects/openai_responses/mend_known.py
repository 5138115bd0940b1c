"""Which items a response has, and which one an event is about.

Items are numbered from 0 in the order in which they are shown. An event finds its item
by `item_id`, else by `output_index` (some upstreams write another id into every
event), else it is the last one of its kind (facts/02, section 5.3).
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

import attrs

from cliproxy_core.base.ids import Ids
from cliproxy_core.base.jsonval import Json, JsonObject

from .mend_forms import CALLS, fits, id_prefix, index_of, is_word
from .mend_item import Item
from .mend_line import Line, Place

__all__ = ["Known"]

# An answer of an agent's turn has some tens of items; each costs memory.
MAX_ITEMS: Final = 4096


@attrs.define
class Known:
    """All items of one response."""

    ids: Ids
    line: Line
    shown: list[Item] = attrs.field(factory=list, init=False, repr=False)
    heard: list[Item] = attrs.field(factory=list, init=False, repr=False)
    """All of them, in the order in which they were first heard of."""
    told: dict[str, Item] = attrs.field(factory=dict, init=False, repr=False)
    """By the id that callers know."""
    by_id: dict[str, Item] = attrs.field(factory=dict, init=False, repr=False)
    """By the id that the upstream uses; the last one if it uses one for several."""
    _by_index: dict[int, Item] = attrs.field(factory=dict, init=False, repr=False)
    _by_call: dict[str, Item] = attrs.field(factory=dict, init=False, repr=False)
    """By the call id that the upstream gave."""
    _unplaced: list[Item] = attrs.field(factory=list, init=False, repr=False)
    """Those of which the upstream told no index."""
    _names: set[str] = attrs.field(factory=set, init=False, repr=False)
    """Ids and call ids that callers know."""
    _made: set[str] = attrs.field(factory=set, init=False, repr=False)
    """Those that no upstream gave."""

    def find(self, payload: JsonObject, *kinds: str) -> Item | None:
        """The item that an event inside of one is about."""
        named = payload.get("item_id")
        if isinstance(named, str):
            item = self.by_id.get(named)
            if item is not None and any(fits(item.kind, kind) for kind in kinds):
                return item
        if index_of(payload, "output_index") is None:
            return self._last(kinds)
        item = self.at(payload)
        if item is None:
            return self._adopt(payload, named, kinds)
        return item if any(fits(item.kind, kind) for kind in kinds) else None

    def _adopt(
        self,
        payload: JsonObject,
        named: Json,
        kinds: Collection[str],
        call: Json = None,
    ) -> Item | None:
        """The first item that was opened without an index: now it is told."""
        for item in self._unplaced:
            anonymous = not is_word(named) or item.place.id in self._made
            if item.final is None and item.kind in kinds and anonymous:
                if not self._may_be(item, call):
                    continue
                self._unplaced.remove(item)
                self._put_at(item, payload)
                if isinstance(named, str):
                    self.by_id[named] = item
                return item
        return None

    def at(self, payload: JsonObject) -> Item | None:
        """The item at the `output_index` of an event."""
        index = index_of(payload, "output_index")
        return None if index is None else self._by_index.get(index)

    def named(self, given: JsonObject) -> Item | None:
        """The item that a whole one names, by its call id or its id."""
        kind, named, call = given["type"], given.get("id"), given.get("call_id")
        if isinstance(call, str):
            item = self._by_call.get(call)
            if item is not None and item.kind == kind:
                return item
        item = self.by_id.get(named) if isinstance(named, str) else None
        if item is None or item.kind != kind or not self._may_be(item, call):
            return None
        return item

    def _may_be(self, item: Item, call: Json) -> bool:
        """Whether a call may have this id: it has no other that its upstream gave."""
        known = item.given.get("call_id")
        if not (is_word(call) and isinstance(known, str) and known):
            return True
        return known == call or known in self._made

    def match(self, given: JsonObject, payload: JsonObject, verb: str) -> Item | None:
        """The item that the opening or the last word is about, if it is known."""
        item = self.named(given)
        if item is not None:
            return item
        call = given.get("call_id")
        if verb == "added" and (is_word(given.get("id")) or is_word(call)):
            return None
        item, kinds = self.at(payload), (str(given["type"]),)
        if verb == "done" and item is None:
            if index_of(payload, "output_index") is not None or is_word(call):
                return self._adopt(payload, given.get("id"), kinds, call)
            item = self._last(kinds)
        if item is None or item.kind != given["type"] or item.final is not None:
            return None
        return item if self._may_be(item, call) else None

    def _last(self, kinds: Collection[str]) -> Item | None:
        for item in reversed(self.heard):
            if item.final is None and item.kind in kinds:
                return item
        return None

    def open(
        self,
        given: JsonObject,
        event: JsonObject,
        raw: bytes | None = None,
        *,
        announced: bool = True,
    ) -> Item | None:
        """A new item, of which this event tells; `announced` if it opens it."""
        if len(self.heard) >= MAX_ITEMS:
            self.line.refuse("too many items")
            return None
        named = given.get("id")
        if self._name(given, "id", id_prefix(str(given["type"]))):
            raw = None
        item = Item(Place(self.line, str(given["id"])), given, announced)
        self.heard.append(item)
        self.told[item.place.id] = self.by_id[item.place.id] = item
        if isinstance(named, str):
            self.by_id[named] = item
        self._put_at(item, event)
        item.opening = event
        if not announced:
            self.line.mend("item_added")
            item.opening = {"type": "response.output_item.added", "item": given}
        if item.nameless:
            self.line.mend("call_held")
        else:
            self.show(item, raw)
        return item

    def show(self, item: Item, raw: bytes | None = None) -> None:
        """Open the item for callers, with the upstream's frame if that may pass."""
        given, call = item.given, item.given.get("call_id")
        if item.kind in CALLS and self._name(given, "call_id", "call_"):
            raw = None
        if isinstance(call, str):
            self._by_call[call] = item
        item.show(len(self.shown), item.opening, raw)
        self.shown.append(item)

    def _name(self, given: JsonObject, key: str, prefix: str) -> bool:
        """Make sure of a name that nothing else has; whether one was made."""
        name = given.get(key)
        fixed = not isinstance(name, str) or not name or name in self._names
        if fixed:
            self.line.mend(f"{key}_repeated" if is_word(name) else f"{key}_added")
            name = given[key] = self.ids(prefix)
            self._made.add(name)
        self._names.add(str(name))
        return fixed

    def invent(self, kind: str, payload: JsonObject) -> Item | None:
        """An item that nobody announced."""
        given: JsonObject = {"type": kind}
        if kind in CALLS:
            given["status"] = "in_progress"
        if is_word(payload.get("item_id")):
            given["id"] = payload["item_id"]
        return self.open(given, payload, announced=False)

    def add(self, given: JsonObject, payload: JsonObject) -> Item | None:
        """An item of which only the last word came, in this event."""
        opening = given.copy()
        if "status" in opening:
            opening["status"] = "in_progress"
        return self.open(opening, payload, announced=False)

    def _put_at(self, item: Item, payload: JsonObject) -> None:
        index = index_of(payload, "output_index")
        if index is None:
            self._unplaced.append(item)
        else:
            self._by_index[index] = item
