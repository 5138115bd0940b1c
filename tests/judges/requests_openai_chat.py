"""Requests of Chat Completions, by hand."""

from __future__ import annotations

from typing import Any, Final

from .sample import Broken, Document

__all__ = ["BROKEN", "VALID"]

HI: Final = {"role": "user", "content": "hi"}
SCHEMA: Final = {"type": "object", "properties": {"x": {"type": "integer"}}}
TOOL: Final = {"type": "function", "function": {"name": "f", "parameters": SCHEMA}}
CALL: Final = {
    "id": "call_1",
    "type": "function",
    "function": {"name": "f", "arguments": '{"x":1}'},
}
CALLED: Final = {"role": "assistant", "content": None, "tool_calls": [CALL]}
RESULT: Final = {"role": "tool", "tool_call_id": "call_1", "content": "2"}
CACHE: Final = {"type": "ephemeral"}
SIGNED: Final = {"google": {"thought_signature": "aa"}}
IMAGE: Final = {"type": "image_url", "image_url": {"url": "data:image/png;base64,aa"}}
FILE: Final = {"type": "file", "file": {"file_data": "data:a", "filename": "a.pdf"}}
SOUND: Final = {"type": "input_audio", "input_audio": {"data": "aa", "format": "wav"}}


def ask(*messages: Document, **more: Any) -> Document:
    return {"model": "m", "messages": list(messages or (HI,)), **more}


def text(words: str, **more: Any) -> Document:
    return {"type": "text", "text": words, **more}


def user(*content: Document) -> Document:
    return {"role": "user", "content": list(content)}


VALID: Final = {
    "the least": ask(),
    "all roles": ask(
        {"role": "system", "content": "s"},
        {"role": "developer", "content": [text("d")]},
        {"role": "user", "content": "u", "name": "n"},
        {"role": "assistant", "content": [text("a")]},
    ),
    "media": ask(user(text("t"), IMAGE, FILE, SOUND)),
    "sampling": ask(
        temperature=1,
        top_p=0.5,
        n=2,
        seed=3,
        stop=["a", "b"],
        max_completion_tokens=5,
        presence_penalty=0.1,
        frequency_penalty=0.1,
        logit_bias={"5": 1},
    ),
    "a stream": ask(stream=True, stream_options={"include_usage": True}),
    "a tool": ask(
        HI,
        CALLED,
        RESULT,
        tools=[TOOL],
        tool_choice="required",
        parallel_tool_calls=False,
    ),
    "a tool by name": ask(
        tools=[TOOL], tool_choice={"type": "function", "function": {"name": "f"}}
    ),
    "a custom tool": ask(
        HI,
        {
            "role": "assistant",
            "tool_calls": [
                {"id": "c", "type": "custom", "custom": {"name": "g", "input": "i"}}
            ],
        },
        {"role": "tool", "tool_call_id": "c", "content": [text("r")]},
        tools=[{"type": "custom", "custom": {"name": "g"}}],
    ),
    "a schema for the answer": ask(
        response_format={
            "type": "json_schema",
            "json_schema": {"name": "s", "schema": SCHEMA, "strict": True},
        }
    ),
    "reasoning": ask(
        HI,
        {"role": "assistant", "content": "a", "reasoning_content": "r"},
        {
            **CALLED,
            "reasoning_details": [{"type": "reasoning.encrypted", "data": "aa"}],
        },
        RESULT,
        reasoning_effort="high",
    ),
    "settings of the account": ask(
        user="u",
        metadata={"a": "b"},
        store=False,
        service_tier="auto",
        prompt_cache_key="k",
        safety_identifier="s",
        verbosity="low",
        stream=False,
    ),
    "what compatible services take": ask(
        user(text("t", cache_control=CACHE), {**IMAGE, "cache_control": CACHE}),
        {**CALLED, "tool_calls": [{**CALL, "extra_content": SIGNED}]},
        RESULT,
        {**CALLED, "tool_calls": [{**CALL, "cache_control": CACHE}]},
        {**RESULT, "content": [text("r"), IMAGE]},
        tools=[{**TOOL, "cache_control": CACHE}],
        top_k=5,
        reasoning={"max_tokens": 1024},
    ),
}

EXTRA: Final = "Extra inputs are not permitted"

BROKEN: Final[Broken] = {
    "no model": ({"messages": [HI]}, ".model: Field required"),
    "no messages": ({"model": "m"}, ".messages: Field required"),
    "an unknown key": (ask(temprature=1), f".temprature: {EXTRA}"),
    "an unknown key in a message": (
        ask({**HI, "id": "m"}),
        f".messages[0].id: {EXTRA}",
    ),
    "an unknown key in a part": (
        ask(user(text("t"), {**IMAGE, "detail": "low"})),
        f".messages[0].content[1].detail: {EXTRA}",
    ),
    "a number as text": (ask(temperature="1"), ".temperature: "),
    "arguments as an object": (
        ask(
            {
                **CALLED,
                "tool_calls": [{**CALL, "function": {"name": "f", "arguments": {}}}],
            }
        ),
        ".messages[0].tool_calls[0].function.arguments: ",
    ),
    "a result without its call": (
        ask({"role": "tool", "content": "2"}),
        ".messages[0].tool_call_id: Field required",
    ),
    "a part of another dialect": (
        ask(user({"type": "input_text", "text": "t"})),
        ".messages[0].content[0].type: ",
    ),
    "a flat tool": (
        ask(tools=[{"type": "function", "name": "f"}]),
        ".tools[0].function: Field required",
    ),
    "a word of another vendor": (ask(tool_choice="any"), ".tool_choice: "),
    "an extension of another type": (
        ask({"role": "assistant", "content": "a", "reasoning_content": ["r"]}),
        ".messages[0].reasoning_content: ",
    ),
}
