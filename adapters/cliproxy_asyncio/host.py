"""What the connections of one event loop share."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable

import attrs
from cliproxy_driver import Engine

from cliproxy_core.base.clock import Mono, Now, Wall
from cliproxy_core.gateway.app import App
from cliproxy_core.lifecycle.effects import PoolEffect, Report
from cliproxy_core.lifecycle.inputs import Granted, Refused
from cliproxy_core.observe.log import LogLine

__all__ = ["Host", "clock"]


def clock(loop: asyncio.AbstractEventLoop) -> Callable[[], Now]:
    """Both clocks, read for each input."""
    mono, wall = loop.time, time.time
    return lambda: Now(Mono(mono()), Wall(wall()))


@attrs.define
class Host:
    """The shared state, the engine, and where log lines go."""

    app: App
    engine: Engine
    log: Callable[[LogLine], None]

    def settle(self, effect: PoolEffect | Report) -> Iterable[Granted | Refused]:
        """Perform what concerns no connection; return the answers to requests."""
        if isinstance(effect, Report):
            self.log(effect.line)
            return ()
        return self.app.handle(effect)
