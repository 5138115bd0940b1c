"""One request: credentials in turn until one's content comes, then never again.

    CHOOSING --Granted--> TRYING --first content--> COMMITTED --> DONE
        ^-----failure-------'

The commit point is the first content byte given downstream. Before it a failure
costs a credential and the caller sees nothing; after it a failure is said inside the
stream, in the caller's dialect, and the stream ends. Heartbeats before the commit
point fix the status at 200 but nothing else.
"""

from __future__ import annotations

import enum
from collections.abc import Sequence
from typing import Final, TypeAlias, assert_never

import attrs

from cliproxy_core.base.clock import Mono, Now, earlier
from cliproxy_core.base.contract import Tick
from cliproxy_core.base.deadlines import Deadlines
from cliproxy_core.base.word import Word
from cliproxy_core.ir.failure import Failure, Kind, Then
from cliproxy_core.observe.timeline import Instant, Timeline
from cliproxy_core.pool.retry import RETRY
from cliproxy_core.translate import Piece, StreamEnded, StreamFailed

from . import attempt as attempts
from .attempt import Attempt
from .effects import (
    Abort,
    Acquire,
    Effect,
    End,
    Open,
    PauseUpstream,
    Release,
    Report,
    Respond,
    ResumeUpstream,
    Return,
    StartResponse,
    Withdraw,
    Write,
)
from .faults import timed_out
from .inputs import (
    Began,
    DownstreamBlocked,
    DownstreamFlowing,
    DownstreamGone,
    Granted,
    Input,
    Refused,
    UpstreamBroke,
    UpstreamConnected,
    UpstreamData,
    UpstreamEnded,
    UpstreamHead,
)
from .job import Job
from .render import error_answer, stream_headers, whole_headers
from .summary import Summary, summary

__all__ = ["RequestMachine", "State"]

# Before the commit point bytes wait here: a role chunk, a `message_start`. An upstream
# that sends more than this without any content is not going to.
MAX_HELD_BYTES: Final = 1024 * 1024


class State(enum.Enum):
    """How far the request has come."""

    CHOOSING = enum.auto()
    TRYING = enum.auto()
    COMMITTED = enum.auto()
    DONE = enum.auto()


class Timer(Word):
    """The request's own deadlines; an attempt has its own."""

    REQUEST = "the whole answer"
    KEEPALIVE = "anything to say"
    STALL = "the caller to read"


_Upstream: TypeAlias = (
    UpstreamConnected | UpstreamHead | UpstreamData | UpstreamEnded | UpstreamBroke
)


