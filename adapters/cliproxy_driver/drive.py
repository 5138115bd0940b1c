"""The loop that runs a machine in an awaiting style. It exists once.

It knows nothing of sockets, HTTP or models: inputs come from `Runtime.wait`, effects
go to `Runtime.perform`. Cancelling it is an input like any other: what the machine
orders then is given to `abandon`, which does bookkeeping and no I/O.
"""

from __future__ import annotations

from collections import deque
from typing import Protocol, TypeVar

from cliproxy_core.base.clock import Mono, Now
from cliproxy_core.base.contract import Machine

__all__ = ["Runtime", "drive"]

In = TypeVar("In")
Out = TypeVar("Out")
In_co = TypeVar("In_co", covariant=True)
Out_contra = TypeVar("Out_contra", contravariant=True)


class Runtime(Protocol[In_co, Out_contra]):
    """What an adapter provides. Nothing else about it is known here."""

    def now(self) -> Now: ...

    async def wait(self, deadline: Mono | None, /) -> In_co | None:
        """Return the next input, or None when the deadline came first."""

    async def perform(self, effect: Out_contra, /) -> None:
        """Do it. Bookkeeping must not suspend; I/O may."""

    def abandon(self, effect: Out_contra, /) -> None:
        """Do the bookkeeping part of it during cancellation; skip the I/O."""


async def drive(
    machine: Machine[In, Out],
    runtime: Runtime[In, Out],
    *,
    first: In,
    tick: In,
    gone: In,
) -> None:
    """Run a machine to its end. Cancelling this is a `gone` input."""
    queue = deque(machine.handle(first, runtime.now()))
    try:
        while queue or not machine.done:
            while queue:
                await runtime.perform(queue.popleft())
            if machine.done:
                return
            deadline = machine.deadline
            event = await runtime.wait(deadline)
            now = runtime.now()
            if event is None and deadline is not None:
                now = now.not_before(deadline)  # loops may wake a hair early
            queue.extend(machine.handle(tick if event is None else event, now))
    except BaseException:
        queue.extend(machine.handle(gone, runtime.now()))
        for effect in queue:
            runtime.abandon(effect)
        raise
