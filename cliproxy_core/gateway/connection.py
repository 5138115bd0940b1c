"""One downstream byte connection: exchanges one after another over HTTP/1.1.

    IDLE --a byte--> READING --head--> BUSY --answer complete--> IDLE
                                                 |--> DRAINING --> CLOSED

Pipelined requests wait their turn; while one is being answered, no more than one
read's worth of them is taken in. An answer that comes before the end of its request
closes the connection, but what the client is still sending is read and thrown away
first: closing over unread bytes would reset the connection, and the client would
lose the answer.
"""

from __future__ import annotations

import enum
from collections import deque
from collections.abc import Sequence
from typing import Final, TypeAlias

import attrs

from cliproxy_core.base.clock import Mono, Now, earlier
from cliproxy_core.base.contract import Tick
from cliproxy_core.ir.failure import Failure, Kind
from cliproxy_core.lifecycle import effects as life
from cliproxy_core.lifecycle import inputs as heard
from cliproxy_core.lifecycle.render import error_response
from cliproxy_core.wire.http import (
    BodyData,
    BodyEnded,
    PeerFault,
    RequestHead,
    ResponseHead,
    ServerCodec,
    ServerEvent,
)

from .app import App
from .exchange import Exchange
from .messages import ExchangeEffect, ReadOn
from .routes import dialect_at
from .wirewords import (
    BytesReceived,
    CloseConnection,
    ConnectionEffect,
    DownstreamBlocked,
    DownstreamFlowing,
    DownstreamGone,
    PauseDownstream,
    ResumeDownstream,
    Retired,
    SendBytes,
)

__all__ = ["Connection", "Effect", "Input"]

_OVER: Final = (BodyEnded, PeerFault)

CLOSE: Final = (b"connection", b"close")

# How long a client may go on sending a body that nobody wants. nginx's default.
LINGER: Final = 5.0

Input: TypeAlias = (
    Tick
    | BytesReceived
    | DownstreamGone
    | DownstreamBlocked
    | DownstreamFlowing
    | Retired
    | heard.UpstreamInput
    | heard.Granted
    | heard.Refused
)
Effect: TypeAlias = (
    ConnectionEffect | life.UpstreamEffect | life.PoolEffect | life.Report
)


class State(enum.Enum):
    """What the connection is doing."""

    IDLE = enum.auto()
    READING = enum.auto()
    BUSY = enum.auto()
    DRAINING = enum.auto()
    CLOSED = enum.auto()


