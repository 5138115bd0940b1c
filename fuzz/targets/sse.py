"""Garbage is frames, and the same frames however it was cut."""

from __future__ import annotations

from cliproxy_core.wire.sse import SseDecoder, SseFrame

__all__ = ["run"]


def run(data: bytes) -> None:
    """Decode whole and byte by byte, with a limit that is often met."""
    for limit in (16, 64, 1 << 20):
        whole, bytewise = SseDecoder(limit), SseDecoder(limit)
        items = whole.feed(data)
        cut = (bytes([byte]) for byte in data)
        assert items == [item for byte in cut for item in bytewise.feed(byte)]
        assert whole.finish() == bytewise.finish()
        for item in items:
            if isinstance(item, SseFrame):
                assert SseDecoder().feed(item.raw) == [item]
