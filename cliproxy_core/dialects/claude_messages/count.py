"""How this API is asked, and tells, how many tokens a request has.

It is asked with a request that leaves out what is only about drawing the answer; the
vendor refuses `max_tokens` and the rest of that there.
"""

from __future__ import annotations

from typing import Final

from cliproxy_core.base.jsonval import JsonObject, as_int, need
from cliproxy_core.ir.dialect import Counting
from cliproxy_core.ir.request import Emitted, Request

from .request import parse_request
from .request_emit import emit_request

__all__ = ["COUNTING"]

# Anthropic SDK 2.12, `MessageCreateParams` without `MessageCountTokensParams`. A caller
# of this very dialect may have said them all the same: they go.
_UNCOUNTED: Final = frozenset(
    {
        "max_tokens",
        "stream",
        "temperature",
        "top_p",
        "top_k",
        "stop_sequences",
        "metadata",
        "service_tier",
        "container",
        "diagnostics",
        "inference_geo",
        "fallbacks",
        "fallback_credit_token",
        "thread",
    }
)


def _emit(request: Request) -> Emitted:
    emitted = emit_request(request)
    payload = {k: v for k, v in emitted.payload.items() if k not in _UNCOUNTED}
    return Emitted(payload, emitted.dropped)


def _parse_answer(payload: JsonObject) -> int:
    return as_int(need(payload, "input_tokens", ""), ".input_tokens")


def _emit_answer(tokens: int) -> JsonObject:
    return {"input_tokens": tokens}


COUNTING: Final = Counting(
    parse_request=parse_request,
    emit_request=_emit,
    parse_answer=_parse_answer,
    emit_answer=_emit_answer,
)
