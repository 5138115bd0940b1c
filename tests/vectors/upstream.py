"""What upstreams of each dialect send, in few words.

Those of Responses are built in `tests.core.dialects.openai_responses.streams`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import orjson

from tests.vectors.lines import Payload

__all__ = [
    "calling",
    "chat",
    "chunk",
    "claude",
    "counts",
    "end",
    "frames",
    "gemini",
    "part_call",
    "responses",
    "said",
    "sealed",
    "start",
    "text",
    "thinking",
    "use",
]


def frames(*payloads: Payload) -> bytes:
    """Payloads as frames without a name."""
    return b"".join(b"data: " + orjson.dumps(p) + b"\n\n" for p in payloads)


def _named(event: Payload) -> bytes:
    return b"event: %b\ndata: %b\n\n" % (event["type"].encode(), orjson.dumps(event))


# Chat.


def chunk(
    delta: Payload | None = None, finish: str | None = None, **more: Any
) -> Payload:
    """A chunk with one choice."""
    choice = {"index": 0, "delta": delta or {}, "finish_reason": finish}
    return {"id": "c1", "model": "m", "choices": [choice], **more}


def calling(index: int, **more: Any) -> Payload:
    """A chunk that tells more of a call."""
    function = {key: more.pop(key) for key in ("name", "arguments") if key in more}
    entry = {"index": index, **more, **({"function": function} if function else {})}
    return chunk({"tool_calls": [entry]})


def counts(prompt: int, completion: int) -> Payload:
    """The chunk that tells the tokens."""
    usage = {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
    }
    return {"id": "c1", "model": "m", "choices": [], "usage": usage}


def chat(*chunks: Payload, done: bool = True) -> bytes:
    """A stream."""
    return frames(*chunks) + (b"data: [DONE]\n\n" if done else b"")


# Claude.


def start(**usage: int) -> list[Payload]:
    """The beginning of an answer."""
    message: Payload = {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "m",
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": {"input_tokens": 13, "output_tokens": 1, **usage},
    }
    return [{"type": "message_start", "message": message}]


def end(reason: str, **usage: int) -> list[Payload]:
    """The end of an answer."""
    delta = {"stop_reason": reason, "stop_sequence": None}
    counted = {"output_tokens": 4, **usage}
    return [
        {"type": "message_delta", "delta": delta, "usage": counted},
        {"type": "message_stop"},
    ]


def block(index: int, kind: str, *deltas: Payload, **fields: Any) -> list[Payload]:
    """A content block with its deltas."""
    opened = {"type": kind, **fields}
    name = "content_block"
    return [
        {"type": f"{name}_start", "index": index, name: opened},
        *({"type": f"{name}_delta", "index": index, "delta": d} for d in deltas),
        {"type": f"{name}_stop", "index": index},
    ]


def text(index: int, *words: str, cited: Payload | None = None) -> list[Payload]:
    """Words, with a source for them."""
    deltas: list[Payload] = [{"type": "text_delta", "text": word} for word in words]
    if cited is not None:
        deltas.append({"type": "citations_delta", "citation": cited})
    return block(index, "text", *deltas, text="")


def thinking(index: int, words: str, signature: str | None = None) -> list[Payload]:
    """Thinking, signed or not."""
    deltas = [{"type": "thinking_delta", "thinking": words}] if words else []
    if signature is not None:
        deltas.append({"type": "signature_delta", "signature": signature})
    return block(index, "thinking", *deltas, thinking="", signature="")


def sealed(index: int, data: str) -> list[Payload]:
    """Thinking that cannot be read."""
    return block(index, "redacted_thinking", data=data)


def use(index: int, call_id: str, name: str, *pieces: str) -> list[Payload]:
    """A call of a tool."""
    deltas = ({"type": "input_json_delta", "partial_json": piece} for piece in pieces)
    return block(index, "tool_use", *deltas, id=call_id, name=name, input={})


def claude(*groups: Iterable[Payload]) -> bytes:
    """A stream."""
    return b"".join(_named(event) for group in groups for event in group)


# Gemini.


def said(
    *parts: Payload, finish: str | None = None, usage: tuple[int, int] | None = None
) -> Payload:
    """A payload with one candidate; `usage` are the tokens of prompt and answer."""
    candidate: Payload = {"content": {"role": "model", "parts": list(parts)}}
    if finish is not None:
        candidate["finishReason"] = finish
    payload: Payload = {"candidates": [candidate], "responseId": "r1"}
    if usage is not None:
        prompt, answer = usage
        payload["usageMetadata"] = {
            "promptTokenCount": prompt,
            "candidatesTokenCount": answer,
            "totalTokenCount": prompt + answer,
        }
    return payload


def part_call(name: str, args: Payload, **more: Any) -> Payload:
    """A part that calls a tool; `more` goes beside the call."""
    call = {"id": more.pop("id")} if "id" in more else {}
    return {"functionCall": {**call, "name": name, "args": args}, **more}


def gemini(*payloads: Payload) -> bytes:
    """A stream."""
    return frames(*payloads)


# Responses.


def responses(*groups: Iterable[Payload] | Payload) -> bytes:
    """A stream; the events get their numbers here."""
    events = (
        event
        for group in groups
        for event in ((group,) if isinstance(group, dict) else group)
    )
    return b"".join(
        _named({**event, "sequence_number": number})
        for number, event in enumerate(events)
    )
