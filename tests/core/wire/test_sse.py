"""The decoder against the standard's algorithm, whole and at every cut."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cliproxy_core.base.errors import LocalError
from cliproxy_core.wire.sse import (
    MAX_NAMES,
    Comment,
    Oversize,
    SseDecoder,
    SseFrame,
    Truncated,
    encode,
)

SUITE = json.loads(Path(__file__).with_name("eventsource.json").read_text())["cases"]


def frame(event: str, data: bytes) -> SseFrame:
    return SseFrame(event, data, encode(event, data))


def decode(*chunks: bytes, limit: int = 1 << 20) -> list[Any]:
    decoder = SseDecoder(limit)
    out: list[Any] = [item for chunk in chunks for item in decoder.feed(chunk)]
    return out + decoder.finish()


def bytewise(data: bytes) -> list[bytes]:
    return [data[i : i + 1] for i in range(len(data))]


def cut(data: bytes, at: list[int]) -> list[bytes]:
    edges = sorted({0, len(data), *(i % (len(data) + 1) for i in at)})
    return [data[a:b] for a, b in pairwise(edges)]


# The standard's algorithm, as plainly as it can be put (HTML, section 9.2.6).


def reference(data: bytes) -> list[Any]:
    out: list[Any] = []
    inner: list[Any] = []
    text = data.removeprefix(b"\xef\xbb\xbf")
    *lines, unfinished = text.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
    name, size = b"", 0
    values: list[bytes] | None = None

    def dispatch() -> SseFrame | None:
        if values is None:
            return None
        joined = b"\n".join(values)
        head = b"event: " + name + b"\n" if name else b""
        body = b"".join(b"data: " + v + b"\n" for v in joined.split(b"\n"))
        return SseFrame(name.decode("utf-8", "replace"), joined, head + body + b"\n")

    def take(line: bytes) -> None:
        nonlocal name, values
        key, _, value = line.partition(b":")
        value = value[1:] if value[:1] == b" " else value
        if key == b"data":
            values = [*(values or []), value]
        elif key == b"event":
            name = value

    for line in lines:
        if not line:
            out += inner
            inner = []
            done = dispatch()
            out += [done] if done else []
            name, values, size = b"", None, 0
        elif line[:1] == b":":
            value = line[1:].removeprefix(b" ").decode("utf-8", "replace")
            if size:
                inner.append(Comment(value))
                size += len(line) + 1
            else:
                out.append(Comment(value))
        else:
            take(line)
            size += len(line) + 1
    lost = size + len(unfinished)
    if lost:
        if unfinished[:1] != b":":
            take(unfinished)
        out.append(Truncated(lost, dispatch()))
    return out


words = st.sampled_from(
    [
        *(b"data", b"event", b"id", b":", b" ", b": ", b"x", b"\xc3\xa9", b"\xff"),
        *(b"\n", b"\r", b"\r\n", b"\n\n", b"\0", b"\xef\xbb\xbf", b"\xef", b"\xbb"),
        *(b"data: ", b"event: ", b"data: x\n\n", b"event: e\ndata: y\n\n", b": c\n\n"),
        *(b"event: \n", b"data:x\r\n\r\n", b"\xe2\x80\xa8", b"\n\n\n"),
    ]
)
streams = st.lists(words, max_size=24).map(b"".join)
cuts = st.lists(st.integers(0, 200), max_size=6)


@given(streams)
@example(b"data: x\n\n\ndata: y\n\n")
@example(b"\xef\xbb\xbf: c\ndata: x\n\n")
def test_it_agrees_with_the_standard(data: bytes) -> None:
    assert decode(data) == reference(data)
    assert decode(*bytewise(data)) == reference(data)


@given(streams, cuts, st.integers(0, 24))
def test_chunking_never_shows(data: bytes, at: list[int], limit: int) -> None:
    whole = decode(data, limit=limit)
    assert decode(*cut(data, at), limit=limit) == whole
    assert decode(*bytewise(data), limit=limit) == whole


@given(streams, cuts)
def test_raw_means_the_same_and_stays_as_it_is(data: bytes, at: list[int]) -> None:
    for item in decode(*cut(data, at)):
        if isinstance(item, SseFrame):
            (again,) = decode(item.raw)
            assert again == item


# The suite of the web platform.


def dispatched(items: list[Any]) -> list[dict[str, str]]:
    return [
        {"event": item.event or "message", "data": item.text}
        for item in items
        if isinstance(item, SseFrame)
    ]


@pytest.mark.parametrize("case", SUITE, ids=[case["name"] for case in SUITE])
def test_the_suite_holds_at_every_cut(case: dict[str, Any]) -> None:
    data = case["input"].encode()
    assert dispatched(decode(data)) == case["events"]
    assert dispatched(decode(*bytewise(data))) == case["events"]
    whole = decode(data)
    for i in range(len(data)):
        assert decode(data[:i], data[i:]) == whole


# Shapes, one by one.

SHAPES = [
    # what comes in                          what it is
    (b"data: x\n\n",                         [frame("", b"x")]),
    (b"data: x\n\ndata: y\n\n",              [frame("", b"x"), frame("", b"y")]),
    (b"event: e\ndata: x\n\n",               [frame("e", b"x")]),
    (b"event: e\ndata: x\n\n" * 2,           [frame("e", b"x")] * 2),
    (b"data: x\nevent: e\n\n",               [frame("e", b"x")]),
    (b"data: x\nevent: e\n\n" * 2,           [frame("e", b"x")] * 2),
    (b"event: e\ndata:x\n\n" * 2,            [frame("e", b"x")] * 2),
    (b"event:e\ndata: x\n\n" * 2,            [frame("e", b"x")] * 2),
    (b"event: \ndata: x\n\n" * 2,            [frame("", b"x")] * 2),
    (b"data: a\n\nevent: e\ndata: x\n\n",    [frame("", b"a"), frame("e", b"x")]),
    (b"data: a\ndata: b\n\n",                [frame("", b"a\nb")]),
    (b"data: a\r\n\r\ndata: b\r\r",          [frame("", b"a"), frame("", b"b")]),
    (b"data\n\n",                            [frame("", b"")]),
    (b"data: \n\n",                          [frame("", b"")]),
    (b"event: e\n\n",                        []),
    (b"id: 1\nretry: 2\n\n",                 []),
    (b": c\n\n",                             [Comment("c")]),
    (b":c\n:  d\ndata: x\n\n",               [Comment("c"), Comment(" d"),
                                              frame("", b"x")]),
    (b"data: x\n: c\n\n",                    [Comment("c"), frame("", b"x")]),
    (b"data: x\n\n: c\n\ndata: y\n\n",       [frame("", b"x"), Comment("c"),
                                              frame("", b"y")]),
    (b"\xef\xbb\xbfdata: x\n\n",             [frame("", b"x")]),
    (b"data: \xff\n\n",                      [frame("", b"\xff")]),
    (b"data: a\0b\n\n",                      [frame("", b"a\0b")]),
]  # fmt: skip


@pytest.mark.parametrize(("data", "items"), SHAPES)
def test_a_shape_is(data: bytes, items: list[Any]) -> None:
    assert decode(data) == items
    assert decode(*bytewise(data)) == items


ENDS = [
    # what is there at the close       what is lost    what it would have been
    (b"",                              0,              None),
    (b"data: x\n\n",                   0,              None),
    (b"data: x",                       7,              frame("", b"x")),
    (b"data: x\n",                     8,              frame("", b"x")),
    (b"event: e\ndata: x\r",           17,             frame("e", b"x")),
    (b"event: e\n",                    9,              None),
    (b": c",                           3,              None),
    (b": c\n",                         0,              None),
    (b"\xef\xbb",                      2,              None),
    (b"dat",                           3,              None),
]  # fmt: skip


@pytest.mark.parametrize(("data", "lost", "item"), ENDS)
def test_the_end_is_reported(data: bytes, lost: int, item: SseFrame | None) -> None:
    decoder = SseDecoder()
    decoder.feed(data)
    assert decoder.finish() == ([Truncated(lost, item)] if lost else [])
    assert decoder.finish() == []
    assert decoder.feed(b"data: x\n\n") == []


LIMITS = [
    # with a limit of eight bytes
    (b"data: xy\n\n",                    [frame("", b"xy")]),
    (b"data: xyz\n\n",                   [Oversize(8)]),
    (b"data: xy\n\ndata: xyz\n\n",       [frame("", b"xy"), Oversize(8)]),
    (b"data: xyz\n\ndata: x\n\n",        [Oversize(8)]),
    (b"data:x\nd\n\n",                   [frame("", b"x")]),
    (b"data:x\nda\n\n",                  [Oversize(8)]),
    (b"data: x\nd",                      [Oversize(8)]),
    (b"data: xyz",                       [Oversize(8)]),
    (b": 345678\n\n" * 3,                [Comment("345678")] * 3),
    (b": 3456789\n",                     [Oversize(8)]),
    (b": 3456789",                       [Oversize(8)]),
    (b"data: xyz\n\n: c\n: d",         [Oversize(8)]),
    (b"data: xy\n\n: 3456789\n",         [frame("", b"xy"), Oversize(8)]),
]  # fmt: skip


@pytest.mark.parametrize(("data", "items"), LIMITS)
def test_the_limit_is_per_event(data: bytes, items: list[Any]) -> None:
    assert decode(data, limit=8) == items
    assert decode(*bytewise(data), limit=8) == items
    doubled = [*bytewise(data), b"data: x\n\n"]
    if Oversize(8) in items:
        assert decode(*doubled, limit=8) == items


def test_a_frame_made_of_crumbs_comes_out_whole() -> None:
    text = b"data: " + b"x" * 100_000 + b"\n\n"
    crumbs = [text[i : i + 64] for i in range(0, len(text), 64)]
    assert decode(*crumbs) == [frame("", b"x" * 100_000)]


def test_what_passes_through_unchanged_is_not_written_anew() -> None:
    text = b"event: e\ndata: x\n\n"
    (item,) = SseDecoder().feed(text)
    assert isinstance(item, SseFrame)
    assert item.raw == text


def test_many_names_are_not_all_remembered() -> None:
    decoder = SseDecoder()
    names = [f"name-{i}" for i in range(3 * MAX_NAMES)] + ["long" * 100]
    text = b"".join(encode(name, b"x") for name in names)
    assert [f.event for f in decoder.feed(text) if isinstance(f, SseFrame)] == names
    assert len(decoder._names) == MAX_NAMES


def test_bodies_stay_out_of_what_is_printed() -> None:
    decoder = SseDecoder()
    (item,) = decoder.feed(b"event: e\ndata: secret\n\n")
    decoder.feed(b": secret\n\nevent: secret")
    assert repr(item) == "SseFrame(event='e')"
    assert "secret" not in repr(decoder) + repr(Comment("secret"))


ENCODED = [
    ("",  b"x",          b"data: x\n\n"),
    ("e", b"x",          b"event: e\ndata: x\n\n"),
    ("",  b"",           b"data: \n\n"),
    ("e", b"a\nb",       b"event: e\ndata: a\ndata: b\n\n"),
    ("",  b"a\r\nb\rc",  b"data: a\ndata: b\ndata: c\n\n"),
]  # fmt: skip


@pytest.mark.parametrize(("event", "data", "text"), ENCODED)
def test_encode(event: str, data: bytes, text: bytes) -> None:
    assert encode(event, data) == text
    lines = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    assert decode(text) == [SseFrame(event, lines, text)]


@pytest.mark.parametrize("event", ["a\nb", "a\r", "\n"])
def test_a_name_of_two_lines_is_our_own_bug(event: str) -> None:
    with pytest.raises(LocalError, match="more than one line"):
        encode(event, b"x")


def test_single_events_one_after_another_and_of_other_names() -> None:
    decoder = SseDecoder()
    long = b"event: " + b"n" * 200
    for head, name in (
        (b"", ""),
        (b"event: a\n", "a"),
        (b"event: a\n", "a"),
        (b"event: b\n", "b"),
        (long + b"\n", "n" * 200),
        (b"", ""),
    ):
        raw = head + b"data: x\n\n"
        assert decoder.feed(raw) == [SseFrame(name, b"x", raw)]
    assert decoder.feed(b"data: x\ndata: y\n\n") == [
        SseFrame("", b"x\ny", b"data: x\ndata: y\n\n")
    ]
