"""What is served where: a table, and Gemini's paths, which name a model.

    /v1beta/models/MODEL:streamGenerateContent?alt=sse

The version may be `v1` (Google's newer SDKs), `models/` may be missing, the model's
name may have slashes (other vendors' SDKs write `/v1beta/team/MODEL:generateContent`),
and all of it may be percent-encoded.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qs, unquote

import attrs

from cliproxy_core.dialects import DIALECTS
from cliproxy_core.ir.dialect import Dialect
from cliproxy_core.wire.http import Headers

__all__ = ["ROUTES", "VERBS", "Endpoint", "Found", "Miss", "dialect_at", "find"]


class Endpoint(enum.Enum):
    """What a path does."""

    GENERATE = "generate"
    COUNT = "count"
    MODELS = "models"
    MODEL = "model"
    HEALTH = "health"
    HOME = "home"


# fmt: off
ROUTES: Final[Mapping[tuple[bytes, bytes], Endpoint]] = {
    (b"POST", b"/v1/chat/completions"):      Endpoint.GENERATE,
    (b"POST", b"/v1/responses"):             Endpoint.GENERATE,
    (b"POST", b"/v1/messages"):              Endpoint.GENERATE,
    (b"POST", b"/v1/messages/count_tokens"): Endpoint.COUNT,
    (b"GET",  b"/v1/models"):                Endpoint.MODELS,
    (b"GET",  b"/v1beta/models"):            Endpoint.MODELS,
    (b"GET",  b"/healthz"):                  Endpoint.HEALTH,
    (b"HEAD", b"/healthz"):                  Endpoint.HEALTH,
    (b"GET",  b"/"):                         Endpoint.HOME,
}

# What can be asked of a model in its path, and whether a stream is wanted.
VERBS: Final[Mapping[str, tuple[Endpoint, bool]]] = {
    "generateContent":       (Endpoint.GENERATE, False),
    "streamGenerateContent": (Endpoint.GENERATE, True),
    "countTokens":           (Endpoint.COUNT,    False),
}

# Whose words a path speaks, by its beginning. The first that fits.
SPEAKERS: Final = (
    (b"/v1/messages",  "claude_messages"),
    (b"/v1/responses", "openai_responses"),
    (b"/v1beta/",      "gemini"),
)

# Whose words a caller of `/v1/models` speaks, by a header field and its beginning.
CALLERS: Final = (
    (b"anthropic-version", b"",            "claude_messages"),
    (b"user-agent",        b"claude-cli/", "claude_messages"),
    (b"x-goog-api-key",    b"",            "gemini"),
    (b"x-goog-api-client", b"",            "gemini"),
    (b"user-agent",        b"google-",     "gemini"),
)
# fmt: on

_CHAT: Final = "openai_chat"
_GEMINI: Final = "gemini"

_LIST: Final = b"/v1/models"
_CALL: Final = re.compile(r"/(?:v1|v1beta)/(?:models/)?+(.+):([A-Za-z]+)")
_MODEL: Final = re.compile(r"/(?:v1|v1beta)/models/(.+)")


@attrs.frozen(kw_only=True)
class Found:
    """The path is served."""

    endpoint: Endpoint
    model: str = ""
    """The one that the path names."""
    streams: bool = False
    """Whether the path asks for a stream."""
    array: bool = False
    """Whether that is wanted as one JSON array that grows."""


_FOUND: Final = {place: Found(endpoint=endpoint) for place, endpoint in ROUTES.items()}


@attrs.frozen
class Miss:
    """The path is not served, or not with this method."""

    allowed: tuple[bytes, ...]
    """Methods that the path knows; none: there is no such path."""


def find(method: bytes, target: bytes) -> Found | Miss:
    """Look up a request line."""
    path, _, query = target.partition(b"?")
    found = _FOUND.get((method, path))
    if found is not None:
        return found
    allowed = tuple(sorted(m for m, p in ROUTES if p == path))
    return Miss(allowed) if allowed else _find_model(method, _decoded(path), query)


def _find_model(method: bytes, path: str, query: bytes) -> Found | Miss:
    call = _CALL.fullmatch(path)
    if call is not None and call[2] in VERBS:
        if method != b"POST":
            return Miss((b"POST",))
        endpoint, streams = VERBS[call[2]]
        array = streams and not _wants_events(query)
        return Found(endpoint=endpoint, model=call[1], streams=streams, array=array)
    model = _MODEL.fullmatch(path)
    if model is None or (method == b"POST" and ":" in model[1]):
        return Miss(())  # nothing at all, or a verb that is not known
    if method != b"GET":
        return Miss((b"GET",))
    return Found(endpoint=Endpoint.MODEL, model=model[1])


def dialect_at(target: bytes, headers: Headers = ()) -> Dialect:
    """The dialect that a path's callers speak."""
    path = target.partition(b"?")[0]
    if b":" in path or b"%" in path:  # no other path has either
        call = _CALL.fullmatch(_decoded(path))
        if call is not None and call[2] in VERBS:
            return DIALECTS[_GEMINI]
    for beginning, name in SPEAKERS:
        if path.startswith(beginning):
            return DIALECTS[name]
    if path == _LIST or path.startswith(_LIST + b"/"):
        return DIALECTS[_caller(headers)]
    return DIALECTS[_CHAT]


def _caller(headers: Headers) -> str:
    """All lists of models are at one place, and only the header tells who asks."""
    for field, beginning, name in CALLERS:
        if any(n == field and v.startswith(beginning) for n, v in headers):
            return name
    return _CHAT


def _decoded(path: bytes) -> str:
    return unquote(path.decode("utf-8", "replace"))


def _wants_events(query: bytes) -> bool:
    """Google's APIs send an array unless they are asked for events."""
    return "sse" in parse_qs(query.decode("latin-1")).get("alt", ())
