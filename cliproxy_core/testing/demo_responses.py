"""The demo upstream in the Responses API.

Shapes follow OpenAI's API reference (2026): items open and close, their parts open and
close inside, every event has a number, and the last one repeats the whole answer.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from cliproxy_core.base.jsonval import Json, JsonObject, dumps

from .demo_plan import CACHED_TOKENS, PROMPT_TOKENS, Call, Form, Plan, objects

__all__ = ["RESPONSES", "SEALED"]

# Seconds since the epoch, always the same: 2026-01-01.
CREATED: Final = 1767225600

# The reasoning that the demo seals and takes back; real ones are a few kilobytes.
SEALED: Final = "gAAAAABkZW1vLXNlYWxlZC1yZWFzb25pbmc="

_Event = tuple[str, JsonObject]


def _usage(plan: Plan) -> JsonObject:
    output = plan.tokens + len(plan.thinking)
    return {
        "input_tokens": PROMPT_TOKENS,
        "input_tokens_details": {
            "cached_tokens": CACHED_TOKENS,
            "cache_write_tokens": 0,
        },
        "output_tokens": output,
        "output_tokens_details": {"reasoning_tokens": len(plan.thinking)},
        "total_tokens": PROMPT_TOKENS + output,
    }


def _response(plan: Plan, status: str, output: list[Json]) -> JsonObject:
    return {
        "id": "resp_demo",
        "object": "response",
        "created_at": CREATED,
        "status": status,
        "error": None,
        "incomplete_details": None,
        "instructions": None,
        "metadata": {},
        "model": plan.model,
        "output": output,
        "parallel_tool_calls": True,
        "temperature": 1.0,
        "tool_choice": "auto",
        "tools": [],
        "top_p": 1.0,
        "usage": _usage(plan) if status == "completed" else None,
    }


def _part(text: str) -> JsonObject:
    return {"type": "output_text", "text": text, "annotations": [], "logprobs": []}


def _reasoning(plan: Plan) -> JsonObject:
    summary: Json = [{"type": "summary_text", "text": "".join(plan.thinking)}]
    return {
        "id": "rs_demo",
        "type": "reasoning",
        "summary": summary,
        "encrypted_content": SEALED,
    }


def _message(status: str, content: list[Json]) -> JsonObject:
    return {
        "id": "msg_demo",
        "type": "message",
        "status": status,
        "role": "assistant",
        "content": content,
    }


def _call(number: int, call: Call, status: str, arguments: str) -> JsonObject:
    return {
        "id": f"fc_demo_{number}",
        "type": "function_call",
        "status": status,
        "call_id": f"call_demo_{number}",
        "name": call.name,
        "arguments": arguments,
    }


def _output(plan: Plan) -> list[Json]:
    out: list[Json] = []
    if plan.thinking:
        out.append(_reasoning(plan))
    if plan.text:
        out.append(_message("completed", [_part("".join(plan.text))]))
    for number, call in enumerate(plan.calls):
        out.append(_call(number, call, "completed", call.text))
    return out


def _events(plan: Plan) -> Iterator[_Event]:
    begun = _response(plan, "in_progress", [])
    yield "response.created", {"response": begun}
    yield "response.in_progress", {"response": begun}
    index = 0
    if plan.thinking:
        yield from _think(plan, index)
        index += 1
    if plan.text:
        yield from _talk(plan, index)
        index += 1
    for number, call in enumerate(plan.calls):
        yield from _ask(number, call, index + number)
    told = _response(plan, "completed", _output(plan))
    yield "response.completed", {"response": told}


def _think(plan: Plan, index: int) -> Iterator[_Event]:
    at: JsonObject = {"item_id": "rs_demo", "output_index": index, "summary_index": 0}
    text = "".join(plan.thinking)
    part = "response.reasoning_summary_part"
    words = "response.reasoning_summary_text"
    opened = {**_reasoning(plan), "summary": []}
    yield "response.output_item.added", {"output_index": index, "item": opened}
    yield f"{part}.added", {**at, "part": {"type": "summary_text", "text": ""}}
    for piece in plan.thinking:
        yield f"{words}.delta", {**at, "delta": piece}
    yield f"{words}.done", {**at, "text": text}
    yield f"{part}.done", {**at, "part": {"type": "summary_text", "text": text}}
    done = _reasoning(plan)
    yield "response.output_item.done", {"output_index": index, "item": done}


def _talk(plan: Plan, index: int) -> Iterator[_Event]:
    at: JsonObject = {"item_id": "msg_demo", "output_index": index, "content_index": 0}
    text = "".join(plan.text)
    opened = _message("in_progress", [])
    yield "response.output_item.added", {"output_index": index, "item": opened}
    yield "response.content_part.added", {**at, "part": _part("")}
    for piece in plan.text:
        yield "response.output_text.delta", {**at, "delta": piece, "logprobs": []}
    yield "response.output_text.done", {**at, "text": text, "logprobs": []}
    yield "response.content_part.done", {**at, "part": _part(text)}
    done = _message("completed", [_part(text)])
    yield "response.output_item.done", {"output_index": index, "item": done}


def _ask(number: int, call: Call, index: int) -> Iterator[_Event]:
    at: JsonObject = {"item_id": f"fc_demo_{number}", "output_index": index}
    arguments = "response.function_call_arguments"
    opened = _call(number, call, "in_progress", "")
    yield "response.output_item.added", {"output_index": index, "item": opened}
    for piece in call.pieces:
        yield f"{arguments}.delta", {**at, "delta": piece}
    yield f"{arguments}.done", {**at, "name": call.name, "arguments": call.text}
    done = _call(number, call, "completed", call.text)
    yield "response.output_item.done", {"output_index": index, "item": done}


def _frames(plan: Plan) -> Iterator[bytes]:
    for number, (kind, fields) in enumerate(_events(plan)):
        yield _frame(kind, number, fields)


def _whole(plan: Plan) -> JsonObject:
    return _response(plan, "completed", _output(plan))


ERRORS: Final = {
    400: "invalid_request_error",
    404: "invalid_request_error",
    429: "rate_limit_error",
    500: "server_error",
}


def _error(status: int, message: str) -> JsonObject:
    kind = ERRORS[status]
    return {"error": {"message": message, "type": kind, "param": None, "code": None}}


def _error_frame(message: str, before: int) -> bytes:
    error: JsonObject = {"code": "server_error", "message": message, "param": None}
    return _frame("error", before, error)


def _frame(kind: str, number: int, fields: JsonObject) -> bytes:
    payload = dumps({"type": kind, "sequence_number": number, **fields})
    return b"event: %s\ndata: %s\n\n" % (kind.encode(), payload)


def _signed(document: JsonObject) -> bool:
    """Whether every piece of sealed reasoning that comes back is the demo's."""
    return all(
        item["encrypted_content"] == SEALED
        for item in objects(document.get("input"))
        if item.get("type") == "reasoning" and "encrypted_content" in item
    )


RESPONSES: Final = Form(
    frames=_frames,
    whole=_whole,
    error=_error,
    error_frame=_error_frame,
    signatures_are_ours=_signed,
    text_mark=b'"type":"response.output_text.delta"',
)
