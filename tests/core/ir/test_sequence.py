"""Overlapping blocks come out one after another, and nothing is lost."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from cliproxy_core.ir import stream as ev
from cliproxy_core.ir.sequence import OneBlockAtATime


def call(block: int) -> ev.ToolCallStarted:
    return ev.ToolCallStarted(block, f"c{block}", "f")


def more(block: int, text: str = "x") -> ev.ToolCallDelta:
    return ev.ToolCallDelta(block, text)


def end(block: int) -> ev.BlockEnded:
    return ev.BlockEnded(block)


def test_one_block_passes_as_it_grows() -> None:
    sequence = OneBlockAtATime()
    for event in (call(0), more(0), end(0)):
        assert sequence.feed([event]) == [event]
    assert sequence.finish() == []


def test_a_second_block_waits_for_the_first() -> None:
    sequence = OneBlockAtATime()
    assert sequence.feed([call(0), call(1), more(1), more(0)]) == [call(0), more(0)]
    assert sequence.feed([end(0)]) == [end(0), call(1), more(1)]
    assert sequence.feed([more(1, "y"), end(1)]) == [more(1, "y"), end(1)]


def test_blocks_that_ended_while_waiting_come_whole() -> None:
    sequence = OneBlockAtATime()
    sequence.feed([call(0), call(1), end(1), call(2), more(2)])
    assert sequence.feed([end(0)]) == [end(0), call(1), end(1), call(2), more(2)]


def test_what_is_outside_of_blocks_does_not_wait() -> None:
    sequence = OneBlockAtATime()
    sequence.feed([call(0), call(1)])
    assert sequence.feed([ev.Heartbeat()]) == [ev.Heartbeat()]


def test_finish_gives_what_waits_behind_a_block_that_never_ended() -> None:
    sequence = OneBlockAtATime()
    sequence.feed([call(0), call(1), more(1), call(2)])
    assert sequence.finish() == [call(1), more(1), call(2)]
    assert sequence.finish() == []


def test_only_some_kinds_may_have_to_be_alone() -> None:
    sequence = OneBlockAtATime((ev.TextStarted,))
    beside: list[ev.Event] = [call(0), call(1), more(1), more(0), ev.TextStarted(2)]
    assert sequence.feed(beside) == beside
    waiting: list[ev.Event] = [call(3), ev.TextStarted(4), more(3), call(5), end(5)]
    assert sequence.feed([*waiting, more(0), end(0)]) == [more(0), end(0)]
    through = [end(2), call(3), more(3), ev.TextStarted(4)]
    assert sequence.feed([end(2)]) == through
    assert sequence.feed([more(3, "y"), end(3)]) == [more(3, "y"), end(3)]
    assert sequence.feed([end(4)]) == [end(4), call(5), end(5)]
    assert sequence.feed([more(1)]) == [more(1)]


@st.composite
def interleaved(draw: st.DrawFn) -> list[ev.Event]:
    """Blocks that open in order and grow and end in any order."""
    count = draw(st.integers(1, 4))
    queues: list[list[ev.Event]] = [
        [call(i), *(more(i, str(n)) for n in range(draw(st.integers(0, 3)))), end(i)]
        for i in range(count)
    ]
    out: list[ev.Event] = []
    opened = 0
    while any(queues):
        live = [i for i, queue in enumerate(queues) if queue and i <= opened]
        index = draw(st.sampled_from(live))
        opened = max(opened, index + 1)
        out.append(queues[index].pop(0))
    return out


@given(interleaved(), st.integers(1, 5))
def test_nothing_is_lost_and_nothing_overlaps(
    events: list[ev.Event], size: int
) -> None:
    sequence = OneBlockAtATime()
    out: list[ev.Event] = []
    for i in range(0, len(events), size):
        out += sequence.feed(events[i : i + size])
    assert sequence.finish() == []
    in_order = [
        event
        for block in range(4)
        for event in events
        if getattr(event, "block", None) == block
    ]
    assert out == in_order
