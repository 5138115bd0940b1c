"""Whatever a Claude upstream sends: legal frames, values, or a named fault.

The recipe takes three bytes for each event of a stream that is almost right.
"""

from __future__ import annotations

from cliproxy_core.base.jsonval import Json, JsonObject, dumps, loads
from fuzz.promises import hold

__all__ = ["recipe", "run"]


def run(data: bytes) -> None:
    """Hold all that is promised of a dialect against these bytes."""
    hold("claude_messages", data, recipe)


# Streams that are almost right.

INDEXES: tuple[Json, ...] = (0, 0, 0, 1, 1, 2, 7, None, True, "0")
USAGE: JsonObject = {"input_tokens": 3, "output_tokens": 1}
REASONS: tuple[Json, ...] = ("end_turn", "tool_use", "max_tokens", None, "", 5)
BLOCKS: tuple[Json, ...] = (
    {"type": "text", "text": ""},
    {"type": "text"},
    {"type": "thinking", "thinking": ""},
    {"type": "thinking", "thinking": "t", "signature": "s"},
    {"type": "redacted_thinking", "data": "d"},
    {"type": "tool_use", "id": "toolu_1", "name": "f", "input": {}},
    {"type": "tool_use", "id": None, "name": "g", "input": {"a": 1}},
    {"type": "server_tool_use", "id": "srv", "name": "web_search", "input": {}},
    {"type": "web_search_tool_result", "tool_use_id": "srv", "content": []},
    None,
)
DELTAS: tuple[Json, ...] = (
    {"type": "text_delta", "text": "hello"},
    {"type": "text_delta", "text": None},
    {"type": "thinking_delta"},
    {"type": "thinking_delta", "thinking": "hm"},
    {"type": "signature_delta", "signature": "sig"},
    {"type": "input_json_delta", "partial_json": '{"q":'},
    {"type": "input_json_delta", "partial_json": "1}"},
    {"type": "input_json_delta", "partial_json": ""},
    {"type": "citations_delta", "citation": {"type": "char_location"}},
    {"type": "new_delta", "x": 1},
    {},
)
RARE: tuple[bytes, ...] = (
    b": comment\n\n",
    b"data: [DONE]\n\n",
    b"event: ping\r\ndata: {}\r\n\r\n",
    b'data: {"type":"new_event"}\n\n',
    b'event: message_stop\ndata: {"type":"ping"}\n\n',
    b'event: error\ndata: {"type":"error","error":{"type":"api_error"}}\n\n',
    b"data: {\n\n",
    b"data: []\n\n",
)


def recipe(data: bytes) -> bytes:
    """A stream that the bytes describe, three of them for each event."""
    threes = zip(data[0::3], data[1::3], data[2::3], strict=False)
    return b"".join(event(kind, a, b) for kind, a, b in threes)


def event(kind: int, first: int, second: int) -> bytes:
    index = INDEXES[first % len(INDEXES)]
    payload: JsonObject
    match kind % 12:
        case 0:
            usage = (USAGE, None)[second % 2]
            payload = {"type": "message_start", "message": {"usage": usage}}
        case 1 | 2 | 3:
            block = loads(dumps(BLOCKS[second % len(BLOCKS)]))
            payload = {"type": "content_block_start", "content_block": block}
            payload["index"] = index
        case 4 | 5 | 6 | 7:
            delta = DELTAS[second % len(DELTAS)]
            payload = {"type": "content_block_delta", "index": index, "delta": delta}
        case 8 | 9:
            payload = {"type": "content_block_stop", "index": index}
        case 10:
            delta = {"stop_reason": REASONS[second % len(REASONS)]}
            payload = {"type": "message_delta", "delta": delta}
        case _:
            if first % 4:
                return RARE[second % len(RARE)]
            payload = {"type": "message_stop"}
    name = str(payload["type"]).encode() if kind < 200 else b""
    return b"event: %b\ndata: %b\n\n" % (name, dumps(payload))
