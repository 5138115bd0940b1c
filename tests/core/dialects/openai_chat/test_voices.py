"""Words of one kind wait for each other; nothing else does."""

from __future__ import annotations

import orjson

from cliproxy_core.dialects.openai_chat import DIALECT
from cliproxy_core.dialects.openai_chat.voices import Voices
from cliproxy_core.ir import stream as ev
from tests.core.dialects.openai_chat.streams import context


def test_one_of_a_kind_and_candidate_speaks() -> None:
    voices = Voices()
    assert voices.begins(ev.TextStarted(0))
    assert voices.begins(ev.ReasoningStarted(1))
    assert voices.begins(ev.TextStarted(2, 1))
    late = ev.TextStarted(3)
    assert not voices.begins(late)
    assert voices.keeps(ev.TextDelta(3, "x"))
    assert not voices.keeps(ev.TextDelta(0, "y"))
    assert not voices.keeps(ev.Heartbeat())
    assert voices.ends(1) == []
    assert voices.ends(9) == []
    assert voices.ends(0) == [late, ev.TextDelta(3, "x")]


def test_two_messages_side_by_side_are_not_mixed() -> None:
    events: list[ev.Event] = [
        ev.Started("i", "m"),
        ev.TextStarted(0),
        ev.TextStarted(1),
        ev.TextDelta(1, "Wor"),
        ev.TextDelta(0, "Hel"),
        ev.ToolCallStarted(2, "c", "f"),
        ev.TextDelta(1, "ld"),
        ev.BlockEnded(1),
        ev.TextDelta(0, "lo"),
        ev.BlockEnded(2),
        ev.BlockEnded(0),
        ev.Stopped(ev.Reason.TOOL_USE),
        ev.Ended(),
    ]
    for pieces in ([events], [[event] for event in events]):
        encoder = DIALECT.encoder(context())
        frames = [frame for piece in pieces for _, frame in encoder.feed(piece)]
        assert words(frames) == "HelloWorld"


def words(frames: list[bytes]) -> str:
    payloads = [
        orjson.loads(frame[6:]) for frame in frames if not frame.startswith(b"data: [")
    ]
    deltas = [c["delta"] for payload in payloads for c in payload["choices"]]
    return "".join(delta.get("content") or "" for delta in deltas)
