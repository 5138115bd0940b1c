"""What an upstream answers, under the names that the caller knows.

Undoes `translate.tools` on a stream or a whole response: names, groups, free text.
Models also get the case of a name wrong; callers look tools up by the exact name.
"""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from cliproxy_core.ir import stream as ev
from cliproxy_core.ir.request import Part, ToolCall, ToolKind
from cliproxy_core.ir.response import Response

from .free_text import unwrap
from .names import ToolNames

__all__ = ["Restorer", "restore_response"]


@attrs.define
class Restorer:
    """Transducer from the upstream's events to those the caller expects."""

    names: ToolNames
    _held: dict[int, list[str]] = attrs.field(factory=dict, init=False, repr=False)
    """Arguments so far of calls that carry free text, which is known at their end."""

    def feed(self, events: Sequence[ev.Event]) -> Sequence[ev.Event]:
        if not self._held and not any(
            isinstance(event, ev.ToolCallStarted) for event in events
        ):
            return events
        out: list[ev.Event] = []
        for event in events:
            self._take(event, out)
        return out

    def _take(self, event: ev.Event, out: list[ev.Event]) -> None:
        match event:
            case ev.ToolCallStarted():
                out.append(self._started(event))
            case ev.ToolCallDelta(block=block, text=text) if block in self._held:
                self._held[block].append(text)
            case ev.BlockEnded(block=block) if block in self._held:
                text = unwrap("".join(self._held.pop(block)))
                out += (ev.ToolCallDelta(block, text), event)
            case _:
                out.append(event)

    def _started(self, event: ev.ToolCallStarted) -> ev.ToolCallStarted:
        identity = self.names.meant(event.name)
        if identity is None:
            return event
        kind = event.kind
        if identity.kind is ToolKind.CUSTOM and kind is ToolKind.FUNCTION:
            kind = ToolKind.CUSTOM
            self._held[event.block] = []
        return attrs.evolve(
            event,
            name=identity.name,
            namespace=event.namespace or identity.namespace,
            kind=kind,
        )


def restore_response(response: Response, names: ToolNames) -> Response:
    """The same for a complete response."""
    if not names:
        return response
    return attrs.evolve(
        response,
        candidates=tuple(
            attrs.evolve(c, parts=tuple(_restored(part, names) for part in c.parts))
            for c in response.candidates
        ),
    )


def _restored(part: Part, names: ToolNames) -> Part:
    identity = names.meant(part.name) if isinstance(part, ToolCall) else None
    if not isinstance(part, ToolCall) or identity is None:
        return part
    free = identity.kind is ToolKind.CUSTOM and part.kind is ToolKind.FUNCTION
    return attrs.evolve(
        part,
        name=identity.name,
        namespace=part.namespace or identity.namespace,
        kind=ToolKind.CUSTOM if free else part.kind,
        arguments=unwrap(part.arguments) if free else part.arguments,
    )
