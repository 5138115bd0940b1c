"""Secrets out of text that people will read.

Upstreams quote what they were sent: a wrong key comes back inside the error message.
Two nets: the very secrets that an attempt used are taken out by value, and whatever
looks like a credential is taken out by shape.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

from cliproxy_core.base.jsonval import Json, JsonObject

__all__ = ["MASK", "redact", "redact_json"]

MASK: Final = "[REDACTED]"

# Shorter "secrets" (an empty or test key) would take ordinary words apart.
MIN_SECRET: Final = 6

_SHAPES: Final = (
    re.compile(r"(?i)\b(bearer\s+)[^\s\"',;]{6,}"),
    re.compile(
        r"(?i)((?:api[_-]?key|access[_-]?token|refresh[_-]?token|auth[_-]?token"
        r"|authorization|client[_-]?secret|secret|password)\"?\s*[:=]\s*\"?)"
        r"(?!bearer\b)[^\s\"',;&}]{6,}"
    ),
    re.compile(r"([?&]key=)[^\s\"'&]{6,}"),  # in a URL, as Google's APIs take it
    re.compile(r"()\b(?:sk|pk|rk|xai|gsk)-[A-Za-z0-9_\-*.]{6,}"),
    re.compile(r"()\bAIza[A-Za-z0-9_\-]{20,}"),
    re.compile(r"()\bey[A-Za-z0-9_\-]{8,}\.[A-Za-z0-9_\-]{8,}\.[A-Za-z0-9_\-]{4,}"),
)


def redact(text: str, secrets: Iterable[str] = ()) -> str:
    """`text` without the given secrets and without what looks like one."""
    for secret in secrets:
        if len(secret) >= MIN_SECRET:
            text = text.replace(secret, MASK)
    for shape in _SHAPES:
        text = shape.sub(rf"\1{MASK}", text)
    return text


def redact_json(document: JsonObject, secrets: Iterable[str] = ()) -> JsonObject:
    """The same for every string of a document."""
    known = tuple(secrets)
    return {key: _walk(value, known) for key, value in document.items()}


def _walk(value: Json, secrets: tuple[str, ...]) -> Json:
    if isinstance(value, str):
        return redact(value, secrets)
    if isinstance(value, Mapping):
        return {key: _walk(item, secrets) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_walk(item, secrets) for item in value]
    return value
