"""Streams, answers and requests to measure with, in every dialect.

The chunk of a chat stream has about 150 bytes, as in the calibration; requests look
like those of coding agents: a system prompt, tools with schemas, turns that call tools.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import orjson

from tests.bench.newer import (
    GEMINI,
    RESPONSES,
    gemini_request,
    gemini_stream,
    gemini_turn,
    responses_request,
    responses_stream,
    responses_turn,
)

__all__ = [
    "CHAT",
    "CHAT_CHUNK",
    "CHAT_WHOLE",
    "CLAUDE",
    "CLAUDE_DELTA",
    "GEMINI",
    "MODEL",
    "PATHS",
    "RESPONSES",
    "TEXT_OF_WHOLE",
    "chunked",
    "frames",
    "request_body",
    "token",
]

CHAT: Final = "openai_chat"
CLAUDE: Final = "claude_messages"
PATHS: Final = {CHAT: "/v1/chat/completions", CLAUDE: "/v1/messages"}

MODEL: Final = "bench"

# What a token looks like: mostly short words, now and then something to be escaped.
_WORDS: Final = (" the", " token", " is", " a", " quick", "ly", " brown", ",", ' "x"',
                 " é", ".", "\n", " fox", " jumps", " over", " lazy")  # fmt: skip


def token(number: int) -> str:
    return _WORDS[number % len(_WORDS)]


def chat_chunk(delta: dict[str, Any], finish: str | None = None) -> bytes:
    return orjson.dumps(
        {
            "id": "c1",
            "object": "chat.completion.chunk",
            "created": 1767225600,
            "model": MODEL,
            "choices": [{"index": 0, "delta": delta, "finish_reason": finish}],
        }
    )


CHAT_CHUNK: Final = chat_chunk({"content": " tok"})
CLAUDE_DELTA: Final[dict[str, Any]] = {
    "type": "content_block_delta",
    "index": 0,
    "delta": {"type": "text_delta", "text": " token"},
}

_USAGE: Final = {"prompt_tokens": 20, "completion_tokens": 500, "total_tokens": 520}

TEXT_OF_WHOLE: Final = "Hello! How can I help you today?"
CHAT_WHOLE: Final = orjson.dumps(
    {
        "id": "c1",
        "object": "chat.completion",
        "created": 1767225600,
        "model": MODEL,
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": TEXT_OF_WHOLE},
                "finish_reason": "stop",
            }
        ],
        "usage": _USAGE,
    }
)


_NEWER: Final = {RESPONSES: responses_stream, GEMINI: gemini_stream}


def frames(dialect: str, count: int) -> list[bytes]:
    """A legal stream with so many words, frame by frame."""
    if dialect in _NEWER:
        return list(_NEWER[dialect]([token(i) for i in range(count)], MODEL))
    return list(_chat(count) if dialect == CHAT else _claude(count))


def chunked(stream: list[bytes], size: int) -> list[bytes]:
    """The stream as it comes when much of it is there at once."""
    whole = b"".join(stream)
    return [whole[at : at + size] for at in range(0, len(whole), size)]


def _chat(count: int) -> Iterator[bytes]:
    payloads = [chat_chunk({"role": "assistant", "content": ""})]
    payloads += [chat_chunk({"content": token(i)}) for i in range(count)]
    payloads.append(chat_chunk({}, "stop"))
    last = orjson.loads(CHAT_CHUNK) | {"choices": [], "usage": _USAGE}
    payloads += [orjson.dumps(last), b"[DONE]"]
    for payload in payloads:
        yield b"data: %b\n\n" % payload


def _claude(count: int) -> Iterator[bytes]:
    message: dict[str, Any] = {
        "id": "msg_12345",
        "type": "message",
        "role": "assistant",
        "model": MODEL,
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": {"input_tokens": 20, "output_tokens": 1},
    }
    yield _named({"type": "message_start", "message": message})
    block = {"type": "text", "text": ""}
    yield _named({"type": "content_block_start", "index": 0, "content_block": block})
    for i in range(count):
        delta = {"type": "text_delta", "text": token(i)}
        yield _named({**CLAUDE_DELTA, "delta": delta})
    yield _named({"type": "content_block_stop", "index": 0})
    stop = {"stop_reason": "end_turn", "stop_sequence": None}
    usage = {"output_tokens": 500}
    yield _named({"type": "message_delta", "delta": stop, "usage": usage})
    yield _named({"type": "message_stop"})


def _named(payload: dict[str, Any]) -> bytes:
    name = payload["type"].encode()
    return b"event: %b\ndata: %b\n\n" % (name, orjson.dumps(payload))


# Requests.


def request_body(
    dialect: str, size: int, *, stream: bool = True, model_last: bool = False
) -> bytes:
    """A request of about that many bytes: turns are added until it is that long."""
    tools = 2 if size < 10_000 else 12
    document = _head(dialect, tools)
    if dialect != GEMINI:  # which says both in its address
        document["stream"] = stream
        if not model_last:
            document = {"model": MODEL, **document}
        document["model"] = MODEL
    words = 60 if size < 10_000 else 700
    held = len(orjson.dumps(document))
    turn = 0
    while held < size:
        more = _turn(dialect, turn, words)
        document[_TURNS.get(dialect, "messages")] += more
        held += len(orjson.dumps(more))
        turn += 1
    return orjson.dumps(document)


_TURNS: Final = {RESPONSES: "input", GEMINI: "contents"}
"""Where the turns stand."""


def _head(dialect: str, tools: int) -> dict[str, Any]:
    match dialect:
        case "openai_responses":
            return responses_request(_prose, _schema(), tools)
        case "gemini":
            return gemini_request(_prose, _schema(), tools)
        case _:
            return (_chat_request if dialect == CHAT else _claude_request)(tools)


def _turn(dialect: str, turn: int, words: int) -> list[dict[str, Any]]:
    match dialect:
        case "openai_responses":
            return responses_turn(_prose, turn, words)
        case "gemini":
            return gemini_turn(_prose, turn, words)
        case _:
            return (_chat_turn if dialect == CHAT else _claude_turn)(turn, words)


def _prose(words: int, start: int) -> str:
    return "".join(token(start + i) for i in range(words)).strip()


def _schema() -> dict[str, Any]:
    text = {"type": "string", "description": "An absolute path, and nothing else."}
    number = {"type": "integer", "minimum": 0}
    return {
        "type": "object",
        "properties": {"path": text, "offset": number, "limit": number},
        "required": ["path"],
        "additionalProperties": False,
    }


def _chat_request(tools: int) -> dict[str, Any]:
    function = {"description": _prose(20, 3), "parameters": _schema()}
    return {
        "messages": [{"role": "system", "content": _prose(60, 1)}],
        "tools": [
            {"type": "function", "function": {"name": f"read_{i}", **function}}
            for i in range(tools)
        ],
        "tool_choice": "auto",
        "temperature": 0.7,
        "max_tokens": 1024,
    }


def _claude_request(tools: int) -> dict[str, Any]:
    cache = {"type": "ephemeral"}
    system = [{"type": "text", "text": _prose(60, 1), "cache_control": cache}]
    function = {"description": _prose(20, 3), "input_schema": _schema()}
    return {
        "system": system,
        "messages": [],
        "tools": [{"name": f"read_{i}", **function} for i in range(tools)],
        "tool_choice": {"type": "auto"},
        "temperature": 0.7,
        "max_tokens": 1024,
    }


def _chat_turn(turn: int, words: int) -> list[dict[str, Any]]:
    arguments = orjson.dumps({"path": f"/src/{turn}.py", "limit": 100}).decode()
    function = {"name": "read_1", "arguments": arguments}
    call = {"id": f"call_{turn}", "type": "function", "function": function}
    return [
        {"role": "user", "content": _prose(words, turn)},
        {"role": "assistant", "content": _prose(words, 2), "tool_calls": [call]},
        {"role": "tool", "tool_call_id": f"call_{turn}", "content": _prose(words, 5)},
        {"role": "assistant", "content": _prose(words // 4, 4)},
    ]


def _claude_turn(turn: int, words: int) -> list[dict[str, Any]]:
    asked = {"path": f"/src/{turn}.py", "limit": 100}
    name = f"toolu_{turn}"
    call = {"type": "tool_use", "id": name, "name": "read_1", "input": asked}
    result = {"type": "tool_result", "tool_use_id": name, "content": _prose(words, 5)}
    said = {"type": "text", "text": _prose(words, 2)}
    last = {"type": "text", "text": _prose(words // 4, 4)}
    return [
        {"role": "user", "content": _prose(words, turn)},
        {"role": "assistant", "content": [said, call]},
        {"role": "user", "content": [result]},
        {"role": "assistant", "content": [last]},
    ]
