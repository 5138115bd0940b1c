"""Tools and the choice among them, both ways, and what this API takes of them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from cliproxy_core.base.errors import DecodeError
from cliproxy_core.base.jsonval import (
    Json,
    JsonObject,
    as_object,
    as_str,
    each,
    need_str,
    opt_array,
    opt_object,
    opt_str,
)
from cliproxy_core.ir.dialect import ToolLimits
from cliproxy_core.ir.request import (
    Choice,
    ChoiceMode,
    Dropped,
    Hosted,
    NativeTool,
    Tool,
    WebSearch,
)
from cliproxy_core.ir.schema import Variant
from cliproxy_core.ir.schema_memory import clean_again

from .grammar import NAME
from .parts import extras_of, objects, plain
from .parts_emit import Writer
from .schemas import json_schema

__all__ = ["LIMITS", "emit_choice", "emit_tools", "parse_choice", "parse_tools"]

# google-genai 3.4, `types.FunctionDeclaration.name`; ids of calls may be anything.
LIMITS: Final = ToolLimits(
    name=re.compile(r"[a-zA-Z_][a-zA-Z0-9_.:-]*"),
    name_length=64,
    call_id=re.compile(r".+", re.DOTALL),
    call_id_length=1 << 16,
)

FUNCTIONS: Final = "functionDeclarations"

_HOSTED: Final[Mapping[str, Hosted]] = {
    "googleSearch": Hosted.WEB_SEARCH,
    "googleSearchRetrieval": Hosted.WEB_SEARCH,  # its name until Gemini 2
    "enterpriseWebSearch": Hosted.WEB_SEARCH,
    "codeExecution": Hosted.CODE_EXECUTION,
    "urlContext": Hosted.WEB_FETCH,
}
_NAMES: Final[Mapping[Hosted, str]] = {
    Hosted.WEB_SEARCH: "googleSearch",
    Hosted.CODE_EXECUTION: "codeExecution",
    Hosted.WEB_FETCH: "urlContext",
}

_FUNCTION: Final = frozenset(
    {"name", "description", "parameters", "parametersJsonSchema"}
)

# `VALIDATED` is `AUTO` with calls bound to their schemas.
_MODES: Final[Mapping[str, ChoiceMode]] = {
    "MODE_UNSPECIFIED": ChoiceMode.AUTO,
    "AUTO": ChoiceMode.AUTO,
    "VALIDATED": ChoiceMode.AUTO,
    "ANY": ChoiceMode.REQUIRED,
    "NONE": ChoiceMode.NONE,
}
_CHOICE: Final = frozenset({"mode", "allowedFunctionNames"})


# Parsing.


def parse_tools(value: Json) -> tuple[Tool | NativeTool, ...]:
    """All tools; an object may hold several. Raises `DecodeError` with the path."""
    out: list[Tool | NativeTool] = []
    path = ".tools"
    try:
        for number, tool in enumerate(objects(value, "")):
            path = f".tools[{number}]"
            for key, inner in plain(as_object(tool, "")).items():
                if key == FUNCTIONS:
                    out += _parse_functions(inner)
                else:
                    out.append(_parse_native(key, inner))
    except DecodeError as error:
        raise error.under(path) from None
    return tuple(out)


def _parse_functions(value: Json) -> list[Tool]:
    out: list[Tool] = []
    path = f".{FUNCTIONS}"
    for function, place in each(objects(value, path), path):
        try:
            out.append(_parse_function(plain(as_object(function, ""))))
        except DecodeError as error:
            raise error.under(place) from None
    return out


def _parse_function(function: JsonObject) -> Tool:
    schema = opt_object(function, "parametersJsonSchema", "")
    openapi = opt_object(function, "parameters", "")
    if schema is None and openapi is not None:
        try:
            schema = json_schema(openapi)
        except DecodeError as error:
            raise error.under(".parameters") from None
    return Tool(
        name=need_str(function, "name", ""),
        description=opt_str(function, "description", ""),
        schema=schema,
        extras=extras_of(function, _FUNCTION),
    )


def _parse_native(key: str, inner: Json) -> NativeTool:
    hosted = _HOSTED.get(key)
    search = None
    if hosted is Hosted.WEB_SEARCH:
        about = plain(as_object(inner, f".{key}"))
        path = f".{key}.excludeDomains"
        domains = opt_array(about, "excludeDomains", f".{key}") or []
        blocked = tuple(as_str(domain, place) for domain, place in each(domains, path))
        search = WebSearch(blocked_domains=blocked)
    return NativeTool(NAME, {key: inner}, hosted, search)


def parse_choice(value: JsonObject | None) -> tuple[Choice | None, JsonObject]:
    """The rule about calling functions, and what else `toolConfig` says."""
    if value is None:
        return None, {}
    path = ".toolConfig"
    config = plain(value)
    rest = {k: v for k, v in config.items() if k != "functionCallingConfig"}
    calling = opt_object(config, "functionCallingConfig", path)
    if calling is None:
        return None, rest
    path += ".functionCallingConfig"
    calling = plain(calling)
    word = (opt_str(calling, "mode", path) or "").upper()
    more = {key: value for key, value in calling.items() if key not in _CHOICE}
    if word == "VALIDATED":
        more["mode"] = word
    if more:
        rest["functionCallingConfig"] = more
    where = f"{path}.allowedFunctionNames"
    names = opt_array(calling, "allowedFunctionNames", path) or []
    allowed = tuple(as_str(name, place) for name, place in each(names, where))
    if not word and not allowed:
        return None, rest
    mode = _MODES.get(word or "AUTO")
    if mode is None:
        raise DecodeError(f"{path}.mode", "not a mode of this API")
    if mode is ChoiceMode.REQUIRED and len(allowed) == 1:
        return Choice(ChoiceMode.NAMED, allowed[0]), rest
    return Choice(mode, allowed=() if mode is ChoiceMode.NONE else allowed), rest


# Emitting.


def emit_tools(
    tools: Sequence[Tool | NativeTool], choice: Choice | None, writer: Writer
) -> list[Json]:
    """All functions in one object, then every other tool in one of its own."""
    # The vendor's rule is about functions only: its own tools stay away instead.
    forbidden = choice is not None and choice.mode is ChoiceMode.NONE
    functions: list[Json] = []
    others: list[Json] = []
    for index, tool in enumerate(tools):
        path = f".tools[{index}]"
        if isinstance(tool, Tool):
            functions.append(_emit_function(tool, path, writer))
            continue
        if forbidden and not writer.own:
            writer.drop(path, "no tool may be called")
            continue
        written = _emit_native(tool, path, writer)
        if written is not None and written not in others:
            others.append(written)
    return [{FUNCTIONS: functions}, *others] if functions else others


def _emit_function(tool: Tool, path: str, writer: Writer) -> JsonObject:
    writer.uncached(tool.cache, path)
    if tool.strict:
        writer.drop(f"{path}.strict", "this API has no such promise for one tool")
    fields = writer.fields(tool.extras, path)
    out: JsonObject = {"name": tool.name}
    if tool.description is not None:
        out["description"] = tool.description
    if tool.schema is not None:
        own = writer.own
        out["parametersJsonSchema"] = (
            tool.schema if own else _cleaned(tool.schema, path, writer)
        )
    return {**out, **fields}


def _cleaned(schema: JsonObject, path: str, writer: Writer) -> JsonObject:
    cleaned = clean_again(schema, Variant.GEMINI)
    writer.dropped += [
        Dropped(f"{path}.schema{each.path}", each.reason) for each in cleaned.dropped
    ]
    return cleaned.schema


def _emit_native(tool: NativeTool, path: str, writer: Writer) -> JsonObject | None:
    if tool.dialect == NAME:
        return tool.raw
    if tool.hosted is None:
        writer.drop(path, f"a tool that only {tool.dialect} knows")
        return None
    search = tool.search or WebSearch()
    # google-genai 3.4 refuses `excludeDomains` for the Gemini API.
    for key, value in (
        ("allowed_domains", search.allowed_domains or None),
        ("blocked_domains", search.blocked_domains or None),
        ("location", search.location),
        ("max_uses", search.max_uses),
        ("context_size", search.context_size),
    ):
        if value is not None:
            writer.drop(f"{path}.{key}", "this API's search has no such setting")
    return {_NAMES[tool.hosted]: {}}


def emit_choice(
    choice: Choice, tools: Sequence[Tool | NativeTool], writer: Writer
) -> JsonObject:
    """`toolConfig`. The vendor refuses a rule about functions where there are none."""
    path = ".tool_choice"
    if choice.extras.fields:
        writer.fields(choice.extras, path)
    functions = any(isinstance(tool, Tool) for tool in tools)
    if choice.hosted is not None and choice.name is None:
        writer.drop(path, "a tool of the vendor's cannot be demanded here")
        return {}
    if not functions and not writer.own:
        if choice.mode in (ChoiceMode.REQUIRED, ChoiceMode.NAMED):
            writer.drop(path, "there are no functions to choose from")
        return {}
    calling: JsonObject
    match choice.mode:
        case ChoiceMode.NONE:
            calling = {"mode": "NONE"}
        case ChoiceMode.AUTO:
            calling = {"mode": "VALIDATED" if choice.allowed else "AUTO"}
        case ChoiceMode.REQUIRED:
            calling = {"mode": "ANY"}
        case ChoiceMode.NAMED:
            calling = {"mode": "ANY", "allowedFunctionNames": [choice.name]}
    if choice.allowed:
        calling["allowedFunctionNames"] = list(choice.allowed)
    return {"functionCallingConfig": calling}
