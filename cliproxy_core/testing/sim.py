"""The whole proxy in virtual time: clients, connections, upstreams, and no socket.

The clock jumps exactly to the next thing that is due, so a forgotten deadline hangs a
test at once instead of hiding behind a tick that comes anyway. Everything that an
adapter does is done here with values: bytes travel after a latency, a dial may fail, a
client may read slowly or hang up.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Callable
from typing import Final

import attrs

from cliproxy_core.base.clock import Mono, Now, Wall
from cliproxy_core.base.contract import Tick
from cliproxy_core.base.errors import LocalError
from cliproxy_core.gateway.app import App
from cliproxy_core.gateway.connection import Connection, Effect, Input
from cliproxy_core.gateway.wirewords import (
    BytesReceived,
    CloseConnection,
    DownstreamGone,
    PauseDownstream,
    ResumeDownstream,
    SendBytes,
)
from cliproxy_core.lifecycle.effects import (
    Abort,
    Open,
    PauseUpstream,
    Release,
    Report,
    ResumeUpstream,
)
from cliproxy_core.lifecycle.inputs import Fault, UpstreamBroke, UpstreamConnected
from cliproxy_core.lifecycle.link import Link
from cliproxy_core.observe.log import LogLine
from cliproxy_core.wire.http1 import H11Client, H11Server

from .script import Answer, ScriptedUpstream, ScriptLog

__all__ = ["Client", "Sim", "Wire"]

# One event that schedules itself again for the same instant would never end.
MAX_STEPS: Final = 1_000_000


@attrs.define(eq=False)
class Wire:
    """A connection between the proxy and a scripted upstream."""

    sim: Sim = attrs.field(repr=False)
    link: Link
    upstream: ScriptedUpstream
    owner: Client | None
    paused: bool = False
    open: bool = True
    _kept: deque[bytes] = attrs.field(factory=deque, init=False)

    def to_upstream(self, data: bytes) -> None:
        self.sim.later(lambda: self._run(BytesReceived(data)))

    def tick(self) -> None:
        due = self.upstream.deadline
        if self.open and due is not None and due <= self.sim.time:
            self._run(Tick())

    def cut(self) -> None:
        """The proxy closes it; the upstream hears of it."""
        if self.open:
            self.open, self.owner = False, None
            self._run(DownstreamGone())

    def resume(self) -> None:
        self.paused = False
        while self._kept and not self.paused and self.open:
            self._arrive(self._kept.popleft())

    def _run(self, event: BytesReceived | Tick | DownstreamGone) -> None:
        for effect in self.upstream.handle(event, self.sim.now):
            match effect:
                case SendBytes(data=data):
                    self.sim.later(lambda data=data: self._arrive(data))
                case CloseConnection():
                    self.sim.later(self._closed)
                case _:
                    pass
        if self.upstream.deadline is not None:
            self.sim.at(self.upstream.deadline, self.tick)

    def _arrive(self, data: bytes) -> None:
        if self.paused:
            self._kept.append(data)
            return
        for event in self.link.received(data):
            if self.open and self.owner is not None:
                self.owner.hear(event)

    def _closed(self) -> None:
        if not self.open:
            return
        self.open = False
        for event in self.link.closed():
            if self.owner is not None:
                self.owner.hear(event)


@attrs.define(eq=False)
class Client:
    """A caller's connection: what it sends, and what came back."""

    sim: Sim = attrs.field(repr=False)
    machine: Connection
    received: bytearray = attrs.field(factory=bytearray, init=False)
    closed: bool = attrs.field(default=False, init=False)
    paused: bool = attrs.field(default=False, init=False)
    gone: bool = attrs.field(default=False, init=False)
    _wires: dict[int, Wire] = attrs.field(factory=dict, init=False)
    _inputs: deque[Input] = attrs.field(factory=deque, init=False)
    _busy: bool = attrs.field(default=False, init=False)

    def send(self, data: bytes) -> None:
        self.hear(BytesReceived(data))

    def hang_up(self) -> None:
        self.gone = True
        self.hear(DownstreamGone())

    def hear(self, event: Input) -> None:
        self._inputs.append(event)
        if self._busy:
            return
        self._busy = True
        while self._inputs:
            for effect in self.machine.handle(self._inputs.popleft(), self.sim.now):
                self._perform(effect)
        self._busy = False
        if self.machine.deadline is not None:
            self.sim.at(self.machine.deadline, self.tick)

    def tick(self) -> None:
        due = self.machine.deadline
        if due is not None and due <= self.sim.time:
            self.hear(Tick())

    def _perform(self, effect: Effect) -> None:
        match effect:
            case SendBytes(data=data):
                self.received += data
            case CloseConnection():
                self.closed = True
            case PauseDownstream():
                self.paused = True
            case ResumeDownstream():
                self.paused = False
            case Open():
                self._open(effect)
            case Abort(attempt=attempt) | Release(attempt=attempt):
                wire = self._wires.pop(attempt, None)
                if wire is not None:
                    wire.cut()
            case PauseUpstream(attempt=attempt):
                if attempt in self._wires:
                    self._wires[attempt].paused = True
            case ResumeUpstream(attempt=attempt):
                if attempt in self._wires:
                    self._wires[attempt].resume()
            case Report(line=line):
                self.sim.lines.append(line)
            case _:
                self._inputs.extend(self.sim.app.handle(effect))

    def _open(self, order: Open) -> None:
        fault = self.sim.refuse(order)
        if fault is not None:
            broke = UpstreamBroke(order.attempt, fault)
            self.sim.later(lambda: self.hear(broke))
            return
        upstream = ScriptedUpstream(H11Server(), self.sim.answer, self.sim.log)
        wire = Wire(self.sim, Link(order.origin, H11Client()), upstream, self)
        self._wires[order.attempt] = wire
        self.sim.wires.append(wire)

        def connect() -> None:
            if wire.open:
                wire.to_upstream(wire.link.begin(order))
                self.hear(UpstreamConnected(order.attempt))

        self.sim.later(connect)


