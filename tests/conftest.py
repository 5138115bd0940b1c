"""Settings of the whole suite."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings

# No deadline and no complaint about slowness: nothing in this suite judges by the
# clock, because the machines that run it are shared.
settings.register_profile(
    "suite", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
# The same examples every time: a build that fails fails again.
settings.register_profile("ci", settings.get_profile("suite"), derandomize=True)
# For a night: what a run of minutes does not meet.
settings.register_profile("deep", settings.get_profile("suite"), max_examples=5000)
settings.load_profile("suite")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--bless",
        action="store_true",
        help="rewrite golden files and generated pages instead of comparing",
    )


@pytest.fixture
def bless(request: pytest.FixtureRequest) -> bool:
    """Whether expected files are to be rewritten."""
    return bool(request.config.getoption("--bless"))
