"""Whatever a Responses upstream sends: legal events, values, or a named fault.

The recipe takes four bytes for each event of a stream that is almost right.
"""

from __future__ import annotations

from typing import Final

from cliproxy_core.base.jsonval import Json, JsonObject, dumps
from fuzz.promises import hold

__all__ = ["recipe", "run"]


def run(data: bytes) -> None:
    """Hold all that is promised of a dialect against these bytes."""
    hold("openai_responses", data, recipe)


# Events that are almost right.

INDEXES: Final[tuple[Json, ...]] = (0, 0, 0, 0, 1, 1, 2, 5, None, -1, True, "0")
IDENTS: Final[tuple[Json, ...]] = ("a", "a", "b", "c", "", None, 7)
TEXT: Final[JsonObject] = {"type": "output_text", "text": "", "annotations": []}
SAID: Final[JsonObject] = {"type": "output_text", "text": "xy"}
SUMMED: Final[JsonObject] = {"type": "summary_text", "text": "x"}
CALL: Final[JsonObject] = {"type": "function_call", "name": "f"}
ITEMS: Final[tuple[Json, ...]] = (
    {"type": "message", "role": "assistant", "content": []},
    {"type": "message", "content": [SAID], "status": "completed"},
    {"type": "message", "content": [{"type": "refusal", "refusal": "no"}]},
    {"type": "message"},
    {"type": "reasoning", "summary": []},
    {"type": "reasoning", "summary": [SUMMED], "encrypted_content": "c2ln"},
    {"type": "reasoning", "content": [{"type": "reasoning_text", "text": "x"}]},
    {**CALL, "arguments": "", "call_id": "call_a"},
    {**CALL, "arguments": '{"a":1}', "call_id": "call_a", "status": "completed"},
    {**CALL, "arguments": '{"a":', "call_id": "call_b", "status": "incomplete"},
    {**CALL, "arguments": {"a": 1}, "call_id": None},
    {"type": "function_call", "name": "", "arguments": "{}", "call_id": "call_c"},
    {**CALL, "name": "g", "namespace": "n", "call_id": "call_d"},
    {"type": "custom_tool_call", "name": "g", "call_id": "call_e", "input": ""},
    {"type": "custom_tool_call", "name": "g", "call_id": "call_e", "input": "x1}"},
    {"type": "web_search_call", "status": "completed", "action": {"type": "search"}},
    {"type": "image_generation_call", "result": "AA=="},
    {"type": "compaction", "encrypted_content": "c2ln"},
    {"type": "new"},
    {"type": 7},
    {},
    None,
)
PARTS: Final[tuple[Json, ...]] = (
    TEXT,
    SAID,
    {"type": "refusal", "refusal": ""},
    {"type": "reasoning_text", "text": ""},
    SUMMED,
    {"type": "new"},
    None,
)
PIECES: Final[tuple[Json, ...]] = ("x", "x", "y", "", '{"a":', "1}", "{}", None, {}, 5)
INSIDE: Final = (
    "output_text.delta",
    "output_text.delta",
    "output_text.done",
    "refusal.delta",
    "refusal.done",
    "reasoning_text.delta",
    "reasoning_text.done",
    "reasoning_summary_text.delta",
    "reasoning_summary_text.done",
    "function_call_arguments.delta",
    "function_call_arguments.delta",
    "function_call_arguments.done",
    "custom_tool_call_input.delta",
    "custom_tool_call_input.done",
    "content_part.added",
    "content_part.done",
    "reasoning_summary_part.added",
    "reasoning_summary_part.done",
    "output_text.annotation.added",
)
KEYS: Final = {
    "output_text.done": "text",
    "refusal.done": "refusal",
    "reasoning_text.done": "text",
    "reasoning_summary_text.done": "text",
    "function_call_arguments.done": "arguments",
    "custom_tool_call_input.done": "input",
}
ENDS: Final = (
    "response.completed",
    "response.completed",
    "response.incomplete",
    "response.done",
    "response.failed",
)
STATES: Final[tuple[Json, ...]] = (
    "completed",
    "completed",
    "incomplete",
    "failed",
    "cancelled",
    "in_progress",
    None,
    7,
)
DETAILS: Final[tuple[Json, ...]] = (
    None,
    {"reason": "max_output_tokens"},
    {"reason": "content_filter"},
    {"reason": 5},
    5,
)
USAGES: Final[tuple[Json, ...]] = (
    {"input_tokens": 3, "output_tokens": 2, "total_tokens": 5},
    {"input_tokens": 3, "input_tokens_details": {"cached_tokens": 9}},
    {"input_tokens": "3"},
    None,
    5,
)
RARE: Final[tuple[bytes, ...]] = (
    b": keep-alive\n\n",
    b"data: [DONE]\n\n",
    b'data: {"type":"codex.rate_limits"}\n\n',
    b'event: response.new\ndata: {"type":"response.new","x":1}\n\n',
    b'event: error\ndata: {"type":"error","code":"c","message":"m"}\n\n',
    b'event: error\ndata: {"error":{"message":"m","code":"rate_limit_exceeded"}}\n\n',
    b'data: {"type":"response.web_search_call.searching","item_id":"a"}\n\n',
    b'data: {"type":"keepalive"}\r\n\r\n',
    b'event: response.created\ndata: {"type":"response.in_progress"}\n\n',
    b"event: ping\ndata: {}\n\n",
    b"data: {\n\n",
    b"data: 5\n\n",
)


