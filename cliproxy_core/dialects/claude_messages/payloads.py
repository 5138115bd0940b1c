"""The payloads of a stream, one function each, and their frames."""

from __future__ import annotations

from cliproxy_core.base.errors import DecodeError
from cliproxy_core.base.jsonval import JsonObject, write
from cliproxy_core.ir.dialect import Sent
from cliproxy_core.ir.grammar import Step
from cliproxy_core.ir.usage import Usage

from .usage import emit_usage

__all__ = [
    "block_delta",
    "block_start",
    "block_stop",
    "is_writable",
    "message_delta",
    "message_start",
    "say",
    "signature_delta",
    "thinking_block",
]


def message_start(name: str, model: str, usage: Usage | None) -> JsonObject:
    return {
        "type": "message_start",
        "message": {
            "id": name,
            "type": "message",
            "role": "assistant",
            "model": model,
            "content": [],
            "stop_reason": None,
            "stop_sequence": None,
            "usage": emit_usage(usage, whole=True),
        },
    }


def block_start(index: int, block: JsonObject) -> JsonObject:
    return {"type": "content_block_start", "index": index, "content_block": block}


def block_delta(index: int, delta: JsonObject) -> JsonObject:
    return {"type": "content_block_delta", "index": index, "delta": delta}


def block_stop(index: int) -> JsonObject:
    return {"type": "content_block_stop", "index": index}


def message_delta(reason: str, sequence: str | None, usage: Usage | None) -> JsonObject:
    return {
        "type": "message_delta",
        "delta": {"stop_reason": reason, "stop_sequence": sequence},
        "usage": emit_usage(usage, whole=False),
    }


def signature_delta(proof: str) -> JsonObject:
    return {"type": "signature_delta", "signature": proof}


def thinking_block(text: str = "", proof: str = "") -> JsonObject:
    """Thinking; the proof of one in a stream comes at its end."""
    return {"type": "thinking", "thinking": text, "signature": proof}


def is_writable(raw: JsonObject) -> bool:
    """Whether somebody else's object can be part of an event (see `jsonval.write`)."""
    try:
        write([[raw]])
    except DecodeError:
        return False
    return True


def say(payload: JsonObject, out: list[Sent], index: int = -1) -> None:
    """Put a payload's frame into what is sent, with the step that it takes."""
    kind = str(payload["type"])
    frame = b"event: %b\ndata: %b\n\n" % (kind.encode(), write(payload))
    out.append(((Step(kind, index),), frame))
