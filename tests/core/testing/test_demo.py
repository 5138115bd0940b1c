"""The demo upstream: what each model does, held against the vendors' own SDK types."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest
from anthropic.types import Message, RawMessageStreamEvent
from google.genai.types import GenerateContentResponse
from openai.types.chat import ChatCompletion, ChatCompletionChunk
from openai.types.responses import Response, ResponseStreamEvent
from pydantic import TypeAdapter

from cliproxy_core.testing.demo import MODELS, SLOW, demo_answer
from cliproxy_core.testing.script import Pause, ReceivedRequest, Reset, Say, ScriptStep

CHAT, CLAUDE = b"/v1/chat/completions", b"/v1/messages"
RESPONSES, GEMINI = b"/v1/responses", b"/v1beta/models/"
PATHS = [CHAT, RESPONSES, CLAUDE, GEMINI]
RESPONSES_EVENT: TypeAdapter[ResponseStreamEvent] = TypeAdapter(ResponseStreamEvent)
CLAUDE_EVENT: TypeAdapter[RawMessageStreamEvent] = TypeAdapter(RawMessageStreamEvent)
GOOD = ["text", "tool", "tools", "thinking", "slow"]


def ask(
    path: bytes, model: str, *, stream: bool = False, **fields: object
) -> Sequence[ScriptStep]:
    document = {"model": model, "stream": stream, **fields}
    if path == GEMINI:
        verb = "streamGenerateContent?alt=sse" if stream else "generateContent"
        path += f"{model}:{verb}".encode()
        document = {"contents": [], **fields}
    body = json.dumps(document).encode()
    return demo_answer(ReceivedRequest(b"POST", path, (), body))


def split(steps: Sequence[ScriptStep]) -> tuple[int, bytes]:
    """Status and unframed body."""
    said = [step.data for step in steps if isinstance(step, Say)]
    head, _, rest = said[0].partition(b"\r\n\r\n")
    body = rest
    for piece in said[1:]:
        body += piece.split(b"\r\n", 1)[1].removesuffix(b"\r\n")
    return int(head.split()[1]), body


def payloads(steps: Sequence[ScriptStep]) -> list[dict[str, Any]]:
    status, body = split(steps)
    assert status == 200
    frames = body.decode().replace("\r\n", "\n").split("\n\n")[:-1]
    data = [frame.rpartition("data: ")[2] for frame in frames]
    return [json.loads(item) for item in data if item != "[DONE]"]


@pytest.mark.parametrize("model", GOOD)
def test_chat_streams_are_what_the_sdk_expects(model: str) -> None:
    steps = ask(CHAT, model, stream=True)
    chunks = [ChatCompletionChunk.model_validate(p) for p in payloads(steps)]
    reasons = [c.finish_reason for chunk in chunks for c in chunk.choices]
    assert reasons[-1] == ("tool_calls" if "tool" in model else "stop")
    assert set(reasons[:-1]) == {None}
    usage = chunks[-1].usage
    assert usage is not None
    assert usage.prompt_tokens_details is not None
    assert usage.prompt_tokens_details.cached_tokens == 8
    assert split(steps)[1].endswith(b"data: [DONE]\n\n")


@pytest.mark.parametrize("model", GOOD)
def test_claude_streams_are_what_the_sdk_expects(model: str) -> None:
    events = payloads(ask(CLAUDE, model, stream=True))
    names = [event["type"] for event in events]
    for event in events:
        if event["type"] != "ping":
            CLAUDE_EVENT.validate_python(event)
    assert (names[0], names[-2:]) == (
        "message_start",
        ["message_delta", "message_stop"],
    )
    assert events[-2]["usage"]["cache_read_input_tokens"] == 8


@pytest.mark.parametrize("model", GOOD)
def test_responses_streams_are_what_the_sdk_expects(model: str) -> None:
    events = payloads(ask(RESPONSES, model, stream=True))
    for event in events:
        RESPONSES_EVENT.validate_python(event)
    assert [event["sequence_number"] for event in events] == list(range(len(events)))
    names = [event["type"] for event in events]
    assert (names[0], names[-1]) == ("response.created", "response.completed")
    details = events[-1]["response"]["usage"]["input_tokens_details"]
    assert details["cached_tokens"] == 8


@pytest.mark.parametrize("model", GOOD)
def test_gemini_streams_are_what_the_sdk_expects(model: str) -> None:
    chunks = payloads(ask(GEMINI, model, stream=True))
    for chunk in chunks:
        GenerateContentResponse.model_validate(chunk)
    reasons = [c["candidates"][0].get("finishReason") for c in chunks]
    assert (reasons[-1], set(reasons[:-1]) | {None}) == ("STOP", {None})
    assert chunks[-1]["usageMetadata"]["cachedContentTokenCount"] == 8


def words(document: Any) -> str:
    """All text of a whole answer, but for its thoughts."""
    if "output" in document:
        response = Response.model_validate(document)
        return response.output_text
    parts = document["candidates"][0]["content"]["parts"]
    GenerateContentResponse.model_validate(document)
    return "".join(p.get("text", "") for p in parts if not p.get("thought"))


@pytest.mark.parametrize("model", GOOD)
@pytest.mark.parametrize("path", [RESPONSES, GEMINI])
def test_every_dialect_says_the_same(path: bytes, model: str) -> None:
    message = Message.model_validate_json(split(ask(CLAUDE, model))[1])
    texts = [block.text for block in message.content if block.type == "text"]
    assert words(json.loads(split(ask(path, model))[1])) == "".join(texts)


@pytest.mark.parametrize("model", GOOD)
def test_whole_answers_say_what_streams_say(model: str) -> None:
    whole = ChatCompletion.model_validate_json(split(ask(CHAT, model))[1])
    streamed = "".join(
        choice["delta"].get("content") or ""
        for payload in payloads(ask(CHAT, model, stream=True))
        for choice in payload["choices"]
    )
    assert (whole.choices[0].message.content or "") == streamed
    message = Message.model_validate_json(split(ask(CLAUDE, model))[1])
    texts = [block.text for block in message.content if block.type == "text"]
    assert "".join(texts) == streamed


def test_a_prefix_changes_nothing() -> None:
    assert ask(CHAT, "demo/text") == ask(CHAT, "text")


CHAT_TOOL = {
    "type": "function",
    "function": {
        "name": "find",
        "parameters": {
            "type": "object",
            "properties": {
                "what": {"type": "string"},
                "many": {"type": "integer"},
                "how": {"enum": ["fast", "slow"]},
                "any": {},
            },
        },
    },
}
CLAUDE_TOOL = {
    "name": "find",
    "input_schema": CHAT_TOOL["function"]["parameters"],  # type: ignore[index]
}
ARGUMENTS = {"what": "Paris", "many": 1, "how": "fast", "any": "Paris"}


def test_the_first_tool_is_called_with_arguments_that_fit() -> None:
    chunks = payloads(ask(CHAT, "tool", stream=True, tools=[CHAT_TOOL]))
    calls = [
        call["function"]
        for chunk in chunks
        for choice in chunk["choices"]
        for call in choice["delta"].get("tool_calls", [])
    ]
    assert calls[0]["name"] == "find"
    assert len(calls) > 3
    assert json.loads("".join(call["arguments"] for call in calls)) == ARGUMENTS

    message = json.loads(split(ask(CLAUDE, "tool", tools=[CLAUDE_TOOL]))[1])
    assert message["content"][0]["input"] == ARGUMENTS

    function: Any = CHAT_TOOL["function"]
    flat = {"type": "function", **function}
    response = json.loads(split(ask(RESPONSES, "tool", tools=[flat]))[1])
    assert json.loads(response["output"][0]["arguments"]) == ARGUMENTS

    held = {"functionDeclarations": [function]}
    answer = json.loads(split(ask(GEMINI, "tool", tools=[held]))[1])
    (part,) = answer["candidates"][0]["content"]["parts"]
    assert part["functionCall"] == {"name": "find", "args": ARGUMENTS}


def test_two_tools_are_called_at_once() -> None:
    message = json.loads(split(ask(CLAUDE, "tools"))[1])
    kinds = [block["type"] for block in message["content"]]
    assert kinds == ["text", "tool_use", "tool_use"]


OUTPUT = {"type": "function_call_output", "call_id": "c", "output": "rain"}
RESPONDED = {"functionResponse": {"name": "f", "response": {"result": "rain"}}}


@pytest.mark.parametrize(
    ("path", "turns"),
    [
        (
            CHAT,
            {"messages": [{"role": "tool", "tool_call_id": "c", "content": "rain"}]},
        ),
        (RESPONSES, {"input": [OUTPUT]}),
        (GEMINI, {"contents": [{"role": "user", "parts": [RESPONDED]}]}),
        (
            CLAUDE,
            {
                "messages": [
                    {
                        "role": "user",
                        "content": [
                            {
                                "type": "tool_result",
                                "tool_use_id": "c",
                                "content": [{"type": "text", "text": "rain"}],
                            }
                        ],
                    }
                ]
            },
        ),
    ],
)
def test_after_a_tool_it_talks(path: bytes, turns: dict[str, Any]) -> None:
    _, body = split(ask(path, "tool", **turns))
    assert b"The tool said: rain" in body


def test_thinking_must_come_back_as_it_was() -> None:
    content = json.loads(split(ask(CLAUDE, "thinking"))[1])["content"]
    turn = {"role": "assistant", "content": content}
    assert split(ask(CLAUDE, "thinking", messages=[turn]))[0] == 200
    content[0]["signature"] = "forged"
    status, body = split(ask(CLAUDE, "thinking", messages=[turn]))
    assert (status, json.loads(body)["error"]["type"]) == (400, "invalid_request_error")


def test_sealed_reasoning_must_come_back_as_it_was() -> None:
    output = json.loads(split(ask(RESPONSES, "thinking"))[1])["output"]
    assert split(ask(RESPONSES, "thinking", input=output))[0] == 200
    output[0]["encrypted_content"] = "forged"
    assert split(ask(RESPONSES, "thinking", input=output))[0] == 400
    content = json.loads(split(ask(GEMINI, "thinking"))[1])["candidates"][0]["content"]
    assert split(ask(GEMINI, "thinking", contents=[content]))[0] == 200
    content["parts"][1]["thoughtSignature"] = "Zm9yZ2Vk"
    assert split(ask(GEMINI, "thinking", contents=[content]))[0] == 400


def test_slow_waits_before_each_token() -> None:
    pauses = [s for s in ask(CHAT, "slow", stream=True) if isinstance(s, Pause)]
    assert len(pauses) > 5
    assert set(pauses) == {Pause(SLOW)}


@pytest.mark.parametrize("path", PATHS)
def test_an_error_comes_after_two_tokens(path: bytes) -> None:
    body = split(ask(path, "error", stream=True))[1].decode()
    assert "Hello" in body
    assert " from" in body
    assert " the" not in body.partition('"error"')[0]
    assert "error" in body.replace("\r\n", "\n").split("\n\n")[-2]
    assert split(ask(path, "error"))[0] == 500


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("stream", [True, False])
def test_cut_breaks_the_connection(path: bytes, stream: bool) -> None:
    steps = ask(path, "cut", stream=stream)
    assert isinstance(steps[-1], Reset)
    if stream:
        body = split(steps[:-1])[1]
        assert b" the" in body
        assert b" demo" not in body


@pytest.mark.parametrize(
    ("path", "model", "status", "kind"),
    [
        (CHAT, "429", 429, "rate_limit_error"),
        (CHAT, "500", 500, "server_error"),
        (CHAT, "nobody", 404, "invalid_request_error"),
        (RESPONSES, "429", 429, "rate_limit_error"),
        (RESPONSES, "500", 500, "server_error"),
        (RESPONSES, "nobody", 404, "invalid_request_error"),
        (GEMINI, "429", 429, "RESOURCE_EXHAUSTED"),
        (GEMINI, "500", 500, "INTERNAL"),
        (GEMINI, "nobody", 404, "NOT_FOUND"),
        (CLAUDE, "429", 429, "rate_limit_error"),
        (CLAUDE, "500", 500, "api_error"),
        (CLAUDE, "nobody", 404, "not_found_error"),
    ],
)
@pytest.mark.parametrize("stream", [True, False])
def test_refusals(
    path: bytes, model: str, status: int, kind: str, stream: bool
) -> None:
    got, body = split(ask(path, model, stream=stream))
    error = json.loads(body)["error"]
    assert (got, error.get("type") or error["status"]) == (status, kind)


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        (b"GET", CHAT, b"", 404),
        (b"POST", b"/v1/elsewhere", b"{}", 404),
        (b"POST", CHAT, b"{", 400),
        (b"POST", CLAUDE, b"[]", 400),
        (b"POST", CLAUDE + b"?beta=true", b'{"model":"text"}', 200),
    ],
)
def test_requests_that_are_odd(
    method: bytes, path: bytes, body: bytes, status: int
) -> None:
    assert split(demo_answer(ReceivedRequest(method, path, (), body)))[0] == status


def test_every_model_answers() -> None:
    for model in MODELS:
        for path in PATHS:
            assert split(ask(path, model, stream=True))[0] in (200, 429, 500)


@pytest.mark.parametrize(
    ("path", "told"),
    [
        (b"/v1/messages/count_tokens", {"input_tokens": 20}),
        (b"/v1beta/models/text:countTokens", {"totalTokens": 20}),
    ],
)
def test_tokens_are_counted(path: bytes, told: object) -> None:
    status, body = split(ask(path, "text"))
    assert (status, json.loads(body)) == (200, told)


def test_a_path_may_be_encoded() -> None:
    encoded = b"/v1beta/models/demo%2Ftext%3AgenerateContent"
    assert ask(encoded, "ignored") == ask(GEMINI, "text")
