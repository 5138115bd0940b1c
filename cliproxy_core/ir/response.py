"""A complete response, and the way between it and a stream.

The stream is the primary form. `collect` folds events into a response, `spell_out`
turns a response into events, so that an upstream which only streams serves callers
that want JSON, and the reverse, without code in any dialect.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import TypeAlias, assert_never

import attrs

from cliproxy_core.base.errors import LocalError
from cliproxy_core.base.jsonval import JsonObject
from cliproxy_core.base.value import value

from . import stream as ev
from .citation import Citation, TokenProb
from .failure import Failure
from .media import Media
from .reasoning import Signature
from .request import (
    NO_EXTRAS,
    Extras,
    MediaPart,
    NativePart,
    Part,
    Reasoning,
    Redacted,
    Refusal,
    Text,
    ToolCall,
)
from .usage import Usage

__all__ = ["Candidate", "Response", "collect", "spell_out"]


@value(kw_only=True)
class Candidate:
    """One complete answer."""

    parts: tuple[Part, ...] = attrs.field(repr=False)
    reason: ev.Reason = ev.Reason.END
    native_reason: str | None = None
    sequence: str | None = None
    """The stop sequence that was met."""
    tokens: tuple[TokenProb, ...] = attrs.field(default=(), repr=False)
    """How likely each token of the words was, where the caller asked."""
    extras: Extras = NO_EXTRAS


@value(kw_only=True)
class Response:
    """What an upstream answered, complete. There is at least one candidate."""

    id: str
    model: str
    created: int | None = None
    candidates: tuple[Candidate, ...]
    usage: Usage | None = None
    extras: Extras = NO_EXTRAS


@attrs.define
class _Block:
    """One block while it grows."""

    opening: ev.Opening
    pieces: list[str] = attrs.field(factory=list)
    raws: list[JsonObject] = attrs.field(factory=list)
    citations: list[Citation] = attrs.field(factory=list)
    signature: Signature | None = None

    def part(self) -> Part:
        text = "".join(self.pieces)
        match self.opening:
            case ev.TextStarted():
                sources = tuple(self.citations)
                return Text(text, signature=self.signature, citations=sources)
            case ev.RefusalStarted():
                return Refusal(text)
            case ev.ReasoningStarted():
                return Reasoning(text, self.signature)
            case ev.RedactedReasoning(sealed=sealed):
                return Redacted(sealed)
            case ev.ToolCallStarted() as opening:
                return ToolCall(
                    call_id=opening.call_id,
                    name=opening.name,
                    arguments=text,
                    kind=opening.kind,
                    namespace=opening.namespace,
                    signature=opening.signature,
                )
            case ev.MediaStarted(kind=kind, mime=mime):
                return MediaPart(Media(kind=kind, mime=mime, data=text))
            case ev.NativeStarted(dialect=dialect, raw=raw):
                return NativePart(dialect, {**raw, "deltas": self.raws})
            case _:
                assert_never(self.opening)


_Around: TypeAlias = (
    ev.Started
    | ev.UsageReported
    | ev.Stopped
    | ev.BlockEnded
    | ev.Heartbeat
    | ev.Ended
    | ev.Broken
)


@attrs.define
class _Collector:
    """What has been heard of one response."""

    started: ev.Started | None = None
    blocks: dict[int, _Block] = attrs.field(factory=dict)
    stops: dict[int, ev.Stopped] = attrs.field(factory=dict)
    usage: Usage | None = None
    tokens: defaultdict[int, list[TokenProb]] = attrs.field(
        factory=lambda: defaultdict(list)
    )

    def take(self, event: ev.Event) -> None:
        match event:
            case (
                ev.TextDelta(block=block, text=text)
                | ev.RefusalDelta(block=block, text=text)
                | ev.ReasoningDelta(block=block, text=text)
                | ev.ToolCallDelta(block=block, text=text)
                | ev.MediaDelta(block=block, data=text)
            ):
                self.blocks[block].pieces.append(text)
            case (
                ev.TextStarted()
                | ev.RefusalStarted()
                | ev.ReasoningStarted()
                | ev.RedactedReasoning()
                | ev.ToolCallStarted()
                | ev.MediaStarted()
                | ev.NativeStarted()
            ):
                self.blocks[event.block] = _Block(event)
            case ev.BlockSigned(block=block, signature=signature):
                self.blocks[block].signature = signature
            case ev.CitationAdded(block=block, citation=citation):
                self.blocks[block].citations.append(citation)
            case ev.NativeDelta(block=block, raw=raw):
                self.blocks[block].raws.append(raw)
            case ev.LogProbsAdded(block=block, tokens=tokens):
                self.tokens[self.blocks[block].opening.candidate] += tokens
            case _:
                self._around(event)

    def _around(self, event: _Around) -> None:
        """What belongs to the response rather than to a block."""
        match event:
            case ev.Started():
                self.started = event
            case ev.UsageReported(usage=usage):
                self.usage = self.usage.merged(usage) if self.usage else usage
            case ev.Stopped(candidate=candidate):
                self.stops[candidate] = event
            case ev.BlockEnded() | ev.Heartbeat() | ev.Ended():
                pass
            case ev.Broken():
                raise LocalError("a broken stream has no response")
            case _:
                assert_never(event)

    def response(self) -> Response:
        if self.started is None:
            raise LocalError("a stream that never started cannot be collected")
        count = max(self.stops, default=0) + 1
        return Response(
            id=self.started.id,
            model=self.started.model,
            created=self.started.created,
            candidates=tuple(self._candidate(i) for i in range(count)),
            usage=self.usage,
        )

    def _candidate(self, index: int) -> Candidate:
        stop = self.stops.get(index, ev.Stopped(ev.Reason.OTHER))
        blocks = [b for _, b in sorted(self.blocks.items())]
        return Candidate(
            parts=tuple(b.part() for b in blocks if b.opening.candidate == index),
            reason=stop.reason,
            native_reason=stop.native,
            sequence=stop.sequence,
            tokens=tuple(self.tokens.get(index, ())),
        )


def collect(events: Iterable[ev.Event]) -> Response | Failure:
    """Fold a complete stream; a `Broken` one gives its failure."""
    collector = _Collector()
    for event in events:
        if isinstance(event, ev.Broken):
            return event.failure
        collector.take(event)
    return collector.response()


def spell_out(response: Response) -> list[ev.Event]:
    """The stream that a complete response would have been."""
    out: list[ev.Event] = [ev.Started(response.id, response.model, response.created)]
    block = 0
    for index, candidate in enumerate(response.candidates):
        tokens = candidate.tokens
        for part in candidate.parts:
            out.extend(_spell_part(part, block, index))
            if tokens and isinstance(part, Text):
                out.append(ev.LogProbsAdded(block, tokens))
                tokens = ()
            out.append(ev.BlockEnded(block))
            block += 1
        out.append(
            ev.Stopped(
                candidate.reason, candidate.native_reason, candidate.sequence, index
            )
        )
    if response.usage is not None:
        out.append(ev.UsageReported(response.usage))
    out.append(ev.Ended())
    return out


def _spell_call(call: ToolCall, block: int, candidate: int) -> list[ev.Event]:
    opening = ev.ToolCallStarted(
        block,
        call.call_id,
        call.name,
        candidate,
        call.kind,
        call.namespace,
        call.signature,
    )
    return [opening, ev.ToolCallDelta(block, call.arguments)]


def _spell_part(part: Part, block: int, candidate: int) -> list[ev.Event]:
    match part:
        case Text(text=text, citations=citations, signature=signature):
            return [
                ev.TextStarted(block, candidate),
                ev.TextDelta(block, text),
                *(ev.CitationAdded(block, citation) for citation in citations),
                *([] if signature is None else [ev.BlockSigned(block, signature)]),
            ]
        case Refusal(text=text):
            return [ev.RefusalStarted(block, candidate), ev.RefusalDelta(block, text)]
        case Reasoning(text=text, signature=signature):
            out: list[ev.Event] = [
                ev.ReasoningStarted(block, candidate),
                ev.ReasoningDelta(block, text),
            ]
            if signature is not None:
                out.append(ev.BlockSigned(block, signature))
            return out
        case Redacted(sealed=sealed):
            return [ev.RedactedReasoning(block, sealed, candidate)]
        case ToolCall():
            return _spell_call(part, block, candidate)
        case MediaPart(media=media):
            return [
                ev.MediaStarted(block, media.kind, media.mime, candidate),
                ev.MediaDelta(block, media.data or ""),
            ]
        case NativePart(dialect=dialect, raw=raw):
            return [ev.NativeStarted(block, dialect, raw, candidate)]
        case _:
            raise LocalError(f"{type(part).__name__} is not part of a response")
