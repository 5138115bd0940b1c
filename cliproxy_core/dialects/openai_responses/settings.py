"""Reasoning, answer formats and sampling of a request, both ways.

What the neutral form does not say of an object that it knows in part stays in the
request's extras under the object's name, and joins it again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from cliproxy_core.base.errors import DecodeError
from cliproxy_core.base.jsonval import (
    Json,
    JsonObject,
    as_str,
    each,
    need_str,
    opt_array,
    opt_bool,
    opt_int,
    opt_number,
    opt_object,
    opt_str,
)
from cliproxy_core.ir.reasoning import Effort, ReasoningWish, effort_of
from cliproxy_core.ir.request import (
    Request,
    ResponseFormat,
    Sampling,
)

from .grammar import NAME
from .parts import rest_of
from .parts_emit import Writer

__all__ = [
    "emit_include",
    "emit_reasoning",
    "emit_sampling",
    "emit_text",
    "is_usual",
    "parse_include",
    "parse_reasoning",
    "parse_sampling",
    "parse_text",
]

# The vendor refuses less: "Expected a value >= 16" (earendil-works/pi, issue 6265).
MIN_OUTPUT: Final = 16

LOGPROBS: Final = "message.output_text.logprobs"
SEALED: Final = "reasoning.encrypted_content"
"""Words of `include`."""

_FORMAT: Final = frozenset({"type", "name", "description", "schema", "strict"})
_SUMMARIES: Final = ("summary", "generate_summary")
"""Where the wish to read along is said, and where it was said before."""


# Reasoning.


def parse_reasoning(payload: JsonObject, fields: JsonObject) -> ReasoningWish | None:
    wish = opt_object(payload, "reasoning", "")
    if wish is None:
        return None
    word = opt_str(wish, "effort", ".reasoning")
    rest = rest_of(wish, frozenset({"effort"}))
    if rest.get("summary") == "auto" and "generate_summary" not in rest:
        del rest["summary"]
    if rest or not wish:
        fields["reasoning"] = rest
    found = ReasoningWish(effort=_effort(word), visible=_visible(wish))
    return None if found == ReasoningWish() else found


def _effort(word: str | None) -> Effort | None:
    try:
        return None if word is None else Effort(word)
    except ValueError:
        raise DecodeError(".reasoning.effort", "not a level of this API") from None


def _visible(wish: Mapping[str, Json]) -> bool | None:
    """Null and `none` say that nobody wants to read along."""
    for key in _SUMMARIES:
        if key in wish:
            word = wish[key]
            return word is not None and as_str(word, f".reasoning.{key}") != "none"
    return None


def emit_reasoning(
    wish: ReasoningWish | None, rest: Json, writer: Writer
) -> JsonObject | None:
    """The object, with what else the caller said in it where it was this dialect's."""
    out: JsonObject = dict(rest) if isinstance(rest, dict) else {}
    if wish is None:
        return out if isinstance(rest, dict) else None
    if wish.effort is not None:
        out["effort"] = wish.effort.value
    elif wish.budget is not None:
        out["effort"] = effort_of(wish.budget).value
        reason = "a number of tokens became the nearest level"
        writer.drop(".reasoning.budget", reason)
    elif wish.adaptive:
        out["effort"] = Effort.HIGH.value
        reason = "this API has no level that adapts: high"
        writer.drop(".reasoning.adaptive", reason)
    if _visible(out) is not wish.visible:
        for key in _SUMMARIES:
            out.pop(key, None)
        if wish.visible:
            out["summary"] = "auto"  # unsaid means that there is none
    return out or ({} if isinstance(rest, dict) else None)


# The answer's form.


def parse_text(
    payload: JsonObject, fields: JsonObject
) -> tuple[ResponseFormat | None, str | None]:
    """The format of `text`, and how wordy the answer shall be."""
    text = opt_object(payload, "text", "")
    if text is None:
        return None, None
    rest = rest_of(text, frozenset({"format", "verbosity"}))
    form = _parse_format(text, rest)
    if rest or not text:
        fields["text"] = rest
    return form, opt_str(text, "verbosity", ".text")


