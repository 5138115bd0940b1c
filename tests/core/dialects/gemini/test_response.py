"""Complete answers, both ways."""

from __future__ import annotations

from typing import Any

import pytest

from cliproxy_core.base.errors import DecodeError
from cliproxy_core.base.jsonval import JsonObject, as_object, loads, loads_exact, write
from cliproxy_core.dialects.gemini.carrier import wrap
from cliproxy_core.dialects.gemini.response import (
    emit_response,
    parse_response,
    skim_response,
)
from cliproxy_core.ir.citation import Citation, TokenProb
from cliproxy_core.ir.media import Media, MediaKind
from cliproxy_core.ir.reasoning import Signature
from cliproxy_core.ir.request import (
    Dropped,
    Extras,
    MediaPart,
    NativePart,
    Reasoning,
    Redacted,
    Refusal,
    Text,
    ToolCall,
    ToolKind,
    ToolResult,
)
from cliproxy_core.ir.response import Candidate, Response
from cliproxy_core.ir.stream import Reason
from tests.core.dialects.gemini.streams import call, context, said, text, thought

OWN = Signature("+/+/", "gemini")
FOREIGN = Signature("sig", "claude_messages")
COUNTS = {"promptTokenCount": 9, "candidatesTokenCount": 3, "totalTokenCount": 12}


def whole(*parts: Any, finish: str = "STOP", **more: Any) -> JsonObject:
    candidate = {
        "content": {"parts": list(parts), "role": "model"},
        "finishReason": finish,
        "index": 0,
        **more,
    }
    return {"candidates": [candidate], "modelVersion": "m", "responseId": "r1"}


def parse(document: JsonObject) -> Response:
    return parse_response(document, context())


def emit(*parts: Any, **more: Any) -> Any:
    response = Response(
        id="r1", model="m", candidates=(Candidate(parts=parts, **more),)
    )
    return emit_response(response, context())


def parts_of(emitted: Any) -> Any:
    return emitted.payload["candidates"][0]["content"]["parts"]


SAME: dict[str, Any] = {
    "text": whole(text("a")),
    "thinking": whole(thought("t"), text("a", thoughtSignature="+/+/")),
    "calls": whole(call("f", {"x": 1}, id="i", proof="+/+/"), call("g", {}, id="j")),
    "usage": {**whole(text("a")), "usageMetadata": COUNTS},
    "ratings": whole(text("a"), safetyRatings=[], avgLogprobs=-0.5, finishMessage="m"),
    "more": {**whole(text("a")), "createTime": "t", "promptFeedback": {}},
    "code": whole({"executableCode": {"code": "1"}}, text("a")),
    "an image": whole({"inlineData": {"mimeType": "image/png", "data": "aGk="}}),
    "a malformed call": whole(text(""), finish="MALFORMED_FUNCTION_CALL"),
    "grounding": whole(
        text("a"), groundingMetadata={"groundingChunks": [{"web": {"uri": "u"}}]}
    ),
    "a refused prompt": {
        "promptFeedback": {"blockReason": "SAFETY", "safetyRatings": []},
        "modelVersion": "m",
        "responseId": "r1",
    },
    "probabilities": whole(
        text("a"),
        logprobsResult={"chosenCandidates": [{"token": "a", "logProbability": -1}]},
    ),
}


@pytest.mark.parametrize("document", SAME.values(), ids=SAME)
def test_what_was_parsed_comes_back(document: JsonObject) -> None:
    emitted = emit_response(parse(document), context())
    assert emitted.payload == document
    assert emitted.dropped == ()


def test_what_it_means() -> None:
    document = whole(thought("t"), text("a"), call("f", {"x": 1}, id="i"))
    found = parse({**document, "usageMetadata": COUNTS})
    assert said(found.candidates) == [["thought: t", "a", 'f#i({"x":1})', "tool_use"]]
    assert (found.id, found.model) == ("r1", "m")
    assert found.usage is not None
    assert found.usage.total == 12


