"""A request of this API, read into the neutral form.

What the neutral form has no word for stays in `extras` at its own level and comes back
when the request is emitted into this dialect again. Settings that are known in part
(`metadata`, `thinking`, `output_config`, `tool_choice`) leave the rest of their object
there under the same name.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from cliproxy_core.base.errors import DecodeError
from cliproxy_core.base.jsonval import (
    Json,
    JsonObject,
    as_array,
    as_object,
    as_str,
    each,
    kind_of,
    need,
    need_str,
    opt_array,
    opt_bool,
    opt_int,
    opt_number,
    opt_object,
    opt_str,
    parse_each,
)
from cliproxy_core.ir.reasoning import Effort, ReasoningWish
from cliproxy_core.ir.request import (
    Choice,
    ChoiceMode,
    Extras,
    Message,
    NativeTool,
    Request,
    ResponseFormat,
    Role,
    Sampling,
    Text,
    Tool,
)

from .grammar import NAME
from .request_blocks import NO_REST, extras_of, parse_block, rest_of

__all__ = ["parse_request"]

_ROLES: Final[Mapping[str, Role]] = {
    "user": Role.USER,
    "assistant": Role.ASSISTANT,
    "system": Role.SYSTEM,
}

_MESSAGE: Final = frozenset({"role", "content"})
_BARE: Final = len(_MESSAGE)
_TOOL: Final = frozenset(
    {"name", "description", "input_schema", "strict", "cache_control"}
)
_CHOICE: Final = frozenset({"type", "disable_parallel_tool_use", "name"})

_MODES: Final[Mapping[str, ChoiceMode]] = {
    "auto": ChoiceMode.AUTO,
    "any": ChoiceMode.REQUIRED,
    "tool": ChoiceMode.NAMED,
    "none": ChoiceMode.NONE,
}

_EFFORTS: Final[Mapping[str, Effort]] = {
    effort.value: effort
    for effort in (Effort.LOW, Effort.MEDIUM, Effort.HIGH, Effort.XHIGH, Effort.MAX)
}

_DISPLAYS: Final[Mapping[str, bool]] = {"summarized": True, "omitted": False}

_KNOWN: Final = frozenset(
    {
        "model",
        "messages",
        "system",
        "stream",
        "max_tokens",
        "temperature",
        "top_p",
        "top_k",
        "stop_sequences",
        "tools",
        "tool_choice",
        "thinking",
        "output_config",
        "metadata",
    }
)


def parse_request(payload: JsonObject) -> Request:
    """Read a request. Raises `DecodeError` with the path of the fault."""
    extras = {} if payload.keys() <= _KNOWN else rest_of(payload, _KNOWN)
    choice, parallel = _choice(payload, extras)
    reasoning, answer_format = _thinking(payload, extras)
    messages = as_array(need(payload, "messages", ""), ".messages")
    tools = opt_array(payload, "tools", "")
    return Request(
        model=need_str(payload, "model", ""),
        messages=tuple(_messages(messages, _system(payload))),
        stream=opt_bool(payload, "stream", "") or False,
        tools=tuple(parse_each(tools, ".tools", _tool)) if tools else (),
        choice=choice,
        parallel_tools=parallel,
        sampling=_sampling(payload),
        reasoning=reasoning,
        format=answer_format,
        user=_user(payload, extras),
        extras=Extras(NAME, extras),
    )


# Messages.


def _system(payload: JsonObject) -> list[Message]:
    """The text before the turns, as one message."""
    system = payload.get("system")
    if system is None:
        return []
    try:
        return [_content(Role.SYSTEM, system, ".system", NO_REST)]
    except DecodeError as error:
        raise error.under(".system") from None


def _messages(values: list[Json], found: list[Message]) -> list[Message]:
    """The turns, after what was found before them."""
    path = ""
    try:
        for number, value in enumerate(values):
            path = f".messages[{number}]"
            found.append(_message(as_object(value, ""), path))
    except DecodeError as error:
        raise error.under(path) from None
    return found


def _message(message: JsonObject, path: str) -> Message:
    word = message.get("role")
    role = _ROLES.get(word) if isinstance(word, str) else None
    if role is None:
        need_str(message, "role", "")
        raise DecodeError(".role", "expected user, assistant or system")
    content = need(message, "content", "")
    extras = NO_REST if len(message) == _BARE else extras_of(message, _MESSAGE)
    try:
        return _content(role, content, path, extras)
    except DecodeError as error:
        raise error.under(".content") from None


def _content(role: Role, content: Json, path: str, extras: Extras) -> Message:
    """One message, its content a string or blocks."""
    if isinstance(content, str):
        said = (Text(content, None, NO_REST),)
        return Message(role=role, parts=said, path=path, extras=extras)
    if isinstance(content, list):
        parts = tuple(parse_each(content, "", parse_block))
        return Message(role=role, parts=parts, plain=False, path=path, extras=extras)
    got = kind_of(content)
    raise DecodeError("", f"expected a string or an array, got {got}")


# Tools.


def _tool(tool: JsonObject) -> Tool | NativeTool:
    kind = opt_str(tool, "type", "")
    if kind not in (None, "custom"):
        return NativeTool(NAME, tool)
    return Tool(
        name=need_str(tool, "name", ""),
        description=opt_str(tool, "description", ""),
        schema=opt_object(tool, "input_schema", ""),
        strict=opt_bool(tool, "strict", ""),
        cache=opt_object(tool, "cache_control", ""),
        extras=extras_of(tool, _TOOL),
    )


def _choice(
    payload: JsonObject, extras: JsonObject
) -> tuple[Choice | None, bool | None]:
    choice = opt_object(payload, "tool_choice", "")
    if choice is None:
        return None, None
    path = ".tool_choice"
    kind = need_str(choice, "type", path)
    if kind not in _MODES:
        raise DecodeError(f"{path}.type", "expected auto, any, tool or none")
    mode = _MODES[kind]
    name = None
    if mode is ChoiceMode.NAMED:
        name = need_str(choice, "name", path)
    single = opt_bool(choice, "disable_parallel_tool_use", path)
    _keep(extras, "tool_choice", rest_of(choice, _CHOICE))
    return Choice(mode, name), None if single is None else not single


# Settings.


def _sampling(payload: JsonObject) -> Sampling:
    stop = opt_array(payload, "stop_sequences", "")
    return Sampling(
        max_output=opt_int(payload, "max_tokens", ""),
        temperature=opt_number(payload, "temperature", ""),
        top_p=opt_number(payload, "top_p", ""),
        top_k=opt_int(payload, "top_k", ""),
        stop=_stop(stop) if stop else (),
    )


def _stop(values: list[Json]) -> tuple[str, ...]:
    return tuple(as_str(text, path) for text, path in each(values, ".stop_sequences"))


def _user(payload: JsonObject, extras: JsonObject) -> str | None:
    metadata = opt_object(payload, "metadata", "")
    if metadata is None:
        return None
    _keep(extras, "metadata", rest_of(metadata, frozenset({"user_id"})))
    return opt_str(metadata, "user_id", ".metadata")


def _thinking(
    payload: JsonObject, extras: JsonObject
) -> tuple[ReasoningWish | None, ResponseFormat | None]:
    """What is said about thinking, and the format that stands beside the effort."""
    config = opt_object(payload, "output_config", "") or {}
    if not config and "thinking" not in payload:
        return None, None
    rest = rest_of(config, frozenset({"effort", "format"}))
    effort, answer_format = _effort(config), _format(config, rest)
    thinking = opt_object(payload, "thinking", "")
    wish = ReasoningWish(effort=effort) if effort is not None else None
    if thinking is not None:
        wish = _wish(thinking, effort, extras)
        if wish is None or wish.effort is not effort:
            # The one word for effort is taken: this one waits for its own dialect.
            _keep(rest, "effort", config.get("effort"))
    _keep(extras, "output_config", rest)
    return wish, answer_format


def _wish(
    thinking: JsonObject, effort: Effort | None, extras: JsonObject
) -> ReasoningWish | None:
    path = ".thinking"
    kind = need_str(thinking, "type", path)
    rest = rest_of(thinking, frozenset({"type", "budget_tokens", "display"}))
    visible = _visible(thinking)
    match kind:
        case "disabled":
            wish = ReasoningWish(effort=Effort.NONE)
        case "adaptive":
            wish = ReasoningWish(effort=effort, adaptive=True, visible=visible)
        case "enabled":
            budget = opt_int(thinking, "budget_tokens", path)
            if budget is None:
                raise DecodeError(f"{path}.budget_tokens", "required")
            wish = ReasoningWish(effort=effort, budget=budget, visible=visible)
        case _:
            extras["thinking"] = thinking  # `between_tools`, and what is yet to come
            return None
    _keep(extras, "thinking", rest)
    return wish


def _visible(thinking: JsonObject) -> bool | None:
    display = opt_str(thinking, "display", ".thinking")
    if display is not None and display not in _DISPLAYS:
        raise DecodeError(".thinking.display", "expected summarized or omitted")
    return None if display is None else _DISPLAYS[display]


def _effort(config: JsonObject) -> Effort | None:
    word = opt_str(config, "effort", ".output_config")
    if word is None:
        return None
    if word not in _EFFORTS:
        levels = ", ".join(_EFFORTS)
        raise DecodeError(".output_config.effort", f"expected one of {levels}")
    return _EFFORTS[word]


def _format(config: JsonObject, rest: JsonObject) -> ResponseFormat | None:
    path = ".output_config.format"
    shape = opt_object(config, "format", ".output_config")
    if shape is None:
        return None
    if need_str(shape, "type", path) != "json_schema":
        rest["format"] = shape
        return None
    _keep(rest, "format", rest_of(shape, frozenset({"type", "schema"})))
    schema = as_object(need(shape, "schema", path), f"{path}.schema")
    return ResponseFormat(type="json_schema", schema=schema)


def _keep(extras: JsonObject, key: str, rest: Json) -> None:
    """Leave the unknown part of a setting under its name, if there is any."""
    if rest:
        extras[key] = rest
