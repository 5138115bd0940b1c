"""Elements come out of both forms at every cut, and what is not JSON is told of."""

from __future__ import annotations

import json
import sys
from itertools import pairwise
from types import FrameType
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cliproxy_core.wire.jsonstream import ArrayWriter, Garbage, JsonStreamDecoder
from cliproxy_core.wire.sse import Oversize, SseDecoder, SseFrame, Truncated, encode


def frame(data: bytes) -> SseFrame:
    return SseFrame("", data, encode("", data))


def frames(*elements: bytes) -> list[Any]:
    return [frame(element) for element in elements]


def decode(*chunks: bytes, limit: int = 1 << 20) -> list[Any]:
    decoder = JsonStreamDecoder(limit)
    out: list[Any] = [item for chunk in chunks for item in decoder.feed(chunk)]
    return out + decoder.finish()


def bytewise(data: bytes) -> list[bytes]:
    return [data[i : i + 1] for i in range(len(data))]


def cut(data: bytes, at: list[int]) -> list[bytes]:
    edges = sorted({0, len(data), *(i % (len(data) + 1) for i in at)})
    return [data[a:b] for a, b in pairwise(edges)]


# Anything at all.

words = st.sampled_from(
    [
        *(b"[", b"]", b"{", b"}", b",", b":", b'"', b"\\", b"\n", b"\r", b" ", b"\t"),
        *(
            b'"a"',
            b'"\\""',
            b'"]\\\\"',
            b'{"a":[1]}',
            b"[{}]",
            b"12",
            b"-0.5e1",
            b"nul",
        ),
        *(b"true", b"\xef\xbb\xbf", b"\xef", b"\xff", b"\0", b"\n,\n", b"\xc3\xa9"),
    ]
)
streams = st.lists(words, max_size=24).map(b"".join)
cuts = st.lists(st.integers(0, 200), max_size=6)


@given(streams, cuts, st.sampled_from([0, 1, 3, 8, 1 << 20]))
@example(b"\xef\xbb", [], 8)
@example(b'["\\', [], 8)
@example(b"[[[]]]]", [], 8)
def test_chunking_never_shows(data: bytes, at: list[int], limit: int) -> None:
    whole = decode(data, limit=limit)
    assert decode(*cut(data, at), limit=limit) == whole
    assert decode(*bytewise(data), limit=limit) == whole


@given(streams)
def test_an_element_is_a_frame_of_an_event_stream(data: bytes) -> None:
    for item in decode(data):
        if isinstance(item, SseFrame):
            assert SseDecoder().feed(item.raw) == [item]


# Good JSON, as others write it.

scalars = st.none() | st.booleans() | st.integers() | st.text(max_size=8)
values = st.recursive(
    scalars | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=8,
)
layouts = st.sampled_from(
    [
        {"ensure_ascii": True},
        {"ensure_ascii": False},
        {"indent": 2},
        {"separators": (",", ":"), "ensure_ascii": False},
    ]
)
texts = st.tuples(values, layouts).map(lambda it: json.dumps(it[0], **it[1]).encode())
blanks = st.sampled_from([b"", b" ", b"\n", b"\r\n", b"\t \n"])


@given(st.lists(texts, max_size=4), blanks, blanks, cuts)
def test_an_array_is_its_elements(
    elements: list[bytes], before: bytes, after: bytes, at: list[int]
) -> None:
    inner = (before + b"," + after).join(elements)
    text = before + b"[" + after + inner + before + b"]" + after
    assert json.loads(text) == [json.loads(element) for element in elements]
    assert decode(*cut(text, at)) == frames(*elements)
    assert decode(*bytewise(text)) == frames(*elements)


@given(st.lists(texts, max_size=4), st.sampled_from([b"\n", b"\r\n", b" ", b"\n\n"]))
def test_documents_in_a_row_are_frames(elements: list[bytes], between: bytes) -> None:
    elements = [element for element in elements if element[:1] != b"["]
    text = b"".join(element + between for element in elements)
    assert decode(text) == frames(*elements)
    assert decode(text.removesuffix(between)) == frames(*elements)
    assert decode(*bytewise(text)) == frames(*elements)


@given(st.lists(texts, max_size=4), cuts)
def test_what_the_writer_writes_is_read_again(
    elements: list[bytes], at: list[int]
) -> None:
    writer = ArrayWriter()
    text = b"".join([*map(writer.write, elements), writer.close()])
    assert json.loads(text) == [json.loads(element) for element in elements]
    assert decode(*cut(text, at)) == frames(*elements)


WRITTEN = [
    ([],                     b"[]"),
    ([b"{}"],                b"[{}]"),
    ([b"{}", b"1", b'"x"'],  b'[{},\n1,\n"x"]'),
]  # fmt: skip


