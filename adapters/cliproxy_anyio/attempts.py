"""Exchanges with upstreams: a task for each attempt of one machine.

    dial or reuse -> write, and read at the same time -> keep or close

Cancelling the task closes its connection at once.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

import anyio
import attrs
from anyio.abc import TaskGroup
from cliproxy_driver import LINGER

from cliproxy_core.lifecycle.effects import Open
from cliproxy_core.lifecycle.inputs import (
    UpstreamBroke,
    UpstreamConnected,
    UpstreamInput,
)

from .wires import BROKEN, CannotDialError, Wire, Wires

__all__ = ["Attempts"]

# What a kernel's receive buffer holds by default, about; more would not come at once.
READ_BYTES: Final = 65536


@attrs.define(eq=False)
class _Going:
    """An attempt that is under way."""

    scope: anyio.CancelScope = attrs.field(factory=anyio.CancelScope)
    released: bool = False
    gate: anyio.Event | None = None
    """While reading is paused: what ends the pause."""


@attrs.define(eq=False)
class Attempts:
    """The attempts of one machine, by number."""

    wires: Wires
    tasks: TaskGroup
    deliver: Callable[[UpstreamInput], Awaitable[None]]
    _going: dict[int, _Going] = attrs.field(factory=dict, init=False)

    # Orders.

    def open(self, order: Open) -> None:
        """Begin an attempt. One of the same number is replaced."""
        self.abort(order.attempt)
        going = self._going[order.attempt] = _Going()
        self.tasks.start_soon(self._run, order, going)

    def abort(self, attempt: int) -> None:
        """Close its connection; nothing of it is wanted any more."""
        going = self._going.pop(attempt, None)
        if going is not None:
            going.scope.cancel()

    def release(self, attempt: int) -> None:
        """Its answer is complete: the connection is kept if its body ends soon."""
        going = self._going.pop(attempt, None)
        if going is not None:
            going.released = True
            going.scope.deadline = anyio.current_time() + LINGER
            self._open_gate(going)

    def pause(self, attempt: int) -> None:
        """Read no more of its answer for now."""
        going = self._going.get(attempt)
        if going is not None and going.gate is None:
            going.gate = anyio.Event()

    def resume(self, attempt: int) -> None:
        """Read its answer again."""
        going = self._going.get(attempt)
        if going is not None:
            self._open_gate(going)

    def close(self) -> None:
        """The machine is not run any more: abort what was not released."""
        for attempt in list(self._going):
            self.abort(attempt)

    def _open_gate(self, going: _Going) -> None:
        if going.gate is not None:
            going.gate.set()
            going.gate = None

    # The task.

    async def _run(self, order: Open, going: _Going) -> None:
        with going.scope:
            try:
                await self._carry(order, going)
            except CannotDialError as error:
                broke = UpstreamBroke(order.attempt, error.fault, error.detail)
                await self.deliver(broke)
        if self._going.get(order.attempt) is going:
            del self._going[order.attempt]

    async def _carry(self, order: Open, going: _Going) -> None:
        wire = None if order.fresh else self.wires.take(order.origin)
        if wire is None:
            wire = await self.wires.dial(order.origin)
        kept = False
        try:
            await self._exchange(order, going, wire)
            if wire.link.reusable and wire.written:
                kept = True
                await self.wires.keep(wire)
        finally:
            if not kept:
                await wire.close()

    async def _exchange(self, order: Open, going: _Going, wire: Wire) -> None:
        """Write and read at once: an upstream may answer before it has read all."""
        async with anyio.create_task_group() as both:
            both.start_soon(wire.write, wire.link.begin(order))
            await self.deliver(UpstreamConnected(order.attempt))
            await self._read(going, wire)
            both.cancel_scope.cancel()

    async def _read(self, going: _Going, wire: Wire) -> None:
        link = wire.link
        while link.attempt is not None:
            try:
                data = await wire.stream.receive(READ_BYTES)
            except anyio.EndOfStream:
                heard = link.closed()
            except BROKEN as error:
                heard = link.closed(type(error.__cause__ or error).__name__)
            else:
                heard = link.received(data)
            while going.gate is not None:  # one read at most waits here
                await going.gate.wait()
            for event in heard:
                if not going.released:
                    await self.deliver(event)
