"""Where the time goes: the core, or the running proxy, under cProfile."""

from __future__ import annotations

import asyncio
import contextlib
import cProfile
import pstats
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

from tests.bench.core import stream_runner, translation
from tests.bench.load import Wish, closed_loop, paced
from tests.bench.samples import CHAT, CLAUDE, request_body
from tests.bench.servers import Site, on_core, start_upstream
from tests.bench.upstream import EVENTS_PER_SECOND, loop_factory

__all__ = ["KINDS", "profile"]

TOP: Final = 25
SECONDS: Final = 5
STREAMS: Final = 100

KINDS: Final = (
    "native-burst",
    "native-paced",
    "translated-burst",
    "translated-paced",
    "request",
    "json",
    "json-translated",
    "paced",
    "paced-translated",
)


def profile(kind: str) -> None:
    """Print what takes the most time of its own, of the core or of the proxy."""
    lane, _, pace = kind.partition("-")
    match lane:
        case "native" | "translated":
            callers = {CHAT: CHAT, CLAUDE: CLAUDE}
            if lane == "translated":
                callers = {CLAUDE: CHAT, CHAT: CLAUDE}
            for caller, upstream in callers.items():
                run = stream_runner(caller, upstream, burst=pace == "burst")
                _core(f"{caller} caller, {upstream} upstream", run, 100)
        case "request":
            for caller, upstream in ((CLAUDE, CHAT), (CHAT, CLAUDE)):
                body = request_body(caller, 2000)
                run = translation(body, caller, upstream)
                _core(f"{caller} caller, {upstream} upstream", run, 1000)
        case _:
            _proxy(lane, CLAUDE if pace else CHAT)


def _core(title: str, run: Callable[[], None], times: int) -> None:
    run()
    profiler = cProfile.Profile()
    profiler.enable()
    for _ in range(times):
        run()
    profiler.disable()
    print(f"## {title}")
    pstats.Stats(profiler).sort_stats("tottime").print_stats(TOP)


def _proxy(kind: str, dialect: str) -> None:
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        stack.enter_context(on_core(proxy=False))
        site = Site(folder, stack.enter_context(start_upstream()))
        runner = stack.enter_context(asyncio.Runner(loop_factory=loop_factory))
        stats = folder / "profile"
        launched = site.launched("profile", "--profile", str(stats))
        with site.running("cliproxy", *launched) as server:
            if server is None:
                print(*site.notes, sep="\n")
                return
            if kind == "json":
                wish = Wish(dialect=dialect, kind="json")
                load = closed_loop(server.port, wish, connections=32, seconds=SECONDS)
            else:
                events = SECONDS * EVENTS_PER_SECOND
                wish = Wish(dialect=dialect, kind="paced", events=events)
                load = paced(
                    server.port,
                    wish,
                    streams=STREAMS,
                    seconds=SECONDS,
                    halfway=lambda: None,
                )
            tally = runner.run(load)
        print(f"{tally.right} right, {tally.wrong} wrong {tally.reason}")
        pstats.Stats(str(stats)).sort_stats("tottime").print_stats(TOP)