@pytest.mark.parametrize(("elements", "text"), WRITTEN)
def test_the_array_form(elements: list[bytes], text: bytes) -> None:
    writer = ArrayWriter()
    assert b"".join([*map(writer.write, elements), writer.close()]) == text
    assert decode(text) == frames(*elements)


# Shapes, one by one.

FIRST = Garbage("at the start of the array")
AFTER = Garbage("after an element of the array")
NEXT = Garbage("after a comma of the array")
END = Garbage("after the array")
START = Garbage("before the first element")
BETWEEN = Garbage("between documents")

SHAPES = [
    # what comes in                     what it is
    (b"",                               []),
    (b" \r\n\t",                        []),
    (b"[]",                             []),
    (b"\xef\xbb\xbf [ ] \n",            []),
    (b'[{"a":1}\n,\n{"b":[2]}]',        frames(b'{"a":1}', b'{"b":[2]}')),
    (b'[1,"a",null,[],{}, true ]',      frames(b"1", b'"a"', b"null", b"[]", b"{}",
                                               b"true")),
    (b'[{"a":"]}\\"[{"}]',              frames(b'{"a":"]}\\"[{"}')),
    (b'["\\\\","\\""]',                 frames(b'"\\\\"', b'"\\""')),
    (b'{"a":1}',                        frames(b'{"a":1}')),
    (b'\xef\xbb\xbf{"a":1}',            frames(b'{"a":1}')),
    (b'{"a":1}\n{"b":2}\n',             frames(b'{"a":1}', b'{"b":2}')),
    (b'{"a":1}{"b":2}',                 frames(b'{"a":1}', b'{"b":2}')),
    (b'{"a":1}\r\n\r\n{"b":2}',         frames(b'{"a":1}', b'{"b":2}')),
    (b'{} [] "x" 1 null\n2',            frames(b"{}", b"[]", b'"x"', b"1", b"null",
                                               b"2")),
    (b'{\r\n"a":\r1}',                  frames(b'{\n"a":\n1}')),

    # not JSON, but in the place of an element: whoever reads it will say so
    (b"[abc,{x}]",                      frames(b"abc", b"{x}")),
    (b"<html>\n",                       frames(b"<html>")),
    (b'abc{"a":1}',                     frames(b"abc", b'{"a":1}')),
    (b"[{]]",                           frames(b"{]")),
    (b"{ \xff }",                       frames(b"{ \xff }")),

    # nothing is an element there
    (b"[] x",                           [END]),
    (b"[1]]",                           [*frames(b"1"), END]),
    (b"[1][2]",                         [*frames(b"1"), END]),
    (b"[1] \n{}",                       [*frames(b"1"), END]),
    (b"[,1]",                           [FIRST]),
    (b"[}",                             [FIRST]),
    (b"[1 2]",                          [*frames(b"1"), AFTER]),
    (b"[{}{}]",                         [*frames(b"{}"), AFTER]),
    (b"[1}",                            [*frames(b"1"), AFTER]),
    (b"[1,]",                           [*frames(b"1"), NEXT]),
    (b"[1,,2]",                         [*frames(b"1"), NEXT]),
    (b"]",                              [START]),
    (b",",                              [START]),
    (b":1",                             [START]),
    (b"{}}",                            [*frames(b"{}"), BETWEEN]),
    (b"{},{}",                          [*frames(b"{}"), BETWEEN]),
    (b"1:2",                            [*frames(b"1"), BETWEEN]),
]  # fmt: skip


@pytest.mark.parametrize(("data", "items"), SHAPES)
def test_a_shape_is(data: bytes, items: list[Any]) -> None:
    assert decode(data) == items
    assert decode(*bytewise(data)) == items
    for i in range(len(data)):
        assert decode(data[:i], data[i:]) == items


def test_an_element_comes_out_with_its_last_byte() -> None:
    decoder = JsonStreamDecoder()
    assert decoder.feed(b'[{"a":1') == []
    assert decoder.feed(b"}") == frames(b'{"a":1}')
    assert decoder.feed(b",2") == []
    assert decoder.feed(b"]") == frames(b"2")
    assert decoder.finish() == []


