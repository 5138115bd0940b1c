"""The caller's rule about calling tools, both ways.

A rule in the vendor's usual spelling leaves no extras; any other stays there whole.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from typing import Final, TypeAlias

from cliproxy_core.base.errors import DecodeError
from cliproxy_core.base.jsonval import (
    Json,
    JsonObject,
    as_array,
    as_object,
    each,
    need,
    need_str,
    opt_str,
)
from cliproxy_core.ir.request import (
    Choice,
    ChoiceMode,
    Extras,
    NativeTool,
    Tool,
    ToolKind,
)

from .grammar import NAME
from .parts import own_fields, telling
from .parts_emit import Writer
from .tools import HOSTED, hosted_of

__all__ = ["emit_choice", "parse_choice"]

_Tools: TypeAlias = Sequence[Tool | NativeTool]

_MODES: Final[Mapping[str, ChoiceMode]] = {
    "auto": ChoiceMode.AUTO,
    "none": ChoiceMode.NONE,
    "required": ChoiceMode.REQUIRED,
}
_NAMED: Final = ("function", "custom")
_ONE: Final = frozenset({"type", "name", "namespace", "function"})
_ALLOWED: Final = frozenset({"type", "mode", "tools"})


def parse_choice(value: Json, tools: _Tools) -> Choice | None:
    """None for a rule that only this dialect knows; it is kept as an extra."""
    path = ".tool_choice"
    if isinstance(value, str):
        if value not in _MODES:
            raise DecodeError(path, "neither auto, none nor required")
        return Choice(_MODES[value])
    rule = as_object(value, path)
    kind = need_str(rule, "type", path)
    if kind in _NAMED:
        return _parse_named(rule, tools, path)
    if kind == "allowed_tools":
        return _parse_allowed(rule, tools, path)
    hosted = hosted_of(kind)
    if hosted is None:
        return None
    if rule == {"type": HOSTED[hosted]}:
        return Choice(ChoiceMode.NAMED, hosted=hosted)
    extras = _kept(rule, {"type"})
    return Choice(ChoiceMode.NAMED, hosted=hosted, extras=extras)


def _parse_named(rule: JsonObject, tools: _Tools, path: str) -> Choice:
    function = rule.get("function")
    if "name" not in rule and isinstance(function, dict):  # as Chat Completions has it
        name = need_str(function, "name", f"{path}.function")
    else:
        name = need_str(rule, "name", path)
    choice = Choice(ChoiceMode.NAMED, name, opt_str(rule, "namespace", path))
    if rule == _emit_named(choice, tools):
        return choice
    extras = _kept(rule, _ONE)
    return Choice(ChoiceMode.NAMED, name, choice.namespace, extras=extras)


def _parse_allowed(rule: JsonObject, tools: _Tools, path: str) -> Choice:
    mode = _MODES.get(need_str(rule, "mode", path))
    if mode not in (ChoiceMode.AUTO, ChoiceMode.REQUIRED):
        raise DecodeError(f"{path}.mode", "neither auto nor required")
    entries = as_array(need(rule, "tools", path), f"{path}.tools")
    objects = [as_object(entry, at) for entry, at in each(entries, f"{path}.tools")]
    choice = Choice(mode, allowed=_names(objects))
    if choice.allowed and rule == _emit_allowed(choice, tools):
        return choice
    crossed = _ALLOWED if len(choice.allowed) == len(objects) else {"type", "mode"}
    return Choice(mode, allowed=choice.allowed, extras=_kept(rule, crossed))


def _kept(rule: JsonObject, crossed: Set[str]) -> Extras:
    """A rule as it came, with what of it does not cross."""
    return Extras(NAME, telling(rule, crossed), rule)


def _names(entries: Sequence[Json]) -> tuple[str, ...]:
    """The tools of the caller's among those that are allowed."""
    return tuple(
        name
        for entry in entries
        if isinstance(entry, dict) and entry.get("type") in _NAMED
        if isinstance(name := entry.get("name"), str)
    )


def emit_choice(choice: Choice, tools: _Tools, writer: Writer) -> Json:
    """None where there is nothing to say it with."""
    rule = own_fields(choice.extras) if choice.extras.dialect == NAME else None
    if rule is None:
        writer.fields(choice.extras, ".tool_choice")
    if choice.mode is ChoiceMode.NAMED:
        return _emit_one(choice, rule, tools, writer)
    if rule is not None and rule.get("type") == "allowed_tools":
        entries = rule.get("tools")
        if isinstance(entries, list) and _names(entries) == choice.allowed:
            return {**rule, "mode": choice.mode.value}
    if choice.allowed and choice.mode is not ChoiceMode.NONE:
        return _emit_allowed(choice, tools)
    return str(choice.mode.value)


def _emit_one(
    choice: Choice, rule: Mapping[str, Json] | None, tools: _Tools, writer: Writer
) -> Json:
    if choice.name is not None:
        if rule is None:
            return _emit_named(choice, tools)
        function = rule.get("function")
        if "name" not in rule and isinstance(function, dict):
            return {**rule, "function": {**function, "name": choice.name}}
        return {**rule, "name": choice.name}
    if rule is not None:
        return dict(rule)
    kind = None if choice.hosted is None else HOSTED.get(choice.hosted)
    if kind is None:
        writer.drop(".tool_choice", "this API has no such tool")
        return None
    return {"type": kind}


def _emit_named(choice: Choice, tools: _Tools) -> JsonObject:
    free = (choice.namespace, choice.name) in _free_text(tools)
    kind = "custom" if free else "function"
    out: JsonObject = {"type": kind, "name": choice.name}
    if choice.namespace is not None:
        out["namespace"] = choice.namespace
    return out


def _emit_allowed(choice: Choice, tools: _Tools) -> JsonObject:
    free = _free_text(tools)
    entries: list[Json] = [
        {"type": "custom" if (None, name) in free else "function", "name": name}
        for name in choice.allowed
    ]
    return {"type": "allowed_tools", "mode": choice.mode.value, "tools": entries}


def _free_text(tools: _Tools) -> set[tuple[str | None, str | None]]:
    """The tools that take free text: they are chosen by a type of their own."""
    return {
        (tool.namespace, tool.name)
        for tool in tools
        if isinstance(tool, Tool) and tool.kind is ToolKind.CUSTOM
    }
