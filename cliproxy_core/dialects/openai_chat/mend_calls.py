"""Tool calls as upstreams number and name them, made dense and complete.

A caller may rely on this: `index` counts from 0 without gaps, the first entry of a
call has its id, type and name, no later one has any of them. A call whose id or name
is still unknown is held back; what never gets them is given made ones at the end,
and what never said anything is suppressed.
"""

from __future__ import annotations

from collections import Counter
from typing import Final

import attrs

from cliproxy_core.base.errors import DecodeError
from cliproxy_core.base.ids import Ids
from cliproxy_core.base.jsonval import Json, JsonObject, loads, write

__all__ = [
    "LEGACY",
    "Call",
    "Calls",
    "first_index_of",
    "index_of",
    "is_cut",
    "is_json",
    "is_object",
]

LEGACY: Final = -1
"""The upstream index of the one call that `function_call` deltas describe."""


@attrs.define
class Call:
    """One call: what is known of it, and what was said so far."""

    order: int
    """Its upstream index, or how many calls came before it."""
    number: int = -1
    """Its index towards the caller; -1 while it is held back."""
    id: str = ""
    name: str = ""
    custom: bool = False
    """Whether its input is free text (custom tools) rather than JSON."""
    pieces: list[str] = attrs.field(factory=list, repr=False)
    size: int = 0

    @property
    def text(self) -> str:
        return "".join(self.pieces)

    def say(self, text: str) -> None:
        self.pieces.append(text)
        self.size += len(text)


@attrs.define
class Calls:
    """The calls of one candidate."""

    ids: Ids
    repairs: Counter[str]
    nameless: str | None = None
    """What a call that never gets a name is called."""
    started: list[Call] = attrs.field(factory=list, init=False)
    live: dict[int, Call] = attrs.field(factory=dict, init=False)
    """Started calls whose upstream index is the right one: their deltas pass."""
    _known: list[Call] = attrs.field(factory=list, init=False)
    _by_index: dict[int, Call] = attrs.field(factory=dict, init=False)
    _by_id: dict[str, Call] = attrs.field(factory=dict, init=False)
    _current: Call | None = attrs.field(default=None, init=False)
    _bent: bool = attrs.field(default=False, init=False)

    def take(self, entries: list[Json]) -> tuple[list[Json], bool]:
        """The entries to send on, and whether they differ from what came."""
        self._bent = False
        ordered = sorted(entries, key=index_of)
        if any(a is not b for a, b in zip(ordered, entries, strict=True)):
            self._mend("call_order")
        out: list[Json] = []
        for entry in ordered:
            if isinstance(entry, dict):
                sent = self._take(entry)
                if sent is not None:
                    out.append(sent)
            else:
                self._mend("call_shape")
        out.sort(key=index_of)
        return out, self._bent

    def flush(self) -> list[Json]:
        """The entries of calls held back to the end, with made ids and names."""
        out: list[Json] = []
        held = [call for call in self._known if call.number < 0]
        for call in sorted(held, key=lambda call: call.order):
            if not (call.id or call.name or call.size):
                self._mend("call_suppressed")
                continue
            if not call.name:
                self._mend("call_name_made")
                call.name = self.nameless or f"tool_{max(call.order, 0)}"
            if not call.id:
                self._mend("call_id_made")
                call.id = self.ids("call_")
            out.append(self._start(call, {}, {}))
        return out

    def fill(self) -> list[Json]:
        """What calls without any arguments lack: callers parse them as JSON."""
        out: list[Json] = []
        for call in self.started:
            if not call.size and not call.custom:
                self._mend("arguments_missing")
                call.say("{}")
                out.append({"index": call.number, "function": {"arguments": "{}"}})
        return out

    def _mend(self, repair: str) -> None:
        self.repairs[repair] += 1
        self._bent = True

    def _take(self, entry: JsonObject) -> JsonObject | None:
        custom = "custom" in entry
        function = entry.get("custom" if custom else "function")
        if not isinstance(function, dict):
            function = {}
        call_id, name = _word(entry.get("id")), _word(function.get("name"))
        text = self._text(function.get("input" if custom else "arguments"))
        call = self._current = self._find(entry, call_id, name)
        if call.number >= 0:
            return self._more(call, entry, function, text)
        call.custom = call.custom or custom
        if call_id and not call.id:
            call.id, self._by_id[call_id] = call_id, call
        call.name = call.name or name
        fresh = not call.pieces
        call.say(text)
        if not (call.id and call.name):
            self._mend("call_held")
            return None
        opening = (call_id, name) == (call.id, call.name)
        if fresh and opening and _opens_well(entry, function, len(self.started)):
            self._admit(call)
            return entry
        self._mend("call_opening")
        return self._start(call, entry, function)

    def _find(self, entry: JsonObject, call_id: str, name: str) -> Call:
        index = entry.get("index")
        if isinstance(index, int) and not isinstance(index, bool):
            call = self._by_index.get(index)
            if call is None:
                return self._new(index)
            if name and call_id and call.id not in ("", call_id):
                self._mend("call_index_reused")
                return self._new(index)
            return call
        self._mend("call_index_missing")
        known = self._by_id.get(call_id)
        if known is not None:
            return known
        call = self._current
        if (
            call is None
            or (call_id and call.id)
            or (name and call.name and (call.size or name != call.name))
        ):
            return self._new(None)
        return call

    def _new(self, index: int | None) -> Call:
        call = Call(len(self._known) if index is None else index)
        self._known.append(call)
        if index is not None:
            self.live.pop(index, None)
            self._by_index[index] = call
        return call

    def _text(self, arguments: Json) -> str:
        if isinstance(arguments, str):
            return arguments
        if arguments is None:
            return ""
        self._mend("arguments_not_text")
        return write(arguments).decode()

    def _admit(self, call: Call) -> None:
        call.number = len(self.started)
        self.started.append(call)
        if self._by_index.get(call.number) is call:
            self.live[call.number] = call

    def _start(self, call: Call, entry: JsonObject, function: JsonObject) -> JsonObject:
        self._admit(call)
        kind, key = ("custom", "input") if call.custom else ("function", "arguments")
        return {
            **entry,
            "index": call.number,
            "id": call.id,
            "type": kind,
            kind: {**function, "name": call.name, key: call.text},
        }

    def _more(
        self, call: Call, entry: JsonObject, function: JsonObject, text: str
    ) -> JsonObject | None:
        if text and len(text) == call.size and is_object(text) and text == call.text:
            self._mend("arguments_again")
            text = ""
        else:
            call.say(text)
        kind, key = ("custom", "input") if call.custom else ("function", "arguments")
        known = {"index", "id", "type", "function", "custom"}
        if entry.keys() & known <= {"index", kind} and function == {key: text}:
            if entry.get("index") != call.number:
                self._mend("call_index")
                return {**entry, "index": call.number}
            return entry
        rest = {name: value for name, value in entry.items() if name not in known}
        self._mend("call_head_repeated")
        if not text and not rest:
            return None
        return {**rest, "index": call.number, kind: {key: text}}


