"""Tools, choices, reasoning and answer formats of a request, both ways."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from cliproxy_core.base.errors import DecodeError
from cliproxy_core.base.jsonval import (
    Json,
    JsonObject,
    as_object,
    as_str,
    need,
    need_str,
    opt_bool,
    opt_int,
    opt_object,
    opt_str,
    parse_each,
)
from cliproxy_core.ir.reasoning import Effort, ReasoningWish, effort_of
from cliproxy_core.ir.request import (
    Choice,
    ChoiceMode,
    Dropped,
    Extras,
    NativeTool,
    ResponseFormat,
    Tool,
)

from .grammar import NAME
from .parts import Losses, cached, extras_of, own_fields

__all__ = [
    "emit_choice",
    "emit_format",
    "emit_reasoning",
    "emit_tools",
    "parse_choice",
    "parse_format",
    "parse_reasoning",
    "parse_tools",
]

_FUNCTION: Final = frozenset({"name", "description", "parameters", "strict"})
_TOOL: Final = frozenset({"type", "function", "cache_control"})
_MODES: Final[Mapping[str, ChoiceMode]] = {
    "auto": ChoiceMode.AUTO,
    "none": ChoiceMode.NONE,
    "required": ChoiceMode.REQUIRED,
}


def parse_tools(values: list[Json], path: str) -> tuple[Tool | NativeTool, ...]:
    return tuple(parse_each(values, path, _parse_tool))


def _parse_tool(tool: JsonObject) -> Tool | NativeTool:
    if tool.get("type", "function") != "function":
        as_str(tool["type"], ".type")
        return NativeTool(NAME, tool)
    if "type" not in tool and "function" not in tool:
        return NativeTool(NAME, tool)  # `{"google_search": {}}` and its kin
    where = ".function"
    function = as_object(need(tool, "function", ""), where)
    extras = extras_of(tool, _TOOL)
    if not function.keys() <= _FUNCTION:
        more = {key: value for key, value in function.items() if key not in _FUNCTION}
        extras = Extras(NAME, {**extras.fields, "function": more})
    return Tool(
        name=need_str(function, "name", where),
        description=opt_str(function, "description", where),
        schema=opt_object(function, "parameters", where),
        strict=opt_bool(function, "strict", where),
        cache=opt_object(tool, "cache_control", ""),
        extras=extras,
    )


def emit_tools(tools: Iterable[Tool | NativeTool], losses: Losses) -> list[Json]:
    out: list[Json] = []
    for i, tool in enumerate(tools):
        path = f".tools[{i}]"
        if isinstance(tool, Tool):
            out.append(_emit_tool(tool, path, losses))
        elif tool.dialect == NAME:
            out.append(tool.raw)
        else:
            losses.append(Dropped(path, f"a tool that only {tool.dialect} knows"))
    return out


def _emit_tool(tool: Tool, path: str, losses: Losses) -> JsonObject:
    function: JsonObject = {"name": tool.name}
    if tool.description is not None:
        function["description"] = tool.description
    if tool.schema is not None:
        function["parameters"] = tool.schema
    if tool.strict is not None:
        function["strict"] = tool.strict
    if tool.cache is None and not tool.extras.fields:
        return {"type": "function", "function": function}
    extras = own_fields(tool.extras, path, losses)
    more = extras.pop("function", None)
    function.update(more if isinstance(more, dict) else {})
    cache = cached(tool.cache, tool.extras, path, losses)
    return {**extras, "type": "function", "function": function, **cache}


def parse_choice(value: Json, path: str) -> Choice | None:
    """None for a rule that only this dialect knows; it is kept as an extra."""
    if isinstance(value, str):
        if value not in _MODES:
            raise DecodeError(path, "neither auto, none nor required")
        return Choice(_MODES[value])
    choice = as_object(value, path)
    if need_str(choice, "type", path) != "function":
        return None
    function = as_object(need(choice, "function", path), f"{path}.function")
    name = need_str(function, "name", f"{path}.function")
    return Choice(ChoiceMode.NAMED, name)


def emit_choice(choice: Choice) -> Json:
    if choice.mode is ChoiceMode.NAMED:
        return {"type": "function", "function": {"name": choice.name}}
    return str(choice.mode.value)


def parse_format(value: JsonObject, path: str) -> ResponseFormat | None:
    """None for a kind that only this dialect knows; it is kept as an extra."""
    kind = need_str(value, "type", path)
    if kind in ("text", "json_object"):
        return ResponseFormat(type=kind)
    if kind != "json_schema":
        return None
    where = f"{path}.json_schema"
    schema = as_object(need(value, "json_schema", path), where)
    return ResponseFormat(
        type=kind,
        name=opt_str(schema, "name", where),
        description=opt_str(schema, "description", where),
        schema=opt_object(schema, "schema", where),
        strict=opt_bool(schema, "strict", where),
    )


def emit_format(wanted: ResponseFormat) -> JsonObject:
    if wanted.type != "json_schema":
        return {"type": wanted.type}
    schema: JsonObject = {"name": wanted.name or "answer"}
    for key, value in (
        ("description", wanted.description),
        ("schema", wanted.schema),
        ("strict", wanted.strict),
    ):
        if value is not None:
            schema[key] = value
    return {"type": wanted.type, "json_schema": schema}


def parse_reasoning(payload: JsonObject) -> ReasoningWish | None:
    """`reasoning_effort`, and OpenRouter's `reasoning` object over it."""
    effort = _effort(payload, "reasoning_effort", "")
    wish = opt_object(payload, "reasoning", "")
    if wish is None:
        return None if effort is None else ReasoningWish(effort=effort)
    effort = _effort(wish, "effort", ".reasoning") or effort
    budget = opt_int(wish, "max_tokens", ".reasoning")
    enabled = opt_bool(wish, "enabled", ".reasoning")
    hidden = opt_bool(wish, "exclude", ".reasoning")
    told = effort is not None or budget is not None
    if enabled is False:
        effort, budget, told = Effort.NONE, None, True
    found = ReasoningWish(
        effort=effort,
        budget=budget,
        adaptive=enabled is True and not told,
        visible=None if hidden is None else not hidden,
    )
    return None if found == ReasoningWish() else found


