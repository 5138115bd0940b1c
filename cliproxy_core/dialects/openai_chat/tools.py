"""Tools of a request and the rule about calling them, both ways.

Tools that the upstream runs itself come in several forms: one of the list with a type
(`web_search`), one of the list with a single key (`google_search`), and a member of the
request (`web_search_options`, the only one that the vendor's own API has here).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

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
    opt_bool,
    opt_object,
    opt_str,
    parse_each,
)
from cliproxy_core.ir.request import (
    NO_EXTRAS,
    Choice,
    ChoiceMode,
    Dropped,
    Extras,
    Hosted,
    NativeTool,
    Tool,
    ToolKind,
    WebSearch,
)

from .grammar import NAME
from .parts import Losses, cached, extras_of, own_fields

__all__ = ["OPTIONS", "emit_choice", "emit_tools", "parse_choice", "parse_tools"]

OPTIONS: Final = "web_search_options"

_TOOL: Final = frozenset({"type", "function", "cache_control"})
_FUNCTION: Final = frozenset({"name", "description", "parameters", "strict"})
_SCHEMA: Final = "parametersJsonSchema"
"""What clients of Gemini's write for `parameters`."""
_CUSTOM: Final = frozenset({"name", "description", "format"})
_FLAT: Final = _CUSTOM | {"type", "cache_control"}

_MODES: Final[Mapping[str, ChoiceMode]] = {
    "auto": ChoiceMode.AUTO,
    "none": ChoiceMode.NONE,
    "required": ChoiceMode.REQUIRED,
}

# Types and single keys of tools that run upstream. Types may bear a date or `preview`.
_HOSTED: Final[Mapping[str, Hosted]] = {
    "google_search": Hosted.WEB_SEARCH,
    "googleSearch": Hosted.WEB_SEARCH,
    "code_execution": Hosted.CODE_EXECUTION,
    "codeExecution": Hosted.CODE_EXECUTION,
    "code_interpreter": Hosted.CODE_EXECUTION,
    "url_context": Hosted.WEB_FETCH,
    "urlContext": Hosted.WEB_FETCH,
    "web_fetch": Hosted.WEB_FETCH,
}


# Parsing.


def parse_tools(payload: JsonObject) -> tuple[Tool | NativeTool, ...]:
    """All tools of a request: the list, the deprecated list, and the web search."""
    tools: list[Tool | NativeTool] = []
    given = opt_array(payload, "tools", "")
    if given:
        tools += parse_each(given, ".tools", _parse_tool)
    older = opt_array(payload, "functions", "")
    if older:
        tools += parse_each(older, ".functions", _parse_function)
    options = opt_object(payload, OPTIONS, "")
    if options is not None:
        tools.append(_parse_options(options))
    return tuple(tools)


def _parse_tool(tool: JsonObject) -> Tool | NativeTool:
    kind = tool.get("type", "function")
    if kind == "custom":
        return _parse_custom(tool)
    if kind != "function":
        return _parse_native(tool, as_str(kind, ".type"))
    if "type" not in tool and "function" not in tool:
        return _parse_native(tool, next(iter(tool), ""))  # `{"google_search": {}}`
    where = ".function"
    function = as_object(need(tool, "function", ""), where)
    extras = extras_of(tool, _TOOL)
    schema = opt_object(function, "parameters", where)
    cache = opt_object(tool, "cache_control", "")
    if not function.keys() <= _FUNCTION:
        more = {key: value for key, value in function.items() if key not in _FUNCTION}
        schema = _other(schema, more, _SCHEMA)
        cache = _other(cache, more, "cache_control")
        extras = Extras(NAME, {**extras.fields, "function": more}) if more else extras
    return Tool(
        name=need_str(function, "name", where),
        description=opt_str(function, "description", where),
        schema=schema,
        strict=opt_bool(function, "strict", where),
        cache=cache,
        extras=extras,
    )


def _other(value: JsonObject | None, more: JsonObject, key: str) -> JsonObject | None:
    """What some clients write in another place; it is no unknown field there."""
    other = more.get(key)
    if value is not None or not isinstance(other, dict):
        return value
    del more[key]
    return other


def _parse_function(function: JsonObject) -> Tool:
    """An entry of the deprecated `functions`."""
    more = {key: value for key, value in function.items() if key not in _FUNCTION}
    return Tool(
        name=need_str(function, "name", ""),
        description=opt_str(function, "description", ""),
        schema=opt_object(function, "parameters", ""),
        extras=Extras(NAME, {"function": more}) if more else NO_EXTRAS,
    )


