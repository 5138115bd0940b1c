"""One machine's surroundings: its inbox, its sources of inputs, its attempts.

All tasks of a machine live in one task group, so that nothing outlives it but an
answer that is complete and waits for the end of its HTTP body, for a moment.
"""

from __future__ import annotations

import math
import ssl
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from types import TracebackType
from typing import Generic, Self, TypeVar

import anyio
from cliproxy_driver import Engine, Heard

from cliproxy_core.base.clock import Mono, Now

from .attempts import Attempts
from .inbox import Inbox
from .wires import Wires, clock

__all__ = ["Dialer", "Session"]

In = TypeVar("In")


class Session(Generic[In]):
    """What `cliproxy_driver.Session` asks for."""

    def __init__(self, wires: Wires) -> None:
        self._inbox: Inbox[In | Heard] = Inbox(self._rung)
        self._tasks = anyio.create_task_group()
        self._conversation = anyio.CancelScope()
        self._sources: list[anyio.CancelScope] = []
        self._cut_at = math.inf
        self._closed = False
        self.upstreams = Attempts(wires, self._tasks, self._inbox.put)

    async def __aenter__(self) -> Self:
        await self._tasks.__aenter__()
        self.listen(self._inbox.ring)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool | None:
        self._closed = True
        self._inbox.close()
        for source in self._sources:
            source.cancel()
        self.upstreams.close()
        return await self._tasks.__aexit__(kind, error, trace)

    def now(self) -> Now:
        return clock()

    async def wait(self, deadline: Mono | None) -> In | Heard | None:
        """The next input, or None when the deadline came first."""
        return await self._inbox.wait(deadline)

    async def put(self, event: In | Heard) -> None:
        """Add an input as soon as there is room."""
        await self._inbox.put(event)

    def post(self, event: In | Heard) -> None:
        """Add an input at once."""
        self._inbox.post(event)

    def listen(self, task: Callable[[], Awaitable[None]]) -> None:
        """Run a source of inputs until the session ends."""
        self._tasks.start_soon(self._source, task)

    async def run(self, conversation: Awaitable[None]) -> None:
        """Await something that `cut` can end."""
        with self._conversation:
            await conversation

    async def within(self, seconds: float, doing: Awaitable[None]) -> None:
        """Await something; `cut` when it takes longer."""
        self._cut_at = anyio.current_time() + seconds
        self._inbox.arm(self._cut_at)
        try:
            await doing
        finally:
            self._cut_at = math.inf

    def cut(self) -> None:
        """The downstream is gone: end what `run` awaits."""
        self._conversation.cancel()

    async def _source(self, task: Callable[[], Awaitable[None]]) -> None:
        if self._closed:
            return
        with anyio.CancelScope() as scope:
            self._sources.append(scope)
            await task()

    def _rung(self, at: float) -> float:
        if at >= self._cut_at:
            self.cut()
            return math.inf
        return self._cut_at


class Dialer:
    """Where sessions come from. Their upstream connections are shared."""

    def __init__(self, engine: Engine, tls: ssl.SSLContext | None = None) -> None:
        self._wires = Wires(engine, tls or ssl.create_default_context())

    def session(self) -> Session[In]:
        """A context: leaving it ends its tasks; see `Session`."""
        return Session(self._wires)

    def running(self) -> AbstractAsyncContextManager[None]:
        """Inside it idle connections are closed when due, and all at the end."""
        return self._wires.running()
