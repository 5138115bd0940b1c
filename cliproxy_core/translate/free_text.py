"""Free text in the clothes of a function's arguments: `{"input": "..."}`.

What upstreams without free-text tools get in their place (facts/02, section 3.3.7).
"""

from __future__ import annotations

from cliproxy_core.base.errors import DecodeError
from cliproxy_core.base.jsonval import dumps, loads

__all__ = ["unwrap", "wrap"]


def wrap(text: str) -> str:
    """Arguments that hold the text."""
    return dumps({"input": text}).decode()


def unwrap(arguments: str) -> str:
    """The text in arguments; what is not a wrapper is the text itself."""
    try:
        document = loads(arguments)
    except DecodeError:
        return arguments
    if isinstance(document, dict) and len(document) == 1:
        text = document.get("input")
        if isinstance(text, str):
            return text
    return arguments
