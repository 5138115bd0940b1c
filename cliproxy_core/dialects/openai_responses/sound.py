"""Whether a whole answer may go on to a caller of this API as it came.

What strict readers of the vendor's SDKs insist on, and what would mislead an agent: a
call that was cut must not look like one that can be run.
"""

from __future__ import annotations

from typing import Final

from cliproxy_core.base.errors import DecodeError
from cliproxy_core.base.jsonval import Json, JsonObject, loads

__all__ = ["is_sound", "is_sound_item", "is_sound_usage"]

# The status of a complete answer. `queued` and `in_progress` are those of background
# mode, where the answer is fetched later.
_STATUSES: Final = frozenset({"completed", "incomplete", "queued", "in_progress"})

# Field and type that a reader relies on, for the items that all readers know.
_FIELDS: Final = {
    "message": (("id", str), ("role", str), ("content", list)),
    "reasoning": (("id", str), ("summary", list)),
    "function_call": (("call_id", str), ("name", str), ("arguments", str)),
    "custom_tool_call": (("call_id", str), ("name", str), ("input", str)),
}
_CALLS: Final = frozenset({"function_call", "custom_tool_call"})

_PARTS: Final = {
    "output_text": (("text", str), ("annotations", list)),
    "refusal": (("refusal", str),),
    "reasoning_text": (("text", str),),
    "summary_text": (("text", str),),
}

# Strict clients want both detail objects (facts/02, section 2.2.2).
_COUNTS: Final = ("input_tokens", "output_tokens", "total_tokens")
_DETAILS: Final = (
    ("input_tokens_details", "cached_tokens"),
    ("output_tokens_details", "reasoning_tokens"),
)


def is_sound(document: JsonObject) -> bool:
    """Whether every field that readers rely on is there and right."""
    output, status, model = (document.get(k) for k in ("output", "status", "model"))
    usage, details = document.get("usage"), document.get("incomplete_details")
    return (
        isinstance(document.get("id"), str)
        and bool(document["id"])
        and document.get("object") == "response"
        and type(document.get("created_at")) in (int, float)
        and isinstance(model, str)
        and isinstance(status, str)
        and status in _STATUSES
        and document.get("error") is None
        and isinstance(details, dict) == (status == "incomplete")
        and (usage is None or is_sound_usage(usage))
        and isinstance(output, list)
        and all(is_sound_item(item, finished=status == "completed") for item in output)
    )


def is_sound_usage(usage: Json) -> bool:
    """Whether all counts that readers rely on are there."""
    if not isinstance(usage, dict):
        return False
    if not all(type(usage.get(key)) is int for key in _COUNTS):
        return False
    for holder, key in _DETAILS:
        details = usage.get(holder)
        if not isinstance(details, dict) or type(details.get(key)) is not int:
            return False
    return True


def is_sound_item(item: Json, *, finished: bool) -> bool:
    """Whether an item is whole; in a `finished` answer its call must be runnable."""
    if not isinstance(item, dict) or not isinstance(item.get("type"), str):
        return False
    kind = str(item["type"])
    if not all(isinstance(item.get(k), t) for k, t in _FIELDS.get(kind, ())):
        return False
    if kind in _CALLS:
        if not item["call_id"] or not item["name"]:
            return False
        runnable = kind != "function_call" or _is_json(item["arguments"])
        cut = not finished and item.get("status") != "completed"
        return cut or runnable
    return all(
        _is_sound_part(part)
        for key in ("content", "summary")
        for part in _listed(item.get(key))
    )


def _listed(parts: Json) -> list[Json]:
    return parts if isinstance(parts, list) else []


def _is_sound_part(part: Json) -> bool:
    if not isinstance(part, dict) or not isinstance(part.get("type"), str):
        return False
    fields = _PARTS.get(str(part["type"]), ())
    return all(isinstance(part.get(key), kind) for key, kind in fields)


def _is_json(text: Json) -> bool:
    try:
        loads(str(text))
    except DecodeError:
        return False
    return True
