"""An upstream that does exactly what a test wrote down, as a connection machine.

The same words go in and out as at the proxy's own connections
(`gateway.wirewords`), so that any listener can host it, on a socket or in virtual time.
What it says is raw bytes: illegal HTTP can be scripted as well as legal HTTP.
"""

from __future__ import annotations

import enum
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import TypeAlias, assert_never

import attrs

from cliproxy_core.base.clock import Mono, Now
from cliproxy_core.base.contract import Tick
from cliproxy_core.base.jsonval import Json, dumps
from cliproxy_core.gateway.connection import Input
from cliproxy_core.gateway.wirewords import (
    BytesReceived,
    CloseConnection,
    ConnectionEffect,
    DownstreamGone,
    SendBytes,
)
from cliproxy_core.wire.http import (
    BodyData,
    BodyEnded,
    Headers,
    PeerFault,
    RequestHead,
    ResponseHead,
    ServerCodec,
    ServerEvent,
)

__all__ = [
    "Answer",
    "Close",
    "End",
    "Pause",
    "ReceivedRequest",
    "Reset",
    "Say",
    "ScriptLog",
    "ScriptStep",
    "ScriptedUpstream",
    "Stall",
    "json_answer",
    "sse_answer",
]


# What a script is made of.


@attrs.frozen
class Say:
    """Send these bytes as they are."""

    data: bytes = attrs.field(repr=False)


@attrs.frozen
class Pause:
    """Say nothing for so many seconds."""

    seconds: float


@attrs.frozen
class Reset:
    """Break the connection."""


@attrs.frozen
class Close:
    """Close the connection in good order."""


@attrs.frozen
class Stall:
    """Never say anything more; the connection stays open."""


ScriptStep: TypeAlias = Say | Pause | Reset | Close | Stall


@attrs.frozen
class ReceivedRequest:
    """A whole request, as it came."""

    method: bytes
    target: bytes
    headers: Headers = attrs.field(repr=False)
    body: bytes = attrs.field(repr=False)


Answer: TypeAlias = Callable[[ReceivedRequest], Sequence[ScriptStep]]


@attrs.define
class ScriptLog:
    """What happened to the upstreams that share it."""

    requests: list[ReceivedRequest] = attrs.field(factory=list)
    opened: int = 0
    """Connections that were accepted."""
    hung_up: list[int] = attrs.field(factory=list)
    """For each connection that the peer closed: steps taken of its last answer."""
    faults: list[str] = attrs.field(factory=list)
    """What the peer did wrong, in the words of the codec."""


