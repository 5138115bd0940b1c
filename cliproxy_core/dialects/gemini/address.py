"""Where this API is asked: the address names the model, and says that a stream is
wanted."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

__all__ = ["address"]

_PREFIX: Final = "models/"


def address(model: str, stream: bool) -> str:
    """Path and query; a name may have slashes, and nothing else that a path reads."""
    name = quote(model.removeprefix(_PREFIX), safe="/@:")
    verb = "streamGenerateContent?alt=sse" if stream else "generateContent"
    return f"/v1beta/{_PREFIX}{name}:{verb}"
