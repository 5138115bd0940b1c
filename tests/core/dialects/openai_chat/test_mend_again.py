"""The ordinary delta, and the same once more."""

from __future__ import annotations

from collections import Counter
from typing import Any

import orjson
import pytest

from cliproxy_core.base.ids import Ids
from cliproxy_core.dialects.openai_chat.mend import ChatMender
from cliproxy_core.dialects.openai_chat.mend_again import Again, again, ordinary
from cliproxy_core.dialects.openai_chat.mend_around import Names
from cliproxy_core.dialects.openai_chat.mend_delta import Lane
from cliproxy_core.ir.dialect import Mended, StreamContext
from cliproxy_core.ir.pattern import MAX_PATTERNS
from cliproxy_core.wire.sse import SseFrame, encode

CONTEXT = StreamContext(ids=Ids(b"i"), created=1, model="m")


def chunk(delta: Any, **more: Any) -> Any:
    choice = {"index": 0, "delta": delta, "finish_reason": None}
    around = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m"}
    return {**around, "choices": [choice], **more}


def frame(payload: Any, event: str = "") -> SseFrame:
    data = payload if isinstance(payload, bytes) else orjson.dumps(payload)
    return SseFrame(event, data, encode(event, data))


def started() -> ChatMender:
    mender = ChatMender(CONTEXT)
    mender.feed([frame(chunk({"role": "assistant", "content": ""}))])
    return mender


def fed(mender: ChatMender, *frames: SseFrame) -> Mended:
    mended = mender.feed(frames)
    for payload, raw in mended.legal:
        assert raw == frame(raw[6:-2]).raw
        assert orjson.loads(raw[6:-2]) == payload
    return mended


@pytest.mark.parametrize(
    ("payload", "event", "found"),
    [
        (chunk({"content": "a"}), "", True),
        (chunk({"content": "a", "refusal": None}), "", True),
        (chunk({"content": "a"}, system_fingerprint="f"), "", True),
        (chunk({"content": "a"}), "named", False),
        (chunk({"content": "a"}, usage={}), "", False),
        (chunk({"content": "a"}, id="d"), "", False),
        (chunk({"content": "a", "role": "assistant"}), "", False),
        (chunk("a"), "", False),
        (chunk("ab"), "", False),
        ([], "", False),
    ],
)
def test_what_is_ordinary(payload: Any, event: str, found: bool) -> None:
    repairs: Counter[str] = Counter()
    names = Names(CONTEXT, repairs)
    names.mend(chunk({}))
    ready = {0: Lane(0, CONTEXT.ids, repairs)}
    assert (ordinary(frame(payload, event), payload, ready, names) is not None) is found


def test_a_twin_has_other_words_and_nothing_else() -> None:
    mender = started()
    fed(mender, frame(chunk({"content": "a"}, extra=1)))
    same = mender._same
    assert isinstance(same, Again)
    assert same.twin("b") == chunk({"content": "b"}, extra=1)
    assert same.twin("c") == chunk({"content": "c"}, extra=1)


def test_more_of_the_same_passes_as_it_came() -> None:
    mender = started()
    words = [frame(chunk({"content": word})) for word in ("a", 'q"', "\n", "", "é")]
    mended = fed(mender, *words)
    assert [raw for _, raw in mended.legal] == [word.raw for word in words]
    assert mended.content
    assert not mender.repairs


def test_what_only_looks_the_same_is_read_in_full() -> None:
    mender = started()
    fed(mender, frame(chunk({"content": "a"})))
    twice = orjson.dumps(chunk({"content": "b"})).replace(b'"b"', b'"b","content":"c"')
    (payload, _) = fed(mender, frame(twice)).legal[0]
    assert payload == chunk({"content": "c"})
    broken = orjson.dumps(chunk({"content": "b"})).replace(b'"b"', b"b")
    assert fed(mender, frame(broken)).failure is not None


def test_reasoning_is_noted_though_it_is_the_same() -> None:
    mender = started()
    fed(mender, *(frame(chunk({"reasoning": word})) for word in "abc"))
    assert mender._lanes[0].thoughts == ["a", "b", "c"]


def test_a_held_finish_ends_a_pattern() -> None:
    mender = started()
    finish = chunk({})
    finish["choices"][0]["finish_reason"] = "stop"
    mended = fed(
        mender,
        frame(chunk({"content": "a"})),
        frame(finish),
        frame(chunk({"content": "b"})),
    )
    assert len(mended.legal) == 2
    assert mender.repairs == {"content_after_finish": 1}


def test_patterns_are_not_looked_for_without_end() -> None:
    mender = started()
    for number in range(MAX_PATTERNS + 5):
        mended = fed(mender, frame(chunk({"content": "a"}, padding="x" * number)))
        assert len(mended.legal) == 1
    assert mender._patterns == MAX_PATTERNS


def test_no_pattern_without_the_words() -> None:
    names = Names(CONTEXT, Counter())
    names.mend(chunk({}))
    payload = chunk({"content": "A"})
    ready = {0: Lane(0, CONTEXT.ids, Counter())}
    found = ordinary(frame(payload), payload, ready, names)
    assert found is not None
    escaped = orjson.dumps(payload).replace(b'"A"', b'"\\u0041"')
    assert again(escaped, found, payload) is None
