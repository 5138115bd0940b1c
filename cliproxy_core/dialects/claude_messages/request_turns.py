"""Messages in the order that this API demands.

From other dialects: system text goes to the top, turns of one speaker become one, tool
results stand first in the user turn after their calls and in the order of the calls,
calls last in an assistant turn, and it begins with thinking if it has any (facts/02,
section 3.10). Thinking between words stays there: the vendor wants it as it was.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Final, TypeAlias

from cliproxy_core.base.jsonval import Json, JsonObject
from cliproxy_core.ir.request import (
    Message,
    Reasoning,
    Redacted,
    Request,
    Role,
    Text,
    ToolCall,
    ToolResult,
)

from .grammar import NAME
from .request_parts import Writer
from .rest import restored

__all__ = ["emit_messages"]

# A request needs a user turn, and the vendor refuses an empty text in it ("text
# content blocks must be non-empty"). This is the least that says nothing.
NOTHING_SAID = "."

# Looking a member up in its enumeration costs as much as creating a list.
_SYSTEM: Final = Role.SYSTEM
_DEVELOPER: Final = Role.DEVELOPER
_USER: Final = Role.USER


def emit_messages(request: Request, writer: Writer) -> JsonObject:
    """The `system` and `messages` of a request."""
    return _native(request, writer) if writer.native else _foreign(request, writer)


# From this dialect: everything stays where it was.


def _native(request: Request, writer: Writer) -> JsonObject:
    system: list[Message] = []
    turns: list[Json] = []
    for message in request.messages:
        if _is_top(message):
            system.append(message)
            continue
        content = _content(message, writer)
        if content == [] and message.parts:
            continue  # only thinking that may not be sent
        turn: JsonObject = {"role": message.role.word, "content": content}
        turn.update(_extras(message, message.path, writer))
        turns.append(turn)
    out: JsonObject = {"messages": turns}
    if len(system) == 1:
        out["system"] = _content(system[0], writer)
    elif system:
        blocks: list[Json] = []
        for message in system:
            blocks += writer.blocks(message.parts, message.path)
        out["system"] = blocks
    return out


def _is_top(message: Message) -> bool:
    """Whether this is the system text before the turns, not a system turn."""
    if message.role is Role.DEVELOPER:
        return True
    return message.role is Role.SYSTEM and not message.path.startswith(".messages")


def _content(message: Message, writer: Writer) -> Json:
    if message.plain and len(message.parts) == 1:
        part = message.parts[0]
        if isinstance(part, Text) and _is_bare(part):
            return part.text
    return writer.blocks(message.parts, message.path)


def _is_bare(part: Text) -> bool:
    """Whether there is nothing but words."""
    extras = part.extras
    told = part.cache or part.citations or part.signature
    return not (told or extras.fields or extras.raw)


def _extras(message: Message, path: str, writer: Writer) -> JsonObject:
    if message.extras.dialect == NAME:
        return restored({}, message.extras)
    for key, value in message.extras.fields.items():
        if value is not None:
            writer.drop(f"{path}.{key}", "unknown to this API")
    return {}


# From another dialect.

_Result: TypeAlias = tuple[JsonObject, str]
"""The block of a result, and the place of its message."""


class _Turn:
    """Everything one speaker says before the other does, sorted as it is to stand.

    A plain class, because a request may have thousands and displays beat factories.
    """

    __slots__ = ("call_ids", "calls", "results", "role", "thinks", "words")

    def __init__(self, role: Role) -> None:
        self.role = role
        self.results: dict[str, _Result] = {}
        """The last result for each call, in the order of the first ones."""
        self.words: list[Json] = []
        """Words, media and thinking, in their order."""
        self.thinks = False
        self.call_ids: list[str] = []
        self.calls: list[Json] = []

    @property
    def empty(self) -> bool:
        return not (self.words or self.results or self.calls)

    def join(self, other: _Turn) -> None:
        self.results |= other.results
        self.words += other.words
        self.thinks = self.thinks or other.thinks
        self.call_ids += other.call_ids
        self.calls += other.calls


def _foreign(request: Request, writer: Writer) -> JsonObject:
    system: list[Json] = []
    turns: list[_Turn] = []
    for index, message in enumerate(request.messages):
        path = message.path or f".messages[{index}]"
        if message.name is not None:
            writer.drop(f"{path}.name", "speakers have no names here")
        if message.extras.fields:
            _extras(message, path, writer)
        if message.role is _SYSTEM or message.role is _DEVELOPER:
            if turns:
                writer.drop(path, "system text stands before all turns, not in place")
            system += _system(message, path, writer)
        else:
            _speak(message, path, turns, writer)
    if _answer_at_once(turns, writer):
        turns = _joined(turns)
    messages: list[Json] = [
        _ordered(turn, turns[at - 1] if at else None) for at, turn in enumerate(turns)
    ]
    if not messages:
        writer.drop(".messages", f"a turn is needed: {NOTHING_SAID!r} stands for none")
        messages = [{"role": "user", "content": NOTHING_SAID}]
    return (
        {"system": system, "messages": messages} if system else {"messages": messages}
    )


def _system(message: Message, path: str, writer: Writer) -> list[Json]:
    for part in message.parts:
        if not isinstance(part, Text):
            writer.drop(path, "system text is text only")
    texts = [part for part in message.parts if isinstance(part, Text)]
    return writer.blocks(texts, path)


def _speak(message: Message, path: str, turns: list[_Turn], writer: Writer) -> None:
    """Add a message to its speaker's turn. Nothing of it may be left."""
    last = turns[-1] if turns else None
    turn = (
        _Turn(message.role) if last is None or last.role is not message.role else last
    )
    for number, part in enumerate(message.parts):
        # Most parts are words, and most words lose nothing.
        place = path if isinstance(part, Text) else f"{path}.content[{number}]"
        block = writer.block(part, place)
        if block is None:
            continue
        if isinstance(part, Text):
            turn.words.append(block)
        elif isinstance(part, ToolCall):
            turn.call_ids.append(part.call_id)
            turn.calls.append(block)
        elif isinstance(part, ToolResult):
            turn.results[part.call_id] = block, place
        else:
            turn.words.append(block)
            turn.thinks = turn.thinks or isinstance(part, Reasoning | Redacted)
    if turn is not last and not turn.empty:
        turns.append(turn)


