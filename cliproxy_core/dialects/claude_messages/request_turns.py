"""Messages in the order that this API demands.

From other dialects: system text goes to the top, turns of one speaker become one, tool
results stand first in the user turn after their calls and in the order of the calls,
thinking stands first and calls last in an assistant turn (facts/02, section 3.10).
"""

from __future__ import annotations

from itertools import pairwise

import attrs

from cliproxy_core.base.jsonval import Json, JsonObject
from cliproxy_core.ir.request import (
    Dropped,
    Message,
    Part,
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

__all__ = ["emit_messages"]

# A request needs a user turn, and the vendor refuses an empty text in it ("text
# content blocks must be non-empty"). This is the least that says nothing.
NOTHING_SAID = "."


def emit_messages(
    request: Request, dropped: list[Dropped], *, native: bool
) -> JsonObject:
    """The `system` and `messages` of a request."""
    writer = Writer(native, dropped)
    return _native(request, writer) if native else _foreign(request, writer)


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
        turn: JsonObject = {"role": message.role.value, "content": content}
        turns.append({**turn, **_extras(message, writer)})
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
        if isinstance(part, Text) and part.cache is None and not part.extras.fields:
            return part.text
    return writer.blocks(message.parts, message.path)


def _extras(message: Message, writer: Writer) -> JsonObject:
    if message.extras.dialect == NAME:
        return dict(message.extras.fields)
    for key in message.extras.fields:
        writer.drop(f"{message.path}.{key}", "unknown to this API")
    return {}


# From another dialect.


@attrs.define
class _Said:
    """One block, and the part that it was written from."""

    part: Part
    block: JsonObject
    path: str


@attrs.define
class _Turn:
    """Everything one speaker says before the other does."""

    role: Role
    said: list[_Said] = attrs.field(factory=list)

    @property
    def calls(self) -> list[str]:
        return [s.part.call_id for s in self.said if isinstance(s.part, ToolCall)]

    @property
    def results(self) -> dict[str, _Said]:
        """The last result for each call, in the order of the first ones."""
        return {s.part.call_id: s for s in self.said if isinstance(s.part, ToolResult)}


def _foreign(request: Request, writer: Writer) -> JsonObject:
    system: list[Json] = []
    turns: list[_Turn] = []
    for index, message in enumerate(request.messages):
        path = message.path or f".messages[{index}]"
        if message.name is not None:
            writer.drop(f"{path}.name", "speakers have no names here")
        _extras(message, writer)
        if message.role in (Role.SYSTEM, Role.DEVELOPER):
            if turns:
                writer.drop(path, "system text stands before all turns, not in place")
            system += _system(message, path, writer)
        else:
            _speak(message, path, turns, writer)
    _answer_at_once(turns, writer)
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
    for part in message.parts:
        block = writer.block(part, path)
        if block is None:
            continue
        if not turns or turns[-1].role is not message.role:
            turns.append(_Turn(message.role))
        turns[-1].said.append(_Said(part, block, path))


def _answer_at_once(turns: list[_Turn], writer: Writer) -> None:
    """Move results that come late into the turn right after their calls."""
    waiting: dict[str, _Turn] = {}
    for before, turn in pairwise(turns):
        calls = dict.fromkeys(before.calls, turn)
        if turn.role is not Role.USER:
            continue
        for call_id, late in turn.results.items():
            home = None if call_id in calls else waiting.pop(call_id, None)
            if home is not None:
                writer.drop(late.path, "moved into the turn after its call")
                turn.said.remove(late)
                home.said.append(late)
        waiting.update({i: t for i, t in calls.items() if i not in turn.results})


def _joined(turns: list[_Turn]) -> list[_Turn]:
    """Without the turns that have nothing to say, their neighbours are one turn."""
    joined: list[_Turn] = []
    for turn in turns:
        if not turn.said:
            continue
        if joined and joined[-1].role is turn.role:
            joined[-1].said += turn.said
        else:
            joined.append(turn)
    return joined


def _ordered(turn: _Turn, before: _Turn | None) -> JsonObject:
    """A turn with its blocks where the vendor wants them."""
    results = turn.results
    calls = [] if before is None else [i for i in before.calls if i in results]
    first = [results.pop(call_id).block for call_id in dict.fromkeys(calls)]
    first += [said.block for said in results.values()]
    last: list[JsonObject] = []
    middle: list[JsonObject] = []
    for said in turn.said:
        match said.part:
            case Reasoning() | Redacted():
                first.append(said.block)
            case ToolCall():
                last.append(said.block)
            case ToolResult():
                pass  # already there
            case _:
                middle.append(said.block)
    return {"role": turn.role.value, "content": [*first, *middle, *last]}
