"""What the demo upstream will say, before any dialect says it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final

import attrs

from cliproxy_core.base.jsonval import Json, JsonObject, dumps

__all__ = [
    "CACHED_TOKENS",
    "PROMPT_TOKENS",
    "Call",
    "Form",
    "Plan",
    "asked_tool",
    "objects",
    "tool_answer",
]

PROMPT_TOKENS: Final = 20
CACHED_TOKENS: Final = 8

# Arguments come in pieces of so many characters, so that they must be put together.
ARGUMENT_PIECE: Final = 7

# A tool's answer is repeated up to here.
ECHO: Final = 200


@attrs.frozen
class Call:
    """One tool call that the demo makes."""

    name: str
    arguments: JsonObject

    @property
    def text(self) -> str:
        return dumps(self.arguments).decode()

    @property
    def pieces(self) -> list[str]:
        text = self.text
        return [
            text[i : i + ARGUMENT_PIECE] for i in range(0, len(text), ARGUMENT_PIECE)
        ]


@attrs.frozen(kw_only=True)
class Plan:
    """What the model will say, piece by piece."""

    model: str
    thinking: tuple[str, ...] = ()
    text: tuple[str, ...] = ()
    calls: tuple[Call, ...] = ()

    @property
    def tokens(self) -> int:
        return len(self.text) + sum(len(call.pieces) for call in self.calls)


@attrs.frozen(kw_only=True)
class Form:
    """A dialect, as far as the demo speaks it."""

    frames: Callable[[Plan], Iterator[bytes]]
    whole: Callable[[Plan], JsonObject]
    error: Callable[[int, str], JsonObject]
    error_frame: Callable[[str], bytes]
    signatures_are_ours: Callable[[JsonObject], bool]
    text_mark: bytes
    """What is in exactly those frames that carry text."""


# What a request asks for. Both dialects, told apart by their shapes.


def objects(value: Json) -> list[JsonObject]:
    """The objects of what may be an array."""
    items = value if isinstance(value, list) else []
    return [item for item in items if isinstance(item, dict)]


def asked_tool(document: JsonObject) -> Call:
    """A call of the request's first tool, or of `get_weather`."""
    for tool in objects(document.get("tools")):
        function = tool.get("function")
        holder = function if isinstance(function, dict) else tool
        name = holder.get("name")
        schema = holder.get("parameters", holder.get("input_schema"))
        if isinstance(name, str):
            return Call(name, _sample(schema if isinstance(schema, dict) else {}))
    return Call("get_weather", {"city": "Paris"})


SAMPLES: Final[Mapping[str, Json]] = {
    "string": "Paris",
    "integer": 1,
    "number": 1.5,
    "boolean": True,
    "array": [],
    "object": {},
}


def _sample(schema: JsonObject) -> JsonObject:
    """Arguments with a value for each property, of the type that it asks for."""
    properties = schema.get("properties")
    out: JsonObject = {}
    for name, spec in (properties if isinstance(properties, dict) else {}).items():
        rule = spec if isinstance(spec, dict) else {}
        choices = rule.get("enum")
        kind = rule.get("type")
        if isinstance(choices, list) and choices:
            out[name] = choices[0]
        else:
            out[name] = SAMPLES.get(kind if isinstance(kind, str) else "", "Paris")
    return out


def tool_answer(document: JsonObject) -> str | None:
    """What the tool said, if the conversation ends with it."""
    messages = objects(document.get("messages"))
    if not messages:
        return None
    last = messages[-1]
    if last.get("role") == "tool":
        return _plain(last.get("content"))
    for block in objects(last.get("content")):
        if block.get("type") == "tool_result":
            return _plain(block.get("content"))
    return None


def _plain(content: Json) -> str:
    if isinstance(content, str):
        return content[:ECHO]
    texts = [block.get("text") for block in objects(content)]
    return "".join(text for text in texts if isinstance(text, str))[:ECHO]