def _answer_at_once(turns: list[_Turn], writer: Writer) -> bool:
    """Move results that come late into the turn right after their calls, if any."""
    moved = False
    waiting: dict[str, _Turn] = {}
    for before, turn in pairwise(turns):
        if turn.role is not _USER or not (before.calls or turn.results):
            continue
        if before.call_ids == list(turn.results):
            continue  # every call has its result and no other: the common case
        calls = dict.fromkeys(before.call_ids, turn)
        for call_id, late in list(turn.results.items()):
            home = None if call_id in calls else waiting.pop(call_id, None)
            if home is not None:
                moved = True
                writer.drop(late[1], "moved into the turn after its call")
                home.results[call_id] = turn.results.pop(call_id)
        waiting.update({i: t for i, t in calls.items() if i not in turn.results})
    return moved


def _joined(turns: list[_Turn]) -> list[_Turn]:
    """Without the turns that have nothing to say, their neighbours are one turn."""
    joined: list[_Turn] = []
    for turn in turns:
        if turn.empty:
            continue
        if joined and joined[-1].role is turn.role:
            joined[-1].join(turn)
        else:
            joined.append(turn)
    return joined


def _ordered(turn: _Turn, before: _Turn | None) -> JsonObject:
    """A turn with its blocks where the vendor wants them."""
    content = turn.words
    if turn.thinks and not _is_thinking(content[0]):
        content = sorted(content, key=_is_thinking, reverse=True)
    if turn.results or turn.calls:
        content = [*_results(turn, before), *content, *turn.calls]
    return {"role": turn.role.word, "content": content}


def _is_thinking(block: Json) -> bool:
    kind = block.get("type") if isinstance(block, dict) else None
    return kind in ("thinking", "redacted_thinking")


def _results(turn: _Turn, before: _Turn | None) -> list[Json]:
    """Results of calls in the order of the calls, then all others."""
    if len(turn.results) <= 1 or before is None:
        return [block for block, _ in turn.results.values()]
    results = dict(turn.results)
    asked = [call_id for call_id in before.call_ids if call_id in results]
    first: list[Json] = [results.pop(call_id)[0] for call_id in dict.fromkeys(asked)]
    return [*first, *(block for block, _ in results.values())]