def _parse_custom(tool: JsonObject) -> Tool:
    """A tool of free text: nested as the vendor has it, or flat as in Responses."""
    nested = "custom" in tool
    where = ".custom" if nested else ""
    custom = as_object(tool["custom"], where) if nested else tool
    extras = extras_of(tool, _TOOL | {"custom"} if nested else _FLAT)
    if nested and not custom.keys() <= _CUSTOM:
        more = {key: value for key, value in custom.items() if key not in _CUSTOM}
        extras = Extras(NAME, {**extras.fields, "custom": more})
    form = opt_object(custom, "format", where)
    grammar = None if form is None else opt_object(form, "grammar", f"{where}.format")
    if grammar is not None:
        form = {"type": "grammar", **grammar}
    return Tool(
        name=need_str(custom, "name", where),
        description=opt_str(custom, "description", where),
        kind=ToolKind.CUSTOM,
        format=form,
        cache=opt_object(tool, "cache_control", ""),
        extras=extras,
    )


def _parse_native(tool: JsonObject, kind: str) -> NativeTool:
    hosted = Hosted.WEB_SEARCH if kind.startswith("web_search") else _HOSTED.get(kind)
    if hosted is not Hosted.WEB_SEARCH:
        return NativeTool(NAME, tool, hosted)
    inner = tool.get(kind)
    told = inner if isinstance(inner, dict) else tool
    filters = told.get("filters")
    domains = filters if isinstance(filters, dict) else told
    search = WebSearch(
        allowed_domains=_texts(domains.get("allowed_domains")),
        blocked_domains=_texts(
            domains.get("blocked_domains") or domains.get("exclude_domains")
        ),
        location=_location(told.get("user_location")),
        context_size=_word(told.get("search_context_size")),
    )
    return NativeTool(NAME, tool, hosted, search)


def _parse_options(options: JsonObject) -> NativeTool:
    location = opt_object(options, "user_location", f".{OPTIONS}")
    search = WebSearch(
        location=_location(location),
        context_size=opt_str(options, "search_context_size", f".{OPTIONS}"),
    )
    return NativeTool(NAME, {OPTIONS: options}, Hosted.WEB_SEARCH, search)


def _location(value: Json) -> JsonObject | None:
    """Flat; the vendor nests it here and nowhere else."""
    if not isinstance(value, dict):
        return None
    inner = value.get("approximate")
    return {"type": "approximate", **inner} if isinstance(inner, dict) else value


def _texts(value: Json) -> tuple[str, ...]:
    values = value if isinstance(value, list) else []
    return tuple(text for text in values if isinstance(text, str))


def _word(value: Json) -> str | None:
    return value if isinstance(value, str) else None


# Emitting.


def emit_tools(
    tools: Iterable[Tool | NativeTool], losses: Losses, *, own: bool = True
) -> JsonObject:
    """The members of a request that tell of tools; `own` ones stay as they are."""
    listed: list[Json] = []
    out: JsonObject = {}
    for i, tool in enumerate(tools):
        path = f".tools[{i}]"
        if isinstance(tool, Tool):
            listed.append(_emit_tool(tool, path, losses, own=own))
        elif tool.dialect == NAME and tool.raw.keys() == {OPTIONS}:
            out.update(tool.raw)
        elif tool.dialect == NAME:
            listed.append(tool.raw)
        elif tool.hosted is Hosted.WEB_SEARCH:
            out[OPTIONS] = _emit_search(tool.search or WebSearch(), path, losses)
        else:
            losses.append(Dropped(path, f"a tool that only {tool.dialect} knows"))
    return {"tools": listed, **out} if listed else out


def _emit_tool(tool: Tool, path: str, losses: Losses, *, own: bool) -> JsonObject:
    kind = tool.kind.value
    inner: JsonObject = {"name": tool.name}
    if tool.description is not None:
        inner["description"] = tool.description
    if tool.kind is ToolKind.CUSTOM:
        if tool.format is not None:
            inner["format"] = _nested(tool.format)
    else:
        if tool.schema is not None:
            inner["parameters"] = tool.schema if own else _whole(tool.schema)
        if tool.strict is not None:
            inner["strict"] = tool.strict
    if tool.cache is None and not tool.extras.fields:
        return {"type": kind, kind: inner}
    extras = own_fields(tool.extras, path, losses)
    more = extras.pop(kind, None)
    inner.update(more if isinstance(more, dict) else {})
    cache = cached(tool.cache, tool.extras, path, losses)
    return {**extras, "type": kind, kind: inner, **cache}


