"""Two clocks, and arithmetic that cannot go backwards."""

from __future__ import annotations

import pytest

from cliproxy_core.base.clock import Mono, Now, Wall, earliest

NOON = Now(Mono(100.0), Wall(1_700_000_000.0))


def test_after_counts_on_the_steady_clock() -> None:
    assert NOON.after(2.5) == 102.5


@pytest.mark.parametrize(("deadline", "mono"), [(99.0, 100.0), (100.5, 100.5)])
def test_not_before(deadline: float, mono: float) -> None:
    assert NOON.not_before(Mono(deadline)) == Now(Mono(mono), NOON.wall)


@pytest.mark.parametrize(
    ("deadlines", "first"),
    [((), None), ((None,), None), ((3, None, 2), 2), ((0, 5), 0)],
)
def test_earliest(deadlines: tuple[float | None, ...], first: float | None) -> None:
    assert earliest(*(d if d is None else Mono(d) for d in deadlines)) == first
