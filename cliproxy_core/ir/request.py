"""A request in neutral form: what the caller wants, whoever will answer.

Absent is `None` or an empty tuple. What a dialect knows and the neutral form does
not travels in `extras`, tagged with the dialect: emitting into the same dialect
restores it, emitting into another one drops it and says so.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import Final, TypeAlias

import attrs

from cliproxy_core.base.jsonval import Json, JsonObject
from cliproxy_core.base.value import value

from .media import Media
from .reasoning import ReasoningWish, Signature

__all__ = [
    "NO_EXTRAS",
    "Choice",
    "ChoiceMode",
    "Dropped",
    "Emitted",
    "Extras",
    "MediaPart",
    "Message",
    "NativePart",
    "NativeTool",
    "Part",
    "Reasoning",
    "Redacted",
    "Refusal",
    "Request",
    "ResponseFormat",
    "Role",
    "Sampling",
    "Text",
    "Tool",
    "ToolCall",
    "ToolResult",
]


@value
class Extras:
    """Fields that only one dialect knows, as they came."""

    dialect: str
    fields: Mapping[str, Json] = attrs.field(repr=False)


NO_EXTRAS: Final = Extras("", {})


class Role(enum.Enum):
    """Who speaks. Tool results are parts of a `USER` turn."""

    SYSTEM = "system"
    DEVELOPER = "developer"
    USER = "user"
    ASSISTANT = "assistant"

    def __init__(self, word: str) -> None:
        # `value` is a property written in Python (until 3.12): too dear per message.
        self.word = word


# Parts of a message.


@value
class Text:
    """Words."""

    text: str = attrs.field(repr=False)
    cache: JsonObject | None = None
    """Claude's `cache_control` object, as it came."""
    extras: Extras = NO_EXTRAS


@value
class Refusal:
    """Words by which the model declined."""

    text: str = attrs.field(repr=False)


@value
class MediaPart:
    """An image, a sound, a document."""

    media: Media
    cache: JsonObject | None = None
    extras: Extras = NO_EXTRAS


@value(kw_only=True)
class ToolCall:
    """The model wants a function called."""

    call_id: str
    name: str
    arguments: str = attrs.field(repr=False)
    """Raw JSON text as the model wrote it; it need not parse."""
    cache: JsonObject | None = None
    extras: Extras = NO_EXTRAS


@value(kw_only=True)
class ToolResult:
    """What a called function gave back."""

    call_id: str
    parts: tuple[Text | MediaPart | NativePart, ...]
    plain: bool = True
    """Whether it came as one string rather than as a list of parts."""
    error: bool | None = None
    cache: JsonObject | None = None
    extras: Extras = NO_EXTRAS


@value
class Reasoning:
    """Thinking that may be read. Without a signature nobody vouches for it."""

    text: str = attrs.field(repr=False)
    signature: Signature | None = None


@value
class Redacted:
    """Thinking that only its issuer can read."""

    sealed: Signature


@value
class NativePart:
    """A part that only its own dialect understands, as it came."""

    dialect: str
    raw: JsonObject = attrs.field(repr=False)


Part: TypeAlias = (
    Text
    | Refusal
    | MediaPart
    | ToolCall
    | ToolResult
    | Reasoning
    | Redacted
    | NativePart
)


@value(kw_only=True)
class Message:
    """One turn, or one piece of system text in its place among the turns."""

    role: Role
    parts: tuple[Part, ...]
    plain: bool = True
    """Whether the content came as one string rather than as a list of parts."""
    path: str = ""
    """Where it stood in the caller's document, for reports of what was dropped."""
    name: str | None = None
    extras: Extras = NO_EXTRAS


# Tools.


@value(kw_only=True)
class Tool:
    """A function that the model may ask to be called."""

    name: str
    description: str | None = attrs.field(default=None, repr=False)
    schema: JsonObject | None = attrs.field(default=None, repr=False)
    """JSON Schema of the arguments, untouched."""
    strict: bool | None = None
    cache: JsonObject | None = None
    extras: Extras = NO_EXTRAS


@value
class NativeTool:
    """A tool that only its own dialect understands, as it came."""

    dialect: str
    raw: JsonObject = attrs.field(repr=False)


class ChoiceMode(enum.Enum):
    """Whether the model may, must or must not call tools."""

    AUTO = "auto"
    NONE = "none"
    REQUIRED = "required"
    NAMED = "named"


@value
class Choice:
    """The caller's rule about calling tools."""

    mode: ChoiceMode
    name: str | None = None
    """The tool that must be called, with `NAMED`."""


# Settings.


@value(kw_only=True)
class Sampling:
    """How the next token is drawn, and when to stop."""

    max_output: int | None = None
    max_output_counts_reasoning: bool | None = None
    """Whether the limit was said to hold for reasoning too; `None`: not said."""
    temperature: float | int | None = None
    top_p: float | int | None = None
    top_k: int | None = None
    stop: tuple[str, ...] = ()
    seed: int | None = None
    presence_penalty: float | int | None = None
    frequency_penalty: float | int | None = None
    count: int | None = None
    """How many candidates (Chat's `n`)."""


@value(kw_only=True)
class ResponseFormat:
    """The shape that the answer must have."""

    type: str
    """`text`, `json_object` or `json_schema`."""
    name: str | None = None
    description: str | None = None
    schema: JsonObject | None = attrs.field(default=None, repr=False)
    strict: bool | None = None


@value(kw_only=True)
class Request:
    """One request, complete."""

    model: str
    messages: tuple[Message, ...] = attrs.field(repr=False)
    stream: bool = False
    stream_usage: bool | None = None
    """Whether the caller wants usage in the stream; `None`: its dialect's habit."""
    tools: tuple[Tool | NativeTool, ...] = ()
    choice: Choice | None = None
    parallel_tools: bool | None = None
    sampling: Sampling = Sampling()
    reasoning: ReasoningWish | None = None
    format: ResponseFormat | None = None
    user: str | None = attrs.field(default=None, repr=False)
    extras: Extras = NO_EXTRAS


# What emitting a request gives.


@value
class Dropped:
    """Something that did not cross, or crossed as something near it."""

    path: str
    """Place in the caller's document, or of the neutral field."""
    reason: str


@value
class Emitted:
    """A request as a target dialect's document, and what it could not say."""

    payload: JsonObject = attrs.field(repr=False)
    dropped: tuple[Dropped, ...] = ()