def recipe(data: bytes) -> bytes:
    """A stream that the bytes describe, four of them for each event."""
    fours = zip(data[0::4], data[1::4], data[2::4], data[3::4], strict=False)
    return b"".join(cooked(n, *four) for n, four in enumerate(fours))


def cooked(number: int, kind: int, first: int, second: int, third: int) -> bytes:
    match kind % 16:
        case 0:
            payload = opening(first, second)
        case 1:
            payload = ending(first, second, third)
        case 2 | 3 | 4:
            payload = whole("added", first, second, third)
        case 5 | 6 | 7:
            payload = whole("done", first, second, third)
        case 15:
            return RARE[first % len(RARE)]
        case _:
            payload = inside(first, second, third)
    if kind < 128:
        payload["sequence_number"] = number
    elif kind < 160:
        payload["sequence_number"] = INDEXES[third % len(INDEXES)]
    name = str(payload["type"]).encode() if kind < 224 else b""
    return b"event: %b\ndata: %b\n\n" % (name, dumps(payload))


def opening(first: int, second: int) -> JsonObject:
    kind = ("created", "created", "in_progress", "queued")[first % 4]
    response: Json = {"id": "resp_1", "model": "m", "created_at": 7, "output": []}
    if second > 200:
        response = (None, {}, {"id": 5, "output": None}, {"output": [{}]})[second % 4]
    return {"type": f"response.{kind}", "response": response}


def ending(first: int, second: int, third: int) -> JsonObject:
    response: JsonObject = {"id": "resp_1", "status": STATES[second % len(STATES)]}
    response["usage"] = USAGES[third % len(USAGES)]
    if second > 64:
        response["incomplete_details"] = DETAILS[first % len(DETAILS)]
    if third > 128:
        item = ITEMS[third % len(ITEMS)]
        response["output"] = (
            [item, ITEMS[first % len(ITEMS)]] if third > 192 else [item]
        )
    return {"type": ENDS[first % len(ENDS)], "response": response}


def whole(verb: str, first: int, second: int, third: int) -> JsonObject:
    item = ITEMS[first % len(ITEMS)]
    if isinstance(item, dict) and third < 200:
        item = {"id": IDENTS[second % len(IDENTS)], **item}
    payload: JsonObject = {"type": f"response.output_item.{verb}", "item": item}
    if third % 8:
        payload["output_index"] = INDEXES[second // 8 % len(INDEXES)]
    return payload


def inside(first: int, second: int, third: int) -> JsonObject:
    kind = INSIDE[first % len(INSIDE)]
    payload: JsonObject = {"type": f"response.{kind}"}
    if third % 16 != 15:
        payload["item_id"] = IDENTS[second % len(IDENTS)]
        payload["output_index"] = INDEXES[second // 8 % len(INDEXES)]
    key = "summary_index" if "summary" in kind else "content_index"
    if third < 240:
        payload[key] = INDEXES[third // 16 % 9]
    if "part." in kind:
        payload["part"] = PARTS[third % len(PARTS)]
    elif kind.endswith("annotation.added"):
        payload["annotation"] = ({"type": "url_citation", "url": "u"}, {}, None)[
            third % 3
        ]
    else:
        payload[KEYS.get(kind, "delta")] = PIECES[third % len(PIECES)]
    return payload
