"""The smallest requests of every dialect, and the upstreams that answer them."""

from __future__ import annotations

from typing import Final

from cliproxy_core.base.jsonval import JsonObject
from cliproxy_core.translate import Plan, request
from tests.interop.bends.tables import TABLES

__all__ = ["ASKED", "UPSTREAMS", "plan"]

UPSTREAMS: Final = {
    "openai_chat": TABLES["chat"],
    "openai_responses": TABLES["responses"],
    "claude_messages": TABLES["claude"],
    "gemini": TABLES["gemini"],
}
SCHEMA: Final[JsonObject] = {
    "type": "object",
    "properties": {"city": {"type": "string"}},
}
ASKED: Final[dict[str, JsonObject]] = {
    "openai_chat": {
        "model": "m",
        "messages": [{"role": "user", "content": "hi"}],
        "stream_options": {"include_usage": True},
        "tools": [
            {
                "type": "function",
                "function": {"name": "get_weather", "parameters": SCHEMA},
            }
        ],
    },
    "openai_responses": {
        "model": "m",
        "input": "hi",
        "tools": [{"type": "function", "name": "get_weather", "parameters": SCHEMA}],
    },
    "claude_messages": {
        "model": "m",
        "max_tokens": 100,
        "messages": [{"role": "user", "content": "hi"}],
        "tools": [{"name": "get_weather", "input_schema": SCHEMA}],
    },
    "gemini": {
        "contents": [{"role": "user", "parts": [{"text": "hi"}]}],
        "tools": [
            {
                "functionDeclarations": [
                    {"name": "get_weather", "parametersJsonSchema": SCHEMA}
                ]
            }
        ],
    },
}


def plan(down: str, up: str, *, streams: bool) -> Plan:
    document = dict(ASKED[down])
    if down != "gemini":
        document["stream"] = streams
    return request(document, source=down, target=up, model="m", stream=streams)
