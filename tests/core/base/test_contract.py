"""The shapes are protocols: what fits them is theirs."""

from __future__ import annotations

from collections.abc import Sequence

from cliproxy_core.base.clock import Mono, Now, Wall
from cliproxy_core.base.contract import Machine, Tick, Transducer


class Echo:
    """A machine and a transducer that give back what they get."""

    deadline: Mono | None = None
    done = False

    def handle(self, event: int | Tick, _now: Now, /) -> list[int]:
        return [event] if isinstance(event, int) else []

    def feed(self, item: int, /) -> Sequence[int]:
        return [item]

    def finish(self) -> Sequence[int]:
        return []


def test_anything_with_the_members_fits() -> None:
    machine: Machine[int | Tick, int] = Echo()
    transducer: Transducer[int, int] = Echo()
    now = Now(Mono(0), Wall(0))
    assert [*machine.handle(1, now), *machine.handle(Tick(), now)] == [1]
    assert [*transducer.feed(1), *transducer.finish()] == [1]


def test_ticks_are_alike() -> None:
    assert Tick() == Tick()
