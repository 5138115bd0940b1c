"""Neutral turns as messages of this API.

Tool results are messages of their own and stand before the rest of their turn. An
assistant's words come before its calls, whatever their order was. Reasoning goes out
as plain text if nobody signed it, and as it came if this API's upstream did.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, TypeAlias

from cliproxy_core.base.jsonval import Json, JsonObject
from cliproxy_core.ir.request import (
    Dropped,
    Message,
    NativePart,
    Part,
    Reasoning,
    Redacted,
    Refusal,
    Role,
    Text,
    ToolCall,
    ToolResult,
)

from .encode import sealed_entry, signed_entry
from .grammar import NAME
from .parts import Losses, cached, emit_part, own_fields

__all__ = ["emit_calls", "emit_messages"]


_Item: TypeAlias = tuple[int, Part]
"""A part and its number; its place is spelled out only for a report."""

_ASSISTANT: Final = Role.ASSISTANT
_NOTHING: Final = frozenset({"role", "content", "name"})
"""The fields of an assistant's message that say nothing by themselves."""


def emit_messages(messages: Iterable[Message], losses: Losses) -> list[Json]:
    out: list[Json] = []
    for number, message in enumerate(messages):
        words = _only_words(message)
        if words:
            out.append({"role": message.role.word, "content": words})
            continue
        path = message.path or f".messages[{number}]"
        if message.role is _ASSISTANT:
            turn = _emit_assistant(message, path, losses)
            if turn is not None:
                out.append(turn)
        else:
            _emit_turn(message, path, losses, out)
    return out


def _only_words(message: Message) -> str | list[Json] | None:
    """The content of a message of one text and nothing else: the common case."""
    parts = message.parts
    if len(parts) != 1 or message.name is not None or message.extras.fields:
        return None
    part = parts[0]
    if not isinstance(part, Text) or not _is_bare(part):
        return None
    return part.text if message.plain else [{"type": "text", "text": part.text}]


def _is_bare(part: Text | ToolCall | ToolResult) -> bool:
    """Whether nothing came with it that may be lost or must be put back."""
    return part.cache is None and not part.extras.fields


def _emit_turn(message: Message, path: str, losses: Losses, out: list[Json]) -> None:
    """System text, or a caller's turn: results first, then what was said."""
    said: list[_Item] = []
    for i, part in enumerate(message.parts):
        if isinstance(part, ToolResult):
            result = _emit_result(part, f"{path}.content[{i}]", losses)
            if message.name:
                result["name"] = message.name
            out.append(result)
        elif isinstance(part, NativePart) and "role" in part.raw:
            if part.dialect == NAME:
                out.append(part.raw)  # a whole message of the deprecated role
            else:
                reason = f"a part that only {part.dialect} knows"
                losses.append(Dropped(f"{path}.content[{i}]", reason))
        else:
            said.append((i, part))
    if not said and message.parts:
        return
    extras = own_fields(message.extras, path, losses)
    named: JsonObject = {"name": message.name} if message.name else {}
    content = _emit_content(said, message.plain, path, losses, extras)
    if content or not said:
        role = message.role.word
        out.append({**extras, "role": role, **named, "content": content})


def _emit_content(
    said: list[_Item], plain: bool, path: str, losses: Losses, message: JsonObject
) -> list[Json] | str:
    """A string where one came, else parts; a lone mark moves to the message."""
    if plain and not said:
        return ""
    number, part = said[0] if said else (0, None)
    if plain and len(said) == 1 and isinstance(part, Text):
        if not _is_bare(part):
            where = f"{path}.content[{number}]"
            message.update(own_fields(part.extras, where, losses))
            message.update(cached(part.cache, part.extras, where, losses))
        return part.text
    emitted = (emit_part(part, f"{path}.content[{i}]", losses) for i, part in said)
    return [part for part in emitted if part is not None]


def _emit_result(result: ToolResult, path: str, losses: Losses) -> JsonObject:
    if result.error:
        losses.append(Dropped(f"{path}.is_error", "this API has no mark for it"))
    fields = own_fields(result.extras, path, losses) if result.extras.fields else {}
    said: list[_Item] = list(enumerate(result.parts))
    content = _emit_content(said, result.plain, path, losses, fields)
    out: JsonObject = {
        **fields,
        "role": "tool",
        "tool_call_id": result.call_id,
        "content": content or "",
    }
    if result.cache is not None:
        out.update(cached(result.cache, result.extras, path, losses))
    return out


