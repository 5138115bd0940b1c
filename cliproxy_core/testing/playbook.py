"""What a machine should do, written down as it would be told.

    (
        Playbook(machine)
        .sees(Began(), Acquire(...))
        .after(16).sees(Tick(), Write(b": keep-alive\\n\\n"))
    )

Beside the effects it checks what holds for every machine: a tick that is due changes
the deadline, one that comes too early does nothing, nothing happens after the end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Generic, Self, TypeVar

import attrs

from cliproxy_core.base.clock import Mono, Now, Wall
from cliproxy_core.base.contract import Machine, Tick

__all__ = ["Playbook"]

In = TypeVar("In")
Out = TypeVar("Out")

# An arbitrary morning; nothing may depend on it.
DAWN = 1_800_000_000.0


@attrs.define
class Playbook(Generic[In, Out]):
    """Feeds a machine and compares."""

    machine: Machine[In | Tick, Out]
    now: float = 1000.0
    mute: Callable[[Out], bool] = lambda _effect: False
    """Effects that this playbook does not talk about, such as log lines."""

    def after(self, seconds: float) -> Self:
        """Time passes."""
        self.now += seconds
        return self

    def at_deadline(self) -> Self:
        """Time passes until the machine wants a tick."""
        deadline = self.machine.deadline
        assert deadline is not None, "the machine waits for nothing"
        self.now = max(self.now, deadline)
        return self

    def sees(self, event: In | Tick, *expected: Out) -> Self:
        """The machine hears `event` and orders exactly `expected`."""
        got = self.hears(event)
        assert got == list(expected), _difference(event, expected, got)
        return self

    def hears(self, event: In | Tick) -> list[Out]:
        """The machine hears `event`; what it orders is returned."""
        was_done, before = self.machine.done, self.machine.deadline
        effects = self.machine.handle(event, self._clock())
        got = [effect for effect in effects if not self.mute(effect)]
        assert not (was_done and effects), "a machine that is done ordered something"
        if isinstance(event, Tick) and not was_done:
            due = before is not None and before <= self.now
            after = self.machine.deadline
            assert not due or after != before, "a due tick left the deadline as it was"
            assert due or not effects, "a tick before the deadline had an effect"
        return got

    def ends(self) -> None:
        """The machine is done and waits for nothing."""
        assert self.machine.done, "the machine is not done"
        assert self.machine.deadline is None, "a machine that is done has a deadline"

    def _clock(self) -> Now:
        return Now(Mono(self.now), Wall(DAWN + self.now))


def _difference(event: object, expected: Iterable[Out], got: Iterable[Out]) -> str:
    lines = [f"on {event}", "  expected:", *(f"    {_shown(e)}" for e in expected)]
    return "\n".join([*lines, "  got:", *(f"    {_shown(g)}" for g in got)])


def _shown(effect: object) -> str:
    """The effect with the fields that its own repr keeps to itself."""
    if not attrs.has(type(effect)):
        return repr(effect)
    fields = attrs.asdict(effect, recurse=False)  # type: ignore[arg-type]
    return f"{type(effect).__name__}{fields}"
