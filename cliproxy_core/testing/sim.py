"""The whole proxy in virtual time: clients, connections, upstreams, and no socket.

The clock jumps exactly to the next thing that is due, so a forgotten deadline hangs a
test at once instead of hiding behind a tick that comes anyway. Everything that an
adapter does is done here with values: bytes travel after a latency, a dial may fail, a
kept connection may have been closed, a client may read slowly, hang up, or lose its
driver with inputs still in the inbox.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Callable, Iterable
from functools import partial
from typing import Final, assert_never

import attrs

from cliproxy_core.base.clock import Mono, Now, Wall
from cliproxy_core.base.contract import Tick
from cliproxy_core.base.errors import LocalError
from cliproxy_core.gateway.app import App
from cliproxy_core.gateway.connection import Connection, Effect, Input
from cliproxy_core.gateway.wirewords import (
    BytesReceived,
    CloseConnection,
    DownstreamBlocked,
    DownstreamFlowing,
    DownstreamGone,
    PauseDownstream,
    ResumeDownstream,
    Retired,
    SendBytes,
)
from cliproxy_core.lifecycle.effects import (
    Abort,
    Open,
    PauseUpstream,
    PoolEffect,
    Release,
    Report,
    ResumeUpstream,
)
from cliproxy_core.lifecycle.inputs import Fault, UpstreamBroke, UpstreamConnected
from cliproxy_core.lifecycle.link import Link
from cliproxy_core.observe.log import LogLine
from cliproxy_core.wire.http1 import H11Client, H11Server
from cliproxy_core.wire.url import Origin

from .script import Answer, ScriptedUpstream, ScriptLog

__all__ = ["HIGH_WATER", "Client", "Sim", "Wire"]

# One event that schedules itself again for the same instant would never end.
MAX_STEPS: Final = 1_000_000

# What a transport takes before it says that it is full, as on asyncio.
HIGH_WATER: Final = 64 * 1024


@attrs.define(eq=False)
class Wire:
    """A connection between the proxy and a scripted upstream."""

    sim: Sim = attrs.field(repr=False)
    link: Link
    upstream: ScriptedUpstream
    owner: Client | None = None
    """Who waits for an answer on it; None: it is idle, or closed."""
    paused: bool = False
    open: bool = True
    withdrawn: bool = False
    """Whether it was the proxy who closed it."""
    _kept: deque[bytes] = attrs.field(factory=deque, init=False)
    """What arrived while nobody read."""
    _closing: bool = attrs.field(default=False, init=False)

    def begin(self, order: Open) -> None:
        """Carry an exchange of its owner's."""
        data = self.link.begin(order)
        self.sim.later(partial(self._run, BytesReceived(data)))

    def tick(self) -> None:
        due = self.upstream.deadline
        if self.open and due is not None and due <= self.sim.time:
            self._run(Tick())

    def cut(self) -> None:
        """The proxy closes it; the upstream hears of it."""
        if self.open:
            self.open, self.withdrawn, self.owner = False, True, None
            self._run(DownstreamGone())

    def resume(self) -> None:
        self.paused = False
        while self._kept and not self.paused and self.open:
            self._arrive(self._kept.popleft())
        if self._closing and not self.paused:
            self._closed()

    def _run(self, event: BytesReceived | Tick | DownstreamGone) -> None:
        for effect in self.upstream.handle(event, self.sim.now):
            match effect:
                case SendBytes(data=data):
                    self.sim.later(partial(self._arrive, data))
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
        if self.open and self.link.reusable:
            self.sim.keep(self)
        elif self.link.attempt is None:
            self.cut()

    def _closed(self) -> None:
        if self.paused:
            self._closing = True
            return
        if self.open:
            self.open = False
            owner, self.owner = self.owner, None
            for event in self.link.closed():
                if owner is not None:
                    owner.hear(event)