def _whole(schema: JsonObject) -> JsonObject:
    """The vendor refuses arguments without `properties` ("object schema missing
    properties"), which other APIs take."""
    if "properties" in schema or schema.get("type", "object") != "object":
        return schema
    return {"type": "object", **schema, "properties": {}}


def _nested(form: JsonObject) -> JsonObject:
    """A grammar has an object of its own here."""
    if form.get("type") != "grammar":
        return form
    grammar = {key: value for key, value in form.items() if key != "type"}
    return {"type": "grammar", "grammar": grammar}


def _emit_search(search: WebSearch, path: str, losses: Losses) -> JsonObject:
    out: JsonObject = {}
    if search.context_size is not None:
        out["search_context_size"] = search.context_size
    if search.location is not None:
        place = {key: value for key, value in search.location.items() if key != "type"}
        out["user_location"] = {"type": "approximate", "approximate": place}
    for key, told in (
        ("allowed_domains", search.allowed_domains),
        ("blocked_domains", search.blocked_domains),
        ("max_uses", search.max_uses),
    ):
        if told:
            losses.append(Dropped(f"{path}.{key}", "this API searches without limits"))
    return out


# The rule about calling them.


def parse_choice(payload: JsonObject) -> Choice | None:
    """None also for a rule that only this dialect knows; it is kept as an extra."""
    value, path = payload.get("tool_choice"), ".tool_choice"
    if value is None:
        value, path = payload.get("function_call"), ".function_call"
        if isinstance(value, dict):  # the deprecated form is a name and nothing else
            return Choice(ChoiceMode.NAMED, need_str(value, "name", path))
    if value is None:
        return None
    if isinstance(value, str):
        if value not in _MODES:
            raise DecodeError(path, "neither auto, none nor required")
        return Choice(_MODES[value])
    choice = as_object(value, path)
    kind = need_str(choice, "type", path)
    if kind in ("function", "custom"):
        inner = as_object(need(choice, kind, path), f"{path}.{kind}")
        return Choice(ChoiceMode.NAMED, need_str(inner, "name", f"{path}.{kind}"))
    if kind == "allowed_tools":
        return _parse_allowed(choice, path)
    hosted = _parse_native(choice, kind).hosted
    if hosted is None:
        return None
    return Choice(ChoiceMode.NAMED, hosted=hosted, extras=Extras(NAME, {}, choice))


def _parse_allowed(choice: JsonObject, path: str) -> Choice:
    """Some of the tools; those without a name run upstream."""
    if "allowed_tools" in choice:
        path = f"{path}.allowed_tools"
        choice = as_object(choice["allowed_tools"], path)
    mode = opt_str(choice, "mode", path) or "auto"
    if mode not in ("auto", "required"):
        raise DecodeError(f"{path}.mode", "neither auto nor required")
    path = f"{path}.tools"
    entries = as_array(choice.get("tools", []), path)
    names: list[str] = []
    nameless: list[Json] = []
    for value, place in each(entries, path):
        entry = as_object(value, place)
        kind = entry.get("type")
        inner = entry.get(kind) if kind in ("function", "custom") else None
        name = (inner if isinstance(inner, dict) else entry).get("name")
        if isinstance(name, str):
            names.append(name)
        else:
            nameless.append(entry)
    extras = Extras(NAME, {"allowed_tools": nameless}) if nameless else NO_EXTRAS
    return Choice(_MODES[mode], allowed=tuple(names), extras=extras)


def emit_choice(
    choice: Choice, tools: Sequence[Tool | NativeTool], losses: Losses
) -> Json:
    """The rule; None where this API has no such rule."""
    custom = {t.name for t in tools if isinstance(t, Tool) and t.kind is _FREE}
    if choice.mode is ChoiceMode.NAMED:
        if choice.name is None and choice.extras.dialect == NAME:
            return choice.extras.raw
        if choice.name is None:
            reason = "this API cannot demand a tool that runs upstream"
            losses.append(Dropped(".tool_choice", reason))
            return None
        return _named(choice.name, custom)
    extras = own_fields(choice.extras, ".tool_choice", losses)
    more = extras.get("allowed_tools")
    nameless = more if isinstance(more, list) else []
    if not choice.allowed and not nameless:
        return str(choice.mode.value)
    named: list[Json] = [_named(name, custom) for name in choice.allowed]
    return {
        "type": "allowed_tools",
        "allowed_tools": {"mode": choice.mode.value, "tools": [*named, *nameless]},
    }


_FREE: Final = ToolKind.CUSTOM


def _named(name: str, custom: set[str]) -> JsonObject:
    kind = "custom" if name in custom else "function"
    return {"type": kind, kind: {"name": name}}
