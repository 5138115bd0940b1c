"""A vector: what a caller says, and what of it an upstream hears.

Vectors are numbered facts about translation. A test's name or the id of a table's row
begins with the number (`test_v042_...`, `v042`), so that each can be found.
"""

from __future__ import annotations

from collections.abc import Iterable

import attrs

from cliproxy_core.base.jsonval import Json, JsonObject, as_object, loads, write
from cliproxy_core.ir.reasoning import ThinkingSupport
from cliproxy_core.ir.request import Dropped
from cliproxy_core.translate import request

__all__ = ["Sent", "each", "pick", "sent", "told"]


@attrs.frozen
class Sent:
    """A request as the upstream gets it."""

    body: JsonObject
    dropped: tuple[Dropped, ...]

    def __getitem__(self, key: str) -> Json:
        return self.body[key]

    def __contains__(self, key: str) -> bool:
        return key in self.body

    def at(self, *steps: str | int) -> Json:
        """What stands at a place in the body."""
        return pick(self.body, *steps)

    def lost(self, place: str) -> list[str]:
        """Why something at a place of the caller's document, or in it, was lost."""
        return [lost.reason for lost in self.dropped if lost.path.startswith(place)]


def sent(
    source: str,
    target: str,
    body: JsonObject,
    *,
    model: str = "m",
    support: ThinkingSupport | None = None,
) -> Sent:
    """Drive one request through the public interface."""
    plan = request(
        body, source=source, target=target, model=model, stream=False, support=support
    )
    return Sent(as_object(loads(plan.body), ""), plan.dropped)


def told(source: str, target: str, body: JsonObject, answer: JsonObject) -> JsonObject:
    """What the caller of a request hears when the upstream gives a complete answer."""
    plan = request(body, source=source, target=target, model="m", stream=False)
    return as_object(loads(plan.response(write(answer))), "")


def pick(value: Json, *steps: str | int) -> Json:
    """What stands at a place in a document; fails where there is none."""
    for step in steps:
        if isinstance(step, int):
            assert isinstance(value, list), f"no array before {step}"
            value = value[step]
        else:
            assert isinstance(value, dict), f"no object before {step!r}"
            value = value[step]
    return value


def each(values: Json, *steps: str | int) -> list[Json]:
    """The same place in each value of an array."""
    assert isinstance(values, list)
    found: Iterable[Json] = (pick(value, *steps) for value in values)
    return list(found)
