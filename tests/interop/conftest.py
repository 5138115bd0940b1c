"""Rigs are expensive, so each is started once for a module."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import pytest

from cliproxy_core.config.model import Streaming, Timeouts
from tests.adapters.servers import KINDS

from .rig import Rig, start_rig

# The kind that is used where the server makes no difference.
FAST: Final = "asyncio-httptools"

# Short, because tests wait for it to pass; only upstreams that stay silent for ever are
# tried with it, so that a slow machine changes nothing.
SOON: Final = 0.05

# Long enough for an upstream that does answer.
PATIENT: Final = 0.4


@pytest.fixture(scope="module", params=KINDS)
def any_rig(request: pytest.FixtureRequest) -> Iterator[Rig]:
    """A rig for each kind of server."""
    with start_rig(request.param) as rig:
        yield rig


@pytest.fixture(scope="module")
def rig() -> Iterator[Rig]:
    """A rig of the fastest kind."""
    with start_rig(FAST) as rig:
        yield rig


@pytest.fixture(scope="module", params=KINDS)
def impatient_rig(request: pytest.FixtureRequest) -> Iterator[Rig]:
    """It does not wait long for the first byte."""
    with start_rig(request.param, timeouts=Timeouts(first_byte=SOON)) as rig:
        yield rig


@pytest.fixture(scope="module", params=KINDS)
def nervous_rig(request: pytest.FixtureRequest) -> Iterator[Rig]:
    """It does not stand silence inside an answer."""
    with start_rig(request.param, timeouts=Timeouts(silence=SOON)) as rig:
        yield rig


@pytest.fixture(scope="module")
def lively_rig() -> Iterator[Rig]:
    """It waits a little, and shows its life meanwhile."""
    with start_rig(
        FAST,
        timeouts=Timeouts(first_byte=PATIENT),
        streaming=Streaming(keepalive_seconds=SOON),
    ) as rig:
        yield rig
