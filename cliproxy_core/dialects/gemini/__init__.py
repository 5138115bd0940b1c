"""Gemini: requests, answers, streams and errors of Google's generateContent API."""

from __future__ import annotations

from typing import Final

from cliproxy_core.ir.dialect import Dialect

from .address import address
from .carrier import without_foreign
from .count import COUNTING
from .decode import Decoder
from .encode import Encoder
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
    counting=COUNTING,
    names_model=False,
    address=address,
    heartbeat=b"",  # comments break Gemini CLI and the vendor's Python SDK
    turns="contents",
    without_foreign=without_foreign,
    parse_request=parse_request,
    emit_request=emit_request,
    parse_response=parse_response,
    skim_response=skim_response,
    is_sound=is_sound,
    emit_response=emit_response,
    mender=Mender,
    decoder=Decoder,
    encoder=Encoder,
    classify=classify,
    error_in=error_in,
    parse_error=parse_error,
    emit_error=emit_error,
    fail=fail,
)
