"""Tools of a request, both ways, and what this API takes of them.

The tools of a namespace stand in the neutral form one after the other. The first of
them has what else the namespace says as its extra `namespace`; so a group begins where
one is, and order and grouping come back.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

import attrs

from cliproxy_core.base.jsonval import (
    Json,
    JsonObject,
    as_array,
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
from cliproxy_core.ir.dialect import ToolLimits
from cliproxy_core.ir.request import (
    Hosted,
    NativeTool,
    Tool,
    ToolKind,
    WebSearch,
)

from .grammar import NAME
from .parts import extras_of, kept, own_fields
from .parts_emit import Writer

__all__ = ["HOSTED", "LIMITS", "emit_tools", "hosted_of", "parse_tools"]

# OpenAI API reference, "Create a response", `tools[].name` and `input[].call_id`
# (2026-11): more than that is refused.
LIMITS: Final = ToolLimits(
    name=re.compile(r"[a-zA-Z0-9_-]+"),
    name_length=64,
    call_id=re.compile(r".+", re.DOTALL),
    call_id_length=64,
    custom=True,
    namespaces=True,
)

HOSTED: Final[Mapping[Hosted, str]] = {
    Hosted.WEB_SEARCH: "web_search",
    Hosted.CODE_EXECUTION: "code_interpreter",
}

_FUNCTION: Final = frozenset(
    {"type", "name", "description", "parameters", "strict", "cache_control"}
)
_CUSTOM: Final = frozenset({"type", "name", "description", "format", "cache_control"})
_NAMESPACE: Final = frozenset({"type", "name", "tools"})
_NAMED: Final = frozenset({"function", "custom"})


def hosted_of(kind: str) -> Hosted | None:
    """What the upstream's own tool of a type is elsewhere. Types may bear a date."""
    if kind.startswith("web_search"):
        return Hosted.WEB_SEARCH
    return Hosted.CODE_EXECUTION if kind == "code_interpreter" else None


# Parsing.


def parse_tools(values: list[Json], path: str) -> tuple[Tool | NativeTool, ...]:
    groups = parse_each(values, path, _parse_tools)
    return tuple(tool for group in groups for tool in group)


def _parse_tools(tool: JsonObject) -> list[Tool | NativeTool]:
    """One tool, or those of a namespace."""
    kind = need_str(tool, "type", "")
    if kind in _NAMED:
        return [_parse_named(tool, kind)]
    if kind == "namespace":
        return _parse_namespace(tool)
    hosted = hosted_of(kind)
    if hosted is Hosted.WEB_SEARCH:
        return [_parse_search(tool)]
    return [NativeTool(NAME, tool, hosted)]


def _parse_named(tool: JsonObject, kind: str) -> Tool:
    if kind == "custom":
        return Tool(
            name=need_str(tool, "name", ""),
            description=opt_str(tool, "description", ""),
            kind=ToolKind.CUSTOM,
            format=opt_object(tool, "format", ""),
            cache=opt_object(tool, "cache_control", ""),
            extras=extras_of(tool, _CUSTOM),
        )
    return Tool(
        name=need_str(tool, "name", ""),
        description=opt_str(tool, "description", ""),
        schema=opt_object(tool, "parameters", ""),
        strict=opt_bool(tool, "strict", ""),
        cache=opt_object(tool, "cache_control", ""),
        extras=extras_of(tool, _FUNCTION),
    )


def _parse_namespace(group: JsonObject) -> list[Tool | NativeTool]:
    """One level is all there is; what holds anything else stays as it came."""
    name = need_str(group, "name", "")
    tools = as_array(need(group, "tools", ""), ".tools")
    if not tools or not all(_is_member(tool) for tool in tools):
        return [NativeTool(NAME, group)]
    inner: list[Tool] = [
        attrs.evolve(tool, namespace=name)
        for tool in parse_each(tools, ".tools", _parse_member)
    ]
    about = {key: value for key, value in group.items() if key not in _NAMESPACE}
    first = inner[0]
    extras = kept({**own_fields(first.extras), "namespace": about})
    return [attrs.evolve(first, extras=extras), *inner[1:]]


def _is_member(tool: Json) -> bool:
    if not isinstance(tool, dict):
        return True  # parsing complains
    return tool.get("type") in ("function", "custom") and "namespace" not in tool


