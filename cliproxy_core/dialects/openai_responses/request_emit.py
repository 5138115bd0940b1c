"""A neutral request, written as a request of this API.

A request that came from this dialect goes back as it was. One that came from another
says that nothing is to be kept (`store: false`, unless its caller asked for that) and
asks for reasoning in a form that can be sent back (`include`): this proxy has no state,
so the history that comes with the next request is all that the upstream will know.
Whatever does not cross is reported.
"""

from __future__ import annotations

from typing import Final

from cliproxy_core.base.jsonval import Json, JsonObject, as_array
from cliproxy_core.ir.request import (
    ChoiceMode,
    Emitted,
    NativePart,
    NativeTool,
    Request,
    Tool,
)

from .choice import emit_choice
from .grammar import NAME
from .input_emit import emit_input
from .parts_emit import Writer
from .settings import (
    emit_include,
    emit_reasoning,
    emit_sampling,
    emit_text,
)
from .tools import emit_tools, parse_tools

__all__ = ["emit_request"]

# OpenAI API reference, "Create a response", `service_tier` (2026-11).
_TIERS: Final = frozenset(
    {"auto", "default", "flex", "scale", "priority", "fast", "ultrafast"}
)

# Dialects whose file ids are of the same store.
_KIN: Final = frozenset({NAME, "openai_chat", ""})


def emit_request(request: Request) -> Emitted:
    """The request as a document of this API, and what it could not say."""
    origin = request.extras.dialect
    writer = Writer(own=origin == NAME, files=origin in _KIN)
    own = writer.fields(request.extras, "")
    payload: JsonObject = {"model": request.model, **emit_input(request, writer)}
    if request.stream:
        payload["stream"] = True
    _add_tools(request, payload, writer)
    payload.update(emit_sampling(request.sampling, writer))
    reasoning = emit_reasoning(request.reasoning, own.get("reasoning"), writer)
    if reasoning is not None:
        payload["reasoning"] = reasoning
        own.pop("reasoning", None)  # what is left out there is so on purpose
    text = emit_text(request.format, request.verbosity, writer)
    if text:
        payload["text"] = text
    include = emit_include(request, own.get("include"))
    if include is not None:
        payload["include"] = include
    _add_rest(request, payload, writer)
    _join(payload, own)
    return Emitted(payload, tuple(writer.dropped))


def _add_tools(request: Request, payload: JsonObject, writer: Writer) -> None:
    tools = emit_tools(_declared(request), writer)
    if tools:
        payload["tools"] = tools
    if request.parallel_tools is not None:
        payload["parallel_tool_calls"] = request.parallel_tools
    choice = request.choice
    if choice is None:
        return
    if not tools and not writer.own:
        if choice.mode in (ChoiceMode.REQUIRED, ChoiceMode.NAMED):
            writer.drop(".tool_choice", "there are no tools to choose from")
        return
    rule = emit_choice(choice, request.tools, writer)
    if rule is not None:
        payload["tool_choice"] = rule


def _declared(request: Request) -> tuple[Tool | NativeTool, ...]:
    """The tools without those that items of this dialect declare, which stand last."""
    added: list[Tool | NativeTool] = []
    for message in request.messages:
        for part in message.parts:
            if isinstance(part, NativePart) and _adds_tools(part):
                added += parse_tools(as_array(part.raw["tools"], ""), "")
    at = len(request.tools) - len(added)
    if added and request.tools[at:] == tuple(added):
        return request.tools[:at]
    return request.tools


def _adds_tools(part: NativePart) -> bool:
    return part.dialect == NAME and part.raw.get("type") == "additional_tools"


def _add_rest(request: Request, payload: JsonObject, writer: Writer) -> None:
    tier, store = request.tier, request.store
    if not writer.own:
        if tier is not None and tier not in _TIERS:
            writer.drop(".service_tier", "this API has no such tier")
            tier = None
        store = store or False
    told: tuple[tuple[str, Json], ...] = (
        ("user", request.user),
        ("metadata", request.metadata),
        ("prompt_cache_key", request.cache_key),
        ("prompt_cache_retention", request.cache_retention),
        ("service_tier", tier),
        ("store", store),
    )
    payload.update({key: value for key, value in told if value is not None})
    if any(kind != "text" for kind in request.modalities):
        writer.drop(".modalities", "this API answers in text")


def _join(payload: JsonObject, own: JsonObject) -> None:
    """Put back what only this dialect knows, inside an object where it was."""
    for key, value in own.items():
        present = payload.get(key)
        if isinstance(present, dict) and isinstance(value, dict):
            _join(present, value)
        else:
            payload.setdefault(key, value)
