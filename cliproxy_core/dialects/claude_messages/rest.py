"""What the neutral form has no word for, and travels along to its own dialect.

Fields that nobody else knows are told apart from those that say nothing (null where
absent means the same, an empty list, a default): only the first are a loss elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import attrs

from cliproxy_core.base.jsonval import Json, JsonObject
from cliproxy_core.ir.request import Extras

from .grammar import NAME

__all__ = ["NO_REST", "Rest", "extras_of", "rest_of", "restored"]

NO_REST: Final = Extras(NAME, {})
"""Nothing unknown, in a document of this dialect."""


@attrs.define
class Rest:
    """The rest of one object, while it is read."""

    fields: JsonObject = attrs.field(factory=dict, repr=False)
    silent: JsonObject = attrs.field(factory=dict, repr=False)
    """What says nothing."""

    def keep(self, key: str, holder: JsonObject, known: frozenset[str]) -> None:
        """The rest of an object inside, which is known in part."""
        more = {k: v for k, v in holder.items() if k not in known and v is not None}
        nulls: JsonObject = {k: None for k, v in holder.items() if v is None}
        if more:
            self.fields[key] = more
        if nulls or not holder:
            self.silent[key] = nulls

    def hush(self, key: str, value: Json) -> None:
        """A member that says as much as its absence."""
        self.silent[key] = value

    @property
    def extras(self) -> Extras:
        if not (self.fields or self.silent):
            return NO_REST
        return Extras(NAME, self.fields, self.silent or None)


def extras_of(holder: JsonObject, known: frozenset[str]) -> Extras:
    """The rest of an object whose known members are read elsewhere."""
    if holder.keys() <= known and None not in holder.values():
        return NO_REST
    return rest_of(holder, known).extras


def rest_of(holder: JsonObject, known: frozenset[str]) -> Rest:
    return Rest(
        {k: v for k, v in holder.items() if k not in known and v is not None},
        {k: None for k, v in holder.items() if v is None},
    )


def restored(known: JsonObject, extras: Extras) -> JsonObject:
    """What was written, with the rest; part of a member joins the rest of it."""
    out = dict(known)
    for rest in (extras.fields, extras.raw or {}):
        for key, value in rest.items():
            out[key] = _joined(out[key], value) if key in out else value
    return out


def _joined(known: Json, rest: Json) -> Json:
    """What was written goes before what was kept."""
    if not isinstance(known, dict) or not isinstance(rest, Mapping):
        return known
    both = {key: _joined(known[key], rest[key]) for key in known if key in rest}
    return {**known, **rest, **both}
