"""The demo upstream in Gemini's API.

Shapes follow Google's API reference (2026): a call comes whole, in a chunk of its own,
and frames end in CRLF.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from typing import Final

from cliproxy_core.base.jsonval import Json, JsonObject, dumps

from .demo_plan import CACHED_TOKENS, PROMPT_TOKENS, Form, Plan, objects

__all__ = ["GEMINI", "PROOF"]

# The state that the demo signs with and takes back; real ones are a few hundred bytes.
PROOF: Final = b"demo-signature"
_SIGNATURE: Final = base64.b64encode(PROOF).decode()
_STANDARD: Final = str.maketrans("-_", "+/")


def _usage(plan: Plan) -> JsonObject:
    thoughts = len(plan.thinking)
    return {
        "promptTokenCount": PROMPT_TOKENS,
        "cachedContentTokenCount": CACHED_TOKENS,
        "candidatesTokenCount": plan.tokens,
        "totalTokenCount": PROMPT_TOKENS + plan.tokens + thoughts,
        **({"thoughtsTokenCount": thoughts} if thoughts else {}),
    }


def _parts(plan: Plan) -> Iterator[JsonObject]:
    """What each chunk says. The first part after thinking is signed, as are calls."""
    proof: JsonObject = {"thoughtSignature": _SIGNATURE} if plan.thinking else {}
    for piece in plan.thinking:
        yield {"thought": True, "text": piece}
    for piece in plan.text:
        yield {"text": piece, **proof}
        proof = {}
    for call in plan.calls:
        yield {"functionCall": {"name": call.name, "args": call.arguments}, **proof}
        proof = {}


def _answer(plan: Plan, parts: list[Json], *, last: bool) -> JsonObject:
    candidate: JsonObject = {"content": {"parts": parts, "role": "model"}, "index": 0}
    if last:
        candidate["finishReason"] = "STOP"
    return {
        "candidates": [candidate],
        "usageMetadata": _usage(plan) if last else {"promptTokenCount": PROMPT_TOKENS},
        "modelVersion": plan.model,
        "responseId": "demo-response",
    }


def _frames(plan: Plan) -> Iterator[bytes]:
    parts = list(_parts(plan))
    for part in parts[:-1]:
        yield _data(_answer(plan, [part], last=False))
    yield _data(_answer(plan, list(parts[-1:]), last=True))


def _whole(plan: Plan) -> JsonObject:
    thinking, text = "".join(plan.thinking), "".join(plan.text)
    joined = Plan(
        model=plan.model,
        thinking=(thinking,) if thinking else (),
        text=(text,) if text else (),
        calls=plan.calls,
    )
    told = _answer(plan, list(_parts(joined)), last=True)
    return {**told, "usageMetadata": _usage(plan)}


ERRORS: Final = {
    400: "INVALID_ARGUMENT",
    404: "NOT_FOUND",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
}


def _error(status: int, message: str) -> JsonObject:
    return {"error": {"code": status, "message": message, "status": ERRORS[status]}}


def _error_frame(message: str, _before: int) -> bytes:
    return _data(_error(500, message))


def _count(tokens: int) -> JsonObject:
    return {"totalTokens": tokens}


def _data(payload: JsonObject) -> bytes:
    return b"data: %s\r\n\r\n" % dumps(payload)


def _signed(document: JsonObject) -> bool:
    """Whether every signature that comes back is the demo's, in either alphabet."""
    return all(
        _bytes(part["thoughtSignature"]) == PROOF
        for content in objects(document.get("contents"))
        for part in objects(content.get("parts"))
        if "thoughtSignature" in part
    )


def _bytes(text: Json) -> bytes:
    try:
        return base64.b64decode(str(text).translate(_STANDARD), validate=True)
    except binascii.Error:
        return b""


GEMINI: Final = Form(
    frames=_frames,
    whole=_whole,
    error=_error,
    error_frame=_error_frame,
    count=_count,
    signatures_are_ours=_signed,
    text_mark=b'"parts":[{"text"',
)
