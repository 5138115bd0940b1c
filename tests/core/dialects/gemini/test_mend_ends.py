"""What waits until the upstream closes: last chunks, and token counts."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from cliproxy_core.base.errors import DecodeError
from cliproxy_core.base.ids import Ids
from cliproxy_core.dialects.gemini.mend_ends import Ends, Ledger, written
from cliproxy_core.dialects.gemini.mend_forms import Lane
from tests.core.dialects.gemini.streams import one, text


def lane(number: int) -> Lane:
    made = Lane(number, Ids(b"test"), Counter())
    made.note_finish("STOP")
    return made


def candidate(words: str, index: int, **more: Any) -> dict[str, Any]:
    content = {"parts": [text(words)], "role": "model"}
    return {"content": content, "finishReason": "STOP", "index": index, **more}


def payload(*candidates: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"candidates": list(candidates), **more}


def ends() -> Ends:
    return Ends(Ledger(), Counter())


def test_what_is_held_comes_out_as_it_was() -> None:
    held = ends()
    first, second = payload(candidate("a", 0)), payload(candidate("b", 1))
    held.hold(first, b"raw 1", [lane(0)])
    held.hold(second, b"raw 2", [lane(1)])
    assert held.release() == [(first, b"raw 1"), (second, b"raw 2")]
    assert held.repairs == {}


def test_a_note_joins_the_chunk_that_is_held() -> None:
    held, first, second = ends(), lane(0), lane(1)
    held.hold(payload(candidate("a", 0), candidate("b", 1)), b"raw", [first, second])
    held.note(second, {"index": 1})
    assert held.release()[0][1] == b"raw"
    held.note(second, {"index": 1, "x": 5, "finishReason": "STOP"})
    ((got, raw),) = held.release()
    assert got == payload(candidate("a", 0), candidate("b", 1, x=5))
    assert one(raw) == got


def test_a_candidate_that_goes_on_leaves_the_others() -> None:
    held, first, second = ends(), lane(0), lane(1)
    chunk = payload(candidate("a", 0), candidate("b", 1), usageMetadata={"n": 1})
    held.hold(chunk, b"raw", [first, second])
    notes, before = held.resume(first)
    rest = candidate("a", 0)
    del rest["finishReason"]
    assert (notes, before) == ({}, payload(rest))
    ((got, raw),) = held.release()
    assert got == one(raw) == payload(candidate("b", 1), usageMetadata={"n": 1})
    assert not held.loose


def test_an_end_without_words_leaves_its_notes() -> None:
    held, first = ends(), lane(0)
    held.hold(payload(candidate("", 0, x=5), usageMetadata={"n": 1}), b"raw", [first])
    assert held.resume(first) == ({"x": 5}, None)
    assert held.loose


def test_the_last_chunk_tells_all_the_counts() -> None:
    held = ends()
    held.hold(payload(candidate("a", 0), usageMetadata={"n": 1}), b"raw 1", [lane(0)])
    held.hold(payload(candidate("b", 1)), b"raw 2", [lane(1)])
    held.ledger.count({"n": 2})
    held.loose = True
    first, (last, raw) = held.release()
    assert first[1] == b"raw 1"
    assert last["usageMetadata"] == {"n": 2}  # type: ignore[index]
    assert one(raw) == last
    assert held.repairs == {"usage_moved": 1}


def test_counts_are_merged() -> None:
    ledger = Ledger()
    assert Ledger().usage is None
    ledger.count({"promptTokenCount": 9, "candidatesTokenCount": None})
    ledger.count({"promptTokenCount": None, "candidatesTokenCount": 2})
    ledger.count(5)
    usage = ledger.usage
    assert usage is not None
    assert (usage.input_total, usage.output) == (9, 2)
    assert ledger.usage is usage
    ledger.count({"candidatesTokenCount": 3})
    assert usage.raw == {"promptTokenCount": 9, "candidatesTokenCount": 2}
    assert ledger.usage is not usage


def test_a_frame_is_one_line() -> None:
    assert written({"a": "\n"}) == b'data: {"a":"\\n"}\n\n'
    deep: Any = []
    for _ in range(300):
        deep = [deep]
    with pytest.raises(DecodeError):
        written({"a": deep})