def test_big_numbers_survive() -> None:
    source = write(whole(call("f", {"n": 5}, id="i"))).replace(
        b"5}", b"1234567890" * 3 + b"}"
    )
    document = as_object(loads_exact(source), "")
    (made,) = parse(document).candidates[0].parts
    assert isinstance(made, ToolCall)
    assert made.arguments == '{"n":%s}' % ("1234567890" * 3)
    assert b'"args":{"n":%b}' % (b"1234567890" * 3) in write(emit(made).payload)


def test_candidates_are_numbered_by_their_place() -> None:
    one: Any = whole(text("a"))
    other: Any = whole(text("b"), finish="MAX_TOKENS")
    (first,), (second,) = one["candidates"], other["candidates"]
    found = parse({"candidates": [first, second]})
    assert said(found.candidates) == [["a", "end"], ["b", "max_output"]]
    candidates: Any = emit_response(found, context()).payload["candidates"]
    assert [candidate["index"] for candidate in candidates] == [0, 1]


def test_rules_are_bent_as_in_streams() -> None:
    found = parse(
        {
            "candidates": [
                {
                    "content": {
                        "parts": [{"function_call": {"name": "f", "args": "{}"}}]
                    },
                    "finish_reason": "stop",
                }
            ],
            "usage_metadata": {"prompt_token_count": 9, "total_token_count": 9},
        }
    )
    (candidate,) = found.candidates
    assert candidate.reason is Reason.TOOL_USE
    assert found.usage is not None
    assert found.usage.input_total == 9


def test_an_answer_that_does_not_say_why_it_ended() -> None:
    found = parse({"candidates": [{"content": {"parts": [text("a")]}}]})
    assert found.candidates[0].reason is Reason.END


def test_a_refused_prompt() -> None:
    found = parse(SAME["a refused prompt"])
    assert said(found.candidates) == [["refusal"]]
    assert found.candidates[0].native_reason == "SAFETY"


DEEP: Any = []
for _ in range(300):
    DEEP = [DEEP]


@pytest.mark.parametrize(
    ("document", "path"),
    [
        ({}, ".candidates"),
        ({"candidates": []}, ".candidates"),
        ({"candidates": 5}, ".candidates"),
        ({"candidates": [5]}, ".candidates[0]"),
        ({"candidates": [{}, {"content": 5}]}, ".candidates[1].content"),
        (whole(call("", {})), ".candidates[0].content.parts.functionCall.name"),
        ({**whole(text("a")), "responseId": 5}, ".responseId"),
        ({**whole(text("a")), "modelVersion": 5}, ".modelVersion"),
        ({**whole(text("a")), "usageMetadata": 5}, ".usageMetadata"),
        ({**whole(text("a")), "x": DEEP}, ""),
    ],
)
def test_what_is_no_answer(document: Any, path: str) -> None:
    with pytest.raises(DecodeError) as caught:
        parse(document)
    assert caught.value.path == path


def test_skimming_finds_the_usage() -> None:
    usage = skim_response({**whole(text("a")), "usageMetadata": COUNTS})
    assert usage is not None
    assert usage.total == 12
    snake = {**whole(text("a")), "usage_metadata": {"prompt_token_count": 5}}
    assert skim_response(snake) is not None
    assert skim_response(whole(text("a"))) is None
    assert skim_response(SAME["a refused prompt"]) is None


@pytest.mark.parametrize("document", [{}, {"candidates": []}, {"x": DEEP}])
def test_skimming_what_is_no_answer(document: Any) -> None:
    with pytest.raises(DecodeError):
        skim_response(document)


