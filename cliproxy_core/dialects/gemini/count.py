"""How this API is asked, and tells, how many tokens a request has.

A request is counted as bare `contents`, or whole under `generateContentRequest`, which
also names its model. Vertex takes the members of a whole request beside `contents`.
"""

from __future__ import annotations

from typing import Final

import attrs

from cliproxy_core.base.errors import DecodeError
from cliproxy_core.base.jsonval import JsonObject, as_int, as_object, need, opt_str
from cliproxy_core.ir.dialect import Counting
from cliproxy_core.ir.request import Emitted, Request

from .parts import plain
from .request import parse_request
from .request_emit import emit_request

__all__ = ["COUNTING"]

WHOLE: Final = "generateContentRequest"
_MODELS: Final = "models/"
_BARE: Final = {"contents"}


def _parse(payload: JsonObject) -> Request:
    document = plain(payload)
    if WHOLE not in document:
        return parse_request(payload)
    try:
        whole = as_object(document[WHOLE], "")
        name = opt_str(whole, "model", "") or ""
        parsed = parse_request(whole)
    except DecodeError as error:
        raise error.under(f".{WHOLE}") from None
    return attrs.evolve(parsed, model=name.removeprefix(_MODELS))


def _emit(request: Request) -> Emitted:
    emitted = emit_request(request)
    payload = emitted.payload
    if payload.keys() <= _BARE:
        return emitted
    named: JsonObject = {"model": _MODELS + request.model} if request.model else {}
    return Emitted({WHOLE: {**payload, **named}}, emitted.dropped)


def _parse_answer(payload: JsonObject) -> int:
    return as_int(need(plain(payload), "totalTokens", ""), ".totalTokens")


def _emit_answer(tokens: int) -> JsonObject:
    details: JsonObject = {"modality": "TEXT", "tokenCount": tokens}
    return {"totalTokens": tokens, "promptTokensDetails": [details]}


COUNTING: Final = Counting(
    parse_request=_parse,
    emit_request=_emit,
    parse_answer=_parse_answer,
    emit_answer=_emit_answer,
)
