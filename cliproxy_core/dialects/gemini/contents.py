"""The turns of a request, read into the neutral form.

    contents of the model, one after the other  -> one turn of the assistant
    any other content                           -> a turn of its own

The vendor's SDKs keep an answer chunk by chunk, so that a turn of the model is often
many contents with a word each. Words that follow each other are one part here, as they
are in a stream; state on an empty part belongs to the words before it.

Calls may go without ids: they get one made of their place, which stays the same while
the conversation grows. A result without an id answers the oldest call of its name that
has no answer, one without a name the oldest of all.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Mapping, Sequence
from typing import Final, TypeAlias

import attrs

from cliproxy_core.base.errors import DecodeError
from cliproxy_core.base.jsonval import Json, JsonObject, as_object, opt_str, parse_each
from cliproxy_core.ir.reasoning import Signature
from cliproxy_core.ir.request import (
    NO_EXTRAS,
    Extras,
    Message,
    Part,
    Reasoning,
    Redacted,
    Role,
    Text,
    ToolCall,
    ToolResult,
)

from .grammar import NAME
from .parts import extras_of, objects, parse_part, plain

__all__ = ["SYSTEM", "parse_contents", "parse_system"]

SYSTEM: Final = ".systemInstruction"
"""Where system text is."""

_ROLES: Final[Mapping[str, Role]] = {
    "user": Role.USER,
    "model": Role.ASSISTANT,
    "function": Role.USER,  # results, as the SDKs of 2024 wrote them
}

# Looking a member up in its enumeration costs as much as creating a list.
_MODEL: Final = Role.ASSISTANT

_CONTENT: Final = frozenset({"role", "parts"})


_Place: TypeAlias = tuple[int, int]
"""The numbers of a content and of a part in it."""


def parse_system(value: Json) -> Message:
    """The system instruction. Its role means nothing to the vendor."""
    try:
        content = plain(as_object(value, ""))
        parts = _parts(content)
    except DecodeError as error:
        raise error.under(SYSTEM) from None
    extras = extras_of(content, _CONTENT)
    return Message(
        role=Role.SYSTEM, parts=tuple(parts), plain=False, path=SYSTEM, extras=extras
    )


def parse_contents(value: Json) -> list[Message]:
    """All turns. Raises `DecodeError` with the path of the fault."""
    turns: list[_Turn] = []
    number = 0
    values = objects(value, ".contents")
    try:
        for number, raw in enumerate(values):
            _take(as_object(raw, ""), number, turns)
    except DecodeError as error:
        raise error.under(f".contents[{number}]") from None
    for turn in turns:
        if turn.role is _MODEL:
            turn.end_words()
    _identify(turns)
    return [turn.message() for turn in turns]


class _Turn:
    """One speaker, until another has a word.

    A plain class, because a request may have thousands and displays beat factories.
    """

    __slots__ = ("_more", "extras", "parts", "path", "places", "role")

    def __init__(self, role: Role, path: str) -> None:
        self.role = role
        self.path = path
        self.parts: list[Part] = []
        self.places: list[_Place] = []
        """For each part, where it stood."""
        self.extras: Extras = NO_EXTRAS
        self._more: list[str] = []
        """Words that continue the last part."""

    def add(self, part: Part, place: _Place) -> None:
        """Add a part, or make it more of the last one."""
        if self.role is _MODEL and self._continue(part):
            return
        if self._more:
            self.end_words()
        self.parts.append(part)
        self.places.append(place)

    def end_words(self, signature: Signature | None = None) -> None:
        last = self.parts[-1] if self.parts else None
        if isinstance(last, Text | Reasoning) and (self._more or signature):
            text = "".join([last.text, *self._more])
            whole: Part = attrs.evolve(last, text=text, signature=signature)
            own = signature is not None and signature.issuer == NAME
            if isinstance(last, Reasoning) and signature and own and not text:
                whole = Redacted(signature)
            self.parts[-1] = whole
            self._more.clear()

    def message(self) -> Message:
        return Message(
            role=self.role,
            parts=tuple(self.parts),
            plain=False,
            path=self.path,
            extras=self.extras,
        )

    def _continue(self, part: Part) -> bool:
        last = self.parts[-1] if self.parts else None
        if not isinstance(last, Text | Reasoning):
            return False
        if last.signature is not None or last.extras.fields:
            return False
        if isinstance(part, Redacted):
            foreign = part.sealed.issuer != NAME
            if isinstance(last, Text) or part.extras.fields or foreign:
                return False
            self.end_words(part.sealed)
            return True
        if not isinstance(part, Text | Reasoning) or part.extras.fields:
            return False
        state_only = not part.text and isinstance(part, Text) and part.signature
        if type(part) is not type(last) and not state_only:
            return False
        self._more.append(part.text)
        if part.signature is not None:
            self.end_words(part.signature)
        return True


def _take(raw: JsonObject, number: int, turns: list[_Turn]) -> None:
    content = plain(raw)
    last = turns[-1] if turns else None
    parts = _parts(content)
    role = _role(content, parts, last)
    if role is _MODEL and last is not None and last.role is role:
        turn = last
    else:
        turn = _Turn(role, f".contents[{number}]")
        turns.append(turn)
    if not content.keys() <= _CONTENT:
        turn.extras = _joined(turn.extras, extras_of(content, _CONTENT))
    for place, part in enumerate(parts):
        turn.add(part, (number, place))


def _parts(content: JsonObject) -> list[Part]:
    """The parts of a content, which the SDKs also leave out."""
    if "parts" not in content:
        return []
    values = objects(content["parts"], ".parts")
    return parse_each(values, ".parts", parse_part)


def _role(content: JsonObject, parts: Sequence[Part], last: _Turn | None) -> Role:
    """Who speaks; where that is not told, what is said tells, or whose turn it is."""
    word = opt_str(content, "role", "")
    if word:
        role = _ROLES.get(word)
        if role is None:
            raise DecodeError(".role", "expected user or model")
        return role
    if any(isinstance(part, ToolCall) for part in parts):
        return Role.ASSISTANT
    if last is None or any(isinstance(part, ToolResult) for part in parts):
        return Role.USER
    return Role.USER if last.role is Role.ASSISTANT else Role.ASSISTANT


def _joined(known: Extras, more: Extras) -> Extras:
    return Extras(NAME, {**known.fields, **more.fields})


# Ids of calls.


@attrs.define(eq=False)
class _Open:
    """A call, and whether it has an answer."""

    name: str
    call_id: str
    told: bool
    """Whether the caller gave the id."""
    answered: bool = False


_Calls: TypeAlias = defaultdict[str, deque[_Open]]


@attrs.define
class _Waiting:
    """The calls that wait for an answer, oldest first."""

    _told: _Calls = attrs.field(factory=lambda: defaultdict(deque), init=False)
    """By the caller's id."""
    _named: _Calls = attrs.field(factory=lambda: defaultdict(deque), init=False)
    _unnamed: _Calls = attrs.field(factory=lambda: defaultdict(deque), init=False)
    """By name, those without an id of the caller's."""
    _all: deque[_Open] = attrs.field(factory=deque, init=False)

    def add(self, call: _Open) -> None:
        if call.told:
            self._told[call.call_id].append(call)
        else:
            self._unnamed[call.name].append(call)
        self._named[call.name].append(call)
        self._all.append(call)

    def answered(self, result: ToolResult) -> _Open | None:
        """The call that a result answers; it waits no longer."""
        call, name = None, result.name
        if result.call_id:
            call = _oldest(self._told.get(result.call_id))
            # An id that no call has may be one that the caller made up for itself.
            call = call or _oldest(self._unnamed.get(name or ""))
        elif name:
            call = _oldest(self._named.get(name))
        else:
            call = _oldest(self._all)
        if call is not None:
            call.answered = True
        return call


