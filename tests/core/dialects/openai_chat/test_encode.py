"""Events as chunks: legal, complete, and nothing that was cut looks whole."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cliproxy_core.base.jsonval import loads_exact
from cliproxy_core.dialects.openai_chat import DIALECT
from cliproxy_core.dialects.openai_chat.encode import finish_word
from cliproxy_core.ir import stream as ev
from cliproxy_core.ir.citation import Citation, TokenProb
from cliproxy_core.ir.failure import Failure, Kind
from cliproxy_core.ir.grammar import Checker
from cliproxy_core.ir.media import MediaKind
from cliproxy_core.ir.reasoning import Signature
from cliproxy_core.ir.request import ToolKind
from cliproxy_core.ir.response import Response, collect
from cliproxy_core.ir.usage import Usage
from tests.core.dialects.openai_chat.streams import DONE, context, one, send

ROLE = {"role": "assistant", "content": ""}
CLAUDE = Signature("s", "claude_messages")


def encoded(*events: ev.Event, usage: bool = True) -> list[Any]:
    """The payloads, after the grammar and the steps were held against them."""
    encoder, checker = DIALECT.encoder(context(usage=usage)), Checker(DIALECT.grammar)
    sent = [item for event in events for item in encoder.feed([event])]
    whole = DIALECT.encoder(context(usage=usage)).feed(events)
    assert whole == sent
    for steps, raw in sent:
        assert steps == DIALECT.classify(one(raw))
        assert checker.check(steps) is None
    assert checker.complete
    return [one(raw) for _, raw in sent]


def deltas(*events: ev.Event, reason: ev.Reason = ev.Reason.END) -> list[Any]:
    start = ev.Started("r1", "m", 7)
    got = encoded(start, *events, ev.Stopped(reason), ev.Ended())
    return [c["delta"] for p in got if p for c in p["choices"]]


def test_the_frame_of_a_token() -> None:
    events: list[ev.Event] = [
        ev.Started("r%1", "m", 7),
        ev.TextStarted(0),
        ev.TextDelta(0, "a\n%"),
    ]
    ((_, role), (_, text)) = DIALECT.encoder(context()).feed(events)
    head = b'data: {"id":"r%1","object":"chat.completion.chunk","created":7,"model":"m"'
    rest = b',"choices":[{"index":0,"delta":{%b},"finish_reason":null}]}\n\n'
    assert role == head + rest % b'"role":"assistant","content":""'
    assert text == head + rest % b'"content":"a\\n%"'


def test_a_claude_answer() -> None:
    got = encoded(
        ev.Started("msg_1", "claude", None),
        ev.ReasoningStarted(0),
        ev.ReasoningDelta(0, "t"),
        ev.BlockSigned(0, CLAUDE),
        ev.BlockEnded(0),
        ev.ToolCallStarted(1, "toolu_1", "lookup"),
        ev.ToolCallDelta(1, '{"q":1}'),
        ev.BlockEnded(1),
        ev.UsageReported(Usage(input_uncached=13, cache_read=22000)),
        ev.UsageReported(Usage(cache_write_5m=31, output=4)),
        ev.Stopped(ev.Reason.TOOL_USE, "tool_use"),
        ev.Ended(),
    )
    assert [c["delta"] for p in got if p for c in p["choices"]] == [
        ROLE,
        {"reasoning_content": "t"},
        {
            "reasoning_details": [
                {
                    "type": "reasoning.text",
                    "index": 0,
                    "text": "t",
                    "signature": "cliproxy1:claude_messages::s",
                    "format": "anthropic-claude-v1",
                }
            ]
        },
        {
            "tool_calls": [
                {
                    "index": 0,
                    "id": "toolu_1",
                    "type": "function",
                    "function": {"name": "lookup", "arguments": ""},
                }
            ]
        },
        {"tool_calls": [{"index": 0, "function": {"arguments": '{"q":1}'}}]},
        {},
    ]
    assert got[0]["created"] == 1
    assert got[-3]["choices"][0]["finish_reason"] == "tool_calls"
    assert got[-3]["choices"][0]["native_finish_reason"] == "tool_use"
    assert got[-2]["choices"] == []
    assert got[-2]["usage"] == {
        "prompt_tokens": 22044,
        "completion_tokens": 4,
        "total_tokens": 22048,
        "prompt_tokens_details": {"cached_tokens": 22000, "cache_write_tokens": 31},
    }
    assert got[-1] is None


def test_usage_only_for_those_who_ask() -> None:
    usage = ev.UsageReported(Usage(output=1))
    events: list[ev.Event] = [
        ev.Started("", ""),
        usage,
        ev.Stopped(ev.Reason.END),
        ev.Ended(),
    ]
    assert [p["usage"]["total_tokens"] for p in encoded(*events)[2:3]] == [1]
    assert len(encoded(*events, usage=False)) == 3
    first = encoded(*events)[0]
    assert first["id"].startswith("chatcmpl-")
    assert first["model"] == "asked"


def test_sealed_reasoning_is_sent_whole() -> None:
    got = deltas(ev.RedactedReasoning(0, CLAUDE), ev.BlockEnded(0))
    assert got[1]["reasoning_details"] == [
        {
            "type": "reasoning.encrypted",
            "index": 0,
            "data": "cliproxy1:claude_messages::s",
            "format": "anthropic-claude-v1",
        }
    ]


def test_calls_are_numbered_among_themselves() -> None:
    got = deltas(
        ev.TextStarted(0),
        ev.TextDelta(0, ""),
        ev.TextDelta(0, "a"),
        ev.ToolCallStarted(1, "a", "f"),
        ev.ToolCallStarted(2, "b", "g"),
        ev.ToolCallDelta(2, "{}"),
        ev.ToolCallDelta(1, "{}"),
        reason=ev.Reason.TOOL_USE,
    )
    numbers = [d["tool_calls"][0]["index"] for d in got if "tool_calls" in d]
    assert numbers == [0, 1, 1, 0]
    assert got.count({"content": "a"}) == 1


@pytest.mark.parametrize(
    ("reason", "arguments"),
    [(ev.Reason.TOOL_USE, "{}"), (ev.Reason.END, "{}"), (ev.Reason.MAX_OUTPUT, "")],
)
def test_no_arguments_are_an_object_unless_cut(
    reason: ev.Reason, arguments: str
) -> None:
    got = deltas(ev.ToolCallStarted(0, "a", "f"), ev.BlockEnded(0), reason=reason)
    calls = [d["tool_calls"][0]["function"]["arguments"] for d in got[1:-1]]
    assert "".join(calls) == arguments


def test_candidates_each_have_a_role_and_a_finish() -> None:
    got = encoded(
        ev.Started("r", "m", 7),
        ev.RefusalStarted(0, candidate=1),
        ev.RefusalDelta(0, "no"),
        ev.BlockEnded(0),
        ev.Stopped(ev.Reason.END, candidate=0),
        ev.Stopped(ev.Reason.REFUSAL, "refusal", candidate=1),
        ev.Ended(),
    )
    lanes = [(p["choices"][0]["index"], p["choices"][0]["delta"]) for p in got[:-1]]
    assert lanes == [(0, ROLE), (1, ROLE), (1, {"refusal": "no"}), (0, {}), (1, {})]


def test_what_has_no_place_is_left_out_and_counted() -> None:
    encoder = DIALECT.encoder(context())
    sent = encoder.feed(
        [
            ev.Started("r1", "m", 7),
            ev.Heartbeat(),
            ev.MediaStarted(0, MediaKind.VIDEO),
            ev.MediaDelta(0, "AAAA"),
            ev.NativeStarted(1, "claude_messages", {}),
            ev.NativeDelta(1, {}),
            ev.BlockSigned(1, CLAUDE),
            ev.BlockEnded(0),
            ev.BlockEnded(1),
            ev.NativeStarted(2, "openai_chat", {"new": 1}),
            ev.BlockEnded(2),
            ev.TextStarted(3),
            ev.CitationAdded(3, Citation(dialect="claude_messages", raw={})),
            ev.BlockSigned(3, CLAUDE),
            ev.BlockEnded(3),
        ]
    )
    assert [one(raw)["choices"][0]["delta"] for _, raw in sent] == [ROLE]
    assert encoder.dropped == {"media": 1, "native": 2, "citation": 1, "signature": 1}


def test_free_text_for_a_custom_tool() -> None:
    got = deltas(
        ev.ToolCallStarted(0, "a", "f", kind=ToolKind.CUSTOM),
        ev.ToolCallDelta(0, "x"),
        ev.BlockEnded(0),
        ev.ToolCallStarted(1, "b", "g", kind=ToolKind.CUSTOM),
        ev.BlockEnded(1),
        reason=ev.Reason.TOOL_USE,
    )
    assert [entry for d in got[1:-1] for entry in d["tool_calls"]] == [
        {"index": 0, "id": "a", "type": "custom", "custom": {"name": "f", "input": ""}},
        {"index": 0, "custom": {"input": "x"}},
        {"index": 1, "id": "b", "type": "custom", "custom": {"name": "g", "input": ""}},
    ]


@pytest.mark.parametrize(
    ("issuer", "want"), [("gemini", "s"), ("other", "cliproxy1:other::s")]
)
def test_the_state_of_a_call(issuer: str, want: str) -> None:
    state = Signature("s", issuer)
    got = deltas(ev.ToolCallStarted(0, "a", "f", signature=state), ev.BlockEnded(0))
    google = {"google": {"thought_signature": want}}
    assert got[1]["tool_calls"][0]["extra_content"] == google


def cited(start: int, end: int) -> dict[str, Any]:
    place = {"start_index": start, "end_index": end}
    return {"type": "url_citation", "url_citation": {**place, "title": "", "url": "u"}}


def test_sources_count_from_the_start_of_the_message() -> None:
    got = deltas(
        ev.TextStarted(0),
        ev.TextDelta(0, "ab"),
        ev.CitationAdded(0, Citation(dialect="x", raw={}, url="u")),
        ev.BlockEnded(0),
        ev.TextStarted(1),
        ev.CitationAdded(1, Citation(dialect="x", raw={}, url="u", start=1, end=2)),
        ev.TextDelta(1, "c"),
        ev.TextDelta(1, "de"),
        ev.CitationAdded(1, Citation(dialect="openai_chat", raw={"own": 1})),
        ev.BlockEnded(1),
    )
    assert [d["annotations"] for d in got if "annotations" in d] == [
        [{**cited(0, 2), "index": 0}],
        [{**cited(3, 4), "index": 1}, {"own": 1, "index": 2}],
    ]


@pytest.mark.parametrize(
    ("opening", "key"),
    [(ev.TextStarted(0), "content"), (ev.RefusalStarted(0), "refusal")],
)
def test_probabilities_stand_beside_the_delta(opening: Any, key: str) -> None:
    got = encoded(
        ev.Started("r", "m", 7),
        opening,
        ev.LogProbsAdded(0, (TokenProb("a", -0.5, (97,)),)),
        ev.BlockEnded(0),
        ev.Stopped(ev.Reason.END),
        ev.Ended(),
    )
    probs = {"token": "a", "logprob": -0.5, "bytes": [97], "top_logprobs": []}
    (choice,) = got[1]["choices"]
    assert choice["delta"] == {}
    assert {k: v for k, v in choice["logprobs"].items() if v} == {key: [probs]}


def test_a_picture_is_sent_whole_and_sound_as_it_comes() -> None:
    got = deltas(
        ev.MediaStarted(0, MediaKind.IMAGE, "image/webp"),
        ev.MediaStarted(1, MediaKind.AUDIO),
        ev.MediaDelta(0, "AA"),
        ev.MediaDelta(1, "BB"),
        ev.MediaDelta(0, "AA"),
        ev.BlockEnded(0),
        ev.MediaDelta(1, "CC"),
        ev.BlockEnded(1),
        ev.NativeStarted(2, "openai_chat", {"images": [{"own": 1}, 5], "deltas": []}),
        ev.BlockEnded(2),
    )
    url = {"url": "data:image/webp;base64,AAAA"}
    ident = got[1]["audio"].pop("id")
    assert ident.startswith("audio_")
    assert got[1:-1] == [
        {"audio": {}},
        {"audio": {"data": "BB"}},
        {"images": [{"type": "image_url", "image_url": url, "index": 0}]},
        {"audio": {"data": "CC"}},
        {"images": [{"own": 1, "index": 1}]},
    ]


def test_numbers_of_others_are_written_as_they_came() -> None:
    raw: Any = loads_exact('{"prompt_tokens": 1, "cost": 1e-5}')
    encoder = DIALECT.encoder(context())
    sent = encoder.feed(
        [
            ev.Started("r", "m"),
            ev.UsageReported(Usage(input_uncached=1, raw=raw)),
            ev.Stopped(ev.Reason.END),
            ev.Ended(),
        ]
    )
    assert b'"cost":1e-5' in sent[-2][1]


@pytest.mark.parametrize(
    ("reason", "calls", "want"),
    [
        (ev.Reason.END, False, "stop"),
        (ev.Reason.END, True, "tool_calls"),
        (ev.Reason.TOOL_USE, False, "stop"),
        (ev.Reason.PAUSE, True, "tool_calls"),
        (ev.Reason.STOP_SEQUENCE, True, "tool_calls"),
        (ev.Reason.TOOL_USE, True, "tool_calls"),
        (ev.Reason.STOP_SEQUENCE, False, "stop"),
        (ev.Reason.MAX_OUTPUT, True, "length"),
        (ev.Reason.CONTEXT_WINDOW, False, "length"),
        (ev.Reason.REFUSAL, False, "content_filter"),
        (ev.Reason.PAUSE, False, "stop"),
        (ev.Reason.OTHER, False, "stop"),
    ],
)
def test_the_finish_word(reason: ev.Reason, calls: bool, want: str) -> None:
    assert finish_word(reason, calls=calls) == want


def test_a_failure_ends_the_stream_without_an_end_mark() -> None:
    failure = Failure(kind=Kind.OVERLOADED, status=529, message="busy")
    got = encoded(ev.Started("r", "m"), ev.Broken(failure))
    assert got[1]["error"]["message"] == "busy"
    ((steps, raw),) = DIALECT.encoder(context()).fail(failure)
    assert raw == DIALECT.fail(failure)
    assert steps == DIALECT.classify(one(raw))
    assert DONE not in raw


KINDS: list[Any] = [
    (ev.TextStarted, ev.TextDelta),
    (ev.RefusalStarted, ev.RefusalDelta),
    (ev.ReasoningStarted, ev.ReasoningDelta),
    (lambda b, c: ev.ToolCallStarted(b, f"id{b}", "f", c), ev.ToolCallDelta),
    (
        lambda b, c: ev.ToolCallStarted(b, f"id{b}", "f", c, ToolKind.CUSTOM),
        ev.ToolCallDelta,
    ),
    (lambda b, c: ev.MediaStarted(b, MediaKind.IMAGE, "image/png", c), ev.MediaDelta),
    (lambda b, c: ev.MediaStarted(b, MediaKind.AUDIO, None, c), ev.MediaDelta),
    (lambda b, c: ev.MediaStarted(b, MediaKind.VIDEO, None, c), ev.MediaDelta),
    (lambda b, c: ev.NativeStarted(b, "x", {}, c), None),
    (lambda b, c: ev.RedactedReasoning(b, CLAUDE, c), None),
]
WORDS = (ev.TextDelta, ev.RefusalDelta, ev.ReasoningDelta)
NOTES: list[Any] = [
    lambda b: ev.CitationAdded(b, Citation(dialect="x", raw={}, url="u")),
    lambda b: ev.LogProbsAdded(b, (TokenProb("t", -1),)),
]


@st.composite
def streams(draw: st.DrawFn) -> list[ev.Event]:
    """Blocks of all kinds that open, grow and end in any order."""
    out: list[ev.Event] = [ev.Started("r", "m", 7)]
    candidates = draw(st.integers(1, 2))
    alive: dict[int, Any] = {}
    for block in range(draw(st.integers(0, 6))):
        opening, growing = draw(st.sampled_from(KINDS))
        if growing in WORDS:  # no upstream says two things of a kind at once
            same = [other for other, grows in alive.items() if grows is growing]
            out += [ev.BlockEnded(other) for other in same]
            alive = {b: g for b, g in alive.items() if b not in same}
        out.append(opening(block, draw(st.integers(0, candidates - 1))))
        alive[block] = growing
        for _ in range(draw(st.integers(0, 3))):
            some = draw(st.sampled_from(sorted(alive)))
            if alive[some] is not None:
                out.append(alive[some](some, draw(st.sampled_from(["", "a", "bc"]))))
            if alive[some] is ev.TextDelta and draw(st.booleans()):
                out.append(draw(st.sampled_from(NOTES))(some))
            if draw(st.booleans()):
                out.append(ev.BlockEnded(some))
                del alive[some]
                if not alive:
                    break
    out += [ev.BlockEnded(block) for block in alive]
    reason = draw(st.sampled_from([ev.Reason.END, ev.Reason.MAX_OUTPUT]))
    out += [ev.Stopped(reason, candidate=i) for i in range(candidates)]
    return [*out, ev.Ended()]


@given(streams())
def test_whatever_comes_the_stream_is_legal_and_needs_no_repair(
    events: list[ev.Event],
) -> None:
    encoded(*events)
    sent = DIALECT.encoder(context()).feed(events)
    stream = b"".join(raw for _, raw in sent)
    out = send(stream)
    assert (out.native, out.failure, out.repairs) == (stream, None, {})
    was = collect(events)
    assert isinstance(was, Response)
    told: Any = DIALECT.emit_response(was, context()).payload
    again: Any = DIALECT.emit_response(out.response, context()).payload
    for before, after in zip(told["choices"], again["choices"], strict=True):
        pictures = [c["message"].get("images", []) for c in (before, after)]
        assert sorted(pictures[0], key=str) == sorted(pictures[1], key=str)
        for key in ("content", "refusal", "reasoning_content", "tool_calls"):
            assert after["message"].get(key) == before["message"].get(key), key