def is_json(text: str) -> bool:
    """Whether arguments are complete; none at all are."""
    try:
        loads(text or "{}")
    except DecodeError:
        return False
    return True


def is_object(text: str) -> bool:
    """Whether arguments are one complete JSON object."""
    return text[:1] == "{" and text[-1:] == "}" and is_json(text)


def is_cut(text: str) -> bool:
    """Whether text that is not JSON could have become JSON had it gone on."""
    if is_json(text):
        return False
    depth, quoted, escaped = 0, False, False
    for sign in text:
        if escaped:
            escaped = False
        elif quoted:
            escaped, quoted = sign == "\\", sign != '"'
        elif sign == '"':
            quoted = True
        elif sign in "{[":
            depth += 1
        elif sign in "}]":
            depth -= 1
    return quoted or depth > 0


def _word(value: Json) -> str:
    return value if isinstance(value, str) else ""


def index_of(entry: Json) -> int:
    """For a stable sort: what has no index keeps its place behind the others."""
    index = entry.get("index") if isinstance(entry, dict) else None
    return index if isinstance(index, int) else 1 << 62


def first_index_of(choice: Json) -> int:
    """The same for candidates, of which one without an index is the first."""
    index = choice.get("index") if isinstance(choice, dict) else None
    return index if isinstance(index, int) else 0


def _opens_well(entry: JsonObject, function: JsonObject, number: int) -> bool:
    custom = "custom" in entry
    kind, key = ("custom", "input") if custom else ("function", "arguments")
    return (
        entry.get("index") == number
        and entry.get("type") == kind
        and isinstance(function.get(key), str)
    )
