"""Garbage is frames and faults, the same however it was cut; JSON is its elements."""

from __future__ import annotations

from cliproxy_core.base.errors import DecodeError
from cliproxy_core.base.jsonval import Json, loads
from cliproxy_core.wire.jsonstream import Garbage, JsonStreamDecoder
from cliproxy_core.wire.sse import Oversize, SseDecoder, SseFrame, Truncated

__all__ = ["run"]

LARGE = 1 << 20

# An array may be nested one level deeper than its elements, and parsers have a limit.
DEEP = 1000


def run(data: bytes) -> None:
    """Decode whole and byte by byte, with limits that are often met, and by orjson."""
    for limit in (8, 64, LARGE):
        items = _decoded(data, limit)
        assert _bytewise(data, limit) == items
        for item in items:
            if isinstance(item, SseFrame):
                assert len(item.data) <= limit
                assert SseDecoder().feed(item.raw) == [item]
    if data.count(b"[") + data.count(b"{") < DEEP:
        _compared(data)


def _decoded(
    data: bytes, limit: int
) -> list[SseFrame | Oversize | Garbage | Truncated]:
    decoder = JsonStreamDecoder(limit)
    return [*decoder.feed(data), *decoder.finish()]


def _bytewise(
    data: bytes, limit: int
) -> list[SseFrame | Oversize | Garbage | Truncated]:
    decoder = JsonStreamDecoder(limit)
    items = [item for byte in data for item in decoder.feed(bytes([byte]))]
    return [*items, *decoder.finish()]


def _compared(data: bytes) -> None:
    """An array is JSON if, and only if, it comes apart into JSON."""
    if data.lstrip(b" \t\r\n")[:1] != b"[":
        return
    whole = _parsed(data)
    parts = [
        _parsed(item.data) if isinstance(item, SseFrame) else None
        for item in _decoded(data, LARGE)
    ]
    apart = None if None in parts else [it[0] for it in parts if it is not None]
    assert apart == (None if whole is None else whole[0])


def _parsed(text: bytes) -> tuple[Json] | None:
    try:
        return (loads(text),)
    except DecodeError:
        return None
