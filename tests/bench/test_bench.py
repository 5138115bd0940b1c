"""The rig itself: every row of the budgets is measured; nothing judges by the clock."""

from __future__ import annotations

import pytest

from tests.bench.core import Effort, core_rows
from tests.bench.samples import CHAT, CLAUDE, GEMINI, RESPONSES, frames, request_body
from tests.bench.table import Measured, budgets, parse_table, render
from tests.bench.verdict import DIRECT, Results, rows_of

TINY = Effort(rounds=1, streams=20, imports=1, opened=3)


def test_every_core_row_has_a_measurement() -> None:
    measured = core_rows(TINY)
    wanted = {row for row, budget in budgets().items() if budget.table == "core"}
    assert {one.row for one in measured if one.value is not None} == wanted


def test_every_proxy_row_has_a_measurement() -> None:
    results = Results([])
    names = ("nginx", "cliproxy, httptools + uvloop", "cliproxy, ASGI under uvicorn")
    for i, name in enumerate(names, start=1):
        for row in ("json", "burst", "paced"):
            results.costs[f"{row}-same", name] = [1e-5 * i, 3e-5 * i, 2e-5 * i]
            results.costs[f"{row}-translated", name] = [2e-5 * i] * 3
        for kind in ("paced", "first"):
            results.delays[kind, DIRECT] = [10_000] * 3
            results.delays[kind, name] = [10_000 + 5_000 * i] * 3
        results.idle[name] = results.paced[name] = results.streams[name] = 10.0 * i
    measured = rows_of(results)
    wanted = {row for row, budget in budgets().items() if budget.table == "proxy"}
    assert {one.row for one in measured if one.value is not None} == wanted
    values = {(one.row, one.variant): one.value for one in measured}
    assert values["json-same", names[1]] == 2.0
    assert values["asgi", "json-same"] == pytest.approx(1.5)
    assert values["latency-p50", names[1]] == 2.0


def test_a_proxy_whose_answers_fail_has_no_figure() -> None:
    results = Results([])
    name = "cliproxy, httptools + uvloop"
    results.costs["json-same", "nginx"] = [1e-5]
    results.costs["json-same", name] = [1e-5]
    results.faults["json-same", name] = "failing: 1 of 2: status 502"
    (_, ours) = [one for one in rows_of(results) if one.row == "json-same"]
    assert ours.value is None
    assert "status 502" in ours.raw


@pytest.mark.parametrize(
    ("value", "verdict"), [(2.5, "stretch"), (3.5, "ok"), (4.5, "**over**"), (None, "")]
)
def test_a_row_stands_beside_its_budget(value: float | None, verdict: str) -> None:
    one = Measured(row="translated-burst", variant="a", value=value, raw="1 us")
    line = render("core", [one], {}).splitlines()[2]
    assert [cell.strip() for cell in line.split("|")][5] == verdict


def test_a_page_can_be_compared_with() -> None:
    one = Measured(row="translated-burst", variant="a", value=2.5, raw="1 us")
    page = f"# Title\n\n{render('core', [one], {})}"
    before = parse_table(page)
    assert list(before.values())[-1] == "2.50 c"
    assert "| Before" in render("core", [one], before)


@pytest.mark.parametrize("dialect", [CHAT, CLAUDE, GEMINI, RESPONSES])
@pytest.mark.parametrize("size", [2_000, 50_000])
def test_samples_have_the_size_they_claim(dialect: str, size: int) -> None:
    assert size <= len(request_body(dialect, size)) < size * 1.3
    assert len(frames(dialect, 10)) >= 10
