"""OpenAI-compatible services: a bearer token, and usage asked for in streams."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from cliproxy_core.base.jsonval import Json, JsonObject
from cliproxy_core.dialects import openai_chat
from cliproxy_core.providers.contract import Profile
from cliproxy_core.translate.lane import Lane
from cliproxy_core.wire.http import Headers
from cliproxy_core.wire.url import Origin

__all__ = ["PROFILE"]


def bearer(key: str, _origin: Origin) -> Headers:
    """RFC 6750, section 2.1. A service without keys gets no field at all."""
    return ((b"authorization", b"Bearer " + key.encode()),) if key else ()


def finish(payload: JsonObject, lane: Lane) -> Mapping[str, Json]:
    """Ask for usage in every stream; the caller hears of it only if he asked too.

    `stream_options` is only legal in a streamed request (OpenAI API reference, "Create
    chat completion"). Proofs that upstreams of other kinds made stay with us.
    """
    edits: dict[str, Json] = {}
    if lane is Lane.NATIVE:
        own = openai_chat.without_foreign(payload.get("messages"))
        if own is not None:
            edits["messages"] = own
    if payload.get("stream") is True:
        options = payload.get("stream_options")
        given = options if isinstance(options, dict) else {}
        edits["stream_options"] = {**given, "include_usage": True}
    return edits


PROFILE: Final = Profile(
    id="openai_compat",
    dialect=openai_chat.DIALECT,
    path=lambda _model, _streams: "/chat/completions",
    auth=bearer,
    forwarded=(b"openai-", b"x-stainless-", b"user-agent", b"idempotency-key"),
    finish=finish,
)
