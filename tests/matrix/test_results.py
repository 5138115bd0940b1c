"""Calls and their results, from every caller to every upstream.

Whatever order results come in, they stay beside their calls; arguments stay as the
model wrote them; what a tool shows is seen.
"""

from __future__ import annotations

import json
from typing import Any, Final

import pytest

from cliproxy_core.base.jsonval import Json, JsonObject, dumps, loads

from .callers import NAMES, validate
from .test_requests import CROSSINGS, crossed

crossings = pytest.mark.parametrize(("down", "up"), CROSSINGS)

ARGUMENTS: Final = '{"z": 12345678901234567890123, "a": [1E+2, -0.0, 2.50], "é": {}}'
CALL_IDS: Final = ("toolu_1", "toolu_2", "toolu_3")


def conversation(name: str, order: tuple[int, ...]) -> bytes:
    """A turn of three calls whose results come in an order."""
    ids = [CALL_IDS[at] for at in order]
    match name:
        case "openai_chat":
            calls: list[Json] = [
                {
                    "id": i,
                    "type": "function",
                    "function": {"name": "f", "arguments": ARGUMENTS},
                }
                for i in CALL_IDS
            ]
            results = [{"role": "tool", "tool_call_id": i, "content": i} for i in ids]
            turn: JsonObject = {"role": "assistant", "tool_calls": calls}
            asked = {"role": "user", "content": "hi"}
            return dumps({"model": "m", "messages": [asked, turn, *results]})
        case "openai_responses":
            made = [
                {
                    "type": "function_call",
                    "call_id": i,
                    "name": "f",
                    "arguments": ARGUMENTS,
                }
                for i in CALL_IDS
            ]
            given = [
                {"type": "function_call_output", "call_id": i, "output": i} for i in ids
            ]
            said = {"role": "user", "content": "hi"}
            return dumps({"model": "m", "input": [said, *made, *given]})
        case "claude_messages":
            uses: list[Json] = [
                {"type": "tool_use", "id": i, "name": "f", "input": "@raw"}
                for i in CALL_IDS
            ]
            blocks: list[Json] = [
                {"type": "tool_result", "tool_use_id": i, "content": i} for i in ids
            ]
            turns: list[Json] = [
                {"role": "user", "content": "hi"},
                {"role": "assistant", "content": uses},
                {"role": "user", "content": blocks},
            ]
            document: JsonObject = {"model": "m", "max_tokens": 9000, "messages": turns}
        case _:
            parts: list[Json] = [
                {"functionCall": {"id": i, "name": "f", "args": "@raw"}}
                for i in CALL_IDS
            ]
            answers: list[Json] = [
                {"functionResponse": {"id": i, "name": "f", "response": {"output": i}}}
                for i in ids
            ]
            contents: list[Json] = [
                {"role": "user", "parts": [{"text": "hi"}]},
                {"role": "model", "parts": parts},
                {"role": "user", "parts": answers},
            ]
            document = {"contents": contents}
    return dumps(document).replace(b'"@raw"', ARGUMENTS.encode())


def pairs(name: str, document: Any) -> list[tuple[str, str]]:
    """Calls and results in their order: which, and of which call."""
    found: list[tuple[str, str]] = []
    match name:
        case "openai_chat":
            for message in document["messages"]:
                made = message.get("tool_calls", ())
                found += [("call", call["id"]) for call in made]
                if message["role"] == "tool":
                    found.append(("result", message["tool_call_id"]))
        case "openai_responses":
            kinds = {"function_call": "call", "function_call_output": "result"}
            found = [
                (kinds[item["type"]], item["call_id"])
                for item in document["input"]
                if item.get("type") in kinds
            ]
        case "claude_messages":
            for message in document["messages"]:
                content = message["content"]
                for block in content if isinstance(content, list) else ():
                    if block["type"] == "tool_use":
                        found.append(("call", block["id"]))
                    elif block["type"] == "tool_result":
                        found.append(("result", block["tool_use_id"]))
        case _:
            for content in document["contents"]:
                for part in content["parts"]:
                    if "functionCall" in part:
                        found.append(("call", part["functionCall"]["id"]))
                    elif "functionResponse" in part:
                        found.append(("result", part["functionResponse"]["id"]))
    return found


@crossings
@pytest.mark.parametrize("order", [(0, 1, 2), (2, 0, 1), (1, 2, 0)])
def test_results_stay_beside_their_calls(
    down: str, up: str, order: tuple[int, ...]
) -> None:
    document = loads(crossed(conversation(down, order), down, up).body)
    assert validate(up, document) == []
    found = pairs(up, document)
    assert found[:3] == [("call", i) for i in CALL_IDS]
    assert sorted(found[3:]) == [("result", i) for i in CALL_IDS]


@crossings
def test_arguments_keep_their_spelling(down: str, up: str) -> None:
    body = crossed(conversation(down, (0, 1, 2)), down, up).body
    text = json.dumps(ARGUMENTS)[1:-1] if up.startswith("openai") else ARGUMENTS
    squeezed = body.decode().replace(" ", "")
    wanted = text.replace(" ", "").replace("\\u00e9", "é")
    assert squeezed.count(wanted) == len(CALL_IDS)


# What a tool shows.

PNG: Final = "data:image/png;base64,aGk="


@pytest.mark.parametrize("down", ["openai_chat", "openai_responses", "claude_messages"])
@pytest.mark.parametrize("up", NAMES)
def test_a_tools_picture_arrives(down: str, up: str) -> None:
    """Beside its words or inside of the result, but not lost."""
    calls: dict[str, Any] = {
        "openai_chat": [
            {
                "role": "assistant",
                "tool_calls": [
                    {
                        "id": "toolu_1",
                        "type": "function",
                        "function": {"name": "f", "arguments": "{}"},
                    }
                ],
            },
            {
                "role": "tool",
                "tool_call_id": "toolu_1",
                "content": [
                    {"type": "text", "text": "see"},
                    {"type": "image_url", "image_url": {"url": PNG}},
                ],
            },
        ],
        "openai_responses": [
            {
                "type": "function_call",
                "call_id": "toolu_1",
                "name": "f",
                "arguments": "{}",
            },
            {
                "type": "function_call_output",
                "call_id": "toolu_1",
                "output": [
                    {"type": "input_text", "text": "see"},
                    {"type": "input_image", "image_url": PNG, "detail": "auto"},
                ],
            },
        ],
        "claude_messages": [
            {
                "role": "assistant",
                "content": [
                    {"type": "tool_use", "id": "toolu_1", "name": "f", "input": {}}
                ],
            },
            {
                "role": "user",
                "content": [
                    {
                        "type": "tool_result",
                        "tool_use_id": "toolu_1",
                        "content": [
                            {"type": "text", "text": "see"},
                            {
                                "type": "image",
                                "source": {
                                    "type": "base64",
                                    "media_type": "image/png",
                                    "data": "aGk=",
                                },
                            },
                        ],
                    }
                ],
            },
        ],
    }
    said = {"role": "user", "content": "hi"}
    slot = "input" if down == "openai_responses" else "messages"
    document: dict[str, Any] = {"model": "m", slot: [said, *calls[down]]}
    if down == "claude_messages":
        document["max_tokens"] = 9000
    plan = crossed(dumps(document), down, up)
    assert validate(up, json.loads(plan.body)) == []
    assert plan.dropped == ()
    assert b"aGk=" in plan.body
    assert b"see" in plan.body
