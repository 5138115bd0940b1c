"""Payloads made complete: the fields that this API's clients count on.

Functions that complete change a payload in place and tell whether there was anything
to do; where there was not, the frame may pass as it came.
"""

from __future__ import annotations

from typing import Final

from cliproxy_core.base.errors import DecodeError
from cliproxy_core.base.jsonval import Json, JsonObject, loads, write
from cliproxy_core.ir.dialect import StreamContext

from .usage import merge_raw

__all__ = [
    "brings_arguments",
    "canonical",
    "complete_block",
    "complete_message",
    "complete_usage",
    "empty_block",
    "index_of",
    "is_object",
    "merge_last",
    "new_delta",
    "set_reason",
    "take_arguments",
    "whole_block",
]

# What the accumulators of the vendor's SDKs append to, by type of block.
_TEXTS: Final = {
    "text": ("text",),
    "thinking": ("thinking", "signature"),
    "redacted_thinking": ("data",),
}


def canonical(payload: JsonObject) -> bytes:
    """The frame of a payload. Claude clients ignore a frame without `event:`.

    Raises `DecodeError` for what is nested too deeply to be written.
    """
    return b"event: %b\ndata: %b\n\n" % (str(payload["type"]).encode(), write(payload))


def index_of(payload: JsonObject) -> int | None:
    """The index of a block, if it is one."""
    index = payload.get("index")
    if isinstance(index, int) and not isinstance(index, bool):
        return index
    return None


def is_object(text: str) -> bool:
    """Whether a text is one complete JSON object."""
    try:
        return isinstance(loads(text), dict)
    except DecodeError:
        return False


def complete_message(payload: JsonObject, context: StreamContext) -> list[str]:
    """Make a `message_start` whole; the names of what was put in."""
    message = payload.get("message")
    if not isinstance(message, dict):
        message = payload["message"] = {}
    fixes = []
    for key in ("id", "model"):
        if not isinstance(message.get(key), str) or not message[key]:
            message[key] = context.ids("msg_") if key == "id" else context.model
            fixes.append(f"{key}_added")
    fixed: JsonObject = {"type": "message", "role": "assistant", "content": []}
    for key, value in fixed.items():
        if message.get(key) != value:
            message[key] = value
            fixes.append(f"{key}_corrected")
    for key in ("stop_reason", "stop_sequence"):
        if key not in message:
            message[key] = None
            fixes.append(f"{key}_added")
    if complete_usage(message, {"input_tokens": 0, "output_tokens": 0}):
        fixes.append("usage_added")
    return fixes


def complete_usage(holder: JsonObject, least: JsonObject) -> bool:
    """Put counts that must be there into a holder's `usage`; whether any was not."""
    usage = holder.get("usage")
    if not isinstance(usage, dict):
        usage = holder["usage"] = {}
    missing = {
        key: n for key, n in least.items() if not isinstance(usage.get(key), int)
    }
    return merge_raw(usage, missing)


def merge_last(held: JsonObject, later: JsonObject) -> None:
    """Two `message_delta` as one: the later one wins where it says anything."""
    for key, value in later.items():
        known = held.get(key)
        if isinstance(known, dict) and isinstance(value, dict):
            merge_raw(known, value)
        elif value is not None:
            held[key] = value


def set_reason(payload: JsonObject, reason: str | None) -> None:
    """Write the reason into a `message_delta`, with the field beside it."""
    delta = payload["delta"]
    if isinstance(delta, dict):
        delta["stop_reason"] = reason
        delta.setdefault("stop_sequence", None)


def complete_block(block: JsonObject) -> bool:
    """Put in the texts that a block must have; whether any was missing."""
    missing = [
        key
        for key in _TEXTS.get(str(block.get("type")), ())
        if not isinstance(block.get(key), str)
    ]
    for key in missing:
        block[key] = ""
    return bool(missing)


def empty_block(kind: str, index: int) -> JsonObject:
    """The start of a block of words that nobody announced."""
    block: JsonObject = {"type": kind}
    complete_block(block)
    return whole_block(index, block)


def whole_block(index: int, block: Json) -> JsonObject:
    """A block that stood in the message itself, as the start that it should be."""
    return {"type": "content_block_start", "index": index, "content_block": block}


def brings_arguments(payload: JsonObject) -> bool:
    """Whether a start holds blocks that are not empty, as it should not."""
    block, message = payload.get("content_block"), payload.get("message")
    if isinstance(block, dict):
        return block.get("input") not in (None, {}, "")
    return isinstance(message, dict) and bool(message.get("content"))


def take_arguments(block: JsonObject) -> str:
    """Take a call's arguments out of its start, where no client looks for them."""
    given = block.get("input")
    block["input"] = {}
    if given is None or given == {}:
        return ""
    return given if isinstance(given, str) else write(given).decode()


def new_delta(index: int, arguments: str) -> JsonObject:
    """Arguments as the delta that they should have been."""
    return {
        "type": "content_block_delta",
        "index": index,
        "delta": {"type": "input_json_delta", "partial_json": arguments},
    }
