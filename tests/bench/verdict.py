"""What the whole-proxy scenarios came to, as rows beside the budgets."""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from typing import Final

import attrs

from tests.bench.servers import ASGI, NATIVE, NGINX
from tests.bench.table import Measured

__all__ = ["DIRECT", "Results", "rows_of"]

DIRECT: Final = "direct"

# What is counted, by the beginning of a row's name.
UNITS: Final = {"json": "request", "burst": "event", "paced": "event"}
CPU_ROWS: Final = tuple(f"{k}-{lane}" for k in UNITS for lane in ("same", "translated"))

DELAY_ROWS: Final = {"paced": "latency", "first": "first-byte"}
# Nanoseconds that nginx must add for a ratio to mean anything: less is noise.
LEAST: Final = 1_000

PERCENTILES: Final = {"p50": 0.50, "p99": 0.99}


@attrs.define
class Results:
    """Raw numbers by row and proxy."""

    notes: list[str]
    costs: dict[tuple[str, str], list[float]] = attrs.field(factory=dict, init=False)
    """Seconds of CPU for a unit, round by round."""
    faults: dict[tuple[str, str], str] = attrs.field(factory=dict, init=False)
    """Why a proxy's answers do not count."""
    delays: dict[tuple[str, str], list[int]] = attrs.field(factory=dict, init=False)
    """Nanoseconds to the client."""
    idle: dict[str, float] = attrs.field(factory=dict, init=False)
    """Megabytes after the start."""
    paced: dict[str, float] = attrs.field(factory=dict, init=False)
    """Megabytes with a hundred paced streams."""
    streams: dict[str, float] = attrs.field(factory=dict, init=False)
    """Kilobytes for an open idle stream."""


def rows_of(results: Results) -> list[Measured]:
    """Every whole-proxy row that could be measured."""
    return [
        *_cpu_rows(results),
        *_asgi_rows(results),
        *_memory("rss-idle", results.idle, "MB"),
        *_memory("rss-paced", results.paced, "MB"),
        *_memory("rss-stream", results.streams, "KB"),
        *_delay_rows(results),
    ]


def _cpu_rows(results: Results) -> Iterator[Measured]:
    for (row, name), costs in results.costs.items():
        base_row = row.partition("-")[0] + "-same"
        base = results.costs.get((base_row, NGINX))
        fault = results.faults.get((row, name))
        unit = UNITS[row.partition("-")[0]]
        value: float | None = None
        if fault is None and base is not None and name != NGINX:
            value = _ratio(costs, base)
        raw = fault or f"{statistics.median(costs) * 1e6:.2f} us per {unit}"
        yield Measured(
            row=row, variant=name, value=value, raw=raw, judged=name == NATIVE
        )


def _asgi_rows(results: Results) -> Iterator[Measured]:
    for row in CPU_ROWS:
        theirs, ours = results.costs.get((row, ASGI)), results.costs.get((row, NATIVE))
        failed = {(row, ASGI), (row, NATIVE)} & results.faults.keys()
        if theirs is not None and ours is not None and not failed:
            raw = f"{statistics.median(theirs) * 1e6:.2f} us"
            yield Measured(row="asgi", variant=row, value=_ratio(theirs, ours), raw=raw)


def _ratio(ours: list[float], theirs: list[float]) -> float | None:
    """The median over rounds, each of which has both."""
    pairs = [(a, b) for a, b in zip(ours, theirs, strict=False) if a and b]
    return statistics.median(a / b for a, b in pairs) if pairs else None


def _memory(row: str, held: dict[str, float], unit: str) -> Iterator[Measured]:
    for name, amount in held.items():
        judged = name == NATIVE
        raw = f"{amount:.1f} {unit}"
        yield Measured(row=row, variant=name, value=amount, raw=raw, judged=judged)


def _delay_rows(results: Results) -> Iterator[Measured]:
    """What a proxy adds to a direct connection, beside what nginx adds."""
    for (kind, name), delays in results.delays.items():
        direct = results.delays.get((kind, DIRECT))
        if not delays or not direct or name == DIRECT:
            continue
        theirs = results.delays.get((kind, NGINX))
        for percentile, share in PERCENTILES.items():
            added = _at(delays, share) - _at(direct, share)
            nginx = _at(theirs, share) - _at(direct, share) if theirs else 0.0
            value = None
            if nginx >= LEAST and name != NGINX:
                value = added / nginx
            yield Measured(
                row=f"{DELAY_ROWS[kind]}-{percentile}",
                variant=name,
                value=value,
                raw=f"{added / 1e3:.0f} us over {_at(direct, share) / 1e3:.0f}",
                judged=name == NATIVE,
            )


def _at(delays: list[int], share: float) -> float:
    ordered = sorted(delays)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]
