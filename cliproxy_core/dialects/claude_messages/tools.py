"""Tools and the choice among them, both ways."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from cliproxy_core.base.errors import DecodeError
from cliproxy_core.base.jsonval import (
    Json,
    JsonObject,
    as_str,
    each,
    need_str,
    opt_array,
    opt_bool,
    opt_int,
    opt_object,
    opt_str,
)
from cliproxy_core.ir.request import (
    Choice,
    ChoiceMode,
    Dropped,
    Hosted,
    NativeTool,
    Request,
    Tool,
    WebSearch,
)
from cliproxy_core.ir.schema import claude_input_schema

from .grammar import NAME
from .rest import Rest, extras_of, rest_of, restored

__all__ = ["emit_choice", "emit_tools", "parse_choice", "parse_tool"]

# What the types of the vendor's own tools begin with; a date follows.
_HOSTED: Final[Mapping[str, Hosted]] = {
    "web_search_": Hosted.WEB_SEARCH,
    "web_fetch_": Hosted.WEB_FETCH,
    "code_execution_": Hosted.CODE_EXECUTION,
}

# The newest that need neither a beta header nor one another: later versions of search
# and fetch run their queries from code execution, on the newest models only.
_TYPES: Final[Mapping[Hosted, str]] = {
    Hosted.WEB_SEARCH: "web_search_20250305",
    Hosted.WEB_FETCH: "web_fetch_20250910",
    Hosted.CODE_EXECUTION: "code_execution_20250825",
}

_UNIONS: Final = ("anyOf", "oneOf", "allOf")

_TOOL: Final = frozenset(
    {"type", "name", "description", "input_schema", "strict", "cache_control"}
)
_CHOICE: Final = frozenset({"type", "disable_parallel_tool_use", "name"})

_WORDS: Final[Mapping[ChoiceMode, str]] = {
    ChoiceMode.AUTO: "auto",
    ChoiceMode.REQUIRED: "any",
    ChoiceMode.NAMED: "tool",
    ChoiceMode.NONE: "none",
}
_MODES: Final = {word: mode for mode, word in _WORDS.items()}


# Parsing.


def parse_tool(tool: JsonObject) -> Tool | NativeTool:
    kind = opt_str(tool, "type", "")
    if kind not in (None, "custom"):
        return _native(tool, kind or "")
    extras = extras_of(tool, _TOOL)
    if kind is not None:
        rest = rest_of(tool, _TOOL)
        rest.hush("type", kind)
        extras = rest.extras
    return Tool(
        name=need_str(tool, "name", ""),
        description=opt_str(tool, "description", ""),
        schema=opt_object(tool, "input_schema", ""),
        strict=opt_bool(tool, "strict", ""),
        cache=opt_object(tool, "cache_control", ""),
        extras=extras,
    )


def _native(tool: JsonObject, kind: str) -> NativeTool:
    start = next((start for start in _HOSTED if kind.startswith(start)), "")
    hosted = _HOSTED.get(start)
    if hosted is not Hosted.WEB_SEARCH:
        return NativeTool(NAME, tool, hosted)
    search = WebSearch(
        allowed_domains=_domains(tool, "allowed_domains"),
        blocked_domains=_domains(tool, "blocked_domains"),
        location=opt_object(tool, "user_location", ""),
        max_uses=opt_int(tool, "max_uses", ""),
    )
    return NativeTool(NAME, tool, hosted, search)


def _domains(tool: JsonObject, key: str) -> tuple[str, ...]:
    values = opt_array(tool, key, "") or ()
    return tuple(as_str(domain, path) for domain, path in each(values, f".{key}"))


def parse_choice(
    choice: JsonObject, tools: Sequence[Tool | NativeTool], rest: Rest
) -> tuple[Choice, bool | None]:
    """The rule, and whether several calls at once are allowed."""
    path = ".tool_choice"
    kind = need_str(choice, "type", path)
    if kind not in _MODES:
        raise DecodeError(f"{path}.type", "expected auto, any, tool or none")
    mode = _MODES[kind]
    single = opt_bool(choice, "disable_parallel_tool_use", path)
    named = mode is ChoiceMode.NAMED
    rest.keep("tool_choice", choice, _CHOICE if named else _CHOICE - {"name"})
    rule = Choice(mode)
    if named:
        rule = _named(need_str(choice, "name", path), tools)
    return rule, None if single is None else not single


def _named(name: str, tools: Sequence[Tool | NativeTool]) -> Choice:
    """One tool. The vendor's own have names too, unless the caller's has it."""
    if not any(isinstance(tool, Tool) and tool.name == name for tool in tools):
        for tool in tools:
            if isinstance(tool, NativeTool) and tool.hosted and _name(tool) == name:
                return Choice(ChoiceMode.NAMED, hosted=tool.hosted)
    return Choice(ChoiceMode.NAMED, name)


def _name(tool: NativeTool) -> Json:
    """What the vendor's own tool is called here."""
    if tool.dialect == NAME:
        return tool.raw.get("name")
    return None if tool.hosted is None else tool.hosted.value


# Emitting.


