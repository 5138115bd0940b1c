"""The neutral request, as a request of this API.

What came from this dialect and was not changed goes out as it came, with its nulls and
its spellings: a setting at a time, and a message at a time. Whatever does not cross is
reported.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import attrs

from cliproxy_core.base.jsonval import Json, JsonObject
from cliproxy_core.ir.request import ChoiceMode, Dropped, Emitted, Request

from .grammar import NAME
from .parts import Losses, own_fields
from .request import parse_request
from .settings import (
    REASONING,
    SAMPLING,
    emit_format,
    emit_reasoning,
    emit_sampling,
)
from .tools import OPTIONS, emit_choice, emit_tools
from .turns import emit_messages

__all__ = ["emit_request"]

_TIERS: Final = frozenset({"auto", "default", "flex", "scale", "priority", "fast"})
_VERBOSITIES: Final = frozenset({"low", "medium", "high"})
_RETENTIONS: Final = frozenset({"in_memory", "in-memory", "24h"})

# Which members of the document tell which fields of the neutral request.
_TELLING: Final[Mapping[tuple[str, ...], frozenset[str]]] = {
    ("model",): frozenset({"model"}),
    ("messages",): frozenset({"messages"}),
    ("stream", "stream_usage"): frozenset({"stream", "stream_options"}),
    ("tools",): frozenset({"tools", "functions", OPTIONS}),
    ("choice",): frozenset({"tool_choice", "function_call"}),
    ("parallel_tools",): frozenset({"parallel_tool_calls"}),
    ("sampling",): SAMPLING,
    ("reasoning",): REASONING | {"thinking"},
    ("format",): frozenset({"response_format"}),
    ("verbosity",): frozenset({"verbosity"}),
    ("modalities",): frozenset({"modalities"}),
    ("user", "metadata"): frozenset({"user", "metadata"}),
    ("cache_key",): frozenset({"prompt_cache_key"}),
    ("cache_retention",): frozenset({"prompt_cache_retention"}),
    ("tier",): frozenset({"service_tier"}),
    ("store",): frozenset({"store"}),
}
_TOLD: Final = frozenset[str]().union(*_TELLING.values())
_PARTS: Final = frozenset({"stream_options", "reasoning", "thinking", OPTIONS})
"""Members that are extras in part; that part says nothing without the rest."""


def emit_request(request: Request) -> Emitted:
    """The request as a document of this API, and what it could not say."""
    losses: Losses = []
    own = request.extras.dialect == NAME
    extras = own_fields(request.extras, "", losses) if request.extras.fields else {}
    payload: JsonObject = {
        "model": request.model,
        "messages": emit_messages(request, losses),
        **emit_tools(request.tools, losses, own=own),
    }
    _emit_rules(request, payload, losses, own=own)
    payload.update(emit_sampling(request.sampling, own=own, losses=losses))
    if request.reasoning is not None:
        payload.update(emit_reasoning(request.reasoning, request.extras, losses))
    if request.format is not None:
        payload["response_format"] = emit_format(request.format)
    _emit_settings(request, payload, losses, own=own)
    if request.stream:
        # Always with usage: whether the caller asked or not, tokens are counted.
        payload["stream"] = True
        payload["stream_options"] = {"include_usage": True}
    if extras:
        _merge(payload, extras)
    if own and request.extras.raw is not None:
        payload = _as_it_came(request, request.extras.raw, payload)
    return Emitted(payload, tuple(losses))


def _emit_rules(
    request: Request, payload: JsonObject, losses: Losses, *, own: bool
) -> None:
    """The rules about calls, which the vendor refuses where there are no tools."""
    if "tools" not in payload and not own:
        mode = None if request.choice is None else request.choice.mode
        if mode in (ChoiceMode.REQUIRED, ChoiceMode.NAMED):
            reason = "there are no tools to choose from"
            losses.append(Dropped(".tool_choice", reason))
        return
    if request.choice is not None:
        rule = emit_choice(request.choice, request.tools, losses)
        if rule is not None:
            payload["tool_choice"] = rule
    if request.parallel_tools is not None:
        payload["parallel_tool_calls"] = request.parallel_tools


def _emit_settings(
    request: Request, payload: JsonObject, losses: Losses, *, own: bool
) -> None:
    told: tuple[tuple[str, Json, frozenset[str] | None], ...] = (
        ("verbosity", request.verbosity, _VERBOSITIES),
        ("modalities", list(request.modalities) or None, None),
        ("user", request.user, None),
        ("metadata", _labels(request), None),
        ("prompt_cache_key", request.cache_key, None),
        ("prompt_cache_retention", request.cache_retention, _RETENTIONS),
        ("service_tier", request.tier, _TIERS),
        ("store", request.store, None),
    )
    for key, value, words in told:
        if value is None:
            continue
        if words is not None and value not in words and not own:
            losses.append(Dropped(f".{key}", "not a word of this API"))
        else:
            payload[key] = value


def _labels(request: Request) -> JsonObject | None:
    """The labels, which may name the user as well."""
    labels = request.metadata
    if labels is None or request.user is None or "user_id" not in labels:
        return labels
    return {**labels, "user_id": request.user}


def _merge(payload: JsonObject, extras: Mapping[str, Json]) -> None:
    """Put back what only this dialect knows, inside an object where it was."""
    for key, value in extras.items():
        present = payload.get(key)
        if isinstance(present, dict) and isinstance(value, dict):
            payload[key] = {**value, **present}
        elif key not in _PARTS or not isinstance(value, dict):
            payload.setdefault(key, value)


def _as_it_came(request: Request, raw: JsonObject, payload: JsonObject) -> JsonObject:
    """What was not changed, as it came; the rest as it is written here."""
    was = attrs.asdict(parse_request(raw), recurse=False)
    now = attrs.asdict(request, recurse=False)
    changed = {
        key
        for fields, keys in _TELLING.items()
        if any(was[field] != now[field] for field in fields)
        for key in keys
    }
    kept = {key: value for key, value in raw.items() if key in _TOLD - changed}
    rest = {key: value for key, value in payload.items() if key not in _TOLD - changed}
    return kept | rest
