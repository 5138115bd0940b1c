"""Where legal frames go: in one line, numbered upwards, and what was mended counted."""

from __future__ import annotations

from collections import Counter

import attrs

from cliproxy_core.base.jsonval import JsonObject
from cliproxy_core.ir.dialect import Legal
from cliproxy_core.ir.failure import Kind

from .errors import LAST_NUMBER
from .mend_forms import canonical, index_of

__all__ = ["Line", "Place"]


@attrs.define
class Line:
    """The frames of one stream on their way out."""

    repairs: Counter[str]
    out: list[Legal] = attrs.field(factory=list, init=False, repr=False)
    """Where frames go; its owner changes it for each read."""
    content: bool = attrs.field(default=False, init=False)
    """Whether any of them is content; its owner resets it."""
    number: int = attrs.field(default=-1, init=False)
    """The last `sequence_number`."""
    heard: int = attrs.field(default=-1, init=False)
    """The last one that the upstream gave."""
    fault: tuple[Kind, str] | None = attrs.field(default=None, init=False)
    """What is wrong beyond repair, and in plain words."""

    def put(self, payload: JsonObject, raw: bytes | None) -> None:
        """One frame; `raw` is how it came, if it may pass so. None after a fault."""
        if self.fault is not None:
            return
        number = payload.get("sequence_number")
        if type(number) is int and self.heard < number < LAST_NUMBER - 1:
            self.heard = number
        elif raw is not None:
            self.mend("sequence_number_corrected")
            raw = None
        if type(number) is not int or not self.number < number < LAST_NUMBER - 1:
            number = payload["sequence_number"] = self.number + 1
            raw = None
        self.number = number
        self.out.append((payload, canonical(payload) if raw is None else raw))

    def mend(self, repair: str) -> None:
        self.repairs[repair] += 1

    def refuse(self, what: str, kind: Kind = Kind.MALFORMED) -> None:
        """This cannot be repaired; what is said first counts."""
        self.fault = self.fault or (kind, what)


@attrs.define
class Place:
    """Where in the output an item is, and by what id callers know it."""

    line: Line
    id: str
    index: int = -1
    """-1 while the item is held back."""

    def set_index(self, payload: JsonObject, raw: bytes | None) -> bytes | None:
        """Write the index into an event; its frame if it was there."""
        if index_of(payload, "output_index") == self.index:
            return raw
        payload["output_index"] = self.index
        self.line.mend("output_index_corrected")
        return None

    def put(self, payload: JsonObject, raw: bytes | None) -> None:
        """An event inside of the item."""
        if payload.get("item_id") != self.id:
            payload["item_id"], raw = self.id, None
            self.line.mend("item_id_corrected")
        self.line.put(payload, self.set_index(payload, raw))

    def say(self, kind: str, fields: JsonObject) -> None:
        """An event inside of the item that the upstream did not send."""
        where: JsonObject = {"item_id": self.id, "output_index": self.index}
        self.line.put({"type": kind, **where, **fields}, None)
