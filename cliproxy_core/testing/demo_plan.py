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
    error_frame: Callable[[str, int], bytes]
    """Given the words, and how many frames went before."""
    count: Callable[[int], JsonObject] | None = None
    """The answer to a question about tokens, where the API takes one."""
    signatures_are_ours: Callable[[JsonObject], bool]
    text_mark: bytes
    """What is in exactly those frames that carry text."""


# What a request asks for. All dialects, told apart by their shapes.


def objects(value: Json) -> list[JsonObject]:
    """The objects of what may be an array."""
    items = value if isinstance(value, list) else []
    return [item for item in items if isinstance(item, dict)]


def asked_tool(document: JsonObject) -> Call:
    """A call of the request's first tool, or of `get_weather`."""
    for tool in _declared(document):
        name = tool.get("name")
        schema = next((tool[key] for key in SCHEMAS if key in tool), None)
        if isinstance(name, str):
            return Call(name, _sample(schema if isinstance(schema, dict) else {}))
    return Call("get_weather", {"city": "Paris"})


# The vendor's Python SDK writes the third.
SCHEMAS: Final = (
    "parameters",
    "parametersJsonSchema",
    "parameters_json_schema",
    "input_schema",
)


def _declared(document: JsonObject) -> Iterator[JsonObject]:
    """What each tool says of itself, wherever its dialect puts that."""
    for tool in objects(document.get("tools")):
        function = tool.get("function")
        if isinstance(function, dict):
            yield function
        elif "functionDeclarations" in tool:
            yield from objects(tool["functionDeclarations"])
        else:
            yield tool


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
            word = kind.lower() if isinstance(kind, str) else ""  # Google: "STRING"
            out[name] = SAMPLES.get(word, "Paris")
    return out


def tool_answer(document: JsonObject) -> str | None:
    """What the tool said, if the conversation ends with it."""
    turns = next((document[key] for key in TURNS if key in document), None)
    last = objects(turns)[-1:]
    for holder in (*last, *(b for turn in last for b in _inside(turn))):
        if holder.get("role") == "tool" or holder.get("type") == "tool_result":
            return _plain(holder.get("content"))
        if holder.get("type") == "function_call_output":
            return _plain(holder.get("output"))
        response = holder.get("functionResponse")
        if isinstance(response, dict):
            return _plain(_only(response.get("response")))
    return None


TURNS: Final = ("messages", "input", "contents")


def _inside(turn: JsonObject) -> list[JsonObject]:
    return objects(turn.get("content")) + objects(turn.get("parts"))


def _only(response: Json) -> Json:
    """The value of an object with one member, whatever that is called."""
    values = list(response.values()) if isinstance(response, dict) else []
    return values[0] if len(values) == 1 else None


def _plain(content: Json) -> str:
    if isinstance(content, str):
        return content[:ECHO]
    texts = [block.get("text") for block in objects(content)]
    return "".join(text for text in texts if isinstance(text, str))[:ECHO]
