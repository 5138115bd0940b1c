"""A request of this API, and the neutral request, both ways.

What this dialect sent itself is recognised by the tag of the request's extras: only
then may fields go out that its upstreams know and others did not mean.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

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
    opt_int,
    opt_number,
    opt_object,
    opt_str,
)
from cliproxy_core.ir.request import (
    Dropped,
    Emitted,
    Extras,
    Request,
    Sampling,
)

from .grammar import NAME
from .messages import parse_messages
from .parts import Losses, own_fields
from .settings import (
    emit_choice,
    emit_format,
    emit_reasoning,
    emit_tools,
    parse_choice,
    parse_format,
    parse_reasoning,
    parse_tools,
)
from .turns import emit_messages

__all__ = ["emit_request", "parse_request"]

_OPTIONS: Final = frozenset({"include_usage"})
_WISH: Final = frozenset({"effort", "max_tokens", "enabled", "exclude"})
_SAMPLING: Final = frozenset(
    {
        "max_tokens",
        "max_completion_tokens",
        "temperature",
        "top_p",
        "top_k",
        "stop",
        "seed",
        "presence_penalty",
        "frequency_penalty",
        "n",
    }
)
_ANY_SAMPLING: Final = Sampling()
_KNOWN: Final = _SAMPLING | {
    "model",
    "messages",
    "stream",
    "stream_options",
    "tools",
    "tool_choice",
    "parallel_tool_calls",
    "reasoning_effort",
    "reasoning",
    "response_format",
    "user",
}


def parse_request(payload: JsonObject) -> Request:
    """Raises `DecodeError` with the path of the fault."""
    fields: dict[str, Json] = {}
    if not payload.keys() <= _KNOWN:
        fields = {key: value for key, value in payload.items() if key not in _KNOWN}
    options = opt_object(payload, "stream_options", "")
    if options:
        _keep_unread("stream_options", options, _OPTIONS, fields)
    choice = payload.get("tool_choice")
    rule = None if choice is None else parse_choice(choice, ".tool_choice")
    if choice is not None and rule is None:
        fields["tool_choice"] = choice
    wanted = opt_object(payload, "response_format", "")
    form = None if wanted is None else parse_format(wanted, ".response_format")
    if wanted is not None and form is None:
        fields["response_format"] = wanted
    wish = opt_object(payload, "reasoning", "")
    if wish:
        _keep_unread("reasoning", wish, _WISH, fields)
    tools = opt_array(payload, "tools", "")
    usage = opt_bool(options, "include_usage", ".stream_options") if options else None
    return Request(
        model=need_str(payload, "model", ""),
        messages=parse_messages(
            as_array(need(payload, "messages", ""), ".messages"), ".messages"
        ),
        stream=opt_bool(payload, "stream", "") or False,
        stream_usage=usage,
        tools=parse_tools(tools, ".tools") if tools else (),
        choice=rule,
        parallel_tools=opt_bool(payload, "parallel_tool_calls", ""),
        sampling=_parse_sampling(payload),
        reasoning=parse_reasoning(payload),
        format=form,
        user=opt_str(payload, "user", ""),
        extras=Extras(NAME, fields),
    )


def _keep_unread(
    name: str, holder: JsonObject, known: frozenset[str], fields: JsonObject
) -> None:
    """What the neutral form has no place for, in an object that it knows in part."""
    more = {key: value for key, value in holder.items() if key not in known}
    if more:
        fields[name] = more


def _parse_sampling(payload: JsonObject) -> Sampling:
    if _SAMPLING.isdisjoint(payload):
        return _ANY_SAMPLING
    older = opt_int(payload, "max_tokens", "")
    newer = opt_int(payload, "max_completion_tokens", "")
    stop = payload.get("stop")
    return Sampling(
        max_output=older if newer is None else newer,
        max_output_counts_reasoning=None if newer is None else True,
        temperature=opt_number(payload, "temperature", ""),
        top_p=opt_number(payload, "top_p", ""),
        top_k=opt_int(payload, "top_k", ""),
        stop=() if stop is None else _parse_stop(stop),
        seed=opt_int(payload, "seed", ""),
        presence_penalty=opt_number(payload, "presence_penalty", ""),
        frequency_penalty=opt_number(payload, "frequency_penalty", ""),
        count=opt_int(payload, "n", ""),
    )


def _parse_stop(value: Json) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    return tuple(as_str(v, path) for v, path in each(as_array(value, ".stop"), ".stop"))


def emit_request(request: Request) -> Emitted:
    """The request as a document of this API, and what it could not say."""
    losses: Losses = []
    extras = own_fields(request.extras, "", losses) if request.extras.fields else {}
    payload: JsonObject = {
        "model": request.model,
        "messages": emit_messages(request.messages, losses),
    }
    tools = emit_tools(request.tools, losses)
    if tools:
        payload["tools"] = tools
    if request.choice is not None:
        payload["tool_choice"] = emit_choice(request.choice)
    if request.parallel_tools is not None:
        payload["parallel_tool_calls"] = request.parallel_tools
    own = request.extras.dialect == NAME
    _emit_sampling(request.sampling, payload, own, losses)
    if request.reasoning is not None:
        payload.update(emit_reasoning(request.reasoning, request.extras, losses))
    if request.format is not None:
        payload["response_format"] = emit_format(request.format)
    if request.user is not None:
        payload["user"] = request.user
    if request.stream:
        # Always with usage: whether the caller asked or not, tokens are counted.
        payload["stream"] = True
        payload["stream_options"] = {"include_usage": True}
    if extras:
        _merge(payload, extras)
    return Emitted(payload, tuple(losses))


def _emit_sampling(
    sampling: Sampling, payload: JsonObject, own: bool, losses: Losses
) -> None:
    newer = sampling.max_output_counts_reasoning is True
    told: tuple[tuple[str, Json], ...] = (
        ("max_completion_tokens" if newer else "max_tokens", sampling.max_output),
        ("temperature", sampling.temperature),
        ("top_p", sampling.top_p),
        ("stop", list(sampling.stop) if sampling.stop else None),
        ("seed", sampling.seed),
        ("presence_penalty", sampling.presence_penalty),
        ("frequency_penalty", sampling.frequency_penalty),
        ("n", sampling.count),
        ("top_k", sampling.top_k if own else None),
    )
    for key, value in told:
        if value is not None:
            payload[key] = value
    if sampling.top_k is not None and not own:
        losses.append(Dropped(".top_k", "this API has no top_k"))


def _merge(payload: JsonObject, extras: Mapping[str, Json]) -> None:
    """Put back what only this dialect knows, inside an object where it was."""
    for key, value in extras.items():
        present = payload.get(key)
        if isinstance(present, dict) and isinstance(value, dict):
            payload[key] = {**value, **present}
        else:
            payload.setdefault(key, value)
