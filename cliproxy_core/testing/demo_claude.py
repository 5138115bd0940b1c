"""The demo upstream in Claude Messages.

Shapes follow Anthropic's API reference (2026).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from cliproxy_core.base.jsonval import Json, JsonObject, dumps

from .demo_plan import CACHED_TOKENS, PROMPT_TOKENS, Form, Plan, objects

__all__ = ["CLAUDE", "SIGNATURE"]

# The signature that the demo makes and takes back; real ones are a few hundred bytes.
SIGNATURE: Final = "ZGVtby1zaWduYXR1cmU="


def _usage(plan: Plan) -> JsonObject:
    return {
        "input_tokens": PROMPT_TOKENS - CACHED_TOKENS,
        "cache_read_input_tokens": CACHED_TOKENS,
        "cache_creation_input_tokens": 0,
        "output_tokens": plan.tokens + len(plan.thinking),
    }


def _message(plan: Plan, content: list[Json]) -> JsonObject:
    return {
        "id": "msg_demo",
        "type": "message",
        "role": "assistant",
        "model": plan.model,
        "content": content,
        "stop_reason": None,
        "stop_sequence": None,
        "usage": {**_usage(plan), "output_tokens": 1},
    }


def _reason(plan: Plan) -> str:
    return "tool_use" if plan.calls else "end_turn"


def _blocks(plan: Plan) -> Iterator[tuple[JsonObject, list[JsonObject]]]:
    """Each block as it opens, and its deltas."""
    if plan.thinking:
        deltas: list[JsonObject] = [
            {"type": "thinking_delta", "thinking": piece} for piece in plan.thinking
        ]
        deltas.append({"type": "signature_delta", "signature": SIGNATURE})
        yield {"type": "thinking", "thinking": "", "signature": ""}, deltas
    if plan.text:
        yield (
            {"type": "text", "text": ""},
            [{"type": "text_delta", "text": piece} for piece in plan.text],
        )
    for index, call in enumerate(plan.calls):
        yield (
            {
                "type": "tool_use",
                "id": f"toolu_demo_{index}",
                "name": call.name,
                "input": {},
            },
            [
                {"type": "input_json_delta", "partial_json": piece}
                for piece in ("", *call.pieces)
            ],
        )


def _frames(plan: Plan) -> Iterator[bytes]:
    yield _event("message_start", {"message": _message(plan, [])})
    yield _event("ping", {})
    for index, (block, deltas) in enumerate(_blocks(plan)):
        yield _event("content_block_start", {"index": index, "content_block": block})
        for delta in deltas:
            yield _event("content_block_delta", {"index": index, "delta": delta})
        yield _event("content_block_stop", {"index": index})
    stop: JsonObject = {"stop_reason": _reason(plan), "stop_sequence": None}
    yield _event("message_delta", {"delta": stop, "usage": _usage(plan)})
    yield _event("message_stop", {})


def _whole(plan: Plan) -> JsonObject:
    content: list[Json] = []
    if plan.thinking:
        content.append(
            {
                "type": "thinking",
                "thinking": "".join(plan.thinking),
                "signature": SIGNATURE,
            }
        )
    if plan.text:
        content.append({"type": "text", "text": "".join(plan.text)})
    for index, call in enumerate(plan.calls):
        content.append(
            {
                "type": "tool_use",
                "id": f"toolu_demo_{index}",
                "name": call.name,
                "input": call.arguments,
            }
        )
    return {
        **_message(plan, content),
        "stop_reason": _reason(plan),
        "usage": _usage(plan),
    }


ERRORS: Final = {
    400: "invalid_request_error",
    404: "not_found_error",
    429: "rate_limit_error",
    500: "api_error",
}


def _error(status: int, message: str) -> JsonObject:
    error: JsonObject = {"type": ERRORS[status], "message": message}
    return {"type": "error", "error": error, "request_id": "req_demo"}


def _error_frame(message: str, _before: int) -> bytes:
    error: JsonObject = {"type": "overloaded_error", "message": message}
    return _event("error", {"error": error})


def _event(name: str, fields: JsonObject) -> bytes:
    payload = dumps({"type": name, **fields})
    return b"event: %s\ndata: %s\n\n" % (name.encode(), payload)


def _signed(document: JsonObject) -> bool:
    """Whether every thinking block that comes back bears the demo's signature."""
    return all(
        block.get("signature") == SIGNATURE
        for message in objects(document.get("messages"))
        for block in objects(message.get("content"))
        if block.get("type") == "thinking"
    )


def _count(tokens: int) -> JsonObject:
    return {"input_tokens": tokens}


CLAUDE: Final = Form(
    frames=_frames,
    whole=_whole,
    error=_error,
    error_frame=_error_frame,
    count=_count,
    signatures_are_ours=_signed,
    text_mark=b'"text_delta"',
)
