"""The payloads of a stream as short lines, one for each thing that is said.

    Chat        role | text Hi | thought t | call 0 id name | args 0 {..} | finish stop
    Claude      open 0 text | text 0 Hi | sign 0 sig | close 0 | end end_turn | over
    Responses   item 0 message msg_1 | part 0 | text 0 Hi | .. | item! 0 | completed
    Gemini      text Hi | thought t | call id name {..} | finish STOP

A mark of exclamation stands for the event that says a thing is done. What a test wants
to know beside that (usage, annotations, whole items) it reads from the payloads.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import orjson

__all__ = ["LINES", "Payload", "lines"]

Payload = dict[str, Any]

_CLAUDE_DELTAS = {
    "text_delta": ("text", "text"),
    "thinking_delta": ("think", "thinking"),
    "signature_delta": ("sign", "signature"),
    "input_json_delta": ("args", "partial_json"),
}

_RESPONSES_WORDS = {
    "output_item.added": "item",
    "output_item.done": "item!",
    "content_part.added": "part",
    "content_part.done": "part!",
    "output_text.delta": "text",
    "output_text.done": "text!",
    "output_text.annotation.added": "note",
    "refusal.delta": "refusal",
    "refusal.done": "refusal!",
    "reasoning_summary_part.added": "summary",
    "reasoning_summary_part.done": "summary!",
    "reasoning_summary_text.delta": "think",
    "reasoning_summary_text.done": "think!",
    "function_call_arguments.delta": "args",
    "function_call_arguments.done": "args!",
    "custom_tool_call_input.delta": "input",
    "custom_tool_call_input.done": "input!",
}


def lines(dialect: str, payloads: Iterable[Payload]) -> list[str]:
    """What a caller of a dialect hears."""
    tell = LINES[dialect]
    return [line for payload in payloads for line in tell(payload)]


def _chat(payload: Payload) -> list[str]:
    if "error" in payload:
        return [f"error {payload['error']['message']}"]
    out = [line for choice in payload["choices"] for line in _choice(choice)]
    return out + (["usage"] if payload.get("usage") else [])


def _choice(choice: Payload) -> list[str]:
    delta, out = choice["delta"], []
    if "role" in delta:
        out.append("role")
    if delta.get("content"):
        out.append(f"text {delta['content']}")
    if delta.get("reasoning_content"):
        out.append(f"thought {delta['reasoning_content']}")
    if delta.get("reasoning_details"):
        out.append("details")
    for call in delta.get("tool_calls", ()):
        function = call.get("function") or call.get("custom") or {}
        if "id" in call:
            out.append(f"call {call['index']} {call['id']} {function['name']}")
        said = function.get("arguments") or function.get("input")
        if said:
            out.append(f"args {call['index']} {said}")
    out += [f"image {image['image_url']['url']}" for image in delta.get("images", ())]
    if choice.get("finish_reason"):
        out.append(f"finish {choice['finish_reason']}")
    index = choice["index"]
    return [f"{index}: {line}" for line in out] if index else out


def _claude(payload: Payload) -> list[str]:
    index = payload.get("index")
    match payload["type"]:
        case "message_start":
            return ["start"]
        case "content_block_start":
            block = payload["content_block"]
            named = [block["type"], block.get("id"), block.get("name")]
            return [f"open {index} {' '.join(word for word in named if word)}"]
        case "content_block_delta":
            delta = payload["delta"]
            known = _CLAUDE_DELTAS.get(delta["type"])
            if known is None:
                return [f"{delta['type']} {index}"]
            return [f"{known[0]} {index} {delta[known[1]]}"]
        case "content_block_stop":
            return [f"close {index}"]
        case "message_delta":
            return [f"end {payload['delta']['stop_reason']}"]
        case "error":
            return [f"error {payload['error']['type']}: {payload['error']['message']}"]
        case kind:
            return ["over" if kind == "message_stop" else kind]


def _responses(payload: Payload) -> list[str]:
    kind = payload["type"].removeprefix("response.")
    word = _RESPONSES_WORDS.get(kind)
    if word is None:
        return [f"error {payload['message']}" if kind == "error" else kind]
    line = f"{word} {payload['output_index']}"
    if "item" in payload:
        item = payload["item"]
        return [line if word.endswith("!") else f"{line} {item['type']} {item['id']}"]
    for key in ("delta", "text", "arguments", "input", "refusal"):
        if key in payload:
            return [f"{line} {payload[key]}"]
    return [line]


def _gemini(payload: Payload) -> list[str]:
    if "error" in payload:
        return [f"error {payload['error']['message']}"]
    out: list[str] = []
    for candidate in payload.get("candidates", ()):
        for part in candidate.get("content", {}).get("parts", ()):
            out += _part(part)
        if "finishReason" in candidate:
            out.append(f"finish {candidate['finishReason']}")
    return out


def _part(part: Payload) -> list[str]:
    if "functionCall" in part:
        call = part["functionCall"]
        args = orjson.dumps(call.get("args")).decode()
        return [f"call {call.get('id')} {call['name']} {args}"]
    if not part.get("text"):
        return [key for key in part if key not in ("text", "thought")]
    return [f"{'thought' if part.get('thought') else 'text'} {part['text']}"]


LINES: dict[str, Callable[[Payload], list[str]]] = {
    "openai_chat": _chat,
    "claude_messages": _claude,
    "openai_responses": _responses,
    "gemini": _gemini,
}
