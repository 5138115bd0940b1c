"""What upstreams really send: repaired on both lanes, or a failure in plain words."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cliproxy_core.dialects.gemini.mend import MAX_CANDIDATES, Mender
from cliproxy_core.ir.failure import Kind
from cliproxy_core.wire.sse import Comment, Oversize, SseDecoder, Truncated
from tests.core.dialects.gemini.streams import (
    NAMES,
    call,
    chunk,
    context,
    data,
    frames,
    payloads,
    said,
    send,
    text,
    thought,
)

HI = chunk(text("hi"))
STOP = chunk(text(""), finish="STOP")
FIRST = {"promptTokenCount": 9, "totalTokenCount": 9}
COUNTS = {"promptTokenCount": 9, "candidatesTokenCount": 3, "totalTokenCount": 12}
COUNTED = data({"usageMetadata": COUNTS, **NAMES})
BLOCKED = data({"promptFeedback": {"blockReason": "SAFETY"}, **NAMES})
CODE = {"executableCode": {"language": "PYTHON", "code": "1"}}
PARTIAL = [
    chunk(call("f", id="a", willContinue=True)),
    chunk(
        {
            "functionCall": {
                "partialArgs": [
                    {"jsonPath": "$.city", "stringValue": "Ro", "willContinue": True}
                ],
                "willContinue": True,
            }
        }
    ),
    chunk(
        {
            "functionCall": {
                "partialArgs": [{"jsonPath": "$.city", "stringValue": "me"}],
                "willContinue": True,
            }
        }
    ),
    chunk({"functionCall": {}}),
]


def ending(index: int) -> dict[str, Any]:
    content = {"parts": [{"text": ""}], "role": "model"}
    return {"content": content, "finishReason": "STOP", "index": index}


# Streams in good order: they pass byte for byte, whatever else is in them.
LEGAL = {
    "text": [HI, HI, STOP],
    "one chunk": [chunk(text("hi"), finish="STOP", usage=COUNTS)],
    "usage": [
        chunk(text("hi"), usage=FIRST),
        chunk(text(""), finish="STOP", usage=COUNTS),
    ],
    "thinking": [chunk(thought("hm")), chunk(thought("so")), HI, STOP],
    "a signature": [
        chunk(thought("hm")),
        chunk(text("a", thoughtSignature="+/+/")),
        STOP,
    ],
    "a signature at last": [
        HI,
        chunk(text("", thoughtSignature="-_-_"), finish="STOP"),
    ],
    "calls": [
        chunk(text("a"), call("f", {"x": 1}, proof="+/+/"), call("g", {}, id="i")),
        STOP,
    ],
    "a call without arguments": [chunk(call("f"), finish="STOP")],
    "fragments": [*PARTIAL, STOP],
    "code": [
        chunk(CODE),
        chunk({"codeExecutionResult": {"outcome": "OUTCOME_OK"}}),
        STOP,
    ],
    "an image": [
        chunk({"inlineData": {"mimeType": "image/png", "data": "aGk="}}),
        STOP,
    ],
    "nothing": [STOP],
    "a safety stop": [HI, chunk(text(""), finish="SAFETY")],
    "a safety stop at once": [data({"candidates": [{"finishReason": "SAFETY"}]})],
    "a malformed call": [chunk(finish="MALFORMED_FUNCTION_CALL", finishMessage="bad")],
    "an unknown end": [HI, chunk(text(""), finish="TOMORROW")],
    "a refused prompt": [BLOCKED],
    "ratings": [data({"promptFeedback": {"safetyRatings": []}}), HI, STOP],
    "no names": [
        data({"candidates": [{"content": {"parts": [{"text": "a"}], "role": "model"}}]})
    ]
    * 2
    + [STOP],
    "two candidates": [
        HI,
        chunk(text("ho"), index=1),
        HI,
        chunk(text("ho"), index=1),
        data({"candidates": [ending(0), ending(1)]}),
    ],
    "grounding": [
        HI,
        chunk(text(""), finish="STOP", groundingMetadata={"webSearchQueries": []}),
    ],
    "traffic": [HI, chunk(text("b"), usage={"trafficType": "ON_DEMAND"}), STOP],
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
    assert (single.repairs, single.usage) == (whole.repairs, whole.usage)


@pytest.mark.parametrize("stream", LEGAL.values(), ids=LEGAL)
def test_it_is_complete_only_when_the_upstream_closed(stream: list[bytes]) -> None:
    out = send(*stream, closed=False)
    assert (out.complete, out.failure) == (False, None)
    assert b"".join(stream).startswith(out.native)


def part(words: str) -> bytes:
    """A part of its own chunk, as relays write it."""
    return data({"candidates": [{"content": {"parts": [{"text": words}]}}]})


# What bends a rule: the stream, what becomes of it, the repairs.
BENT: dict[str, tuple[list[bytes], list[list[str]], dict[str, int]]] = {
    "the end mark of another API": (
        [HI, STOP, b"data: [DONE]\n\n"],
        [["hi", "end"]],
        {"end_mark": 1},
    ),
    "event names": (
        [b"event: message\n" + HI, STOP],
        [["hi", "end"]],
        {"event_name": 1},
    ),
    "a ping": ([b"event: ping\ndata: {}\n\n", HI, STOP], [["hi", "end"]], {"ping": 1}),
    "line breaks": (
        [HI.replace(b',"responseId"', b',\ndata: "responseId"'), STOP],
        [["hi", "end"]],
        {"line_breaks": 1},
    ),
    "a missing role": (
        [part("a"), part("b"), STOP],
        [["ab", "end"]],
        {"role_fixed": 2},
    ),
    "a wrong role": (
        [HI.replace(b'"model"}', b'"assistant"}'), STOP],
        [["hi", "end"]],
        {"role_fixed": 1},
    ),
    "snake case": (
        [
            data(
                {
                    "candidates": [
                        {
                            "content": {
                                "parts": [
                                    {
                                        "text": "t",
                                        "thought": True,
                                        "thought_signature": "aa==",
                                    },
                                    {
                                        "function_call": {
                                            "name": "f",
                                            "args": {"a_b": 1},
                                            "id": "i",
                                        }
                                    },
                                    {
                                        "inline_data": {
                                            "mime_type": "image/png",
                                            "data": "aGk=",
                                        }
                                    },
                                ],
                                "role": "model",
                            },
                            "finish_reason": "STOP",
                        }
                    ],
                    "usage_metadata": {"prompt_token_count": 9, "total_token_count": 9},
                    "response_id": "r1",
                }
            )
        ],
        [["signed thought: t", 'f#i({"a_b":1})', "image: aGk=", "tool_use"]],
        {"keys_fixed": 1},
    ),
    "words after the finish": (
        [HI, chunk(text("a"), finish="STOP"), chunk(text("b")), COUNTED],
        [["hiab", "end"]],
        {"finish_moved": 1, "after_finish": 1, "usage_moved": 1},
    ),
    "a call after the finish": (
        [HI, STOP, chunk(call("f", {}, id="i"))],
        [["hi", "f#i({})", "tool_use"]],
        {"finish_moved": 1},
    ),
    "a signature after the finish": (
        [HI, STOP, chunk(text("", thoughtSignature="aa=="))],
        [["signed: hi", "end"]],
        {"finish_moved": 1},
    ),
    "a second finish": (
        [HI, STOP, STOP],
        [["hi", "end"]],
        {"finish_repeated": 1, "after_finish": 1},
    ),
    "a second finish that says more": (
        [HI, STOP, chunk(finish="MAX_TOKENS")],
        [["hi", "max_output"]],
        {"finish_repeated": 1, "after_finish": 1},
    ),
    "a finish in every chunk": (
        [chunk(text("a"), finish="STOP"), chunk(text("b"), finish="STOP")],
        [["ab", "end"]],
        {"finish_repeated": 1, "finish_moved": 1},
    ),
    "a finish without parts": (
        [HI, data({"candidates": [{"finishReason": "STOP"}]})],
        [["hi", "end"]],
        {"parts_missing": 1},
    ),
    "a finish with an empty list": (
        [
            HI,
            data(
                {
                    "candidates": [
                        {
                            "content": {"parts": [], "role": "model"},
                            "finishReason": "STOP",
                        }
                    ]
                }
            ),
        ],
        [["hi", "end"]],
        {"parts_missing": 1},
    ),
    "an empty finish": (
        [HI.replace(b'"index"', b'"finishReason":"","index"'), STOP],
        [["hi", "end"]],
        {"finish_empty": 1},
    ),
    "a finish of another API": (
        [HI, chunk(text(""), finish="length")],
        [["hi", "max_output"]],
        {"finish_word": 1},
    ),
    "a finish in lower case": (
        [HI, chunk(text(""), finish="safety")],
        [["hi", "refusal"]],
        {"finish_word": 1},
    ),
    "usage alone": (
        [HI, COUNTED, STOP],
        [["hi", "end"]],
        {"chunk_empty": 1, "usage_moved": 1},
    ),
    "usage at last": (
        [HI, STOP, COUNTED],
        [["hi", "end"]],
        {"after_finish": 1, "usage_moved": 1},
    ),
    "usage at last, again": (
        [HI, chunk(text(""), finish="STOP", usage=COUNTS), COUNTED],
        [["hi", "end"]],
        {"after_finish": 1},
    ),
    "an empty chunk": (
        [HI, data(NAMES), chunk(), STOP],
        [["hi", "end"]],
        {"chunk_empty": 2},
    ),
    "usage after a refused prompt": (
        [BLOCKED, COUNTED],
        [["refusal"]],
        {"after_finish": 1, "usage_moved": 1},
    ),
    "words after a refused prompt": (
        [BLOCKED, HI],
        [["refusal"]],
        {"after_finish": 1},
    ),
    "a refusal after words": (
        [HI, BLOCKED],
        [["hi", "refusal"]],
        {"block_late": 1},
    ),
    "two calls with one id": (
        [chunk(call("f", {}, id="i"), call("g", {}, id="i")), STOP],
        [["f#i({})", "g#call_c4b4a0a3e3a0({})", "tool_use"]],
        {"id_repeated": 1},
    ),
    "arguments as text": (
        [chunk(call("f", '{"a": 1}', id="i")), STOP],
        [['f#i({"a":1})', "tool_use"]],
        {"args_text": 1},
    ),
    "odd names": (
        [HI.replace(b'"r1"', b"5"), STOP],
        [["hi", "end"]],
        {"responseId_odd": 1},
    ),
    "a candidate that is no list": (
        [
            data({"candidates": {"content": {"parts": [text("hi")], "role": "model"}}}),
            STOP,
        ],
        [["hi", "end"]],
        {},
    ),
    "candidates that end apart": (
        [
            data(
                {
                    "candidates": [
                        {
                            "content": {"parts": [text("a")], "role": "model"},
                            "index": 0,
                        },
                        {"content": {"parts": [text("b")], "role": "model"}, "index": 1}
                        | {"finishReason": "STOP"},
                    ],
                    "usageMetadata": FIRST,
                }
            ),
            chunk(text("c"), finish="MAX_TOKENS", usage=COUNTS),
        ],
        [["ac", "max_output"], ["b", "end"]],
        {"candidates_split": 1},
    ),
    "candidates without numbers": (
        [
            data(
                {
                    "candidates": [
                        {"content": {"parts": [text(t)], "role": "model"}}
                        | {"finishReason": "STOP"}
                        for t in "ab"
                    ]
                }
            )
        ],
        [["a", "end"], ["b", "end"]],
        {"index_fixed": 1},
    ),
    "numbers with gaps": (
        [
            chunk(text("a"), index=2),
            chunk(text("b")),
            chunk(text("c"), index=2, finish="STOP"),
            STOP,
        ],
        [["b", "end"], ["other"], ["ac", "end"]],
        {"candidate_missing": 1},
    ),
    "a number that is none": (
        [HI.replace(b'"index":0', b'"index":"0"'), STOP],
        [["hi", "end"]],
        {"index_fixed": 1},
    ),
    "one candidate goes on after both finished": (
        [
            data(
                {
                    "candidates": [
                        {"content": {"parts": [text(t)], "role": "model"}, "index": i}
                        | {"finishReason": "STOP"}
                        for i, t in enumerate("ab")
                    ],
                    "usageMetadata": FIRST,
                }
            ),
            chunk(text("c"), usage=COUNTS),
        ],
        [["ac", "end"], ["b", "end"]],
        {"finish_moved": 1},
    ),
}


@pytest.mark.parametrize(("stream", "want", "repairs"), BENT.values(), ids=BENT)
def test_what_bends_a_rule_is_repaired(
    stream: list[bytes], want: list[list[str]], repairs: dict[str, int]
) -> None:
    out = send(*stream)
    assert out.failure is None
    assert out.complete
    found = said(out.response.candidates)
    made = [w for each in want for w in each if "call_" in w]
    if made:
        assert [len(each) for each in found] == [len(each) for each in want]
    else:
        assert found == want
    assert out.repairs == repairs


@pytest.mark.parametrize("stream", [s for s, _, _ in BENT.values()], ids=BENT)
def test_what_was_repaired_is_legal(stream: list[bytes]) -> None:
    once = send(*stream)
    again = send(once.native)
    assert (again.repairs, again.failure) == ({}, None)
    assert again.native == once.native
    assert again.response == once.response
    assert send(*stream, reads=1).native == once.native


def test_two_calls_with_one_id_are_told_apart() -> None:
    out = send(chunk(call("f", {}, id="i"), call("g", {}, id="i")), STOP)
    ids = [p["functionCall"]["id"] for p in out.parts if "functionCall" in p]
    assert ids[0] == "i"
    assert ids[1].startswith("call_")


def test_the_last_chunk_tells_what_came_late() -> None:
    out = send(HI, STOP, COUNTED)
    assert payloads(out.native)[-1]["usageMetadata"] == COUNTS
    assert out.usage is not None
    assert out.usage.total == 12
    notes = send(HI, STOP, chunk(groundingMetadata={"x": 1}))
    assert payloads(notes.native)[-1]["candidates"][0]["groundingMetadata"] == {"x": 1}
    moved = send(HI, chunk(finish="STOP", groundingMetadata={"x": 1}), chunk(text("b")))
    assert payloads(moved.native)[-1]["candidates"][0]["groundingMetadata"] == {"x": 1}


def test_big_numbers_survive_a_repair() -> None:
    odd = chunk(call("f", {"n": 5})).replace(b"5}", b"12345678901234567890123}")
    out = send(odd.replace(b'"model"}', b'"assistant"}'), STOP)
    assert b'"args":{"n":12345678901234567890123}' in out.native
    assert said(out.response.candidates)[0][0].endswith(
        '({"n":12345678901234567890123})'
    )


ERROR = {"error": {"code": 429, "message": "slow down", "status": "RESOURCE_EXHAUSTED"}}


@pytest.mark.parametrize(
    ("stream", "kind", "words"),
    [
        ([], Kind.EMPTY, "without sending anything"),
        ([data({"usageMetadata": COUNTS})], Kind.EMPTY, "without an answer"),
        ([b"data: [DONE]\n\n"], Kind.EMPTY, "without an answer"),
        ([HI], Kind.TRUNCATED, "before its answer was complete"),
        ([HI, b"data: [DONE]\n\n"], Kind.TRUNCATED, "before its answer"),
        ([HI, chunk(text("b"), index=1), STOP], Kind.TRUNCATED, "before its answer"),
        ([HI, data(ERROR)], Kind.RATE, "slow down"),
        ([HI, data([ERROR])], Kind.RATE, "slow down"),
        ([HI, STOP, data(ERROR)], Kind.RATE, "slow down"),
        ([b"event: error\n" + data(ERROR)], Kind.RATE, "slow down"),
        ([b"event: error\ndata: [DONE]\n\n"], Kind.SERVER, "without a reason"),
        ([b"data: nope\n\n"], Kind.MALFORMED, "not JSON"),
        ([b"data: 5\n\n"], Kind.MALFORMED, "not an object"),
        ([b"data: []\n\n"], Kind.MALFORMED, "not an object"),
        (
            [b"data: " + b'{"a":' * 400 + b"1" + b"}" * 400 + b"\n\n"],
            Kind.MALFORMED,
            "deep",
        ),
        ([data({"candidates": 5})], Kind.MALFORMED, ".candidates"),
        ([data({"candidates": [5]})], Kind.MALFORMED, ".candidates"),
        ([chunk(call("", {}))], Kind.MALFORMED, ".functionCall.name"),
        ([chunk(call("f", [1]))], Kind.MALFORMED, ".functionCall.args"),
        ([chunk(call("f", '{"a": "cut'))], Kind.MALFORMED, ".functionCall.args"),
        (
            [data({"candidates": [{"index": 1}, {"index": 1}]})],
            Kind.MALFORMED,
            "same index",
        ),
        (
            [data({"candidates": [{"index": MAX_CANDIDATES}]})],
            Kind.MALFORMED,
            "out of any range",
        ),
    ],
    ids=lambda value: None if isinstance(value, list) else str(value),
)
def test_what_cannot_be_repaired(stream: list[bytes], kind: Kind, words: str) -> None:
    whole, single = send(*stream), send(*stream, reads=1)
    for out in (whole, single):
        assert out.failure is not None
        assert out.failure.kind is kind
        assert words in out.failure.message
        assert not out.complete


def test_an_event_that_lost_its_blank_line_counts_if_it_is_whole() -> None:
    out = send(HI, STOP[:-2])
    assert (out.failure, out.complete, out.native) == (None, True, HI + STOP)


def test_an_event_that_lost_its_end_is_no_end() -> None:
    out = send(HI, STOP[:-9])
    assert out.failure is not None
    assert out.failure.kind is Kind.TRUNCATED


def test_nothing_follows_the_end_or_a_failure() -> None:
    out = send(HI, STOP, b"data: [DONE]\n\n", HI)
    assert out.repairs == {"end_mark": 1, "after_end": 1}
    assert out.native == HI + STOP
    failed = send(data(ERROR), HI)
    assert (failed.native, failed.repairs) == (b"", {"after_end": 1})


def test_what_is_no_event() -> None:
    mender = Mender(context())
    assert mender.feed([Comment("hi"), Truncated(5, None)]).failure is None
    failure = mender.feed([Oversize(5)]).failure
    assert failure is not None
    assert failure.kind is Kind.MALFORMED
    assert mender.finish().failure is None


def test_content_is_told() -> None:
    mender, sse = Mender(context()), SseDecoder()
    quiet = chunk(text(""), usage=FIRST)
    seen = [
        mender.feed(frames(sse.feed(piece))).content
        for piece in (quiet, chunk(thought("a")), HI, HI, STOP)
    ]
    assert seen == [False, True, True, True, False]
    assert mender.finish().content


def test_usage_is_told_as_it_comes() -> None:
    mender, sse = Mender(context()), SseDecoder()
    null = data({"usageMetadata": {"promptTokenCount": None}})
    first, second = chunk(text("b"), usage=FIRST), chunk(text("c"), usage=COUNTS)
    told = []
    for piece in (HI, first, second, null):
        mender.feed(frames(sse.feed(piece)))
        told.append(mender.usage)
    assert told[0] is None
    assert [usage.total for usage in told if usage is not None] == [9, 12, 12]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.sampled_from(["", "a", "STOP"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "candidates",
                    "content",
                    "parts",
                    "text",
                    "thought",
                    "role",
                    "index",
                    "finishReason",
                    "functionCall",
                    "name",
                    "args",
                    "partialArgs",
                    "willContinue",
                    "thoughtSignature",
                    "usageMetadata",
                    "promptFeedback",
                    "blockReason",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)
PARTS = st.lists(JSON | st.just(text("a")) | st.just(call("f", {})), max_size=3)
CANDIDATES = st.fixed_dictionaries(
    {},
    optional={
        "content": st.fixed_dictionaries({"parts": PARTS}) | JSON,
        "index": st.integers(0, 2) | JSON,
        "finishReason": st.sampled_from(["STOP", "MAX_TOKENS", ""]) | JSON,
    },
)
CHUNKS = JSON | st.fixed_dictionaries({"candidates": st.lists(CANDIDATES, max_size=3)})


@given(st.lists(CHUNKS, max_size=5), st.integers(1, 60))
def test_whatever_comes_is_legal_or_a_failure(chunks: list[Any], size: int) -> None:
    stream = b"".join(b"data: %b\n\n" % orjson.dumps(each) for each in chunks)
    whole = send(stream)
    assert whole.complete is (whole.failure is None)
    pieces = send(stream, reads=size)
    assert (pieces.native, pieces.events) == (whole.native, whole.events)
    if whole.complete:
        again = send(whole.native)
        assert (again.repairs, again.complete) == ({}, True)
