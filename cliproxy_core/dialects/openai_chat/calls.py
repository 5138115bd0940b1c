"""Calls of tools in messages, both ways: functions, and tools that take free text.

A call may come with opaque state of Gemini's, for which Google's services of this API
have a place (`extra_content.google.thought_signature`). It goes back to models of that
name only: elsewhere nobody can read it, and strict services refuse what they do not
know.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, TypeAlias

from cliproxy_core.base.jsonval import (
    Json,
    JsonObject,
    as_object,
    need,
    need_str,
    opt_object,
    opt_str,
)
from cliproxy_core.ir.reasoning import Signature
from cliproxy_core.ir.request import (
    NO_EXTRAS,
    Dropped,
    Extras,
    NativePart,
    Part,
    ToolCall,
    ToolKind,
)

from .carrier import GEMINI, unwrap, wrap
from .grammar import NAME
from .parts import Losses, cached, extras_of, own_fields

__all__ = [
    "Item",
    "at",
    "emit_calls",
    "is_call",
    "parse_call",
    "parse_legacy_call",
    "signature_in",
    "signed_content",
]

Item: TypeAlias = tuple[str, int, Part]
"""The path of a message, the number of a part, and the part. Its place is spelled out
only for a report."""

_CONTENT: Final = "extra_content"
_KINDS: Final = {"function": "arguments", "custom": "input"}
_CALL: Final = frozenset({"id", "type", "index", "cache_control"})
_BARE: Final = 3
_BARE_INNER: Final = 2
"""How many fields things have that hold what they must and nothing else."""


def at(item: Item) -> str:
    """The place of an item."""
    return f"{item[0]}.content[{item[1]}]"


# Parsing.


def parse_call(call: JsonObject) -> ToolCall | NativePart:
    if len(call) == _BARE and call.get("type") == "function":
        made = _bare_call(call.get("id"), call.get("function"))
        if made is not None:
            return made
    kind = opt_str(call, "type", "")
    if kind is None:
        kind = "custom" if "custom" in call else "function"
    text = _KINDS.get(kind)
    if text is None or (kind == "custom" and "custom" not in call):
        return NativePart(NAME, call)
    where = f".{kind}"
    inner = as_object(need(call, kind, ""), where)
    signature, extras = _read_extras(call, kind)
    if len(inner) > _BARE_INNER:
        more = {key: v for key, v in inner.items() if key not in ("name", text)}
        extras = Extras(NAME, {**extras.fields, kind: more})
    return ToolCall(
        call_id=need_str(call, "id", ""),
        name=need_str(inner, "name", where),
        arguments=need_str(inner, text, where),
        kind=ToolKind(kind),
        signature=signature,
        cache=opt_object(call, "cache_control", ""),
        extras=extras,
    )


def _bare_call(call_id: Json, function: Json) -> ToolCall | None:
    """The common case: a function and nothing else, all in order."""
    if not isinstance(function, dict) or len(function) != _BARE_INNER:
        return None
    name, arguments = function.get("name"), function.get("arguments")
    if (
        isinstance(call_id, str)
        and isinstance(name, str)
        and isinstance(arguments, str)
    ):
        return ToolCall(call_id=call_id, name=name, arguments=arguments)
    return None


def _read_extras(call: JsonObject, kind: str) -> tuple[Signature | None, Extras]:
    signature = signature_in(call)
    extras = extras_of(call, _CALL | {kind})
    if signature is None:
        return None, extras
    fields = dict(extras.fields)
    rest = _without_signature(fields.pop(_CONTENT))
    if rest:
        fields[_CONTENT] = rest
    return signature, Extras(NAME, fields) if fields else NO_EXTRAS


def signature_in(call: JsonObject) -> Signature | None:
    """The state that came with a call."""
    content = call.get(_CONTENT)
    google = content.get("google") if isinstance(content, dict) else None
    proof = google.get("thought_signature") if isinstance(google, dict) else None
    return unwrap(proof, GEMINI) if isinstance(proof, str) and proof else None


def _without_signature(content: Json) -> JsonObject:
    rest = dict(content) if isinstance(content, dict) else {}
    google = rest.pop("google", None)
    more = {
        key: value
        for key, value in (google.items() if isinstance(google, dict) else ())
        if key != "thought_signature"
    }
    return {**rest, "google": more} if more else rest


def parse_legacy_call(call: JsonObject) -> ToolCall:
    """The deprecated `function_call`, which has no id."""
    return ToolCall(
        call_id="",
        name=need_str(call, "name", ".function_call"),
        arguments=need_str(call, "arguments", ".function_call"),
    )


# Emitting.


def is_call(part: Part) -> bool:
    """Calls, and calls of kinds that only this dialect knows."""
    if isinstance(part, NativePart):
        return part.dialect == NAME and "id" in part.raw
    return isinstance(part, ToolCall)


def signed_content(signature: Signature) -> JsonObject:
    """The member of a call that holds its state."""
    return {_CONTENT: {"google": {"thought_signature": wrap(signature, GEMINI)}}}


def emit_calls(
    called: Iterable[Item],
    losses: Losses,
    *,
    empty: str = "{}",
    signed: bool = True,
) -> list[Json]:
    """The calls of an assistant's turn; `empty` stands for no arguments at all.

    `signed` is whether the state of calls may go along.
    """
    out: list[Json] = []
    for item in called:
        part = item[2]
        if isinstance(part, NativePart):
            out.append(part.raw)
        elif isinstance(part, ToolCall):
            out.append(_emit_call(part, item, losses, empty, signed=signed))
    return out


def _emit_call(
    part: ToolCall, item: Item, losses: Losses, empty: str, *, signed: bool
) -> JsonObject:
    inner: JsonObject = {"name": part.name}
    if part.kind is ToolKind.CUSTOM:
        kind = "custom"
        inner["input"] = part.arguments
    else:
        kind = "function"
        inner["arguments"] = part.arguments or empty
    call: JsonObject = {"id": part.call_id, "type": kind, kind: inner}
    if part.signature is not None:
        if signed:
            call.update(signed_content(part.signature))
        else:
            losses.append(Dropped(f"{at(item)}.signature", "only Gemini can read it"))
    if part.cache is None and not part.extras.fields:
        return call
    path = at(item)
    extras = own_fields(part.extras, path, losses)
    more, content = extras.pop(kind, None), extras.pop(_CONTENT, None)
    if isinstance(more, dict):
        call[kind] = {**more, **inner}
    if isinstance(content, dict):
        call[_CONTENT] = _joined(content, call.get(_CONTENT))
    return {**extras, **call, **cached(part.cache, part.extras, path, losses)}


def _joined(rest: JsonObject, signed: Json) -> JsonObject:
    """What else stood beside the state, and that."""
    ours = signed.get("google") if isinstance(signed, dict) else None
    theirs = rest.get("google")
    if not isinstance(ours, dict):
        return rest
    return {**rest, "google": {**(theirs if isinstance(theirs, dict) else {}), **ours}}
