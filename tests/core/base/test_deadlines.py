"""Named timers: the earliest is the deadline, and a due one fires once."""

from __future__ import annotations

import enum

from hypothesis import given
from hypothesis import strategies as st

from cliproxy_core.base.clock import Mono
from cliproxy_core.base.deadlines import Deadlines


class Timer(enum.Enum):
    """Three timers in an order that is not alphabetical."""

    OPEN = enum.auto()
    IDLE = enum.auto()
    PING = enum.auto()


TIMES = st.integers(0, 9).map(Mono)


def test_nothing_is_armed_at_first() -> None:
    slots: Deadlines[Timer] = Deadlines()
    assert slots.next is None
    assert slots.take_due(Mono(1e9)) == []


def test_the_earliest_is_next() -> None:
    slots: Deadlines[Timer] = Deadlines()
    slots.set(Timer.OPEN, Mono(5))
    slots.set(Timer.IDLE, Mono(3))
    assert slots.next == Mono(3)
    slots.set(Timer.IDLE, Mono(7))
    assert slots.next == Mono(5)
    slots.clear(Timer.OPEN)
    slots.clear(Timer.PING)
    assert slots.next == Mono(7)
    assert slots.armed(Timer.IDLE)
    assert not slots.armed(Timer.OPEN)
    slots.clear_all()
    assert slots.next is None


def test_due_timers_come_earliest_first_and_once() -> None:
    slots: Deadlines[Timer] = Deadlines()
    for timer, at in ((Timer.OPEN, 2), (Timer.IDLE, 1), (Timer.PING, 3)):
        slots.set(timer, Mono(at))
    assert slots.take_due(Mono(2)) == [Timer.IDLE, Timer.OPEN]
    assert slots.take_due(Mono(2)) == []
    assert slots.next == Mono(3)


@given(st.dictionaries(st.sampled_from(Timer), TIMES), TIMES)
def test_taking_what_is_due_moves_the_deadline(
    armed: dict[Timer, Mono], now: Mono
) -> None:
    slots: Deadlines[Timer] = Deadlines()
    for timer, at in armed.items():
        slots.set(timer, at)
    due = slots.take_due(now)
    assert {t for t, at in armed.items() if at <= now} == set(due)
    assert slots.next is None or slots.next > now