def emit_tools(request: Request, dropped: list[Dropped], *, native: bool) -> list[Json]:
    out: list[Json] = []
    names = {tool.name for tool in request.tools if isinstance(tool, Tool)}
    allowed = () if native or request.choice is None else request.choice.allowed
    for index, tool in enumerate(request.tools):
        path = f".tools[{index}]"
        if allowed and not (isinstance(tool, Tool) and tool.name in allowed):
            reason = "not among the allowed tools: this API knows no other way"
            dropped.append(Dropped(path, reason))
        elif isinstance(tool, Tool):
            out.append(_emit_tool(tool, path, dropped, native=native))
        elif tool.dialect == NAME:
            out.append(tool.raw if native else dict(tool.raw))  # marks may go
        elif tool.hosted is None:
            dropped.append(Dropped(path, "a tool that only its own API can run"))
        elif tool.hosted.value in names:
            dropped.append(Dropped(path, "another tool has its name"))
        else:
            names.add(tool.hosted.value)
            out.append(_emit_hosted(tool, tool.hosted, path, dropped))
    return out


def _emit_tool(
    tool: Tool, path: str, dropped: list[Dropped], *, native: bool
) -> JsonObject:
    out: JsonObject = {"name": tool.name}
    if tool.description is not None:
        out["description"] = tool.description
    if not native:
        out["input_schema"] = _schema(tool.schema, path, dropped)
    elif tool.schema is not None:
        out["input_schema"] = tool.schema
    if tool.strict is not None:
        out["strict"] = tool.strict
    if tool.cache is not None:
        out["cache_control"] = tool.cache
    if tool.extras.dialect == NAME:
        return restored(out, tool.extras)
    dropped.extend(
        Dropped(f"{path}.{key}", "unknown to this API")
        for key, value in tool.extras.fields.items()
        if value is not None
    )
    return out


def _schema(schema: JsonObject | None, path: str, dropped: list[Dropped]) -> JsonObject:
    """The schema as this API takes it; what became of its root is reported."""
    if (
        schema is not None
        and schema.get("type") == "object"
        and isinstance(schema.get("properties"), dict)
        and schema.keys().isdisjoint(_UNIONS)
    ):
        return schema  # as nearly all are
    out = claude_input_schema(schema)
    if schema is None or out is schema:
        return out
    for key, value in schema.items():
        if key not in out:
            reason = "a union at the root, merged into one object"
            dropped.append(Dropped(f"{path}.input_schema.{key}", reason))
        elif key == "type" and value != "object":
            reason = "the root is an object here"
            dropped.append(Dropped(f"{path}.input_schema.type", reason))
    return out


def _emit_hosted(
    tool: NativeTool, hosted: Hosted, path: str, dropped: list[Dropped]
) -> JsonObject:
    out: JsonObject = {"type": _TYPES[hosted], "name": hosted.value}
    search = tool.search
    if search is None:
        return out
    if search.max_uses is not None:
        out["max_uses"] = search.max_uses
    if search.allowed_domains:
        out["allowed_domains"] = list(search.allowed_domains)
    elif search.blocked_domains:
        out["blocked_domains"] = list(search.blocked_domains)
    if search.location is not None:
        out["user_location"] = {"type": "approximate", **search.location}
    if search.allowed_domains and search.blocked_domains:
        reason = "this API takes allowed domains or blocked ones"
        dropped.append(Dropped(f"{path}.blocked_domains", reason))
    if search.context_size is not None:
        reason = "this API's search has no such setting"
        dropped.append(Dropped(f"{path}.context_size", reason))
    return out


def emit_choice(
    request: Request, tools: Sequence[Json], dropped: list[Dropped], *, native: bool
) -> JsonObject | None:
    """The rule about calls; None where nothing has to be said."""
    choice, parallel = request.choice, request.parallel_tools
    if choice is None and parallel is not False:
        return None
    rule = choice or Choice(ChoiceMode.AUTO)
    out: JsonObject = {"type": _WORDS[rule.mode]}
    if not native and rule.mode is ChoiceMode.REQUIRED and len(rule.allowed) == 1:
        out = {"type": "tool", "name": rule.allowed[0]}
    elif rule.mode is ChoiceMode.NAMED:
        out["name"] = _chosen(rule, request.tools)
    if not native:
        names = [tool.get("name") for tool in tools if isinstance(tool, dict)]
        demanded = rule.mode in (ChoiceMode.REQUIRED, ChoiceMode.NAMED)
        if not tools or ("name" in out and out["name"] not in names):
            if demanded:
                reason = "there are no tools to choose from"
                dropped.append(Dropped(".tool_choice", reason))
            return None
        if rule.extras.fields:
            dropped.append(Dropped(".tool_choice", "in part unknown to this API"))
    # Parallel calls are the default; only this dialect's own caller spells that out.
    said = parallel is not None if native else parallel is False
    if said and (native or rule.mode is not ChoiceMode.NONE):
        out["disable_parallel_tool_use"] = not parallel
    return out


def _chosen(rule: Choice, tools: Sequence[Tool | NativeTool]) -> Json:
    if rule.name is not None:
        return rule.name
    named = (
        _name(tool)
        for tool in tools
        if isinstance(tool, NativeTool) and tool.hosted is rule.hosted
    )
    return next(named, None)
