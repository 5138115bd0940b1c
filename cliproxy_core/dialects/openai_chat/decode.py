"""Legal chunks to neutral events.

Chat has no block ends: words end where words of another kind or a call begin. A call
may go on after the next has begun, so it ends early only if its arguments are
complete by then, and with its candidate otherwise. Sources and probabilities of words
go with the open block of words; those that come before any wait for it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, TypeAlias, TypedDict, cast

import attrs

from cliproxy_core.base.jsonval import Json, JsonObject
from cliproxy_core.ir import stream as ev
from cliproxy_core.ir.citation import Citation, TokenProb
from cliproxy_core.ir.dialect import Legal, StreamContext
from cliproxy_core.ir.media import MediaKind
from cliproxy_core.ir.reasoning import Signature
from cliproxy_core.ir.request import ToolKind

from .calls import signature_in
from .grammar import NAME
from .media import picture_in
from .mend_calls import is_object
from .notes import parse_citations, parse_probs
from .thoughts import signature_of
from .usage import parse_usage

__all__ = ["ChatDecoder", "reason_of"]

_Starting: TypeAlias = (
    type[ev.TextStarted] | type[ev.RefusalStarted] | type[ev.ReasoningStarted]
)
_Growing: TypeAlias = (
    type[ev.TextDelta] | type[ev.RefusalDelta] | type[ev.ReasoningDelta]
)

_KINDS: Final[Mapping[str, tuple[_Starting, _Growing]]] = {
    "reasoning_content": (ev.ReasoningStarted, ev.ReasoningDelta),
    "reasoning": (ev.ReasoningStarted, ev.ReasoningDelta),
    "content": (ev.TextStarted, ev.TextDelta),
    "refusal": (ev.RefusalStarted, ev.RefusalDelta),
}

_USUAL: Final = frozenset({"role", "tool_calls", "reasoning_details", *_KINDS})
"""The keys of a delta beside which nothing stands."""

_REASONS: Final[Mapping[str, ev.Reason]] = {
    "stop": ev.Reason.END,
    "length": ev.Reason.MAX_OUTPUT,
    "tool_calls": ev.Reason.TOOL_USE,
    "function_call": ev.Reason.TOOL_USE,
    "content_filter": ev.Reason.REFUSAL,
}

# Native words that say more than the legal word beside them, and that one.
_FINER: Final[Mapping[tuple[str, str], ev.Reason]] = {
    ("stop", "stop_sequence"): ev.Reason.STOP_SEQUENCE,
    ("stop", "pause_turn"): ev.Reason.PAUSE,
    ("length", "model_context_window_exceeded"): ev.Reason.CONTEXT_WINDOW,
}


class _Choice(TypedDict):
    index: int
    delta: dict[str, str]
    finish_reason: str | None


class _Chunk(TypedDict):
    choices: list[_Choice]


@attrs.define
class _Call:
    """A call that was started."""

    block: int
    kind: ToolKind = ToolKind.FUNCTION
    pieces: list[str] = attrs.field(factory=list, repr=False)
    ended: bool = False


@attrs.define
class _Lane:
    """One candidate: which words are open, and its calls."""

    candidate: int
    key: str = ""
    """The delta key of the open block of words."""
    ordinary: str = ""
    """The same, while a delta of it may be more words and nothing else."""
    block: int = 0
    growing: _Growing = ev.TextDelta
    plain: bool = False
    """Whether reasoning came as plain text, which its details would repeat."""
    calls: dict[int, _Call] = attrs.field(factory=dict)
    texts: int = 0
    """How many blocks of words there were: sources count from the first of them."""
    weighed: bool = False
    """Whether probabilities come beside the words, so that no delta is an ordinary
    one. Upstreams tell those of every token or of none."""
    notes: list[Citation | tuple[TokenProb, ...]] = attrs.field(factory=list)
    """What waits for words."""
    worded: bool = False
    """Whether words came as words, and not in sound."""
    sound: int | None = None
    """The open block of sound."""

    @property
    def speaks(self) -> bool:
        """Whether a block of words to the caller is open."""
        return bool(self.key) and self.growing is not ev.ReasoningDelta


@attrs.define
class ChatDecoder:
    """Transducer from legal chunks to events."""

    context: StreamContext
    _started: bool = attrs.field(default=False, init=False)
    _blocks: int = attrs.field(default=0, init=False)
    _lanes: dict[int, _Lane] = attrs.field(factory=dict, init=False)

    def feed(self, legal: Sequence[Legal]) -> list[ev.Event]:
        """Take what a mender gave."""
        out: list[ev.Event] = []
        lanes = self._lanes
        # `cast` would be one more call for every read.
        chunks: Sequence[tuple[_Chunk, bytes]] = legal  # type: ignore[assignment]
        for payload, _ in chunks:
            try:
                (choice,) = payload["choices"]
                ((key, text),) = choice["delta"].items()
                lane = lanes[choice["index"]]
                if (
                    key == lane.ordinary
                    and text
                    and choice.get("finish_reason") is None
                ):
                    out.append(lane.growing(lane.block, text))
                    continue
                if key == "tool_calls" and choice.get("finish_reason") is None:
                    call, more = _more(lane, text)
                    call.pieces.append(more)
                    out.append(ev.ToolCallDelta(call.block, more))
                    continue
            except (KeyError, TypeError, ValueError):
                pass  # not more of the same
            self._take(cast("JsonObject | None", payload), out)
        return out

    def _take(self, payload: JsonObject | None, out: list[ev.Event]) -> None:
        if payload is None:
            out.append(ev.Ended())
            return
        choices = payload.get("choices")
        for choice in choices if isinstance(choices, list) else ():
            if isinstance(choice, dict):
                self._start(payload, out)
                self._choice(choice, out)
        usage = payload.get("usage")
        if isinstance(usage, dict):
            out.append(ev.UsageReported(parse_usage(usage)))

    def _start(self, payload: JsonObject, out: list[ev.Event]) -> None:
        if self._started:
            return
        self._started = True
        created = payload.get("created")
        out.append(
            ev.Started(
                str(payload.get("id") or ""),
                str(payload.get("model") or ""),
                created if isinstance(created, int) else None,
            )
        )

    def _choice(self, choice: JsonObject, out: list[ev.Event]) -> None:
        index = choice.get("index")
        index = index if isinstance(index, int) else 0
        lane = self._lanes.get(index)
        if lane is None:
            lane = self._lanes[index] = _Lane(index)
        delta = choice.get("delta")
        if isinstance(delta, dict):
            probs = parse_probs(choice.get("logprobs"))
            lane.weighed = lane.weighed or bool(probs)
            lane.worded = lane.worded or bool(delta.get("content"))
            for key in _KINDS:
                text = delta.get(key)
                if isinstance(text, str) and text:
                    self._say(lane, key, text, out)
                if key == "reasoning" and "reasoning_details" in delta:
                    self._details(lane, delta["reasoning_details"], out)
            if probs or not delta.keys() <= _USUAL:
                self._beside(lane, delta, probs, out)
            calls = delta.get("tool_calls")
            for entry in calls if isinstance(calls, list) else ():
                if isinstance(entry, dict):
                    self._call(lane, entry, out)
        word = choice.get("finish_reason")
        if isinstance(word, str):
            self._finish(lane, word, choice.get("native_finish_reason"), out)

    def _say(self, lane: _Lane, key: str, text: str, out: list[ev.Event]) -> None:
        starting, growing = _KINDS[key]
        if not lane.key or lane.growing is not growing:
            self._end_words(lane, out)
            self._end_calls(lane, out, complete=True)
            lane.block, lane.growing = self._next(), growing
            lane.texts += growing is ev.TextDelta
            out.append(starting(lane.block, lane.candidate))
            if lane.notes and growing is not ev.ReasoningDelta:
                _note(lane, out, placed=lane.texts == 1)
        lane.key = key
        lane.ordinary = "" if lane.weighed else key
        lane.plain = lane.plain or growing is ev.ReasoningDelta
        out.append(growing(lane.block, text))

    def _details(self, lane: _Lane, details: Json, out: list[ev.Event]) -> None:
        """OpenRouter's `reasoning_details`: text again, and what proves it."""
        for entry in details if isinstance(details, list) else ():
            if not isinstance(entry, dict):
                continue
            text = entry.get("text") or entry.get("summary")
            if isinstance(text, str) and text and not lane.plain:
                self._say(lane, "reasoning", text, out)
                lane.plain = False
            signature = signature_of(entry, "signature")
            if signature is not None:
                self._sign(lane, signature, out)
            sealed = signature_of(entry, "data")
            if sealed is not None:
                self._end_words(lane, out)
                block = self._next()
                out.append(ev.RedactedReasoning(block, sealed, lane.candidate))
                out.append(ev.BlockEnded(block))

    def _sign(self, lane: _Lane, signature: Signature, out: list[ev.Event]) -> None:
        if not lane.key or lane.growing is not ev.ReasoningDelta:
            self._end_words(lane, out)
            lane.block, lane.growing = self._next(), ev.ReasoningDelta
            lane.key = lane.ordinary = "reasoning"
            out.append(ev.ReasoningStarted(lane.block, lane.candidate))
        out.append(ev.BlockSigned(lane.block, signature))
        self._end_words(lane, out)

    def _beside(
        self,
        lane: _Lane,
        delta: JsonObject,
        probs: tuple[TokenProb, ...],
        out: list[ev.Event],
    ) -> None:
        """What stands beside the words: their sources, pictures, sound."""
        lane.notes += parse_citations(delta.get("annotations"))
        if probs:
            lane.notes.append(probs)
        if lane.speaks:
            _note(lane, out, placed=lane.texts == 1)
        images = delta.get("images")
        for entry in images if isinstance(images, list) else ():
            if isinstance(entry, dict):
                self._picture(lane, entry, out)
        audio = delta.get("audio")
        if isinstance(audio, dict):
            self._sound(lane, audio, out)

    def _picture(self, lane: _Lane, entry: JsonObject, out: list[ev.Event]) -> None:
        self._end_words(lane, out)
        self._end_calls(lane, out, complete=True)
        block, found = self._next(), picture_in(entry)
        if found is None:
            image = {key: value for key, value in entry.items() if key != "index"}
            raw: JsonObject = {"images": [image]}
            out.append(ev.NativeStarted(block, NAME, raw, lane.candidate))
        else:
            mime, data = found
            kind = MediaKind.IMAGE
            out.append(ev.MediaStarted(block, kind, mime, lane.candidate))
            out.append(ev.MediaDelta(block, data))
        out.append(ev.BlockEnded(block))

    def _sound(self, lane: _Lane, audio: JsonObject, out: list[ev.Event]) -> None:
        """Bytes, and the words that are said in them where they are not told too."""
        data, words = audio.get("data"), audio.get("transcript")
        if isinstance(data, str) and data:
            if lane.sound is None:
                lane.sound = self._next()
                kind = MediaKind.AUDIO
                out.append(ev.MediaStarted(lane.sound, kind, None, lane.candidate))
            out.append(ev.MediaDelta(lane.sound, data))
        if isinstance(words, str) and words and not lane.worded:
            self._say(lane, "content", words, out)

    def _call(self, lane: _Lane, entry: JsonObject, out: list[ev.Event]) -> None:
        number, function = entry.get("index"), entry.get("function")
        text_key, kind = "arguments", ToolKind.FUNCTION
        if "custom" in entry:
            function, text_key, kind = entry["custom"], "input", ToolKind.CUSTOM
        if not isinstance(number, int) or not isinstance(function, dict):
            return
        call = lane.calls.get(number)
        if call is None:
            self._end_words(lane, out)
            self._end_calls(lane, out, complete=True)
            call = lane.calls[number] = _Call(self._next(), kind)
            out.append(
                ev.ToolCallStarted(
                    call.block,
                    str(entry.get("id")),
                    str(function.get("name")),
                    lane.candidate,
                    kind,
                    signature=signature_in(entry),
                )
            )
        text = function.get(text_key)
        if isinstance(text, str) and text and not call.ended:
            call.pieces.append(text)
            out.append(ev.ToolCallDelta(call.block, text))

    def _finish(
        self, lane: _Lane, word: str, native: Json, out: list[ev.Event]
    ) -> None:
        if any(isinstance(note, Citation) for note in lane.notes):
            self._end_words(lane, out)
            lane.key, lane.block, lane.growing = "content", self._next(), ev.TextDelta
            out.append(ev.TextStarted(lane.block, lane.candidate))
            _note(lane, out, placed=False)
        self._end_words(lane, out)
        self._end_calls(lane, out, complete=False)
        if lane.sound is not None:
            out.append(ev.BlockEnded(lane.sound))
            lane.sound = None
        native = native if isinstance(native, str) else word
        reason = reason_of(word, native)
        out.append(ev.Stopped(reason, native, None, lane.candidate))

    def _end_words(self, lane: _Lane, out: list[ev.Event]) -> None:
        if lane.key:
            lane.key = lane.ordinary = ""
            out.append(ev.BlockEnded(lane.block))

    def _end_calls(self, lane: _Lane, out: list[ev.Event], *, complete: bool) -> None:
        """End the open calls: all of them, or those whose arguments are complete."""
        for call in lane.calls.values():
            if call.ended or (complete and not _is_complete(call)):
                continue
            call.ended = True
            out.append(ev.BlockEnded(call.block))

    def _next(self) -> int:
        self._blocks += 1
        return self._blocks - 1


