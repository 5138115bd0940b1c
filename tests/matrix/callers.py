"""For each dialect a request that uses all of it, as callers write it."""

from __future__ import annotations

from cliproxy_core.base.jsonval import JsonObject

__all__ = ["RICH"]

SCHEMA: JsonObject = {"type": "object", "properties": {"city": {"type": "string"}}}

CHAT: JsonObject = {
    "model": "m",
    "messages": [
        {"role": "system", "content": "be kind", "name": "boss"},
        {"role": "developer", "content": [{"type": "text", "text": "be brief"}]},
        {
            "role": "user",
            "name": "ann",
            "content": [
                {"type": "text", "text": "what is this?"},
                {
                    "type": "image_url",
                    "image_url": {"url": "https://x.test/i.png", "detail": "low"},
                },
                {
                    "type": "input_audio",
                    "input_audio": {"data": "aGk=", "format": "wav"},
                },
            ],
        },
        {
            "role": "assistant",
            "content": "looking",
            "tool_calls": [
                {
                    "id": "call_1",
                    "type": "function",
                    "function": {"name": "weather", "arguments": '{"city":"Rome"}'},
                }
            ],
        },
        {"role": "tool", "tool_call_id": "call_1", "content": "sunny"},
    ],
    "max_completion_tokens": 50,
    "temperature": 1.5,
    "top_p": 0.9,
    "n": 1,
    "stop": ["END"],
    "seed": 7,
    "presence_penalty": 0.1,
    "frequency_penalty": 0.2,
    "logit_bias": {"50256": -100},
    "logprobs": True,
    "top_logprobs": 2,
    "user": "somebody",
    "metadata": {"a": "b"},
    "store": False,
    "service_tier": "auto",
    "reasoning_effort": "low",
    "parallel_tool_calls": False,
    "response_format": {
        "type": "json_schema",
        "json_schema": {"name": "n", "schema": SCHEMA, "strict": True},
    },
    "tools": [
        {
            "type": "function",
            "function": {
                "name": "weather",
                "description": "d",
                "parameters": SCHEMA,
                "strict": True,
            },
        }
    ],
    "tool_choice": "required",
    "prompt_cache_key": "k",
    "from_the_future": {"x": 1},
}

CLAUDE: JsonObject = {
    "model": "m",
    "max_tokens": 4000,
    "system": [
        {"type": "text", "text": "be kind", "cache_control": {"type": "ephemeral"}}
    ],
    "messages": [
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "what is this?"},
                {
                    "type": "image",
                    "source": {
                        "type": "base64",
                        "media_type": "image/png",
                        "data": "aGk=",
                    },
                },
                {
                    "type": "document",
                    "title": "t",
                    "source": {
                        "type": "base64",
                        "media_type": "application/pdf",
                        "data": "aGk=",
                    },
                },
            ],
        },
        {
            "role": "assistant",
            "content": [
                {"type": "thinking", "thinking": "hm", "signature": "c2ln"},
                {"type": "redacted_thinking", "data": "c2VhbGVk"},
                {"type": "text", "text": "looking"},
                {
                    "type": "tool_use",
                    "id": "toolu_1",
                    "name": "weather",
                    "input": {"city": "Rome"},
                },
            ],
        },
        {
            "role": "user",
            "content": [
                {
                    "type": "tool_result",
                    "tool_use_id": "toolu_1",
                    "is_error": True,
                    "content": [{"type": "text", "text": "no"}],
                }
            ],
        },
    ],
    "metadata": {"user_id": "somebody"},
    "stop_sequences": ["END"],
    "temperature": 0.5,
    "top_p": 0.9,
    "top_k": 40,
    "service_tier": "auto",
    "thinking": {"type": "enabled", "budget_tokens": 2000},
    "tools": [
        {
            "name": "weather",
            "description": "d",
            "input_schema": SCHEMA,
            "cache_control": {"type": "ephemeral"},
        },
        {"type": "web_search_20250305", "name": "web_search", "max_uses": 3},
    ],
    "tool_choice": {"type": "auto", "disable_parallel_tool_use": True},
    "container": "c",
    "from_the_future": {"x": 1},
}

RICH: dict[str, JsonObject] = {"openai_chat": CHAT, "claude_messages": CLAUDE}