def _effort(holder: JsonObject, key: str, path: str) -> Effort | None:
    word = opt_str(holder, key, path)
    if word is None:
        return None
    try:
        return Effort(word)
    except ValueError:
        raise DecodeError(f"{path}.{key}", "not a level of this API") from None


def emit_reasoning(
    wish: ReasoningWish, extras: Extras, losses: Losses
) -> dict[str, Json]:
    """The level; the wider object only for callers who know it themselves."""
    if extras.dialect == NAME:
        return _emit_wish(wish)
    if wish.visible is not None:
        losses.append(Dropped(".reasoning.visible", "this API does not ask for it"))
    if wish.effort is not None:
        return {"reasoning_effort": wish.effort.value}
    if wish.budget is not None:
        reason = "a number of tokens became the nearest level"
        losses.append(Dropped(".reasoning.budget", reason))
        return {"reasoning_effort": effort_of(wish.budget).value}
    if wish.adaptive:
        reason = "this API has no level that adapts: high"
        losses.append(Dropped(".reasoning.adaptive", reason))
        return {"reasoning_effort": Effort.HIGH.value}
    return {}


def _emit_wish(wish: ReasoningWish) -> dict[str, Json]:
    if wish == ReasoningWish(effort=wish.effort):
        return {"reasoning_effort": wish.effort.value} if wish.effort else {}
    fields: JsonObject = {}
    if wish.effort is not None:
        fields["effort"] = wish.effort.value
    if wish.budget is not None:
        fields["max_tokens"] = wish.budget
    if wish.adaptive:
        fields["enabled"] = True
    if wish.visible is not None:
        fields["exclude"] = not wish.visible
    return {"reasoning": fields}
