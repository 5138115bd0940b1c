"""Neutral turns as messages of this API.

Tool results are messages of their own and stand before the rest of their turn. An
assistant's words come before its calls, whatever their order was. Reasoning goes out
as plain text if nobody signed it, and as it came if this API's upstream did.
"""

from __future__ import annotations

from collections.abc import Iterable

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


def emit_messages(messages: Iterable[Message], losses: Losses) -> list[Json]:
    out: list[Json] = []
    for number, message in enumerate(messages):
        path = message.path or f".messages[{number}]"
        if message.role is Role.ASSISTANT:
            turn = _emit_assistant(message, path, losses)
            out += [turn] if turn is not None else []
        else:
            _emit_turn(message, path, losses, out)
    return out


def _emit_turn(message: Message, path: str, losses: Losses, out: list[Json]) -> None:
    """System text, or a caller's turn: results first, then what was said."""
    said: list[tuple[Part, str]] = []
    for i, part in enumerate(message.parts):
        where = f"{path}.content[{i}]"
        if isinstance(part, ToolResult):
            out.append(_emit_result(part, message, where, losses))
        elif isinstance(part, NativePart) and "role" in part.raw:
            if part.dialect == NAME:
                out.append(part.raw)  # a whole message of the deprecated role
            else:
                losses.append(Dropped(where, f"a part that only {part.dialect} knows"))
        else:
            said.append((part, where))
    if not said and message.parts:
        return
    extras = own_fields(message.extras, path, losses)
    named: JsonObject = {"name": message.name} if message.name else {}
    content = _emit_content(said, message.plain, losses, extras)
    if content or not said:
        role = message.role.value
        out.append({**extras, "role": role, **named, "content": content})


def _emit_content(
    said: list[tuple[Part, str]], plain: bool, losses: Losses, message: JsonObject
) -> list[Json] | str:
    """A string where one came, else parts; a lone mark moves to the message."""
    if not said and plain:
        return ""
    part, path = said[0] if said else (None, "")
    if plain and len(said) == 1 and isinstance(part, Text):
        message.update(own_fields(part.extras, path, losses))
        message.update(cached(part.cache, part.extras, path, losses))
        return part.text
    emitted = (emit_part(part, path, losses) for part, path in said)
    return [part for part in emitted if part is not None]


def _emit_result(
    result: ToolResult, message: Message, path: str, losses: Losses
) -> JsonObject:
    if result.error:
        losses.append(Dropped(f"{path}.is_error", "this API has no mark for it"))
    said: list[tuple[Part, str]] = [
        (part, f"{path}.content[{i}]") for i, part in enumerate(result.parts)
    ]
    named: JsonObject = {"name": message.name} if message.name else {}
    fields = own_fields(result.extras, path, losses)
    content = _emit_content(said, result.plain, losses, fields)
    return {
        **fields,
        "role": "tool",
        "tool_call_id": result.call_id,
        **named,
        "content": content or "",
        **cached(result.cache, result.extras, path, losses),
    }


def _emit_assistant(message: Message, path: str, losses: Losses) -> JsonObject | None:
    turn: JsonObject = {
        **own_fields(message.extras, path, losses),
        "role": "assistant",
    }
    if message.name:
        turn["name"] = message.name
    located = [(p, f"{path}.content[{i}]") for i, p in enumerate(message.parts)]
    turn.update(_emit_thoughts(located, losses))
    said = [item for item in located if isinstance(item[0], Text | Refusal)]
    native = [item for item in located if _is_content(item[0])]
    called = [item for item in located if _is_call(item[0])]
    if message.plain and len(native) == len(said):
        refusals = [part.text for part, _ in said if isinstance(part, Refusal)]
        native = [item for item in native if isinstance(item[0], Text)]
        if refusals:
            turn["refusal"] = "".join(refusals)
    _report_order(located, losses)
    content = _emit_content(native, message.plain, losses, turn) if native else None
    calls = emit_calls(called, losses)
    if calls:
        turn["tool_calls"] = calls
    turn["content"] = content or (None if calls or "refusal" in turn else "")
    if message.parts and not content and turn.keys() <= {"role", "content", "name"}:
        return None  # everything in it was lost
    return turn


def _is_call(part: Part) -> bool:
    """Calls, and calls of kinds that only this dialect knows (custom tools)."""
    if isinstance(part, NativePart):
        return part.dialect == NAME and "id" in part.raw
    return isinstance(part, ToolCall)


def _is_content(part: Part) -> bool:
    return not isinstance(part, Reasoning | Redacted) and not _is_call(part)


def _report_order(located: list[tuple[Part, str]], losses: Losses) -> None:
    called = False
    for part, path in located:
        if called and isinstance(part, Text):
            losses.append(Dropped(path, "words after a call are put before it"))
        called = called or _is_call(part)


def _emit_thoughts(located: list[tuple[Part, str]], losses: Losses) -> JsonObject:
    plain: list[str] = []
    details: list[Json] = []
    for part, path in located:
        if isinstance(part, Redacted):
            if part.sealed.issuer == NAME:
                details.append(sealed_entry(len(details), part.sealed))
            else:
                losses.append(Dropped(path, "sealed for another issuer"))
        elif isinstance(part, Reasoning):
            if part.signature is None:
                plain.append(part.text)
            elif part.signature.issuer == NAME:
                entry = signed_entry(len(details), part.text, part.signature)
                details.append(entry)
            else:
                losses.append(Dropped(path, "signed for another issuer"))
    thoughts: JsonObject = {}
    if plain:
        thoughts["reasoning_content"] = "\n\n".join(plain)
    if details:
        thoughts["reasoning_details"] = details
    return thoughts


def emit_calls(
    located: list[tuple[Part, str]], losses: Losses, *, empty: str = "{}"
) -> list[Json]:
    """The calls of an assistant's turn; `empty` stands for no arguments at all."""
    out: list[Json] = []
    for part, path in located:
        if isinstance(part, NativePart):
            out.append(part.raw)
        elif isinstance(part, ToolCall):
            extras = own_fields(part.extras, path, losses)
            more = extras.pop("function", None)
            out.append(
                {
                    **extras,
                    "id": part.call_id,
                    "type": "function",
                    "function": {
                        **(more if isinstance(more, dict) else {}),
                        "name": part.name,
                        "arguments": part.arguments or empty,
                    },
                    **cached(part.cache, part.extras, path, losses),
                }
            )
    return out
