"""Requests of this API, read."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cliproxy_core.base.errors import DecodeError
from cliproxy_core.dialects.gemini.request import parse_request
from cliproxy_core.ir.reasoning import Effort, ReasoningWish
from cliproxy_core.ir.request import (
    Choice,
    ChoiceMode,
    Extras,
    Message,
    Request,
    ResponseFormat,
    Role,
    Sampling,
    Text,
    Tool,
)

NAME = "gemini"
HI: Any = {"role": "user", "parts": [{"text": "hi"}]}
LEAST: Any = {"contents": [HI]}
TURN = Message(role=Role.USER, parts=(Text("hi"),), plain=False, path=".contents[0]")


def read(**fields: Any) -> Request:
    return parse_request({**LEAST, **fields})


def test_the_least() -> None:
    extras = Extras(NAME, {}, LEAST)
    assert parse_request(LEAST) == Request(model="", messages=(TURN,), extras=extras)


def test_all_that_the_neutral_form_knows() -> None:
    document: Any = {
        "systemInstruction": {"parts": [{"text": "s"}]},
        "contents": [HI],
        "tools": [{"functionDeclarations": [{"name": "f"}]}],
        "toolConfig": {"functionCallingConfig": {"mode": "ANY"}},
        "generationConfig": {
            "topK": 3,
            "responseMimeType": "application/json",
            "responseModalities": ["TEXT"],
            "thinkingConfig": {"thinkingLevel": "low"},
        },
        "serviceTier": "flex",
        "store": False,
        "model": "models/m",
    }
    system = Message(
        role=Role.SYSTEM, parts=(Text("s"),), plain=False, path=".systemInstruction"
    )
    assert parse_request(document) == Request(
        model="",
        messages=(system, TURN),
        tools=(Tool(name="f"),),
        choice=Choice(ChoiceMode.REQUIRED),
        sampling=Sampling(top_k=3),
        reasoning=ReasoningWish(effort=Effort.LOW),
        format=ResponseFormat(type="json_object"),
        modalities=("text",),
        tier="flex",
        store=False,
        extras=Extras(NAME, {}, document),
    )


def test_both_spellings_are_read() -> None:
    request = parse_request(
        {
            "contents": [
                {"parts": [{"inline_data": {"mime_type": "a/b", "data": ""}}]}
            ],
            "system_instruction": {"parts": {"text": "s"}},
            "generation_config": {
                "top_k": 3,
                "thinking_config": {"thinking_budget": 0},
            },
            "tool_config": {"function_calling_config": {"mode": "none"}},
            "service_tier": "standard",
        }
    )
    assert [message.role for message in request.messages] == [Role.SYSTEM, Role.USER]
    assert request.sampling == Sampling(top_k=3)
    assert request.reasoning == ReasoningWish(effort=Effort.NONE)
    assert request.choice == Choice(ChoiceMode.NONE)
    assert request.tier == "default"


def test_what_only_this_dialect_knows_is_extra() -> None:
    request = read(
        safetySettings=[],
        labels={"a_b": "c"},
        new_thing={"x_y": 1},
        generationConfig={"imageConfig": {}, "topP": 1},
        toolConfig={"retrievalConfig": {}},
        absent=None,
    )
    assert request.extras.fields == {
        "safetySettings": [],
        "labels": {"a_b": "c"},
        "newThing": {"x_y": 1},
        "generationConfig": {"imageConfig": {}},
        "toolConfig": {"retrievalConfig": {}},
    }


@pytest.mark.parametrize(
    ("word", "tier"),
    [
        ("priority", "priority"),
        ("SERVICE_TIER_FLEX", "flex"),
        ("UNSPECIFIED", "auto"),
        ("other", "other"),
        (None, None),
    ],
)
def test_how_urgent_it_is(word: str | None, tier: str | None) -> None:
    assert read(serviceTier=word).tier == tier


def test_cached_content_is_kept_by_an_upstream() -> None:
    assert read(cachedContent="cachedContents/c").stored == (".cachedContent",)
    assert read(cachedContent="").stored == ()


BAD = [
    ({}, ".contents"),
    ({"model": "m", "messages": []}, ".contents"),
    ({"contents": None}, ".contents"),
    ({"contents": 7}, ".contents"),
    ({"contents": [{"parts": [{"text": 7}]}]}, ".contents[0].parts[0].text"),
    ({"contents": [], "systemInstruction": 7}, ".systemInstruction"),
    ({"contents": [], "tools": 7}, ".tools"),
    ({"contents": [], "toolConfig": 7}, ".toolConfig"),
    ({"contents": [], "generationConfig": 7}, ".generationConfig"),
    ({"contents": [], "serviceTier": 7}, ".serviceTier"),
    ({"contents": [], "store": "no"}, ".store"),
    ({"contents": [], "cachedContent": 7}, ".cachedContent"),
]


@pytest.mark.parametrize(("document", "path"), BAD, ids=str)
def test_a_bad_request_is_a_complaint(document: Any, path: str) -> None:
    with pytest.raises(DecodeError) as caught:
        parse_request(document)
    assert caught.value.path == path


# Documents of the API's own words in the wrong places.
words = st.sampled_from(
    [
        "contents",
        "parts",
        "role",
        "text",
        "thought",
        "thoughtSignature",
        "functionCall",
        "function_call",
        "name",
        "id",
        "args",
        "functionResponse",
        "response",
        "result",
        "output",
        "error",
        "inlineData",
        "mimeType",
        "data",
        "fileData",
        "fileUri",
        "systemInstruction",
        "tools",
        "functionDeclarations",
        "parameters",
        "properties",
        "type",
        "googleSearch",
        "excludeDomains",
        "toolConfig",
        "functionCallingConfig",
        "mode",
        "allowedFunctionNames",
        "generationConfig",
        "thinkingConfig",
        "thinkingLevel",
        "thinkingBudget",
        "responseSchema",
        "stopSequences",
        "topK",
        "serviceTier",
        "store",
        "cachedContent",
    ]
)
leaves = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-2, 2),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from(["", "user", "model", "AUTO", "low", "STRING", "c2ln", "a/b"]),
)
values = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=4)
    ),
    max_leaves=20,
)


def complaint(document: Any) -> DecodeError | None:
    try:
        parse_request(document)
    except DecodeError as error:
        return error
    return None


@given(st.dictionaries(words, values, max_size=4), values)
def test_any_document_is_a_request_or_a_complaint(document: Any, contents: Any) -> None:
    error = complaint({**document, "contents": contents})
    assert error is None or error.path.startswith(".")
