"""Whether a whole answer may go on to a caller of this API as it came.

What strict readers of the vendor's SDKs insist on, and what would mislead an agent: a
call must have a name and an object for its arguments.
"""

from __future__ import annotations

from typing import Final

from cliproxy_core.base.jsonval import Json, JsonObject

from .grammar import block_reason

__all__ = ["is_sound"]

_NAMES: Final = ("responseId", "modelVersion")


def is_sound(payload: JsonObject) -> bool:
    """Whether every field that readers rely on is there and right."""
    candidates = payload.get("candidates")
    if not candidates:
        return block_reason(payload) is not None
    return (
        isinstance(candidates, list)
        and all(isinstance(payload.get(key, ""), str) for key in _NAMES)
        and isinstance(payload.get("usageMetadata", {}), dict)
        and all(_sound_candidate(c, i) for i, c in enumerate(candidates))
    )


def _sound_candidate(candidate: Json, place: int) -> bool:
    if not isinstance(candidate, dict) or candidate.get("index", place) != place:
        return False
    word, content = candidate.get("finishReason"), candidate.get("content")
    if not isinstance(word, str) or word != word.upper() or not word:
        return False
    if not content:  # nothing was said, as after a stop for safety
        return content is None or content == {}
    if not isinstance(content, dict) or content.get("role") != "model":
        return False
    parts = content.get("parts", [])
    return isinstance(parts, list) and all(_sound_part(part) for part in parts)


def _sound_part(part: Json) -> bool:
    if not isinstance(part, dict) or not part or any("_" in key for key in part):
        return False
    if not isinstance(part.get("text", ""), str):
        return False
    if "functionCall" not in part:
        return True
    call = part["functionCall"]
    return (
        isinstance(call, dict)
        and isinstance(call.get("name"), str)
        and bool(call["name"])
        and isinstance(call.get("args", {}), dict)
        and isinstance(call.get("id", ""), str)
    )
