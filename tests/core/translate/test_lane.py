"""Which way a request takes."""

from __future__ import annotations

import pytest

from cliproxy_core.dialects import DIALECTS
from cliproxy_core.translate.lane import LANES, Lane, lane_of


@pytest.mark.parametrize("up", DIALECTS)
@pytest.mark.parametrize("down", DIALECTS)
def test_the_full_product(down: str, up: str) -> None:
    assert lane_of(down, up) is (Lane.NATIVE if down == up else Lane.TRANSLATED)


def test_no_lane_leads_nowhere() -> None:
    assert {name for pair in LANES for name in pair} == set(DIALECTS)
