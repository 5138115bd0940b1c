"""Documents of a stream that differ from one another in one string only.

Nearly every token comes in a document whose other 95 % of bytes came before, and were
read and checked then. Where the bytes before and after the string are the very same,
reading the string is enough to know the whole document.

Why that is safe: a JSON reader's state after some bytes depends on those alone. A probe
shows that in this state a string is a value, and whose; so will every other string be.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from cliproxy_core.base.errors import DecodeError
from cliproxy_core.base.jsonval import JsonObject, dumps, loads

__all__ = ["MAX_PATTERNS", "pattern"]

# How often a stream may find a new pattern. It costs as much as reading a document in
# full three times, and upstreams that pad every frame differently never repeat one.
MAX_PATTERNS: Final = 32

# Not JSON outside of a string, so it shows that the bytes before it end outside of one.
_PROBE: Final = "probe \N{REPLACEMENT CHARACTER}"


def pattern(
    data: bytes, text: str, twin: Callable[[str], JsonObject]
) -> tuple[bytes, bytes] | None:
    """The bytes before and after a text, if no other text changes anything else.

    `twin` gives the document with another text in its place.
    """
    before, found, after = data.partition(dumps(text))
    if not found or text == _PROBE:
        return None  # written with escapes of another kind
    try:
        probed = loads(before + dumps(_PROBE) + after)
    except DecodeError:
        return None
    return (before, after) if probed == twin(_PROBE) else None
