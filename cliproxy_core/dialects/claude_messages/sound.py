"""Whether a whole answer may go on to a caller of this API as it came.

What strict readers of the vendor's SDKs insist on, and what would mislead an agent:
calls and `tool_use` come together, unless the answer was cut.
"""

from __future__ import annotations

from typing import Final

from cliproxy_core.base.jsonval import Json, JsonObject

from .usage import REASONS

__all__ = ["is_sound"]

# Field and type that a reader relies on, for the blocks that all readers know.
_FIELDS: Final = {
    "text": (("text", str),),
    "thinking": (("thinking", str), ("signature", str)),
    "redacted_thinking": (("data", str),),
    "tool_use": (("id", str), ("name", str), ("input", dict)),
}


def is_sound(payload: JsonObject) -> bool:
    """Whether every field that readers rely on is there and right."""
    content, word = payload.get("content"), payload.get("stop_reason")
    usage = payload.get("usage")
    if not isinstance(content, list) or not all(_sound_block(b) for b in content):
        return False
    called = any(isinstance(b, dict) and b["type"] == "tool_use" for b in content)
    return (
        isinstance(payload.get("id"), str)
        and bool(payload["id"])
        and payload.get("type") == "message"
        and payload.get("role") == "assistant"
        and isinstance(payload.get("model"), str)
        and isinstance(word, str)
        and word in REASONS
        and (word != "tool_use" or called)
        and (word != "end_turn" or not called)
        and isinstance(usage, dict)
        and type(usage.get("input_tokens")) is int
        and type(usage.get("output_tokens")) is int
    )


def _sound_block(block: Json) -> bool:
    if not isinstance(block, dict) or not isinstance(block.get("type"), str):
        return False
    fields = _FIELDS.get(str(block["type"]), ())
    return all(isinstance(block.get(name), kind) for name, kind in fields)
