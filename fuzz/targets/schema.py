"""Any JSON object is cleaned for every upstream, once and for all."""

from __future__ import annotations

from cliproxy_core.base.errors import DecodeError
from cliproxy_core.base.jsonval import Json, JsonObject, loads_exact, write
from cliproxy_core.ir.schema import MAX_COPIED, Variant, claude_input_schema, clean
from cliproxy_core.ir.schema_rules import RULES

__all__ = ["run"]


def run(data: bytes) -> None:
    """Clean a document for all; what went in stays as it was."""
    try:
        document = loads_exact(data)
        before = write(document)
    except DecodeError:
        return
    if not isinstance(document, dict):
        return
    for variant in Variant:
        _cleaned(document, variant, len(before))
    claude = claude_input_schema(document)
    assert claude["type"] == "object"
    assert isinstance(claude["properties"], dict)
    assert claude_input_schema(claude) is claude
    assert write(document) == before


def _cleaned(document: JsonObject, variant: Variant, size: int) -> None:
    once = clean(document, variant)
    if [note.reason for note in once.dropped] == [_REQUEST]:
        assert once.schema is document
        return
    assert (once.schema is document) == (not once.dropped)
    twice = clean(once.schema, variant)
    assert twice.schema is once.schema
    assert twice.dropped == ()
    inner = once.schema.get("schema") if len(once.schema) == 1 else None
    _walk(inner if isinstance(inner, dict) else once.schema, RULES[variant].keeps)
    # Hints and placeholders add some words to each node, copies to the whole.
    assert len(write(once.schema)) < 100 * size + 10 * MAX_COPIED


_REQUEST = "a request and not a schema: left as it is"


def _walk(node: Json, keeps: frozenset[str]) -> None:
    assert isinstance(node, dict)
    assert node.keys() <= keeps
    properties = node.get("properties", {})
    assert isinstance(properties, dict)
    required = node.get("required", [])
    assert isinstance(required, list)
    assert all(name in properties for name in required)
    for child in properties.values():
        _walk(child, keeps)
    if "items" in node:
        _walk(node["items"], keeps)