def test_every_part_has_its_place() -> None:
    emitted = emit(
        Reasoning("t", FOREIGN),
        Reasoning(""),
        Redacted(OWN),
        Text("a", signature=OWN),
        Text(""),
        Refusal("no"),
        Refusal(""),
        ToolCall(call_id="i", name="f", arguments="", signature=FOREIGN),
        ToolCall(call_id="j", name="g", arguments="x", kind=ToolKind.CUSTOM),
        MediaPart(Media(kind=MediaKind.AUDIO, data="aGk=")),
        NativePart("gemini", {"executableCode": {}, "deltas": []}),
    )
    assert emitted.dropped == ()
    assert emitted.payload["candidates"][0]["finishReason"] == "SAFETY"
    assert parts_of(emitted) == [
        thought("t", thoughtSignature=wrap(FOREIGN)),
        thought("", thoughtSignature="+/+/"),
        text("a", thoughtSignature="+/+/"),
        text("no"),
        call("f", {}, id="i", proof=wrap(FOREIGN)),
        call("g", {"input": "x"}, id="j"),
        {"inlineData": {"mimeType": "audio/wav", "data": "aGk="}},
        {"executableCode": {}},
    ]


def test_what_has_no_place_is_named() -> None:
    cited = Citation(dialect="openai_chat", raw={})
    emitted = emit(
        Text("a", citations=(cited,)),
        NativePart("claude_messages", {"type": "x"}),
        MediaPart(Media(kind=MediaKind.IMAGE)),
        ToolCall(call_id="i", name="f", arguments="[1]"),
        ToolResult(call_id="i", parts=()),
    )
    assert parts_of(emitted) == [text("a")]
    where = ".candidates[0].parts"
    assert emitted.dropped == (
        Dropped(f"{where}[1]", "only claude_messages knows it"),
        Dropped(f"{where}[2]", "media without data"),
        Dropped(f"{where}[3]", "a call that was cut"),
        Dropped(f"{where}[4]", "not part of an answer"),
        Dropped(where, "citation without an address"),
    )
    assert emitted.payload["candidates"][0]["finishReason"] == "MALFORMED_FUNCTION_CALL"


@pytest.mark.parametrize("arguments", ["", '{"a": "cu'])
def test_a_call_that_was_cut_is_never_announced(arguments: str) -> None:
    cut = ToolCall(call_id="i", name="f", arguments=arguments)
    emitted = emit(cut, reason=Reason.MAX_OUTPUT)
    assert parts_of(emitted) == [{"text": ""}]
    assert emitted.payload["candidates"][0]["finishReason"] == "MAX_TOKENS"
    assert len(emitted.dropped) == 1


def test_a_call_without_an_id_gets_one() -> None:
    (part,) = parts_of(emit(ToolCall(call_id="", name="f", arguments="{}")))
    assert part["functionCall"]["id"].startswith("call_")


def test_sources_and_probabilities() -> None:
    cited = Citation(dialect="openai_chat", raw={}, url="u", start=0, end=1)
    emitted = emit(
        Text("ö"),
        Refusal("é"),
        Text("ab", citations=(cited,)),
        tokens=(TokenProb("a", -1),),
    )
    candidate = emitted.payload["candidates"][0]
    (support,) = candidate["groundingMetadata"]["groundingSupports"]
    assert support["segment"] == {"startIndex": 4, "endIndex": 5, "text": "a"}
    assert candidate["logprobsResult"]["chosenCandidates"][0]["token"] == "a"


def test_extras_of_other_dialects_stay_out() -> None:
    foreign = Extras("openai_chat", {"x": 1})
    candidate = Candidate(parts=(Text("a"),), extras=foreign)
    response = Response(id="", model="", candidates=(candidate,), extras=foreign)
    payload: Any = emit_response(response, context()).payload
    assert "'x'" not in str(payload)
    assert payload["modelVersion"] == "asked"
    assert payload["responseId"].startswith("resp_")


def test_it_can_be_written_and_read() -> None:
    emitted = emit(ToolCall(call_id="i", name="f", arguments='{"a": 2.50}'))
    assert loads(write(emitted.payload)) == emitted.payload


def test_no_candidate_is_lost_for_a_finish_reason_that_is_null() -> None:
    payload: Any = whole(text("a"))
    (first,) = payload["candidates"]
    payload["candidates"] = [first, {**first, "finishReason": None, "index": 1}]
    parsed = parse_response(payload, context())
    assert [candidate.reason for candidate in parsed.candidates] == [Reason.END] * 2
