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

from .citation import Citation
from .media import Media
from .reasoning import ReasoningWish, Signature

__all__ = [
    "NO_EXTRAS",
    "Choice",
    "ChoiceMode",
    "Dropped",
    "Emitted",
    "Extras",
    "Hosted",
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
    "ToolKind",
    "ToolResult",
    "WebSearch",
]


@value
class Extras:
    """Fields that only one dialect knows, as they came."""

    dialect: str
    fields: Mapping[str, Json] = attrs.field(repr=False)
    raw: JsonObject | None = attrs.field(default=None, repr=False)
    """The whole object as it came, for dialects that spell one thing in several ways;
    nothing is lost elsewhere that `fields` does not name."""


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
    signature: Signature | None = None
    """Opaque state that goes with these words (Gemini signs parts of any kind)."""
    citations: tuple[Citation, ...] = ()


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


class ToolKind(enum.Enum):
    """What a tool takes."""

    FUNCTION = "function"  # a JSON object, described by a schema
    CUSTOM = "custom"  # free text, perhaps bound by a grammar


@value(kw_only=True)
class ToolCall:
    """The model wants a tool called."""

    call_id: str
    name: str
    arguments: str = attrs.field(repr=False)
    """Raw JSON text as the model wrote it, which need not parse; for a `CUSTOM` tool
    the free text."""
    kind: ToolKind = ToolKind.FUNCTION
    namespace: str | None = None
    signature: Signature | None = None
    """Opaque state that goes with the call."""
    cache: JsonObject | None = None
    extras: Extras = NO_EXTRAS


@value(kw_only=True)
class ToolResult:
    """What a called tool gave back."""

    call_id: str
    parts: tuple[Text | MediaPart | NativePart, ...]
    name: str | None = None
    """The tool's name, where the dialect tells; the call has it too."""
    kind: ToolKind = ToolKind.FUNCTION
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
    extras: Extras = NO_EXTRAS


@value
class Redacted:
    """Thinking that only its issuer can read."""

    sealed: Signature
    extras: Extras = NO_EXTRAS


@value
class NativePart:
    """A part that only its own dialect understands, as it came."""

    dialect: str
    raw: JsonObject = attrs.field(repr=False)
    declares: bool = False
    """Whether it only declares tools, which are among the request's: then nothing is
    lost where it does not go."""


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
    """A tool of the caller's that the model may ask to be called."""

    name: str
    description: str | None = attrs.field(default=None, repr=False)
    schema: JsonObject | None = attrs.field(default=None, repr=False)
    """JSON Schema of the arguments, untouched."""
    strict: bool | None = None
    kind: ToolKind = ToolKind.FUNCTION
    namespace: str | None = None
    """The group that the tool was declared in (Responses)."""
    format: JsonObject | None = attrs.field(default=None, repr=False)
    """What a `CUSTOM` tool's text must look like, as Responses writes it:
    `{"type": "text"}` or `{"type": "grammar", "syntax": ..., "definition": ...}`."""
    cache: JsonObject | None = None
    extras: Extras = NO_EXTRAS


class Hosted(enum.Enum):
    """Tools that the upstream itself runs, where several dialects have the same."""

    WEB_SEARCH = "web_search"
    CODE_EXECUTION = "code_execution"
    WEB_FETCH = "web_fetch"


@value(kw_only=True)
class WebSearch:
    """What was said about searching the web, as far as dialects share it."""

    allowed_domains: tuple[str, ...] = ()
    blocked_domains: tuple[str, ...] = ()
    location: JsonObject | None = attrs.field(default=None, repr=False)
    """`{"type": "approximate", "city", "region", "country", "timezone"}`."""
    max_uses: int | None = None
    context_size: str | None = None
    """`low`, `medium` or `high`."""


@value
class NativeTool:
    """A tool that the upstream runs, or that only its own dialect understands."""

    dialect: str
    raw: JsonObject = attrs.field(repr=False)
    hosted: Hosted | None = None
    """Set where another dialect may have the same; then it crosses."""
    search: WebSearch | None = None


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
    namespace: str | None = None
    hosted: Hosted | None = None
    """The upstream's own tool that must be used, with `NAMED` and no name."""
    allowed: tuple[str, ...] = ()
    """The only tools that may be called, with `AUTO` and `REQUIRED`; none: all."""
    extras: Extras = NO_EXTRAS


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
    logprobs: bool | None = None
    """Whether the probabilities of the tokens drawn are wanted."""
    top_logprobs: int | None = None
    """How many alternatives of each token."""


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
    verbosity: str | None = None
    """`low`, `medium` or `high`."""
    modalities: tuple[str, ...] = ()
    """What may come out, in lower case: `text`, `image`, `audio`."""
    user: str | None = attrs.field(default=None, repr=False)
    metadata: JsonObject | None = attrs.field(default=None, repr=False)
    """The caller's own labels, text to text."""
    cache_key: str | None = attrs.field(default=None, repr=False)
    """What requests with a common prefix share, for the prompt cache."""
    cache_retention: str | None = None
    tier: str | None = None
    """How urgent: `auto`, `default`, `flex`, `priority`, or the dialect's own word."""
    store: bool | None = None
    """Whether the upstream may keep the answer."""
    stored: tuple[str, ...] = ()
    """Paths of the fields by which the caller refers to what an upstream has kept (an
    earlier response, a thread, cached content). Such a request means nothing to an
    upstream of another dialect."""
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
    """A request or response as a dialect's document, and what it could not say."""

    payload: JsonObject = attrs.field(repr=False)
    dropped: tuple[Dropped, ...] = ()
