"""OpenAI Responses: requests, answers, streams and errors."""

from __future__ import annotations

from typing import Final

from cliproxy_core.ir.dialect import Dialect

from .carrier import without_foreign
from .decode import ResponsesDecoder
from .encode import ResponsesEncoder
from .errors import emit_error, error_in, fail, parse_error
from .grammar import GRAMMAR, NAME, classify
from .mend import Mender
from .models import emit_models
from .request import parse_request
from .request_emit import emit_request
from .response import emit_response, parse_response, skim_response
from .sound import is_sound
from .tools import LIMITS

__all__ = ["DIALECT", "emit_models", "without_foreign"]

DIALECT: Final = Dialect(
    name=NAME,
    grammar=GRAMMAR,
    limits=LIMITS,
    address=lambda _model, _stream: "/v1/responses",
    heartbeat=b": keep-alive\n\n",
    turns="input",
    without_foreign=without_foreign,
    parse_request=parse_request,
    emit_request=emit_request,
    parse_response=parse_response,
    skim_response=skim_response,
    is_sound=is_sound,
    emit_response=emit_response,
    mender=Mender,
    decoder=ResponsesDecoder,
    encoder=ResponsesEncoder,
    classify=classify,
    error_in=error_in,
    parse_error=parse_error,
    emit_error=emit_error,
    fail=fail,
)
