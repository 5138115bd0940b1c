"""Ratios taken in one run: each measurement sits between two of its yardstick.

The machine may be shared. What disturbs a round disturbs its yardstick too, and the
median over many short rounds forgets the few where it does not.
"""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Sequence
from itertools import repeat
from typing import Final

import attrs
import orjson

from tests.bench.samples import CHAT_CHUNK, CLAUDE_DELTA
from tests.bench.table import Measured

__all__ = ["CALIBRATION", "Job", "Yardstick", "measure"]

# Iterations of the calibration in one round: about half a millisecond.
CALIBRATION_COUNT: Final = 400


@attrs.frozen
class Yardstick:
    """Something to measure by: `run` does it `count` times."""

    run: Callable[[], object]
    count: int = 1


@attrs.frozen(kw_only=True)
class Job:
    """Something to measure: `run` does it `count` times."""

    row: str
    variant: str
    run: Callable[[], object]
    count: int
    yardstick: Yardstick
    rounds: int


def _calibrate() -> None:
    loads, dumps, chunk, delta = orjson.loads, orjson.dumps, CHAT_CHUNK, CLAUDE_DELTA
    for _ in repeat(None, CALIBRATION_COUNT):
        loads(chunk)
        dumps(delta)


CALIBRATION: Final = Yardstick(_calibrate, CALIBRATION_COUNT)


def measure(jobs: Sequence[Job]) -> list[Measured]:
    """Run one job after another, each as often as it wants."""
    gc.collect()
    gc.freeze()  # as `cliproxy serve` does after its start
    try:
        return [_measure(job) for job in jobs]
    finally:
        gc.unfreeze()


def _measure(job: Job) -> Measured:
    job.run()  # first-time work is not what the row is about
    rounds = [_round(job) for _ in range(job.rounds)]
    return Measured(
        row=job.row,
        variant=job.variant,
        value=statistics.median(cost / yard for cost, yard in rounds),
        raw=_time(statistics.median(cost for cost, _ in rounds)),
    )


def _round(job: Job) -> tuple[float, float]:
    clock, yardstick = time.perf_counter, job.yardstick
    start = clock()
    yardstick.run()
    begun = clock()
    job.run()
    ended = clock()
    yardstick.run()
    last = clock()
    yard = ((begun - start) + (last - ended)) / 2 / yardstick.count
    return (ended - begun) / job.count, yard


def _time(seconds: float) -> str:
    if seconds < 1e-3:
        return f"{seconds * 1e6:.2f} us"
    return f"{seconds * 1e3:.2f} ms"
