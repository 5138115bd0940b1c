"""A request of this API, read into the neutral form.

What the neutral form has no word for stays in `extras` at its own level and comes back
when the request is emitted into this dialect again; so does what is null or empty and
means nothing elsewhere. Tools that stand among the items join those of the request,
after them, and their item stays in its place.
"""

from __future__ import annotations

from typing import Final

from cliproxy_core.base.jsonval import (
    Json,
    JsonObject,
    need,
    need_str,
    opt_array,
    opt_bool,
    opt_object,
    opt_str,
)
from cliproxy_core.ir.request import Extras, Message, Request, Role, Text

from .choice import parse_choice
from .input import Input, parse_input
from .input_emit import INSTRUCTIONS
from .parts import kept, rest_of
from .settings import (
    is_usual,
    parse_include,
    parse_reasoning,
    parse_sampling,
    parse_text,
)
from .tools import parse_tools

__all__ = ["parse_request"]

_STORED: Final = ("previous_response_id", "conversation", "prompt")
"""What an upstream has kept. With one of them there may be no input at all."""

_KNOWN: Final = frozenset(
    {
        "model",
        "input",
        "instructions",
        "stream",
        "tools",
        "tool_choice",
        "parallel_tool_calls",
        "max_output_tokens",
        "temperature",
        "top_p",
        "top_logprobs",
        "text",
        "reasoning",
        "prompt_cache_key",
        "prompt_cache_retention",
        "service_tier",
        "store",
        "metadata",
        "user",
    }
)


def parse_request(payload: JsonObject) -> Request:
    """Raises `DecodeError` with the path of the fault."""
    fields = rest_of(payload, _KNOWN)
    stored = [f".{key}" for key in _STORED if payload.get(key) is not None]
    found = _parse_input(payload, bool(stored), fields)
    tools = opt_array(payload, "tools", "")
    if tools is not None and not tools:
        fields["tools"] = tools
    declared = (*parse_tools(tools or [], ".tools"), *found.tools)
    choice = payload.get("tool_choice")
    rule = None if choice is None else parse_choice(choice, declared)
    if choice is not None and rule is None:
        fields["tool_choice"] = choice
    stream = opt_bool(payload, "stream", "")
    if stream is False:
        fields["stream"] = stream
    form, verbosity = parse_text(payload, fields)
    return Request(
        model=need_str(payload, "model", ""),
        messages=(*_instructions(payload, fields), *found.messages),
        stream=stream or False,
        tools=declared,
        choice=rule,
        parallel_tools=opt_bool(payload, "parallel_tool_calls", ""),
        sampling=parse_sampling(payload),
        reasoning=parse_reasoning(payload, fields),
        format=form,
        verbosity=verbosity,
        user=opt_str(payload, "user", ""),
        metadata=opt_object(payload, "metadata", ""),
        cache_key=opt_str(payload, "prompt_cache_key", ""),
        cache_retention=opt_str(payload, "prompt_cache_retention", ""),
        tier=opt_str(payload, "service_tier", ""),
        store=opt_bool(payload, "store", ""),
        stored=(*stored, *found.stored),
        extras=_extras(payload, fields),
    )


def _extras(payload: JsonObject, fields: JsonObject) -> Extras:
    usual = is_usual(parse_include(payload))
    return kept(fields, {"stream", "include"} if usual else {"stream"})


def _parse_input(payload: JsonObject, stored: bool, fields: JsonObject) -> Input:
    if stored and payload.get("input") is None:
        return Input([])
    value: Json = need(payload, "input", "")
    if value == []:
        fields["input"] = value
    return parse_input(value)


def _instructions(payload: JsonObject, fields: JsonObject) -> list[Message]:
    """The system text before everything else; an empty one says nothing."""
    text = opt_str(payload, "instructions", "")
    if text is None:
        return []
    if not text:
        fields["instructions"] = text
        return []
    return [Message(role=Role.SYSTEM, parts=(Text(text),), path=INSTRUCTIONS)]
