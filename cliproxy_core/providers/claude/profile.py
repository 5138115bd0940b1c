"""Claude by API key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from cliproxy_core.base.jsonval import Json, JsonObject
from cliproxy_core.dialects import claude_messages
from cliproxy_core.providers.contract import CountPlace, Profile
from cliproxy_core.translate.lane import Lane
from cliproxy_core.wire.http import Headers
from cliproxy_core.wire.url import Origin

from .models import wants_effort

__all__ = ["PROFILE"]

OFFICIAL_HOST: Final = "api.anthropic.com"


def api_key(key: str, origin: Origin) -> Headers:
    """The vendor reads `x-api-key`; relays read that or a bearer token.

    The vendor refuses requests with both (Anthropic API, "Authentication").
    """
    if not key:
        return ()
    own = (b"x-api-key", key.encode())
    if origin.host == OFFICIAL_HOST:
        return (own,)
    return (own, (b"authorization", b"Bearer " + key.encode()))


def finish(payload: JsonObject, lane: Lane) -> Mapping[str, Json]:
    """On the native lane the caller's words stand, but for thinking nobody signed.

    The vendor refuses a history with thinking that is not its own.
    """
    if lane is Lane.TRANSLATED:
        return _as_effort(payload)
    return _signed_only(payload)


def count_edits(payload: JsonObject, model: str) -> Mapping[str, Json]:
    """The same history that would be sent."""
    return {"model": model, **_signed_only(payload)}


def _signed_only(payload: JsonObject) -> Mapping[str, Json]:
    own = claude_messages.without_foreign(payload.get("messages"))
    return {} if own is None else {"messages": own}


def _as_effort(payload: JsonObject) -> Mapping[str, Json]:
    """Say "think this much" in the way that the model understands.

    Newer models take a level and refuse a budget, older ones the reverse (facts/02,
    sections 3.4.4 and 3.4.5).
    """
    model, thinking = payload.get("model"), payload.get("thinking")
    if not isinstance(model, str) or not isinstance(thinking, dict):
        return {}
    budget = thinking.get("budget_tokens")
    if thinking.get("type") != "enabled" or not isinstance(budget, int):
        return {}
    effort = wants_effort(model, budget)
    if effort is None:
        return {}
    config = payload.get("output_config")
    given = config if isinstance(config, dict) else {}
    return {
        "thinking": {"type": "adaptive"},
        "output_config": {**given, "effort": effort},
    }


PROFILE: Final = Profile(
    id="claude",
    dialect=claude_messages.DIALECT,
    path=claude_messages.DIALECT.address,
    auth=api_key,
    headers=((b"anthropic-version", claude_messages.VERSION.encode()),),
    forwarded=(
        b"anthropic-",
        b"x-stainless-",
        b"x-claude-",
        b"x-app",
        b"user-agent",
        b"idempotency-key",
    ),
    finish=finish,
    counting=CountPlace(
        path=lambda _model: "/v1/messages/count_tokens", edits=count_edits
    ),
)
