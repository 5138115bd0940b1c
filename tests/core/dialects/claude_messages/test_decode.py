"""Legal payloads to neutral events."""

from __future__ import annotations

from typing import Any

import pytest

from cliproxy_core.base.ids import Ids
from cliproxy_core.dialects.claude_messages.decode import Decoder
from cliproxy_core.ir import stream as ev
from cliproxy_core.ir.citation import Citation
from cliproxy_core.ir.dialect import StreamContext
from cliproxy_core.ir.reasoning import Signature
from cliproxy_core.ir.usage import Usage
from tests.core.dialects.claude_messages.streams import payloads

NAME = "claude_messages"
START = ev.Started("msg_1", "claude-x")
FIRST = ev.UsageReported(Usage(input_uncached=3, output=1))
LAST = ev.UsageReported(Usage(input_uncached=3, output=9))


def context() -> StreamContext:
    return StreamContext(ids=Ids(b"test"), created=1, model="m")


def decode(*events: dict[str, Any]) -> list[ev.Event]:
    """All at once, and the same one by one."""
    legal = [(event, b"") for event in events]
    decoder = Decoder(context())
    one_by_one = [event for item in legal for event in decoder.feed([item])]
    assert Decoder(context()).feed(legal) == one_by_one
    return one_by_one


def block(content: dict[str, Any], *deltas: dict[str, Any]) -> list[ev.Event]:
    """The events of one block, without its end."""
    events = decode(
        {"type": "content_block_start", "index": 0, "content_block": content},
        *(
            {"type": "content_block_delta", "index": 0, "delta": delta}
            for delta in deltas
        ),
        {"type": "content_block_stop", "index": 0},
    )
    assert events[-1] == ev.BlockEnded(0)
    return events[:-1]


def test_a_whole_stream() -> None:
    story = (
        "message | ping | open 0 thinking | think 0 t | sign 0 s | close 0 "
        '| open 1 tool_use toolu_1 lookup | args 1 {"q": | args 1 1} | close 1 '
        "| open 2 text | text 2 hi | close 2 | new_event | end tool_use | over"
    )
    assert decode(*payloads(story)) == [
        START,
        FIRST,
        ev.Heartbeat(),
        ev.ReasoningStarted(0),
        ev.ReasoningDelta(0, "t"),
        ev.BlockSigned(0, Signature("s", NAME)),
        ev.BlockEnded(0),
        ev.ToolCallStarted(1, "toolu_1", "lookup"),
        ev.ToolCallDelta(1, '{"q":'),
        ev.ToolCallDelta(1, "1}"),
        ev.BlockEnded(1),
        ev.TextStarted(2),
        ev.TextDelta(2, "hi"),
        ev.BlockEnded(2),
        LAST,
        ev.Stopped(ev.Reason.TOOL_USE, "tool_use"),
        ev.Ended(),
    ]


def test_words_that_come_with_the_start() -> None:
    assert block({"type": "text", "text": "hi"}) == [
        ev.TextStarted(0),
        ev.TextDelta(0, "hi"),
    ]
    thinking = {"type": "thinking", "thinking": "hm", "signature": "s"}
    assert block(thinking) == [
        ev.ReasoningStarted(0),
        ev.ReasoningDelta(0, "hm"),
        ev.BlockSigned(0, Signature("s", NAME)),
    ]


def test_the_last_signature_counts() -> None:
    signed = [{"type": "signature_delta", "signature": text} for text in ("a", "b")]
    assert block({"type": "thinking", "thinking": "", "signature": ""}, *signed) == [
        ev.ReasoningStarted(0),
        ev.BlockSigned(0, Signature("b", NAME)),
    ]


def test_thinking_that_nobody_can_read() -> None:
    sealed = Signature("sealed", NAME)
    assert block({"type": "redacted_thinking", "data": "sealed"}) == [
        ev.RedactedReasoning(0, sealed)
    ]


def test_blocks_of_its_own() -> None:
    content: Any = {"type": "server_tool_use", "id": "s", "name": "w", "input": {}}
    delta: Any = {"type": "input_json_delta", "partial_json": "{}"}
    assert block(content, delta) == [
        ev.NativeStarted(0, NAME, content),
        ev.NativeDelta(0, delta),
    ]


def test_citations_and_deltas_that_nobody_knows() -> None:
    cited = {"type": "citations_delta", "citation": {"type": "char_location"}}
    spoilt = {"type": "citations_delta", "citation": None}
    unknown = {"type": "new_delta", "x": 1}
    assert block({"type": "text", "text": ""}, cited, spoilt, unknown) == [
        ev.TextStarted(0),
        ev.CitationAdded(0, Citation(dialect=NAME, raw={"type": "char_location"})),
    ]


@pytest.mark.parametrize("usage", [None, {}, {"output_tokens": 0}])
def test_usage_that_says_nothing(usage: Any) -> None:
    (end,) = payloads("end end_turn")
    assert decode(end | {"usage": usage}) == [ev.Stopped(ev.Reason.END, "end_turn")]


def test_the_stop_sequence_is_told() -> None:
    delta = {"stop_reason": "stop_sequence", "stop_sequence": "END"}
    assert decode({"type": "message_delta", "delta": delta}) == [
        ev.Stopped(ev.Reason.STOP_SEQUENCE, "stop_sequence", "END")
    ]
