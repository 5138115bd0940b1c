"""A playbook passes what is right and catches what is not."""

from __future__ import annotations

from collections.abc import Callable

import attrs
import pytest

from cliproxy_core.base.clock import Mono, Now
from cliproxy_core.base.contract import Tick
from cliproxy_core.testing.playbook import Playbook


@attrs.frozen
class Rang:
    """Somebody set the clock."""


@attrs.frozen
class Ring:
    """Make a noise."""

    loud: str = attrs.field(repr=False)


@attrs.define
class Egg:
    """Rings once, ten seconds after it was set; with faults to order."""

    ticks_early: bool = False
    spins: bool = False
    talks_on: bool = False
    deadline: Mono | None = attrs.field(default=None, init=False)
    done: bool = attrs.field(default=False, init=False)

    def handle(self, event: Rang | Tick, now: Now) -> list[Ring]:
        if self.done:
            return [Ring("again")] if self.talks_on else []
        if isinstance(event, Rang):
            self.deadline = now.after(10)
            return []
        if self.deadline is None or (now.mono < self.deadline and not self.ticks_early):
            return []
        if not self.spins:
            self.deadline, self.done = None, True
        return [Ring("ring")]


def play(**faults: bool) -> Playbook[Rang, Ring]:
    return Playbook(Egg(**faults))


def test_a_story_that_is_right() -> None:
    (
        play()
        .sees(Rang())
        .after(9.9).sees(Tick())
        .at_deadline().sees(Tick(), Ring("ring"))
        .after(60).sees(Tick())
        .ends()
    )  # fmt: skip


def test_muted_effects_are_not_talked_about() -> None:
    book = play().sees(Rang()).after(10)
    book.mute = lambda effect: effect == Ring("ring")
    book.sees(Tick()).ends()


WRONG: list[tuple[str, Callable[[], object]]] = [
    ("got", lambda: play().sees(Rang(), Ring("x"))),
    ("got", lambda: play().sees(Rang()).after(10).sees(Tick())),
    ("'quiet'", lambda: play().sees(Rang()).after(10).sees(Tick(), Ring("quiet"))),
    ("waits for nothing", lambda: play().at_deadline()),
    ("not done", lambda: play().ends()),
    ("before the deadline", lambda: play(ticks_early=True).sees(Rang()).hears(Tick())),
    (
        "left the deadline",
        lambda: play(spins=True).sees(Rang()).after(10).hears(Tick()),
    ),
    ("is done", lambda: late(play(talks_on=True))),
]


def late(book: Playbook[Rang, Ring]) -> object:
    return book.sees(Rang()).after(10).sees(Tick(), Ring("ring")).hears(Rang())


@pytest.mark.parametrize(("complaint", "story"), WRONG)
def test_a_story_that_is_wrong(complaint: str, story: Callable[[], object]) -> None:
    with pytest.raises(AssertionError, match=complaint):
        story()


def test_what_an_effect_keeps_to_itself_is_shown_on_a_difference() -> None:
    with pytest.raises(AssertionError, match=r"Ring\{'loud': 'ring'\}"):
        play().sees(Rang()).after(10).sees(Tick(), Ring("else"))
