"""`generationConfig`, both ways: sampling, thinking, the shape of the answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import attrs

from cliproxy_core.base.errors import DecodeError
from cliproxy_core.base.jsonval import (
    Json,
    JsonObject,
    as_str,
    each,
    opt_array,
    opt_bool,
    opt_int,
    opt_number,
    opt_object,
    opt_str,
)
from cliproxy_core.ir.reasoning import Effort, ReasoningWish
from cliproxy_core.ir.request import Dropped, Request, ResponseFormat, Sampling

from .parts import plain
from .schemas import json_schema

__all__ = ["Config", "emit_config", "parse_config"]

PLACE: Final = ".generationConfig"

# Gemini API reference, `GenerationConfig.stopSequences` (2026-11): up to five.
MAX_STOPS: Final = 5

DYNAMIC: Final = -1
"""The budget with which the model decides how much it thinks."""

JSON: Final = "application/json"
PLAIN: Final = "text/plain"

_KNOWN: Final = frozenset(
    {
        "temperature",
        "topP",
        "topK",
        "candidateCount",
        "maxOutputTokens",
        "stopSequences",
        "seed",
        "presencePenalty",
        "frequencyPenalty",
        "responseLogprobs",
        "logprobs",
        "responseMimeType",
        "responseSchema",
        "responseJsonSchema",
        "responseModalities",
        "thinkingConfig",
    }
)
_THINKING: Final = frozenset({"includeThoughts", "thinkingBudget", "thinkingLevel"})

_LEVELS: Final[Mapping[str, ReasoningWish]] = {
    **{effort.value: ReasoningWish(effort=effort) for effort in Effort},
    "auto": ReasoningWish(adaptive=True),
    "thinking_level_unspecified": ReasoningWish(),
}

_HIGHEST: Final = Effort.XHIGH
"""google-genai 3.4, `types.ThinkingLevel`: there is nothing above."""


@attrs.frozen(kw_only=True)
class Config:
    """What `generationConfig` says."""

    sampling: Sampling = attrs.field(factory=Sampling)
    reasoning: ReasoningWish | None = None
    format: ResponseFormat | None = None
    modalities: tuple[str, ...] = ()
    rest: JsonObject = attrs.field(factory=dict)
    """What the neutral form has no word for."""


def parse_config(value: JsonObject | None) -> Config:
    """Raises `DecodeError` with the path of the fault."""
    if not value:
        return Config()
    config = plain(value)
    rest = {key: each for key, each in config.items() if key not in _KNOWN}
    thinking = opt_object(config, "thinkingConfig", PLACE)
    wish = None
    if thinking is not None:
        thinking = plain(thinking)
        wish = _parse_thinking(thinking, f"{PLACE}.thinkingConfig")
        more = {k: v for k, v in thinking.items() if k not in _THINKING}
        if more:
            rest["thinkingConfig"] = more
    return Config(
        sampling=_parse_sampling(config),
        reasoning=wish,
        format=_parse_format(config, rest),
        modalities=tuple(w.lower() for w in _words(config, "responseModalities")),
        rest=rest,
    )


def _words(config: JsonObject, key: str) -> tuple[str, ...]:
    values = opt_array(config, key, PLACE)
    if not values:
        return ()
    return tuple(as_str(value, path) for value, path in each(values, f"{PLACE}.{key}"))


def _parse_sampling(config: JsonObject) -> Sampling:
    return Sampling(
        max_output=_whole(config, "maxOutputTokens"),
        temperature=opt_number(config, "temperature", PLACE),
        top_p=opt_number(config, "topP", PLACE),
        top_k=_whole(config, "topK"),
        stop=_words(config, "stopSequences"),
        seed=_whole(config, "seed"),
        presence_penalty=opt_number(config, "presencePenalty", PLACE),
        frequency_penalty=opt_number(config, "frequencyPenalty", PLACE),
        count=_whole(config, "candidateCount"),
        logprobs=opt_bool(config, "responseLogprobs", PLACE),
        top_logprobs=_whole(config, "logprobs"),
    )


def _whole(config: JsonObject, key: str) -> int | None:
    """A whole number; the SDK's types make some of them `40.0`."""
    value = config.get(key)
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return opt_int(config, key, PLACE)


def _parse_thinking(thinking: JsonObject, path: str) -> ReasoningWish | None:
    word = opt_str(thinking, "thinkingLevel", path)
    budget = opt_int(thinking, "thinkingBudget", path)
    wish = ReasoningWish()
    if word is not None:
        if word.lower() not in _LEVELS:
            raise DecodeError(f"{path}.thinkingLevel", "not a level of this API")
        wish = _LEVELS[word.lower()]
    if budget == DYNAMIC:
        wish = attrs.evolve(wish, adaptive=True)
    elif budget == 0:
        wish = attrs.evolve(wish, effort=wish.effort or Effort.NONE)
    elif budget is not None and budget < 0:
        raise DecodeError(f"{path}.thinkingBudget", "neither a budget nor -1")
    else:
        wish = attrs.evolve(wish, budget=budget)
    visible = opt_bool(thinking, "includeThoughts", path)
    wish = attrs.evolve(wish, visible=visible)
    return None if wish == ReasoningWish() else wish


