"""What upstreams send, and what of it goes on: legal, or a failure."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cliproxy_core.dialects.openai_responses import mend as module
from cliproxy_core.dialects.openai_responses.grammar import GRAMMAR, classify
from cliproxy_core.dialects.openai_responses.mend import Mender
from cliproxy_core.ir.failure import Failure, Kind
from cliproxy_core.ir.grammar import Checker
from cliproxy_core.wire.sse import Comment, Oversize, SseDecoder, SseFrame, Truncated
from tests.core.dialects.openai_responses.streams import (
    USAGE,
    Heard,
    call,
    context,
    created,
    custom,
    frame,
    good,
    hear,
    kinds,
    mend,
    message,
    numbered,
    plain,
    reasoning,
    wire,
)

ALL = good(
    reasoning(0, "A", "B", sealed="enc"),
    message(1, "hello", "more"),
    call(2, '{"a":1}'),
    custom(3, "ls"),
)
TEXT = good(message(0, "hi"))
PROGRESS = {"type": "response.web_search_call.searching", "output_index": 0}
PING = {"type": "keepalive"}


def without(events: list[dict[str, Any]], *indexes: int) -> list[dict[str, Any]]:
    kept = [event for i, event in enumerate(events) if i not in indexes]
    return copy.deepcopy(kept)


def changed(index: int, **fields: Any) -> list[dict[str, Any]]:
    """The short stream with one event changed; `None` takes a field away."""
    events = copy.deepcopy(TEXT)
    for key, value in fields.items():
        if value is None:
            del events[index][key]
        else:
            events[index][key] = value
    return events


def told(**fields: Any) -> dict[str, Any]:
    """The response at the end of the short stream, changed in the same way."""
    response: dict[str, Any] = copy.deepcopy(TEXT[-1]["response"])
    for key, value in fields.items():
        if value is None:
            del response[key]
        else:
            response[key] = value
    return response


# What is in order.


@pytest.mark.parametrize(
    "events",
    [
        good(),
        TEXT,
        ALL,
        good(message(0, "a"), kind="incomplete"),
        [*TEXT[:3], PROGRESS, *TEXT[3:]],
    ],
)
def test_what_is_in_order_passes_untouched(events: list[dict[str, Any]]) -> None:
    heard = mend(*events)
    assert (heard.failure, heard.repairs) == (None, {})
    assert heard.native == wire(events)
    assert heard.events == numbered(events)


def test_many_deltas_pass_untouched() -> None:
    opening, delta, rest = TEXT[:4], TEXT[4], copy.deepcopy(TEXT[5:])
    words = [f"{i} " for i in range(200)]
    events = [*opening, *({**delta, "delta": word} for word in words), *rest]
    text = "".join(words)
    for event in events[-4:]:
        event |= json.loads(json.dumps(event).replace('"hi"', json.dumps(text)))
    heard = mend(*events)
    assert (heard.failure, heard.repairs) == (None, {})
    assert heard.native == wire(events)


def test_gaps_between_numbers_are_no_fault() -> None:
    events = [{**e, "sequence_number": 10 + 7 * i} for i, e in enumerate(TEXT)]
    data = b"".join(map(frame, events))
    heard = hear(data)
    assert (heard.native, heard.repairs) == (data, {})


def test_usage_is_read() -> None:
    usage = mend(*TEXT).mender.usage
    assert usage is not None
    assert (usage.input_total, usage.cache_read, usage.reasoning) == (30, 10, 3)
    assert usage.raw == USAGE
    assert mend(*TEXT[:-1]).mender.usage is None


def test_usage_of_a_failed_response_is_read() -> None:
    response = told(status="failed", error={"code": "server_error", "message": "m"})
    failed = {"type": "response.failed", "response": response}
    usage = mend(*TEXT[:3], failed).mender.usage
    assert usage is not None
    assert usage.input_total == 30


def test_an_empty_error_is_none() -> None:
    heard = mend(*changed(0, response={**TEXT[0]["response"], "error": {}}))
    assert (heard.failure, heard.repairs) == (None, {})


def test_content_begins_with_the_first_item() -> None:
    mender, sse = Mender(context()), SseDecoder()
    found = [mender.feed(sse.feed(frame(e))).content for e in numbered(TEXT)]
    assert found == [False, False, *[True] * 7]
    mender = Mender(context())
    (ping,) = SseDecoder().feed(frame(PING))
    mender.feed(SseDecoder().feed(wire(created())))
    assert not mender.feed([ping]).content


# What can be repaired.

# Each event that may be missing, and by what it is replaced.
MISSING = {
    "response.created": {"created_added": 1},
    "response.in_progress": {},
    "response.output_item.added": {"item_added": 1},
    "response.reasoning_summary_part.added": {"part_added": 1},
    "response.reasoning_summary_text.delta": {"delta_added": 1},
    "response.reasoning_summary_text.done": {"text_done_added": 1},
    "response.reasoning_summary_part.done": {"part_done_added": 1},
    "response.content_part.added": {"part_added": 1},
    "response.output_text.delta": {"delta_added": 1},
    "response.output_text.done": {"text_done_added": 1},
    "response.content_part.done": {"part_done_added": 1},
    "response.function_call_arguments.delta": {"delta_added": 1},
    "response.function_call_arguments.done": {"arguments_done_added": 1},
    "response.custom_tool_call_input.delta": {"delta_added": 1},
    "response.custom_tool_call_input.done": {"arguments_done_added": 1},
    "response.output_item.done": {"item_done_added": 1},
}


@pytest.mark.parametrize(
    "index",
    range(len(ALL) - 1),
    ids=[f"{i} {kind}" for i, kind in enumerate(kinds(ALL[:-1]))],
)
def test_any_event_may_be_missing(index: int) -> None:
    kind = ALL[index]["type"]
    heard = mend(*without(ALL, index))
    assert heard.failure is None
    repairs = dict(heard.repairs)
    held = repairs.pop("call_held", 0)
    assert repairs == MISSING[kind]
    expected = without(ALL, index) if kind == "response.in_progress" else ALL
    if kind == "response.output_item.done":  # what comes at the end is the last word
        expected = without(ALL, index)
        expected.insert(-1, ALL[index])
    assert without(plain(heard.events), index) == without(expected, index)
    if not held:  # a held call is told of with fewer fields than it was
        assert plain(heard.events) == expected


def test_the_end_alone_is_a_whole_stream() -> None:
    heard = mend(ALL[-1])
    assert kinds(heard.events) == kinds(without(ALL, 1))
    assert heard.events[-1]["response"]["output"] == ALL[-1]["response"]["output"]
    assert heard.events[0]["response"]["id"] == "resp_1"
    assert heard.events[0]["response"]["usage"] is None


# fmt: off
MENDED: dict[str, tuple[list[dict[str, Any]], dict[str, int]]] = {
    "created twice":         ([TEXT[0], *TEXT],          {"created_repeated": 1}),
    "queued first":          ([{**TEXT[1], "type": "response.queued"}, *TEXT[2:]],
                              {"created_added": 1}),
    "no response":           (changed(0, response=None), {"response_added": 1,
                              "response_id_added": 1, "model_added": 1,
                              "created_at_added": 1, "response_completed": 1,
                              "status_corrected": 1, "output_added": 1,
                              "response_id_corrected": 2}),
    "a bare response":       (changed(0, response={"id": "resp_1", "model": "m"}),
                              {"created_at_added": 1, "response_completed": 1,
                               "status_corrected": 1, "output_added": 1}),
    "no model":              (changed(1, response={**TEXT[1]["response"], "model": ""}),
                              {"model_added": 1}),
    "output at the start":   (changed(0, response=TEXT[-1]["response"]),
                              {"status_corrected": 1, "output_emptied": 1}),
    "early event":           ([PING, *TEXT],
                              {"early": 1, "sequence_number_corrected": 1}),
    "nameless event":        ([*TEXT[:3], {"type": ""}, *TEXT[3:]],
                              {"type_added": 1, "unknown_dropped": 1}),
    "bad name":              ([*TEXT[:3], {"type": "a\u2028b"}, *TEXT[3:]],
                              {"unknown_dropped": 1}),
    "no response at all":    (changed(-1, response=None),
                              {"response_added": 1, "response_id_corrected": 1,
                               "model_added": 1, "created_at_added": 1,
                               "response_completed": 1, "status_corrected": 1,
                               "output_rebuilt": 1}),
    "other id at the end":   (changed(-1, response=told(id="x")),
                              {"response_id_corrected": 1}),
    "no status":             (changed(-1, response=told(status=None)),
                              {"status_corrected": 1}),
    "the older end":         (changed(-1, type="response.done"), {"end_corrected": 1}),
    "no output":             (changed(-1, response=told(output=None)),
                              {"output_rebuilt": 1}),
    "empty output":          (changed(-1, response=told(output=[])),
                              {"output_rebuilt": 1}),
    "usage without details": (changed(-1, response=told(usage={
                                "input_tokens": 30, "output_tokens": 7})),
                              {"usage_completed": 1}),
    "something behind":      ([*TEXT, TEXT[4], TEXT[-1]], {"after_end": 2}),
}
# fmt: on


@pytest.mark.parametrize("case", MENDED.values(), ids=MENDED)
def test_repairs(case: tuple[list[dict[str, Any]], dict[str, int]]) -> None:
    events, repairs = case
    heard = mend(*copy.deepcopy(events))
    assert (heard.failure, heard.repairs) == (None, repairs)
    names = {e["response"]["id"] for e in heard.events if "response" in e}
    assert len(names) == 1
    ended = heard.events[-1]["response"]
    assert ended["output"] == TEXT[-1]["response"]["output"]
    assert ended["status"] == "completed"
    said = [e for e in heard.events if e["type"] == "response.output_text.delta"]
    assert [event["delta"] for event in said] == ["hi"]


def test_what_was_early_comes_behind_the_response() -> None:
    heard = mend(*[PING] * 20, *TEXT)
    assert kinds(heard.events)[:3] == ["created", "keepalive", "keepalive"]
    assert heard.repairs == {
        "early": 16,
        "early_dropped": 4,
        "sequence_number_corrected": 16,
    }


def test_counts_that_strict_clients_need_are_put_in() -> None:
    usage = {"input_tokens": 3, "output_tokens": 2, "input_tokens_details": None}
    heard = mend(*changed(-1, response=told(usage=usage)))
    assert heard.events[-1]["response"]["usage"] == {
        "input_tokens": 3,
        "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
        "output_tokens": 2,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": 5,
    }
    assert heard.mender.usage is not None
    assert heard.mender.usage.cache_read is None


@pytest.mark.parametrize("kind", ["completed", "incomplete"])
@pytest.mark.parametrize("status", ["completed", "incomplete"])
def test_an_incomplete_response_never_looks_complete(kind: str, status: str) -> None:
    response = told(status=status)
    heard = mend(*changed(-1, type=f"response.{kind}", response=response))
    word = "completed" if kind == status == "completed" else "incomplete"
    assert heard.events[-1]["type"] == f"response.{word}"
    assert heard.events[-1]["response"]["status"] == word


def test_codex_with_all_its_habits() -> None:
    """facts/02, section 2.3: names come late, the output at the end is empty."""
    events = copy.deepcopy(ALL)
    for event in events:
        item = event.get("item")
        if item is not None and event["type"].endswith("added"):
            for key in ("name", "id"):
                item.pop(key, None)
            del event["output_index"]
        if item is not None and item["type"] == "reasoning":
            late = event["type"].endswith("done")
            item["encrypted_content"] = "enc" if late else "early"
    events[-1]["response"]["output"] = []
    limits = {"type": "codex.rate_limits", "rate_limits": {}}
    heard = mend(limits, *events)
    assert heard.failure is None
    told = plain(heard.events)
    assert kinds(told) == [*kinds(ALL[:1]), "codex.rate_limits", *kinds(ALL[1:])]
    output = told[-1]["response"]["output"]
    assert [{**item, "id": ""} for item in output] == [
        {**item, "id": ""} for item in ALL[-1]["response"]["output"]
    ]
    opened = [e["item"] for e in told if e["type"] == "response.output_item.added"]
    assert [item["id"] for item in opened] == [item["id"] for item in output]
    assert [item.get("name") for item in opened] == [None, None, "f", "run"]


# Frames.


def data_only(event: dict[str, Any]) -> bytes:
    return b"data: %b\n\n" % orjson.dumps(event)


def named(event: dict[str, Any], name: str = "other") -> bytes:
    return b"event: %b\n%b" % (name.encode(), data_only(event))


def typeless(event: dict[str, Any]) -> bytes:
    kind = event["type"]
    return named({k: v for k, v in event.items() if k != "type"}, kind)


@pytest.mark.parametrize(
    ("write", "repair"),
    [
        (data_only, "event_line_added"),
        (named, "event_line_corrected"),
        (typeless, "type_added"),
    ],
)
def test_event_line_and_type_agree_in_the_end(
    write: Callable[[dict[str, Any]], bytes], repair: str
) -> None:
    heard = hear(b"".join(map(write, numbered(TEXT))))
    assert (heard.failure, heard.repairs) == (None, {repair: len(TEXT)})
    assert plain(heard.events) == TEXT


def test_of_an_end_and_something_else_the_end_is_meant() -> None:
    *before, last = numbered(TEXT)
    odd = named({**last, "type": "message"}, "response.completed")
    heard = hear(b"".join(map(frame, before)) + odd)
    assert (heard.complete, heard.repairs) == (True, {"type_corrected": 1})


@pytest.mark.parametrize("number", [None, True, "7", 3, -1, 2**31 - 1, 1e30])
def test_numbers_that_do_not_rise(number: Any) -> None:
    events = numbered(TEXT)
    events[4]["sequence_number"] = number
    heard = hear(b"".join(map(frame, events)))
    assert (heard.failure, heard.repairs) == (None, {"sequence_number_corrected": 1})
    assert heard.events == numbered(TEXT)


def test_no_numbers_at_all() -> None:
    heard = hear(b"".join(map(frame, TEXT)))
    assert heard.repairs == {"sequence_number_corrected": len(TEXT)}
    assert heard.events == numbered(TEXT)


def test_one_thing_put_in_moves_the_numbers_behind_it_and_is_counted_once() -> None:
    deltas = [{**TEXT[4], "delta": word} for word in "hi"]
    heard = mend(*TEXT[:3], *copy.deepcopy(deltas), *copy.deepcopy(TEXT[5:]))
    assert heard.repairs == {"part_added": 1}
    numbers = [event["sequence_number"] for event in heard.events]
    assert numbers == list(range(len(TEXT) + 1))


def test_what_else_a_stream_holds() -> None:
    sse, mender = SseDecoder(), Mender(context())
    around = sse.feed(b": hello\n\nevent: ping\ndata:  \n\ndata: [DONE]\n\n")
    assert isinstance(around[0], Comment)
    legal = [
        pair
        for event in numbered(TEXT)
        for pair in mender.feed([*around, *sse.feed(frame(event))]).legal
    ]
    assert b"".join(raw for _, raw in legal) == wire(TEXT)
    assert mender.repairs == {"empty_frame": len(TEXT), "done_mark": len(TEXT)}
    assert mender.feed(sse.feed(b"data: {\n\n")).failure is None
    assert mender.repairs["after_end"] == 1


@pytest.mark.parametrize("whole", [True, False])
def test_a_last_frame_without_its_end(whole: bool) -> None:
    data = wire(TEXT)[: -1 if whole else -20]
    heard = hear(data)
    assert heard.complete is whole
    assert heard.repairs == ({} if whole else {"cut_frame": 1})
    assert Mender(context()).feed([Truncated(3, None)]).failure is None


# What cannot be repaired.

ERROR = {"message": "no", "type": "t", "param": None, "code": "rate_limit_exceeded"}


@pytest.mark.parametrize(
    "payload",
    [
        {"error": ERROR},
        {"type": "error", **ERROR},
        {"type": "error", "error": ERROR},
        {"type": "response.error", "error": ERROR},
        {"type": "response.failed", "response": {"status": "failed", "error": ERROR}},
        {"code": "rate_limit_exceeded", "message": "no"},
        {**TEXT[-1], "response": {"error": ERROR}},
        {**TEXT[4], "error": ERROR},
        {**TEXT[1], "response": {"error": ERROR}},
    ],
)
@pytest.mark.parametrize("count", range(len(TEXT)))
def test_an_error_ends_the_stream(payload: dict[str, Any], count: int) -> None:
    heard = mend(*TEXT[:count], payload, *TEXT[count:])
    assert heard.failure is not None
    assert (heard.failure.kind, heard.failure.message) == (Kind.RATE, "no")
    assert heard.native == wire(TEXT[:count])


def test_the_error_of_a_failed_response_is_kept() -> None:
    error = {"code": "server_error", "message": "oops", "more": 1}
    failed = {"type": "response.failed", "response": {"error": error}}
    failure = mend(*TEXT[:3], failed).failure
    assert failure is not None
    assert failure.native is not None
    assert failure.native.error == error


NESTED = b"[" * 300 + b"]" * 300
DEEP = b'data: {"type":"response.created","response":{},"y":%b}\n\n' % NESTED

# fmt: off
BROKEN: dict[str, tuple[bytes, Kind, str]] = {
    "nothing":        (b"",                          Kind.EMPTY,     "without sending"),
    "comments":       (b": hi\n\n",                  Kind.EMPTY,     "without sending"),
    "only a mark":    (b"data: [DONE]\n\n",          Kind.EMPTY,     "without sending"),
    "only pings":     (frame(PING),                  Kind.TRUNCATED, "within a stream"),
    "cut":            (wire(TEXT[:4]),               Kind.TRUNCATED,
                       "after response.content_part.added"),
    "a mark, no end": (wire(TEXT[:-1]) + b"data: [DONE]\n\n", Kind.TRUNCATED,
                       "after response.output_item.done"),
    "not JSON":       (b"data: {\n\n",               Kind.MALFORMED, "not JSON"),
    "not an object":  (b"data: [1]\n\n",             Kind.MALFORMED, "not a JSON"),
    "JSON null":      (b"data: null\n\n",            Kind.MALFORMED, "not a JSON"),
    "error event":    (b"event: error\ndata: oops\n\n", Kind.SERVER, "oops"),
    "empty error":    (b"event: error\ndata: {}\n\n", Kind.SERVER,   "without a"),
    "bare failed":    (b"event: response.failed\ndata: {}\n\n", Kind.SERVER,
                       "without a reason"),
    "cancelled":      (wire(changed(-1, response=told(status="cancelled"))),
                       Kind.SERVER,    "cancelled"),
    "failed as done": (wire(changed(-1, type="response.done",
                                    response=told(status="failed"))),
                       Kind.SERVER,    "failed"),
    "delta no text":  (wire(changed(4, delta=[7])),  Kind.MALFORMED, "not text"),
    "too deep":       (DEEP,                         Kind.MALFORMED,
                       "nested too deeply"),
}
# fmt: on


@pytest.mark.parametrize("case", BROKEN.values(), ids=BROKEN)
def test_failures(case: tuple[bytes, Kind, str]) -> None:
    data, kind, words = case
    heard = hear(data)
    assert heard.failure is not None
    assert heard.failure.kind is kind
    assert words in heard.failure.message
    assert heard.mender.feed(SseDecoder().feed(wire(TEXT))).legal == []
    assert heard.mender.finish().failure is None


def test_too_long_an_event() -> None:
    failure = Mender(context()).feed([Oversize(7)]).failure
    assert failure is not None
    assert "more than 7 bytes" in failure.message


@pytest.mark.parametrize("size", [1, 400])
def test_too_long_an_answer_is_one_however_it_was_cut(
    monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    monkeypatch.setattr(module, "MAX_KEPT", 2000)
    deltas = [{**TEXT[4], "delta": "x" * 50} for _ in range(50)]
    events = [*TEXT[:4], *copy.deepcopy(deltas)]
    data = wire(events)
    heard = hear(data, range(0, len(data), size))
    assert heard.failure is not None
    assert "too large" in heard.failure.message
    assert same(heard, hear(data))
    assert len(heard.events) < len(events)


def test_what_is_not_kept_may_be_as_long_as_it_likes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "MAX_KEPT", 2000)
    picture = {**PROGRESS, "partial_image_b64": "x" * 3000}
    assert mend(*TEXT[:3], picture, *TEXT[3:]).failure is None


def deep_delta() -> bytes:
    """An ordinary delta that cannot be written anew, where that is needed."""
    first, second = ({**TEXT[4], "sequence_number": n} for n in (4, 4))
    deep = orjson.dumps(second)[:-1] + b',"y":%b}' % NESTED
    name = b"event: response.output_text.delta\ndata: "
    return wire(TEXT[:4]) + frame(first) + name + deep + b"\n\n"


def test_a_delta_that_cannot_be_written_anew() -> None:
    heard = hear(deep_delta())
    assert heard.failure is not None
    assert "nested too deeply" in heard.failure.message
    assert len(heard.events) == 5


# However it was cut.


def same(one: Heard, other: Heard) -> bool:
    return (one.native, one.failure, one.repairs) == (
        other.native,
        other.failure,
        other.repairs,
    )


@settings(max_examples=60)
@given(
    drop=st.sets(st.integers(0, len(ALL) - 1), max_size=6),
    at=st.lists(st.integers(0, 6000), max_size=12),
)
def test_cuts_never_show(drop: set[int], at: list[int]) -> None:
    data = wire(without(ALL, *drop))
    assert same(hear(data), hear(data, at))


# Saying that it is broken.


@pytest.mark.parametrize("count", range(len(TEXT)))
def test_a_native_stream_may_fail_anywhere(count: int) -> None:
    heard = mend(*TEXT[:count])
    failure = Failure(kind=Kind.RESET, status=502, message="it broke")
    frames = SseDecoder().feed(heard.native + heard.mender.fail(failure))
    checker, events = Checker(GRAMMAR), []
    for each in frames:
        assert isinstance(each, SseFrame)
        events.append(orjson.loads(each.data))
        assert checker.check(classify(events[-1])) is None
    assert checker.complete
    assert kinds(events)[-2:] == ["error", "failed"]
    numbers = [event["sequence_number"] for event in events]
    assert numbers == list(range(len(events)))
    response = events[-1]["response"]
    assert response["id"] == events[0]["response"]["id"]
    assert response["error"]["message"] == events[-2]["message"] == "it broke"
