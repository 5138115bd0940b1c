"""What holds between a node and its properties: what is demanded must be there.

Upstreams refuse a `required` that names no property, and some demand that every object
requires one: those get placeholders, which other upstreams must not see.
"""

from __future__ import annotations

from typing import Final

from cliproxy_core.base.jsonval import Json, JsonObject

from .request import Dropped
from .schema_finish import same, step
from .schema_merge import names_in
from .schema_rules import Rules

__all__ = ["settled"]

_RELATED: Final = frozenset({"properties", "items", "required", "propertyOrdering"})

_REASON: Final[JsonObject] = {
    "type": "string",
    "description": "Brief explanation of why you are calling this tool",
}
_MARK: Final[JsonObject] = {"type": "boolean"}


def settled(
    node: JsonObject, rules: Rules, path: str, notes: list[Dropped], *, root: bool
) -> JsonObject:
    """The node, and all below it, with what is demanded in order; itself if it was."""
    if node.keys().isdisjoint(_RELATED) and node.get("type") != "object":
        return node
    out = dict(node)
    properties, items = node.get("properties"), node.get("items")
    if isinstance(properties, dict):
        out["properties"] = _children(properties, rules, path, notes)
    if isinstance(items, dict):
        out["items"] = settled(items, rules, f"{path}.items", notes, root=False)
    if rules.unfills:
        _unfill(out, path, notes)
    for key in ("required", "propertyOrdering"):
        _keep_known(out, key, path, notes)
    if rules.fills and out.get("type") == "object":
        _fill(out, path, notes, root=root)
    return node if same(node, out) else out


def _children(
    properties: JsonObject, rules: Rules, path: str, notes: list[Dropped]
) -> JsonObject:
    out: JsonObject = {
        name: settled(child, rules, path + step(name), notes, root=False)
        for name, child in properties.items()
        if isinstance(child, dict)  # they all are by now
    }
    return properties if same(properties, out) else out


def _unfill(node: JsonObject, path: str, notes: list[Dropped]) -> None:
    properties = node.get("properties")
    if not isinstance(properties, dict):
        return
    kept = {
        name: c for name, c in properties.items() if not (name == "_" and c == _MARK)
    }
    if kept == {"reason": _REASON}:
        kept = {}
    for name in properties.keys() - kept.keys():
        notes.append(Dropped(path + step(name), "a placeholder, taken out"))
        node["properties"] = kept


def _keep_known(node: JsonObject, key: str, path: str, notes: list[Dropped]) -> None:
    names, properties = node.get(key), node.get("properties")
    if not isinstance(names, list):
        return
    known = properties if isinstance(properties, dict) else {}
    kept: list[Json] = [name for name in names_in(names) if name in known]
    if kept and len(kept) == len(names):
        return
    notes.append(Dropped(f"{path}.{key}", "names that are not properties, left out"))
    node[key] = kept
    if not kept:
        del node[key]


def _fill(node: JsonObject, path: str, notes: list[Dropped], *, root: bool) -> None:
    properties = node.get("properties")
    if not properties or not isinstance(properties, dict):
        name, node["properties"] = "reason", {"reason": _REASON}
    elif "required" not in node and not root:
        name = "_"
        node["properties"] = {**properties, name: properties.get(name, _MARK)}
    else:
        return
    node["required"] = [name]
    notes.append(Dropped(path + step(name), "a placeholder, put in"))