@attrs.define
class Connection:
    """A client's connection, from accept to close."""

    app: App = attrs.field(repr=False)
    codec: ServerCodec = attrs.field(repr=False)
    state: State = attrs.field(default=State.IDLE, init=False)
    exchange: Exchange | None = attrs.field(default=None, init=False)
    _due: Mono | None = attrs.field(default=None, init=False)
    """Without an exchange: when the connection is closed for lack of a head."""
    _queue: deque[ServerEvent] = attrs.field(factory=deque, init=False, repr=False)
    _method: bytes = attrs.field(default=b"", init=False)
    _body_open: bool = attrs.field(default=False, init=False)
    """Whether more of the current request's body is to come."""
    _last: bool = attrs.field(default=False, init=False)
    """Whether the connection closes after the current answer."""
    _paused: bool = attrs.field(default=False, init=False)
    _blocked: bool = attrs.field(default=False, init=False)
    """Whether the client does not read what it was sent: no next answer then."""
    _numbered: int = attrs.field(default=0, init=False)
    """Attempts of all requests so far."""

    @property
    def deadline(self) -> Mono | None:
        exchange = self.exchange
        return self._due if exchange is None else earlier(exchange.deadline, self._due)

    @property
    def done(self) -> bool:
        return self.state is State.CLOSED

    @classmethod
    def accept(cls, app: App, codec: ServerCodec, now: Now) -> Connection:
        """A connection that was just accepted: its first head is due."""
        connection = cls(app, codec)
        connection._due = now.after(app.config.timeouts.head)
        return connection

    def handle(self, event: Input, now: Now) -> Sequence[Effect]:
        """Take one input; return all it causes, in order."""
        if self.state is State.CLOSED:
            return ()
        match event:
            case heard.UpstreamData():  # every token passes here
                return self._tell(event, now)
            case BytesReceived(data=data):
                return self._received(data, now)
            case DownstreamGone():
                return self._gone(now)
            case Retired():
                return self._retire()
            case DownstreamBlocked():
                self._blocked = True
                return self._tell(event, now)
            case DownstreamFlowing():
                return self._flow(event, now)
            case Tick() if self.exchange is None:
                return self._tick(now)
            case _:
                return self._tell(event, now)

    # Reading.

    def _received(self, data: bytes, now: Now) -> Sequence[Effect]:
        events = self.codec.feed(data)
        if self.state is State.IDLE and not self._blocked:
            self.state = State.READING
            self._due = now.after(self.app.config.timeouts.head)
        self._queue.extend(events)
        out: list[Effect] = []
        self._work(now, out)
        return out

    def _work(self, now: Now, out: list[Effect]) -> None:
        """Take queued events as far as the current exchange allows."""
        while self._queue and self.state is not State.CLOSED:
            busy = self.exchange is not None or self._blocked
            if busy and isinstance(self._queue[0], RequestHead):
                break
            self._event(self._queue.popleft(), now, out)
        if bool(self._queue) is not self._paused and self.state is not State.CLOSED:
            self._paused = not self._paused
            out.append(PauseDownstream() if self._paused else ResumeDownstream())

    def _event(self, event: ServerEvent, now: Now, out: list[Effect]) -> None:
        match event:
            case RequestHead():
                self._head(event, now, out)
            case BodyData():
                self._pass(event, now, out)
            case BodyEnded():
                self._body_open = False
                self._pass(event, now, out)
                if self.state is State.DRAINING:
                    self._close(out)
            case PeerFault():
                self._fault(event, now, out)

    def _head(self, head: RequestHead, now: Now, out: list[Effect]) -> None:
        self.state, self._due = State.BUSY, None
        self._method = head.method
        self._last = self._last or not head.keep_alive
        self._body_open = True
        self.exchange = Exchange(self.app, self._numbered)
        for effect in self.exchange.handle(head, now):
            if isinstance(effect, ReadOn):
                if head.expects_continue:
                    out.append(SendBytes(self.codec.proceed()))
            else:
                self._effect(effect, now, out)

    def _pass(self, event: ServerEvent, now: Now, out: list[Effect]) -> None:
        if self.exchange is not None:
            for effect in self.exchange.handle(event, now):
                self._effect(effect, now, out)

    def _fault(self, fault: PeerFault, now: Now, out: list[Effect]) -> None:
        """The client broke HTTP. An exchange under way is finished first."""
        self._last = True
        if self.state is State.DRAINING:
            self._close(out)
        elif self.exchange is not None and self._body_open:
            self._body_open = False
            self._pass(fault, now, out)
        elif self.exchange is None:
            kind = Kind.REQUEST
            self._method = b""  # whatever it was going to be
            failure = Failure(kind=kind, status=fault.status, message=fault.reason)
            request = self.app.new_request()
            answer = error_response(dialect_at(b""), failure, request)
            self._respond(answer, now, out)

    # Answering.

    def _tell(self, event: heard.Input, now: Now) -> Sequence[Effect]:
        exchange = self.exchange
        if exchange is None or isinstance(event, heard.Began):
            return ()
        out: list[Effect] = []
        for effect in exchange.handle(event, now):
            self._effect(effect, now, out)
        if exchange.done and self.exchange is exchange:
            self._close(out, reset=True)  # the client has stopped reading
        elif self._queue and self.exchange is None:
            self._work(now, out)
        return out

    def _flow(self, event: DownstreamFlowing, now: Now) -> Sequence[Effect]:
        self._blocked = False
        out = list(self._tell(event, now))
        self._work(now, out)
        return out

    def _effect(self, effect: ExchangeEffect, now: Now, out: list[Effect]) -> None:
        match effect:
            case life.Write(data=data):
                out.append(SendBytes(self.codec.data(data)))
            case life.StartResponse(status=status, headers=headers):
                out.append(SendBytes(self._begin(ResponseHead(status, headers))))
            case life.End():
                out.append(SendBytes(self.codec.end()))
                self._finish(now, out)
            case life.Respond():
                self._respond(effect, now, out)
            case ReadOn():
                pass  # only a head causes it
            case _:
                out.append(effect)

    def _begin(self, head: ResponseHead) -> bytes:
        if self._more_to_come():
            self._last = True
        if self._last:
            head = ResponseHead(head.status, (*head.headers, CLOSE))
        data = self.codec.head(head, method=self._method)
        self._last = self._last or self.codec.closes
        return data

    def _respond(self, answer: life.Respond, now: Now, out: list[Effect]) -> None:
        length = (b"content-length", b"%d" % len(answer.body))
        head = ResponseHead(answer.status, (*answer.headers, length))
        data = (self._begin(head), self.codec.data(answer.body), self.codec.end())
        out.append(SendBytes(b"".join(data)))
        self._finish(now, out)

    def _finish(self, now: Now, out: list[Effect]) -> None:
        """The answer is out: the next request, or the end."""
        if self.exchange is not None:
            self._numbered = self.exchange.numbered
        self.exchange = None
        if not self._last:
            self.state = State.IDLE
            self._due = now.after(self.app.config.timeouts.idle)
        elif self._more_to_come():
            self.state = State.DRAINING
            self._due = now.after(LINGER)
        else:
            self._close(out)

    def _more_to_come(self) -> bool:
        """Whether the client has not sent the whole of the current request yet."""
        over = (isinstance(e, _OVER) for e in self._queue)
        return self._body_open and not any(over)

    # Ending.

    def _close(self, out: list[Effect], *, reset: bool = False) -> None:
        self.state, self._due, self.exchange = State.CLOSED, None, None
        out.append(CloseConnection(reset))

    def _retire(self) -> Sequence[Effect]:
        self._last = True
        out: list[Effect] = []
        if self.state is State.IDLE:
            self._close(out)
        return out

    def _gone(self, now: Now) -> Sequence[Effect]:
        out: list[Effect] = []
        if self.exchange is not None:
            for effect in self.exchange.handle(heard.DownstreamGone(), now):
                self._effect(effect, now, out)
        self._close(out)
        return out

    def _tick(self, now: Now) -> Sequence[Effect]:
        if self._due is None or now.mono < self._due:
            return ()
        out: list[Effect] = []
        if self.state is State.READING:
            self._fault(PeerFault("the request's head did not come", 408), now, out)
        else:
            self._close(out, reset=self._blocked)
        return out
