"""Whether a whole answer may go on to a caller of this API as it came.

What strict readers of the vendor's SDKs insist on, and what would mislead an agent: a
call that cannot be run must not be announced as one that can.
"""

from __future__ import annotations

from typing import Final

from cliproxy_core.base.errors import DecodeError
from cliproxy_core.base.jsonval import Json, JsonObject, loads

__all__ = ["is_sound"]

_WORDS: Final = frozenset(
    {"stop", "length", "tool_calls", "content_filter", "function_call"}
)


def is_sound(payload: JsonObject) -> bool:
    """Whether every field that readers rely on is there and right."""
    choices = payload.get("choices")
    return (
        isinstance(payload.get("id"), str)
        and bool(payload["id"])
        and payload.get("object") == "chat.completion"
        and type(payload.get("created")) is int
        and isinstance(payload.get("model"), str)
        and isinstance(choices, list)
        and all(_sound_choice(choice, i) for i, choice in enumerate(choices))
    )


def _sound_choice(choice: Json, place: int) -> bool:
    if not isinstance(choice, dict):
        return False
    message, word = choice.get("message"), choice.get("finish_reason")
    if choice.get("index") != place or not isinstance(message, dict):
        return False
    content = message.get("content", 0)
    if message.get("role") != "assistant" or not isinstance(word, str):
        return False
    if word not in _WORDS:
        return False
    if content is not None and not isinstance(content, str):
        return False
    calls = message.get("tool_calls")
    if not calls:
        return word != "tool_calls" and (calls is None or calls == [])
    cut = word in ("length", "content_filter")
    return (
        (cut or word == "tool_calls")
        and isinstance(calls, list)
        and all(_sound_call(call, cut=cut) for call in calls)
    )


def _sound_call(call: Json, *, cut: bool) -> bool:
    if not isinstance(call, dict) or not isinstance(call.get("id"), str):
        return False
    if call.get("type") == "custom":
        return bool(call["id"]) and isinstance(call.get("custom"), dict)
    function = call.get("function")
    if call.get("type") != "function" or not isinstance(function, dict):
        return False
    name, arguments = function.get("name"), function.get("arguments")
    if not call["id"] or not isinstance(name, str) or not name:
        return False
    return isinstance(arguments, str) and (cut or _is_json(arguments))


def _is_json(text: str) -> bool:
    try:
        loads(text)
    except DecodeError:
        return False
    return True
