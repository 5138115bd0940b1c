"""Captures are judged as they came: which frame, where, which rule."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cliproxy_core.dialects import DIALECTS
from cliproxy_core.testing.cuts import cut
from cliproxy_core.translate import Answer
from cliproxy_core.translate.lint import Finding, Linter
from cliproxy_core.wire.sse import MAX_EVENT_BYTES
from tests.core.translate import streams

ERROR = b'event: error\ndata: {"type":"error","error":{"type":"e","message":"no"}}\n\n'


def capture(name: str) -> list[bytes]:
    """A legal stream of any dialect, as frames."""
    body = b"".join(streams.frames("openai_chat"))
    answer = Answer(
        DIALECTS["openai_chat"], DIALECTS[name], streams.context(), streams=True
    )
    said, failure = streams.hear(answer, [body])
    assert failure is None
    return [frame + b"\n\n" for frame in said.split(b"\n\n") if frame]


def lint(name: str, data: bytes) -> tuple[Linter, list[Finding]]:
    linter = Linter(DIALECTS[name])
    return linter, linter.feed(data) + linter.finish()


def array(frames: list[bytes]) -> bytes:
    elements = [frame.removeprefix(b"data: ").strip() for frame in frames]
    return b"[" + b"\r\n,\r\n".join(elements) + b"]\n"


@pytest.mark.parametrize("name", DIALECTS)
def test_what_our_encoders_write_is_legal(name: str) -> None:
    frames = capture(name)
    linter, findings = lint(name, b"".join(frames))
    assert findings == []
    assert (linter.legal, linter.frames) == (True, len(frames))
    assert (linter.repairs, linter.failure) == ([], None)


def test_an_array_of_gemini_is_legal_too() -> None:
    linter, findings = lint("gemini", b"\xef\xbb\xbf \r\n" + array(capture("gemini")))
    assert findings == []
    assert linter.frames == len(capture("gemini"))


@pytest.mark.parametrize("name", DIALECTS)
def test_a_stream_that_ends_early_is_not_legal(name: str) -> None:
    frames = capture(name)[:-1]
    linter, findings = lint(name, b"".join(frames))
    if name == "openai_chat":  # the end mark is all that is missing
        assert [r.name for r in linter.repairs] == ["end_missing"]
    assert [f.rule for f in findings] == ["the stream ends before it is complete"]
    assert findings[0].offset == len(b"".join(frames))
    assert findings[0].frame == len(frames)


@pytest.mark.parametrize("name", sorted({*DIALECTS} - {"gemini"}))
def test_one_missing_frame_is_one_finding(name: str) -> None:
    """The first frame tells what the rest hangs on; the mender knows how to go on."""
    frames = capture(name)[1:]
    linter, findings = lint(name, b"".join(frames))
    assert (findings[0].frame, findings[0].offset) == (1, 0)
    assert "not allowed before" in findings[0].rule
    assert findings[0].mended
    assert len(findings) == 1
    assert not linter.legal


def test_a_finding_has_its_place() -> None:
    frames = capture("claude_messages")
    lost = frames.index(next(f for f in frames if b"content_block_stop" in f))
    before = b"".join(frames[:lost]) + b": a comment\r\n\r\n"
    after = frames[lost + 1].replace(b"\n", b"\r\n")
    rest = b"".join(frames[lost + 2 :])
    linter, findings = lint("claude_messages", before + after + rest)
    assert findings[0] == Finding(
        frame=lost + 1,
        offset=len(before),
        event="content_block_start",
        rule="content_block_start: not allowed inside a block",
        mended=("stop_added",),
    )
    (repair,) = linter.repairs
    assert (repair.name, repair.times) == ("stop_added", 1)
    assert (repair.frame, repair.offset) == (lost + 1, len(before))


CHUNK = b'{"choices":[{"index":0,"delta":{"role":"assistant","content":"SECRET"}}]}'
TEXT = b'data: {"type":"response.output_text.delta","delta":"SECRET"}'
ODD = [
    # dialect, bytes, event, rule of the first finding
    ("openai_chat", b"data: {SECRET\n\n", "", "its data: not JSON at byte 1"),
    ("openai_chat", b'data: "SECRET"\n\n', "", "its data: expected an object, got a s"),
    ("openai_chat", b"data: " + CHUNK + b"\n", "", "the stream ends within this event"),
    ("openai_chat", b"data", "", "the stream ends within this event"),
    ("openai_chat", b"data: \xff\n\n", "", "its data: not JSON at byte 0"),
    ("claude_messages", b"data: [DONE]\n\n", "[DONE]", "[DONE]: not allowed"),
    ("gemini", b"data: [DONE]\n\n", "[DONE]", "[DONE]: no event of this dialect"),
    ("gemini", b": SECRET\n\n", "", "a comment, which breaks clients"),
    ("gemini", b"[{", "", "the stream ends within this event"),
    ("gemini", b"[}", "", "its data: not JSON at byte 0"),
    ("claude_messages", b'data: {"type":"ping"}\n\n', "ping", "its event line is mis"),
    (
        "claude_messages",
        b'event: \x1b[2J\ndata: {"type":"ping"}\n\n',
        "(no plain name)",
        "its name is not its type",
    ),
    (
        "openai_responses",
        b"event: response.output_text.delta\n" + TEXT + b"\n\n",
        "response.output_text.delta",
        "response.output_text.delta: its index is missing, or is none",
    ),
]


@pytest.mark.parametrize(("name", "data", "event", "rule"), ODD)
def test_what_can_be_wrong(name: str, data: bytes, event: str, rule: str) -> None:
    linter, findings = lint(name, data)
    assert findings[0].event == event
    assert findings[0].rule.startswith(rule)
    assert not linter.legal
    assert "SECRET" not in str(findings)


def test_an_event_that_is_too_long() -> None:
    linter = Linter(DIALECTS["openai_chat"])
    findings = linter.feed(b"data: ") + linter.feed(b"x" * MAX_EVENT_BYTES)
    assert [f.rule for f in findings] == [
        f"an event of more than {MAX_EVENT_BYTES} bytes"
    ]


def test_an_error_that_is_told_is_legal() -> None:
    linter, findings = lint("claude_messages", capture("claude_messages")[0] + ERROR)
    assert findings == []
    assert linter.failure is not None
    assert linter.failure.message == "no"


def test_what_cannot_be_mended_is_not_legal() -> None:
    """The grammar has nothing against it, but no caller could use it."""
    *frames, last = capture("openai_responses")
    last = last.replace(b'"status":"completed"', b'"status":"cancelled"')
    linter, findings = lint("openai_responses", b"".join([*frames, last]))
    assert linter.failure is not None
    assert [f.rule for f in findings] == [linter.failure.message]
    assert findings[0].frame == len(frames) + 1


def test_repairs_alone_are_no_fault() -> None:
    frames = capture("openai_chat")
    data = b"".join(frames).replace(b'"object":"chat.completion.chunk",', b"")
    linter, findings = lint("openai_chat", data)
    assert findings == []
    assert [r.frame for r in linter.repairs] == [1]


def test_nothing_is_no_stream() -> None:
    for data in (b"", b"\r\n \n", b"hello\n", b"HTTP/1.1 200 OK\r\n\r\n"):
        linter, findings = lint("openai_chat", data)
        assert linter.frames == 0
        assert findings


PIECES = st.lists(
    st.sampled_from(
        [
            *capture("claude_messages"),
            *[frame.replace(b"\n", b"\r\n") for frame in capture("gemini")],
            b"\n",
            b"\r",
            b": c\r\n",
            b"data: {\r\r",
            b"data: [DONE]\n\n",
            b"[",
            b",",
            b'{"a":"}"}',
        ]
    ),
    max_size=8,
).map(b"".join)


@given(st.sampled_from(sorted(DIALECTS)), PIECES, st.lists(st.integers(0, 2000)))
def test_cuts_never_show(name: str, data: bytes, at: list[int]) -> None:
    whole, findings = lint(name, data)
    for pieces in (cut(data, at), [data[i : i + 1] for i in range(len(data))]):
        linter = Linter(DIALECTS[name])
        found = [f for piece in pieces for f in linter.feed(piece)]
        assert found + linter.finish() == findings
        assert linter.repairs == whole.repairs
        assert (linter.frames, linter.legal) == (whole.frames, whole.legal)


# Each of them lacks its event line, which is a finding.
PINGS = [b'data: {"type":"ping"}', b'id: 1\ndata: {"type":\ndata: "ping"}']
BETWEEN = [b"", b"\n", b": c\n", b": c\n\n\n"]


@given(
    st.lists(st.tuples(st.sampled_from(BETWEEN), st.sampled_from(PINGS)), max_size=4),
    st.sampled_from([b"\n", b"\r\n", b"\r"]),
)
def test_a_place_is_where_an_event_begins(
    pairs: list[tuple[bytes, bytes]], end: bytes
) -> None:
    data, places = b"", []
    for between, ping in pairs:
        data += between.replace(b"\n", end)
        places.append(len(data))
        data += (ping + b"\n\n").replace(b"\n", end)
    _, findings = lint("claude_messages", data)
    found = [f for f in findings if f.rule == "its event line is missing"]
    assert [f.offset for f in found] == places
    assert [f.frame for f in found] == list(range(1, len(places) + 1))


@pytest.mark.parametrize("blank", [b"", b"\r\n \n", b"\xef\xbb\xbf"])
def test_elements_have_places_too(blank: bytes) -> None:
    data = blank + b'[ {"x":1},\n\t{"error":{"message":"no"}} ,{"x":3}]'
    _, findings = lint("gemini", data)
    assert [(f.frame, f.offset, f.rule) for f in findings] == [
        (3, data.index(b'{"x":3'), "meta: after the end")
    ]
