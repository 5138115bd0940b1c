"""The whole-proxy rows: CPU, memory and added latency, beside nginx in one run.

Every scenario goes round all proxies in turn, so that what disturbs the machine
disturbs all of them. CPU is user and system time of all of a proxy's processes.
"""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
from collections import defaultdict
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Final, TypeAlias

import attrs

from tests.bench.load import Tally, Wish, closed_loop, hold_open, one_by_one, paced
from tests.bench.samples import CHAT, CLAUDE
from tests.bench.servers import NGINX, Server, Site, on_core, start_upstream
from tests.bench.upstream import EVENTS_PER_SECOND, loop_factory
from tests.bench.verdict import DIRECT, Results

__all__ = ["FULL", "QUICK", "Plan", "measure_proxies"]

JSON_CONNECTIONS: Final = 32
BURST_CONNECTIONS: Final = 8
BURST_EVENTS: Final = 500
STREAMS: Final = 100

LANES: Final = {"same": CHAT, "translated": CLAUDE}
"""The caller's dialect; the upstream speaks Chat."""


@attrs.frozen(kw_only=True)
class Plan:
    """How much is done for one measurement."""

    rounds: int
    """Of each scenario in which callers ask again and again."""
    seconds: float
    """Of each such round."""
    paced: int
    """Seconds that paced streams last."""
    firsts: int
    """Streams of which the first byte is timed."""
    idle: int
    """Streams that are held open."""


FULL: Final = Plan(rounds=5, seconds=1.5, paced=15, firsts=500, idle=1000)
QUICK: Final = Plan(rounds=2, seconds=1.0, paced=5, firsts=200, idle=400)

Load: TypeAlias = Coroutine[None, None, Tally]


def measure_proxies(plan: Plan) -> Results:
    """Start everything, measure everything, stop everything."""
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        stack.enter_context(on_core(proxy=False))
        site = Site(folder, stack.enter_context(start_upstream()))
        runner = stack.enter_context(asyncio.Runner(loop_factory=loop_factory))
        bench = _Bench(plan, site, runner, Results(site.notes))
        bench.run()
    return bench.results


@attrs.define
class _Bench:
    """One run of all scenarios."""

    plan: Plan
    site: Site
    runner: asyncio.Runner
    results: Results
    _servers: list[Server] = attrs.field(factory=list, init=False)

    def run(self) -> None:
        with contextlib.ExitStack() as stack:
            for command in self.site.commands():
                server = stack.enter_context(self.site.running(*command))
                if server is not None:
                    self._servers.append(server)
                    self.results.idle[server.name] = server.resident()
            self._paced()
            self._loops()
            self._first_bytes()
        self._idle_streams()

    # Scenarios. nginx does not translate: its share of both is the same.

    def _each(self, lane: str) -> list[Server]:
        return [s for s in self._servers if lane == "same" or s.name != NGINX]

    def _loops(self) -> None:
        for _ in range(self.plan.rounds):
            for kind, events, connections in (
                ("json", 0, JSON_CONNECTIONS),
                ("burst", BURST_EVENTS, BURST_CONNECTIONS),
            ):
                for lane, dialect in LANES.items():
                    wish = Wish(dialect=dialect, kind=kind, events=events)
                    for server in self._each(lane):
                        self._loop(f"{kind}-{lane}", server, wish, connections)

    def _loop(self, row: str, server: Server, wish: Wish, connections: int) -> None:
        def load(seconds: float) -> Load:
            port = server.port
            return closed_loop(port, wish, connections=connections, seconds=seconds)

        if (row, server.name) not in self.results.costs:
            self.runner.run(load(0.3))  # connections, caches
        self._charge(row, server, lambda: load(self.plan.seconds))

    def _paced(self) -> None:
        seconds = self.plan.paced
        events = seconds * EVENTS_PER_SECOND
        for lane, dialect in LANES.items():
            wish = Wish(dialect=dialect, kind="paced", events=events)
            if lane == "same":
                load = paced(
                    self.site.upstream,
                    wish,
                    streams=STREAMS,
                    seconds=seconds,
                    halfway=lambda: None,
                )
                self.results.delays["paced", DIRECT] = self.runner.run(load).delays
            for server in self._each(lane):
                self._pace(f"paced-{lane}", server, wish)

    def _pace(self, row: str, server: Server, wish: Wish) -> None:
        held: list[float] = []

        def load() -> Load:
            return paced(
                server.port,
                wish,
                streams=STREAMS,
                seconds=self.plan.paced,
                halfway=lambda: held.append(server.resident()),
            )

        tally = self._charge(row, server, load)
        if wish.dialect == CHAT:
            self.results.paced[server.name] = max(held, default=0.0)
            self.results.delays["paced", server.name] = tally.delays

    def _first_bytes(self) -> None:
        wish = Wish(dialect=CHAT, kind="first", events=3)
        ports = {server.name: server.port for server in self._servers}
        ports = {DIRECT: self.site.upstream, **ports}
        delays: dict[str, list[int]] = defaultdict(list)
        for _ in range(5):
            for name, port in ports.items():
                count = self.plan.firsts // 5
                delays[name] += self.runner.run(
                    one_by_one(port, wish, count=count)
                ).delays
        for name, each in delays.items():
            self.results.delays["first", name] = each

    def _idle_streams(self) -> None:
        """In processes of their own: others have memory left from busier times."""
        wish = Wish(dialect=CHAT, kind="idle")
        for command in self.site.commands():
            with self.site.running(*command) as server:
                if server is not None:
                    self._idle(server, wish)

    def _idle(self, server: Server, wish: Wish) -> None:
        held: dict[int, float] = {}

        def step(number: int) -> None:
            held[number] = server.resident()

        streams = self.plan.idle
        load = hold_open(server.port, wish, streams=streams, steps=step)
        opened = self.runner.run(load)
        if opened == streams:
            # The first ones fill what the start left free.
            low, high = sorted(held)[len(held) // 2], max(held)
            each = (held[high] - held[low]) * 1024 / (high - low)
            self.results.streams[server.name] = each
        else:
            note = f"{server.name}: of {streams} idle streams {opened} opened"
            self.results.notes.append(note)

    def _charge(self, row: str, server: Server, load: Callable[[], Load]) -> Tally:
        """Run a load and book what it cost the proxy, for each unit of the row."""
        before = server.cpu()
        try:
            tally = self.runner.run(load())
        except* OSError as group:
            tally = Tally()
            tally.fail(str(group.exceptions[0]))
        spent = server.cpu() - before
        units = tally.right if row.startswith("json") else tally.events
        if tally.wrong:
            self.results.faults[row, server.name] = (
                f"failing: {tally.wrong} of {tally.wrong + tally.right}: {tally.reason}"
            )
        self.results.costs.setdefault((row, server.name), []).append(
            spent / units if units else 0.0
        )
        return tally
