"""One node in the words of its upstream; what it has no word for becomes a hint.

A hint is a remark in the description, which is all that the model gets to see of a
keyword that the upstream refuses.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from cliproxy_core.base.errors import DecodeError
from cliproxy_core.base.jsonval import Json, JsonObject, write
from cliproxy_core.base.value import value

from .schema_merge import NULLABLE, Gathered, appended
from .schema_rules import CONSTRAINTS, Rules

__all__ = ["Finished", "finish", "same", "step"]

# Longer lists of values fill the description without helping the model (facts/02, 4.2).
MAX_TOLD_VALUES: Final = 10

# Characters of a property's name in a path. Every path below holds the name again.
MAX_TOLD_NAME: Final = 64


_TYPES: Final[Mapping[str, type | tuple[type, ...]]] = {
    "type": str,
    "description": str,
    "title": str,
    "properties": dict,
    "items": dict,
    "required": list,
    "propertyOrdering": list,
    "enum": list,
    "minimum": (int, float),
    "maximum": (int, float),
}


_TELLING: Final = frozenset({*CONSTRAINTS, "additionalProperties", "not"})


@value
class Finished:
    """A clean node."""

    schema: JsonObject
    nullable: bool
    """Whether null was among its types and cannot be said."""
    told: frozenset[str]
    """Keywords that the description tells of."""


def finish(gathered: Gathered, rules: Rules) -> Finished:
    """The node in the upstream's words."""
    words, hints = dict(gathered.words), list(gathered.sees)
    _settle_properties(words, gathered)
    accepts, nullable = _settle_type(words, rules)
    told = _tell_values(words, hints, rules)
    told |= _tell_constraints(words, hints, rules)
    hints += gathered.accepts + accepts
    description = words.get("description")
    for hint in hints:
        description = appended(description, hint)
    if hints:
        words["description"] = description
    schema = {
        key: said
        for key, said in words.items()
        if key in rules.keeps and _sound(key, said)
    }
    return Finished(schema, nullable and "nullable" not in rules.keeps, told)


def same(one: JsonObject, other: JsonObject) -> bool:
    """Whether two objects hold the very same values in the same order."""
    return list(one) == list(other) and all(one[key] is other[key] for key in one)


def step(name: str) -> str:
    """How a path goes on to a property."""
    return f".properties.{name[:MAX_TOLD_NAME]}"


def _sound(key: str, value: Json) -> bool:
    """Whether a keyword may go out with this value."""
    if isinstance(value, bool):
        return key == "nullable" or (key == "additionalProperties" and not value)
    return isinstance(value, _TYPES.get(key, ())) and value != []


def _settle_properties(words: JsonObject, gathered: Gathered) -> None:
    if gathered.maybe:
        known = words.get("properties")
        properties = known if isinstance(known, dict) else {}
        words["properties"] = {**properties, **gathered.maybe, **properties}
    required = words.get("required")
    if gathered.loose and isinstance(required, list):
        kept = [n for n in required if not (isinstance(n, str) and n in gathered.loose)]
        words["required"] = kept if len(kept) < len(required) else required


def _settle_type(words: JsonObject, rules: Rules) -> tuple[list[str], bool]:
    """One type for a list of them; the hints about the others, and if null was one."""
    kinds = words.get("type")
    if not isinstance(kinds, list):
        return [], False
    named = list(dict.fromkeys(kind for kind in kinds if isinstance(kind, str)))
    if not named:
        return [], False
    solid = [kind for kind in named if kind != "null"]
    words["type"] = solid[0] if solid else "string"
    hints = [f"Accepts: {' | '.join(solid)}"] if len(solid) > 1 else []
    if len(solid) == len(named):
        return hints, False
    if "nullable" in rules.keeps:
        words["nullable"] = True
    return [*hints, NULLABLE], True


def _tell_values(words: JsonObject, hints: list[str], rules: Rules) -> frozenset[str]:
    """The listed values as strings, which is all that is taken, or as a hint."""
    listed = words.get("enum")
    if not isinstance(listed, list) and "const" in words:
        listed = [words["const"]]
    if not isinstance(listed, list) or not listed:
        return frozenset()
    told = (_text(value) for value in listed)
    values: list[Json] = list(dict.fromkeys(text for text in told if text is not None))
    if rules.enum_of_strings:
        words["type"] = "string"
    if "enum" in rules.keeps and words.get("type") != "boolean":
        if values != listed:
            listed = values
        words["enum"] = listed
        least = 2
    else:
        words.pop("enum", None)
        least = 1
    if not least <= len(values) <= MAX_TOLD_VALUES:
        return frozenset()
    hints.append("Allowed: " + ", ".join(str(value) for value in values))
    return frozenset({"enum", "const"})


def _tell_constraints(
    words: JsonObject, hints: list[str], rules: Rules
) -> frozenset[str]:
    if words.keys().isdisjoint(_TELLING):
        return frozenset()
    told: set[str] = set()
    if words.get("additionalProperties") is False and not rules.keeps_closed:
        hints.append("No extra properties allowed")
        told.add("additionalProperties")
    for key in CONSTRAINTS:
        value = words.get(key)
        if value is None or isinstance(value, dict | list) or key in rules.keeps:
            continue  # a null says nothing that a hint could
        hints.append(f"{key}: {_text(value)}")
        told.add(key)
    denied = _raw(words["not"]) if "not" in words else None
    if denied is not None:
        hints.append(f"not: {denied}")
        told.add("not")
    return frozenset(told)


def _text(value: Json) -> str | None:
    return value if isinstance(value, str) else _raw(value)


def _raw(value: Json) -> str | None:
    try:
        return write(value).decode()
    except DecodeError:  # nested deeper than can be written
        return None
