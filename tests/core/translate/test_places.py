"""A loss is named at its place in the caller's own document."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cliproxy_core.dialects import DIALECTS
from cliproxy_core.ir.request import Dropped
from cliproxy_core.translate.places import placed

CHAT: Any = {
    "model": "m",
    "messages": [
        {"role": "system", "content": "s"},
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "a", "cache_control": {"type": "ephemeral"}},
                {"type": "image_url", "image_url": {"url": "u", "detail": "low"}},
                {"type": "text", "text": "b", "cache_control": {"type": "ephemeral"}},
            ],
        },
        {
            "role": "assistant",
            "content": "c",
            "reasoning_content": "t",
            "tool_calls": [
                {
                    "id": "1",
                    "type": "function",
                    "function": {"name": "f", "arguments": ""},
                },
                {
                    "id": "2",
                    "type": "function",
                    "function": {"name": "f", "arguments": ""},
                },
            ],
        },
    ],
    "max_completion_tokens": 5,
    "response_format": {
        "type": "json_schema",
        "json_schema": {"name": "n", "schema": {"type": "object"}},
    },
    "reasoning_effort": "low",
    "tools": [{"type": "function", "function": {"name": "f", "strict": True}}],
    "functions": [{"name": "g"}],
}
GEMINI: Any = {
    "systemInstruction": {"parts": [{"text": "s"}]},
    "contents": [
        {"role": "user", "parts": [{"text": "a"}]},
        {"role": "model", "parts": [{"text": "t", "thought": True}, {"text": "b"}]},
        {
            "role": "model",
            "parts": [{"functionCall": {"name": "f"}, "thoughtSignature": "c2ln"}],
        },
    ],
    "generationConfig": {"topK": 4, "thinkingConfig": {"includeThoughts": True}},
    "tools": [{"googleSearch": {}}, {"functionDeclarations": [{"name": "f"}]}],
}

# fmt: off
CASES = [
    # the emitter's word                     the caller's place
    (CHAT, "openai_chat", {
        ".max_output_tokens":                ".max_completion_tokens",
        ".format.name":                      ".response_format.json_schema.name",
        ".format.unheard_of":                ".response_format.json_schema",
        ".reasoning.budget":                 ".reasoning_effort",
        ".reasoning":                        ".reasoning_effort",
        ".tools[0].strict":                  ".tools[0].function.strict",
        ".tools[1]":                         ".functions[0]",
        ".tools[7]":                         ".tools",
        ".messages[1].content[1].detail":    ".messages[1].content[1].image_url.detail",
        ".messages[1].detail":               ".messages[1].content[1].image_url.detail",
        ".messages[2].content[0]":           ".messages[2].reasoning_content",
        ".messages[2].content[1]":           ".messages[2].content",
        ".messages[2].content[3].arguments":
            ".messages[2].tool_calls[1].function.arguments",
        ".messages[2].content[9]":           ".messages[2].content",
        ".messages[0].name":                 ".messages[0]",
        ".model":                            ".model",
        ".nowhere":                          ".nowhere",
    }),
    (GEMINI, "gemini", {
        ".top_k":                            ".generationConfig.topK",
        ".reasoning.visible": ".generationConfig.thinkingConfig.includeThoughts",
        ".tools[0]":                         ".tools[0].googleSearch",
        ".tools[1].strict":                  ".tools[1].functionDeclarations[0]",
        ".systemInstruction.content[0].x":   ".systemInstruction.parts[0]",
        ".contents[1].content[0]":           ".contents[1].parts[0]",
        ".contents[1].content[2].signature": ".contents[2].parts[0].thoughtSignature",
        ".contents[1].signature":            ".contents[2].parts[0].thoughtSignature",
    }),
]
# fmt: on


@pytest.mark.parametrize(
    ("document", "dialect", "path", "place"),
    [
        (doc, name, path, place)
        for doc, name, rows in CASES
        for path, place in rows.items()
    ],
)
def test_places(document: Any, dialect: str, path: str, place: str) -> None:
    request = DIALECTS[dialect].parse_request(document)
    found = placed((Dropped(path, "why"),), request, document, dialect)
    assert found == (Dropped(place, "why"),)


def test_the_same_loss_of_several_parts_is_of_one_after_the_other() -> None:
    request = DIALECTS["openai_chat"].parse_request(CHAT)
    loss = Dropped(".messages[1].cache_control", "no")
    assert placed((loss, loss, loss), request, CHAT, "openai_chat") == (
        Dropped(".messages[1].content[0].cache_control", "no"),
        Dropped(".messages[1].content[2].cache_control", "no"),
        Dropped(".messages[1]", "no"),
    )


def test_nothing_lost_is_nothing_done() -> None:
    request = DIALECTS["openai_chat"].parse_request(CHAT)
    assert placed((), request, CHAT, "openai_chat") == ()


@given(
    path=st.text(".[]messagsconttlR0123", max_size=30)
    | st.lists(
        st.sampled_from([".messages", "[1]", "[9]", ".content", ".tools", ".x", "[0]"])
    ).map("".join)
)
def test_any_path_has_a_place(path: str) -> None:
    request = DIALECTS["openai_chat"].parse_request(CHAT)
    (found,) = placed((Dropped(path, "why"),), request, CHAT, "openai_chat")
    assert found.reason == "why"
