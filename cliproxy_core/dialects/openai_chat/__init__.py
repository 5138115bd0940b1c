"""OpenAI Chat Completions."""

from __future__ import annotations

import re
from typing import Final

from cliproxy_core.ir.dialect import Dialect, ToolLimits

from .carrier import without_foreign
from .decode import ChatDecoder
from .encode import ChatEncoder
from .errors import emit_error, error_in, fail, parse_error
from .grammar import GRAMMAR, NAME, classify
from .mend import ChatMender
from .models import emit_models
from .request import parse_request
from .request_emit import emit_request
from .response import emit_response, parse_response, skim_response
from .sound import is_sound

__all__ = ["DIALECT", "emit_models", "without_foreign"]

# OpenAI API reference, "Create chat completion", `tools.function.name` (2026-11). Most
# services that speak this API know no free-text tools.
LIMITS: Final = ToolLimits(
    name=re.compile(r"[a-zA-Z0-9_-]+"),
    name_length=64,
    call_id=re.compile(r".+", re.DOTALL),
    call_id_length=1 << 16,
)

DIALECT: Final = Dialect(
    name=NAME,
    grammar=GRAMMAR,
    limits=LIMITS,
    address=lambda _model, _stream: "/v1/chat/completions",
    heartbeat=b": keep-alive\n\n",
    turns="messages",
    without_foreign=without_foreign,
    parse_request=parse_request,
    emit_request=emit_request,
    parse_response=parse_response,
    skim_response=skim_response,
    is_sound=is_sound,
    emit_response=emit_response,
    mender=ChatMender,
    decoder=ChatDecoder,
    encoder=ChatEncoder,
    classify=classify,
    error_in=error_in,
    parse_error=parse_error,
    emit_error=emit_error,
    fail=fail,
)
