"""Frames in one line: numbered upwards, untouched where they may be."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from cliproxy_core.dialects.openai_responses.errors import LAST_NUMBER
from cliproxy_core.dialects.openai_responses.mend_line import Line, Place
from cliproxy_core.ir.failure import Kind

RAW = b"raw"


def put(line: Line, number: Any, raw: bytes | None = RAW) -> tuple[Any, bool]:
    """The number that came out, and whether the frame went as it came."""
    line.put({"type": "t", "sequence_number": number}, raw)
    payload, frame = line.out[-1]
    assert payload is not None
    return payload["sequence_number"], frame is RAW


@pytest.mark.parametrize(
    ("numbers", "out", "untouched", "repairs"),
    [
        ([0, 1, 2], [0, 1, 2], "yyy", 0),
        ([5, 9], [5, 9], "yy", 0),
        ([0, 0, 1], [0, 1, 2], "ynn", 1),
        ([3, 1, 4], [3, 4, 5], "ynn", 1),
        ([0, None, 1], [0, 1, 2], "ynn", 1),
        ([0, True, 2.0, "3"], [0, 1, 2, 3], "ynnn", 3),
        ([LAST_NUMBER, LAST_NUMBER - 1, 7], [0, 1, 7], "nny", 2),
    ],
)
def test_numbers_rise(
    numbers: list[Any], out: list[int], untouched: str, repairs: int
) -> None:
    line = Line(Counter())
    told = [put(line, number) for number in numbers]
    assert [number for number, _ in told] == out
    assert "".join("ny"[as_it_came] for _, as_it_came in told) == untouched
    assert line.repairs["sequence_number_corrected"] == repairs


def test_what_is_put_in_moves_what_follows_uncounted() -> None:
    line = Line(Counter())
    told = [put(line, 0), put(line, None, None), put(line, 1), put(line, 2)]
    assert told == [(0, True), (1, False), (2, False), (3, False)]
    assert not line.repairs


def test_nothing_goes_out_after_a_fault() -> None:
    line = Line(Counter())
    line.refuse("first", Kind.TRUNCATED)
    line.refuse("second")
    line.put({"type": "t"}, RAW)
    assert (line.fault, line.out) == ((Kind.TRUNCATED, "first"), [])


def test_a_place_writes_itself_into_events() -> None:
    line = Line(Counter())
    place = Place(line, "x", 2)
    right: Any = {
        "type": "t",
        "item_id": "x",
        "output_index": 2,
        "sequence_number": 0,
    }
    place.put(dict(right), RAW)
    place.put({"type": "t", "item_id": "y", "sequence_number": 1}, RAW)
    place.say("t", {"more": 1})
    assert line.out[0] == (right, RAW)
    assert line.out[1][0] == {**right, "sequence_number": 1}
    assert line.out[2][0] == {**right, "sequence_number": 2, "more": 1}
    assert line.repairs == {"item_id_corrected": 1, "output_index_corrected": 1}