@attrs.define(eq=False)
class Sim:
    """A proxy, its callers and its upstreams, on a clock that jumps."""

    app: App
    answer: Answer
    """What upstreams say."""
    latency: float = 0.001
    refuse: Callable[[Open], Fault | None] = lambda _order: None
    """Which dials fail, and how."""
    log: ScriptLog = attrs.field(factory=ScriptLog, init=False)
    lines: list[LogLine] = attrs.field(factory=list, init=False)
    wires: list[Wire] = attrs.field(factory=list, init=False)
    time: float = attrs.field(default=1000.0, init=False)
    _heap: list[tuple[float, int, Callable[[], None]]] = attrs.field(
        factory=list, init=False
    )
    _order: int = attrs.field(default=0, init=False)

    @property
    def now(self) -> Now:
        return Now(Mono(self.time), Wall(1_800_000_000.0 + self.time))

    def connect(self) -> Client:
        """A caller comes."""
        client = Client(self, Connection.accept(self.app, H11Server(), self.now))
        assert client.machine.deadline is not None
        self.at(client.machine.deadline, client.tick)
        return client

    def at(self, time: float, action: Callable[[], None]) -> None:
        self._order += 1
        heapq.heappush(self._heap, (max(time, self.time), self._order, action))

    def later(self, action: Callable[[], None]) -> None:
        self.at(self.time + self.latency, action)

    def run(self, seconds: float = float("inf")) -> None:
        """Let everything happen that is due within so many seconds."""
        end = self.time + seconds
        for _ in range(MAX_STEPS):
            if not self._heap or self._heap[0][0] > end:
                break
            self.time, _, action = heapq.heappop(self._heap)
            action()
        else:
            raise LocalError("the simulation does not come to rest")
        if seconds != float("inf"):
            self.time = end
