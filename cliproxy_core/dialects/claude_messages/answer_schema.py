"""Schemas of answers as this API takes them: every object says that it is closed."""

from __future__ import annotations

from typing import Final

from cliproxy_core.base.jsonval import Json, JsonObject

__all__ = ["closed"]

# Schemas in use have fewer than 20 levels; what is deeper is left to the vendor.
MAX_DEPTH: Final = 64

# Where schemas are found by name, in a list, and alone.
_NAMED: Final = ("properties", "$defs", "definitions")
_LISTED: Final = ("anyOf", "oneOf", "allOf", "prefixItems")
_SINGLE: Final = ("items",)


def closed(schema: JsonObject, depth: int = 0) -> JsonObject:
    """The schema with `additionalProperties: false` where nothing was said of it.

    The vendor refuses an object that is silent about other properties ("Structured
    outputs", 2026-11). One that allows them says what it means, and stays. What needs
    no change comes back as the same object.
    """
    if depth > MAX_DEPTH:
        return schema
    out = dict(schema)
    for key in _NAMED:
        if isinstance(members := schema.get(key), dict):
            out[key] = {k: _inner(v, depth) for k, v in members.items()}
    for key in _LISTED:
        if isinstance(branches := schema.get(key), list):
            out[key] = [_inner(branch, depth) for branch in branches]
    for key in _SINGLE:
        if key in schema:
            out[key] = _inner(schema[key], depth)
    if schema.get("type") == "object" or "properties" in schema:
        out.setdefault("additionalProperties", False)
    return schema if out == schema else out


def _inner(node: Json, depth: int) -> Json:
    return closed(node, depth + 1) if isinstance(node, dict) else node
