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
    need_str,
    opt_array,
    opt_object,
    opt_str,
    parse_each,
)
from cliproxy_core.ir.reasoning import Signature
from cliproxy_core.ir.request import (
    NO_EXTRAS,
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
_ASSISTANT_BARE: Final = frozenset({"role", "content", "tool_calls"})
_RESULT: Final = _COMMON | {"tool_call_id"}
_CALL: Final = frozenset({"id", "type", "function", "index", "cache_control"})

_BARE: Final = 2
_BARE_RESULT: Final = 3
_BARE_CALL: Final = 3
_BARE_FUNCTION: Final = 2
"""How many fields things have that hold what they must and nothing else."""

_ROLE: Final = Role.ASSISTANT


def parse_messages(values: list[Json], path: str) -> tuple[Message, ...]:
    out: list[Message] = []
    where = path
    try:
        for number, value in enumerate(values):
            where = f"{path}[{number}]"
            out.append(_parse_message(as_object(value, ""), where))
    except DecodeError as error:
        raise error.under(where) from None
    return tuple(out)


def _parse_message(message: JsonObject, path: str) -> Message:
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
        return Message(role=Role.USER, parts=(NativePart(NAME, message),), path=path)
    if role is None:
        raise DecodeError(".role", "not a role of this API")
    return Message(
        role=role,
        parts=_marked(_parse_content(message), message),
        plain=isinstance(content, str),
        path=path,
        name=opt_str(message, "name", ""),
        extras=extras_of(message, _COMMON),
    )


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
        plain=isinstance(content, str),
        cache=None if bare else opt_object(message, "cache_control", ""),
        extras=NO_EXTRAS if bare else extras_of(message, _RESULT),
    )
    name = None if bare else opt_str(message, "name", "")
    return Message(role=Role.USER, parts=(result,), plain=False, path=path, name=name)


def _result_parts(message: JsonObject) -> tuple[Text | MediaPart | NativePart, ...]:
    parts: list[Text | MediaPart | NativePart] = []
    for i, part in enumerate(_parse_content(message)):
        if isinstance(part, Refusal):
            raise DecodeError(f".content[{i}].type", "not part of a tool result")
        parts.append(part)
    return tuple(parts)


# The assistant.


def _parse_turn(message: JsonObject, path: str) -> Message:
    parts, known = parse_assistant(message)
    extras = NO_EXTRAS
    if not message.keys() <= _ASSISTANT_BARE:
        said: JsonObject = {
            key: value for key, value in message.items() if value is not None
        }
        extras = extras_of(said, known)
    return Message(
        role=_ROLE,
        parts=parts,
        plain=not isinstance(message.get("content"), list),
        path=path,
        name=opt_str(message, "name", ""),
        extras=extras,
    )


def parse_assistant(
    message: JsonObject,
) -> tuple[tuple[Part, ...], frozenset[str]]:
    """The parts of an assistant's message, and the fields that they carry."""
    said = message.get("content")
    words = _parse_content(message) if said is not None and said != "" else []
    given = opt_array(message, "tool_calls", "")
    if message.keys() <= _ASSISTANT_BARE:
        calls = parse_each(given, ".tool_calls", _parse_call) if given else ()
        return (*words, *calls), _ASSISTANT
    refusal = opt_str(message, "refusal", "")
    if refusal:
        words.append(Refusal(refusal))
    calls = parse_each(given, ".tool_calls", _parse_call) if given else []
    cache = opt_object(message, "cache_control", "")
    if calls and not words and cache is not None and isinstance(calls[-1], ToolCall):
        extras = Extras(NAME, calls[-1].extras.fields)
        calls[-1] = attrs.evolve(calls[-1], cache=cache, extras=extras)
    thoughts = _parse_reasoning(message)
    known = _ASSISTANT
    if thoughts is None:
        thoughts, known = [], _ASSISTANT - {"reasoning_details"}
    return (*thoughts, *_marked(words, message), *calls), known


def _parse_call(call: JsonObject) -> ToolCall | NativePart:
    kind = opt_str(call, "type", "")
    if kind is not None and kind != "function":
        return NativePart(NAME, call)
    where = ".function"
    function = as_object(need(call, "function", ""), where)
    bare = kind is not None and len(call) == _BARE_CALL
    extras = NO_EXTRAS if bare else extras_of(call, _CALL)
    if len(function) > _BARE_FUNCTION:
        more = {k: v for k, v in function.items() if k not in ("name", "arguments")}
        extras = Extras(NAME, {**extras.fields, "function": more})
    return ToolCall(
        call_id=need_str(call, "id", ""),
        name=need_str(function, "name", where),
        arguments=need_str(function, "arguments", where),
        cache=None if bare else opt_object(call, "cache_control", ""),
        extras=extras,
    )


def _parse_reasoning(message: JsonObject) -> list[Reasoning | Redacted] | None:
    """None if there are details of a kind that only their upstream understands."""
    details = opt_array(message, "reasoning_details", "")
    if details:
        entries = parse_each(details, ".reasoning_details", _parse_detail)
        known = [entry for entry in entries if entry is not None]
        if len(known) < len(entries):
            return None
        if any(isinstance(entry, Reasoning) for entry in known):
            return known
        return [*_parse_plain(message), *known]
    blocks = opt_array(message, "thinking_blocks", "")
    if blocks:
        return parse_each(blocks, ".thinking_blocks", _parse_block)
    return list(_parse_plain(message))


def _parse_detail(entry: JsonObject) -> Reasoning | Redacted | None:
    kind, form = opt_str(entry, "type", ""), opt_str(entry, "format", "")
    issuer = CLAUDE if form is not None and form.startswith("anthropic") else NAME
    if kind == "reasoning.encrypted":
        data = need_str(entry, "data", "")
        return Redacted(Signature(data, issuer, form))
    if kind == "reasoning.text":
        proof = opt_str(entry, "signature", "")
        signature = Signature(proof, issuer, form) if proof else None
        return Reasoning(opt_str(entry, "text", "") or "", signature)
    if kind == "reasoning.summary":
        return Reasoning(opt_str(entry, "summary", "") or "")
    return None


def _parse_block(block: JsonObject) -> Reasoning | Redacted:
    if block.get("type") == "redacted_thinking":
        return Redacted(Signature(need_str(block, "data", ""), CLAUDE))
    if block.get("type") != "thinking":
        raise DecodeError(".type", "neither thinking nor redacted_thinking")
    proof = opt_str(block, "signature", "")
    text = need_str(block, "thinking", "")
    return Reasoning(text, Signature(proof, CLAUDE) if proof else None)


def _parse_plain(message: JsonObject) -> list[Reasoning]:
    """`reasoning_content`: a string, or pieces of one."""
    for key in ("reasoning_content", "reasoning"):
        value, where = message.get(key), f".{key}"
        if isinstance(value, list):
            pieces = each(as_array(value, where), where)
            value = "".join(_piece(piece, at) for piece, at in pieces)
        if value is not None and (text := as_str(value, where)):
            return [Reasoning(text)]
    return []


def _piece(value: Json, path: str) -> str:
    if isinstance(value, dict):
        return need_str(value, "text", path)
    return as_str(value, path)
