"""The demo upstream in Chat Completions.

Shapes follow OpenAI's API reference (2026); `reasoning_content` is what DeepSeek and
its followers send.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from cliproxy_core.base.jsonval import JsonObject, dumps

from .demo_plan import CACHED_TOKENS, PROMPT_TOKENS, Call, Form, Plan

__all__ = ["CHAT"]

# Seconds since the epoch, always the same: 2026-01-01.
CREATED: Final = 1767225600


def _usage(plan: Plan) -> JsonObject:
    output = plan.tokens + len(plan.thinking)
    return {
        "prompt_tokens": PROMPT_TOKENS,
        "completion_tokens": output,
        "total_tokens": PROMPT_TOKENS + output,
        "prompt_tokens_details": {"cached_tokens": CACHED_TOKENS},
        "completion_tokens_details": {"reasoning_tokens": len(plan.thinking)},
    }


def _head(plan: Plan, kind: str) -> JsonObject:
    return {
        "id": "chatcmpl-demo",
        "object": kind,
        "created": CREATED,
        "model": plan.model,
    }


def _call(index: int, call: Call, arguments: str) -> JsonObject:
    return {
        "id": f"call_demo_{index}",
        "type": "function",
        "function": {"name": call.name, "arguments": arguments},
    }


def _deltas(plan: Plan) -> Iterator[JsonObject]:
    yield {"role": "assistant", "content": ""}
    for piece in plan.thinking:
        yield {"reasoning_content": piece}
    for piece in plan.text:
        yield {"content": piece}
    for index, call in enumerate(plan.calls):
        yield {"tool_calls": [{"index": index, **_call(index, call, "")}]}
        for piece in call.pieces:
            yield {"tool_calls": [{"index": index, "function": {"arguments": piece}}]}


def _frames(plan: Plan) -> Iterator[bytes]:
    head = _head(plan, "chat.completion.chunk")
    for delta in _deltas(plan):
        choice: JsonObject = {"index": 0, "delta": delta, "finish_reason": None}
        yield _data({**head, "choices": [choice]})
    reason = "tool_calls" if plan.calls else "stop"
    last: JsonObject = {"index": 0, "delta": {}, "finish_reason": reason}
    yield _data({**head, "choices": [last]})
    yield _data({**head, "choices": [], "usage": _usage(plan)})
    yield b"data: [DONE]\n\n"


def _whole(plan: Plan) -> JsonObject:
    message: JsonObject = {
        "role": "assistant",
        "content": "".join(plan.text) or None,
    }
    if plan.thinking:
        message["reasoning_content"] = "".join(plan.thinking)
    if plan.calls:
        message["tool_calls"] = [
            _call(i, call, call.text) for i, call in enumerate(plan.calls)
        ]
    reason = "tool_calls" if plan.calls else "stop"
    return {
        **_head(plan, "chat.completion"),
        "choices": [{"index": 0, "message": message, "finish_reason": reason}],
        "usage": _usage(plan),
    }


ERRORS: Final = {
    400: "invalid_request_error",
    404: "invalid_request_error",
    429: "rate_limit_error",
    500: "server_error",
}


def _error(status: int, message: str) -> JsonObject:
    kind = ERRORS[status]
    return {"error": {"message": message, "type": kind, "param": None, "code": None}}


def _error_frame(message: str, _before: int) -> bytes:
    return _data(_error(500, message))


def _data(payload: JsonObject) -> bytes:
    return b"data: %s\n\n" % dumps(payload)


def _signed(_: JsonObject) -> bool:
    """Chat Completions has no signatures."""
    return True


CHAT: Final = Form(
    frames=_frames,
    whole=_whole,
    error=_error,
    error_frame=_error_frame,
    signatures_are_ours=_signed,
    text_mark=b'"delta":{"content":',
)
