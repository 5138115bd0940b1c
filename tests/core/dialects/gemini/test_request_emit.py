"""Requests written for this API: as they came, or under the vendor's rules."""

from __future__ import annotations

import copy
from typing import Any

import attrs
import pytest

from cliproxy_core.dialects.gemini.carrier import wrap
from cliproxy_core.dialects.gemini.parts import BYPASS
from cliproxy_core.dialects.gemini.request import parse_request
from cliproxy_core.dialects.gemini.request_emit import emit_request
from cliproxy_core.ir.reasoning import Effort, ReasoningWish, Signature
from cliproxy_core.ir.request import (
    Choice,
    ChoiceMode,
    Emitted,
    Extras,
    Message,
    NativeTool,
    Request,
    ResponseFormat,
    Role,
    Sampling,
    Text,
    Tool,
)

NAME = "gemini"
HI: Any = {"role": "user", "parts": [{"text": "hi"}]}
PROOF = "c2ln"
FOREIGN = Signature("s", "claude_messages")
SCHEMA: Any = {"type": "OBJECT", "properties": {"x": {"type": "INTEGER"}}}

# Every field of facts/02, section 2.5.1, in both spellings where they differ.
WHOLE: Any = {
    "contents": [
        {
            "role": "user",
            "parts": [
                {"text": "t"},
                {"text": ""},
                {
                    "inlineData": {
                        "mimeType": "image/png",
                        "data": "AA-_",
                        "displayName": "",
                    }
                },
                {"inline_data": {"mime_type": "application/pdf", "data": "AA=="}},
                {
                    "fileData": {"mimeType": "video/mp4", "fileUri": "u"},
                    "videoMetadata": {"startOffset": "1s"},
                    "mediaResolution": {"level": "MEDIA_RESOLUTION_LOW"},
                },
            ],
            "unknown": {"a_b": None},
        },
        {"role": "model", "parts": [{"text": "a", "thought": True}]},
        {"role": "model", "parts": [{"text": "b", "thought": True}]},
        {"role": "model", "parts": [{"text": "", "thoughtSignature": PROOF}]},
        {
            "parts": [
                {
                    "functionCall": {"name": "f", "args": {"b": 1.0, "a": 1e100}},
                    "thought_signature": BYPASS,
                },
                {"functionCall": {"id": None, "name": "g"}},
                {"executableCode": {"language": "PYTHON", "code": "1"}},
                {"codeExecutionResult": {"outcome": "OUTCOME_OK", "output": "1"}},
                {"toolCall": {"id": "t"}},
            ]
        },
        {
            "role": "function",
            "parts": {
                "functionResponse": {
                    "name": "g",
                    "response": {"content": "x"},
                    "parts": [
                        {"inlineData": {"mimeType": "image/png", "data": "AA=="}}
                    ],
                    "willContinue": False,
                    "scheduling": "SILENT",
                }
            },
        },
        {"role": "user", "parts": [{"functionResponse": {"response": {"result": 1}}}]},
        {"role": "user", "parts": []},
    ],
    "system_instruction": {"role": "user", "parts": {"text": "s"}},
    "tools": [
        {
            "function_declarations": [
                {
                    "name": "f",
                    "description": "",
                    "parameters": SCHEMA,
                    "response": SCHEMA,
                    "behavior": "BLOCKING",
                },
                {"name": "g", "parametersJsonSchema": {}, "responseJsonSchema": {}},
            ],
            "googleSearch": {"timeRangeFilter": {}},
        },
        {"googleSearchRetrieval": {}},
        {"urlContext": {}, "codeExecution": None},
        {"googleMaps": {}},
        {"fileSearch": {"fileSearchStoreNames": ["s"]}},
        {"computerUse": {"environment": "ENVIRONMENT_BROWSER"}},
        {"enterpriseWebSearch": {}},
        {"mcpServers": []},
    ],
    "toolConfig": {
        "functionCallingConfig": {
            "mode": "VALIDATED",
            "allowedFunctionNames": ["f"],
            "streamFunctionCallArguments": False,
        },
        "retrievalConfig": {"languageCode": "de"},
        "includeServerSideToolInvocations": True,
    },
    "generationConfig": {
        "temperature": 1.0,
        "top_p": 0.5,
        "topK": 40.0,
        "candidateCount": 1,
        "max_output_tokens": 9,
        "stop_sequences": [],
        "responseMimeType": "application/json",
        "responseSchema": SCHEMA,
        "responseModalities": ["TEXT"],
        "presencePenalty": None,
        "frequencyPenalty": 0,
        "seed": 7,
        "responseLogprobs": True,
        "logprobs": 3,
        "thinking_config": {
            "include_thoughts": True,
            "thinkingBudget": -1,
            "thinking_level": "HIGH",
        },
        "mediaResolution": "MEDIA_RESOLUTION_LOW",
        "speechConfig": {"languageCode": "de"},
        "imageConfig": {"aspectRatio": "1:1", "imageSize": "2K"},
        "audioTimestamp": True,
        "routingConfig": {},
        "modelSelectionConfig": {},
        "enableEnhancedCivicAnswers": True,
    },
    "safetySettings": [{"category": "C", "threshold": "OFF"}],
    "cachedContent": "cachedContents/c",
    "labels": {"a_b": "c"},
    "serviceTier": "SERVICE_TIER_PRIORITY",
    "store": None,
    "model": "models/m",
    "new_field": {"x_y": 1},
}


