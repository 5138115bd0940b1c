"""Streams and requests in the dialects of Responses and Gemini, to measure with.

A chunk of Gemini's has 290 bytes, and no two are alike: each counts the tokens so far.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

import orjson

from cliproxy_core.testing.demo_plan import Plan
from cliproxy_core.testing.demo_responses import RESPONSES as DEMO

__all__ = ["GEMINI", "RESPONSES", "gemini_request", "gemini_stream"]
__all__ += ["gemini_turn", "responses_request", "responses_stream", "responses_turn"]

RESPONSES: Final = "openai_responses"
GEMINI: Final = "gemini"

Prose = Callable[[int, int], str]
"""So many words, from a place in the list of words."""


def responses_stream(words: list[str], model: str) -> Iterator[bytes]:
    return DEMO.frames(Plan(model=model, text=tuple(words)))


def gemini_stream(words: list[str], model: str) -> Iterator[bytes]:
    for number, word in enumerate(words, start=1):
        candidate: dict[str, Any] = {
            "content": {"parts": [{"text": word}], "role": "model"},
            "index": 0,
        }
        if number == len(words):
            candidate["finishReason"] = "STOP"
        usage = {
            "promptTokenCount": 20,
            "candidatesTokenCount": number,
            "totalTokenCount": 20 + number,
            "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 20}],
        }
        payload = {
            "candidates": [candidate],
            "usageMetadata": usage,
            "modelVersion": model,
            "responseId": "8Zl8aO6eNPqmvdIP",
        }
        yield b"data: %b\r\n\r\n" % orjson.dumps(payload)


def responses_request(
    prose: Prose, schema: dict[str, Any], tools: int
) -> dict[str, Any]:
    function = {"description": prose(20, 3), "parameters": schema, "strict": False}
    return {
        "instructions": prose(60, 1),
        "input": [],
        "tools": [
            {"type": "function", "name": f"read_{i}", **function} for i in range(tools)
        ],
        "tool_choice": "auto",
        "parallel_tool_calls": True,
        "store": False,
        "max_output_tokens": 1024,
    }


def responses_turn(prose: Prose, turn: int, words: int) -> list[dict[str, Any]]:
    arguments = orjson.dumps({"path": f"/src/{turn}.py", "limit": 100}).decode()
    call_id = f"call_{turn}"
    call = {"type": "function_call", "call_id": call_id, "name": "read_1"}
    result = {"type": "function_call_output", "call_id": call_id}
    return [
        _item("user", "input_text", prose(words, turn)),
        _item("assistant", "output_text", prose(words, 2)),
        {**call, "arguments": arguments},
        {**result, "output": prose(words, 5)},
        _item("assistant", "output_text", prose(words // 4, 4)),
    ]


def _item(role: str, kind: str, text: str) -> dict[str, Any]:
    content = [{"type": kind, "text": text}]
    return {"type": "message", "role": role, "content": content}


def gemini_request(prose: Prose, schema: dict[str, Any], tools: int) -> dict[str, Any]:
    function = {"description": prose(20, 3), "parametersJsonSchema": schema}
    return {
        "systemInstruction": {"parts": [{"text": prose(60, 1)}]},
        "contents": [],
        "tools": [
            {
                "functionDeclarations": [
                    {"name": f"read_{i}", **function} for i in range(tools)
                ]
            }
        ],
        "toolConfig": {"functionCallingConfig": {"mode": "AUTO"}},
        "generationConfig": {"temperature": 0.7, "maxOutputTokens": 1024},
    }


def gemini_turn(prose: Prose, turn: int, words: int) -> list[dict[str, Any]]:
    call = {"name": "read_1", "args": {"path": f"/src/{turn}.py", "limit": 100}}
    result = {"name": "read_1", "response": {"output": prose(words, 5)}}
    return [
        {"role": "user", "parts": [{"text": prose(words, turn)}]},
        {
            "role": "model",
            "parts": [{"text": prose(words, 2)}, {"functionCall": call}],
        },
        {"role": "user", "parts": [{"functionResponse": result}]},
        {"role": "model", "parts": [{"text": prose(words // 4, 4)}]},
    ]
