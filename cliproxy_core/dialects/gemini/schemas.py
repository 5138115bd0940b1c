"""Schemas in this API's own way (OpenAPI 3.0, types in capitals), as JSON Schema."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from cliproxy_core.base.errors import DecodeError
from cliproxy_core.base.jsonval import Json, JsonObject, as_object

from .parts import plain

__all__ = ["json_schema"]

# Schemas in use have fewer than 20 levels; a level takes four frames of the
# interpreter's 1,000.
MAX_DEPTH: Final = 100

# google-genai 3.4, `types.Schema`: 64-bit counts, which JSON of protocol buffers spells
# as strings.
_COUNTS: Final = frozenset(
    {
        "minItems",
        "maxItems",
        "minLength",
        "maxLength",
        "minProperties",
        "maxProperties",
    }
)
_NAMES: Final[Mapping[str, str]] = {"ref": "$ref", "defs": "$defs"}
_UNSPECIFIED: Final = "type_unspecified"

# Counts beyond this are no counts; it bounds the conversion from text.
MAX_DIGITS: Final = 18


def json_schema(schema: JsonObject, depth: int = 0) -> JsonObject:
    """The same in JSON Schema. Raises `DecodeError` with the path inside it."""
    if depth > MAX_DEPTH:
        raise DecodeError("", "nested too deeply")
    words = plain(schema)
    out: JsonObject = {}
    key = ""
    try:
        for key, value in words.items():
            out[_NAMES.get(key, key)] = _value(key, value, depth)
    except DecodeError as error:
        raise error.under(f".{key}") from None
    return _with_null(out)


def _value(key: str, value: Json, depth: int) -> Json:
    """What a keyword says."""
    match key:
        case "type" if isinstance(value, str):
            return value.lower()
        case "properties" | "defs":
            children = as_object(value, "")
            return {name: _inner(child, depth) for name, child in children.items()}
        case "anyOf" if isinstance(value, list):
            return [_inner(child, depth) for child in value]
        case "items" | "additionalProperties":
            return _inner(value, depth)
        case "ref" if isinstance(value, str):
            return value.replace("#/defs/", "#/$defs/", 1)
        case _:
            return _count(value) if key in _COUNTS else value


def _inner(value: Json, depth: int) -> Json:
    return json_schema(value, depth + 1) if isinstance(value, dict) else value


def _with_null(out: JsonObject) -> JsonObject:
    """A type that may be null is a list of two."""
    nullable, kind = out.pop("nullable", None), out.get("type")
    if kind == _UNSPECIFIED:
        del out["type"]
    elif nullable is True and isinstance(kind, str) and kind != "null":
        out["type"] = [kind, "null"]
    return out


def _count(value: Json) -> Json:
    if isinstance(value, str) and value.isascii() and value.isdigit():
        return int(value) if len(value) <= MAX_DIGITS else value
    return value
