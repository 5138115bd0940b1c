"""Legal sequences of neutral events, as some bytes say.

Legal is what `ir.stream` says: blocks are numbered in the order of opening over all
candidates, several may be open at once, each ends before its candidate stops. Any
bytes are such a sequence, so that every engine that makes bytes makes these.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import attrs

from cliproxy_core.ir import stream as ev
from cliproxy_core.ir.citation import Citation, TokenProb
from cliproxy_core.ir.failure import Failure, Kind
from cliproxy_core.ir.media import MediaKind
from cliproxy_core.ir.reasoning import Signature
from cliproxy_core.ir.request import ToolKind
from cliproxy_core.ir.usage import Usage

__all__ = ["BROKEN", "Composed", "composed"]

BROKEN: Final = Failure(kind=Kind.RESET, status=502, message="it broke")

WORDS: Final = (
    "a",
    "b c",
    "",
    "\n",
    "é😀\u2028",
    '"\\{',
    "data: x\n\n",
    "\x00",
    "100%s",
)
# Base64, as Gemini demands; opaque to all others.
PROOFS: Final = tuple(
    Signature("c2ln", issuer)
    for issuer in (
        "openai_chat",
        "openai_responses",
        "claude_messages",
        "gemini",
        "another",
    )
)
NAMES: Final = ("f", "g", "a.b", "get_weather")
ARGUMENTS: Final = (
    "{}",
    '{"a":1}',
    '{ "a" : [1.0, 12345678901234567890] }',
    '{"a":{"b":"\\u00e9 \\n"}}',
    "",
)
# What a limit leaves of arguments, and what a model gets wrong.
CUT: Final = ('{"a":', "{", "[]", "x", '{"a":1}}')
FREE: Final = ("*** Begin", "", "{", '{"input":"x"}')
TOKENS: Final = (
    TokenProb("a", -0.5),
    TokenProb("é", 0, (195, 169), (TokenProb("x", -1),)),
)
SOURCES: Final = (
    Citation(
        dialect="another", raw={}, url="https://x.test", title="t", start=0, end=1
    ),
    Citation(dialect="another", raw={"x": 1}, quoted="q"),
    Citation(dialect="another", raw={}, url="https://x.test", start=9, end=3),
)
COUNTS: Final = (
    Usage(input_uncached=3, output=2),
    Usage(input_uncached=3, cache_read=1, cache_write_1h=2, output=2, reasoning=1),
    Usage(output=7),
    Usage(),
)
REASONS: Final = tuple(ev.Reason)
# Those that fit whether there is a call or not.
CUTS: Final = (ev.Reason.MAX_OUTPUT, ev.Reason.CONTEXT_WINDOW, ev.Reason.REFUSAL)
WORDY: Final = (ev.TextStarted, ev.RefusalStarted, ev.ReasoningStarted)
MEDIA: Final = (
    (MediaKind.IMAGE, "image/png"),
    (MediaKind.AUDIO, "audio/wav"),
    (MediaKind.AUDIO, None),
    (MediaKind.VIDEO, "video/mp4"),
)


@attrs.frozen
class Composed:
    """A sequence, and what is known of it."""

    events: list[ev.Event]
    sound: bool
    """Whether all arguments are objects, as those of a finished call are, and the words
    for the ends fit to what was said."""


@attrs.define
class _Block:
    """A block that is open, and the arguments that it has yet to tell."""

    opening: ev.Opening
    rest: str = ""
    signed: bool = False


@attrs.define
class _Composer:
    """The sequence so far."""

    lanes: int
    """How many candidates there may be."""
    events: list[ev.Event] = attrs.field(factory=list)
    sound: bool = True
    _open: dict[int, _Block] = attrs.field(factory=dict)
    _count: int = 0
    _begun: set[int] = attrs.field(factory=lambda: {0})
    _over: set[int] = attrs.field(factory=set)
    _called: set[int] = attrs.field(factory=set)

    def step(self, kind: int, first: int, second: int) -> None:
        match kind % 16:
            case 0 | 1 | 2 | 3 | 4:
                self._begin(first, second, kind)
            case 5:
                self.events.append(ev.UsageReported(COUNTS[first % len(COUNTS)]))
            case 6:
                self.events.append(ev.Heartbeat())
            case 7 | 8 if self._open:
                self._end(sorted(self._open)[first % len(self._open)])
            case 9 if second > 128:
                self._stop(first % 3, second)
            case _ if self._open:
                number = sorted(self._open)[first % len(self._open)]
                self._grow(number, self._open[number], second)
            case _:
                pass

    def finish(self, how: int) -> None:
        for lane in sorted(self._begun):
            self._stop(lane, how)
        if how % 8 > 4:
            self.events.append(ev.UsageReported(COUNTS[how % len(COUNTS)]))
        self.events.append(ev.Ended())

    def _begin(self, first: int, second: int, kind: int) -> None:
        # Candidates are counted without gaps.
        lane = min(kind // 16 % self.lanes, len(self._begun))
        if lane in self._over:
            return
        self._begun.add(lane)
        number = self._count
        block = _Block(_opening(number, lane, first, second))
        self._end_words(block.opening)
        if isinstance(block.opening, ev.ToolCallStarted):
            block.rest = self._arguments(block.opening.kind, second)
            self._called.add(lane)
        self.events.append(block.opening)
        self._open[number] = block
        self._count += 1

    def _end_words(self, opening: ev.Opening) -> None:
        """Words of one kind come one block after the other; no vendor mixes them."""
        for number, block in sorted(self._open.items()):
            known = block.opening
            alike = type(known) is type(opening) and isinstance(known, WORDY)
            if alike and known.candidate == opening.candidate:
                self._end(number)

    def _arguments(self, kind: ToolKind, second: int) -> str:
        if kind is ToolKind.CUSTOM:
            return FREE[second % len(FREE)]
        if second < 230:
            return ARGUMENTS[second % len(ARGUMENTS)]
        self.sound = False
        return CUT[second % len(CUT)]

    def _grow(self, number: int, block: _Block, second: int) -> None:
        text = WORDS[second // 4 % len(WORDS)]
        match block.opening:
            case ev.TextStarted():
                self.events.append(_of_words(number, block, text, second))
            case ev.RefusalStarted():
                self.events.append(ev.RefusalDelta(number, text))
            case ev.ReasoningStarted():
                if second % 4 == 3 and not block.signed:
                    block.signed = True
                    proof = PROOFS[second // 4 % len(PROOFS)]
                    self.events.append(ev.BlockSigned(number, proof))
                elif not block.signed:
                    self.events.append(ev.ReasoningDelta(number, text))
            case ev.ToolCallStarted():
                size = second % 8
                said, block.rest = block.rest[:size], block.rest[size:]
                self.events.append(ev.ToolCallDelta(number, said))
            case ev.MediaStarted():
                self.events.append(ev.MediaDelta(number, "AAAA"))
            case ev.NativeStarted():
                self.events.append(ev.NativeDelta(number, {"x": text}))
            case _:
                pass

    def _end(self, number: int) -> None:
        block = self._open.pop(number)
        if block.rest:
            self.events.append(ev.ToolCallDelta(number, block.rest))
        self.events.append(ev.BlockEnded(number))

    def _stop(self, lane: int, word: int) -> None:
        if lane in self._over or lane not in self._begun:
            return
        for number in sorted(self._open):
            if self._open[number].opening.candidate == lane:
                self._end(number)
        self._over.add(lane)
        reason = REASONS[word % len(REASONS)]
        if (lane in self._called) is not (reason is ev.Reason.TOOL_USE):
            reason = self._sensible(lane, reason, word)
        native = (None, "stop", "new")[word // 8 % 3]
        sequence = "END" if reason is ev.Reason.STOP_SEQUENCE else None
        self.events.append(ev.Stopped(reason, native, sequence, lane))

    def _sensible(self, lane: int, reason: ev.Reason, word: int) -> ev.Reason:
        """What a decoder makes of a word that does not fit, mostly."""
        if reason in CUTS:
            return reason
        if word > 224:
            self.sound = False
            return reason
        return ev.Reason.TOOL_USE if lane in self._called else ev.Reason.END


def composed(data: bytes) -> Composed:
    """The sequence that the bytes describe, three of them for each step."""
    how = data[1] if len(data) > 1 else 0
    composer = _Composer(lanes=3 if how % 4 == 3 else 1)
    composer.events.append(ev.Started("id_1", "m", 7 if data[:1] < b"\x80" else None))
    for three in _threes(data[2:]):
        composer.step(*three)
    composer.finish(how)
    return Composed(composer.events, composer.sound)


def _threes(data: bytes) -> Iterator[tuple[int, int, int]]:
    return zip(data[0::3], data[1::3], data[2::3], strict=False)


def _opening(number: int, lane: int, first: int, second: int) -> ev.Opening:
    proof = PROOFS[second % len(PROOFS)]
    match first % 12:
        case 0 | 1 | 2:
            return ev.TextStarted(number, lane)
        case 3:
            return ev.RefusalStarted(number, lane)
        case 4 | 5:
            return ev.ReasoningStarted(number, lane)
        case 6:
            return ev.RedactedReasoning(number, proof, lane)
        case 7 | 8 | 9:
            return _call(number, lane, first, second)
        case 10:
            kind, mime = MEDIA[second % len(MEDIA)]
            return ev.MediaStarted(number, kind, mime, lane)
        case _:
            return ev.NativeStarted(number, "another", {"type": "new"}, lane)


def _call(number: int, lane: int, first: int, second: int) -> ev.Opening:
    return ev.ToolCallStarted(
        number,
        f"call_{number}",
        NAMES[second // 8 % len(NAMES)],
        lane,
        ToolKind.CUSTOM if first > 224 else ToolKind.FUNCTION,
        "n" if first % 16 == 8 else None,
        PROOFS[second % len(PROOFS)] if first > 192 else None,
    )


def _of_words(number: int, block: _Block, text: str, second: int) -> ev.Event:
    if second % 16 == 3 and not block.signed:
        block.signed = True
        return ev.BlockSigned(number, PROOFS[second // 16 % len(PROOFS)])
    if second % 16 == 7:
        return ev.CitationAdded(number, SOURCES[second // 16 % len(SOURCES)])
    if second % 16 == 11:
        return ev.LogProbsAdded(number, TOKENS[: second // 16 % 3])
    return ev.TextDelta(number, text)
