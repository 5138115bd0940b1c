"""A neutral request, written as a request of this API.

A request that came from this dialect goes back as it was; its caller knows the rules.
One that came from another dialect is brought under the vendor's rules (order of blocks,
one turn after the other, what thinking excludes). Whatever does not cross is reported.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from cliproxy_core.base.jsonval import Json, JsonObject
from cliproxy_core.ir.reasoning import Effort, ReasoningWish, budget_of
from cliproxy_core.ir.request import (
    ChoiceMode,
    Dropped,
    Emitted,
    Extras,
    Request,
    ResponseFormat,
    Sampling,
    Tool,
)

from .grammar import NAME
from .request_schema import emit_schema
from .request_turns import emit_messages

__all__ = ["emit_request"]

# The field is required here and optional elsewhere. It is what CLIProxyAPI's users get
# (facts/02, section 3.10), and every current model may answer as much.
DEFAULT_MAX_TOKENS: Final = 32000

# Vendor, "Extended thinking": `budget_tokens` is at least this and below `max_tokens`;
# temperature is 1, `top_p` at least 0.95, `top_k` and a forced tool are refused.
MIN_BUDGET: Final = 1024
MIN_TOP_P_THINKING: Final = 0.95

MAX_TEMPERATURE: Final = 1

_CHOICES: Final[Mapping[ChoiceMode, str]] = {
    ChoiceMode.AUTO: "auto",
    ChoiceMode.REQUIRED: "any",
    ChoiceMode.NAMED: "tool",
    ChoiceMode.NONE: "none",
}

# `output_config.effort` begins at low.
_EFFORTS: Final[Mapping[Effort, str]] = {
    Effort.MINIMAL: "low",
    Effort.LOW: "low",
    Effort.MEDIUM: "medium",
    Effort.HIGH: "high",
    Effort.XHIGH: "xhigh",
    Effort.MAX: "max",
}


def emit_request(request: Request) -> Emitted:
    """Write a request; the second part of the answer is what did not cross."""
    native = request.extras.dialect == NAME
    dropped: list[Dropped] = []
    payload: JsonObject = {
        "model": request.model,
        "max_tokens": request.sampling.max_output or DEFAULT_MAX_TOKENS,
        **emit_messages(request, dropped, native=native),
    }
    if request.stream:
        payload["stream"] = True
    _tools(request, payload, dropped, native=native)
    _choice(request, payload, dropped, native=native)
    _sampling(request.sampling, payload, dropped, native=native)
    _format(request.format, payload, dropped)
    _reasoning(request.reasoning, payload, dropped, native=native)
    if request.user is not None:
        payload["metadata"] = {"user_id": request.user}
    _restore(request.extras, payload, dropped)
    if not native:
        _make_thinking_legal(payload, dropped)
    return Emitted(payload, tuple(dropped))


def _restore(extras: Extras, payload: JsonObject, dropped: list[Dropped]) -> None:
    """Put back what only this dialect knows; part of a setting joins the rest of it."""
    for key, value in extras.fields.items():
        if extras.dialect != NAME:
            dropped.append(Dropped(f".{key}", "unknown to this API"))
            continue
        payload[key] = _joined(payload[key], value) if key in payload else value


def _joined(known: Json, rest: Json) -> Json:
    """What was written, with the unknown part of the same object."""
    if not isinstance(known, dict) or not isinstance(rest, dict):
        return known
    both = {key: _joined(known[key], rest[key]) for key in known if key in rest}
    return {**known, **rest, **both}


# Tools.


def _tools(
    request: Request, payload: JsonObject, dropped: list[Dropped], *, native: bool
) -> None:
    tools: list[Json] = []
    for index, tool in enumerate(request.tools):
        path = f".tools[{index}]"
        if isinstance(tool, Tool):
            tools.append(_tool(tool, path, dropped, native=native))
        elif tool.dialect == NAME:
            tools.append(tool.raw)
        else:
            dropped.append(Dropped(path, "a tool that only its own API can run"))
    if tools:
        payload["tools"] = tools


def _tool(tool: Tool, path: str, dropped: list[Dropped], *, native: bool) -> JsonObject:
    out: JsonObject = {"name": tool.name}
    if tool.description is not None:
        out["description"] = tool.description
    if native and tool.schema is not None:
        out["input_schema"] = tool.schema
    else:
        out["input_schema"] = emit_schema(tool.schema, path, dropped)
    if tool.strict is not None:
        out["strict"] = tool.strict
    if tool.cache is not None:
        out["cache_control"] = tool.cache
    if not tool.extras.fields:
        return out
    if tool.extras.dialect == NAME:
        return {**out, **tool.extras.fields}
    dropped.extend(
        Dropped(f"{path}.{key}", "unknown to this API") for key in tool.extras.fields
    )
    return out


def _choice(
    request: Request, payload: JsonObject, dropped: list[Dropped], *, native: bool
) -> None:
    choice, parallel = request.choice, request.parallel_tools
    if choice is None and parallel is not False:
        return
    mode = ChoiceMode.AUTO if choice is None else choice.mode
    if "tools" not in payload and not native:
        if mode in (ChoiceMode.REQUIRED, ChoiceMode.NAMED):
            dropped.append(Dropped(".tool_choice", "there are no tools to choose from"))
        return
    out: JsonObject = {"type": _CHOICES[mode]}
    if choice is not None and choice.name is not None:
        out["name"] = choice.name
    # Parallel calls are the default; only this dialect's own caller spells that out.
    if mode is not ChoiceMode.NONE and (parallel is False or (native and parallel)):
        out["disable_parallel_tool_use"] = not parallel
    payload["tool_choice"] = out


# Settings.


def _sampling(
    sampling: Sampling, payload: JsonObject, dropped: list[Dropped], *, native: bool
) -> None:
    temperature = sampling.temperature
    if temperature is not None and temperature > MAX_TEMPERATURE and not native:
        dropped.append(Dropped(".temperature", f"lowered to {MAX_TEMPERATURE}"))
        temperature = MAX_TEMPERATURE
    if temperature is not None:
        payload["temperature"] = temperature
    if sampling.top_p is not None:
        payload["top_p"] = sampling.top_p
    if sampling.top_k is not None:
        payload["top_k"] = sampling.top_k
    if sampling.stop:
        stop = [text for text in sampling.stop if native or text.strip()]
        if len(stop) < len(sampling.stop):
            reason = "this API refuses a stop sequence of blanks"
            dropped.append(Dropped(".stop", reason))
        if stop:
            payload["stop_sequences"] = stop
    for key, value in (
        ("seed", sampling.seed),
        ("presence_penalty", sampling.presence_penalty),
        ("frequency_penalty", sampling.frequency_penalty),
        ("n", sampling.count if sampling.count != 1 else None),
    ):
        if value is not None:
            dropped.append(Dropped(f".{key}", "this API has no such setting"))


def _format(
    answer: ResponseFormat | None, payload: JsonObject, dropped: list[Dropped]
) -> None:
    if answer is None or answer.type == "text":
        return
    if answer.type != "json_schema" or answer.schema is None:
        dropped.append(Dropped(".format", "this API takes a JSON Schema or nothing"))
        return
    shape: JsonObject = {"type": "json_schema", "schema": answer.schema}
    payload["output_config"] = {"format": shape}
    for key, value in (("name", answer.name), ("description", answer.description)):
        if value is not None:
            dropped.append(Dropped(f".format.{key}", "this API has no place for it"))
    if answer.strict is False:
        dropped.append(Dropped(".format.strict", "this API is always strict"))


# Thinking.


def _reasoning(
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
        if wish.visible is not None:
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


def _make_thinking_legal(payload: JsonObject, dropped: list[Dropped]) -> None:
    """Remove what the vendor refuses beside thinking, or thinking itself."""
    thinking = payload.get("thinking")
    if not isinstance(thinking, dict) or thinking["type"] == "disabled":
        return
    choice = payload.get("tool_choice")
    if isinstance(choice, dict) and choice["type"] in ("any", "tool"):
        del payload["thinking"]
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
