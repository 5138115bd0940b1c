"""Requests of Claude Messages, by hand."""

from __future__ import annotations

from typing import Any, Final

from .sample import Broken, Document

__all__ = ["BROKEN", "VALID"]

HI: Final = {"role": "user", "content": "hi"}
CACHE: Final = {"type": "ephemeral", "ttl": "1h"}
SCHEMA: Final = {"type": "object", "properties": {"x": {"type": "integer"}}}
TOOL: Final = {"name": "f", "description": "d", "input_schema": SCHEMA}
USE: Final = {"type": "tool_use", "id": "toolu_1", "name": "f", "input": {"x": 1}}
RESULT: Final = {"type": "tool_result", "tool_use_id": "toolu_1", "content": "2"}
THOUGHT: Final = {"type": "thinking", "thinking": "t", "signature": "aa"}
PIXELS: Final = {"type": "base64", "media_type": "image/png", "data": "aa"}
IMAGE: Final = {"type": "image", "source": PIXELS}
PAPER: Final = {
    "type": "document",
    "source": {"type": "base64", "media_type": "application/pdf", "data": "aa"},
    "title": "t",
    "citations": {"enabled": True},
}


def ask(*messages: Document, **more: Any) -> Document:
    return {"model": "m", "max_tokens": 9, "messages": list(messages or (HI,)), **more}


def text(words: str, **more: Any) -> Document:
    return {"type": "text", "text": words, **more}


def user(*content: Document) -> Document:
    return {"role": "user", "content": list(content)}


def model(*content: Document) -> Document:
    return {"role": "assistant", "content": list(content)}


VALID: Final = {
    "the least": ask(),
    "a system prompt": ask(system=[text("s", cache_control=CACHE)]),
    "media": ask(
        user(
            text("t"),
            IMAGE,
            {"type": "image", "source": {"type": "url", "url": "u"}},
            PAPER,
        )
    ),
    "sampling": ask(temperature=1, top_p=0.5, top_k=5, stop_sequences=["a"]),
    "a stream": ask(stream=True),
    "a tool": ask(
        HI,
        model(text("t"), USE),
        user(RESULT),
        tools=[{**TOOL, "cache_control": CACHE, "strict": True}],
        tool_choice={"type": "any", "disable_parallel_tool_use": True},
    ),
    "a tool by name": ask(tools=[TOOL], tool_choice={"type": "tool", "name": "f"}),
    "a result with an image": ask(
        HI,
        model(USE),
        user({**RESULT, "content": [text("r"), IMAGE], "is_error": True}),
    ),
    "thinking": ask(
        HI,
        model(THOUGHT, {"type": "redacted_thinking", "data": "aa"}, text("a")),
        HI,
        thinking={"type": "enabled", "budget_tokens": 1024},
    ),
    "effort and a schema": ask(
        thinking={"type": "adaptive"},
        output_config={
            "effort": "high",
            "format": {"type": "json_schema", "schema": SCHEMA},
        },
    ),
    "tools of the server": ask(
        tools=[{"type": "web_search_20250305", "name": "web_search", "max_uses": 1}],
        metadata={"user_id": "u"},
        service_tier="auto",
        stream=False,
    ),
    "a beta": ask(
        context_management={"edits": [{"type": "clear_tool_uses_20250919"}]},
        mcp_servers=[{"type": "url", "name": "n", "url": "u"}],
    ),
}

EXTRA: Final = "Extra inputs are not permitted"

BROKEN: Final[Broken] = {
    "no limit": (
        {"model": "m", "messages": [HI]},
        ".max_tokens: Field required",
    ),
    "a limit that is no integer": (ask(max_tokens=1.5), ".max_tokens: "),
    "an unknown key": (ask(max_output_tokens=1), f".max_output_tokens: {EXTRA}"),
    "a header": (ask(betas=["b"]), f".betas: {EXTRA}"),
    "an unknown key in a block": (
        ask(model({**USE, "index": 0})),
        f".messages[0].content[0].index: {EXTRA}",
    ),
    "an unknown key in a result": (
        ask(user({**RESULT, "content": [text("r", id=1)]})),
        f".messages[0].content[0].content[0].id: {EXTRA}",
    ),
    "thinking without a signature": (
        ask(model({"type": "thinking", "thinking": "t"})),
        ".messages[0].content[0].signature: Field required",
    ),
    "input as text": (
        ask(model({**USE, "input": "{}"})),
        ".messages[0].content[0].input: ",
    ),
    "an image of another dialect": (
        ask(user({"type": "image_url", "image_url": {"url": "u"}})),
        ".messages[0].content[0].type: ",
    ),
    "an image of an unknown kind": (
        ask(user({**IMAGE, "source": {**PIXELS, "media_type": "image/bmp"}})),
        ".messages[0].content[0].source.media_type: ",
    ),
    "a tool of another dialect": (
        ask(tools=[{"name": "f", "parameters": SCHEMA}]),
        ".tools[0].",
    ),
    "a choice as a word": (ask(tool_choice="auto"), ".tool_choice: "),
}
