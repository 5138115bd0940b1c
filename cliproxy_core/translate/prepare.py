"""A request for an upstream: on the native lane its own bytes with named edits,
otherwise parsed, emitted, and finished by the provider.

Whatever could not cross is part of the result.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

import attrs

from cliproxy_core.base.errors import DecodeError
from cliproxy_core.base.jsonval import Json, JsonObject, as_object, exactly, write
from cliproxy_core.base.value import value
from cliproxy_core.ir.dialect import Dialect
from cliproxy_core.ir.reasoning import ThinkingSupport
from cliproxy_core.ir.request import Dropped, Request

from .lane import Lane, lane_of
from .names import NO_NAMES, ToolNames
from .native import splice
from .thinking import fit_thinking
from .tools import fit

__all__ = ["Finish", "Prepared", "prepare"]

Finish: TypeAlias = Callable[[JsonObject, Lane], Mapping[str, Json]]
"""A provider's last word: top-level members of the payload to be set."""

_STORED: Final = (
    "refers to what another kind of upstream keeps, which this model's upstream cannot"
    " see; send the whole conversation instead"
)


@value
class Prepared:
    """What goes upstream."""

    body: bytes = attrs.field(repr=False)
    lane: Lane
    dropped: tuple[Dropped, ...] = ()
    names: ToolNames = attrs.field(default=NO_NAMES, repr=False)
    """What the caller's tools are called there, for the way back."""


def prepare(
    body: bytes,
    document: JsonObject,
    *,
    source: Dialect,
    target: Dialect,
    model: str,
    streams: bool,
    finish: Finish,
    support: ThinkingSupport | None = None,
) -> Prepared:
    """Make the upstream's request of the caller's. Raises `DecodeError`.

    `document` is `body` parsed. `model` is the upstream's name of the model; it and
    `streams` are told apart from the body because some dialects have them elsewhere.
    """
    lane = lane_of(source.name, target.name)
    if lane is Lane.NATIVE:
        own = {"model": model} if target.names_model else {}
        edits = {**own, **_finished(body, document, finish)}
        return Prepared(splice(body, document, edits), lane)
    parsed = source.parse_request(as_object(exactly(document, body), ""))
    for path in parsed.stored:
        raise DecodeError(path, _STORED)
    thought = fit_thinking(
        parsed.reasoning, support, source=source.name, target=target.name
    )
    parsed = attrs.evolve(parsed, model=model, stream=streams, reasoning=thought.wish)
    fitted = fit(parsed, target.limits)
    emitted = target.emit_request(fitted.request)
    payload = emitted.payload
    if target.names_model:
        payload["model"] = model
    payload.update(finish(payload, lane))
    dropped = thought.dropped + fitted.dropped + emitted.dropped
    told = _told(dropped, parsed, document, source) if dropped else ()
    return Prepared(write(payload), lane, told, fitted.names)


def _told(
    dropped: tuple[Dropped, ...], parsed: Request, document: JsonObject, source: Dialect
) -> tuple[Dropped, ...]:
    """The losses at their places in the caller's document."""
    from .places import placed  # which nobody loads who loses nothing

    return placed(dropped, parsed, document, source.name)


def _finished(body: bytes, document: JsonObject, finish: Finish) -> Mapping[str, Json]:
    """The provider's edits. A list is a part of the conversation, made shorter: what
    stays of it keeps the spelling of its numbers."""
    edits = finish(document, Lane.NATIVE)
    if any(isinstance(wanted, list) for wanted in edits.values()):
        return finish(as_object(exactly(document, body), ""), Lane.NATIVE)
    return edits
