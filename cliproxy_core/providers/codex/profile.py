"""Codex by API key: the Responses API at a base URL of the operator's choice."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from cliproxy_core.base.jsonval import Json, JsonObject
from cliproxy_core.dialects import openai_responses
from cliproxy_core.providers.contract import Profile
from cliproxy_core.translate.lane import Lane
from cliproxy_core.wire.http import Headers
from cliproxy_core.wire.url import Origin

__all__ = ["PROFILE"]


def bearer(key: str, _origin: Origin) -> Headers:
    """RFC 6750, section 2.1. A service without keys gets no field at all."""
    return ((b"authorization", b"Bearer " + key.encode()),) if key else ()


def finish(payload: JsonObject, lane: Lane) -> Mapping[str, Json]:
    """On the native lane the caller's words stand, but for reasoning of other issuers.

    The vendor refuses reasoning items that it did not seal.
    """
    if lane is Lane.TRANSLATED:
        return {}
    own = openai_responses.without_foreign(payload.get("input"))
    return {} if own is None else {"input": own}


PROFILE: Final = Profile(
    id="codex",
    dialect=openai_responses.DIALECT,
    path=lambda _model, _streams: "/responses",
    auth=bearer,
    # What Codex CLI and the SDKs send, as CLIProxyAPI passes it (facts/04, 2.5).
    forwarded=(
        b"openai-",
        b"originator",
        b"session-id",
        b"thread-id",
        b"version",
        b"x-client-request-id",
        b"x-codex-",
        b"x-openai-internal-codex-responses-lite",
        b"x-stainless-",
        b"user-agent",
        b"idempotency-key",
    ),
    finish=finish,
)
