"""Claude Messages: requests, answers, streams and errors of Anthropic's API."""

from __future__ import annotations

import re
from typing import Final

from cliproxy_core.ir.dialect import Dialect, ToolLimits

from .carrier import without_foreign
from .count import COUNTING
from .decode import Decoder
from .encode import PING, Encoder
from .errors import emit_error, error_in, fail, parse_error
from .grammar import GRAMMAR, NAME, classify
from .mend import Mender
from .models import emit_models
from .request import parse_request
from .request_emit import emit_request
from .response import emit_response, parse_response, skim_response
from .sound import is_sound

__all__ = ["DIALECT", "VERSION", "emit_models", "without_foreign"]

# The version that all current clients of the API send unless told otherwise.
VERSION: Final = "2023-06-01"

# Anthropic API reference, "Messages", `tools.name` and `tool_use.id` (2026-11).
LIMITS: Final = ToolLimits(
    name=re.compile(r"[a-zA-Z0-9_-]+"),
    name_length=128,
    call_id=re.compile(r"[a-zA-Z0-9_-]+"),
    call_id_length=1 << 16,
)

DIALECT: Final = Dialect(
    name=NAME,
    grammar=GRAMMAR,
    limits=LIMITS,
    counting=COUNTING,
    address=lambda _model, _stream: "/v1/messages",
    headers=(("anthropic-version", VERSION),),
    heartbeat=PING,
    turns="messages",
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
