"""Where the parts of a message and the tools stand in a document of each dialect.

Only for telling a caller what was lost: a place that is not found costs exactness, not
correctness.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterator, Mapping
from typing import Final, TypeAlias

from cliproxy_core.base.jsonval import Json, JsonObject
from cliproxy_core.ir.request import Part, Reasoning, Redacted, ToolCall, ToolResult

__all__ = ["Sort", "Spot", "sort_of", "spots", "tool_places"]


class Sort(enum.Enum):
    """What is told apart when parts are counted."""

    WORD = "word"
    CALL = "call"
    RESULT = "result"
    THOUGHT = "thought"


Spot: TypeAlias = tuple[Sort, str]


def sort_of(part: Part) -> Sort:
    match part:
        case ToolCall():
            return Sort.CALL
        case ToolResult():
            return Sort.RESULT
        case Reasoning() | Redacted():
            return Sort.THOUGHT
        case _:
            return Sort.WORD


def spots(
    dialect: str, document: JsonObject, message: Json, path: str
) -> Iterator[Spot]:
    """The parts of the message at a path, in order."""
    if isinstance(message, dict) or dialect == "claude_messages":
        return _SPOTS[dialect](document, message, path)
    return iter(())


def _of_chat(_document: JsonObject, message: Json, path: str) -> Iterator[Spot]:
    assert isinstance(message, dict)
    if message.get("role") in ("tool", "function"):
        yield Sort.RESULT, path
        return
    for key in ("reasoning_details", "thinking_blocks"):
        for number in range(_length(message.get(key))):
            yield Sort.THOUGHT, f"{path}.{key}[{number}]"
    for key in ("reasoning_content", "reasoning"):
        if message.get(key) is not None:
            yield Sort.THOUGHT, f"{path}.{key}"
    yield from _each_word(message.get("content"), f"{path}.content")
    if message.get("refusal") is not None:
        yield Sort.WORD, f"{path}.refusal"
    for number in range(_length(message.get("tool_calls"))):
        yield Sort.CALL, f"{path}.tool_calls[{number}]"
    if message.get("function_call") is not None:
        yield Sort.CALL, f"{path}.function_call"


def _each_word(content: Json, path: str) -> Iterator[Spot]:
    if isinstance(content, str):
        yield Sort.WORD, path
    for number in range(_length(content)):
        yield Sort.WORD, f"{path}[{number}]"


def _of_responses(document: JsonObject, message: Json, path: str) -> Iterator[Spot]:
    """A turn of the model's is all items up to somebody else's."""
    items = document.get("input")
    start = path.removeprefix(".input[").removesuffix("]")
    if not isinstance(items, list) or not start.isdigit():
        return
    for number in range(int(start), len(items)):
        item, place = items[number], f".input[{number}]"
        if not isinstance(item, dict):
            return
        kind = item.get("type", "message")
        models = _is_the_models(item, kind)
        if item is not message and not models:
            return
        if kind == "message":
            yield from _each_word(item.get("content"), f"{place}.content")
        else:
            yield _ITEMS.get(str(kind), Sort.WORD), place
        if not models:
            return


_ITEMS: Final[Mapping[str, Sort]] = {
    "function_call": Sort.CALL,
    "custom_tool_call": Sort.CALL,
    "function_call_output": Sort.RESULT,
    "custom_tool_call_output": Sort.RESULT,
    "reasoning": Sort.THOUGHT,
}


def _is_the_models(item: JsonObject, kind: Json) -> bool:
    if kind == "message":
        return item.get("role") == "assistant"
    return _ITEMS.get(str(kind)) is not Sort.RESULT


def _of_claude(_document: JsonObject, message: Json, path: str) -> Iterator[Spot]:
    """The system text has its blocks in itself, a message in its content."""
    content = message
    if isinstance(message, dict):
        content, path = message.get("content"), f"{path}.content"
    if isinstance(content, str):
        yield Sort.WORD, path
    for number, block in enumerate(content if isinstance(content, list) else ()):
        kind = block.get("type") if isinstance(block, dict) else None
        yield _BLOCKS.get(str(kind), Sort.WORD), f"{path}[{number}]"


_BLOCKS: Final[Mapping[str, Sort]] = {
    "tool_use": Sort.CALL,
    "tool_result": Sort.RESULT,
    "thinking": Sort.THOUGHT,
    "redacted_thinking": Sort.THOUGHT,
}


def _of_gemini(document: JsonObject, message: Json, path: str) -> Iterator[Spot]:
    """A turn is all contents of one speaker."""
    contents = document.get("contents")
    start = path.removeprefix(".contents[").removesuffix("]")
    if not isinstance(contents, list) or not start.isdigit():
        yield from _of_content(message, path)
        return
    assert isinstance(message, dict)
    for number in range(int(start), len(contents)):
        content = contents[number]
        if not isinstance(content, dict) or content.get("role") != message.get("role"):
            return
        yield from _of_content(content, f".contents[{number}]")


def _of_content(content: Json, path: str) -> Iterator[Spot]:
    parts = content.get("parts") if isinstance(content, dict) else None
    for number, part in enumerate(parts if isinstance(parts, list) else ()):
        yield _sort_in_gemini(part), f"{path}.parts[{number}]"


def _sort_in_gemini(part: Json) -> Sort:
    if not isinstance(part, dict):
        return Sort.WORD
    if "functionCall" in part:
        return Sort.CALL
    if "functionResponse" in part:
        return Sort.RESULT
    return Sort.THOUGHT if part.get("thought") is True else Sort.WORD


_SPOTS: Final[Mapping[str, Callable[[JsonObject, Json, str], Iterator[Spot]]]] = {
    "openai_chat": _of_chat,
    "openai_responses": _of_responses,
    "claude_messages": _of_claude,
    "gemini": _of_gemini,
}


def tool_places(dialect: str, document: JsonObject) -> list[str]:
    """Where each tool stands, in the order of the neutral form."""
    out: list[str] = []
    tools = document.get("tools")
    for number, tool in enumerate(tools if isinstance(tools, list) else ()):
        path = f".tools[{number}]"
        inside = list(_within_tool(tool)) if isinstance(tool, dict) else []
        if dialect in ("gemini", "openai_responses") and inside:
            out += (path + place for place in inside)
        else:
            out.append(path)
    if dialect == "openai_chat":
        count = _length(document.get("functions"))
        out += (f".functions[{number}]" for number in range(count))
        if "web_search_options" in document:
            out.append(".web_search_options")
    return out


def _within_tool(tool: JsonObject) -> Iterator[str]:
    """The tools that an object of the list holds, if it is no tool itself."""
    if tool.get("type") == "namespace":
        for number in range(_length(tool.get("tools"))):
            yield f".tools[{number}]"
    if "type" in tool:
        return
    for key, value in tool.items():
        if key != "functionDeclarations":
            yield f".{key}"
        for number in range(_length(value) if key == "functionDeclarations" else 0):
            yield f".{key}[{number}]"


def _length(value: Json) -> int:
    return len(value) if isinstance(value, list) else 0