def _parse_format(text: JsonObject, rest: JsonObject) -> ResponseFormat | None:
    path = ".text.format"
    form = opt_object(text, "format", ".text")
    if form is None:
        return None
    kind = need_str(form, "type", path)
    if kind not in ("text", "json_object", "json_schema"):
        rest["format"] = form
        return None
    known = _FORMAT if kind == "json_schema" else frozenset({"type"})
    more = rest_of(form, known)
    if more:
        rest["format"] = more
    if kind != "json_schema":
        return ResponseFormat(type=kind)
    return ResponseFormat(
        type=kind,
        name=opt_str(form, "name", path),
        description=opt_str(form, "description", path),
        schema=opt_object(form, "schema", path),
        strict=opt_bool(form, "strict", path),
    )


def emit_text(
    form: ResponseFormat | None, verbosity: str | None, writer: Writer
) -> JsonObject:
    out: JsonObject = {}
    if form is not None:
        out["format"] = _emit_format(form, writer)
    if verbosity is not None:
        out["verbosity"] = verbosity
    return out


def _emit_format(form: ResponseFormat, writer: Writer) -> JsonObject:
    if form.type != "json_schema":
        return {"type": form.type}
    if form.schema is None and not writer.own:
        writer.drop(".format", "any JSON object: there is no schema")
        return {"type": "json_object"}
    # A name is required here and optional elsewhere.
    name = form.name if form.name or writer.own else "answer"
    out: JsonObject = {"type": form.type}
    for key, value in (
        ("name", name),
        ("description", form.description),
        ("schema", form.schema),
        ("strict", form.strict),
    ):
        if value is not None:
            out[key] = value
    return out


# Sampling.


def parse_sampling(payload: JsonObject) -> Sampling:
    most = opt_int(payload, "max_output_tokens", "")
    return Sampling(
        max_output=most,
        max_output_counts_reasoning=None if most is None else True,
        temperature=opt_number(payload, "temperature", ""),
        top_p=opt_number(payload, "top_p", ""),
        logprobs=LOGPROBS in parse_include(payload) or None,
        top_logprobs=opt_int(payload, "top_logprobs", ""),
    )


def parse_include(payload: JsonObject) -> list[str]:
    wanted = opt_array(payload, "include", "") or []
    return [as_str(word, path) for word, path in each(wanted, ".include")]


def is_usual(wanted: Sequence[str]) -> bool:
    """Whether answers of other dialects have all of it, or say it in their own way."""
    return all(word in (SEALED, LOGPROBS) for word in wanted)


def emit_include(request: Request, own: Json) -> list[Json] | None:
    """What the answer shall have beside the usual; None: nothing was said."""
    if not isinstance(own, list):
        if request.extras.dialect == NAME:
            return [LOGPROBS] if request.sampling.logprobs else None
        return [SEALED, LOGPROBS] if request.sampling.logprobs else [SEALED]
    wanted = [word for word in own if word != LOGPROBS or request.sampling.logprobs]
    if request.sampling.logprobs and LOGPROBS not in wanted:
        wanted.append(LOGPROBS)
    return wanted


def emit_sampling(sampling: Sampling, writer: Writer) -> JsonObject:
    most = sampling.max_output
    if most is not None and most < MIN_OUTPUT and not writer.own:
        writer.drop(".max_output_tokens", f"raised to {MIN_OUTPUT}, the least there is")
        most = MIN_OUTPUT
    told: tuple[tuple[str, Json], ...] = (
        ("max_output_tokens", most),
        ("temperature", sampling.temperature),
        ("top_p", sampling.top_p),
        ("top_logprobs", sampling.top_logprobs),
    )
    for key, value in (
        ("top_k", sampling.top_k),
        ("stop", sampling.stop or None),
        ("seed", sampling.seed),
        ("presence_penalty", sampling.presence_penalty),
        ("frequency_penalty", sampling.frequency_penalty),
        ("n", None if sampling.count == 1 else sampling.count),
    ):
        if value is not None:
            writer.drop(f".{key}", "this API has no such setting")
    return {key: value for key, value in told if value is not None}
