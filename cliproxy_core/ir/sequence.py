"""One block at a time, for dialects that allow no more.

Several blocks may be open at once in the neutral form (parallel tool calls arrive
interleaved). The first open block passes through as it grows; what belongs to a
later one waits until its turn. Order of blocks and order within a block are kept,
and blocks come out numbered as they came in. Where only some kinds of blocks must be
alone, the others let later ones begin beside them.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import attrs

from . import stream as ev

__all__ = ["OneBlockAtATime"]

_OPENING: Final = (
    ev.TextStarted,
    ev.RefusalStarted,
    ev.ReasoningStarted,
    ev.RedactedReasoning,
    ev.ToolCallStarted,
    ev.MediaStarted,
    ev.NativeStarted,
)
_INSIDE: Final = (
    ev.TextDelta,
    ev.RefusalDelta,
    ev.ReasoningDelta,
    ev.BlockSigned,
    ev.ToolCallDelta,
    ev.MediaDelta,
    ev.CitationAdded,
    ev.LogProbsAdded,
    ev.NativeDelta,
    ev.BlockEnded,
)


@attrs.define
class OneBlockAtATime:
    """Transducer from events to the same events without overlap.

    What waits is bounded by the response itself: an upstream's stream is limited in
    time and its frames in size.
    """

    alone: tuple[type[ev.Opening], ...] = _OPENING
    """The kinds of blocks beside which none may begin."""
    _open: int | None = attrs.field(default=None, init=False)
    """The block that is alone at the moment."""
    _waiting: dict[int, list[ev.Event]] = attrs.field(factory=dict, init=False)

    def feed(self, events: Iterable[ev.Event]) -> list[ev.Event]:
        out: list[ev.Event] = []
        for event in events:
            if isinstance(event, _INSIDE):
                self._inside(event.block, event, out)
            elif isinstance(event, _OPENING):
                self._opening(event, out)
            else:
                out.append(event)
        return out

    def finish(self) -> list[ev.Event]:
        """What still waits behind a block that never ended."""
        out: list[ev.Event] = []
        for queue in self._waiting.values():
            out.extend(queue)
        self._waiting.clear()
        return out

    def _opening(self, event: ev.Opening, out: list[ev.Event]) -> None:
        if self._open is None:
            if isinstance(event, self.alone):
                self._open = event.block
            out.append(event)
        else:
            self._waiting[event.block] = [event]

    def _inside(self, block: int, event: ev.Event, out: list[ev.Event]) -> None:
        if block != self._open and block in self._waiting:
            self._waiting[block].append(event)
            return
        out.append(event)
        if block == self._open and isinstance(event, ev.BlockEnded):
            self._open = None
            self._release(out)

    def _release(self, out: list[ev.Event]) -> None:
        """Let waiting blocks through, up to one that is alone and has not ended."""
        while self._waiting:
            block = next(iter(self._waiting))
            queue = self._waiting.pop(block)
            out.extend(queue)
            over = isinstance(queue[-1], ev.BlockEnded)
            if not over and isinstance(queue[0], self.alone):
                self._open = block
                return
