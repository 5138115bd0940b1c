"""Benchmarks against the written budgets: `python tests/bench/run.py`.

Prints one table for the core and one for the whole proxy, each row beside its budget.
A slow number is a row marked `over`, never a failure: machines differ.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[0] = str(ROOT)  # the checkout in place of this folder

from tests.bench import core, profiles, report, verdict, whole  # noqa: E402
from tests.bench.table import parse_table, render  # noqa: E402

__all__ = ["main"]


def main() -> int:
    """Measure what was asked for, print it, and write it where wanted."""
    arguments = _arguments()
    if arguments.profile is not None:
        profiles.profile(arguments.profile)
        return 0
    before = {}
    if arguments.baseline is not None:
        before = parse_table(arguments.baseline.read_text(encoding="utf-8"))
    tables: list[tuple[str, str]] = []
    notes: list[str] = []
    if arguments.only in (None, "core"):
        measured = core.core_rows(core.QUICK if arguments.quick else core.FULL)
        tables.append(("Core", render("core", measured, {})))
        print(render("core", measured, before))
    if arguments.only in (None, "proxy"):
        plan = whole.QUICK if arguments.quick else whole.FULL
        results = whole.measure_proxies(plan)
        notes = sorted(set(results.notes))
        measured = verdict.rows_of(results)
        tables.append(("Whole proxy", render("proxy", measured, {})))
        print(render("proxy", measured, before))
    print(*notes, sep="\n")
    if arguments.write is not None:
        arguments.write.parent.mkdir(parents=True, exist_ok=True)
        arguments.write.write_text(report.page(tables, notes), encoding="utf-8")
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure against the budgets.")
    parser.add_argument("--only", choices=("core", "proxy"), help="one of the tables")
    parser.add_argument("--quick", action="store_true", help="fewer, shorter rounds")
    parser.add_argument("--write", type=Path, help="write the tables into this page")
    parser.add_argument("--baseline", type=Path, help="a page to compare with")
    parser.add_argument(
        "--profile", choices=profiles.KINDS, help="where the time goes, instead"
    )
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
