"""The stream events: one closed union that every dialect decodes to and encodes from.

    Started  (a block opens, grows, ends | UsageReported | Stopped)*  Ended | Broken

A block is opened by the event that names its kind, grows by deltas and is over with
`BlockEnded`. Blocks are numbered from 0 in the order of opening, without gaps, over
all candidates. Several may be open at once: parallel tool calls may arrive
interleaved, and an encoder whose dialect allows only one open block queues the
others (`ir.sequence`).
"""

from __future__ import annotations

import enum
from typing import TypeAlias

from cliproxy_core.base.jsonval import JsonObject
from cliproxy_core.base.value import value

from .citation import Citation, TokenProb
from .failure import Failure
from .media import MediaKind
from .reasoning import Signature
from .request import ToolKind
from .usage import Usage

__all__ = [
    "BlockEnded",
    "BlockSigned",
    "Broken",
    "CitationAdded",
    "Ended",
    "Event",
    "Heartbeat",
    "LogProbsAdded",
    "MediaDelta",
    "MediaStarted",
    "NativeDelta",
    "NativeStarted",
    "Opening",
    "Reason",
    "ReasoningDelta",
    "ReasoningStarted",
    "RedactedReasoning",
    "RefusalDelta",
    "RefusalStarted",
    "Started",
    "Stopped",
    "TextDelta",
    "TextStarted",
    "ToolCallDelta",
    "ToolCallStarted",
    "UsageReported",
]


class Reason(enum.Enum):
    """Why the model stopped. The native word travels beside it."""

    END = "end"
    STOP_SEQUENCE = "stop_sequence"
    TOOL_USE = "tool_use"
    MAX_OUTPUT = "max_output"
    CONTEXT_WINDOW = "context_window"
    REFUSAL = "refusal"
    PAUSE = "pause"
    OTHER = "other"


@value
class Started:
    """The upstream accepted the request and names its answer."""

    id: str
    model: str
    created: int | None = None
    """Seconds since the epoch, if the dialect tells."""


@value
class TextStarted:
    """A block of words begins."""

    block: int
    candidate: int = 0


@value
class TextDelta:
    """More words."""

    block: int
    text: str


@value
class RefusalStarted:
    """A block of declining words begins."""

    block: int
    candidate: int = 0


@value
class RefusalDelta:
    """More declining words."""

    block: int
    text: str


@value
class ReasoningStarted:
    """A block of visible thinking begins."""

    block: int
    candidate: int = 0


@value
class ReasoningDelta:
    """More thinking."""

    block: int
    text: str


@value
class BlockSigned:
    """The issuer's proof for all of a block (thinking, or words); at most once a block.

    That of a tool call is in its opening.
    """

    block: int
    signature: Signature


@value
class RedactedReasoning:
    """A block of thinking that only its issuer can read begins, whole."""

    block: int
    sealed: Signature
    candidate: int = 0


@value
class ToolCallStarted:
    """The model began to name a tool it wants called."""

    block: int
    call_id: str
    name: str
    candidate: int = 0
    kind: ToolKind = ToolKind.FUNCTION
    namespace: str | None = None
    signature: Signature | None = None
    """Opaque state that goes with the call."""


@value
class ToolCallDelta:
    """More of the arguments, as raw JSON text that is not parseable on its own; more
    of the free text that a `CUSTOM` tool takes."""

    block: int
    text: str


@value
class MediaStarted:
    """A generated image or sound begins."""

    block: int
    kind: MediaKind
    mime: str | None = None
    candidate: int = 0


@value
class MediaDelta:
    """More of a medium, as base64."""

    block: int
    data: str


@value
class CitationAdded:
    """A source for the words of an open block."""

    block: int
    citation: Citation


@value
class NativeStarted:
    """A block that only its own dialect understands begins."""

    block: int
    dialect: str
    raw: JsonObject
    candidate: int = 0


@value
class NativeDelta:
    """More of a native block, as its dialect writes it."""

    block: int
    raw: JsonObject


@value
class LogProbsAdded:
    """The probabilities of the tokens of an open block's latest words."""

    block: int
    tokens: tuple[TokenProb, ...]


@value
class BlockEnded:
    """A block is complete."""

    block: int


@value
class UsageReported:
    """Token counts so far. Cumulative: a later report replaces an earlier one."""

    usage: Usage


@value
class Stopped:
    """A candidate is complete; all its blocks have ended."""

    reason: Reason
    native: str | None = None
    sequence: str | None = None
    """The stop sequence that was met, where the dialect tells."""
    candidate: int = 0


@value
class Heartbeat:
    """The upstream is alive and has nothing to say."""


@value
class Ended:
    """The upstream said that there is no more."""


@value
class Broken:
    """There is no more, and it is not complete."""

    failure: Failure


Opening: TypeAlias = (
    TextStarted
    | RefusalStarted
    | ReasoningStarted
    | RedactedReasoning
    | ToolCallStarted
    | MediaStarted
    | NativeStarted
)

Event: TypeAlias = (
    Started
    | TextStarted
    | TextDelta
    | RefusalStarted
    | RefusalDelta
    | ReasoningStarted
    | ReasoningDelta
    | BlockSigned
    | RedactedReasoning
    | ToolCallStarted
    | ToolCallDelta
    | MediaStarted
    | MediaDelta
    | CitationAdded
    | NativeStarted
    | NativeDelta
    | LogProbsAdded
    | BlockEnded
    | UsageReported
    | Stopped
    | Heartbeat
    | Ended
    | Broken
)
