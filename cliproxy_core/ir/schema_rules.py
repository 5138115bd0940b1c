"""Which keywords of JSON Schema each kind of upstream takes, as tables.

What is not in a table of kept keywords does not go out: upstreams answer an unknown
keyword with status 400, and new ones appear every year.

Google takes a tool's parameters in two ways (google-genai 3.4.0, `types.Schema` and
`types.FunctionDeclaration`, read on 2026-11-22):

* `parameters` is a `Schema` message: type, format, title, description, nullable, enum
  (strings), items, min/maxItems, properties, propertyOrdering, required,
  min/maxProperties, minimum, maximum, min/maxLength, pattern, example, anyOf, default,
  additionalProperties, defs, ref. No const, oneOf, allOf, not, if, prefixItems,
  exclusiveMinimum, multipleOf.
* `parametersJsonSchema` is any value. For its sibling `responseJsonSchema` the
  reference of Vertex's GenerationConfig (v1, same day) names what is honoured: $id,
  $defs, $ref, $anchor, type, format, title, description, enum (strings and numbers),
  items, prefixItems, min/maxItems, minimum, maximum, anyOf, oneOf (as anyOf),
  properties, additionalProperties, required, propertyOrdering.

`GEMINI` keeps no more than both take, and of that what facts/02, section 4.1, keeps;
the rest is told in the description.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import Final

import attrs

__all__ = ["CONSTRAINTS", "NOT_PROPERTIES", "RULES", "Rules", "Variant"]


class Variant(enum.Enum):
    """Whom a schema is for (facts/02, section 4.1)."""

    GEMINI = "G"
    """Tools of Gemini and Vertex."""
    ANTIGRAVITY = "AT"
    """Tools behind Antigravity whose calls are validated."""
    ANTIGRAVITY_PLAIN = "AT0"
    """Tools behind Antigravity, other models."""
    ANTIGRAVITY_RESPONSE = "AR"
    """The shape of an answer, behind Antigravity."""


@attrs.frozen(kw_only=True)
class Rules:
    """What is done to a schema for one kind of upstream."""

    keeps: frozenset[str]
    inlines: bool = True
    """Whether a local reference becomes a copy, or only a name."""
    enum_of_strings: bool = False
    """Whether whatever has an `enum` is a string."""
    keeps_closed: bool = False
    """Whether `additionalProperties: false` may be said."""
    fills: bool = False
    """Whether every object must demand a property: placeholders are added."""
    unfills: bool = False
    """Whether placeholders that somebody else added are taken out."""


_EVERYWHERE: Final = frozenset(
    {"type", "description", "properties", "required", "items", "propertyOrdering"}
)

# fmt: off
RULES: Final[Mapping[Variant, Rules]] = {
    Variant.GEMINI: Rules(
        keeps=_EVERYWHERE | {"enum", "minimum", "maximum"},
        inlines=False, enum_of_strings=True, unfills=True,
    ),
    Variant.ANTIGRAVITY: Rules(
        keeps=_EVERYWHERE | {"nullable", "title"}, fills=True,
    ),
    Variant.ANTIGRAVITY_PLAIN: Rules(
        keeps=_EVERYWHERE | {"nullable"},
    ),
    Variant.ANTIGRAVITY_RESPONSE: Rules(
        keeps=_EVERYWHERE | {"nullable", "title", "enum", "additionalProperties"},
        keeps_closed=True,
    ),
}
# fmt: on

CONSTRAINTS: Final = (
    "minLength",
    "maxLength",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "pattern",
    "minItems",
    "maxItems",
    "uniqueItems",
    "minProperties",
    "maxProperties",
    "format",
    "default",
    "examples",
    "minimum",
    "maximum",
    "multipleOf",
)
"""Told in the description where they may not be said, in this order."""

NOT_PROPERTIES: Final = frozenset(
    {
        "properties",
        "patternProperties",
        "additionalProperties",
        "items",
        "prefixItems",
        "$defs",
        "definitions",
        "dependentSchemas",
        "dependentRequired",
        "dependencies",
        "if",
        "then",
        "else",
        "not",
        "contains",
        "propertyNames",
        "unevaluatedProperties",
        "unevaluatedItems",
        "contentSchema",
        "additionalItems",
        "default",
        "const",
        "example",
        "examples",
        "discriminator",
        "xml",
        "externalDocs",
        "enumDescriptions",
        "enumTitles",
    }
)
"""Keywords whose value may be an object; any other key with one names a property."""
