"""Tokens are added without overlap, and unknown is never zero."""

from __future__ import annotations

import pytest

from cliproxy_core.ir.usage import Usage


def test_totals_are_plain_sums() -> None:
    usage = Usage(
        input_uncached=10,
        cache_read=20,
        cache_write_5m=1,
        cache_write_1h=2,
        cache_write_other=4,
        output=100,
        reasoning=50,
    )
    assert usage.cache_write == 7
    assert usage.input_total == 37
    assert usage.output_total == 150
    assert usage.total == 187


@pytest.mark.parametrize(
    ("usage", "totals"),
    [
        (Usage(), (None, None, None)),
        (Usage(output=0), (None, 0, 0)),
        (Usage(cache_read=3), (3, None, 3)),
        (Usage(input_uncached=0, reasoning=2), (0, 2, 2)),
    ],
)
def test_unknown_is_not_zero(
    usage: Usage, totals: tuple[int | None, int | None, int | None]
) -> None:
    assert (usage.input_total, usage.output_total, usage.total) == totals


def test_a_later_report_wins_where_it_knows() -> None:
    early = Usage(input_uncached=10, output=1, raw={"a": 1, "b": 2})
    late = Usage(output=7, reasoning=0, raw={"b": 3})
    merged = early.merged(late)
    assert merged == Usage(input_uncached=10, output=7, reasoning=0)
    assert merged.raw == {"a": 1, "b": 3}


def test_merging_nothing_changes_nothing() -> None:
    usage = Usage(input_uncached=1, raw={"a": 1})
    for merged in (usage.merged(Usage()), Usage().merged(usage)):
        assert merged == usage
        assert merged.raw == {"a": 1}
