"""Schemas that tool servers get wrong, put right before anything else looks at them.

Two mistakes are common: the map of properties stands where the schema should be
(`{"path": {"type": "string"}}`), and a property says of itself that it is required.
"""

from __future__ import annotations

from cliproxy_core.base.jsonval import Json, JsonObject

from .schema_merge import names_in
from .schema_rules import NOT_PROPERTIES

__all__ = ["asks_for_a_request", "promoted", "repaired"]

_REQUEST_LISTS = ("tools", "contents", "messages", "functionDeclarations")


def asks_for_a_request(document: JsonObject) -> bool:
    """Whether this is a whole request: cleaning one would eat its data."""
    inner = document.get("request")
    places = [document, inner] if isinstance(inner, dict) else [document]
    return any(isinstance(p.get(key), list) for p in places for key in _REQUEST_LISTS)


def repaired(node: JsonObject) -> JsonObject:
    """The node with stray properties moved to where they belong; itself without any."""
    stray = {key: value for key, value in node.items() if _is_property(key, value)}
    if not stray or not _may_be_an_object(node.get("type")):
        return node
    known = node.get("properties")
    out = {key: value for key, value in node.items() if key not in stray}
    if out.get("type") is None:
        out["type"] = "object"
    properties = known if isinstance(known, dict) else {}
    out["properties"] = {**properties, **stray, **properties}
    return out


def promoted(properties: JsonObject, required: Json) -> Json:
    """What is required, with the properties that say so of themselves."""
    names = [name for name, child in properties.items() if _demands_itself(child)]
    if not names:
        return required
    known = required if isinstance(required, list) else []
    return list(names_in([*known, *sorted(names)]))


def _demands_itself(child: Json) -> bool:
    return isinstance(child, dict) and child.get("required") is True


def _is_property(key: str, value: Json) -> bool:
    return (
        isinstance(value, dict)
        and key not in NOT_PROPERTIES
        and not key.startswith("x-")
    )


def _may_be_an_object(kind: Json) -> bool:
    """An object for a type is a property called `type`."""
    if kind is None or isinstance(kind, dict):
        return True
    return kind == "object" or (isinstance(kind, list) and "object" in kind)