def _more(lane: _Lane, entries: object) -> tuple[_Call, str]:
    """The one open call that goes on, and its text; `ValueError` if it is not so."""
    if isinstance(entries, list):
        (entry,) = entries
        text = entry["function"]["arguments"]
        call = lane.calls[entry["index"]]
        if isinstance(text, str) and text and not call.ended:
            return call, text
    raise ValueError


def _is_complete(call: _Call) -> bool:
    """Whether the arguments are all there; of free text nobody can tell."""
    return call.kind is ToolKind.FUNCTION and is_object("".join(call.pieces))


def _note(lane: _Lane, out: list[ev.Event], *, placed: bool) -> None:
    """Say what waits for words of the block that is open; `placed` is whether that
    block begins where the places of sources are counted from."""
    for note in lane.notes:
        if not isinstance(note, Citation):
            out.append(ev.LogProbsAdded(lane.block, note))
        elif placed:
            out.append(ev.CitationAdded(lane.block, note))
        else:
            source = attrs.evolve(note, start=None, end=None)
            out.append(ev.CitationAdded(lane.block, source))
    lane.notes.clear()


def reason_of(word: str, native: str) -> ev.Reason:
    """Why the model stopped, from the legal word and the upstream's own."""
    return _FINER.get((word, native)) or _REASONS.get(word, ev.Reason.OTHER)
