"""What upstreams really send: repaired on both lanes, or a failure in plain words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cliproxy_core.dialects.openai_chat import DIALECT
from cliproxy_core.ir.failure import Kind
from cliproxy_core.wire.sse import Oversize, SseDecoder
from tests.core.dialects.openai_chat.streams import (
    DONE,
    NAMES,
    call,
    chunk,
    context,
    data,
    finish,
    frames,
    payloads,
    said,
    send,
)

ROLE = chunk({"role": "assistant", "content": ""})
HI = chunk({"content": "hi"})
OPEN = chunk({"tool_calls": [call(id="a", type="function", name="f")]})
USAGE = {"prompt_tokens": 10, "completion_tokens": 4, "total_tokens": 14}
COUNTED = data(
    {
        "id": "c1",
        "object": "chat.completion.chunk",
        "created": 7,
        "model": "m",
        "choices": [],
        "usage": USAGE,
    }
)

NOTE = {"type": "url_citation", "url_citation": {"url": "u"}}
IMAGE = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA=="}}

# Streams in good order: they pass byte for byte, whatever else is in them.
LEGAL = {
    "text": [ROLE, HI, HI, finish(), DONE],
    "usage": [ROLE, HI, finish(), COUNTED, DONE],
    "null usage": [ROLE, HI.replace(b'"m"', b'"m","usage":null'), finish(), DONE],
    "obfuscation": [ROLE, HI.replace(b'"m"', b'"m","obfuscation":"x"'), finish(), DONE],
    "reasoning": [ROLE, chunk({"reasoning_content": "hm"}), HI, finish(), DONE],
    "openrouter": [ROLE, chunk({"reasoning": "hm"}), HI, finish(), DONE],
    "a call": [
        ROLE,
        OPEN,
        chunk({"tool_calls": [call(0, "{}")]}),
        finish("tool_calls"),
        DONE,
    ],
    "a cut call": [
        ROLE,
        OPEN,
        chunk({"tool_calls": [call(0, "{")]}),
        finish("length"),
        DONE,
    ],
    "sources and pictures": [
        ROLE,
        HI,
        chunk({"annotations": [{**NOTE, "index": 0}]}),
        chunk({"annotations": [{**NOTE, "index": 1}], "content": "x"}),
        chunk({"images": [{**IMAGE, "index": 0}]}),
        finish(),
        DONE,
    ],
    "sound": [
        ROLE,
        chunk({"audio": {"id": "a", "transcript": "hi"}}),
        chunk({"audio": {"data": "AA"}}),
        chunk({"audio": {"expires_at": 5}}),
        finish(),
        DONE,
    ],
    "probabilities": [
        ROLE,
        chunk({"content": "a"}, logprobs={"content": []}),
        chunk({"content": "b"}, logprobs=None),
        finish(),
        DONE,
    ],
    "azure": [
        data({"id": "", "object": "", "choices": [], "prompt_filter_results": []}),
        ROLE,
        HI,
        finish(),
        DONE,
    ],
    "null fields": [
        ROLE,
        chunk({"content": None, "reasoning_content": "t", "refusal": None}),
        chunk({"content": None, "reasoning_content": "u"}),
        chunk({"content": "a", "reasoning_content": None}),
        finish(),
        DONE,
    ],
    "event lines": [ROLE, b"event: chunk\n" + HI, finish(), DONE],
    "two candidates": [
        ROLE,
        chunk({"role": "assistant", "content": ""}, index=1),
        HI,
        chunk({"content": "ho"}, index=1),
        finish(),
        chunk({"content": "ho"}, index=1),
        finish("length", index=1),
        DONE,
    ],
    "changing time": [ROLE, HI.replace(b":7", b":8"), finish(), DONE],
    "refusal": [ROLE, chunk({"refusal": "no"}), finish(), DONE],
    "custom tool": [
        ROLE,
        chunk(
            {
                "tool_calls": [
                    {
                        "index": 0,
                        "id": "a",
                        "type": "custom",
                        "custom": {"name": "f", "input": "{x"},
                    }
                ]
            }
        ),
        finish("tool_calls"),
        DONE,
    ],
}


@pytest.mark.parametrize("stream", LEGAL.values(), ids=LEGAL)
def test_what_is_legal_is_not_touched(stream: list[bytes]) -> None:
    out = send(*stream)
    assert out.native == b"".join(stream)
    assert (out.repairs, out.failure, out.complete) == ({}, None, True)


@pytest.mark.parametrize("stream", LEGAL.values(), ids=LEGAL)
def test_how_it_was_cut_never_shows(stream: list[bytes]) -> None:
    whole, single = send(*stream), send(*stream, reads=1)
    assert (single.native, single.events) == (whole.native, whole.events)


# Name -> stream, what is said in the end, the repairs that are made.
MENDED = {
    "sources without a number": (
        [ROLE, HI, chunk({"annotations": [NOTE, 5]}), finish(), DONE],
        [["hi", "end"]],
        {"annotations_unnumbered"},
    ),
    "pictures after the finish": (
        [ROLE, HI, finish(), chunk({"images": [{**IMAGE, "index": 0}]}), DONE],
        [["hi", "MediaPart", "end"]],
        {"content_after_finish", "finish_missing"},
    ),
    "sound whose end comes after the finish": (
        [
            ROLE,
            chunk({"audio": {"data": "AA"}}),
            finish(),
            chunk({"audio": {"expires_at": 5}}),
            DONE,
        ],
        [["MediaPart", "end"]],
        {"content_after_finish", "finish_missing"},
    ),
    "no role": ([HI, finish(), DONE], [["hi", "end"]], {"role_missing"}),
    "role null": (
        [chunk({"role": None, "content": "hi"}), finish(), DONE],
        [["hi", "end"]],
        {"role_missing"},
    ),
    "role repeated": (
        [ROLE, chunk({"role": "assistant", "content": "hi"}), finish(), DONE],
        [["hi", "end"]],
        {"role_repeated"},
    ),
    "names missing": (
        [
            data({"choices": [{"index": 0, "delta": {"role": "assistant"}}]}),
            finish(),
            DONE,
        ],
        [["end"]],
        {"id_fixed", "model_fixed", "object_fixed", "created_fixed"},
    ),
    "id changes": (
        [ROLE, HI.replace(b"c1", b"c2"), finish(), DONE],
        [["hi", "end"]],
        {"id_fixed"},
    ),
    "index missing": (
        [ROLE, HI.replace(b'"index":0,', b""), finish(), DONE],
        [["hi", "end"]],
        {"index_fixed"},
    ),
    "index from 1": (
        [
            chunk({"role": "assistant", "content": "hi"}, index=1),
            finish(index=1),
            DONE,
        ],
        [["hi", "end"]],
        {"index_fixed"},
    ),
    "usage everywhere": (
        [
            ROLE,
            HI.replace(b'"m"', b'"m","usage":{"prompt_tokens":10}'),
            finish(usage=USAGE),
            DONE,
        ],
        [["hi", "end"]],
        {"usage_early", "usage_moved"},
    ),
    "usage twice": (
        [ROLE, HI, finish(), COUNTED, COUNTED, DONE],
        [["hi", "end"]],
        {"usage_repeated"},
    ),
    "usage in the choice": (
        [ROLE, HI, chunk({}, finish_reason="stop", usage=USAGE), DONE],
        [["hi", "end"]],
        {"usage_moved"},
    ),
    "usage of no sense": (
        [ROLE, HI, data({"choices": [], "usage": 5}), finish(), DONE],
        [["hi", "end"]],
        {"choices_missing"},
    ),
    "usage before the finish": (
        [ROLE, HI, COUNTED, finish(), DONE],
        [["hi", "end"]],
        set(),
    ),
    "content null": (
        [ROLE, chunk({"content": None}), HI, finish(), DONE],
        [["hi", "end"]],
        set(),
    ),
    "delta null": (
        [ROLE, chunk(None), HI, finish(), DONE],
        [["hi", "end"]],
        {"delta_missing"},
    ),
    "choices null": (
        [ROLE, data({"choices": None}), HI, finish(), DONE],
        [["hi", "end"]],
        {"choices_missing"},
    ),
    "calls null": (
        [ROLE, chunk({"content": "hi", "tool_calls": None}), finish(), DONE],
        [["hi", "end"]],
        {"calls_null"},
    ),
    "no arguments": (
        [ROLE, OPEN, finish("tool_calls"), DONE],
        [["f#a({})", "tool_use"]],
        {"arguments_missing"},
    ),
    "no arguments, and the finish with the call": (
        [
            ROLE,
            chunk(
                {"tool_calls": [call(id="a", type="function", name="f")]},
                finish_reason="tool_calls",
            ),
            DONE,
        ],
        [["f#a({})", "tool_use"]],
        {"arguments_missing"},
    ),
    "no arguments and no finish": (
        [ROLE, OPEN, DONE],
        [["f#a({})", "tool_use"]],
        {"arguments_missing", "finish_missing"},
    ),
    "cut before the arguments": (
        [ROLE, OPEN, finish("length"), DONE],
        [["f#a()", "max_output"]],
        set(),
    ),
    "finish empty": (
        [ROLE, chunk({"content": "hi"}, finish_reason=""), finish(), DONE],
        [["hi", "end"]],
        {"finish_empty"},
    ),
    "finish missing": ([ROLE, HI, DONE], [["hi", "end"]], {"finish_missing"}),
    "finish missing after a call": (
        [ROLE, OPEN, chunk({"tool_calls": [call(0, "{}")]}), DONE],
        [["f#a({})", "tool_use"]],
        {"finish_missing"},
    ),
    "stop after a call": (
        [ROLE, OPEN, finish("stop"), DONE],
        [["f#a({})", "tool_use"]],
        {"finish_word"},
    ),
    "stop in a call": (
        [ROLE, OPEN, chunk({"tool_calls": [call(0, '{"a')]}), finish("stop"), DONE],
        [['f#a({"a)', "max_output"]],
        {"finish_word"},
    ),
    "a cut call said to be runnable": (
        [
            ROLE,
            OPEN,
            chunk({"tool_calls": [call(0, '{"a')]}),
            finish("tool_calls"),
            DONE,
        ],
        [['f#a({"a)', "max_output"]],
        {"finish_word"},
    ),
    "wrong but whole arguments": (
        [
            ROLE,
            OPEN,
            chunk({"tool_calls": [call(0, "{a}")]}),
            finish("tool_calls"),
            DONE,
        ],
        [["f#a({a})", "tool_use"]],
        set(),
    ),
    "calls announced, none made": (
        [ROLE, HI, finish("tool_calls"), DONE],
        [["hi", "end"]],
        {"finish_word"},
    ),
    "finish in other words": (
        [ROLE, HI, finish("MAX_TOKENS"), DONE],
        [["hi", "max_output"]],
        {"finish_word"},
    ),
    "finish of no known word": (
        [ROLE, HI, finish("weary"), DONE],
        [["hi", "end"]],
        {"finish_word"},
    ),
    "finish twice": (
        [ROLE, HI, finish("stop"), finish("length"), DONE],
        [["hi", "max_output"]],
        {"finish_repeated"},
    ),
    "content after the finish": (
        [
            ROLE,
            chunk({"content": "h"}, finish_reason="stop"),
            chunk({"content": "i"}),
            finish(),
            DONE,
        ],
        [["hi", "end"]],
        {"content_after_finish", "finish_repeated"},
    ),
    "all in one chunk": (
        [
            data(
                {
                    "id": "c1",
                    "object": "chat.completion.chunk",
                    "created": 7,
                    "model": "m",
                    "choices": [
                        {
                            "index": 0,
                            "delta": {
                                "role": "assistant",
                                "content": "hi",
                                "tool_calls": [
                                    call(0, "{}", id="a", type="function", name="f")
                                ],
                            },
                            "finish_reason": "tool_calls",
                        }
                    ],
                    "usage": USAGE,
                }
            ),
            DONE,
        ],
        [["hi", "f#a({})", "tool_use"]],
        {"usage_early", "usage_moved"},
    ),
    "no end mark": ([ROLE, HI, finish()], [["hi", "end"]], {"end_missing"}),
    "two end marks": (
        [ROLE, HI, finish(), DONE, DONE],
        [["hi", "end"]],
        {"after_end"},
    ),
    "more after the end": (
        [ROLE, HI, finish(), DONE, data({"choices": [], "cost": "0"})],
        [["hi", "end"]],
        {"after_end"},
    ),
    "a whole message": (
        [chunk(message={"role": "assistant", "content": "hi"}), finish(), DONE],
        [["hi", "end"]],
        {"whole_message"},
    ),
    "a whole message again": (
        [ROLE, HI, chunk({}, message={"content": "hi"}, finish_reason="stop"), DONE],
        [["hi", "end"]],
        {"whole_message"},
    ),
    "reasoning under two names": (
        [ROLE, chunk({"reasoning": "t", "reasoning_content": "t"}), finish(), DONE],
        [["thought: t", "end"]],
        {"reasoning_twice"},
    ),
    "reasoning again at the end": (
        [
            ROLE,
            chunk({"reasoning": "th"}),
            chunk({"reasoning": "ink"}),
            HI,
            chunk({"reasoning": "think"}, finish_reason="stop"),
            DONE,
        ],
        [["thought: think", "hi", "end"]],
        {"reasoning_again"},
    ),
    "content in parts": (
        [
            chunk(
                {
                    "role": "assistant",
                    "content": [
                        {"type": "thinking", "thinking": [{"text": "t"}]},
                        {"type": "text", "text": "hi"},
                    ],
                }
            ),
            finish(),
            DONE,
        ],
        [["thought: t", "hi", "end"]],
        {"content_not_text"},
    ),
    "candidates out of order": (
        [
            chunk({"role": "assistant", "content": "one"}, index=1),
            chunk({"role": "assistant", "content": "nil"}, index=0),
            finish(index=0),
            finish(index=1),
            DONE,
        ],
        [["one", "end"], ["nil", "end"]],
        {"index_fixed"},
    ),
    "candidates in one chunk": (
        [
            data(
                {
                    "id": "c1",
                    "object": "chat.completion.chunk",
                    "created": 7,
                    "model": "m",
                    "choices": [
                        {"index": i, "delta": {"role": "assistant", "content": text}}
                        for i, text in ((1, "b"), (0, "a"))
                    ],
                }
            ),
            finish(),
            finish(index=1),
            DONE,
        ],
        [["a", "end"], ["b", "end"]],
        {"choices_split"},
    ),
    "legacy call": (
        [
            ROLE,
            chunk({"function_call": {"name": "f", "arguments": ""}}),
            chunk({"function_call": {"arguments": "{}"}}),
            finish("function_call"),
            DONE,
        ],
        [["f#call_{}({})", "tool_use"]],
        {"legacy_call", "finish_word"},
    ),
    "text around calls": (
        [
            ROLE,
            HI,
            OPEN,
            chunk({"tool_calls": [call(0, "{}")]}),
            HI,
            finish("tool_calls"),
            DONE,
        ],
        [["hi", "f#a({})", "hi", "tool_use"]],
        set(),
    ),
    "ping": (
        [ROLE, b"event: ping\ndata: {}\n\n", HI, finish(), DONE],
        [["hi", "end"]],
        {"ping"},
    ),
    "comments and CRLF": (
        [b": hello\r\n\r\n", ROLE.replace(b"\n", b"\r\n"), HI, finish(), DONE],
        [["hi", "end"]],
        set(),
    ),
    "last frame without its blank line": (
        [ROLE, HI, finish(), DONE.strip()],
        [["hi", "end"]],
        set(),
    ),
}


@pytest.mark.parametrize(("stream", "want", "repairs"), MENDED.values(), ids=MENDED)
def test_what_bends_the_rules_is_mended(
    stream: list[bytes], want: list[list[str]], repairs: set[str]
) -> None:
    out = send(*stream)
    assert out.failure is None
    assert out.native.endswith(DONE)
    assert out.complete
    got = said(out.response.candidates)
    for candidate in got:
        # Made ids are random letters.
        candidate[:] = [t if "#call_" not in t else "f#call_{}({})" for t in candidate]
    assert got == want
    assert repairs <= set(out.repairs)
    assert repairs or not out.repairs
    again = send(out.native)
    assert (again.native, again.repairs) == (out.native, {})


@pytest.mark.parametrize("stream", [m[0] for m in MENDED.values()], ids=MENDED)
def test_how_the_bent_was_cut_never_shows(stream: list[bytes]) -> None:
    whole, single = send(*stream), send(*stream, reads=1)
    assert (single.native, single.repairs) == (whole.native, whole.repairs)


def test_an_event_of_no_candidate_is_a_whole_chunk() -> None:
    out = send(ROLE, data({"id": "x", "progress": 0.5}), HI, finish(), DONE)
    assert payloads(out.native)[1] == {**NAMES, "choices": [], "progress": 0.5}


def test_usage_is_told_once_and_only_to_those_who_ask() -> None:
    stream = [ROLE, HI, finish(usage={"prompt_tokens": 9}), COUNTED, DONE]
    asked, silent = send(*stream), send(*stream, usage=False)
    told = [p["usage"] for p in payloads(asked.native) if p.get("usage")]
    assert told == [USAGE]
    assert not any(p.get("usage") for p in payloads(silent.native))
    assert silent.repairs["usage_unwanted"] == 1
    assert asked.usage is not None
    assert asked.usage == silent.usage
    assert (asked.usage.input_total, asked.usage.output_total) == (10, 4)


def test_the_native_word_stays_beside_the_legal_one() -> None:
    out = send(ROLE, HI, finish("model_length"), DONE)
    (choice,) = payloads(out.native)[-1]["choices"]
    assert choice["finish_reason"] == "length"
    assert choice["native_finish_reason"] == "model_length"
    assert out.response.candidates[0].native_reason == "model_length"


def test_content_is_where_the_commit_point_lies() -> None:
    mender, sse = DIALECT.mender(context()), SseDecoder()
    stream = [ROLE, HI, OPEN, finish("tool_calls"), DONE]
    found = [mender.feed(frames(sse.feed(piece))).content for piece in stream]
    # The finish waits for the end mark.
    assert found == [False, True, True, False, True]


# Name -> stream, kind of failure, status, words of its message.
BROKEN = {
    "nothing": ([], Kind.EMPTY, 502, "without sending anything"),
    "only comments": ([b": hello\n\n"], Kind.EMPTY, 502, "without sending anything"),
    "only the end": ([DONE], Kind.EMPTY, 502, "without saying anything"),
    "cut in the text": ([ROLE, HI], Kind.TRUNCATED, 502, "before its answer"),
    "cut in a frame": ([ROLE, HI[:-9]], Kind.TRUNCATED, 502, "before its answer"),
    "ended in a call": (
        [ROLE, OPEN, chunk({"tool_calls": [call(0, "{")]}), DONE],
        Kind.TRUNCATED,
        502,
        "inside a tool call",
    ),
    "not JSON": ([ROLE, b"data: {x\n\n"], Kind.MALFORMED, 502, "not JSON"),
    "not an object": ([ROLE, b"data: [1]\n\n"], Kind.MALFORMED, 502, "not an object"),
    "nested too deeply": (
        [HI.replace(b'"m"', b'"m","x":' + b"[" * 300 + b"]" * 300)],
        Kind.MALFORMED,
        502,
        "too deeply",
    ),
    "odd candidate": ([data({"choices": [3]})], Kind.MALFORMED, 502, "odd"),
    "error object": (
        [ROLE, data({"error": {"message": "slow", "code": 429}})],
        Kind.RATE,
        429,
        "slow",
    ),
    "error text": ([ROLE, data({"error": "no room"})], Kind.SERVER, 502, "no room"),
    "error with a chunk": (
        [ROLE, HI.replace(b'"m"', b'"m","error":{"message":"x","code":503}')],
        Kind.OVERLOADED,
        503,
        "x",
    ),
    "error of Claude": (
        [
            data(
                {
                    "type": "error",
                    "error": {"type": "overloaded_error", "message": "busy"},
                }
            )
        ],
        Kind.OVERLOADED,
        529,
        "busy",
    ),
    "error event": (
        [ROLE, b'event: error\ndata: {"detail":"gone"}\n\n'],
        Kind.SERVER,
        502,
        "gone",
    ),
    "error event without words": (
        [ROLE, b"event: error\ndata: [DONE]\n\n"],
        Kind.SERVER,
        502,
        "502",
    ),
    "broken down": ([ROLE, finish("error"), DONE], Kind.SERVER, 502, "broke down"),
    "went on after its end": (
        [
            ROLE,
            chunk({"role": "assistant", "content": ""}, index=1),
            finish(),
            chunk({"content": "x"}, index=1),
            HI,
        ],
        Kind.MALFORMED,
        502,
        "went on",
    ),
}


@pytest.mark.parametrize(
    ("stream", "kind", "status", "words"), BROKEN.values(), ids=BROKEN
)
def test_what_cannot_be_mended_is_a_failure(
    stream: list[bytes], kind: Kind, status: int, words: str
) -> None:
    out = send(*stream, HI if stream and stream[-1] not in (DONE, HI[:-9]) else b"")
    if kind is Kind.TRUNCATED or kind is Kind.EMPTY:
        out = send(*stream)
    assert out.failure is not None
    assert (out.failure.kind, out.failure.status) == (kind, status)
    assert words in out.failure.message
    assert not out.complete
    assert DONE not in out.native


def test_an_oversize_event_is_a_failure() -> None:
    mended = DIALECT.mender(context()).feed(frames([Oversize(5)]))
    assert mended.failure is not None
    assert mended.failure.kind is Kind.MALFORMED


def test_the_error_of_this_dialect_is_kept_whole() -> None:
    error = {"message": "m", "type": "t", "param": None, "code": "c", "more": 1}
    out = send(ROLE, data({"error": error}))
    assert out.failure is not None
    assert DIALECT.emit_error(out.failure) == {"error": error}


def test_candidates_have_an_end() -> None:
    stream = [chunk({"role": "assistant"}, index=i) for i in range(129)]
    assert send(*stream[:128], closed=False).failure is None
    out = send(*stream)
    assert out.failure is not None
    assert out.failure.kind is Kind.MALFORMED


@given(st.lists(st.sampled_from(["", "a", "b\n", "é\u2028"]), max_size=8), st.data())
def test_any_cut_gives_the_same(texts: list[str], draw: st.DataObject) -> None:
    stream = [ROLE, *(chunk({"content": text}) for text in texts), finish(), DONE]
    whole = send(*stream)
    reads = draw.draw(st.integers(1, 400))
    pieces = send(*stream, reads=reads)
    assert (pieces.native, pieces.events) == (whole.native, whole.events)
    assert said(whole.response.candidates)[0][-1] == "end"


def test_arguments_that_are_no_text_cross_digit_for_digit() -> None:
    entry = b'{"index":0,"id":"a","type":"function","function":{"name":"f","arguments":'
    head = chunk({"role": "assistant", "tool_calls": ["?"]})
    stream = head.replace(b'"?"', entry + b'{"n":12345678901234567890123,"x":1.50}}}')
    out = send(stream, finish("tool_calls"), DONE)
    want = [['f#a({"n":12345678901234567890123,"x":1.50})', "tool_use"]]
    assert said(out.response.candidates) == want