def _emit_assistant(message: Message, path: str, losses: Losses) -> JsonObject | None:
    turn: JsonObject = {"role": "assistant"}
    if message.extras.fields:
        turn = {**own_fields(message.extras, path, losses), **turn}
    if message.name:
        turn["name"] = message.name
    said: list[_Item] = []
    called: list[_Item] = []
    thought: list[_Item] = []
    late: list[int] = []
    for item in enumerate(message.parts):
        part = item[1]
        if isinstance(part, Text):
            said.append(item)
            if called:
                late.append(item[0])
        elif _is_call(part):
            called.append(item)
        else:
            (thought if isinstance(part, Reasoning | Redacted) else said).append(item)
    if thought:
        turn.update(_emit_thoughts(thought, path, losses))
    for i in late:
        reason = "words after a call are put before it"
        losses.append(Dropped(f"{path}.content[{i}]", reason))
    if message.plain:
        said = _without_refusals(said, turn)
    content = _emit_content(said, message.plain, path, losses, turn) if said else None
    if called:
        turn["tool_calls"] = emit_calls(called, path, losses)
    turn["content"] = content or (None if called or "refusal" in turn else "")
    if message.parts and not content and turn.keys() <= _NOTHING:
        return None  # everything in it was lost
    return turn


def _is_call(part: Part) -> bool:
    """Calls, and calls of kinds that only this dialect knows (custom tools)."""
    if isinstance(part, NativePart):
        return part.dialect == NAME and "id" in part.raw
    return isinstance(part, ToolCall)


def _without_refusals(said: list[_Item], turn: JsonObject) -> list[_Item]:
    """Beside plain words a refusal has a field of its own."""
    texts = [item for item in said if isinstance(item[1], Text)]
    refusals = [part.text for _, part in said if isinstance(part, Refusal)]
    if len(texts) + len(refusals) < len(said):
        return said  # there are parts that are no words: a list it must be
    if refusals:
        turn["refusal"] = "".join(refusals)
    return texts


def _emit_thoughts(thought: list[_Item], path: str, losses: Losses) -> JsonObject:
    plain: list[str] = []
    details: list[Json] = []
    for i, part in thought:
        if isinstance(part, Redacted):
            if part.sealed.issuer == NAME:
                details.append(sealed_entry(len(details), part.sealed))
            else:
                where = f"{path}.content[{i}]"
                losses.append(Dropped(where, "sealed for another issuer"))
        elif isinstance(part, Reasoning):
            if part.signature is None:
                plain.append(part.text)
            elif part.signature.issuer == NAME:
                entry = signed_entry(len(details), part.text, part.signature)
                details.append(entry)
            else:
                where = f"{path}.content[{i}]"
                losses.append(Dropped(where, "signed for another issuer"))
    thoughts: JsonObject = {}
    if plain:
        thoughts["reasoning_content"] = "\n\n".join(plain)
    if details:
        thoughts["reasoning_details"] = details
    return thoughts


def emit_calls(
    called: Iterable[_Item], path: str, losses: Losses, *, empty: str = "{}"
) -> list[Json]:
    """The calls of an assistant's turn; `empty` stands for no arguments at all."""
    out: list[Json] = []
    for i, part in called:
        if isinstance(part, NativePart):
            out.append(part.raw)
        elif isinstance(part, ToolCall):
            function: JsonObject = {
                "name": part.name,
                "arguments": part.arguments or empty,
            }
            call: JsonObject = {
                "id": part.call_id,
                "type": "function",
                "function": function,
            }
            if not _is_bare(part):
                call = _with_extras(call, part, f"{path}.content[{i}]", losses)
            out.append(call)
    return out


def _with_extras(
    call: JsonObject, part: ToolCall, path: str, losses: Losses
) -> JsonObject:
    extras = own_fields(part.extras, path, losses)
    more, function = extras.pop("function", None), call["function"]
    if isinstance(more, dict) and isinstance(function, dict):
        call["function"] = {**more, **function}
    return {**extras, **call, **cached(part.cache, part.extras, path, losses)}
