"""Whatever the bytes are, the sequence they describe is one that a decoder may give."""

from __future__ import annotations

from typing import get_args

from hypothesis import given
from hypothesis import strategies as st

from cliproxy_core.ir import stream as ev
from cliproxy_core.ir.response import Response, collect
from fuzz.events import composed

OPENING = get_args(ev.Opening)


@given(st.binary(max_size=300))
def test_the_sequence_is_legal(data: bytes) -> None:
    first, *rest, last = composed(data).events
    assert isinstance(first, ev.Started)
    assert isinstance(last, ev.Ended)
    lanes: dict[int, int] = {}
    over: set[int] = set()
    stopped: set[int] = set()
    for event in rest:
        assert not isinstance(event, ev.Started | ev.Ended | ev.Broken)
        if isinstance(event, OPENING):
            assert event.block == len(lanes)
            assert event.candidate not in stopped
            lanes[event.block] = event.candidate
        elif isinstance(event, ev.Stopped):
            assert event.candidate not in stopped
            stopped.add(event.candidate)
            assert over >= {b for b, lane in lanes.items() if lane == event.candidate}
        elif not isinstance(event, ev.UsageReported | ev.Heartbeat):
            assert event.block in lanes.keys() - over
            if isinstance(event, ev.BlockEnded):
                over.add(event.block)
    assert stopped == set(range(len(stopped))) >= set(lanes.values())
    assert isinstance(collect([first, *rest, last]), Response)


def test_it_can_be_of_every_kind_of_block_and_several_candidates() -> None:
    steps = b"".join(bytes([16 * (n % 5), n, 77 * n % 256]) for n in range(256))
    events = composed(b"\x00\x03" + steps).events
    opened = [event for event in events if isinstance(event, OPENING)]
    assert {type(event) for event in opened} == set(OPENING)
    assert {event.candidate for event in opened} == {0, 1, 2}
