"""What a dialect is: the contract that every folder in `dialects/` fulfils.

    upstream bytes -> SSE frames -> Mender -> legal frames          (native lane)
                                           -> Decoder -> events
                                              -> Encoder -> frames  (translated lane)

The mender is the only thing that meets what an upstream really sends. It checks each
frame against the grammar, repairs what can be repaired without loss, and reports a
`Failure` for the rest; decoder and native lane see legal frames only.

Everything here is called once per read with all frames of that read, never once per
frame: a list of tuples is what one token costs.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Protocol, TypeAlias

import attrs

from cliproxy_core.base.ids import Ids
from cliproxy_core.base.jsonval import Json, JsonObject
from cliproxy_core.base.value import value
from cliproxy_core.wire.sse import Comment, Oversize, SseFrame, Truncated

from .failure import Failure
from .grammar import Grammar, Step
from .request import Emitted, Request
from .response import Response
from .stream import Event
from .usage import Usage

__all__ = [
    "Counting",
    "Decoder",
    "Dialect",
    "Encoder",
    "Frame",
    "Legal",
    "Mended",
    "Mender",
    "Sent",
    "StreamContext",
    "ToolLimits",
]


Frame: TypeAlias = SseFrame | Comment | Oversize | Truncated
"""What a mender meets: events, and what else happens to a stream of them."""

Legal: TypeAlias = tuple[JsonObject | None, bytes]
"""A legal payload and its frame; the payload is None for a bare end mark."""

Sent: TypeAlias = tuple[tuple[Step, ...], bytes]
"""A frame for the caller, and the steps of the grammar that it takes."""


@value(kw_only=True)
class StreamContext:
    """What a stream needs beside the stream itself."""

    ids: Ids
    created: int
    """Seconds since the epoch, for dialects that tell and upstreams that do not."""
    model: str
    """The model asked for, where the upstream names none."""
    usage: bool = True
    """Whether the caller wants usage in the stream."""
    array: bool = False
    """Whether the caller wants a stream as one JSON array that grows (Gemini)."""
    caller: JsonObject = attrs.field(factory=dict, repr=False)
    """The caller's request, for dialects whose answers repeat parts of it."""
    nameless: str | None = None
    """The only tool that a call without a name can mean, where there is one."""


@attrs.define
class Mended:
    """What one read turned into."""

    legal: list[Legal]
    content: bool = False
    """Whether anything in `legal` is content: the commit point lies here."""
    failure: Failure | None = None
    """The stream is broken after `legal`; nothing comes after it."""


class Mender(Protocol):
    """Transducer from what an upstream sent to the same, legal."""

    @property
    def usage(self) -> Usage | None:
        """The latest token counts."""

    @property
    def complete(self) -> bool:
        """Whether the upstream said that there is no more."""

    @property
    def repairs(self) -> Counter[str]:
        """How often which repair was made, by its name."""

    def feed(self, frames: Sequence[Frame], /) -> Mended:
        """Take the frames of one read. After `complete` or a failure: nothing."""

    def finish(self) -> Mended:
        """The upstream closed. Completes what is complete, else a failure."""

    def fail(self, failure: Failure, /) -> bytes:
        """The last frames of a native stream that is broken, as this stream needs them
        (Responses numbers its events)."""


class Decoder(Protocol):
    """Transducer from legal payloads to neutral events."""

    def feed(self, legal: Sequence[Legal], /) -> list[Event]:
        """Take what a mender gave. Ends with `Ended` when the stream does."""


class Encoder(Protocol):
    """Transducer from neutral events to frames for the caller."""

    @property
    def dropped(self) -> Counter[str]:
        """How much of what the dialect has no place for, by its name: `citation`,
        `logprobs`, `media`, `native`, `candidate`, `signature`."""

    def feed(self, events: Sequence[Event], /) -> list[Sent]:
        """Take events; return the frames that they complete."""

    def fail(self, failure: Failure, /) -> list[Sent]:
        """Say inside the stream that it is broken, and end it."""


@value(kw_only=True)
class ToolLimits:
    """What a dialect takes of tools; `translate.tools` makes a request fit."""

    name: re.Pattern[str]
    """All of a tool's name."""
    name_length: int
    call_id: re.Pattern[str]
    """All of a call's id."""
    call_id_length: int
    custom: bool = False
    """Whether every upstream of the dialect knows tools that take free text."""
    namespaces: bool = False


@value(kw_only=True)
class Counting:
    """How a dialect asks and tells how many tokens a request has."""

    parse_request: Callable[[JsonObject], Request]
    emit_request: Callable[[Request], Emitted]
    parse_answer: Callable[[JsonObject], int]
    """Raises `DecodeError`."""
    emit_answer: Callable[[int], JsonObject]


@value(kw_only=True)
class Dialect:
    """One public API format."""

    name: str
    grammar: Grammar
    limits: ToolLimits
    counting: Counting | None = None
    names_model: bool = True
    """Whether a request names its model and says in its body that it wants a stream;
    where not, its address does."""
    address: Callable[[str, bool], str]
    """Path and query of the public API for a model, and for a stream or not."""
    headers: tuple[tuple[str, str], ...] = ()
    """Fields that every request of this API needs beside the key."""
    turns: str
    """The member of a request that holds the conversation."""
    without_foreign: Callable[[Json], list[Json] | None]
    """That member without the proofs that upstreams of other dialects made; None where
    there are none, which is the rule."""
    heartbeat: bytes
    """What may be sent between frames to show life; empty: nothing may."""
    parse_request: Callable[[JsonObject], Request]
    """Raises `DecodeError` with the path of the fault."""
    emit_request: Callable[[Request], Emitted]
    parse_response: Callable[[JsonObject, StreamContext], Response]
    """Raises `DecodeError`; an error object is found by `error_in` before."""
    skim_response: Callable[[JsonObject], Usage | None]
    """The token counts of a response that goes on as it is. Raises `DecodeError` for a
    document that is no response of this dialect at all."""
    is_sound: Callable[[JsonObject], bool]
    """Whether a response may go on to callers of this dialect as it came."""
    emit_response: Callable[[Response, StreamContext], Emitted]
    mender: Callable[[StreamContext], Mender]
    decoder: Callable[[StreamContext], Decoder]
    encoder: Callable[[StreamContext], Encoder]
    classify: Callable[[JsonObject | None], tuple[Step, ...]]
    """The steps that a payload takes; None is the bare end mark."""
    error_in: Callable[[JsonObject], Failure | None]
    """The failure that a payload tells of, inside a stream or a 200 body."""
    parse_error: Callable[[int, bytes], Failure]
    """The failure that an HTTP error answer tells of: status and body."""
    emit_error: Callable[[Failure], JsonObject]
    """The body of an HTTP error answer, and of an error inside a stream."""
    fail: Callable[[Failure], bytes]
    """The frame that says inside a native stream that it is broken."""
