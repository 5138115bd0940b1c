"""Requests of Responses, by hand."""

from __future__ import annotations

from typing import Any, Final

from .sample import Broken, Document

__all__ = ["BROKEN", "VALID"]

SCHEMA: Final = {"type": "object", "properties": {"x": {"type": "integer"}}}
TOOL: Final = {"type": "function", "name": "f", "parameters": SCHEMA, "strict": False}
CALL: Final = {
    "type": "function_call",
    "call_id": "call_1",
    "name": "f",
    "arguments": '{"x":1}',
}
RESULT: Final = {"type": "function_call_output", "call_id": "call_1", "output": "2"}
THOUGHT: Final = {
    "type": "reasoning",
    "id": "rs_1",
    "summary": [{"type": "summary_text", "text": "s"}],
    "encrypted_content": "aa",
}
IMAGE: Final = {"type": "input_image", "image_url": "data:a", "detail": "auto"}
FILE: Final = {"type": "input_file", "file_data": "data:a", "filename": "a.pdf"}


def ask(*items: Document, **more: Any) -> Document:
    return {"model": "m", "input": list(items) or "hi", **more}


def user(*content: Document) -> Document:
    return {"type": "message", "role": "user", "content": list(content)}


def heard(words: str, **more: Any) -> Document:
    return {"type": "input_text", "text": words, **more}


def said(words: str) -> Document:
    """A message of the model, as it came."""
    part = {"type": "output_text", "text": words, "annotations": []}
    known = {"type": "message", "id": "msg_1", "status": "completed"}
    return {**known, "role": "assistant", "content": [part]}


VALID: Final = {
    "the least": ask(),
    "all roles": ask(
        {"role": "developer", "content": "d"},
        {"role": "system", "content": [heard("s")]},
        {"role": "user", "content": "u"},
        {"role": "assistant", "content": "a"},
        said("a"),
        instructions="i",
    ),
    "media": ask(user(heard("t"), IMAGE, FILE)),
    "sampling": ask(temperature=1, top_p=0.5, max_output_tokens=9, top_logprobs=2),
    "a stream": ask(stream=True, store=False),
    "a tool": ask(
        user(heard("t")),
        CALL,
        RESULT,
        tools=[TOOL],
        tool_choice="required",
        parallel_tool_calls=False,
    ),
    "a tool by name": ask(
        tools=[TOOL], tool_choice={"type": "function", "name": "f"}, max_tool_calls=1
    ),
    "a custom tool": ask(
        {"type": "custom_tool_call", "call_id": "c", "name": "g", "input": "i"},
        {"type": "custom_tool_call_output", "call_id": "c", "output": "o"},
        tools=[{"type": "custom", "name": "g", "format": {"type": "text"}}],
    ),
    "a schema for the answer": ask(
        text={
            "format": {
                "type": "json_schema",
                "name": "s",
                "schema": SCHEMA,
                "strict": True,
            },
            "verbosity": "low",
        }
    ),
    "reasoning": ask(
        user(heard("t")),
        THOUGHT,
        said("a"),
        reasoning={"effort": "high", "summary": "auto"},
        include=["reasoning.encrypted_content"],
    ),
    "settings of the account": ask(
        metadata={"a": "b"},
        service_tier="auto",
        prompt_cache_key="k",
        safety_identifier="s",
        previous_response_id="resp_1",
        truncation="auto",
        user="u",
        stream=False,
    ),
    "a result with an image": ask(
        CALL,
        {**RESULT, "output": [heard("t"), IMAGE]},
        tools=[{"type": "web_search"}],
    ),
}

EXTRA: Final = "Extra inputs are not permitted"

BROKEN: Final[Broken] = {
    "a key of another dialect": (ask(messages=[]), f".messages: {EXTRA}"),
    "a limit of another dialect": (ask(max_tokens=9), f".max_tokens: {EXTRA}"),
    "a limit that is no integer": (ask(max_output_tokens="9"), ".max_output_tokens: "),
    "an unknown key in an item": (
        ask({**CALL, "index": 0}),
        f".input[0].index: {EXTRA}",
    ),
    "an unknown key in a part": (
        ask(user(heard("t", cache_control={}))),
        f".input[0].content[0].cache_control: {EXTRA}",
    ),
    "a part of another dialect": (
        ask(user({"type": "text", "text": "t"})),
        ".input[0].content[0].type: ",
    ),
    "arguments as an object": (ask({**CALL, "arguments": {}}), ".input[0].arguments: "),
    "reasoning without a summary": (
        ask({"type": "reasoning", "id": "rs_1", "encrypted_content": "aa"}),
        ".input[0].summary: Field required",
    ),
    "a call without its id": (
        ask({"type": "function_call", "name": "f", "arguments": "{}"}),
        ".input[0].call_id: Field required",
    ),
    "a tool of another dialect": (
        ask(tools=[{"type": "function", "function": {"name": "f"}}]),
        ".tools[0].",
    ),
    "a choice of another dialect": (
        ask(tool_choice={"type": "function", "function": {"name": "f"}}),
        ".tool_choice.",
    ),
    "an unknown effort": (ask(reasoning={"effort": "most"}), ".reasoning.effort: "),
}