def test_what_was_read_goes_back_as_it_came() -> None:
    document = copy.deepcopy(WHOLE)
    request = attrs.evolve(parse_request(document), model="m", stream=True)
    emitted = emit_request(request)
    assert emitted == Emitted(WHOLE)
    assert list(emitted.payload) == list(WHOLE)
    assert emitted.payload is not document


def changed(**fields: Any) -> tuple[dict[str, Any], list[str]]:
    """The members that differ after a change, and the paths of what was dropped."""
    emitted = emit_request(attrs.evolve(parse_request(WHOLE), **fields))
    payload: dict[str, Any] = dict(emitted.payload)
    differing = {
        key: payload.get(key)
        for key in {*WHOLE, *payload}
        if payload.get(key) != WHOLE.get(key)
    }
    return differing, [each.path for each in emitted.dropped]


def test_only_what_was_changed_is_written_anew() -> None:
    assert changed(tier="flex")[0] == {"serviceTier": "flex"}
    assert changed(tier="default")[0] == {"serviceTier": "standard"}
    assert changed(store=True)[0] == {"store": True}
    assert changed(tools=())[0] == {"tools": None}
    assert changed(choice=Choice(ChoiceMode.NONE))[0] == {
        "toolConfig": {
            "functionCallingConfig": {
                "mode": "NONE",
                "streamFunctionCallArguments": False,
            },
            "retrievalConfig": {"languageCode": "de"},
            "includeServerSideToolInvocations": True,
        }
    }


def test_a_changed_setting_keeps_what_only_this_dialect_knows() -> None:
    differing, dropped = changed(sampling=Sampling(seed=9), reasoning=None)
    known = WHOLE["generationConfig"]
    kept = {
        key: known[key]
        for key in (
            "mediaResolution",
            "speechConfig",
            "imageConfig",
            "audioTimestamp",
            "routingConfig",
            "modelSelectionConfig",
            "enableEnhancedCivicAnswers",
        )
    }
    assert differing == {
        "generationConfig": {
            "seed": 9,
            "responseModalities": ["TEXT"],
            "responseMimeType": "application/json",
            "responseJsonSchema": {
                "type": "object",
                "properties": {"x": {"type": "integer"}},
            },
            **kept,
        }
    }
    assert dropped == []


def test_changed_turns_say_the_same() -> None:
    request = parse_request(WHOLE)
    more = Message(role=Role.USER, parts=(Text("more"),), plain=False, path=".added")
    edited = attrs.evolve(request, messages=(*request.messages, more))
    emitted = emit_request(edited)
    assert emitted.payload["system_instruction"] == WHOLE["system_instruction"]
    again = parse_request(emitted.payload).messages
    assert len(again) == len(edited.messages)
    for now, was in zip(again, edited.messages, strict=True):
        assert (now.role, now.extras) == (was.role, was.extras)
        assert now.parts == was.parts


def test_a_changed_instruction_says_the_same() -> None:
    request = parse_request(WHOLE)
    other = attrs.evolve(request.messages[0], parts=(Text("other"),))
    emitted = emit_request(
        attrs.evolve(request, messages=(other, *request.messages[1:]))
    )
    assert emitted.payload["contents"] == WHOLE["contents"]
    assert emitted.payload["system_instruction"] == {"parts": [{"text": "other"}]}


def test_what_was_not_there_is_added() -> None:
    request = parse_request({"contents": [HI]})
    more = attrs.evolve(request, store=True, tools=(Tool(name="f"),))
    assert emit_request(more).payload == {
        "contents": [HI],
        "tools": [{"functionDeclarations": [{"name": "f"}]}],
        "store": True,
    }


def test_without_its_document_a_request_says_the_same() -> None:
    request = parse_request(WHOLE)
    bare = attrs.evolve(request, extras=Extras(NAME, request.extras.fields))
    again = parse_request(emit_request(bare).payload)
    for name in ("tools", "choice", "sampling", "format", "modalities", "tier"):
        assert getattr(again, name) == getattr(request, name), name
    assert again.stored == request.stored
    assert again.extras.fields == request.extras.fields


