"""Streams in words, both ways: `message | open 0 text | text 0 hi | close 0`.

A dash stands for a missing index, id or reason.
"""

from __future__ import annotations

from typing import Any

import orjson

__all__ = ["brief", "frame", "payloads"]

DELTAS = {
    "text": ("text_delta", "text"),
    "think": ("thinking_delta", "thinking"),
    "sign": ("signature_delta", "signature"),
    "args": ("input_json_delta", "partial_json"),
    "new_delta": ("new_delta", "x"),
}
WORDS = {kind: (word, field) for word, (kind, field) in DELTAS.items()}

BLOCKS: dict[str, dict[str, Any]] = {
    "text": {"text": ""},
    "thinking": {"thinking": "", "signature": ""},
    "redacted_thinking": {"data": "sealed"},
    "web_search_tool_result": {"tool_use_id": "srv_1", "content": []},
}


def payloads(story: str) -> list[dict[str, Any]]:
    """The events of a story."""
    return [payload(*part.strip("\n").split(" ", 2)) for part in parts(story)]


def parts(story: str) -> list[str]:
    return [part.removeprefix(" ") for part in story.split(" |")]


def payload(word: str, first: str = "", rest: str = "") -> dict[str, Any]:
    match word:
        case "message":
            return {"type": "message_start", "message": message()}
        case "open":
            out = indexed("content_block_start", first)
            return out | ({"content_block": block(rest)} if rest else {})
        case "close":
            return indexed("content_block_stop", first)
        case "end":
            delta = {"stop_reason": None if first == "-" else first}
            usage = {"output_tokens": 9}
            return {
                "type": "message_delta",
                "delta": delta | {"stop_sequence": None},
                "usage": usage,
            }
        case "over":
            return {"type": "message_stop"}
        case _ if word in DELTAS:
            kind, field = DELTAS[word]
            out = indexed("content_block_delta", first)
            return out | {"delta": {"type": kind, field: rest}}
        case _:
            return {"type": word}


def message() -> dict[str, Any]:
    return {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "claude-x",
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": {"input_tokens": 3, "output_tokens": 1},
    }


def indexed(kind: str, index: str) -> dict[str, Any]:
    return {"type": kind} | ({} if index == "-" else {"index": int(index)})


def block(words: str) -> dict[str, Any]:
    kind, *more = words.split(" ", 3)
    if not more:
        return {"type": kind} | BLOCKS[kind]
    given = orjson.loads(more[2]) if len(more) > 2 else {}
    call_id = None if more[0] == "-" else more[0]
    return {"type": kind, "id": call_id, "name": more[1], "input": given}


def brief(told: dict[str, Any]) -> str:
    """One event in words."""
    match told["type"]:
        case "message_start":
            return "message"
        case "content_block_start":
            made = told["content_block"]
            more = " ".join(made[key] for key in ("id", "name") if key in made)
            if made.get("input"):
                more += f" {orjson.dumps(made['input']).decode()}"
            return f"open {told['index']} {made['type']} {more}".rstrip()
        case "content_block_delta":
            word, field = WORDS[told["delta"]["type"]]
            return f"{word} {told['index']} {told['delta'][field]}"
        case "content_block_stop":
            return f"close {told['index']}"
        case "message_delta":
            return f"end {told['delta']['stop_reason']}"
        case "message_stop":
            return "over"
        case kind:
            return str(kind)


def frame(told: dict[str, Any], *, named: bool = True) -> bytes:
    """One event as an upstream writes it, with spaces that we would not write."""
    name = f"event: {told['type']}\n".encode() if named else b""
    data = orjson.dumps(told).replace(b'"type":', b'"type": ')
    return b"%bdata: %b\n\n" % (name, data)
