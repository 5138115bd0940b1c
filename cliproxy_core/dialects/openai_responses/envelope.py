"""The response object around the output: what it says of itself, and what it repeats.

The vendor repeats most of a request in three events of every stream. The instructions
and tools of an agent are long, so that part is written to bytes once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import attrs

from cliproxy_core.base.errors import DecodeError
from cliproxy_core.base.jsonval import Json, JsonObject, write
from cliproxy_core.ir import stream as ev
from cliproxy_core.ir.usage import Usage

from .usage import emit_usage

__all__ = ["Envelope", "echo_of", "incomplete_reason"]

# What the vendor answers where a request says nothing (API reference, "The response
# object", 2026-11), but for `store`: of an answer that was translated nothing is kept.
_ECHOED: Final[Mapping[str, Json]] = {
    "instructions": None,
    "max_output_tokens": None,
    "max_tool_calls": None,
    "metadata": {},
    "parallel_tool_calls": True,
    "previous_response_id": None,
    "prompt_cache_key": None,
    "reasoning": {"effort": None, "summary": None},
    "safety_identifier": None,
    "service_tier": "default",
    "store": False,
    "temperature": 1.0,
    "text": {"format": {"type": "text"}},
    "tool_choice": "auto",
    "tools": [],
    "top_logprobs": 0,
    "top_p": 1.0,
    "truncation": "disabled",
    "user": None,
}

_INCOMPLETE: Final[Mapping[ev.Reason, str]] = {
    ev.Reason.MAX_OUTPUT: "max_output_tokens",
    ev.Reason.CONTEXT_WINDOW: "max_output_tokens",
    ev.Reason.REFUSAL: "content_filter",
}


def incomplete_reason(reason: ev.Reason) -> str | None:
    """Why an answer is incomplete, in this API's word; None: it is complete."""
    return _INCOMPLETE.get(reason)


def echo_of(caller: JsonObject) -> JsonObject:
    """The fields of a request that its answer repeats, with the vendor's defaults."""
    echo = dict(_ECHOED)
    for key, default in _ECHOED.items():
        told = caller.get(key)
        if isinstance(default, dict) and isinstance(told, dict):
            echo[key] = {**default, **told}
        elif told is not None:
            echo[key] = told
    try:
        write([[echo]])  # as deep as it stands in an event
    except DecodeError:
        return dict(_ECHOED)
    return echo


@attrs.define(kw_only=True)
class Envelope:
    """What all events about the response as a whole have in common."""

    name: str
    model: str
    created: int
    echo: JsonObject = attrs.field(repr=False)
    _echoed: bytes = attrs.field(init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        self._echoed = write(self.echo)[1:]

    def begun(self) -> JsonObject:
        return self._own("in_progress", [], None)

    def failed(self, output: Sequence[Json], usage: Usage | None) -> JsonObject:
        """All of a response that breaks off; the error is for others to add."""
        return {**self._own("failed", output, usage), **self.echo}

    def ended(
        self, output: Sequence[Json], usage: Usage | None, stopped: ev.Stopped
    ) -> JsonObject:
        reason = incomplete_reason(stopped.reason)
        untold = stopped.reason is ev.Reason.OTHER and stopped.native == "incomplete"
        status = "incomplete" if reason or untold else "completed"
        own = self._own(status, output, usage)
        own["incomplete_details"] = {"reason": reason} if reason else None
        if stopped.sequence is not None:
            # No fields of the vendor's, but some upstreams tell it so (facts/02, 2.3).
            own["stop_reason"], own["stop_sequence"] = "stop", stopped.sequence
        return own

    def text(self, own: JsonObject) -> bytes:
        """A response as JSON: what it says of itself, and the echo."""
        return b"%b,%b" % (write(own)[:-1], self._echoed)

    def _own(
        self, status: str, output: Sequence[Json], usage: Usage | None
    ) -> JsonObject:
        return {
            "id": self.name,
            "object": "response",
            "created_at": self.created,
            "status": status,
            "background": False,
            "error": None,
            "incomplete_details": None,
            "model": self.model,
            "output": output,
            "usage": None if usage is None else emit_usage(usage),
        }
