"""Words of one kind come one block after another.

This API has one string for each kind of words of a candidate. Upstreams that let two
messages grow side by side would have them mixed letter by letter.
"""

from __future__ import annotations

from typing import TypeAlias

import attrs

from cliproxy_core.ir import stream as ev

__all__ = ["Voices", "Words"]

Words: TypeAlias = ev.TextStarted | ev.RefusalStarted | ev.ReasoningStarted


@attrs.define(eq=False)
class Voices:
    """Who speaks, and who waits until it is his turn.

    What waits is bounded by the response itself.
    """

    _speaking: dict[tuple[int, type[Words]], int] = attrs.field(factory=dict)
    """The open block, by its candidate and kind."""
    waiting: dict[int, list[ev.Event]] = attrs.field(factory=dict)
    """All that came of the blocks that wait; empty is the rule."""

    def begins(self, opening: Words) -> bool:
        """Whether a block may speak at once; if not, it waits."""
        key = (opening.candidate, type(opening))
        if self._speaking.setdefault(key, opening.block) == opening.block:
            return True
        self.waiting[opening.block] = [opening]
        return False

    def keeps(self, event: ev.Event) -> bool:
        """Whether an event is one of a block that waits; then it waits too."""
        if isinstance(event, Words):
            return False
        queue = self.waiting.get(getattr(event, "block", -1))
        if queue is None:
            return False
        queue.append(event)
        return True

    def ends(self, block: int) -> list[ev.Event]:
        """A block is over: all of the next that waits for this."""
        key = next((key for key, b in self._speaking.items() if b == block), None)
        if key is None:
            return []
        del self._speaking[key]
        for waiting, queue in self.waiting.items():
            opening = queue[0]
            if isinstance(opening, Words) and (opening.candidate, type(opening)) == key:
                return self.waiting.pop(waiting)
        return []
