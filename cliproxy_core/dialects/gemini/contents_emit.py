"""Turns in the order that this API demands.

From other dialects: a user speaks first, turns of one speaker are one, calls stand last
in a turn of the model, and all their results in the turn right after them, in the order
of the calls (facts/02, sections 2.5.1 and 3.7.4). Calls without results and results
without calls are refused by the vendor and left out.

System text before all turns is the system instruction. What comes later stays where it
is, as words of the user in a `<system-reminder>`: moved to the top it would be about
another moment, and change the prefix that caches hold (facts/02, section 3.9).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, TypeAlias

import attrs

from cliproxy_core.base.jsonval import Json, JsonObject
from cliproxy_core.ir.reasoning import Signature
from cliproxy_core.ir.request import (
    Message,
    Part,
    Reasoning,
    Redacted,
    Role,
    Text,
    ToolCall,
    ToolResult,
)

from .contents import SYSTEM
from .grammar import NAME
from .parts import BYPASS
from .parts_emit import Writer

__all__ = ["emit_foreign", "emit_own"]

NOTHING_SAID: Final[JsonObject] = {"role": "user", "parts": [{"text": ""}]}
"""Stands for the user where the model would speak first (facts/02, section 6.4)."""

_ROLES: Final = {Role.ASSISTANT: "model"}
"""Everybody else is a user."""


# From this dialect: everything stays where it was.


def emit_own(messages: Sequence[Message], writer: Writer) -> JsonObject:
    """`contents` and `systemInstruction` of a request that came from this dialect."""
    contents: list[Json] = []
    out: JsonObject = {}
    for index, message in enumerate(messages):
        path = message.path or f".messages[{index}]"
        parts = _own_parts(message, path, writer)
        fields = writer.fields(message.extras, path)
        if message.role in (Role.SYSTEM, Role.DEVELOPER) and path == SYSTEM:
            out["systemInstruction"] = {**fields, "parts": [*parts]}
        elif parts or not message.parts:
            role = _ROLES.get(message.role, "user")
            contents.append({**fields, "role": role, "parts": [*parts]})
    return {**out, "contents": contents}


def _own_parts(message: Message, path: str, writer: Writer) -> list[JsonObject]:
    found = (writer.part(part, path) for part in message.parts)
    parts = [part for part in found if part is not None]
    _pass([part for part in parts if "functionCall" in part])
    return parts


def _pass(calls: Sequence[JsonObject]) -> None:
    """Gemini 3 demands state on the first call of a turn, and on no other."""
    if calls and "thoughtSignature" not in calls[0]:
        calls[0]["thoughtSignature"] = BYPASS


# From another dialect.

_Result: TypeAlias = tuple[ToolResult, str]
"""A result, and the place of its message."""


@attrs.define(eq=False)
class _Turn:
    """Everything one speaker says before the other does."""

    model: bool
    path: str
    words: list[Json] = attrs.field(factory=list)
    calls: list[JsonObject] = attrs.field(factory=list)
    asked: list[tuple[ToolCall, _Result]] = attrs.field(factory=list)
    """The same calls, and what they gave."""
    results: list[Json] = attrs.field(factory=list)
    signed: bool = False
    """Whether the vendor made something of it."""

    @property
    def empty(self) -> bool:
        return not (self.words or self.calls or self.results)

    def content(self) -> JsonObject:
        _pass(self.calls)
        role = "model" if self.model else "user"
        return {"role": role, "parts": [*self.results, *self.words, *self.calls]}


def emit_foreign(messages: Sequence[Message], writer: Writer) -> JsonObject:
    """`contents` and `systemInstruction` of a request from another dialect."""
    arranger = _Arranger(writer, _results(messages, writer))
    for index, message in enumerate(messages):
        arranger.take(message, message.path or f".messages[{index}]")
    return arranger.document()


def _results(messages: Sequence[Message], writer: Writer) -> dict[str, _Result]:
    """The results, by the ids of their calls."""
    found: dict[str, _Result] = {}
    for index, message in enumerate(messages):
        for number, part in enumerate(message.parts):
            if isinstance(part, ToolResult):
                path = _place(message.path or f".messages[{index}]", number)
                if part.call_id in found:
                    writer.drop(path, "another result of the same call goes before it")
                else:
                    found[part.call_id] = part, path
    return found


@attrs.define
class _Arranger:
    """Takes messages one after the other, and makes turns of them."""

    writer: Writer
    results: dict[str, _Result] = attrs.field(repr=False)
    """Those that no call has asked for yet."""
    _homes: dict[str, _Turn] = attrs.field(factory=dict, init=False, repr=False)
    """The turns in which results came, by the ids of their calls."""
    _system: list[Json] = attrs.field(factory=list, init=False)
    _turns: list[_Turn] = attrs.field(factory=list, init=False)

    def take(self, message: Message, path: str) -> None:
        writer = self.writer
        if message.name is not None:
            writer.drop(f"{path}.name", "speakers have no names here")
        if message.extras.fields:
            writer.fields(message.extras, path)
        if message.role is Role.ASSISTANT:
            self._speak(message, path)
        elif message.role is Role.USER:
            self._ask(message, path)
        else:
            self._rule(message, path)

    def document(self) -> JsonObject:
        self._answer()
        turns = [turn for turn in self._turns if not turn.empty]
        self._end_with_user(turns)
        contents: list[Json] = []
        if not turns or turns[0].model:
            contents.append(NOTHING_SAID)
        contents += [turn.content() for turn in _joined(turns)]
        out: JsonObject = {"contents": contents}
        if self._system:
            out["systemInstruction"] = {"parts": self._system}
        return out

    def _turn(self, path: str, *, model: bool) -> _Turn:
        last = self._turns[-1] if self._turns else None
        if last is None or last.model is not model:
            last = _Turn(model, path)
            self._turns.append(last)
        return last

    def _rule(self, message: Message, path: str) -> None:
        """System text, at the top or in its place."""
        parts: list[Json] = []
        for part in message.parts:
            if not isinstance(part, Text):
                self.writer.drop(path, "system text is text only")
                continue
            written = self.writer.part(part, path)
            if written is not None:
                parts.append(written)
        if not parts:
            return
        if not self._turns:
            self._system += parts
            return
        reason = "after the first turn, system text is told by the user"
        self.writer.drop(path, reason)
        text = "\n".join(p.text for p in message.parts if isinstance(p, Text))
        reminder = f"<system-reminder>\n{text}\n</system-reminder>"
        self._turn(path, model=False).words.append({"text": reminder})

    def _ask(self, message: Message, path: str) -> None:
        turn = self._turn(path, model=False)
        for at, part in enumerate(message.parts):
            if isinstance(part, ToolResult):
                self._homes.setdefault(part.call_id, turn)
            elif isinstance(part, Text):
                self._say(turn, part, path)
            elif isinstance(part, ToolCall | Reasoning | Redacted):
                self.writer.drop(_place(path, at), "only the model thinks and calls")
            else:
                self._say(turn, part, _place(path, at))

    def _speak(self, message: Message, path: str) -> None:
        turn = self._turn(path, model=True)
        state: Signature | None = None
        for at, part in enumerate(message.parts):
            following = message.parts[at + 1 : at + 2]
            if isinstance(part, Redacted) and _is_state_of(part, following):
                state = part.sealed
            elif isinstance(part, ToolCall):
                signed = part if state is None else attrs.evolve(part, signature=state)
                self._call(turn, signed, _place(path, at))
                state = None
            elif isinstance(part, Text):
                self._say(turn, part, path)
            elif not isinstance(part, ToolResult):
                self._say(turn, part, _place(path, at))

    def _say(self, turn: _Turn, part: Part, path: str) -> None:
        written = self.writer.part(part, path)
        if written is None:
            return
        if turn.calls:
            self.writer.drop(path, "words after a call are put before it")
        turn.signed = turn.signed or "thoughtSignature" in written
        turn.words.append(written)

    def _call(self, turn: _Turn, part: ToolCall, path: str) -> None:
        result = self.results.pop(part.call_id, None)
        if result is None:
            self.writer.drop(path, "a call without a result, which this API refuses")
            return
        written = self.writer.part(part, path)
        if written is not None:
            turn.signed = turn.signed or "thoughtSignature" in written
            turn.calls.append(written)
            turn.asked.append((part, result))

    def _answer(self) -> None:
        """Put every result into the turn right after its call."""
        turns: list[_Turn] = []
        for at, turn in enumerate(self._turns):
            turns.append(turn)
            if not turn.asked:
                continue
            if at + 1 == len(self._turns):
                turns.append(self._answered(turn, _Turn(False, turn.path)))
            else:
                self._answered(turn, self._turns[at + 1])
        self._turns = turns
        for _, path in self.results.values():
            self.writer.drop(path, "a result without a call, which this API refuses")

    def _answered(self, turn: _Turn, after: _Turn) -> _Turn:
        beside: list[Json] = []
        for call, (result, path) in turn.asked:
            if self._homes.get(call.call_id) is not after:
                self.writer.drop(path, "moved into the turn after its call")
            answer = self.writer.answer(result, call.name, path)
            after.results.append(answer.part)
            beside += answer.beside
        after.results += beside
        return after

    def _end_with_user(self, turns: list[_Turn]) -> None:
        """The vendor refuses a conversation that ends with words put into the model's
        mouth (facts/02, section 3.12); its own it may go on with."""
        while turns and turns[-1].model and not turns[-1].signed:
            self.writer.drop(turns.pop().path, "this API ends with the user's turn")


def _place(path: str, number: int) -> str:
    """Where a part stands. Words are not asked: they are many, and lose little."""
    return f"{path}.content[{number}]"


def _is_state_of(part: Redacted, following: Sequence[Part]) -> bool:
    """Whether state on its own is that of the call after it, which has none."""
    return part.sealed.issuer == NAME and any(
        isinstance(after, ToolCall) and after.signature is None for after in following
    )


def _joined(turns: Sequence[_Turn]) -> list[_Turn]:
    """Without the turns that had nothing to say, their neighbours are one turn."""
    out: list[_Turn] = []
    for turn in turns:
        last = out[-1] if out else None
        if last is None or last.model is not turn.model:
            out.append(turn)
            continue
        last.results += turn.results
        last.words += turn.words
        last.calls += turn.calls
    return out
