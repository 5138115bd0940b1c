"""A neutral request, written as a request of this API.

A request that came from this dialect goes back as it was; its caller knows the rules.
One that came from another dialect is brought under the vendor's rules (order of blocks,
one turn after the other, what thinking excludes). Whatever does not cross is reported.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from cliproxy_core.base.jsonval import Json, JsonObject
from cliproxy_core.ir.request import Dropped, Emitted, NativeTool, Request, Sampling

from .cache_marks import fit_marks, places_of
from .grammar import NAME
from .request_parts import Writer
from .request_turns import emit_messages
from .rest import restored
from .thinking import OLD_FORMAT, emit_format, emit_thinking, make_legal
from .tools import emit_choice, emit_tools

__all__ = ["emit_request"]

# The field is required here and optional elsewhere. It is what CLIProxyAPI's users get
# (facts/02, section 3.10), and every current model may answer as much.
DEFAULT_MAX_TOKENS: Final = 32000

MAX_TEMPERATURE: Final = 1

_PRIORITY: Final = "priority"

# facts/02, section 3.8.
_TIERS: Final[Mapping[str, tuple[str, str]]] = {
    "auto": ("service_tier", "auto"),
    "default": ("service_tier", "standard_only"),
    _PRIORITY: ("speed", "fast"),
    "fast": ("speed", "fast"),
}


def emit_request(request: Request) -> Emitted:
    """Write a request; the second part of the answer is what did not cross."""
    native = request.extras.dialect == NAME
    dropped: list[Dropped] = []
    payload: JsonObject = {"model": request.model}
    most = request.sampling.max_output
    if not native:
        most = most or DEFAULT_MAX_TOKENS
    if most is not None:
        payload["max_tokens"] = most
    writer = Writer(native, dropped)
    payload.update(emit_messages(request, writer))
    if request.stream:
        payload["stream"] = True
    _tools(request, payload, dropped, native=native)
    _sampling(request.sampling, payload, dropped, native=native)
    spelled = request.extras.raw or {}
    if not (native and OLD_FORMAT in spelled):
        emit_format(request.format, payload, dropped, native=native)
    emit_thinking(request.reasoning, payload, dropped, native=native)
    _about(request, payload, dropped)
    _tier(request, payload, dropped, native=native)
    if native:
        payload = restored(payload, request.extras)
    else:
        _lost(request, dropped)
        make_legal(payload, dropped)
        if writer.marked or any(
            isinstance(t, NativeTool) or t.cache for t in request.tools
        ):
            fit_marks(payload, dropped, places_of(request))
    return Emitted(payload, tuple(dropped))


def _tools(
    request: Request, payload: JsonObject, dropped: list[Dropped], *, native: bool
) -> None:
    tools = emit_tools(request, dropped, native=native)
    if tools:
        payload["tools"] = tools
    rule = emit_choice(request, tools, dropped, native=native)
    if rule is not None:
        payload["tool_choice"] = rule


# Settings.


def _sampling(
    sampling: Sampling, payload: JsonObject, dropped: list[Dropped], *, native: bool
) -> None:
    temperature, top_p = sampling.temperature, sampling.top_p
    if not native:
        if temperature is not None and temperature > MAX_TEMPERATURE:
            dropped.append(Dropped(".temperature", f"lowered to {MAX_TEMPERATURE}"))
            temperature = MAX_TEMPERATURE
        if temperature is not None and top_p is not None:
            reason = "this API takes a temperature or top_p"
            if top_p == 1:  # which cuts nothing off
                top_p = None
                dropped.append(Dropped(".top_p", reason))
            else:
                temperature = None
                dropped.append(Dropped(".temperature", reason))
    if temperature is not None:
        payload["temperature"] = temperature
    if top_p is not None:
        payload["top_p"] = top_p
    if sampling.top_k is not None:
        payload["top_k"] = sampling.top_k
    if sampling.stop:
        stop: list[Json] = [text for text in sampling.stop if native or text.strip()]
        if len(stop) < len(sampling.stop):
            reason = "this API refuses a stop sequence of blanks"
            dropped.append(Dropped(".stop", reason))
        if stop:
            payload["stop_sequences"] = stop


def _about(request: Request, payload: JsonObject, dropped: list[Dropped]) -> None:
    """Who asks. This API keeps no other labels."""
    user, labels = request.user, dict(request.metadata or {})
    told = labels.get("user_id")
    if isinstance(told, str) and user in (None, told):
        user = told
        del labels["user_id"]
    if user is not None:
        payload["metadata"] = {"user_id": user}
    dropped.extend(
        Dropped(f".metadata.{key}", "this API keeps no labels") for key in labels
    )


def _tier(
    request: Request, payload: JsonObject, dropped: list[Dropped], *, native: bool
) -> None:
    tier = request.tier
    if tier is None:
        return
    spelled = request.extras.raw or {}
    if native and tier == _PRIORITY and spelled.get("service_tier") is not None:
        return  # which comes back in the caller's words
    if tier in _TIERS:
        key, word = _TIERS[tier]
        payload[key] = word
    else:
        dropped.append(Dropped(".service_tier", "this API has no such tier"))


def _lost(request: Request, dropped: list[Dropped]) -> None:
    """What this API has no place for."""
    sampling = request.sampling
    media = [kind for kind in request.modalities if kind != "text"]
    settings: tuple[tuple[str, Json], ...] = (
        ("seed", sampling.seed),
        ("presence_penalty", sampling.presence_penalty),
        ("frequency_penalty", sampling.frequency_penalty),
        ("n", sampling.count if sampling.count != 1 else None),
        ("logprobs", sampling.logprobs or None),
        ("top_logprobs", sampling.top_logprobs),
        ("verbosity", request.verbosity),
        ("modalities", media or None),
        ("prompt_cache_key", request.cache_key),
        ("prompt_cache_retention", request.cache_retention),
        ("store", request.store or None),
    )
    dropped.extend(
        Dropped(f".{key}", "this API has no such setting")
        for key, value in settings
        if value is not None
    )
    dropped.extend(
        Dropped(f".{key}", "unknown to this API")
        for key, value in request.extras.fields.items()
        if value is not None
    )
