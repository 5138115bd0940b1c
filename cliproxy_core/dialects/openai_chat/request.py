"""A request of this API, as the neutral request.

The document itself travels along: what nobody changes goes back to this dialect as it
came (`request_emit`), in whichever of its spellings. Fields that the neutral form has
no place for are extras, for other dialects to report.
"""

from __future__ import annotations

from collections.abc import Set
from typing import Final

from cliproxy_core.base.jsonval import (
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
)
from cliproxy_core.ir.request import Extras, Request

from .grammar import NAME
from .messages import parse_messages
from .settings import (
    REASONING,
    SAMPLING,
    THINKING,
    WISH,
    parse_format,
    parse_reasoning,
    parse_sampling,
)
from .tools import OPTIONS, parse_choice, parse_tools

__all__ = ["parse_request"]

_STREAM: Final = frozenset({"include_usage"})
_SEARCH: Final = frozenset({"search_context_size", "user_location"})
_KNOWN: Final = (
    SAMPLING
    | REASONING
    | {
        "model",
        "messages",
        "stream",
        "stream_options",
        "tools",
        "functions",
        "tool_choice",
        "function_call",
        OPTIONS,
        "parallel_tool_calls",
        "thinking",
        "response_format",
        "verbosity",
        "modalities",
        "user",
        "metadata",
        "prompt_cache_key",
        "prompt_cache_retention",
        "service_tier",
        "store",
    }
)


def parse_request(payload: JsonObject) -> Request:
    """Raises `DecodeError` with the path of the fault."""
    fields: JsonObject = {}
    if not payload.keys() <= _KNOWN:
        fields = _rest(payload, _KNOWN)
    options = _known_parts(payload, fields)
    rule = parse_choice(payload)
    if rule is None and payload.get("tool_choice") is not None:
        fields["tool_choice"] = payload["tool_choice"]
    wanted = opt_object(payload, "response_format", "")
    form = None if wanted is None else parse_format(wanted, ".response_format")
    if wanted is not None and form is None:
        fields["response_format"] = wanted
    metadata = opt_object(payload, "metadata", "")
    given = as_array(need(payload, "messages", ""), ".messages")
    return Request(
        model=need_str(payload, "model", ""),
        messages=parse_messages(given, ".messages"),
        stream=opt_bool(payload, "stream", "") or False,
        stream_usage=opt_bool(options, "include_usage", ".stream_options"),
        tools=parse_tools(payload),
        choice=rule,
        parallel_tools=opt_bool(payload, "parallel_tool_calls", ""),
        sampling=parse_sampling(payload),
        reasoning=parse_reasoning(payload),
        format=form,
        verbosity=opt_str(payload, "verbosity", ""),
        modalities=_modalities(payload),
        user=_user(payload, metadata),
        metadata=metadata,
        cache_key=opt_str(payload, "prompt_cache_key", ""),
        cache_retention=opt_str(payload, "prompt_cache_retention", ""),
        tier=opt_str(payload, "service_tier", ""),
        store=opt_bool(payload, "store", ""),
        extras=Extras(NAME, fields, payload),
    )


def _known_parts(payload: JsonObject, fields: JsonObject) -> JsonObject:
    """Put aside what is unknown in members that are known; gives `stream_options`."""
    _known_part(payload, "reasoning", WISH, fields)
    _known_part(payload, OPTIONS, _SEARCH, fields)
    thinking = payload.get("thinking")
    if isinstance(thinking, dict):
        _known_part(payload, "thinking", THINKING, fields)
    elif thinking is not None:
        fields["thinking"] = thinking
    older, newer = payload.get("max_tokens"), payload.get("max_completion_tokens")
    if older is not None and newer not in (None, older):
        fields["max_tokens"] = older  # the newer one counts
    return _known_part(payload, "stream_options", _STREAM, fields)


def _rest(holder: JsonObject, known: Set[str]) -> JsonObject:
    return {key: value for key, value in holder.items() if key not in known}


def _known_part(
    payload: JsonObject, name: str, known: Set[str], fields: JsonObject
) -> JsonObject:
    """A member that the neutral form knows in part; the rest of it is an extra."""
    holder = opt_object(payload, name, "")
    if not holder:
        return {}
    more = _rest(holder, known)
    if more:
        fields[name] = more
    return holder


def _modalities(payload: JsonObject) -> tuple[str, ...]:
    values = opt_array(payload, "modalities", "")
    if not values:
        return ()
    return tuple(as_str(v, path).lower() for v, path in each(values, ".modalities"))


def _user(payload: JsonObject, metadata: JsonObject | None) -> str | None:
    """Claude's clients name their user in the metadata; that goes first."""
    named = None if metadata is None else metadata.get("user_id")
    user = opt_str(payload, "user", "")
    return named if isinstance(named, str) else user