@attrs.define
class RequestMachine:
    """One caller's request, from a complete body to a complete answer."""

    job: Job
    numbered: int = 0
    """The number of the last attempt. Requests of one connection count on, so that a
    late answer to one of them is never taken for an answer to the next."""
    state: State = attrs.field(default=State.CHOOSING, init=False)
    attempt: Attempt | None = attrs.field(default=None, init=False)
    timeline: Timeline = attrs.field(factory=Timeline, init=False, repr=False)
    _tried: set[str] = attrs.field(factory=set, init=False)
    _count: int = attrs.field(default=0, init=False)
    _last: Failure | None = attrs.field(default=None, init=False)
    _last_attempt: Attempt | None = attrs.field(default=None, init=False, repr=False)
    """What the one before came to, for when nobody else is left."""
    _held: list[bytes] = attrs.field(factory=list, init=False, repr=False)
    _held_bytes: int = attrs.field(default=0, init=False)
    _started: bool = attrs.field(default=False, init=False)
    """Whether the caller has been given a status."""
    _blocked: bool = attrs.field(default=False, init=False)
    _written: Mono = attrs.field(default=Mono(0.0), init=False)
    _timers: Deadlines[Timer] = attrs.field(factory=Deadlines, init=False)

    @property
    def deadline(self) -> Mono | None:
        attempt = self.attempt
        own = self._timers.next
        return earlier(own, attempt.deadline) if attempt is not None else own

    @property
    def done(self) -> bool:
        return self.state is State.DONE

    def handle(self, event: Input, now: Now) -> Sequence[Effect]:
        """Take one input; return all it causes, in order."""
        if self.state is State.DONE:
            return ()
        match event:
            case (
                UpstreamData()
                | UpstreamHead()
                | UpstreamConnected()
                | UpstreamEnded()
                | UpstreamBroke()
            ):
                return self._upstream(event, now)
            case Tick():
                return self._tick(now)
            case Began():
                return self._began(now)
            case Granted():
                return self._granted(event, now)
            case Refused():
                return self._refused(event, now)
            case DownstreamGone():
                return self._gone(now)
            case DownstreamBlocked():
                return self._block(now)
            case DownstreamFlowing():
                return self._flow(now)
            case _:
                assert_never(event)

    # Choosing.

    def _began(self, now: Now) -> Sequence[Effect]:
        self.timeline.mark(Instant.BEGAN, now.mono)
        self._written = now.mono
        self._timers.set(Timer.REQUEST, now.after(self.job.timeouts.request))
        if self.job.keepalive and self.job.streams and self.job.dialect.heartbeat:
            self._timers.set(Timer.KEEPALIVE, now.after(self.job.keepalive))
        return [self._ask()]

    def _ask(self) -> Acquire:
        self.state = State.CHOOSING
        return Acquire(self.job.request, self.job.model, frozenset(self._tried))

    def _granted(self, event: Granted, now: Now) -> Sequence[Effect]:
        if not self._asked(event):
            return ()
        self.state = State.TRYING
        self.numbered += 1
        self._count += 1
        self._tried.add(event.credential.id)
        self.attempt = Attempt(self.numbered, self.job, event.credential, event.model)
        self.timeline.mark_once(Instant.OPENED, now.mono)
        out = self._take(self.attempt.handle(Began(), now), now)
        if self._blocked and self.attempt is not None:
            out += self._take(self.attempt.handle(DownstreamBlocked(), now), now)
        return out

    def _refused(self, event: Refused, now: Now) -> Sequence[Effect]:
        if not self._asked(event):
            return ()
        return self._give_up(self._last or event.failure, now)

    def _asked(self, event: Granted | Refused) -> bool:
        """Whether it answers a question that is open, and not a late one's."""
        return self.state is State.CHOOSING and event.request == self.job.request

    # Trying.

    def _upstream(self, event: _Upstream, now: Now) -> Sequence[Effect]:
        attempt = self.attempt
        if attempt is None or event.attempt != attempt.number:
            return ()  # a late answer
        if isinstance(event, UpstreamHead):
            self.timeline.mark(Instant.ANSWERED, now.mono)
        return self._take(attempt.handle(event, now), now)

    def _take(self, effects: Sequence[attempts.Effect], now: Now) -> list[Effect]:
        out: list[Effect] = []
        attempt = self.attempt
        for effect in effects:
            if self.attempt is not attempt:
                break  # it was abandoned, with whatever else it had to say
            match effect:
                case Piece():
                    self._piece(effect, now, out)
                case StreamEnded():
                    out += self._complete(now)
                case StreamFailed(failure=failure):
                    out += self._failed(failure, now)
                case Open() | Abort() | Release() | PauseUpstream() | ResumeUpstream():
                    out.append(effect)
                case _:
                    assert_never(effect)
        return out

    def _piece(self, piece: Piece, now: Now, out: list[Effect]) -> None:
        if self.state is State.COMMITTED:
            self._written = now.mono
            out.append(Write(piece.data))
        elif piece.content:
            self._commit(piece.data, now, out)
        else:
            self._held.append(piece.data)
            self._held_bytes += len(piece.data)
            if self._held_bytes > MAX_HELD_BYTES:
                out += self._abandon(now, _nothing_but_noise())

    def _commit(self, data: bytes, now: Now, out: list[Effect]) -> None:
        self.state = State.COMMITTED
        self.timeline.mark(Instant.COMMITTED, now.mono)
        self._written = now.mono
        data = b"".join((*self._held, data))
        self._held.clear()
        if not self.job.streams:
            out.append(Respond(200, whole_headers(self.job), data))
            return
        if not self._started:
            self._started = True
            out.append(StartResponse(200, stream_headers(self.job)))
        out.append(Write(data))

    def _complete(self, now: Now) -> list[Effect]:
        out: list[Effect] = []
        if self.state is not State.COMMITTED:  # complete, and without any content
            self._commit(b"", now, out)
        if self.job.streams:
            out.append(End())
        return out + self._close(now, None)

    def _failed(self, failure: Failure, now: Now) -> list[Effect]:
        """The attempt is over. Before the commit point somebody else is asked."""
        self._held.clear()
        self._held_bytes = 0
        if self.state is State.COMMITTED or RETRY[failure.kind] is Then.STOP:
            return self._give_up(failure, now)
        self._last, self._last_attempt = failure, self.attempt
        self.attempt = None
        return [Return(self.job.request), self._ask()]

    def _abandon(self, now: Now, failure: Failure) -> list[Effect]:
        """Stop the attempt under way, then deal with the failure."""
        return [*self._stop_attempt(), *self._failed(failure, now)]

    # Ending.

    def _give_up(self, failure: Failure, now: Now) -> list[Effect]:
        """Tell the caller, in the way that is still possible."""
        if not self._started and self.state is not State.COMMITTED:
            return [error_answer(self.job, failure), *self._close(now, failure)]
        if self.attempt is not None:
            frame = self.attempt.answer.fail(failure)
        else:
            frame = self.job.dialect.fail(failure)
        return [Write(frame), End(), *self._close(now, failure)]

    def _gone(self, now: Now) -> Sequence[Effect]:
        failure = Failure(kind=Kind.GONE, status=499, message="the caller hung up")
        return [*self._stop_attempt(), *self._close(now, failure)]

    def _stop_attempt(self) -> list[Effect]:
        attempt = self.attempt
        if attempt is None or attempt.done:
            return []
        return [Abort(attempt.number)]

    def _close(self, now: Now, failure: Failure | None) -> list[Effect]:
        self.state = State.DONE
        self.timeline.mark(Instant.ENDED, now.mono)
        self._timers.clear_all()
        attempt = self.attempt or self._last_attempt
        line = summary(Summary(self.job, attempt, self._count, failure, self.timeline))
        self.attempt = self._last_attempt = None
        return [Withdraw(self.job.request), Report(line)]

    # Waiting.

    def _tick(self, now: Now) -> Sequence[Effect]:
        due = self._timers.take_due(now.mono)
        if Timer.REQUEST in due:
            return self._expire(now, timed_out(Timer.REQUEST.value))
        if Timer.STALL in due:
            return self._gone(now)
        out = self._heartbeat(now) if Timer.KEEPALIVE in due else []
        if self.attempt is not None:
            out += self._take(self.attempt.handle(Tick(), now), now)
        return out

    def _expire(self, now: Now, failure: Failure) -> Sequence[Effect]:
        return [*self._stop_attempt(), *self._give_up(failure, now)]

    def _heartbeat(self, now: Now) -> list[Effect]:
        """Show life if nothing was written for long enough; else look again later."""
        wait = self.job.keepalive
        due = Mono(self._written + wait)
        if due > now.mono or self._blocked:
            self._timers.set(Timer.KEEPALIVE, max(due, now.after(wait / 2)))
            return []
        self._written = now.mono
        self._timers.set(Timer.KEEPALIVE, now.after(wait))
        out: list[Effect] = []
        if not self._started:
            self._started = True
            out.append(StartResponse(200, stream_headers(self.job)))
        return [*out, Write(self.job.dialect.heartbeat)]

    def _block(self, now: Now) -> Sequence[Effect]:
        self._blocked = True
        self._timers.set(Timer.STALL, now.after(self.job.timeouts.stall))
        if self.attempt is None:
            return ()
        return self._take(self.attempt.handle(DownstreamBlocked(), now), now)

    def _flow(self, now: Now) -> Sequence[Effect]:
        self._blocked = False
        self._timers.clear(Timer.STALL)
        if self.attempt is None:
            return ()
        return self._take(self.attempt.handle(DownstreamFlowing(), now), now)


def _nothing_but_noise() -> Failure:
    return Failure(
        kind=Kind.MALFORMED,
        status=502,
        message="the upstream sent a megabyte without any content",
    )
