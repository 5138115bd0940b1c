"""The end of a response: its output is what was told, item by item, in that order.

Upstreams end with an empty output, with items that have no ids or were never streamed,
or leave items open. What the end adds is told before it.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from cliproxy_core.base.jsonval import JsonObject

from .mend_forms import CALLS, is_word, objects
from .mend_item import Item
from .mend_items import Items
from .mend_known import Known

__all__ = ["conclude"]

# What an item in the output must not lack if it was streamed.
_SUBSTANCE: Final = ("arguments", "input", "content", "summary", "encrypted_content")


def conclude(items: Items, response: JsonObject, *, cut: bool) -> bool:
    """End all items and write the output; whether that had to be changed.

    `cut`: the response is incomplete.
    """
    known = items.known
    listed = [g for g in objects(response.get("output")) if is_word(g.get("type"))]
    named = [_named(known, given) for given in listed]
    taken = {item.place.id for item in named if item is not None}
    last_words: dict[str, JsonObject | None] = {}
    fixed = False
    for position, given in enumerate(listed):
        item = named[position] or _at(known, given, position, taken)
        if item is None or item.place.id in last_words:
            item = known.add(given, {})
        if item is None:
            return True  # there are too many
        last_words[item.place.id] = None
        if item.final is None:
            _end(items, item, given.copy(), cut=cut)
        elif item.shown:
            fixed = item.identify(given) or fixed
            last_words[item.place.id] = given
    for item in known.heard:
        if item.final is None:
            items.end(item, item.cut_short(cut=cut))
    output = [_better(item, last_words.get(item.place.id)) for item in known.shown]
    if not fixed and response.get("output") == output:
        return False
    response["output"] = output
    return True


def _named(known: Known, given: JsonObject) -> Item | None:
    """The item whose id or call id an entry of the output has."""
    item = known.told.get(str(given.get("id")))
    if item is None or item.kind != given["type"]:
        return known.named(given)
    return item


def _at(
    known: Known, given: JsonObject, position: int, taken: Collection[str]
) -> Item | None:
    """The item at the place of an entry, if it may be the same."""
    item = known.heard[position] if position < len(known.heard) else None
    if item is None or item.kind != given["type"] or item.place.id in taken:
        return None
    return item


def _end(items: Items, item: Item, given: JsonObject, *, cut: bool) -> None:
    """An item that was not ended, and what the output says of it."""
    if cut and item.kind in CALLS and not item.called and "status" not in given:
        given["status"] = "incomplete"
    items.end(item, given)


def _better(item: Item, given: JsonObject | None) -> JsonObject:
    """An item as the output has it, unless that says less than what was told."""
    final = item.final or {}
    if given is None:
        return final
    poorer = any(
        value and (not given.get(key) or type(given[key]) is not type(value))
        for key, value in final.items()
        if key in _SUBSTANCE
    )
    return final if poorer else given
