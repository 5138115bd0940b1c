"""What awaiting runtimes share: the words between them, and which order goes where.

A `Session` is what an async library provides for one machine: its inbox, its alarm,
and the tasks that talk to its upstreams. Whoever has sessions can run any machine of
the gateway, whatever its downstream is made of.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import PurePath
from typing import Protocol, TypeAlias, TypeVar

import attrs

from cliproxy_core.base.clock import Mono, Now
from cliproxy_core.gateway.app import App
from cliproxy_core.lifecycle.effects import (
    Abort,
    Acquire,
    Open,
    PauseUpstream,
    PoolEffect,
    Release,
    Report,
    ResumeUpstream,
    UpstreamEffect,
)
from cliproxy_core.lifecycle.inputs import Granted, Refused, UpstreamInput
from cliproxy_core.observe.log import Level, LogLine

__all__ = ["Heard", "Order", "Performer", "Session", "Sessions", "Upstreams", "bug"]

In = TypeVar("In")

Order: TypeAlias = UpstreamEffect | PoolEffect | Report
"""What has nothing to do with how the downstream is connected."""

Heard: TypeAlias = UpstreamInput | Granted | Refused
"""What every machine that gives such orders hears."""


class Upstreams(Protocol):
    """The attempts of one machine. What names an attempt that is over does nothing."""

    def open(self, order: Open, /) -> None:
        """Begin; everything that becomes of it is an input of the machine."""

    def abort(self, attempt: int, /) -> None: ...

    def release(self, attempt: int, /) -> None: ...

    def pause(self, attempt: int, /) -> None: ...

    def resume(self, attempt: int, /) -> None: ...


class Session(Protocol[In]):
    """One machine's inbox, alarm and tasks. The inbox is bounded."""

    @property
    def upstreams(self) -> Upstreams: ...

    def now(self) -> Now: ...

    async def wait(self, deadline: Mono | None, /) -> In | Heard | None:
        """The next input, or None when the deadline came first."""

    async def put(self, event: In | Heard, /) -> None:
        """Add an input as soon as there is room."""

    def post(self, event: In | Heard, /) -> None:
        """Add an input at once: there are few of these, and nobody waits for room."""

    def listen(self, task: Callable[[], Awaitable[None]], /) -> None:
        """Run a source of inputs until the session ends."""

    async def run(self, conversation: Awaitable[None], /) -> None:
        """Await something that `cut` can end."""

    async def within(self, seconds: float, doing: Awaitable[None], /) -> None:
        """Await something; `cut` when it takes longer."""

    def cut(self) -> None:
        """The downstream is gone: end what `run` awaits."""


class Sessions(Protocol):
    """Where sessions come from. Their upstream connections are shared."""

    def session(self) -> AbstractAsyncContextManager[Session[In]]:
        """Leaving it ends its tasks; answers that only lack an end get a moment."""

    def running(self) -> AbstractAsyncContextManager[None]:
        """Inside it idle connections are closed when due, and all at the end."""


@attrs.define
class Performer:
    """Performs orders for one machine. Nothing here suspends."""

    app: App
    log: Callable[[LogLine], None]
    upstreams: Upstreams
    post: Callable[[Granted | Refused], None]

    def perform(self, order: Order) -> None:
        """Do it."""
        match order:
            case Open():
                self.upstreams.open(order)
            case Abort(attempt=attempt):
                self.upstreams.abort(attempt)
            case Release(attempt=attempt):
                self.upstreams.release(attempt)
            case PauseUpstream(attempt=attempt):
                self.upstreams.pause(attempt)
            case ResumeUpstream(attempt=attempt):
                self.upstreams.resume(attempt)
            case Report(line=line):
                self.log(line)
            case _:
                for answer in self.app.handle(order):
                    self.post(answer)

    def abandon(self, order: Order) -> None:
        """Nobody listens any more: give back and tell, but begin nothing."""
        if not isinstance(order, Open | Acquire):
            self.perform(order)


def bug(error: Exception) -> LogLine:
    """A line for a bug of ours: where it is, and nothing of what was being handled."""
    while isinstance(error, ExceptionGroup):
        error = error.exceptions[0]
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = ""
    if trace is not None:
        code = trace.tb_frame.f_code
        place = f"{PurePath(code.co_filename).name}:{trace.tb_lineno}"
    fields = (("error", type(error).__name__), ("where", place))
    return LogLine("bug", Level.ERROR, fields)