def _oldest(calls: deque[_Open] | None) -> _Open | None:
    while calls and calls[0].answered:
        calls.popleft()
    return calls[0] if calls else None


def _identify(turns: list[_Turn]) -> None:
    """Give every call an id and every result that of its call."""
    parts = [part for turn in turns for part in turn.parts]
    named = [part for part in parts if isinstance(part, ToolCall | ToolResult)]
    if all(part.call_id and part.name for part in named):
        return  # everything is told, or there is nothing to tell
    taken = {part.call_id for part in named}
    waiting = _Waiting()
    for turn in turns:
        for index, part in enumerate(turn.parts):
            place = turn.places[index]
            if isinstance(part, ToolCall):
                call_id = part.call_id or _made(place, taken)
                waiting.add(_Open(part.name, call_id, bool(part.call_id)))
                if not part.call_id:
                    turn.parts[index] = attrs.evolve(part, call_id=call_id)
            elif isinstance(part, ToolResult):
                turn.parts[index] = _identified(part, place, waiting, taken)


def _made(place: _Place, taken: set[str]) -> str:
    call_id = f"call_{place[0]}_{place[1]}"
    while call_id in taken:
        call_id += "_"
    taken.add(call_id)
    return call_id


def _identified(
    result: ToolResult, place: _Place, waiting: _Waiting, taken: set[str]
) -> ToolResult:
    """The result with the id and the name of the call that it answers."""
    call = waiting.answered(result)
    if call is None:
        call_id = result.call_id or _made(place, taken)
        return attrs.evolve(result, call_id=call_id)
    name = result.name or call.name
    return attrs.evolve(result, call_id=call.call_id, name=name)
