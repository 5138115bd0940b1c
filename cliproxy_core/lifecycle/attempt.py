"""One go at an upstream, from opening it to the end of its answer.

    CONNECTING --Connected--> WAITING --Head 2xx--> ANSWERING --> DONE
                                 |-----Head else--> REFUSING  --> DONE

Every wait has a deadline. What the upstream says comes out as pieces for the caller;
what goes wrong, whatever it is, comes out as one `StreamFailed`.
"""

from __future__ import annotations

import enum
from collections.abc import Sequence
from typing import Final, TypeAlias, assert_never

import attrs

from cliproxy_core.base.clock import Mono, Now
from cliproxy_core.base.contract import Tick
from cliproxy_core.base.deadlines import Deadlines
from cliproxy_core.base.errors import DecodeError
from cliproxy_core.base.word import Word
from cliproxy_core.ir.failure import Failure, Kind
from cliproxy_core.pool.credential import Credential
from cliproxy_core.translate import Answer, Piece, Prepared, StreamEnded, StreamFailed
from cliproxy_core.translate.prepare import prepare
from cliproxy_core.wire.coding import Decompressor, decoder
from cliproxy_core.wire.http import Headers, get_header

from .counting import CountAnswer, prepare_count
from .effects import Abort, Open, PauseUpstream, Release, ResumeUpstream
from .faults import broke, redacted, refused, retry_after, timed_out
from .inputs import (
    Began,
    DownstreamBlocked,
    DownstreamFlowing,
    Fault,
    UpstreamBroke,
    UpstreamConnected,
    UpstreamData,
    UpstreamEnded,
    UpstreamHead,
)
from .job import Job
from .upstream_request import request_head

__all__ = ["Attempt", "Effect", "Input"]

# Error bodies are read to be quoted; nobody's error needs more.
MAX_ERROR_BYTES: Final = 64 * 1024

# As much as a complete answer may have; a bomb is found long before by its ratio.
MAX_DECODED_BYTES: Final = 128 * 1024 * 1024


class State(enum.Enum):
    """How far the attempt has come."""

    CONNECTING = enum.auto()
    WAITING = enum.auto()
    ANSWERING = enum.auto()
    REFUSING = enum.auto()
    DONE = enum.auto()


class Timer(Word):
    """What is being waited for."""

    CONNECT = "a connection"
    FIRST_BYTE = "the first byte"
    SILENCE = "more of the answer"


Input: TypeAlias = (
    Began
    | Tick
    | UpstreamConnected
    | UpstreamHead
    | UpstreamData
    | UpstreamEnded
    | UpstreamBroke
    | DownstreamBlocked
    | DownstreamFlowing
)
Effect: TypeAlias = (
    Open
    | Abort
    | Release
    | PauseUpstream
    | ResumeUpstream
    | Piece
    | StreamEnded
    | StreamFailed
)


def _malformed(how: str) -> Failure:
    message = f"the upstream compressed its answer, {how}"
    return Failure(kind=Kind.MALFORMED, status=502, message=message)