@attrs.define
class ScriptedUpstream:
    """One accepted connection. Keeps it alive while the script does."""

    codec: ServerCodec = attrs.field(repr=False)
    answer: Answer = attrs.field(repr=False)
    log: ScriptLog = attrs.field(factory=ScriptLog)
    deadline: Mono | None = attrs.field(default=None, init=False)
    done: bool = attrs.field(default=False, init=False)
    _head: RequestHead | None = attrs.field(default=None, init=False)
    _body: list[bytes] = attrs.field(factory=list, init=False, repr=False)
    _asked: deque[RequestHead] = attrs.field(factory=deque, init=False)
    _waiting: deque[ReceivedRequest] = attrs.field(factory=deque, init=False)
    _steps: deque[ScriptStep] | None = attrs.field(default=None, init=False)
    _taken: int = attrs.field(default=0, init=False)

    def __attrs_post_init__(self) -> None:
        self.log.opened += 1

    def handle(self, event: Input, now: Now) -> list[ConnectionEffect]:
        """Take one input; return all it causes, in order."""
        if self.done:
            return []
        match event:
            case BytesReceived(data=data):
                return self._hear(self.codec.feed(data), now)
            case Tick():
                return self._tick(now)
            case DownstreamGone():
                self.log.hung_up.append(self._taken)
                return self._finish()
            case _:
                return []  # what a script says is short, and it asks no upstream

    def _hear(self, heard: Iterable[ServerEvent], now: Now) -> list[ConnectionEffect]:
        out: list[ConnectionEffect] = []
        for event in heard:
            match event:
                case RequestHead():
                    self._head, self._body = event, []
                    if event.expects_continue:
                        out.append(SendBytes(self.codec.proceed()))
                case BodyData(data=data):
                    self._body.append(data)
                case BodyEnded():
                    self._receive()
                case PeerFault(reason=reason):
                    self.log.faults.append(reason)
                    return out + self._finish(CloseConnection())
                case _:
                    assert_never(event)
        if self.deadline is None:
            out += self._go_on(now)
        return out

    def _receive(self) -> None:
        head = self._head
        assert head is not None, "a codec gives no body without a head"
        request = ReceivedRequest(
            head.method, head.target, head.headers, b"".join(self._body)
        )
        self.log.requests.append(request)
        self._asked.append(head)
        self._waiting.append(request)

    def _tick(self, now: Now) -> list[ConnectionEffect]:
        if self.deadline is None or now.mono < self.deadline:
            return []
        self.deadline = None
        return self._go_on(now)

    def _go_on(self, now: Now) -> list[ConnectionEffect]:
        """Take steps until one of them waits."""
        out: list[ConnectionEffect] = []
        while not self.done:
            if self._steps is None:
                if not self._waiting:
                    break
                self._steps, self._taken = deque(self.answer(self._waiting[0])), 0
            if not self._steps:
                out += self._complete()
                continue
            step = self._steps[0]
            if isinstance(step, Stall):
                break
            self._steps.popleft()
            self._taken += 1
            if isinstance(step, Pause) and step.seconds > 0:
                self.deadline = now.after(step.seconds)
                break
            out += self._take(step)
        return out

    def _take(self, step: Say | Pause | Reset | Close) -> list[ConnectionEffect]:
        match step:
            case Say(data=data):
                return [SendBytes(data)]
            case Pause():
                return []
            case Reset():
                return self._finish(CloseConnection(reset=True))
            case Close():
                return self._finish(CloseConnection())
            case _:
                assert_never(step)

    def _complete(self) -> list[ConnectionEffect]:
        """The answer is out; on to the next request, if the peer allows one."""
        self._steps = None
        self._waiting.popleft()
        head = self._asked.popleft()
        if not head.keep_alive:
            return self._finish(CloseConnection())
        # The codec counts answers, and the script does not speak through it: it is
        # told of an empty one whose bytes go nowhere.
        empty = ResponseHead(200, ((b"content-length", b"0"),))
        self.codec.head(empty, method=head.method)
        self.codec.end()
        return []

    def _finish(self, *effects: ConnectionEffect) -> list[ConnectionEffect]:
        self.done, self.deadline = True, None
        return list(effects)


# Whole answers.


class End(enum.Enum):
    """How an event stream ends."""

    CHUNKED = "with the last chunk; the connection lives on"
    CLOSED = "without chunks, by closing"
    TRUNCATED = "closed in good order, but without the last chunk"
    RESET = "the connection breaks"
    STALLED = "not at all"


def json_answer(
    status: int, payload: Json, headers: Headers = ()
) -> tuple[ScriptStep, ...]:
    """A JSON document with its length."""
    body = dumps(payload)
    head = _head(
        status,
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        *headers,
    )
    return (Say(head + body),)


def sse_answer(
    frames: Sequence[bytes],
    *,
    cut: int | None = None,
    pause: float | None = None,
    end: End = End.CHUNKED,
    headers: Headers = (),
) -> tuple[ScriptStep, ...]:
    """A 200 event stream: one write a frame, or writes of `cut` bytes each.

    With `pause`, that many seconds pass before each write.
    """
    chunked = end is not End.CLOSED
    framing = (
        (b"transfer-encoding", b"chunked") if chunked else (b"connection", b"close")
    )
    head = _head(200, (b"content-type", b"text/event-stream"), framing, *headers)
    steps: list[ScriptStep] = [Say(head)]
    for piece in _pieces(frames, cut):
        if pause is not None:
            steps.append(Pause(pause))
        steps.append(Say(b"%x\r\n%s\r\n" % (len(piece), piece) if chunked else piece))
    match end:
        case End.CHUNKED:
            steps.append(Say(b"0\r\n\r\n"))
        case End.CLOSED | End.TRUNCATED:
            steps.append(Close())
        case End.RESET:
            steps.append(Reset())
        case End.STALLED:
            steps.append(Stall())
        case _:
            assert_never(end)
    return tuple(steps)


def _head(status: int, *headers: tuple[bytes, bytes]) -> bytes:
    """A response head. The reason phrase may be empty (RFC 9112, section 4)."""
    lines = [b"HTTP/1.1 %d " % status, *(b"%s: %s" % field for field in headers)]
    return b"\r\n".join(lines) + b"\r\n\r\n"


def _pieces(frames: Sequence[bytes], cut: int | None) -> list[bytes]:
    if cut is None:
        return [frame for frame in frames if frame]
    body = b"".join(frames)
    return [body[i : i + cut] for i in range(0, len(body), cut)]