ENDS = [
    # what is there at the close      what is told
    (b"[",                            [Truncated(0, None)]),
    (b"[1,",                          [Truncated(0, None)]),
    (b"[{}\n",                        [Truncated(0, None)]),
    (b"[12",                          [Truncated(2, None)]),
    (b"[true",                        [Truncated(4, None)]),
    (b'[{"a":"b',                     [Truncated(7, None)]),
    (b'["a\\',                        [Truncated(3, None)]),
    (b'{"a":',                        [Truncated(5, None)]),
    (b'"a',                           [Truncated(2, None)]),
    (b"\xef\xbb",                     [Truncated(2, None)]),
    (b"12",                           frames(b"12")),
    (b"-1.50e+7",                     frames(b"-1.50e+7")),
    (b"true",                         frames(b"true")),
    (b"1.",                           [Truncated(2, None)]),
    (b"-",                            [Truncated(1, None)]),
    (b"tru",                          [Truncated(3, None)]),
    (b"{}",                           []),
    (b"[]",                           []),
    (b"[]x",                          []),
]  # fmt: skip


@pytest.mark.parametrize(("data", "items"), ENDS)
def test_the_end_is_reported(data: bytes, items: list[Any]) -> None:
    decoder = JsonStreamDecoder()
    decoder.feed(data)
    assert decoder.finish() == items
    assert decoder.finish() == []
    assert decoder.feed(b'{"a":1}\n') == []


LIMITS = [
    # with a limit of eight bytes
    (b'[{"a":12},1]',          frames(b'{"a":12}', b"1")),
    (b'[{"a":123},1]',         [Oversize(8)]),
    (b'[1,{"a":123}]',         [*frames(b"1"), Oversize(8)]),
    (b'["123456"]',            frames(b'"123456"')),
    (b'["1234567"]',           [Oversize(8)]),
    (b'["1234567',             [Truncated(8, None)]),
    (b'["12345678',            [Oversize(8)]),
    (b"[12345678]",            frames(b"12345678")),
    (b"[123456789]",           [Oversize(8)]),
    (b"{        ",             [Oversize(8)]),
    (b"[         1         ]", frames(b"1")),
    (b"[[[[[[[[[",             [Truncated(8, None)]),
    (b"[[[[[[[[[[",            [Oversize(8)]),
]  # fmt: skip


@pytest.mark.parametrize(("data", "items"), LIMITS)
def test_the_limit_is_per_element(data: bytes, items: list[Any]) -> None:
    assert decode(data, limit=8) == items
    assert decode(*bytewise(data), limit=8) == items
    if Oversize(8) in items:
        assert decode(data, b"}]{}\n", limit=8) == items


# Work.


def work(chunks: list[bytes]) -> int:
    """All bytes that any call into C could look at while these are decoded."""
    decoder = JsonStreamDecoder()
    seen = 0

    def count(caller: FrameType, event: str, _: object) -> None:
        nonlocal seen
        if event == "c_call" and caller.f_code is not work.__code__:
            seen += 1
            seen += sum(len(v) for v in caller.f_locals.values() if type(v) is bytes)

    sys.setprofile(count)
    try:
        items = [item for chunk in chunks for item in decoder.feed(chunk)]
    finally:
        sys.setprofile(None)
    assert len(items) == 1
    assert all(len(chunk) <= 1 for chunk in decoder._held)
    return seen


ELEMENTS = [
    (b'[{"a":"', b"x", b'"}'),
    (b'[{"a":"', b"\\n", b'"}'),
    (b'[{"a":[', b'{"b":"c"},', b"1]}"),
    (b"[[", b"1,", b"1]"),
    (b'["', b"x", b'"'),
    (b"[", b"1", b","),
]


def growth(head: bytes, body: bytes, tail: bytes, size: int) -> float:
    """How much more work it is when the element is four times as long."""
    small = head + body * (size // 4 // len(body)) + tail
    large = head + body * (size // len(body)) + tail
    return work(bytewise(large)) / work(bytewise(small))


@pytest.mark.parametrize(("head", "body", "tail"), ELEMENTS)
def test_crumbs_cost_the_same_each(head: bytes, body: bytes, tail: bytes) -> None:
    assert growth(head, body, tail, 20_000) < 4.2


def test_many_crumbs_cost_the_same_each() -> None:
    assert growth(*ELEMENTS[0], 200_000) < 4.2


@pytest.mark.parametrize(("head", "body", "tail"), ELEMENTS)
def test_crumbs_make_the_element(head: bytes, body: bytes, tail: bytes) -> None:
    text = head + body * (200_000 // len(body)) + tail
    crumbs = [text[i : i + 64] for i in range(0, len(text), 64)]
    (item,) = JsonStreamDecoder().feed(text)
    decoder = JsonStreamDecoder()
    assert [it for crumb in crumbs for it in decoder.feed(crumb)] == [item]


def test_bodies_stay_out_of_what_is_printed() -> None:
    decoder = JsonStreamDecoder()
    (item,) = decoder.feed(b'["secret","secret')
    assert "secret" not in repr(decoder) + repr(item)
