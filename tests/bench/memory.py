"""What the core keeps: in an open stream, after many streams, and when imported."""

from __future__ import annotations

import gc
import os
import statistics
import subprocess
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable
from typing import Final

from cliproxy_core.gateway.app import App
from tests.bench.inproc import Caller, codecs, new_app, stream_head, stream_part
from tests.bench.samples import CHAT, CLAUDE, frames
from tests.bench.table import Measured

__all__ = ["growth", "idle_streams", "import_time"]

OPEN_STREAMS: Final = 200

# Streams until every cache is warm.
WARM_UP: Final = 2_000


def idle_streams(count: int = OPEN_STREAMS) -> list[Measured]:
    """Memory of one open stream whose upstream has said something and is silent."""
    out = []
    for caller, upstream in ((CHAT, CHAT), (CLAUDE, CHAT)):
        app = new_app(upstream)
        some = frames(upstream, 8)[:6]
        _opened(app, caller, some)  # what the first one loads for all
        gc.collect()
        tracemalloc.start()
        before = tracemalloc.get_traced_memory()[0]
        held = [_opened(app, caller, some) for _ in range(count)]
        gc.collect()
        each = (tracemalloc.get_traced_memory()[0] - before) / count
        tracemalloc.stop()
        assert all(one.received for one in held)
        names = f"{caller} caller, {upstream} upstream"
        measured = Measured(
            row="idle-stream", variant=names, value=each / 1024, raw=f"{each:.0f} bytes"
        )
        out.append(measured)
    return out


def _opened(app: App, caller: str, some: list[bytes]) -> Caller:
    one = Caller(app, codecs())
    one.ask(caller)
    one.upstream(stream_head())
    for frame in some:
        one.upstream(stream_part(frame))
    return one


def growth(count: int) -> Measured:
    """Blocks that the allocator holds more after so many streams than before."""
    replay = _replayer()
    replay(min(count, WARM_UP))
    gc.collect()
    blocks, resident = sys.getallocatedblocks(), _resident()
    start = time.perf_counter()
    replay(count)
    took = (time.perf_counter() - start) / count
    gc.collect()
    more = sys.getallocatedblocks() - blocks
    kilobytes = (_resident() - resident) / 1024
    return Measured(
        row="growth",
        variant=f"{count:,} streams",
        value=float(more),
        raw=f"resident {kilobytes:+.0f} KB; {took * 1e6:.0f} us per stream of ten",
    )


def _replayer() -> Callable[[int], None]:
    """Streams that end well, on both lanes, and some whose caller hangs up."""
    engine = codecs()
    apps = {dialect: new_app(dialect) for dialect in (CHAT, CLAUDE)}
    bodies = {
        dialect: stream_part(b"".join(frames(dialect, 10))) + stream_part(b"")
        for dialect in apps
    }
    kinds = [(a, b, end) for a in apps for b in apps for end in (True, True, False)]

    def replay(count: int) -> None:
        for i in range(count):
            caller, upstream, ends = kinds[i % len(kinds)]
            one = Caller(apps[upstream], engine)
            one.ask(caller)
            one.upstream(stream_head())
            body = bodies[upstream]
            one.upstream(body if ends else body[: len(body) // 2])
            if ends:
                assert one.tail.endswith(b"0\r\n\r\n"), "the stream did not end"
            one.hang_up()

    return replay


def _resident() -> int:
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def import_time(times: int) -> Measured:
    """The import in a process of its own, over one that imports nothing.

    Compiled, as an installed package is, whatever the environment says about that.
    """
    bare: list[float] = []
    ours: list[float] = []
    with tempfile.TemporaryDirectory() as compiled:
        _run("import cliproxy_core.translate", compiled)
        for _ in range(times):
            bare.append(_run("pass", compiled))
            ours.append(_run("import cliproxy_core.translate", compiled))
    cost = (min(ours) - min(bare)) * 1e3
    spread = statistics.median(ours) * 1e3
    return Measured(
        row="import",
        variant=f"best of {times}",
        value=cost,
        raw=f"bare {min(bare) * 1e3:.0f} ms; median with it {spread:.0f} ms",
    )


def _run(code: str, compiled: str) -> float:
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": compiled}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    command = [sys.executable, "-c", code]
    start = time.perf_counter()
    subprocess.run(command, check=True, env=environment, timeout=60)
    return time.perf_counter() - start