def _parse_member(tool: JsonObject) -> Tool:
    return _parse_named(tool, need_str(tool, "type", ""))


def _parse_search(tool: JsonObject) -> NativeTool:
    if opt_bool(tool, "external_web_access", "") is False:
        return NativeTool(NAME, tool)  # what was found before is all it may see
    filters = opt_object(tool, "filters", "") or {}
    path = ".filters.allowed_domains"
    domains = opt_array(filters, "allowed_domains", ".filters") or []
    search = WebSearch(
        allowed_domains=tuple(as_str(value, at) for value, at in each(domains, path)),
        location=opt_object(tool, "user_location", ""),
        context_size=opt_str(tool, "search_context_size", ""),
    )
    return NativeTool(NAME, tool, Hosted.WEB_SEARCH, search)


# Emitting.


def emit_tools(tools: Iterable[Tool | NativeTool], writer: Writer) -> list[Json]:
    out: list[Json] = []
    group: list[Json] = []
    named: str | None = None
    """The namespace that is open, and its tools."""
    for i, tool in enumerate(tools):
        path = f".tools[{i}]"
        if isinstance(tool, NativeTool):
            raw = _emit_native(tool, path, writer)
            if raw is not None:
                out.append(raw)
            named = None
            continue
        fields = writer.fields(tool.extras, path)
        if tool.namespace is None:
            out.append(_emit_tool(tool, fields, path, writer))
            named = None
            continue
        about = fields.pop("namespace", None)
        if tool.namespace != named or about is not None:
            named, group = tool.namespace, []
            out.append(_emit_namespace(named, about, group))
        group.append(_emit_tool(tool, fields, path, writer))
    return out


def _emit_namespace(name: str, about: Json, tools: list[Json]) -> JsonObject:
    # A description is required; without one of the caller's the name is all there is.
    said = about if isinstance(about, dict) else {"description": name}
    return {"type": "namespace", "name": name, **said, "tools": tools}


def _emit_tool(tool: Tool, fields: JsonObject, path: str, writer: Writer) -> JsonObject:
    out: JsonObject = {"type": tool.kind.value, "name": tool.name}
    if tool.description is not None:
        out["description"] = tool.description
    if tool.kind is ToolKind.CUSTOM:
        if tool.format is not None:
            out["format"] = tool.format
    elif writer.own:
        if tool.schema is not None:
            out["parameters"] = tool.schema
        if tool.strict is not None:
            out["strict"] = tool.strict
    else:
        out["parameters"] = _whole(tool.schema)
        # The field is required here (OpenAI SDK 3.54, `FunctionToolParam`); elsewhere
        # functions are not strict unless the request says so.
        out["strict"] = tool.strict or False
    return {**out, **writer.cached(tool.cache, path), **fields}


def _whole(schema: JsonObject | None) -> JsonObject:
    """The vendor refuses an object schema without `properties`."""
    if schema is None:
        return {"type": "object", "properties": {}}
    if schema.get("type", "object") != "object":
        return schema
    missing: JsonObject = {}
    if "type" not in schema:
        missing["type"] = "object"
    if "properties" not in schema:
        missing["properties"] = {}
    return {**schema, **missing} if missing else schema


def _emit_native(tool: NativeTool, path: str, writer: Writer) -> JsonObject | None:
    if tool.dialect == NAME:
        return tool.raw
    match tool.hosted:
        case Hosted.WEB_SEARCH:
            return _emit_search(tool.search or WebSearch(), path, writer)
        case Hosted.CODE_EXECUTION:
            return {"type": "code_interpreter", "container": {"type": "auto"}}
        case _:
            writer.drop(path, f"a tool that only {tool.dialect} knows")
            return None


def _emit_search(search: WebSearch, path: str, writer: Writer) -> JsonObject:
    out: JsonObject = {"type": "web_search"}
    if search.allowed_domains:
        out["filters"] = {"allowed_domains": list(search.allowed_domains)}
    if search.location is not None:
        out["user_location"] = search.location
    if search.context_size is not None:
        out["search_context_size"] = search.context_size
    if search.blocked_domains:
        writer.drop(f"{path}.blocked_domains", "this API only knows allowed ones")
    if search.max_uses is not None:
        writer.drop(f"{path}.max_uses", "this API sets no limit to searches")
    return out
