"""Legal chunks to neutral events.

Parts say what they are and nothing more, so that words end where parts of another kind
begin, or with their candidate. State on an empty part belongs to the words before it.
A block of words stays open after its state has come, since sources for it may follow.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, cast

import attrs

from cliproxy_core.base.errors import DecodeError
from cliproxy_core.base.jsonval import Json, JsonObject
from cliproxy_core.ir import stream as ev
from cliproxy_core.ir.citation import Citation
from cliproxy_core.ir.dialect import Legal, StreamContext
from cliproxy_core.ir.media import MediaKind
from cliproxy_core.ir.reasoning import Signature

from .arguments import EMPTY, Fragments, arguments_in
from .grammar import NAME, block_reason
from .mend_ends import Ledger
from .mend_forms import Open, continues, opened
from .mend_ordinary import Chunk
from .notes import NOTES, Cited, parse_citations, parse_logprobs
from .usage import parse_reason

__all__ = ["Decoder", "media_kind"]

_KINDS: Final[Mapping[str, MediaKind]] = {
    "image": MediaKind.IMAGE,
    "audio": MediaKind.AUDIO,
    "video": MediaKind.VIDEO,
}

_PLAIN: Final = frozenset({"content", "index"})
"""What is in a candidate that says words and nothing more."""


def media_kind(mime: str) -> MediaKind:
    """What a medium of this type is for."""
    return _KINDS.get(mime.partition("/")[0], MediaKind.DOCUMENT)


@attrs.define
class _Call:
    """A call whose arguments go on."""

    key: Open | None
    opening: JsonObject
    proof: Signature | None
    fragments: Fragments = attrs.field(factory=Fragments)
    odd: bool = False
    """Whether they make no sense; what nobody could assemble is not announced."""

    def collect(self, call: JsonObject) -> None:
        """Take a piece of it."""
        args, fragments = call.get("args"), call.get("partialArgs")
        if isinstance(args, dict):
            self.fragments.document.update(args)
        try:
            for fragment in fragments if isinstance(fragments, list) else ():
                self.fragments.add(fragment)
        except DecodeError:
            self.odd = True

    def arguments(self) -> str | None:
        """What they came to, if they make sense."""
        return None if self.odd else self.fragments.finish()


@attrs.define
class _Lane:
    """One candidate: which words are open, and what was said."""

    candidate: int
    thought: bool | None = None
    """Whether the open block is of thinking; None where no words are open."""
    block: int = 0
    signed: bool = False
    """Whether its state has come, after which it takes no more words."""
    pieces: list[str] = attrs.field(factory=list, repr=False)
    before: int = 0
    """Bytes of the words before the open block."""
    cited: list[Citation] = attrs.field(factory=list, repr=False)
    called: bool = False
    call: _Call | None = None


@attrs.define
class Decoder:
    """Transducer from the payloads of one stream to events."""

    context: StreamContext
    _started: bool = attrs.field(default=False, init=False)
    _blocks: int = attrs.field(default=0, init=False)
    _lanes: dict[int, _Lane] = attrs.field(factory=dict, init=False)
    _ledger: Ledger = attrs.field(factory=Ledger, init=False)

    def feed(self, legal: Sequence[Legal]) -> list[ev.Event]:
        """Take what a mender gave."""
        out: list[ev.Event] = []
        lanes, count = self._lanes, self._ledger.count
        # `cast` would be one more call for every read.
        chunks: Sequence[tuple[Chunk, bytes]] = legal  # type: ignore[assignment]
        for payload, raw in chunks:
            try:
                (candidate,) = payload["candidates"]
                (part,) = candidate["content"]["parts"]
                lane, text = lanes[candidate.get("index", 0)], part["text"]
                more = lane.thought is False and not lane.signed and len(part) == 1
                if more and text and candidate.keys() <= _PLAIN:
                    lane.pieces.append(text)
                    out.append(ev.TextDelta(lane.block, text))
                    count(payload.get("usageMetadata"))
                    continue
            except (KeyError, TypeError, ValueError):
                pass  # not more of the same
            self._take(cast("JsonObject | None", payload), raw, out)
        return out

    def _take(
        self, payload: JsonObject | None, raw: bytes, out: list[ev.Event]
    ) -> None:
        if payload is None:
            self._end(out)
            return
        if not self._started:
            self._started = True
            ident, model = payload.get("responseId"), payload.get("modelVersion")
            out.append(ev.Started(_text(ident), _text(model)))
        self._ledger.count(payload.get("usageMetadata"))
        candidates = payload.get("candidates")
        if not isinstance(candidates, list) or not candidates:
            word = block_reason(payload)
            if word is not None:
                out.append(ev.Stopped(ev.Reason.REFUSAL, word))
            return
        texts = iter(arguments_in(raw, _calls(candidates)))
        for candidate in candidates:
            if isinstance(candidate, dict):
                self._candidate(candidate, texts, out)

    def _end(self, out: list[ev.Event]) -> None:
        usage = self._ledger.usage
        if usage is not None and usage.total is not None:
            out.append(ev.UsageReported(usage))
        out.append(ev.Ended())

    def _candidate(
        self, candidate: JsonObject, texts: Iterator[str], out: list[ev.Event]
    ) -> None:
        index = candidate.get("index")
        index = index if isinstance(index, int) else 0
        lane = self._lanes.get(index)
        if lane is None:
            lane = self._lanes[index] = _Lane(index)
        content = candidate.get("content")
        parts = content.get("parts") if isinstance(content, dict) else None
        for part in parts if isinstance(parts, list) else ():
            if isinstance(part, dict):
                self._part(lane, part, texts, out)
        if any(key in candidate for key in NOTES):
            self._notes(lane, candidate, out)
        word = candidate.get("finishReason")
        if isinstance(word, str):
            self._finish(lane, word, out)

    def _part(
        self,
        lane: _Lane,
        part: JsonObject,
        texts: Iterator[str],
        out: list[ev.Event],
    ) -> None:
        text = part.get("text")
        call, data = part.get("functionCall"), part.get("inlineData")
        if isinstance(text, str) and call is None and data is None:
            thought = bool(part.get("thought"))
            if text:
                self._say(lane, thought, text, out)
            proof = _proof(part)
            if proof is not None:
                self._sign(lane, proof, thought, out)
            return
        if isinstance(call, dict):
            self._call(lane, part, call, next(texts), out)
            return
        self._end_words(lane, out)
        if isinstance(data, dict) and not part.get("thought"):
            mime = _text(data.get("mimeType"))
            block = self._next()
            kind = media_kind(mime)
            out.append(ev.MediaStarted(block, kind, mime or None, lane.candidate))
            out.append(ev.MediaDelta(block, _text(data.get("data"))))
        else:
            block = self._next()
            out.append(ev.NativeStarted(block, NAME, part, lane.candidate))
        out.append(ev.BlockEnded(block))

    def _say(self, lane: _Lane, thought: bool, text: str, out: list[ev.Event]) -> None:
        if lane.thought is not thought or lane.signed:
            self._end_words(lane, out)
            lane.thought, lane.block = thought, self._next()
            starting = ev.ReasoningStarted if thought else ev.TextStarted
            out.append(starting(lane.block, lane.candidate))
        if thought:
            out.append(ev.ReasoningDelta(lane.block, text))
        else:
            lane.pieces.append(text)
            out.append(ev.TextDelta(lane.block, text))

    def _sign(
        self, lane: _Lane, proof: Signature, thought: bool, out: list[ev.Event]
    ) -> None:
        """State of the words that came with it, or before it, or of nothing at all."""
        if lane.thought is None or lane.signed or (thought and not lane.thought):
            self._end_words(lane, out)
            block = self._next()
            out.append(ev.RedactedReasoning(block, proof, lane.candidate))
            out.append(ev.BlockEnded(block))
            return
        lane.signed = True
        out.append(ev.BlockSigned(lane.block, proof))

    def _call(
        self,
        lane: _Lane,
        part: JsonObject,
        call: JsonObject,
        text: str,
        out: list[ev.Event],
    ) -> None:
        self._end_words(lane, out)
        known = lane.call
        if known is None or not continues(known.key, call):
            if call.get("willContinue") is not True and "partialArgs" not in call:
                lane.call = None
                self._announce(lane, call, text or EMPTY, _proof(part), out)
                return
            known = lane.call = _Call(None, call, None)
        known.key = opened(known.key, call)
        known.proof = known.proof or _proof(part)
        known.collect(call)
        if known.key is None:
            lane.call = None
            arguments = known.arguments()
            if arguments is not None:
                self._announce(lane, known.opening, arguments, known.proof, out)

    def _announce(
        self,
        lane: _Lane,
        call: JsonObject,
        arguments: str,
        proof: Signature | None,
        out: list[ev.Event],
    ) -> None:
        block, lane.called = self._next(), True
        ident = _text(call.get("id")) or self.context.ids("call_")
        name = _text(call.get("name"))
        out.append(
            ev.ToolCallStarted(block, ident, name, lane.candidate, signature=proof)
        )
        out.append(ev.ToolCallDelta(block, arguments))
        out.append(ev.BlockEnded(block))

    def _notes(self, lane: _Lane, candidate: JsonObject, out: list[ev.Event]) -> None:
        """Sources and probabilities, while there are words that can take them."""
        if lane.thought is not False:
            return
        cited = Cited("".join(lane.pieces), lane.before)
        for citation in parse_citations(candidate, cited):
            if citation not in lane.cited:
                lane.cited.append(citation)
                out.append(ev.CitationAdded(lane.block, citation))
        tokens = parse_logprobs(candidate)
        if tokens:
            out.append(ev.LogProbsAdded(lane.block, tokens))

    def _finish(self, lane: _Lane, word: str, out: list[ev.Event]) -> None:
        self._end_words(lane, out)
        reason = parse_reason(word, calls=lane.called)
        if lane.call is not None and reason in (ev.Reason.END, ev.Reason.TOOL_USE):
            reason = ev.Reason.MAX_OUTPUT  # it was cut within a call
        out.append(ev.Stopped(reason, word, None, lane.candidate))

    def _end_words(self, lane: _Lane, out: list[ev.Event]) -> None:
        if lane.thought is not None:
            lane.before += len("".join(lane.pieces).encode())
            lane.pieces.clear()
            lane.thought, lane.signed = None, False
            out.append(ev.BlockEnded(lane.block))

    def _next(self) -> int:
        self._blocks += 1
        return self._blocks - 1


def _calls(candidates: Sequence[Json]) -> list[JsonObject]:
    """All calls of a chunk, in order."""
    found: list[JsonObject] = []
    for candidate in candidates:
        content = candidate.get("content") if isinstance(candidate, dict) else None
        parts = content.get("parts") if isinstance(content, dict) else None
        for part in parts if isinstance(parts, list) else ():
            call = part.get("functionCall") if isinstance(part, dict) else None
            if isinstance(call, dict):
                found.append(call)
    return found


def _proof(part: JsonObject) -> Signature | None:
    text = _text(part.get("thoughtSignature"))
    return Signature(text, NAME) if text else None


def _text(value: Json) -> str:
    return value if isinstance(value, str) else ""
