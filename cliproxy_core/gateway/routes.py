"""What is served where: a table."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import Final

import attrs

from cliproxy_core.dialects import DIALECTS
from cliproxy_core.ir.dialect import Dialect

__all__ = ["ROUTES", "Endpoint", "Found", "Miss", "dialect_at", "find"]


class Endpoint(enum.Enum):
    """What a path does."""

    CHAT = "openai_chat"
    CLAUDE = "claude_messages"
    MODELS = "models"
    HEALTH = "health"
    HOME = "home"


# fmt: off
ROUTES: Final[Mapping[tuple[bytes, bytes], Endpoint]] = {
    (b"POST", b"/v1/chat/completions"): Endpoint.CHAT,
    (b"POST", b"/v1/messages"):         Endpoint.CLAUDE,
    (b"GET",  b"/v1/models"):           Endpoint.MODELS,
    (b"GET",  b"/healthz"):             Endpoint.HEALTH,
    (b"HEAD", b"/healthz"):             Endpoint.HEALTH,
    (b"GET",  b"/"):                    Endpoint.HOME,
}
# fmt: on

# Whose error shape a path answers in when there is nothing else to go by.
_CLAUDE_PATHS: Final = b"/v1/messages"


@attrs.frozen
class Found:
    """The path is served."""

    endpoint: Endpoint


@attrs.frozen
class Miss:
    """The path is not served, or not with this method."""

    allowed: tuple[bytes, ...]
    """Methods that the path knows; none: there is no such path."""


def find(method: bytes, target: bytes) -> Found | Miss:
    """Look up a request line; the query does not matter."""
    path = target.partition(b"?")[0]
    endpoint = ROUTES.get((method, path))
    if endpoint is not None:
        return Found(endpoint)
    return Miss(tuple(sorted(m for m, p in ROUTES if p == path)))


def dialect_at(target: bytes) -> Dialect:
    """The dialect that a path's callers speak."""
    claude = target.startswith(_CLAUDE_PATHS)
    return DIALECTS["claude_messages" if claude else "openai_chat"]
