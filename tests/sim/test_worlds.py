"""The world, run: briefly in the suite, for long with `CLIPROXY_WORLD=full`."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

from tests.sim.worlds import World

FULL = os.environ.get("CLIPROXY_WORLD") == "full"

TestWorld = World.TestCase
TestWorld.settings = settings(
    max_examples=500 if FULL else 60,
    stateful_step_count=50 if FULL else 30,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
