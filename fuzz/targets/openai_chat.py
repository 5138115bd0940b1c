"""Whatever a Chat upstream sends: legal chunks, values, or a named fault.

The recipe takes four bytes for each chunk of a stream that is almost right.
"""

from __future__ import annotations

from typing import cast

from cliproxy_core.base.jsonval import Json, JsonObject, dumps
from fuzz.promises import hold

__all__ = ["recipe", "run"]


def run(data: bytes) -> None:
    """Hold all that is promised of a dialect against these bytes."""
    hold("openai_chat", data, recipe)


# Chunks that are almost right.

INDEXES: tuple[Json, ...] = (0, 0, 0, 1, 2, 5, None, -1, "0")
NAMES: tuple[Json, ...] = ("f", "f", "g", "", None, 7)
IDENTS: tuple[Json, ...] = ("call_a", "call_b", "", None, 1)
TEXTS: tuple[Json, ...] = ('{"a":', "1}", '{"a":1}', "", None, {"a": 1}, "{", "x")
WORDS: tuple[Json, ...] = (
    "stop",
    "tool_calls",
    "length",
    "max_tokens",
    "STOP",
    "function_call",
    "",
    7,
    "error",
)
DELTAS: tuple[Json, ...] = (
    {"role": "assistant", "content": ""},
    {"role": None, "content": "a"},
    {"content": "b"},
    {"content": "b"},
    {"content": None},
    {"content": [{"type": "text", "text": "c"}, {"type": "thinking", "thinking": "d"}]},
    {"reasoning_content": "t"},
    {"reasoning": "t", "reasoning_content": "t"},
    {"reasoning": "u"},
    {"reasoning_details": [{"type": "reasoning.text", "text": "t", "signature": "s"}]},
    {"reasoning_details": [{"type": "reasoning.encrypted", "data": "d"}]},
    {"refusal": "no"},
    {"annotations": [{"type": "url_citation", "url_citation": {"url": "u"}}]},
    {"annotations": [{"index": 7}, 5], "content": "e"},
    {"images": [{"image_url": {"url": "data:image/png;base64,AA=="}, "index": 0}]},
    {"images": [{"image_url": {"url": "https://x.test"}}, {}]},
    {"images": {}, "annotations": 5, "audio": []},
    {"audio": {"data": "AA", "transcript": "said"}},
    {"audio": {"expires_at": 5}},
    {"tool_calls": None},
    {"tool_calls": []},
    {"function_call": {"name": "f"}},
    {"function_call": {"arguments": "{}"}},
    {"obfuscation": "x"},
    {},
    None,
)
RARE: tuple[bytes, ...] = (
    b": keep-alive\n\n",
    b"data: [DONE]\n\n",
    b'data: {"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":2}}\n\n',
    b'data: {"choices":[],"prompt_filter_results":[]}\n\n',
    b'data: {"choices":null,"usage":{"total_tokens":5}}\n\n',
    b'data: {"error":{"message":"m","code":429}}\r\n\r\n',
    b"event: error\ndata: [DONE]\n\n",
    b"event: ping\ndata: {}\n\n",
    b"data: 5\n\n",
    b"data: {\n\n",
)


def recipe(data: bytes) -> bytes:
    """A stream that the bytes describe, four of them for each chunk."""
    fours = zip(data[0::4], data[1::4], data[2::4], data[3::4], strict=False)
    return b"".join(cooked(*four) for four in fours)


def cooked(kind: int, first: int, second: int, third: int) -> bytes:
    if kind % 16 == 15:
        return RARE[first % len(RARE)]
    if kind % 16 > 8:
        delta: Json = {"tool_calls": [entry(first, second, third)]}
        if kind % 16 == 9:
            entries = [entry(second, third, first), entry(third, first, second)]
            delta = {"tool_calls": cast("Json", entries)}
    else:
        delta = DELTAS[first % len(DELTAS)]
    choice: JsonObject = {"index": INDEXES[third % len(INDEXES) if kind > 250 else 0]}
    choice["message" if kind % 16 == 8 and second > 200 else "delta"] = delta
    if kind % 16 == 7:
        choice["logprobs"] = {"content": [{"token": "t", "logprob": -third / 7}]}
    if kind % 16 in (0, 10) or second % 32 == 31:
        choice["finish_reason"] = WORDS[second % len(WORDS)]
    payload: JsonObject = {"choices": [choice]}
    if kind < 200:
        payload |= {"id": "c", "object": "chat.completion.chunk", "model": "m"}
        payload["created"] = 5
    if second % 16 == 15:
        payload["usage"] = {"prompt_tokens": third}
    return b"data: %b\n\n" % dumps(payload)


def entry(first: int, second: int, third: int) -> JsonObject:
    call: JsonObject = {"index": INDEXES[first % len(INDEXES)]}
    function: JsonObject = {"arguments": TEXTS[second % len(TEXTS)]}
    if first > 60:
        call |= {"id": IDENTS[third % len(IDENTS)], "type": "function"}
    if first > 120:
        function["name"] = NAMES[second % len(NAMES)]
    if second > 250:
        call["custom"] = {"name": function.get("name"), "input": function["arguments"]}
        call["extra_content"] = {"google": {"thought_signature": "s"}}
    elif third < 250:
        call["function"] = function
    return call
