"""Several schemas made one: what `allOf`, `if` and unions leave to be put together.

The first to say something is right; the others fill in what it leaves open. Two that
cannot both hold are not mixed.
"""

from __future__ import annotations

from typing import Final

import attrs

from cliproxy_core.base.jsonval import Json, JsonObject

__all__ = [
    "NULLABLE",
    "Gathered",
    "appended",
    "best",
    "constants",
    "fill",
    "filled",
    "kinds_of",
    "names_in",
]

NULLABLE: Final = "(nullable)"


@attrs.define
class Gathered:
    """What a node says when its references and combinations are resolved.

    The schemas of its properties and elements are clean; its own keywords are raw.
    """

    words: JsonObject
    sees: list[str] = attrs.field(factory=list)
    """References that were not followed, as hints."""
    accepts: list[str] = attrs.field(factory=list)
    """Types that a union offers, as hints."""
    maybe: JsonObject = attrs.field(factory=dict)
    """Properties that exist under a condition only."""
    loose: set[str] = attrs.field(factory=set)
    """Properties that may be null where null cannot be said: not to be demanded."""


def fill(into: Gathered, more: Gathered) -> None:
    """Let one complete the other."""
    into.words = filled(into.words, more.words)
    into.sees += more.sees
    into.accepts += more.accepts
    into.maybe = {**into.maybe, **more.maybe, **into.maybe}
    into.loose |= more.loose


def filled(words: JsonObject, more: JsonObject) -> JsonObject:
    """The words, completed by those of another; contradicting ones stay as they are."""
    if _contradict(words.get("type"), more.get("type")):
        return words
    out = dict(words)
    for key, theirs in more.items():
        ours = out.setdefault(key, theirs)
        if ours is theirs:
            continue
        if key == "required" and isinstance(ours, list) and isinstance(theirs, list):
            out[key] = list(names_in([*ours, *theirs]))
        elif key == "properties":
            out[key] = _named(ours, theirs)
        elif key == "items":
            out[key] = _child(ours, theirs)
    return out


def names_in(listed: list[Json]) -> dict[str, None]:
    """The names in a list, once each, in their order; quick to look up."""
    return dict.fromkeys(name for name in listed if isinstance(name, str))


def _named(ours: Json, theirs: Json) -> Json:
    if not isinstance(ours, dict) or not isinstance(theirs, dict):
        return ours
    out = dict(ours)
    for name, child in theirs.items():
        out[name] = _child(ours[name], child) if name in ours else child
    return out


def _child(ours: Json, theirs: Json) -> Json:
    """Of two clean schemas: their listed values are strings."""
    if not isinstance(ours, dict) or not isinstance(theirs, dict):
        return ours
    return ours if _contradict(_kind(ours), _kind(theirs)) else filled(ours, theirs)


def _kind(node: JsonObject) -> Json:
    return node.get("type", "string" if "enum" in node else None)


def _contradict(one: Json, other: Json) -> bool:
    return isinstance(one, str) and isinstance(other, str) and one != other


def appended(description: Json, hint: str) -> str:
    """The description with a hint behind it, unless it is there already."""
    if not isinstance(description, str) or not description:
        return hint
    aside = hint if hint == NULLABLE else f"({hint})"
    if (
        description == hint
        or aside in description
        or description.startswith(f"{hint} (")
    ):
        return description
    return f"{description} {aside}"


# Unions: one branch has to stand for all.


def best(nodes: list[JsonObject]) -> int:
    """Which branch says most: an object before a list before the rest before null."""
    ranks = [_rank(node) for node in nodes]
    return ranks.index(max(ranks))


def _rank(node: JsonObject) -> int:
    kinds = kinds_of(node)
    if "object" in kinds:
        return 4
    if "array" in kinds:
        return 3
    if any(kind != "null" for kind in kinds):
        return 2
    return 0 if kinds else 1


def kinds_of(node: JsonObject) -> list[str]:
    """The types that a node admits, as far as it says."""
    declared = node.get("type")
    if isinstance(declared, str):
        return [declared]
    if isinstance(declared, list):
        return [kind for kind in declared if isinstance(kind, str)]
    if isinstance(node.get("properties"), dict):
        return ["object"]
    if isinstance(node.get("items"), dict):
        return ["array"]
    return ["null"] if "const" in node and node["const"] is None else []


def constants(nodes: list[JsonObject]) -> JsonObject | None:
    """One list of values for a union of nothing else (and null); None if it has more.

    Generators write an enumeration with descriptions as `anyOf` of `const`; one branch
    of it would forbid all values but one.
    """
    solid = [node for node in nodes if kinds_of(node) != ["null"]]
    values: list[Json] = []
    types: dict[str, None] = {}
    for node in solid:
        listed = node.get("enum", [node["const"]] if "const" in node else None)
        if not isinstance(listed, list):
            return None
        values += listed
        types.update(dict.fromkeys(kinds_of(node)))
    if not values or len(types) > 1:
        return None
    if not types and all(isinstance(value, str) for value in values):
        types["string"] = None
    kind: JsonObject = {"type": next(iter(types))} if types else {}
    return {**kind, "enum": values}
