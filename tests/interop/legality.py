"""Raw bytes against the caller's dialect: the grammar, and the vendor's own types.

Frames are taken apart by the SDK's decoder, so that ours does not judge itself.
"""

from __future__ import annotations

import json
from typing import Any, Final

from anthropic.types import ErrorResponse, Message, RawMessageStreamEvent
from google.genai.types import GenerateContentResponse
from openai._streaming import ServerSentEvent, SSEDecoder
from openai.types.chat import ChatCompletion, ChatCompletionChunk
from openai.types.responses import Response, ResponseStreamEvent
from pydantic import BaseModel, TypeAdapter

from cliproxy_core.dialects import DIALECTS
from cliproxy_core.ir.grammar import Checker

__all__ = ["check_error_body", "check_stream", "check_whole"]

CLAUDE_EVENTS: Final[TypeAdapter[Any]] = TypeAdapter(RawMessageStreamEvent)
RESPONSES_EVENTS: Final[TypeAdapter[Any]] = TypeAdapter(ResponseStreamEvent)
CHUNK_FIELDS: Final = {"id", "object", "created", "model"}

# What the SDK's types know; anything else may be newer than they are.
KNOWN_EVENTS: Final = {
    "message_start",
    "message_delta",
    "message_stop",
    "content_block_start",
    "content_block_delta",
    "content_block_stop",
}
KNOWN_DELTAS: Final = {
    "text_delta",
    "thinking_delta",
    "signature_delta",
    "input_json_delta",
    "citations_delta",
}


def check_stream(dialect: str, raw: bytes) -> None:
    """A legal stream, complete or broken off with an error; nothing after either."""
    frames = list(SSEDecoder().iter_bytes(iter([raw])))
    payloads = [_payload(frame) for frame in frames]
    spoken = DIALECTS[dialect]
    checker = Checker(spoken.grammar)
    for payload in payloads:
        violation = checker.check(spoken.classify(payload))
        assert violation is None, f"{violation} at {payload}"
    assert checker.complete, raw[-400:]
    if dialect == "openai_chat":
        _check_chunks([payload for payload in payloads if payload is not None])
        return
    check = {
        "openai_responses": _check_response_event,
        "claude_messages": _check_event,
        "gemini": _check_gemini_chunk,
    }[dialect]
    for frame, payload in zip(frames, payloads, strict=True):
        check(frame, payload)


WHOLE: Final[dict[str, type[BaseModel]]] = {
    "openai_chat": ChatCompletion,
    "openai_responses": Response,
    "claude_messages": Message,
    "gemini": GenerateContentResponse,
}


def check_whole(dialect: str, raw: bytes) -> None:
    """A complete answer as the vendor's types have it."""
    WHOLE[dialect].model_validate(json.loads(raw))


def check_error_body(dialect: str, document: Any) -> None:
    """An error as the dialect writes it, in a body or in a stream."""
    if dialect == "claude_messages":
        ErrorResponse.model_validate(document)
    else:
        assert document.keys() == {"error"}
    if dialect == "gemini":
        assert isinstance(document["error"]["code"], int)
        assert isinstance(document["error"]["status"], str)
    message = document["error"]["message"]
    assert isinstance(message, str)
    assert message


def _payload(frame: ServerSentEvent) -> Any:
    return None if frame.data == "[DONE]" else frame.json()


def _check_chunks(payloads: list[Any]) -> None:
    """One id for all chunks; ids, types and names of calls once."""
    names = set()
    opened = set()
    for payload in payloads:
        if payload.get("error") is not None:
            check_error_body("openai_chat", payload)
            continue
        if not payload["choices"] and payload.get("usage") is None:
            # Azure's first chunk: every field is there, most are empty.
            assert payload.keys() >= CHUNK_FIELDS, payload
            continue
        ChatCompletionChunk.model_validate(payload)
        if payload["choices"]:
            names.add(payload["id"])
        for choice in payload["choices"]:
            for entry in choice["delta"].get("tool_calls") or ():
                key = (choice["index"], entry["index"])
                if key not in opened:
                    assert entry["id"], entry
                    assert entry["type"] == "function", entry
                    assert entry["function"]["name"], entry
                    assert isinstance(entry["function"]["arguments"], str), entry
                    opened.add(key)
                else:
                    assert entry.keys() <= {"index", "function"}, entry
                    assert entry["function"].keys() == {"arguments"}, entry
    assert len(names) <= 1, names


def _check_event(frame: ServerSentEvent, payload: Any) -> None:
    kind = payload["type"]
    assert frame.event == kind, (frame.event, payload)
    if kind == "error":
        check_error_body("claude_messages", payload)
    elif kind == "content_block_delta" and payload["delta"]["type"] not in KNOWN_DELTAS:
        assert isinstance(payload["index"], int)
    elif kind in KNOWN_EVENTS:
        CLAUDE_EVENTS.validate_python(payload)


def _check_response_event(frame: ServerSentEvent, payload: Any) -> None:
    kind = payload["type"]
    assert frame.event == kind, (frame.event, payload)
    if kind == "error" or kind.startswith("response."):
        RESPONSES_EVENTS.validate_python(payload)


def _check_gemini_chunk(frame: ServerSentEvent, payload: Any) -> None:
    assert frame.event is None, frame.event
    if "error" in payload:
        check_error_body("gemini", payload)
    else:
        GenerateContentResponse.model_validate(payload)