def _parse_format(config: JsonObject, rest: JsonObject) -> ResponseFormat | None:
    mime = opt_str(config, "responseMimeType", PLACE)
    openapi = opt_object(config, "responseSchema", PLACE)
    schema = opt_object(config, "responseJsonSchema", PLACE)
    if mime not in (None, JSON, PLAIN):  # one word of a list, for example
        for key in ("responseMimeType", "responseSchema", "responseJsonSchema"):
            if config.get(key) is not None:
                rest[key] = config[key]
        return None
    if schema is None and openapi is not None:
        try:
            schema = json_schema(openapi)
        except DecodeError as error:
            raise error.under(f"{PLACE}.responseSchema") from None
    if schema is not None:
        return ResponseFormat(type="json_schema", schema=schema)
    if mime is None:
        return None
    return ResponseFormat(type="json_object" if mime == JSON else "text")


# Emitting.


def emit_config(request: Request, dropped: list[Dropped]) -> JsonObject:
    """What of a request stands in `generationConfig`."""
    out = _emit_sampling(request.sampling, dropped)
    if request.format is not None:
        out.update(_emit_format(request.format, dropped))
    if request.modalities:
        out["responseModalities"] = [word.upper() for word in request.modalities]
    if request.reasoning is not None:
        thinking = _emit_thinking(request.reasoning, dropped)
        if thinking:
            out["thinkingConfig"] = thinking
    return out


def _emit_sampling(sampling: Sampling, dropped: list[Dropped]) -> JsonObject:
    stop = sampling.stop[:MAX_STOPS]
    if len(stop) < len(sampling.stop):
        reason = f"this API takes {MAX_STOPS} stop sequences: the first ones"
        dropped.append(Dropped(".stop", reason))
    # The number of alternatives is only heeded beside the switch.
    switch = sampling.logprobs
    if switch is None and sampling.top_logprobs is not None:
        switch = True
    told: tuple[tuple[str, Json], ...] = (
        ("maxOutputTokens", sampling.max_output),
        ("temperature", sampling.temperature),
        ("topP", sampling.top_p),
        ("topK", sampling.top_k),
        ("stopSequences", list(stop) if stop else None),
        ("seed", sampling.seed),
        ("presencePenalty", sampling.presence_penalty),
        ("frequencyPenalty", sampling.frequency_penalty),
        ("candidateCount", sampling.count),
        ("responseLogprobs", switch),
        ("logprobs", sampling.top_logprobs),
    )
    return {key: value for key, value in told if value is not None}


def _emit_format(wanted: ResponseFormat, dropped: list[Dropped]) -> JsonObject:
    for key, value in (("name", wanted.name), ("description", wanted.description)):
        if value is not None:
            dropped.append(Dropped(f".format.{key}", "this API has no place for it"))
    if wanted.type == "text":
        return {"responseMimeType": PLAIN}
    if wanted.strict is False:
        dropped.append(Dropped(".format.strict", "this API is always strict"))
    out: JsonObject = {"responseMimeType": JSON}
    if wanted.schema is not None:
        out["responseJsonSchema"] = wanted.schema
    return out


def _emit_thinking(wish: ReasoningWish, dropped: list[Dropped]) -> JsonObject:
    """A level or a budget, never both: the vendor refuses that."""
    if wish.effort is Effort.NONE:
        if wish.visible:
            reason = "there is no thinking to show"
            dropped.append(Dropped(".reasoning.visible", reason))
        return {"thinkingBudget": 0}
    out: JsonObject = {}
    if wish.effort is not None:
        out["thinkingLevel"] = _level(wish.effort, dropped)
        if wish.budget is not None:
            dropped.append(Dropped(".reasoning.budget", "the level says how much"))
    elif wish.budget is not None:
        out["thinkingBudget"] = wish.budget
    elif wish.adaptive:
        out["thinkingBudget"] = DYNAMIC
    if wish.visible is not None:
        out["includeThoughts"] = wish.visible
    return out


def _level(effort: Effort, dropped: list[Dropped]) -> str:
    if effort is not Effort.MAX:
        return str(effort.value)
    reason = f"{_HIGHEST.value} is the highest here"
    dropped.append(Dropped(".reasoning.effort", reason))
    return str(_HIGHEST.value)
