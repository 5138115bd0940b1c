"""What a request orders: imperatives."""

from __future__ import annotations

from typing import TypeAlias

import attrs

from cliproxy_core.base.value import value
from cliproxy_core.observe.log import LogLine
from cliproxy_core.pool.machine import Acquire, Return, Withdraw
from cliproxy_core.wire.http import Headers, RequestHead
from cliproxy_core.wire.url import Origin

__all__ = [
    "Abort",
    "Acquire",
    "Effect",
    "End",
    "Open",
    "PauseUpstream",
    "PoolEffect",
    "Release",
    "Report",
    "Respond",
    "ResumeUpstream",
    "Return",
    "StartResponse",
    "UpstreamEffect",
    "Withdraw",
    "Write",
]


@value
class Open:
    """Send a request to an upstream; its answer comes back under `attempt`.

    With `fresh`, over a connection made for it. Opening an attempt again replaces it.
    """

    attempt: int
    origin: Origin
    head: RequestHead
    body: bytes = attrs.field(repr=False)
    fresh: bool = False


@value
class Abort:
    """Close an attempt's connection; nothing of it is wanted any more."""

    attempt: int


@value
class Release:
    """An attempt's answer is complete although its HTTP body may not have ended.

    Its connection may be kept if the body ends soon, and is closed otherwise.
    """

    attempt: int


@value
class PauseUpstream:
    """Read no more of an attempt's answer for now."""

    attempt: int


@value
class ResumeUpstream:
    """Read an attempt's answer again."""

    attempt: int


@value
class Respond:
    """Give the caller a whole answer. Nothing was given to him before."""

    status: int
    headers: Headers = attrs.field(repr=False)
    body: bytes = attrs.field(repr=False)


@value
class StartResponse:
    """Begin an answer to the caller; its body follows in pieces."""

    status: int
    headers: Headers = attrs.field(repr=False)


@value
class Write:
    """Give the caller a piece of the body: whole frames."""

    data: bytes = attrs.field(repr=False)


@value
class End:
    """The answer to the caller is complete."""


@value
class Report:
    """Tell the operator."""

    line: LogLine


UpstreamEffect: TypeAlias = Open | Abort | Release | PauseUpstream | ResumeUpstream
PoolEffect: TypeAlias = Acquire | Return | Withdraw
Effect: TypeAlias = (
    UpstreamEffect | PoolEffect | Respond | StartResponse | Write | End | Report
)