# State that other upstreams made.


def model(*parts: Any) -> Any:
    return {"role": "model", "parts": list(parts)}


def test_state_of_other_upstreams_stays_here() -> None:
    carrier = wrap(FOREIGN)
    thought = {"text": "t", "thought": True, "thoughtSignature": carrier}
    document: Any = {
        "contents": [
            HI,
            model(thought, {"text": "b", "thought_signature": carrier}),
            HI,
            model({"text": "", "thought": True, "thoughtSignature": carrier}),
            HI,
        ],
        "generationConfig": {"top_k": 1},
    }
    emitted = emit_request(parse_request(document))
    assert emitted.payload == {
        "contents": [HI, model({"text": "b"}), HI, HI],
        "generationConfig": {"top_k": 1},
    }
    places = [".contents[1]", ".contents[1].signature", ".contents[3]"]
    assert [each.path for each in emitted.dropped] == places


def test_a_spoilt_carrier_stays_here() -> None:
    spoilt = wrap(FOREIGN)[:24]
    document: Any = {"contents": [HI, model({"text": "b", "thoughtSignature": spoilt})]}
    emitted = emit_request(parse_request(document))
    assert emitted.payload == {"contents": [HI, model({"text": "b"})]}


def test_own_state_goes_back_in_the_alphabet_it_came_in() -> None:
    document: Any = {"contents": [HI, model({"text": "b", "thoughtSignature": "a-_="})]}
    assert emit_request(parse_request(document)) == Emitted(document)


# From other dialects.

ASKED = Message(role=Role.USER, parts=(Text("hi"),))
LEAST: Any = {"contents": [HI]}


def emit(**fields: Any) -> tuple[Any, list[str]]:
    emitted = emit_request(Request(**{"model": "m", "messages": (ASKED,), **fields}))
    assert all(each.reason for each in emitted.dropped)
    return emitted.payload, [each.path for each in emitted.dropped]


SEARCH = NativeTool("other", {"type": "web_search"})
OPEN: Any = {"type": "object", "properties": {"x": {"type": "integer"}}}

# fmt: off
FOREIGN_CASES: list[tuple[dict[str, Any], dict[str, Any], list[str]]] = [
    ({}, {}, []),
    ({"stream": True, "stream_usage": True}, {}, []),
    ({"sampling": Sampling(max_output=9, stop=("a",), seed=1),
      "reasoning": ReasoningWish(effort=Effort.HIGH, visible=True),
      "format": ResponseFormat(type="json_schema", schema=OPEN),
      "modalities": ("text", "audio")},
     {"generationConfig": {
         "maxOutputTokens": 9, "stopSequences": ["a"], "seed": 1,
         "responseMimeType": "application/json", "responseJsonSchema": OPEN,
         "responseModalities": ["TEXT", "AUDIO"],
         "thinkingConfig": {"thinkingLevel": "high", "includeThoughts": True}}}, []),
    ({"tools": (Tool(name="f", schema=OPEN),),
      "choice": Choice(ChoiceMode.NAMED, "f"), "parallel_tools": False},
     {"tools": [{"functionDeclarations":
                 [{"name": "f", "parametersJsonSchema": OPEN}]}],
      "toolConfig": {"functionCallingConfig":
                     {"mode": "ANY", "allowedFunctionNames": ["f"]}}},
     [".parallel_tools"]),
    ({"tools": (SEARCH,), "choice": Choice(ChoiceMode.REQUIRED)}, {},
     [".tools[0]", ".tool_choice"]),
    ({"parallel_tools": False}, {}, []),
    ({"tier": "auto"}, {}, []),
    ({"tier": "default"}, {"serviceTier": "standard"}, []),
    ({"tier": "priority"}, {"serviceTier": "priority"}, []),
    ({"tier": "scale"}, {}, [".tier"]),
    ({"store": False}, {"store": False}, []),
    ({"user": "u", "metadata": {}, "cache_key": "k", "cache_retention": "24h",
      "verbosity": "low"}, {},
     [".verbosity", ".user", ".metadata", ".cache_key", ".cache_retention"]),
    ({"extras": Extras("other", {"x": 1})}, {}, [".x"]),
]
# fmt: on


@pytest.mark.parametrize(("fields", "payload", "dropped"), FOREIGN_CASES)
def test_from_another_dialect(
    fields: dict[str, Any], payload: dict[str, Any], dropped: list[str]
) -> None:
    assert emit(**fields) == ({**LEAST, **payload}, dropped)


def test_safety_settings_are_never_made_up() -> None:
    assert "safetySettings" not in emit()[0]
