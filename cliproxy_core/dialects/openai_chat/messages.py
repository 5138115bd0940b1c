"""Messages of a request: what callers write, as neutral turns.

Reasoning comes first in an assistant's turn, then what was said, then the calls. A
message that is more than words has its own text with it (`Extras.raw`), so that it can
go back to this dialect as it came.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from typing import Final

import attrs

from cliproxy_core.base.errors import DecodeError
from cliproxy_core.base.jsonval import (
    Json,
    JsonObject,
    as_object,
    need,
    need_str,
    opt_array,
    opt_object,
    opt_str,
    parse_each,
)
from cliproxy_core.ir.request import (
    NO_EXTRAS,
    Extras,
    MediaPart,
    Message,
    NativePart,
    Part,
    Refusal,
    Role,
    Text,
    ToolCall,
    ToolResult,
)

from .calls import parse_call, parse_legacy_call
from .grammar import NAME
from .media import parse_images
from .parts import ContentPart, extras_of, parse_content
from .thoughts import parse_thoughts

__all__ = ["parse_message", "parse_messages"]

_ROLES: Final[Mapping[str, Role]] = {
    "system": Role.SYSTEM,
    "developer": Role.DEVELOPER,
    "user": Role.USER,
}
_COMMON: Final = frozenset({"role", "content", "name", "cache_control"})
_THINKING: Final = frozenset(
    {"reasoning_content", "reasoning", "reasoning_details", "thinking_blocks"}
)
_ASSISTANT: Final = (
    _COMMON | _THINKING | {"refusal", "tool_calls", "function_call", "images"}
)
_ASSISTANT_BARE: Final = frozenset({"role", "content", "tool_calls"})
_RESULT: Final = _COMMON | {"tool_call_id"}

_BARE: Final = 2
_BARE_RESULT: Final = 3
"""How many fields things have that hold what they must and nothing else."""

_ROLE: Final = Role.ASSISTANT


def parse_messages(values: list[Json], path: str) -> tuple[Message, ...]:
    out: list[Message] = []
    where = path
    try:
        for number, value in enumerate(values):
            where = f"{path}[{number}]"
            out.append(parse_message(as_object(value, ""), where))
    except DecodeError as error:
        raise error.under(where) from None
    return tuple(out)


def parse_message(message: JsonObject, path: str) -> Message:
    """One message; `path` is where it stood, for reports of what was dropped."""
    word, content = message.get("role"), message.get("content")
    if not isinstance(word, str):
        word = need_str(message, "role", "")  # complains
    role = _ROLES.get(word)
    if len(message) == _BARE and isinstance(content, str) and content:
        speaker = _ROLE if word == "assistant" else role
        if speaker is not None:
            return Message(role=speaker, parts=(Text(content),), path=path)
    if word == "assistant":
        return _parse_turn(message, path)
    if word == "tool":
        return _parse_result(message, path)
    if word == "function":
        return _parse_legacy_result(message, path)
    if role is None:
        raise DecodeError(".role", "not a role of this API")
    return Message(
        role=role,
        parts=_marked(_parse_content(message), message),
        plain=isinstance(content, str),
        path=path,
        name=opt_str(message, "name", ""),
        extras=_own(message, _COMMON),
    )


def _own(message: JsonObject, known: Set[str]) -> Extras:
    """What the neutral form has no place for, and the message as it came."""
    return Extras(NAME, extras_of(message, known).fields, message)


def _parse_content(message: JsonObject) -> list[ContentPart]:
    content = need(message, "content", "")
    try:
        return parse_content(content)
    except DecodeError as error:
        raise error.under(".content") from None


def _marked(parts: list[ContentPart], message: JsonObject) -> tuple[ContentPart, ...]:
    """A cache mark of a message is one of its last part, unless that has its own."""
    cache = opt_object(message, "cache_control", "")
    if cache is not None and parts:
        last = parts[-1]
        if isinstance(last, Text | MediaPart) and last.cache is None:
            extras = Extras(NAME, last.extras.fields)
            parts[-1] = attrs.evolve(last, cache=cache, extras=extras)
    return tuple(parts)


def _parse_result(message: JsonObject, path: str) -> Message:
    content = message.get("content")
    parts: tuple[Text | MediaPart | NativePart, ...]
    parts = (Text(content),) if isinstance(content, str) else _result_parts(message)
    bare = len(message) == _BARE_RESULT
    result = ToolResult(
        call_id=need_str(message, "tool_call_id", ""),
        parts=parts,
        name=None if bare else opt_str(message, "name", ""),
        plain=isinstance(content, str),
        cache=None if bare else opt_object(message, "cache_control", ""),
        extras=NO_EXTRAS if bare else extras_of(message, _RESULT),
    )
    extras = NO_EXTRAS if bare and result.plain else Extras(NAME, {}, message)
    return Message(
        role=Role.USER, parts=(result,), plain=False, path=path, extras=extras
    )


def _parse_legacy_result(message: JsonObject, path: str) -> Message:
    """The deprecated role `function`, which tells the name and no id."""
    content = opt_str(message, "content", "")
    result = ToolResult(
        call_id="",
        parts=() if content is None else (Text(content),),
        name=need_str(message, "name", ""),
    )
    extras = _own(message, _COMMON)
    return Message(
        role=Role.USER, parts=(result,), plain=False, path=path, extras=extras
    )


def _result_parts(message: JsonObject) -> tuple[Text | MediaPart | NativePart, ...]:
    parts: list[Text | MediaPart | NativePart] = []
    for i, part in enumerate(_parse_content(message)):
        if isinstance(part, Refusal):
            raise DecodeError(f".content[{i}].type", "not part of a tool result")
        parts.append(part)
    return tuple(parts)


# The assistant.


def _parse_turn(message: JsonObject, path: str) -> Message:
    content = message.get("content")
    words = _parse_content(message) if content is not None and content != "" else []
    given = opt_array(message, "tool_calls", "")
    calls = parse_each(given, ".tool_calls", parse_call) if given else []
    parts: tuple[Part, ...]
    if message.keys() <= _ASSISTANT_BARE:
        parts, extras = (*words, *calls), Extras(NAME, {}, message)
    else:
        parts, extras = _parse_more(message, words, calls)
    return Message(
        role=_ROLE,
        parts=parts,
        plain=not isinstance(content, list),
        path=path,
        name=opt_str(message, "name", ""),
        extras=extras,
    )


def _parse_more(
    message: JsonObject, words: list[ContentPart], calls: list[ToolCall | NativePart]
) -> tuple[tuple[Part, ...], Extras]:
    """A turn that is more than words and calls."""
    refusal = opt_str(message, "refusal", "")
    if refusal:
        words.append(Refusal(refusal))
    words += parse_images(opt_array(message, "images", ""), ".images")
    older = opt_object(message, "function_call", "")
    if older is not None:
        calls.append(parse_legacy_call(older))
    cache = opt_object(message, "cache_control", "")
    if calls and not words and cache is not None and isinstance(calls[-1], ToolCall):
        extras = Extras(NAME, calls[-1].extras.fields)
        calls[-1] = attrs.evolve(calls[-1], cache=cache, extras=extras)
    thoughts = parse_thoughts(message)
    known = _ASSISTANT
    if thoughts is None:
        thoughts, known = [], _ASSISTANT - {"reasoning_details"}
    said: JsonObject = {key: v for key, v in message.items() if v is not None}
    fields = extras_of(said, known).fields
    marked = _marked(words, message)
    return (*thoughts, *marked, *calls), Extras(NAME, fields, message)
