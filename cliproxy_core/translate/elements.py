"""A body of JSON elements, read as if it were a stream of events.

Google's services answer so when they are not asked for events: one array that grows.
"""

from __future__ import annotations

from typing import Final

import attrs

from cliproxy_core.ir.dialect import Frame
from cliproxy_core.wire.jsonstream import Garbage, JsonStreamDecoder
from cliproxy_core.wire.sse import SseFrame, encode

__all__ = ["Elements"]

# What no dialect takes for a payload, in place of a byte that no JSON has there.
_SPOILT: Final = SseFrame("", b"]", b"")


@attrs.define
class Elements:
    """Transducer from the body to frames of one line each."""

    _decoder: JsonStreamDecoder = attrs.field(factory=JsonStreamDecoder, init=False)

    def feed(self, chunk: bytes) -> list[Frame]:
        out: list[Frame] = []
        for item in self._decoder.feed(chunk):
            if isinstance(item, Garbage):
                out.append(_SPOILT)
            else:
                out.append(_on_one_line(item) if isinstance(item, SseFrame) else item)
        return out

    def finish(self) -> list[Frame]:
        return [
            _on_one_line(item) if isinstance(item, SseFrame) else item
            for item in self._decoder.finish()
        ]


def _on_one_line(frame: SseFrame) -> SseFrame:
    """Line ends in JSON are blanks between its tokens, never parts of them."""
    if b"\n" not in frame.data:
        return frame
    text = frame.data.replace(b"\n", b" ")
    return SseFrame("", text, encode("", text))
