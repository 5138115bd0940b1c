"""Is a captured stream legal? Its bytes in, findings out.

    bytes -> frames, each with its place -> steps -> the dialect's grammar -> findings
                                         \\-> mender: what would be made of it

Frames are judged as they came, with no mender in front. The mender runs beside, and
where a frame breaks the grammar, judging goes on from where the mended stream is, when
that goes on: one fault is one finding, not one for every frame behind it.

A finding names places, event names and rules, never what a frame says.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

import attrs

from cliproxy_core.base.errors import DecodeError
from cliproxy_core.base.ids import Ids
from cliproxy_core.base.jsonval import as_object, loads
from cliproxy_core.base.value import value
from cliproxy_core.ir.dialect import Dialect, Frame, Mended, Mender, StreamContext
from cliproxy_core.ir.failure import Failure
from cliproxy_core.ir.grammar import Checker, Step
from cliproxy_core.wire.sse import Comment, Oversize, SseDecoder, SseFrame, Truncated

from .elements import Elements

__all__ = ["Finding", "Linter", "Repair"]

# Longer than any dialect's event names; a name is all that is repeated of a frame.
MAX_NAME: Final = 80

# Dialects whose events bear their type as name: the vendor's SDK goes by the name.
_NAMED: Final = frozenset({"claude_messages", "openai_responses"})
# Dialects whose streams may be one array that grows.
_ARRAYS: Final = frozenset({"gemini"})

_BLANK: Final = b"\xef\xbb\xbf \t\r\n"
_LINE_ENDS: Final = (b"\n", b"\r", b"\r\n")
_TO_BRACE: Final = re.compile(rb"[^}]*+\}|[^}]++")
_ELEMENT: Final = re.compile(rb"[^ \t\r\n,\[\xef\xbb\xbf]")

# An index that nobody counts to: grammars put it where a frame has none.
_NO_INDEX: Final = 1 << 62

_CUT: Final = "the stream ends within this event"
_UNFINISHED: Final = "the stream ends before it is complete"


@value(kw_only=True)
class Finding:
    """A place where a stream is not legal."""

    frame: int
    """Counted from 1; for what is between frames, the last one before it."""
    offset: int
    """Where it begins, in bytes from the start of the capture."""
    event: str
    """Its name or type, where it has one."""
    rule: str
    """What is wrong with it."""
    mended: tuple[str, ...] = ()
    """The repairs that it would get."""


@value(kw_only=True)
class Repair:
    """What a mender would do to a stream, and where it would begin to."""

    name: str
    times: int
    frame: int
    offset: int


@attrs.define
class Linter:
    """Transducer from the bytes of a capture to findings."""

    dialect: Dialect
    frames: int = attrs.field(default=0, init=False)
    """How many events with data came."""
    legal: bool = attrs.field(default=True, init=False)
    """Whether there were no findings so far; all is known after `finish`."""
    failure: Failure | None = attrs.field(default=None, init=False)
    """Why a caller would not get a complete answer, if he would not."""
    _source: _Lines | _Array | None = attrs.field(default=None, init=False)
    _skipped: int = attrs.field(default=0, init=False)
    """Blank bytes before the first that says what form the capture has."""
    _checker: Checker = attrs.field(init=False)
    _mended: Checker = attrs.field(init=False)
    """Where the mended stream is."""
    _lost: bool = attrs.field(default=False, init=False)
    """Whether a frame broke the grammar, and the mended stream has not gone on since:
    what comes cannot be judged."""
    _mender: Mender = attrs.field(init=False)
    _places: dict[str, tuple[int, int, int]] = attrs.field(factory=dict, init=False)
    """How often a repair was made so far; the frame and offset of the first."""

    def __attrs_post_init__(self) -> None:
        self._checker = Checker(self.dialect.grammar)
        self._mended = Checker(self.dialect.grammar)
        context = StreamContext(ids=Ids(b"lint"), created=0, model="unknown")
        self._mender = self.dialect.mender(context)

    @property
    def repairs(self) -> list[Repair]:
        """What a mender would do, in the order of the first places."""
        return [
            Repair(name=name, times=times, frame=frame, offset=offset)
            for name, (times, frame, offset) in self._places.items()
        ]

    def feed(self, chunk: bytes) -> list[Finding]:
        """Take any number of bytes; return what is wrong with the events they end."""
        if self._source is None:
            start = len(chunk) - len(chunk.lstrip(_BLANK))
            if start == len(chunk):
                self._skipped += start
                return []
            array = self.dialect.name in _ARRAYS and chunk[start] in b"[{"
            at = self._skipped + start
            self._source = _Array(at=at) if array else _Lines(at=at, begin=at)
            chunk = chunk[start:]
        return self._judge_all(self._source.feed(chunk))

    def finish(self) -> list[Finding]:
        """The capture ends here, and with it the stream."""
        source = self._source or _Lines(at=self._skipped)
        out = self._judge_all(source.finish())
        mended = self._mender.finish()
        names = self._learn(mended, source.at)
        if not (self._checker.complete or self._lost):
            out.append(self._found(source.at, "", _UNFINISHED, names))
        elif mended.failure is not None and self.legal:
            out.append(self._found(source.at, "", mended.failure.message, names))
        return out

    def _judge_all(self, located: Sequence[tuple[int, Frame]]) -> list[Finding]:
        return [found for at, frame in located for found in self._judge(at, frame)]

    def _judge(self, at: int, frame: Frame) -> list[Finding]:
        rules: list[str] = []
        event: SseFrame | None = None
        match frame:
            case Comment():
                if not self.dialect.heartbeat:
                    rules.append("a comment, which breaks clients of this dialect")
            case Oversize():
                rules.append(f"an event of more than {frame.limit} bytes")
            case Truncated():
                rules.append(_CUT)
                event = frame.frame
            case SseFrame():
                event = frame
        # Text without a field is none of an event stream's; what is in an array is.
        if event or isinstance(frame, Oversize) or isinstance(self._source, _Array):
            self.frames += not isinstance(frame, Comment)
        name, told = "", False
        if event is not None:
            name, steps = self._read(event, rules)
            told = any(step.symbol in self.dialect.grammar.fatal for step in steps)
            if not self._lost:
                self._check(steps, rules)
        mended = self._mender.feed([frame])
        repairs = self._learn(mended, at)
        if mended.failure is not None and not (told or rules):
            rules.append(mended.failure.message)
        return [self._found(at, name, rule, repairs) for rule in rules]

    def _read(self, frame: SseFrame, rules: list[str]) -> tuple[str, Sequence[Step]]:
        """What an event is called, and its steps; what is wrong beside their order."""
        if frame.data.strip() == b"[DONE]":
            steps = self.dialect.classify(None)
            if not steps:
                rules.append("[DONE]: no event of this dialect")
            return _shown(frame.event or "[DONE]"), steps
        try:
            payload = as_object(loads(frame.data), "")
        except DecodeError as error:
            rules.append(f"its data: {error.reason}")
            return _shown(frame.event), ()
        kind = payload.get("type")
        if self.dialect.name in _NAMED and kind != frame.event:
            word = (
                "its name is not its type"
                if frame.event
                else "its event line is missing"
            )
            rules.append(word)
        name = frame.event or (kind if isinstance(kind, str) else "")
        return _shown(name), self.dialect.classify(payload)

    def _check(self, steps: Sequence[Step], rules: list[str]) -> None:
        """Hold a frame against the grammar."""
        violation = self._checker.check(steps)
        if violation is None:
            return
        self._lost = True
        rule = violation.rule
        if any(max(step.number, step.lane) >= _NO_INDEX for step in steps):
            rule = "its index is missing, or is none"
        rules.append(f"{violation.symbol}: {rule}")

    def _learn(self, mended: Mended, at: int) -> list[str]:
        """Follow the mended stream; return what was repaired just now."""
        for payload, _ in mended.legal:
            self._mended.check(self.dialect.classify(payload))
        if self._lost and mended.legal:
            self._checker, self._lost = self._mended.fork(), False
        if self.failure is None:
            self.failure = mended.failure
        names: list[str] = []
        for name, times in self._mender.repairs.items():
            before, frame, offset = self._places.get(name, (0, self.frames, at))
            if times != before:
                self._places[name] = (times, frame, offset)
                names.append(name)
        return names

    def _found(self, at: int, event: str, rule: str, mended: list[str]) -> Finding:
        self.legal = False
        return Finding(
            frame=self.frames, offset=at, event=event, rule=rule, mended=tuple(mended)
        )


@attrs.define
class _Lines:
    """Transducer from an event stream to frames, each with where it begins."""

    at: int
    """How much came."""
    begin: int = 0
    """Where the event under way begins."""
    _decoder: SseDecoder = attrs.field(factory=SseDecoder, init=False)
    _idle: bool = attrs.field(default=True, init=False)
    """Whether no event is under way."""
    _fresh: bool = attrs.field(default=True, init=False)
    """Whether the next byte begins a line."""
    _cr: bool = attrs.field(default=False, init=False)
    """Whether a line feed that comes next belongs to the end of the line before."""

    def feed(self, chunk: bytes) -> list[tuple[int, Frame]]:
        out: list[tuple[int, Frame]] = []
        for line in chunk.splitlines(keepends=True):
            if not (self._cr and line == b"\n"):
                blank = self._fresh and line in _LINE_ENDS
                if self._fresh and self._idle and not blank:
                    self.begin = self.at
                    self._idle = line[:1] == b":"  # a comment begins no event
                self._idle = self._idle or blank
                self._fresh = line[-1:] in (b"\n", b"\r")
            out += [(self.begin, frame) for frame in self._decoder.feed(line)]
            self._cr = line[-1:] == b"\r"
            self.at += len(line)
        return out

    def finish(self) -> list[tuple[int, Frame]]:
        return [(self.begin, frame) for frame in self._decoder.finish()]


@attrs.define
class _Array:
    """The same for an array that grows. Elements of it are objects, if it is legal."""

    at: int
    _elements: Elements = attrs.field(factory=Elements, init=False)
    _begin: int | None = attrs.field(default=None, init=False)
    """Where the element under way begins, if one is."""

    def feed(self, chunk: bytes) -> list[tuple[int, Frame]]:
        out: list[tuple[int, Frame]] = []
        for piece in _TO_BRACE.findall(chunk):  # an element ends where a piece does
            if self._begin is None and (found := _ELEMENT.search(piece)):
                self._begin = self.at + found.start()
            frames = self._elements.feed(piece)
            out += [(self._place, frame) for frame in frames]
            if frames:
                self._begin = None
            self.at += len(piece)
        return out

    def finish(self) -> list[tuple[int, Frame]]:
        return [(self._place, frame) for frame in self._elements.finish()]

    @property
    def _place(self) -> int:
        return self.at if self._begin is None else self._begin


def _shown(name: str) -> str:
    """A name that came from outside, if it looks like one."""
    return name if name.isprintable() and len(name) <= MAX_NAME else "(no plain name)"