@attrs.define
class Attempt:
    """One exchange with one credential's upstream."""

    number: int
    job: Job
    credential: Credential
    model: str
    """The upstream's name of the model."""
    state: State = attrs.field(default=State.CONNECTING, init=False)
    status: int | None = attrs.field(default=None, init=False)
    prepared: Prepared | None = attrs.field(default=None, init=False)
    answer: Answer | CountAnswer = attrs.field(init=False)
    _timers: Deadlines[Timer] = attrs.field(factory=Deadlines, init=False)
    _heard: Mono | None = attrs.field(default=None, init=False)
    """When the last byte of the body came."""
    _error: bytes = attrs.field(default=b"", init=False, repr=False)
    _retry_after: float | None = attrs.field(default=None, init=False)
    _paused: bool = attrs.field(default=False, init=False)
    _coding: Decompressor | None = attrs.field(default=None, init=False)
    """What undoes the compression of a body; we ask for none, some send it anyway."""

    def __attrs_post_init__(self) -> None:
        job, upstream = self.job, self.credential.profile.dialect
        if job.counts:
            self.answer = CountAnswer(upstream, job.dialect)
        else:
            self.answer = Answer(upstream, job.dialect, job.context, job.streams)

    @property
    def deadline(self) -> Mono | None:
        return self._timers.next

    @property
    def done(self) -> bool:
        return self.state is State.DONE

    def handle(self, event: Input, now: Now) -> Sequence[Effect]:
        """Take one input; return all it causes, in order."""
        if self.state is State.DONE:
            return ()
        match event:
            case UpstreamData(data=data):
                return self._data(data, now)
            case Tick():
                return self._tick(now)
            case Began():
                return self._open(now)
            case UpstreamConnected():
                return self._connected(now)
            case UpstreamHead(status=status, headers=headers):
                return self._head(status, headers, now)
            case UpstreamEnded():
                return self._ended()
            case UpstreamBroke():
                return self._broke(event, now)
            case DownstreamBlocked():
                self._paused = True
                self._timers.clear(Timer.SILENCE)
                return [PauseUpstream(self.number)]
            case DownstreamFlowing():
                self._paused = False
                if self._heard is not None:
                    self._listen(now)
                return [ResumeUpstream(self.number)]
            case _:
                assert_never(event)

    def _open(self, now: Now, *, fresh: bool = False) -> Sequence[Effect]:
        job, credential = self.job, self.credential
        try:
            prepared = self.prepared or self._prepare()
        except DecodeError as error:
            return self._fail(refused(error), abort=False)
        if isinstance(prepared, Failure):
            return self._fail(prepared, abort=False)
        self.prepared = prepared
        if isinstance(self.answer, Answer):
            self.answer.names = prepared.names
        self.state = State.CONNECTING
        self._timers.clear_all()
        self._timers.set(Timer.CONNECT, now.after(job.timeouts.connect))
        head = request_head(job, credential, self.model, prepared.lane)
        out: list[Effect] = [
            Open(self.number, credential.origin, head, prepared.body, fresh)
        ]
        if self._paused:
            out.append(PauseUpstream(self.number))
        return out

    def _prepare(self) -> Prepared | Failure:
        job, profile = self.job, self.credential.profile
        if job.counts:
            return prepare_count(job, profile, self.model)
        return prepare(
            job.body,
            job.document,
            source=job.dialect,
            target=profile.dialect,
            model=self.model,
            streams=job.streams,
            finish=profile.finish,
        )

    def _connected(self, now: Now) -> Sequence[Effect]:
        if self.state is State.CONNECTING:
            self.state = State.WAITING
            self._timers.clear(Timer.CONNECT)
            wait = self.job.timeouts.first_byte
            self._timers.set(Timer.FIRST_BYTE, now.after(wait))
        return ()

    def _head(self, status: int, headers: Headers, now: Now) -> Sequence[Effect]:
        self.status = status
        coding = get_header(headers, b"content-encoding")
        if coding not in (None, b"", b"identity"):
            self._coding = decoder(coding.decode("latin-1"), MAX_DECODED_BYTES)
            if self._coding is None:
                return self._fail(_malformed("in a way that nobody asked for"))
        if self.prepared is not None:
            # It was sent and is not sent again; it may be megabytes, streams are long.
            self.prepared = attrs.evolve(self.prepared, body=b"")
        if 200 <= status < 300:
            self.state = State.ANSWERING
        else:
            self.state = State.REFUSING
            self._retry_after = retry_after(headers, now.wall)
        return ()

    def _data(self, data: bytes, now: Now) -> Sequence[Effect]:
        if self._heard is None:
            self._timers.clear_all()
            self._listen(now)
        self._heard = now.mono
        if self._coding is not None:
            decoded = self._coding.feed(data)
            if not isinstance(decoded, bytes):
                return self._fail(_malformed("and it cannot be undone"))
            data = decoded
        if self.state is State.REFUSING:
            self._error += data[: MAX_ERROR_BYTES - len(self._error)]
            return ()
        if self.state is not State.ANSWERING:
            return ()
        produced = self.answer.feed(data)
        if not produced or isinstance(produced[-1], Piece):
            return produced
        return self._finished(produced, ended=False)

    def _ended(self) -> Sequence[Effect]:
        if self.state is State.REFUSING:
            return self._finished([StreamFailed(self._refusal())], ended=True)
        return self._finished(self.answer.finish(), ended=True)

    def _broke(self, event: UpstreamBroke, now: Now) -> Sequence[Effect]:
        unheard = self.state in (State.CONNECTING, State.WAITING)
        if event.fault is Fault.STALE and unheard:
            return self._open(now, fresh=True)
        if self.state is State.REFUSING and self._error:
            return self._finished([StreamFailed(self._refusal())], ended=True)
        return self._fail(broke(event), abort=False)

    def _tick(self, now: Now) -> Sequence[Effect]:
        for timer in self._timers.take_due(now.mono):
            if timer is Timer.SILENCE and self._heard is not None:
                silent_until = Mono(self._heard + self.job.timeouts.silence)
                if silent_until > now.mono:
                    self._timers.set(timer, silent_until)
                    continue
            return self._fail(timed_out(timer.value))
        return ()

    def _listen(self, now: Now) -> None:
        """Arm the silence timer. It is moved when it is due, not at every byte.

        While we do not read it is us who are silent.
        """
        self._heard = now.mono
        if not self._paused:
            self._timers.set(Timer.SILENCE, now.after(self.job.timeouts.silence))

    def _fail(self, failure: Failure, *, abort: bool = True) -> Sequence[Effect]:
        return self._finished([StreamFailed(failure)], ended=not abort)

    def _finished(
        self, produced: Sequence[Piece | StreamEnded | StreamFailed], *, ended: bool
    ) -> Sequence[Effect]:
        """Out come the last pieces; an upstream that has not ended is let go.

        An answer may be complete while its HTTP body is not: some upstreams keep a
        stream open after its last event.
        """
        self.state = State.DONE
        self._timers.clear_all()
        out: list[Effect] = [self._clean(item) for item in produced]
        if not ended:
            broken = isinstance(produced[-1], StreamFailed)
            out.insert(0, (Abort if broken else Release)(self.number))
        return out

    def _refusal(self) -> Failure:
        dialect = self.credential.profile.dialect
        failure = dialect.parse_error(self.status or 502, self._error)
        if self._retry_after is None:
            return failure
        return attrs.evolve(failure, retry_after=self._retry_after)

    def _clean(
        self, item: Piece | StreamEnded | StreamFailed
    ) -> Piece | StreamEnded | StreamFailed:
        if isinstance(item, StreamFailed):
            return StreamFailed(redacted(item.failure, self.credential))
        return item
