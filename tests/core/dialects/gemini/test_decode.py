"""Legal chunks to neutral events."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from cliproxy_core.dialects.gemini.decode import Decoder, media_kind
from cliproxy_core.ir import stream as ev
from cliproxy_core.ir.citation import TokenProb
from cliproxy_core.ir.media import MediaKind
from cliproxy_core.ir.reasoning import Signature
from cliproxy_core.ir.usage import Usage
from tests.core.dialects.gemini.streams import call, chunk, context, text, thought

START = ev.Started("r1", "m")
END = ev.Ended()
OWN = Signature("+/+/", "gemini")


def decode(*frames: bytes) -> list[ev.Event]:
    """All at once, and the same one by one; without the start and the end."""
    legal: list[Any] = [(orjson.loads(raw[6:]), raw) for raw in frames]
    legal.append((None, b""))
    decoder = Decoder(context())
    one_by_one = [event for item in legal for event in decoder.feed([item])]
    assert Decoder(context()).feed(legal) == one_by_one
    assert (one_by_one[0], one_by_one[-1]) == (START, END)
    return one_by_one[1:-1]


def words(block: int, *pieces: str, candidate: int = 0) -> list[ev.Event]:
    deltas = [ev.TextDelta(block, piece) for piece in pieces]
    return [ev.TextStarted(block, candidate), *deltas, ev.BlockEnded(block)]


def called(block: int, ident: str, name: str, arguments: str = "{}") -> list[ev.Event]:
    return [
        ev.ToolCallStarted(block, ident, name),
        ev.ToolCallDelta(block, arguments),
        ev.BlockEnded(block),
    ]


def stopped(reason: ev.Reason, word: str = "STOP", candidate: int = 0) -> ev.Stopped:
    return ev.Stopped(reason, word, None, candidate)


DONE = stopped(ev.Reason.END)
CALLED = stopped(ev.Reason.TOOL_USE)
STOP = chunk(text(""), finish="STOP")


def test_words_are_one_block() -> None:
    got = decode(chunk(text("a")), chunk(text("b")), chunk(text("c"), text("d")), STOP)
    assert got == [*words(0, "a", "b", "c", "d"), DONE]


def test_thinking_and_words() -> None:
    assert decode(chunk(thought("a")), chunk(thought("b")), chunk(text("c")), STOP) == [
        ev.ReasoningStarted(0),
        ev.ReasoningDelta(0, "a"),
        ev.ReasoningDelta(0, "b"),
        ev.BlockEnded(0),
        *words(1, "c"),
        DONE,
    ]


def test_a_signature_ends_its_block() -> None:
    got = decode(chunk(text("a", thoughtSignature="+/+/")), chunk(text("b")), STOP)
    assert got == [
        ev.TextStarted(0),
        ev.TextDelta(0, "a"),
        ev.BlockSigned(0, OWN),
        ev.BlockEnded(0),
        *words(1, "b"),
        DONE,
    ]


EMPTY = text("", thoughtSignature="+/+/")
EMPTY_THOUGHT = thought("", thoughtSignature="+/+/")


@pytest.mark.parametrize(
    ("first", "empty", "signs"),
    [
        (text("a"), EMPTY, True),
        (thought("a"), EMPTY, True),
        (thought("a"), EMPTY_THOUGHT, True),
        (text("a"), EMPTY_THOUGHT, False),
        (call("f", id="i"), EMPTY, False),
        (text("a", thoughtSignature="aa=="), EMPTY, False),
    ],
)
def test_a_signature_on_nothing(first: Any, empty: Any, signs: bool) -> None:
    got = decode(chunk(first), chunk(empty), STOP)
    signed = ev.BlockSigned(0, OWN) in got
    sealed = ev.RedactedReasoning(1, OWN) in got
    assert (signed, sealed) == (signs, not signs)


def test_a_signature_at_once_is_sealed() -> None:
    got = decode(chunk(EMPTY), STOP)
    assert got == [ev.RedactedReasoning(0, OWN), ev.BlockEnded(0), DONE]


def test_calls() -> None:
    got = decode(
        chunk(text("a"), call("f", {"x": 1}, id="i", proof="+/+/"), call("g", id="j")),
        STOP,
    )
    first = called(1, "i", "f", '{"x":1}')
    first[0] = ev.ToolCallStarted(1, "i", "f", signature=OWN)
    assert got == [*words(0, "a"), *first, *called(2, "j", "g"), CALLED]


def test_calls_without_ids_get_some() -> None:
    got = decode(chunk(call("f", {}), call("f", {})), STOP)
    ids = [event.call_id for event in got if isinstance(event, ev.ToolCallStarted)]
    assert len(set(ids)) == 2
    assert all(ident.startswith("call_") for ident in ids)


def test_arguments_keep_their_text() -> None:
    spelled = b'{"a": [1, 2.50, "\\u00e9"], "n": 12345678901234567890123}'
    raw = chunk(call("f", 5, id="i")).replace(b'"args":5', b'"args":' + spelled)
    assert decode(raw, STOP)[1] == ev.ToolCallDelta(0, spelled.decode())


def partial(*fragments: Any, more: bool = True, **named: Any) -> bytes:
    args = {"partialArgs": list(fragments)} if fragments else {}
    goes_on = {"willContinue": True} if more else {}
    return chunk({"functionCall": {**named, **args, **goes_on}})


def fragment(path: str, words: str, *, more: bool = False) -> dict[str, Any]:
    return {
        "jsonPath": path,
        "stringValue": words,
        **({"willContinue": True} if more else {}),
    }


OPEN = partial(name="f", id="i")
ROME = [partial(fragment("$.city", "Ro", more=True)), partial(fragment("$.city", "me"))]


@pytest.mark.parametrize(
    ("stream", "arguments"),
    [
        ([OPEN, *ROME, partial(more=False)], '{"city":"Rome"}'),
        ([OPEN, partial(fragment("$.a", "x"), more=False)], '{"a":"x"}'),
        ([OPEN, partial(more=False)], "{}"),
        ([partial(fragment("$.a", "x"), more=False, name="f", id="i")], '{"a":"x"}'),
        (
            [partial(name="f", id="i", args={"b": 1}), *ROME, partial(more=False)],
            '{"b":1,"city":"Rome"}',
        ),
        (
            [
                OPEN,
                partial(fragment("$.a", "x"), name="f", id="i"),
                partial(more=False),
            ],
            '{"a":"x"}',
        ),
    ],
)
def test_a_call_in_fragments_is_announced_whole(
    stream: list[bytes], arguments: str
) -> None:
    assert decode(*stream, STOP) == [*called(0, "i", "f", arguments), CALLED]


def test_a_signature_of_a_call_in_fragments() -> None:
    signed = OPEN.replace(b"true}", b'true},"thoughtSignature":"+/+/"')
    (opening, *_) = decode(signed, partial(more=False), STOP)
    assert opening == ev.ToolCallStarted(0, "i", "f", signature=OWN)


@pytest.mark.parametrize("word", ["STOP", "MAX_TOKENS"])
def test_a_call_that_was_cut_is_not_announced(word: str) -> None:
    got = decode(OPEN, *ROME, chunk(text(""), finish=word))
    assert got == [stopped(ev.Reason.MAX_OUTPUT, word)]


def test_a_call_whose_fragments_make_no_sense_is_not_announced() -> None:
    got = decode(OPEN, partial(fragment("nowhere", "x")), partial(more=False), STOP)
    assert got == [DONE]


def test_the_next_call_ends_one_that_was_cut() -> None:
    got = decode(OPEN, chunk(call("g", {}, id="j")), STOP)
    assert got == [*called(0, "j", "g"), CALLED]


@pytest.mark.parametrize(
    ("word", "reason"),
    [
        ("MAX_TOKENS", ev.Reason.MAX_OUTPUT),
        ("SAFETY", ev.Reason.REFUSAL),
        ("MALFORMED_FUNCTION_CALL", ev.Reason.OTHER),
        ("UNEXPECTED_TOOL_CALL", ev.Reason.OTHER),
        ("MISSING_THOUGHT_SIGNATURE", ev.Reason.OTHER),
    ],
)
def test_why_it_stopped(word: str, reason: ev.Reason) -> None:
    assert decode(chunk(finish=word)) == [stopped(reason, word)]


def test_a_refused_prompt_is_a_refusal() -> None:
    block: Any = {"promptFeedback": {"blockReason": "OTHER"}}
    events = Decoder(context()).feed([(block, b""), (None, b"")])
    assert events == [ev.Started("", ""), ev.Stopped(ev.Reason.REFUSAL, "OTHER"), END]


@pytest.mark.parametrize(
    ("mime", "kind"),
    [
        ("image/png", MediaKind.IMAGE),
        ("audio/pcm;rate=24000", MediaKind.AUDIO),
        ("video/mp4", MediaKind.VIDEO),
        ("application/pdf", MediaKind.DOCUMENT),
        ("", MediaKind.DOCUMENT),
    ],
)
def test_kinds_of_media(mime: str, kind: MediaKind) -> None:
    assert media_kind(mime) is kind


def test_media() -> None:
    image = {"inlineData": {"mimeType": "image/png", "data": "aGk="}}
    assert decode(chunk(text("a"), image), STOP) == [
        *words(0, "a"),
        ev.MediaStarted(1, MediaKind.IMAGE, "image/png"),
        ev.MediaDelta(1, "aGk="),
        ev.BlockEnded(1),
        DONE,
    ]


@pytest.mark.parametrize(
    "part",
    [
        {"executableCode": {"code": "1"}},
        {"codeExecutionResult": {"output": "1"}},
        {"toolCall": {}},
        {"toolResponse": {}},
        {"fileData": {"fileUri": "x"}},
        {"inlineData": {"mimeType": "image/png", "data": "aGk="}, "thought": True},
        {"tomorrow": 1},
    ],
    ids=lambda part: next(iter(part)),
)
def test_what_only_this_dialect_knows(part: dict[str, Any]) -> None:
    got = decode(chunk(part), STOP)
    assert got == [ev.NativeStarted(0, "gemini", part), ev.BlockEnded(0), DONE]


def test_words_with_more_about_them_are_words() -> None:
    assert decode(chunk(text("a", partMetadata={"x": 1})), STOP) == [
        *words(0, "a"),
        DONE,
    ]


def test_candidates_side_by_side() -> None:
    got = decode(
        chunk(text("a")),
        chunk(text("b"), index=1),
        chunk(text("c")),
        chunk(text("d"), index=1, finish="MAX_TOKENS"),
        STOP,
    )
    assert got == [
        ev.TextStarted(0),
        ev.TextDelta(0, "a"),
        ev.TextStarted(1, 1),
        ev.TextDelta(1, "b"),
        ev.TextDelta(0, "c"),
        ev.TextDelta(1, "d"),
        ev.BlockEnded(1),
        stopped(ev.Reason.MAX_OUTPUT, "MAX_TOKENS", 1),
        ev.BlockEnded(0),
        DONE,
    ]


def test_usage_is_told_once() -> None:
    first = {"promptTokenCount": 9, "cachedContentTokenCount": 4}
    last = {"promptTokenCount": 9, "candidatesTokenCount": 2, "thoughtsTokenCount": 1}
    got = decode(
        chunk(text("a"), usage=first),
        chunk(text("b"), usage=first),
        chunk(text(""), finish="STOP", usage=last),
    )
    usage = Usage(input_uncached=5, cache_read=4, output=2, reasoning=1)
    assert got[-1] == ev.UsageReported(usage)
    assert sum(isinstance(event, ev.UsageReported) for event in got) == 1


def test_no_counts_are_no_usage() -> None:
    got = decode(chunk(text("a"), finish="STOP", usage={"trafficType": "ON_DEMAND"}))
    assert got == [*words(0, "a"), DONE]


GROUNDING: dict[str, Any] = {
    "groundingChunks": [{"web": {"uri": "https://a.example"}}],
    "groundingSupports": [
        {"segment": {"startIndex": 4, "endIndex": 6}, "groundingChunkIndices": [0]}
    ],
}


def test_sources_belong_to_the_words() -> None:
    got = decode(
        chunk(text("Wörld"), groundingMetadata=GROUNDING),
        chunk(text("", thoughtSignature="+/+/")),
        chunk(text(""), finish="STOP", groundingMetadata=GROUNDING),
    )
    (cited,) = [event for event in got if isinstance(event, ev.CitationAdded)]
    assert (cited.block, cited.citation.start, cited.citation.end) == (0, 3, 5)
    assert cited.citation.url == "https://a.example"


def test_sources_that_come_with_the_signature() -> None:
    got = decode(
        chunk(
            text("Wörld", thoughtSignature="+/+/"),
            finish="STOP",
            groundingMetadata=GROUNDING,
        )
    )
    kinds = [type(event).__name__ for event in got]
    assert kinds == [
        "TextStarted",
        "TextDelta",
        "BlockSigned",
        "CitationAdded",
        "BlockEnded",
        "Stopped",
    ]


def test_sources_of_a_later_block_count_from_its_start() -> None:
    got = decode(
        chunk(text("Wö")),
        chunk(call("f", {}, id="i")),
        chunk(text("rld"), finish="STOP", groundingMetadata=GROUNDING),
    )
    (cited,) = [event for event in got if isinstance(event, ev.CitationAdded)]
    assert (cited.block, cited.citation.start, cited.citation.end) == (2, 1, 3)


def test_sources_without_words_are_for_nothing() -> None:
    got = decode(
        chunk(call("f", {}, id="i"), finish="STOP", groundingMetadata=GROUNDING)
    )
    assert got == [*called(0, "i", "f"), CALLED]


def test_probabilities() -> None:
    result = {"chosenCandidates": [{"token": "a", "logProbability": -1}]}
    got = decode(chunk(text("a"), logprobsResult=result), STOP)
    assert got[2] == ev.LogProbsAdded(0, (TokenProb("a", -1),))


def test_what_is_odd_says_nothing() -> None:
    odd: Any = {"candidates": [5, {"content": 5}, {"content": {"parts": [5]}}]}
    names: Any = {"promptFeedback": {"safetyRatings": []}}
    events = Decoder(context()).feed([(odd, b""), (names, b""), (None, b"")])
    assert events == [ev.Started("", ""), END]
