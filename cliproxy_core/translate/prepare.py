"""A request for an upstream: on the native lane its own bytes with named edits,
otherwise parsed, emitted, and finished by the provider.

Whatever could not cross is part of the result.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

import attrs

from cliproxy_core.base.jsonval import Json, JsonObject, write
from cliproxy_core.base.value import value
from cliproxy_core.ir.dialect import Dialect
from cliproxy_core.ir.request import Dropped, Request

from .lane import Lane, lane_of
from .native import splice

__all__ = ["Finish", "Prepared", "prepare"]

Finish: TypeAlias = Callable[[JsonObject, Lane], Mapping[str, Json]]
"""A provider's last word: top-level members of the payload to be set."""


@value
class Prepared:
    """What goes upstream."""

    body: bytes = attrs.field(repr=False)
    lane: Lane
    dropped: tuple[Dropped, ...] = ()


def prepare(
    body: bytes,
    document: JsonObject,
    *,
    source: Dialect,
    target: Dialect,
    model: str,
    finish: Finish,
) -> Prepared:
    """Make the upstream's request of the caller's. Raises `DecodeError`.

    `document` is `body` parsed. `model` is the upstream's name of the model.
    """
    lane = lane_of(source.name, target.name)
    if lane is Lane.NATIVE:
        edits = {"model": model, **finish(document, lane)}
        return Prepared(splice(body, document, edits), lane)
    parsed: Request = source.parse_request(document)
    emitted = target.emit_request(parsed)
    payload = emitted.payload
    payload["model"] = model
    payload.update(finish(payload, lane))
    return Prepared(write(payload), lane, emitted.dropped)
