"""Messages of a request: what callers write, as neutral turns.

Reasoning comes first in an assistant's turn, then what was said, then the calls. It
may come in three forms, best first: OpenRouter's `reasoning_details` with proofs,
LiteLLM's `thinking_blocks`, and plain `reasoning_content`, which nobody vouches for.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import attrs

from cliproxy_core.base.errors import DecodeError
from cliproxy_core.base.jsonval import (
    Json,
    JsonObject,
    as_array,
    as_object,
    as_str,
    each,
    need,
    opt_array,
    opt_object,
    opt_str,
)
from cliproxy_core.ir.reasoning import Signature
from cliproxy_core.ir.request import (
    Extras,
    MediaPart,
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

from .grammar import NAME
from .parts import ContentPart, extras_of, parse_content

__all__ = ["parse_assistant", "parse_messages"]

CLAUDE: Final = "claude_messages"

_ROLES: Final[Mapping[str, Role]] = {
    "system": Role.SYSTEM,
    "developer": Role.DEVELOPER,
    "user": Role.USER,
}
_COMMON: Final = frozenset({"role", "content", "name", "cache_control"})
_THINKING: Final = frozenset(
    {"reasoning_content", "reasoning", "reasoning_details", "thinking_blocks"}
)
_ASSISTANT: Final = _COMMON | _THINKING | {"refusal", "tool_calls"}
_CALL: Final = frozenset({"id", "type", "function", "index", "cache_control"})


def parse_messages(values: list[Json], path: str) -> tuple[Message, ...]:
    return tuple(_parse_message(value, where) for value, where in each(values, path))


def _parse_message(value: Json, path: str) -> Message:
    message = as_object(value, path)
    role = as_str(need(message, "role", path), f"{path}.role")
    if role == "assistant":
        return _parse_turn(message, path)
    if role == "tool":
        return _parse_result(message, path)
    if role == "function":
        return Message(role=Role.USER, parts=(NativePart(NAME, message),), path=path)
    if role not in _ROLES:
        raise DecodeError(f"{path}.role", "not a role of this API")
    content = need(message, "content", path)
    return Message(
        role=_ROLES[role],
        parts=_marked(parse_content(content, f"{path}.content"), message, path),
        plain=isinstance(content, str),
        path=path,
        name=opt_str(message, "name", path),
        extras=extras_of(message, _COMMON),
    )


def _marked(
    parts: list[ContentPart], message: JsonObject, path: str
) -> tuple[ContentPart, ...]:
    """A cache mark of a message is one of its last part, unless that has its own."""
    cache = opt_object(message, "cache_control", path)
    if cache is not None and parts:
        last = parts[-1]
        if isinstance(last, Text | MediaPart) and last.cache is None:
            extras = Extras(NAME, last.extras.fields)
            parts[-1] = attrs.evolve(last, cache=cache, extras=extras)
    return tuple(parts)


def _parse_result(message: JsonObject, path: str) -> Message:
    content = need(message, "content", path)
    parts: list[Text | MediaPart | NativePart] = []
    for i, part in enumerate(parse_content(content, f"{path}.content")):
        if isinstance(part, Refusal):
            raise DecodeError(f"{path}.content[{i}].type", "not part of a tool result")
        parts.append(part)
    call_id = as_str(need(message, "tool_call_id", path), f"{path}.tool_call_id")
    result = ToolResult(
        call_id=call_id,
        parts=tuple(parts),
        plain=isinstance(content, str),
        cache=opt_object(message, "cache_control", path),
        extras=extras_of(message, _COMMON | {"tool_call_id"}),
    )
    name = opt_str(message, "name", path)
    return Message(role=Role.USER, parts=(result,), plain=False, path=path, name=name)


# The assistant.


def _parse_turn(message: JsonObject, path: str) -> Message:
    content = message.get("content")
    parts, known = parse_assistant(message, path)
    return Message(
        role=Role.ASSISTANT,
        parts=parts,
        plain=not isinstance(content, list),
        path=path,
        name=opt_str(message, "name", path),
        extras=extras_of({k: v for k, v in message.items() if v is not None}, known),
    )


def parse_assistant(
    message: JsonObject, path: str
) -> tuple[tuple[Part, ...], frozenset[str]]:
    """The parts of an assistant's message, and the fields that they carry."""
    content = message.get("content")
    words = [] if content is None else parse_content(content, f"{path}.content")
    if content == "":
        words = []
    refusal = opt_str(message, "refusal", path)
    if refusal:
        words.append(Refusal(refusal))
    calls = [
        _parse_call(value, where)
        for value, where in each(
            opt_array(message, "tool_calls", path) or [], f"{path}.tool_calls"
        )
    ]
    cache = opt_object(message, "cache_control", path)
    if calls and not words and cache is not None and isinstance(calls[-1], ToolCall):
        extras = Extras(NAME, calls[-1].extras.fields)
        calls[-1] = attrs.evolve(calls[-1], cache=cache, extras=extras)
    thoughts = _parse_reasoning(message, path)
    known = _ASSISTANT
    if thoughts is None:
        thoughts, known = [], _ASSISTANT - {"reasoning_details"}
    return (*thoughts, *_marked(words, message, path), *calls), known