@attrs.define(eq=False)
class Client:
    """A caller's connection: what it sends, and what came back."""

    sim: Sim = attrs.field(repr=False)
    machine: Connection
    received: bytearray = attrs.field(factory=bytearray, init=False)
    """What it has read."""
    buffered: bytearray = attrs.field(factory=bytearray, init=False)
    """What waits in the transport while it does not read."""
    reads: bool = attrs.field(default=True, init=False)
    closed: bool = attrs.field(default=False, init=False)
    paused: bool = attrs.field(default=False, init=False)
    gone: bool = attrs.field(default=False, init=False)
    orders: list[Effect] = attrs.field(factory=list, init=False, repr=False)
    """All that its machine ordered but the bytes."""
    _wires: dict[int, Wire] = attrs.field(factory=dict, init=False)
    _inputs: deque[Input] = attrs.field(factory=deque, init=False)
    _unsent: deque[bytes] = attrs.field(factory=deque, init=False)
    _busy: bool = attrs.field(default=False, init=False)
    _blocked: bool = attrs.field(default=False, init=False)

    # What a caller does.

    def send(self, data: bytes) -> None:
        if not data:
            return
        if self.paused or self._unsent:
            self._unsent.append(data)
        else:
            self.hear(BytesReceived(data))

    def hang_up(self) -> None:
        self.hear(DownstreamGone())
        self.gone = True

    def stop_reading(self) -> None:
        self.reads = False

    def read_on(self) -> None:
        """Read all that waits, and whatever comes from now on."""
        self.reads = True
        self.received += self.buffered
        self.buffered.clear()
        if self._blocked:
            self._blocked = False
            self.hear(DownstreamFlowing())

    def kill(self) -> None:
        """Its driver is cancelled: the inbox will never be read again."""
        if not self.gone:
            self.gone = True
            self._inputs.clear()
            for effect in self.machine.handle(DownstreamGone(), self.sim.now):
                self._perform(effect)
            self._inputs.clear()

    # What an adapter does.

    def hear(self, event: Input) -> None:
        if self.gone:
            return
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
        if isinstance(effect, SendBytes):
            self._write(effect.data)
            return
        self.orders.append(effect)
        match effect:
            case CloseConnection(reset=reset):
                self.closed = True
                if reset:
                    self.buffered.clear()
            case PauseDownstream():
                self.paused = True
            case ResumeDownstream():
                self.paused = False
                self.sim.later(self._send_on)
            case Open():
                self._open(effect)
            case Abort() | Release() | PauseUpstream() | ResumeUpstream():
                self._about(effect)
            case Report(line=line):
                self.sim.lines.append(line)
            case _:
                self._settle(effect)

    def _about(self, order: Abort | Release | PauseUpstream | ResumeUpstream) -> None:
        """An order about an attempt; it means nothing once its answer has ended."""
        wire = self._wires.get(order.attempt)
        if wire is None or wire.owner is not self:
            return
        match order:
            case Abort() | Release():
                wire.cut()
            case PauseUpstream():
                wire.paused = True
            case ResumeUpstream():
                wire.resume()
            case _:
                assert_never(order)

    def _write(self, data: bytes) -> None:
        if self.reads:
            self.received += data
            return
        self.buffered += data
        if len(self.buffered) > HIGH_WATER and not self._blocked:
            self._blocked = True
            self._inputs.append(DownstreamBlocked())

    def _send_on(self) -> None:
        while self._unsent and not self.paused:
            self.hear(BytesReceived(self._unsent.popleft()))

    def _settle(self, effect: PoolEffect) -> None:
        """The pool's answers come at once, or late as from another task's inbox."""
        answers = self.sim.app.handle(effect)
        if not self.sim.late_grants:
            self._inputs.extend(answers)
            return
        for answer in answers:
            self.sim.later(partial(self.hear, answer))

    def _open(self, order: Open) -> None:
        attempt = order.attempt
        fault = self.sim.refuse(order)
        if fault is not None:
            self.sim.later(partial(self.hear, UpstreamBroke(attempt, fault)))
            return
        wire = None if order.fresh else self.sim.take(order.origin)
        if wire is None:
            wire = self.sim.dial(order.origin)
        wire.owner = self
        self._wires = {attempt: wire}

        def connect() -> None:
            if wire.open:
                wire.begin(order)
                self.hear(UpstreamConnected(attempt))
            elif not wire.withdrawn:
                self.hear(UpstreamBroke(attempt, Fault.STALE))

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
    late_grants: bool = False
    """Whether the pool's answers are read later than they are given."""
    log: ScriptLog = attrs.field(factory=ScriptLog, init=False)
    lines: list[LogLine] = attrs.field(factory=list, init=False)
    wires: list[Wire] = attrs.field(factory=list, init=False)
    clients: list[Client] = attrs.field(factory=list, init=False)
    time: float = attrs.field(default=1000.0, init=False)
    _idle: list[Wire] = attrs.field(factory=list, init=False)
    _heap: list[tuple[float, int, Callable[[], None]]] = attrs.field(
        factory=list, init=False
    )
    _order: int = attrs.field(default=0, init=False)

    @property
    def now(self) -> Now:
        return Now(Mono(self.time), Wall(1_800_000_000.0 + self.time))

    @property
    def at_work(self) -> Iterable[Wire]:
        """Connections to upstreams on which somebody waits for an answer."""
        return (wire for wire in self.wires if wire.open and wire.owner is not None)

    def connect(self) -> Client:
        """A caller comes."""
        client = Client(self, Connection.accept(self.app, H11Server(), self.now))
        assert client.machine.deadline is not None
        self.at(client.machine.deadline, client.tick)
        self.clients.append(client)
        return client

    def retire(self) -> None:
        """The server stops."""
        for client in self.clients:
            client.hear(Retired())

    # Connections to upstreams.

    def dial(self, origin: Origin) -> Wire:
        upstream = ScriptedUpstream(H11Server(), self.answer, self.log)
        wire = Wire(self, Link(origin, H11Client()), upstream)
        self.wires.append(wire)
        return wire

    def keep(self, wire: Wire) -> None:
        """It may carry another exchange."""
        wire.owner, wire.paused = None, False
        if wire not in self._idle:
            self._idle.append(wire)

    def take(self, origin: Origin) -> Wire | None:
        """A kept connection; it may have been closed without our knowing yet."""
        self._idle = [w for w in self._idle if w.open]
        wire = next((w for w in self._idle if w.link.origin == origin), None)
        if wire is not None:
            self._idle.remove(wire)
        return wire

    # Time.

    def at(self, time: float, action: Callable[[], None]) -> None:
        self._order += 1
        heapq.heappush(self._heap, (max(time, self.time), self._order, action))

    def later(self, action: Callable[[], None]) -> None:
        self.at(self.time + self.latency, action)

    def step(self, until: float = float("inf")) -> bool:
        """Let the next thing happen, if there is one and it is due by then."""
        if not self._heap or self._heap[0][0] > until:
            return False
        self.time, _, action = heapq.heappop(self._heap)
        action()
        return True

    def run(self, seconds: float = float("inf")) -> None:
        """Let everything happen that is due within so many seconds."""
        end = self.time + seconds
        for _ in range(MAX_STEPS):
            if not self.step(end):
                break
        else:
            raise LocalError("the simulation does not come to rest")
        if seconds != float("inf"):
            self.time = end
