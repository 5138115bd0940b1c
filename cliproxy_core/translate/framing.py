"""A stream of events as one JSON array that grows: Gemini's other form of a stream."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import attrs

from cliproxy_core.wire.jsonstream import ArrayWriter

__all__ = ["ArrayFraming"]

_FIELD: Final = b"data: "


@attrs.define
class ArrayFraming:
    """Transducer from frames of events to the elements of an array.

    It is fed with what an encoder or a mender wrote: whole frames of one `data` line.
    """

    _writer: ArrayWriter = attrs.field(factory=ArrayWriter, init=False)

    def feed(self, frames: bytes) -> bytes:
        return b"".join(self._elements(frames))

    def finish(self) -> bytes:
        """The end of the array."""
        return self._writer.close()

    def _elements(self, frames: bytes) -> Iterator[bytes]:
        for frame in frames.split(b"\n\n"):
            if frame:
                yield self._writer.write(frame.removeprefix(_FIELD))
