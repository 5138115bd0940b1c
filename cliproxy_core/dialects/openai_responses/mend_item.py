"""One item of a response, opened and ended whatever the upstream left out.

Arguments are to a call what words are to a part (`mend_parts`). Those that were cut are
never told as finished: such a call is ended as `incomplete`, without their end.
"""

from __future__ import annotations

from typing import Final

import attrs

from cliproxy_core.base.jsonval import JsonObject
from cliproxy_core.ir.failure import Kind

from .mend_forms import CALLS, arguments_of, complete_item, is_object, is_word
from .mend_line import Place
from .mend_parts import Parts

__all__ = ["Item"]

# Statuses of an item that is over without being complete. The vendor ends a call that
# met the limit of tokens with either (vercel/ai, pull request 20405).
_CUT: Final = ("incomplete", "in_progress")


@attrs.define(eq=False)
class Item:
    """One item of the output, from its opening to its end."""

    place: Place
    given: JsonObject = attrs.field(repr=False)
    """The item as it was opened."""
    announced: bool
    """Whether the upstream opened it."""
    parts: Parts = attrs.field(init=False)
    pieces: list[str] = attrs.field(factory=list, init=False, repr=False)
    """The arguments of a call."""
    called: bool = attrs.field(default=False, init=False)
    """Whether the end of the arguments was told."""
    opening: JsonObject = attrs.field(factory=dict, init=False, repr=False)
    """The event that opens it, while that must wait."""
    held: list[tuple[str, JsonObject]] = attrs.field(
        factory=list, init=False, repr=False
    )
    """The events that wait with it."""
    final: JsonObject | None = attrs.field(default=None, init=False, repr=False)
    """The item as it is, once it is over."""
    _early: str = attrs.field(default="", init=False, repr=False)
    """Arguments that came with the opening."""

    def __attrs_post_init__(self) -> None:
        self.parts = Parts(self.place, self.kind)

    @property
    def kind(self) -> str:
        return str(self.given["type"])

    @property
    def shown(self) -> bool:
        return self.place.index >= 0

    @property
    def nameless(self) -> bool:
        """Whether it is a call of nobody knows what: clients look at the name first."""
        return self.kind in CALLS and not is_word(self.given.get("name"))

    @property
    def spoken(self) -> bool:
        """Whether it has no room for more words: only its last word may follow."""
        return self.final is not None or self.called

    @property
    def text(self) -> str:
        return "".join(self.pieces)

    def show(self, index: int, payload: JsonObject, raw: bytes | None) -> None:
        """Open the item. Its words come later, in deltas that readers append."""
        line, given = self.place.line, self.given
        self.place.index = index
        emptied = self.parts.empty(given)
        if self.kind in CALLS:
            field = CALLS[self.kind][1]
            self._early = arguments_of(given.get(field)) or ""
            if self._early:
                given[field], emptied = "", True
        completed = complete_item(given, "in_progress")
        if self.announced:
            if emptied or completed:
                line.mend("item_opening_corrected")
            raw = self.place.set_index(payload, raw)
        else:
            payload["output_index"] = index
        line.put(payload, None if emptied or completed else raw)

    def grow(self, text: str, payload: JsonObject, raw: bytes | None) -> None:
        """More arguments."""
        self._end_part()
        self.pieces.append(text)
        self.place.put(payload, raw)

    def end_call(
        self, payload: JsonObject | None = None, raw: bytes | None = None
    ) -> None:
        """Tell the end of the arguments, with the upstream's event if it sent one."""
        line = self.place.line
        self._end_part()
        if self.kind not in CALLS and payload is not None:
            self.called = True
            self.place.put(payload, raw)
            return
        kind, field = CALLS[self.kind]
        told = None if payload is None else arguments_of(payload.get(field))
        self._catch_up(told or "", cut=False)
        self.called = True
        if payload is None:
            line.mend("arguments_done_added")
            self.place.say(f"{kind}.done", {field: self.text})
            return
        if payload.get(field) != (told or self.text):
            payload[field], raw = told or self.text, None
            line.mend("arguments_completed")
        self.place.put(payload, raw)

    def _end_part(self) -> None:
        """Words are over when arguments come; items of tomorrow may have both."""
        if self.parts.open is not None:
            self.parts.end(self.parts.open)

    def end(
        self,
        given: JsonObject,
        payload: JsonObject | None = None,
        raw: bytes | None = None,
    ) -> None:
        """Tell the end of the item. `given` is the upstream's last word on it."""
        line = self.place.line
        fixed = self._settle_call(given) if self.kind in CALLS else False
        fixed = self.parts.settle(given) or fixed
        fixed = self.identify(given) or fixed
        fixed = complete_item(given, "completed") or fixed
        if payload is None:
            line.mend("item_done_added")
            payload = {
                "type": "response.output_item.done",
                "output_index": self.place.index,
                "item": given,
            }
        elif fixed:
            line.mend("item_completed")
            raw = None
        self.final = given
        self.pieces, self.parts = [], Parts(self.place, self.kind)
        line.put(payload, self.place.set_index(payload, raw))

    def identify(self, given: JsonObject) -> bool:
        """Give an item the names that its opening told; whether it had others.

        The vendor's SDKs take an item with another id or call id for another item.
        """
        names: JsonObject = {"id": self.place.id}
        if self.kind in CALLS:
            names |= {key: self.given[key] for key in ("call_id", "name")}
        wrong = {key: name for key, name in names.items() if given.get(key) != name}
        given.update(wrong)
        return bool(wrong)

    def cut_short(self, *, cut: bool) -> JsonObject:
        """The last word on an item whose end the upstream did not tell.

        `cut`: the response as a whole is incomplete.
        """
        given = self.given.copy()
        if self.kind in CALLS:
            text = self.text or self._early
            cut = cut and not self.called
            runnable = self.kind != "function_call" or not text or is_object(text)
            if not (cut or self.called or runnable):
                what = "incomplete tool arguments"
                self.place.line.refuse(what, Kind.TRUNCATED)
        if self.kind == "message" or self.kind in CALLS or "status" in given:
            given["status"] = "incomplete" if cut else "completed"
        return given

    def _settle_call(self, given: JsonObject) -> bool:
        """Tell what the last word on a call has beyond its arguments, and end them."""
        field = CALLS[self.kind][1]
        cut = given.get("status") in _CUT
        told = arguments_of(given.get(field)) or ""
        self._catch_up(told, cut=cut)
        if not self.called and not cut:
            self.end_call()
        whole = told or self.text
        if given.get(field) == whole:
            return False
        given[field] = whole
        return True

    def _catch_up(self, text: str, *, cut: bool) -> None:
        """Say what the whole arguments have beyond what was said."""
        if self.called:
            return
        said, text = self.text, text or self._early
        if self.kind == "function_call" and not (text or said or cut):
            self.place.line.mend("arguments_missing")  # callers parse them as JSON
            text = "{}"
        if len(text) > len(said) and text.startswith(said):
            rest = text[len(said) :]
            self.pieces.append(rest)
            self.place.line.mend("delta_added")
            self.place.say(f"{CALLS[self.kind][0]}.delta", {"delta": rest})