def _parse_call(value: Json, path: str) -> ToolCall | NativePart:
    call = as_object(value, path)
    if opt_str(call, "type", path) not in (None, "function"):
        return NativePart(NAME, call)
    where = f"{path}.function"
    function = as_object(need(call, "function", path), where)
    extras = extras_of(call, _CALL)
    more = {k: v for k, v in function.items() if k not in ("name", "arguments")}
    if more:
        extras = Extras(NAME, {**extras.fields, "function": more})
    return ToolCall(
        call_id=as_str(need(call, "id", path), f"{path}.id"),
        name=as_str(need(function, "name", where), f"{where}.name"),
        arguments=as_str(need(function, "arguments", where), f"{where}.arguments"),
        cache=opt_object(call, "cache_control", path),
        extras=extras,
    )


def _parse_reasoning(
    message: JsonObject, path: str
) -> list[Reasoning | Redacted] | None:
    """None if there are details of a kind that only their upstream understands."""
    details = opt_array(message, "reasoning_details", path)
    if details:
        where = f"{path}.reasoning_details"
        entries = [_parse_detail(*item) for item in each(details, where)]
        known = [entry for entry in entries if entry is not None]
        if len(known) < len(entries):
            return None
        if any(isinstance(entry, Reasoning) for entry in known):
            return known
        return [*_parse_plain(message, path), *known]
    blocks = opt_array(message, "thinking_blocks", path)
    if blocks:
        where = f"{path}.thinking_blocks"
        return [_parse_block(*item) for item in each(blocks, where)]
    return list(_parse_plain(message, path))


def _parse_detail(value: Json, path: str) -> Reasoning | Redacted | None:
    entry = as_object(value, path)
    kind, form = opt_str(entry, "type", path), opt_str(entry, "format", path)
    issuer = CLAUDE if form is not None and form.startswith("anthropic") else NAME
    if kind == "reasoning.encrypted":
        data = as_str(need(entry, "data", path), f"{path}.data")
        return Redacted(Signature(data, issuer, form))
    if kind == "reasoning.text":
        proof = opt_str(entry, "signature", path)
        signature = Signature(proof, issuer, form) if proof else None
        return Reasoning(opt_str(entry, "text", path) or "", signature)
    if kind == "reasoning.summary":
        return Reasoning(opt_str(entry, "summary", path) or "")
    return None


def _parse_block(value: Json, path: str) -> Reasoning | Redacted:
    block = as_object(value, path)
    if block.get("type") == "redacted_thinking":
        return Redacted(
            Signature(as_str(need(block, "data", path), f"{path}.data"), CLAUDE)
        )
    if block.get("type") != "thinking":
        raise DecodeError(f"{path}.type", "neither thinking nor redacted_thinking")
    proof = opt_str(block, "signature", path)
    text = as_str(need(block, "thinking", path), f"{path}.thinking")
    return Reasoning(text, Signature(proof, CLAUDE) if proof else None)


def _parse_plain(message: JsonObject, path: str) -> list[Reasoning]:
    """`reasoning_content`: a string, or pieces of one."""
    for key in ("reasoning_content", "reasoning"):
        value, where = message.get(key), f"{path}.{key}"
        if isinstance(value, list):
            pieces = each(as_array(value, where), where)
            value = "".join(_piece(piece, at) for piece, at in pieces)
        if value is not None and (text := as_str(value, where)):
            return [Reasoning(text)]
    return []


def _piece(value: Json, path: str) -> str:
    if isinstance(value, dict):
        return as_str(need(value, "text", path), f"{path}.text")
    return as_str(value, path)
