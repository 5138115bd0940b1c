"""Gemini by API key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from cliproxy_core.base.jsonval import Json, JsonObject
from cliproxy_core.dialects import gemini
from cliproxy_core.providers.contract import CountPlace, Profile
from cliproxy_core.translate.lane import Lane
from cliproxy_core.wire.http import Headers
from cliproxy_core.wire.url import Origin

__all__ = ["PROFILE"]

_GENERATE: Final = ":generateContent"
_COUNT: Final = ":countTokens"
_PREFIX: Final = "models/"

# A question about tokens may hold a whole request (Gemini API, "models.countTokens").
_WRAPPED: Final = "generateContentRequest"


def api_key(key: str, _origin: Origin) -> Headers:
    """Gemini API reference, "Authentication". Without a key there is no field."""
    return ((b"x-goog-api-key", key.encode()),) if key else ()


def finish(payload: JsonObject, lane: Lane) -> Mapping[str, Json]:
    """On the native lane the caller's words stand, but for state of other issuers.

    The vendor refuses signatures that are not its own.
    """
    return {} if lane is Lane.TRANSLATED else _own_only(payload)


def count_path(model: str) -> str:
    generate: str = gemini.DIALECT.address(model, False)
    return generate.removesuffix(_GENERATE) + _COUNT


def count_edits(payload: JsonObject, model: str) -> Mapping[str, Json]:
    """The same history that would be sent, and the same model in both places."""
    wrapped = payload.get(_WRAPPED)
    if not isinstance(wrapped, dict):
        return _own_only(payload)
    name = _PREFIX + model.removeprefix(_PREFIX)
    return {_WRAPPED: {**wrapped, **_own_only(wrapped), "model": name}}


def _own_only(payload: JsonObject) -> Mapping[str, Json]:
    own = gemini.without_foreign(payload.get("contents"))
    return {} if own is None else {"contents": own}


PROFILE: Final = Profile(
    id="gemini",
    dialect=gemini.DIALECT,
    path=gemini.DIALECT.address,
    auth=api_key,
    # Never `x-goog-` as a whole: the caller's key is one of those.
    forwarded=(b"x-goog-api-client", b"x-server-timeout", b"user-agent"),
    finish=finish,
    counting=CountPlace(path=count_path, edits=count_edits),
)
