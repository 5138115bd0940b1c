"""Reasoning, answer format and sampling of a request, both ways."""

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
    need,
    need_str,
    opt_bool,
    opt_int,
    opt_number,
    opt_object,
    opt_str,
)
from cliproxy_core.ir.reasoning import Effort, ReasoningWish, effort_of
from cliproxy_core.ir.request import Dropped, Extras, ResponseFormat, Sampling

from .grammar import NAME
from .parts import Losses

__all__ = [
    "REASONING",
    "SAMPLING",
    "THINKING",
    "WISH",
    "emit_format",
    "emit_reasoning",
    "emit_sampling",
    "parse_format",
    "parse_reasoning",
    "parse_sampling",
]

SAMPLING: Final = frozenset(
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
        "logprobs",
        "top_logprobs",
    }
)
REASONING: Final = frozenset({"reasoning_effort", "reasoning", "include_reasoning"})
WISH: Final = frozenset({"effort", "max_tokens", "enabled", "exclude"})
"""What the neutral form has a place for in OpenRouter's `reasoning`."""
THINKING: Final = frozenset({"type", "budget_tokens", "effort"})
"""The same for `thinking`, as DeepSeek, Kimi and Zhipu have it."""

_ANY: Final = Sampling()
_ANY_REASONING: Final = REASONING | {"thinking"}


def parse_format(value: JsonObject, path: str) -> ResponseFormat | None:
    """None for a kind that only this dialect knows; it is kept as an extra."""
    kind = need_str(value, "type", path)
    if kind in ("text", "json_object"):
        return ResponseFormat(type=kind)
    if kind != "json_schema":
        return None
    where = f"{path}.json_schema"
    schema = as_object(need(value, "json_schema", path), where)
    return ResponseFormat(
        type=kind,
        name=opt_str(schema, "name", where),
        description=opt_str(schema, "description", where),
        schema=opt_object(schema, "schema", where),
        strict=opt_bool(schema, "strict", where),
    )


def emit_format(wanted: ResponseFormat) -> JsonObject:
    if wanted.type != "json_schema":
        return {"type": wanted.type}
    schema: JsonObject = {"name": wanted.name or "answer"}
    for key, value in (
        ("description", wanted.description),
        ("schema", wanted.schema),
        ("strict", wanted.strict),
    ):
        if value is not None:
            schema[key] = value
    return {"type": wanted.type, "json_schema": schema}


def parse_reasoning(payload: JsonObject) -> ReasoningWish | None:
    """`reasoning_effort`, and what vendors have beside it or in its place."""
    if _ANY_REASONING.isdisjoint(payload):
        return None
    wish = opt_object(payload, "reasoning", "") or {}
    thinking = payload.get("thinking")
    thinking = thinking if isinstance(thinking, dict) else {}
    budget = opt_int(wish, "max_tokens", ".reasoning")
    enabled = opt_bool(wish, "enabled", ".reasoning")
    levels = (
        _effort(wish, "effort", ".reasoning"),
        _effort(thinking, "effort", ".thinking"),
        _effort(payload, "reasoning_effort", ""),
    )
    word = next((level for level in levels if level is not None), None)
    effort = word if isinstance(word, Effort) else None
    if budget is None:
        budget = opt_int(thinking, "budget_tokens", ".thinking")
    free = enabled is True or word == _AUTO or thinking.get("type") in _ON
    told = effort is not None or budget is not None
    if enabled is False or thinking.get("type") == "disabled":
        effort, budget, told = Effort.NONE, None, True
    found = ReasoningWish(
        effort=effort,
        budget=budget,
        adaptive=free and not told,
        visible=_visible(payload, wish),
    )
    return None if found == ReasoningWish() else found


_AUTO: Final = "auto"
_ON: Final = ("enabled", "adaptive", "auto")


def _visible(payload: JsonObject, wish: JsonObject) -> bool | None:
    hidden = opt_bool(wish, "exclude", ".reasoning")
    if hidden is not None:
        return not hidden
    summary = wish.get("summary")
    if isinstance(summary, str):
        return summary != "none"
    return opt_bool(payload, "include_reasoning", "")


def _effort(holder: JsonObject, key: str, path: str) -> Effort | str | None:
    word = opt_str(holder, key, path)
    if word is None or word == _AUTO:
        return word
    try:
        return Effort(word)
    except ValueError:
        raise DecodeError(f"{path}.{key}", "not a level of this API") from None


def emit_reasoning(
    wish: ReasoningWish, extras: Extras, losses: Losses
) -> dict[str, Json]:
    """The level; the wider object only for callers who know it themselves."""
    if extras.dialect == NAME:
        return _emit_wish(wish)
    if wish.visible is not None:
        losses.append(Dropped(".reasoning.visible", "this API does not ask for it"))
    if wish.effort is not None:
        return {"reasoning_effort": wish.effort.value}
    if wish.budget is not None:
        reason = "a number of tokens became the nearest level"
        losses.append(Dropped(".reasoning.budget", reason))
        return {"reasoning_effort": effort_of(wish.budget).value}
    if wish.adaptive:
        reason = "this API has no level that adapts: high"
        losses.append(Dropped(".reasoning.adaptive", reason))
        return {"reasoning_effort": Effort.HIGH.value}
    return {}


def _emit_wish(wish: ReasoningWish) -> dict[str, Json]:
    if wish == ReasoningWish(effort=wish.effort):
        return {"reasoning_effort": wish.effort.value} if wish.effort else {}
    fields: JsonObject = {}
    if wish.effort is not None:
        fields["effort"] = wish.effort.value
    if wish.budget is not None:
        fields["max_tokens"] = wish.budget
    if wish.adaptive:
        fields["enabled"] = True
    if wish.visible is not None:
        fields["exclude"] = not wish.visible
    return {"reasoning": fields}


def parse_sampling(payload: JsonObject) -> Sampling:
    if SAMPLING.isdisjoint(payload):
        return _ANY
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
        logprobs=opt_bool(payload, "logprobs", ""),
        top_logprobs=opt_int(payload, "top_logprobs", ""),
    )


def _parse_stop(value: Json) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    return tuple(as_str(v, path) for v, path in each(as_array(value, ".stop"), ".stop"))


def emit_sampling(sampling: Sampling, *, own: bool, losses: Losses) -> JsonObject:
    newer = sampling.max_output_counts_reasoning is True
    told: Mapping[str, Json] = {
        "max_completion_tokens" if newer else "max_tokens": sampling.max_output,
        "temperature": sampling.temperature,
        "top_p": sampling.top_p,
        "stop": list(sampling.stop) if sampling.stop else None,
        "seed": sampling.seed,
        "presence_penalty": sampling.presence_penalty,
        "frequency_penalty": sampling.frequency_penalty,
        "n": sampling.count,
        "top_k": sampling.top_k if own else None,
        "logprobs": sampling.logprobs,
        "top_logprobs": sampling.top_logprobs,
    }
    if sampling.top_k is not None and not own:
        losses.append(Dropped(".top_k", "this API has no top_k"))
    out: JsonObject = {key: value for key, value in told.items() if value is not None}
    if "top_logprobs" in out and sampling.logprobs is None and not own:
        out["logprobs"] = True  # the vendor demands both
    return out
