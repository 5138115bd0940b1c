"""Where a loss stood in the caller's own document.

Emitters know the neutral form only: they name a setting as they would write it, a part
and a tool by its number. Who reads of a loss knows his own document, so here every
place becomes one of that: the setting in the caller's words, the part where it came
from. What leads nowhere is shortened until it leads somewhere.

Nothing of this is done for a request that lost nothing.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

import attrs

from cliproxy_core.base.jsonval import Json, JsonObject
from cliproxy_core.ir.request import Dropped, Message, Request

from .places_table import LEAVES, SETTINGS
from .spots import Sort, Spot, sort_of, spots, tool_places

__all__ = ["placed"]

_STEP: Final = re.compile(r"\.([^.\[\]]+)|\[(\d+)\]")
_PART: Final = re.compile(r"\.content\[(\d+)\]")
_TOOL: Final = re.compile(r"\.tools\[(\d+)\]")
# Where messages are: in a list, or alone (system text).
_ITEM: Final = re.compile(r"\.[^.\[\]]+\[\d+\]")
_MEMBER: Final = re.compile(r"\.[^.\[\]]+")


def placed(
    dropped: Sequence[Dropped], request: Request, document: JsonObject, dialect: str
) -> tuple[Dropped, ...]:
    """The same losses, at places of the caller's document."""
    if not dropped:
        return ()
    finder = _Finder(request, document, dialect)
    found = (Dropped(finder.place(item.path), item.reason) for item in dropped)
    return tuple(dict.fromkeys(found))


@attrs.define
class _Finder:
    """One request. What takes time is done once: losses may be many."""

    request: Request
    document: JsonObject
    dialect: str
    _messages: dict[str, Message] = attrs.field(init=False)
    _tools: list[str] | None = attrs.field(default=None, init=False)
    _spots: dict[str, list[Spot]] = attrs.field(factory=dict, init=False)
    """The places of the parts of a message, by its own."""
    _parts: dict[str, list[str]] = attrs.field(factory=dict, init=False)
    """The same in the order of the neutral form."""
    _leaves: dict[tuple[str, str], Iterator[str]] = attrs.field(
        factory=dict, init=False
    )
    """Where else in a message a loss of a kind may be, one part after the other."""

    @_messages.default
    def _by_path(self) -> dict[str, Message]:
        return {message.path: message for message in self.request.messages}

    def place(self, path: str) -> str:
        tool = _TOOL.match(path)
        if tool is not None:
            return self._of_tool(int(tool[1]), path, tool.end())
        for form in (_ITEM, _MEMBER):
            start = form.match(path)
            if start is not None and start[0] in self._messages:
                return self._of_message(self._messages[start[0]], path)
        return self._of_setting(path)

    def _of_message(self, message: Message, path: str) -> str:
        start, rest = message.path, path[len(message.path) :]
        part = _PART.match(rest)
        if part is not None:
            places = self._places_of(message)
            if int(part[1]) < len(places):
                return self._within(places[int(part[1])], rest[part.end() :])
        if rest and self._leaf(start, rest) is None:
            place = next(self._elsewhere(start, rest), None)
            if place is not None:
                return place
        return self._within(start, rest)

    def _elsewhere(self, start: str, rest: str) -> Iterator[str]:
        found = self._leaves.get((start, rest))
        if found is None:
            named = (self._leaf(place, rest) for _, place in self._told(start))
            found = (place for place in named if place is not None)
            self._leaves[start, rest] = found
        return found

    def _places_of(self, message: Message) -> list[str]:
        """Of each part: as the how many-eth of its sort, or else the last of it."""
        found = self._parts.get(message.path)
        if found is not None:
            return found
        queues: dict[Sort, list[str]] = {sort: [] for sort in Sort}
        for sort, place in self._told(message.path):
            queues[sort].append(place)
        count: Counter[Sort] = Counter()
        found = []
        for part in message.parts:
            sort = sort_of(part)
            same = queues[sort] or [message.path]
            found.append(same[min(count[sort], len(same) - 1)])
            count[sort] += 1
        self._parts[message.path] = found
        return found

    def _told(self, start: str) -> list[Spot]:
        found = self._spots.get(start)
        if found is None:
            found = list(spots(self.dialect, self.document, self._at(start), start))
            self._spots[start] = found
        return found

    def _of_tool(self, number: int, path: str, end: int) -> str:
        if self._tools is None:
            self._tools = tool_places(self.dialect, self.document)
        place = self._tools[number] if number < len(self._tools) else ".tools"
        return self._within(place, path[end:])

    def _of_setting(self, path: str) -> str:
        if self._leads(path):
            return path
        for name, words in SETTINGS.items():
            if not _under(path, name):
                continue
            for word in words.get(self.dialect, ()):
                if self._leads(word):
                    return self._within(word, path[len(name) :])
        return self._shortened(path) or path

    def _within(self, place: str, rest: str) -> str:
        return self._leaf(place, rest) or self._shortened(place + rest)

    def _leaf(self, place: str, rest: str) -> str | None:
        """What `rest` is called there; None where there is no such thing."""
        for name in (rest, *LEAVES.get(rest, ())):
            if self._leads(place + name):
                return place + name
        return None

    def _shortened(self, path: str) -> str:
        """As much of the path as there is in the document."""
        end = 0
        value: Json = self.document
        for step in _STEP.finditer(path):
            below = _below(value, step)
            if step.start() != end or below is None:
                break
            (value,) = below
            end = step.end()
        return path[:end]

    def _leads(self, path: str) -> bool:
        return bool(path) and self._shortened(path) == path

    def _at(self, path: str) -> Json:
        value: Json = self.document
        for step in _STEP.finditer(path):
            below = _below(value, step)
            if below is None:
                return None
            (value,) = below
        return value


def _under(path: str, start: str) -> bool:
    return path.startswith(start) and path[len(start) : len(start) + 1] in (
        "",
        ".",
        "[",
    )


def _below(value: Json, step: re.Match[str]) -> tuple[Json] | None:
    """One step into a value; None: there is no such thing."""
    key, number = step[1], step[2]
    if key is not None and isinstance(value, dict) and key in value:
        return (value[key],)
    if number is not None and isinstance(value, list) and int(number) < len(value):
        return (value[int(number)],)
    return None
