"""Whatever an upstream answers: what comes decides, not what was asked for."""

from __future__ import annotations

import pytest

from cliproxy_core.dialects import DIALECTS
from cliproxy_core.ir.failure import Failure, Kind
from cliproxy_core.ir.request import Tool, ToolKind
from cliproxy_core.testing.cuts import bytewise, every_cut
from cliproxy_core.testing.demo_plan import Call, Plan
from cliproxy_core.translate.answer import Answer, StreamEnded, StreamFailed
from cliproxy_core.translate.names import ToolNames
from tests.core.translate.streams import (
    PAIRS,
    context,
    document,
    frames,
    hear,
    is_legal,
)

pairs = pytest.mark.parametrize(("down", "up"), PAIRS)
wishes = pytest.mark.parametrize("streams", [True, False])
BROKEN = Failure(kind=Kind.RESET, status=502, message="it broke")


def whole_stream(name: str, plan: Plan) -> bytes:
    return b"".join(frames(name, plan))


def answer(down: str, up: str, *, streams: bool = True) -> Answer:
    return Answer(DIALECTS[up], DIALECTS[down], context(), streams)


@pairs
@wishes
@pytest.mark.parametrize(
    "lead", [b"", b"\xef\xbb\xbf", b"\n\n", b"\xef\xbb\xbf \r\n\t"]
)
@pytest.mark.parametrize("form", ["stream", "document"])
def test_what_comes_decides(
    down: str, up: str, streams: bool, lead: bytes, form: str
) -> None:
    text = document(up) if form == "document" else b"".join(frames(up))
    said, failure = hear(answer(down, up, streams=streams), [lead + text])
    assert failure is None
    assert said.startswith(b"{") is not streams
    assert not streams or is_legal(DIALECTS[down], said)
    pieces = bytewise(lead + text)
    assert hear(answer(down, up, streams=streams), pieces) == (said, failure)


@pairs
def test_no_cut_in_two_shows(down: str, up: str) -> None:
    text = b"\n" + b"".join(frames(up)[:5]) + DIALECTS[up].fail(BROKEN)
    whole = hear(answer(down, up), [text])
    for pieces in every_cut(text):
        assert hear(answer(down, up), pieces) == whole


@pairs
@wishes
@pytest.mark.parametrize("text", [b"", b" \n", b"\xef\xbb\xbf"])
def test_nothing_is_a_failure(down: str, up: str, streams: bool, text: bytes) -> None:
    said, failure = hear(answer(down, up, streams=streams), [text])
    assert said == b""
    assert failure is not None
    assert failure.kind is Kind.EMPTY


@pytest.mark.parametrize("up", DIALECTS)
@pytest.mark.parametrize("text", [b"", b'{"error":{"message":"busy"}}'])
def test_a_failure_before_any_word_has_a_beginning(up: str, text: bytes) -> None:
    """Readers of Responses break off at a stream that begins with anything else."""
    one = answer("openai_responses", up)
    hear(one, [text])
    assert one.fail(BROKEN).startswith(b"event: response.created\n")
    assert is_legal(DIALECTS["openai_responses"], one.fail(BROKEN))


@pairs
@pytest.mark.parametrize("text", [b"<html>busy</html>", b"busy\n\n", b"0", b'"x"'])
def test_neither_stream_nor_document(down: str, up: str, text: bytes) -> None:
    for streams in (True, False):
        _, failure = hear(answer(down, up, streams=streams), [text])
        assert failure is not None


@pairs
def test_nothing_comes_after_the_end(down: str, up: str) -> None:
    ended = answer(down, up)
    produced = ended.feed(b"".join(frames(up)))
    if up == "gemini":  # only its silence is an end
        produced += ended.finish()
    assert isinstance(produced[-1], StreamEnded)
    failed = answer(down, up)
    assert isinstance(failed.feed(DIALECTS[up].fail(BROKEN))[-1], StreamFailed)
    never = answer(down, up)
    assert isinstance(never.finish()[-1], StreamFailed)
    for over in (ended, failed, never):
        assert over.feed(b"".join(frames(up))) == []
        assert over.finish() == []


@pairs
def test_usage_and_repairs_before_and_after(down: str, up: str) -> None:
    one = answer(down, up)
    assert one.usage is None
    assert not one.repairs
    hear(one, frames(up))
    assert one.usage is not None


@pairs
def test_a_failure_can_be_said_at_any_time(down: str, up: str) -> None:
    one = answer(down, up)
    assert is_legal(DIALECTS[down], one.fail(BROKEN))
    one.feed(frames(up)[0])
    assert is_legal(DIALECTS[down], one.fail(BROKEN))


@wishes
@pytest.mark.parametrize("form", ["stream", "document"])
def test_a_call_without_a_name_can_mean_one_tool(streams: bool, form: str) -> None:
    plan = Plan(model="m", calls=(Call("", {"input": "pwd"}),))
    make = document if form == "document" else whole_stream
    one = answer("openai_responses", "openai_chat", streams=streams)
    one.names = ToolNames.of([(Tool(name="exec", kind=ToolKind.CUSTOM), "exec")])
    said, failure = hear(one, [make("openai_chat", plan)])
    assert failure is None
    assert b'"name":"exec"' in said
    assert b'"input":"pwd"' in said
