"""What a request says about thinking, and the form of the answer beside it, both ways.

Effort and format share an object (`output_config`). Settings that are known in part
leave the rest of their object to the extras, under the same name.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from cliproxy_core.base.errors import DecodeError
from cliproxy_core.base.jsonval import (
    JsonObject,
    as_object,
    need,
    need_str,
    opt_int,
    opt_object,
    opt_str,
)
from cliproxy_core.ir.reasoning import Effort, ReasoningWish, budget_of
from cliproxy_core.ir.request import Dropped, ResponseFormat

from .answer_schema import closed
from .rest import Rest

__all__ = [
    "OLD_FORMAT",
    "emit_format",
    "emit_thinking",
    "make_legal",
    "parse_thinking",
]

# Vendor, "Extended thinking": `budget_tokens` is at least this and below `max_tokens`;
# temperature is 1, `top_p` at least 0.95, `top_k` and a forced tool are refused.
MIN_BUDGET: Final = 1024
MIN_TOP_P_THINKING: Final = 0.95

# `output_config.effort` begins at low.
_EFFORTS: Final[Mapping[Effort, str]] = {
    Effort.MINIMAL: "low",
    Effort.LOW: "low",
    Effort.MEDIUM: "medium",
    Effort.HIGH: "high",
    Effort.XHIGH: "xhigh",
    Effort.MAX: "max",
}
_LEVELS: Final[Mapping[str, Effort]] = {
    word: effort for effort, word in _EFFORTS.items() if effort is not Effort.MINIMAL
}

_DISPLAYS: Final[Mapping[str, bool]] = {"summarized": True, "omitted": False}

# The fields of each kind of thinking.
_KINDS: Final[Mapping[str, frozenset[str]]] = {
    "disabled": frozenset({"type"}),
    "adaptive": frozenset({"type", "display"}),
    "enabled": frozenset({"type", "display", "budget_tokens"}),
}

# Where a format stood before it had a place beside the effort; still accepted.
OLD_FORMAT: Final = "output_format"


# Parsing.


def parse_thinking(
    payload: JsonObject, rest: Rest
) -> tuple[ReasoningWish | None, ResponseFormat | None]:
    config = opt_object(payload, "output_config", "")
    thinking = opt_object(payload, "thinking", "")
    old = opt_object(payload, OLD_FORMAT, "")
    if config is None and thinking is None and old is None:
        return None, None
    answer = None
    effort = None
    if config is not None:
        rest.keep("output_config", config, frozenset({"effort", "format"}))
        effort = _effort(config)
        answer = _format(config, rest)
    if old is not None:
        answer = _old_format(old, answer, rest)
    if thinking is None:
        return (None if effort is None else ReasoningWish(effort=effort)), answer
    wish = _wish(thinking, effort, rest)
    if effort is not None and (wish is None or wish.effort is not effort):
        # The one word for effort is taken: this one waits for its own dialect.
        _inner(rest, "effort", _EFFORTS[effort])
    return wish, answer


def _wish(
    thinking: JsonObject, effort: Effort | None, rest: Rest
) -> ReasoningWish | None:
    path = ".thinking"
    kind = need_str(thinking, "type", path)
    if kind not in _KINDS:
        rest.fields["thinking"] = thinking  # `between_tools`, and what is yet to come
        return None
    rest.keep("thinking", thinking, _KINDS[kind])
    if kind == "disabled":
        return ReasoningWish(effort=Effort.NONE)
    visible = _visible(thinking)
    if kind == "adaptive":
        return ReasoningWish(effort=effort, adaptive=True, visible=visible)
    budget = opt_int(thinking, "budget_tokens", path)
    if budget is None:
        raise DecodeError(f"{path}.budget_tokens", "required")
    return ReasoningWish(effort=effort, budget=budget, visible=visible)


def _visible(thinking: JsonObject) -> bool | None:
    display = opt_str(thinking, "display", ".thinking")
    if display is not None and display not in _DISPLAYS:
        raise DecodeError(".thinking.display", "expected summarized or omitted")
    return None if display is None else _DISPLAYS[display]


def _effort(config: JsonObject) -> Effort | None:
    word = opt_str(config, "effort", ".output_config")
    if word is None:
        return None
    if word not in _LEVELS:
        levels = ", ".join(_LEVELS)
        raise DecodeError(".output_config.effort", f"expected one of {levels}")
    return _LEVELS[word]


def _format(config: JsonObject, rest: Rest) -> ResponseFormat | None:
    path = ".output_config.format"
    shape = opt_object(config, "format", ".output_config")
    if shape is None:
        return None
    if need_str(shape, "type", path) != "json_schema":
        _inner(rest, "format", shape)
        return None
    more = {k: v for k, v in shape.items() if k not in ("type", "schema")}
    if more:
        _inner(rest, "format", more)
    return _schema(shape, path)


def _old_format(
    shape: JsonObject, answer: ResponseFormat | None, rest: Rest
) -> ResponseFormat | None:
    path = f".{OLD_FORMAT}"
    if answer is not None or need_str(shape, "type", path) != "json_schema":
        rest.fields[OLD_FORMAT] = shape
        return answer
    rest.hush(OLD_FORMAT, shape)
    return _schema(shape, path)


def _schema(shape: JsonObject, path: str) -> ResponseFormat:
    schema = as_object(need(shape, "schema", path), f"{path}.schema")
    return ResponseFormat(type="json_schema", schema=schema)


def _inner(rest: Rest, key: str, value: JsonObject | str) -> None:
    """Leave part of `output_config` to the extras."""
    config = rest.fields.setdefault("output_config", {})
    if isinstance(config, dict):
        config[key] = value


# Emitting.


def emit_format(
    answer: ResponseFormat | None,
    payload: JsonObject,
    dropped: list[Dropped],
    *,
    native: bool,
) -> None:
    if answer is None or answer.type == "text":
        return
    if answer.type != "json_schema" or answer.schema is None:
        dropped.append(Dropped(".format", "this API takes a JSON Schema or nothing"))
        return
    schema = answer.schema if native else closed(answer.schema)
    if schema is not answer.schema:
        reason = "objects are closed: this API wants that said"
        dropped.append(Dropped(".format.schema", reason))
    shape: JsonObject = {"type": "json_schema", "schema": schema}
    payload["output_config"] = {"format": shape}
    for key, value in (("name", answer.name), ("description", answer.description)):
        if value is not None:
            dropped.append(Dropped(f".format.{key}", "this API has no place for it"))
    if answer.strict is False:
        dropped.append(Dropped(".format.strict", "this API is always strict"))


def emit_thinking(
    wish: ReasoningWish | None,
    payload: JsonObject,
    dropped: list[Dropped],
    *,
    native: bool,
) -> None:
    if wish is None:
        return
    if wish.effort is Effort.NONE:
        payload["thinking"] = {"type": "disabled"}
        return
    thinking: JsonObject | None = None
    if wish.adaptive:
        thinking = {"type": "adaptive"}
    elif wish.budget is not None and native:
        thinking = {"type": "enabled", "budget_tokens": wish.budget}
    elif not native:
        thinking = _budgeted(wish, payload, dropped)
    if thinking is not None:
        if wish.visible is not None and thinking["type"] != "disabled":
            thinking["display"] = "summarized" if wish.visible else "omitted"
        payload["thinking"] = thinking
    elif wish.visible is not None:
        dropped.append(Dropped(".reasoning.visible", "there is no thinking to show"))
    if wish.effort is not None and (native or wish.adaptive):
        _set_effort(wish.effort, payload, dropped)


def _budgeted(
    wish: ReasoningWish, payload: JsonObject, dropped: list[Dropped]
) -> JsonObject | None:
    """A budget that the vendor accepts, from a number or a level."""
    if wish.budget is None and wish.effort is None:
        return None
    wanted = wish.budget
    if wanted is None:
        wanted = budget_of(wish.effort or Effort.NONE)
    if wanted <= 0:
        return {"type": "disabled"}
    most = payload["max_tokens"]
    room = most - 1 if isinstance(most, int) else wanted
    budget = min(max(wanted, MIN_BUDGET), room)
    if budget < MIN_BUDGET:
        reason = f"no room for a budget of {MIN_BUDGET} tokens below max_tokens"
        dropped.append(Dropped(".reasoning", reason))
        return None
    if budget != wanted:
        dropped.append(Dropped(".reasoning", f"a budget of {budget} tokens instead"))
    return {"type": "enabled", "budget_tokens": budget}


def _set_effort(effort: Effort, payload: JsonObject, dropped: list[Dropped]) -> None:
    config = payload.get("output_config")
    known = config if isinstance(config, dict) else {}
    payload["output_config"] = {**known, "effort": _EFFORTS[effort]}
    if effort is Effort.MINIMAL:
        dropped.append(Dropped(".reasoning.effort", "low is the least here"))


def make_legal(payload: JsonObject, dropped: list[Dropped]) -> None:
    """Remove what the vendor refuses beside thinking, or thinking itself."""
    thinking = payload.get("thinking")
    if not isinstance(thinking, dict) or thinking["type"] == "disabled":
        return
    choice = payload.get("tool_choice")
    if isinstance(choice, dict) and choice["type"] in ("any", "tool"):
        _without_thinking(payload)
        dropped.append(Dropped(".reasoning", "no thinking with a forced tool call"))
        return
    top_p = payload.get("top_p")
    refused = {
        "temperature": payload.get("temperature") not in (None, 1),
        "top_k": "top_k" in payload,
        "top_p": isinstance(top_p, int | float) and top_p < MIN_TOP_P_THINKING,
    }
    for key, is_refused in refused.items():
        if is_refused:
            del payload[key]
            dropped.append(Dropped(f".{key}", "refused by this API beside thinking"))


def _without_thinking(payload: JsonObject) -> None:
    """Effort goes with it: it is what the caller said about thinking."""
    del payload["thinking"]
    config = payload.pop("output_config", None)
    rest = (
        {k: v for k, v in config.items() if k != "effort"}
        if isinstance(config, dict)
        else {}
    )
    if rest:
        payload["output_config"] = rest
