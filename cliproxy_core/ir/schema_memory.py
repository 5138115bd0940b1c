"""Schemas that were cleaned before.

Agents send the same tools with every request, and cleaning one costs as much as the
rest of a small request. What comes out depends on nothing but what goes in, so it is
remembered, as text: nobody can change what another request gets.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from cliproxy_core.base.errors import DecodeError
from cliproxy_core.base.jsonval import JsonObject, as_object, loads_exact, write

from .request import Dropped
from .schema import Cleaned, Variant, clean

__all__ = ["clean_again"]

# A caller has a dozen to a few hundred tools, of one to four kilobytes each. All that
# is remembered comes to 4 MB at most.
MAX_REMEMBERED: Final = 256
MAX_BYTES: Final = 8 * 1024


def clean_again(schema: JsonObject, variant: Variant) -> Cleaned:
    """What `clean` gives, without doing all of it again."""
    try:
        text = write(schema)
    except DecodeError:  # too deep to be compared with others
        return clean(schema, variant)
    if len(text) > MAX_BYTES:
        return clean(schema, variant)
    out, dropped = _remembered(text, variant)
    if out is None:
        return Cleaned(schema, dropped)
    return Cleaned(as_object(loads_exact(out), ""), dropped)


@lru_cache(MAX_REMEMBERED)
def _remembered(
    text: bytes, variant: Variant
) -> tuple[bytes | None, tuple[Dropped, ...]]:
    """The text of the clean schema, None if it is the same one; and what it lost."""
    schema = as_object(loads_exact(text), "")
    cleaned = clean(schema, variant)
    out = None if cleaned.schema is schema else write(cleaned.schema)
    return out, cleaned.dropped
