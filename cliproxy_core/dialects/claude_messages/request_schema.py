"""Schemas of tools as this API wants them: an object at the root.

The vendor refuses unions at the root. Their branches become one object whose fields
are all allowed; what is below the root stays as it is (facts/02, section 4.5).
"""

from __future__ import annotations

from typing import Final

from cliproxy_core.base.jsonval import Json, JsonObject
from cliproxy_core.ir.request import Dropped

__all__ = ["emit_schema"]

_UNIONS: Final = ("anyOf", "oneOf", "allOf")


def emit_schema(
    schema: JsonObject | None, path: str, dropped: list[Dropped]
) -> JsonObject:
    """The schema of a tool's input."""
    if schema is None:
        return {"type": "object", "properties": {}}
    properties = schema.get("properties")
    if (
        schema.get("type") == "object"
        and isinstance(properties, dict)
        and schema.keys().isdisjoint(_UNIONS)
    ):
        return schema  # as nearly all are
    out = dict(schema)
    for union in _UNIONS:
        branches = out.pop(union, None)
        if branches is not None:
            _merge(branches, union, out)
            reason = "a union at the root, merged into one object"
            dropped.append(Dropped(f"{path}.input_schema.{union}", reason))
    if out.get("type") != "object":
        if "type" in out:
            reason = "the root is an object here"
            dropped.append(Dropped(f"{path}.input_schema.type", reason))
        out["type"] = "object"
    if not isinstance(out.get("properties"), dict):
        out["properties"] = {}
    return out


def _merge(branches: Json, union: str, out: JsonObject) -> None:
    """Allow what any branch allows; demand only what all of them hold for."""
    known, needed = out.get("properties"), out.get("required")
    properties: JsonObject = dict(known) if isinstance(known, dict) else {}
    required: list[Json] = list(needed) if isinstance(needed, list) else []
    for branch in branches if isinstance(branches, list) else ():
        if not isinstance(branch, dict):
            continue
        more, must = branch.get("properties"), branch.get("required")
        if isinstance(more, dict):
            properties = {**more, **properties}
        if union == "allOf" and isinstance(must, list):
            required += [name for name in must if name not in required]
    out["properties"] = properties
    if required:
        out["required"] = required
