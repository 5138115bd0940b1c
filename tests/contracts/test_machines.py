"""Every machine takes every input in every state that it can be in.

The states are reached by playing; each is then given each input. Nothing is raised,
`Tick` and a caller who leaves are legal everywhere, nothing is ordered after the end,
and a machine that waits says until when.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cliproxy_core.base.clock import Mono, Now, Wall
from cliproxy_core.base.contract import Tick
from cliproxy_core.gateway.connection import Connection
from cliproxy_core.gateway.exchange import Exchange
from cliproxy_core.gateway.wirewords import (
    BytesReceived,
    DownstreamBlocked,
    DownstreamFlowing,
    DownstreamGone,
    Retired,
)
from cliproxy_core.ir.failure import Failure, Kind
from cliproxy_core.lifecycle.attempt import Attempt
from cliproxy_core.lifecycle.effects import Abort, Acquire, Open, Release, Withdraw
from cliproxy_core.lifecycle.inputs import Began, Fault, Granted, Refused, UpstreamBroke
from cliproxy_core.lifecycle.request import RequestMachine
from cliproxy_core.wire.http import BodyData, BodyEnded, PeerFault
from cliproxy_core.wire.http1 import H11Server
from tests.core.gateway.parties import CLAUDE_PATH, HEALTH, app, body, request
from tests.core.gateway.parties import head as asked
from tests.core.lifecycle.cast import (
    CLAUDE_CREDENTIAL,
    DONE,
    FINISH,
    HELLO,
    JSON,
    ROLE,
    STREAM,
    WHOLE,
    A,
    connected,
    credential,
    data,
    ended,
    head,
    job,
)

LEFT = Failure(kind=Kind.UNAVAILABLE, status=503, message="nobody is left")

UPSTREAM: list[Any] = [
    connected(),
    head(),
    head(1, 500),
    head(1, 400),
    head(1, 200, JSON),
    head(1, 200, ((b"content-encoding", b"gzip"),)),
    data(ROLE),
    data(ROLE + HELLO),
    data(STREAM),
    data(WHOLE),
    data(b"data: {]\n\n"),
    data(b"\x00\xff"),
    data(b""),
    ended(),
    *(UpstreamBroke(1, fault) for fault in Fault),
    UpstreamBroke(7, Fault.RESET),
    data(HELLO, 7),
]
FLOW: list[Any] = [DownstreamBlocked(), DownstreamFlowing()]
GRANTS: list[Any] = [
    Granted("?", A, "m"),
    Granted("?", credential("b"), "m"),
    Granted("?", CLAUDE_CREDENTIAL, "m"),
    Granted("another", A, "m"),
    Refused("?", LEFT),
]
MESSAGES: list[Any] = [
    asked(),
    asked(CLAUDE_PATH),
    asked(b"/nowhere"),
    BodyData(body()),
    BodyData(b"{"),
    BodyEnded(),
    PeerFault("x"),
]
BYTES: list[Any] = [
    BytesReceived(text)
    for text in (
        b"",
        b"\r\n",
        HEALTH,
        HEALTH[:9],
        HEALTH[9:],
        request(),
        request(path=CLAUDE_PATH, stream=False),
        request(path=b"/nowhere")[:-3],
        request()[:-3],
        b"garbage\r\n\r\n",
        request() + HEALTH,
    )
]

# A machine, what it may hear, and the ways into its states. Attempts and requests
# hear `Began` from their owners, once and first.
Making = Callable[[], Any]
INPUTS: Mapping[str, tuple[Making, list[Any]]] = {
    "attempt": (lambda: Attempt(1, job(), A, "m"), [*UPSTREAM, *FLOW]),
    "attempt, whole": (
        lambda: Attempt(1, job("claude_messages", streams=False), A, "m"),
        [*UPSTREAM, *FLOW],
    ),
    "request": (
        lambda: RequestMachine(job(keepalive=15)),
        [*UPSTREAM, *FLOW, *GRANTS, DownstreamGone()],
    ),
    "request, whole": (
        lambda: RequestMachine(job(streams=False)),
        [*UPSTREAM, *FLOW, *GRANTS, DownstreamGone()],
    ),
    "exchange": (
        lambda: Exchange(app()),
        [*MESSAGES, *UPSTREAM, *FLOW, *GRANTS, DownstreamGone()],
    ),
    "connection": (
        lambda: Connection.accept(app(), H11Server(), now(1000.0)),
        [*BYTES, *UPSTREAM, *FLOW, *GRANTS, DownstreamGone(), Retired()],
    ),
}

ATTEMPT = (Began(), connected(), head(), data(ROLE), data(HELLO), data(FINISH + DONE))
REQUEST = (Began(), GRANTS[0], *ATTEMPT[1:])
STORIES: Mapping[str, Sequence[Sequence[Any]]] = {
    "attempt": (
        ATTEMPT,
        (Began(), connected(), head(1, 500), data(b"x"), ended()),
        (Began(), connected(), DownstreamBlocked(), head(), data(ROLE)),
    ),
    "attempt, whole": (
        (Began(), connected(), head(1, 200, JSON), data(WHOLE), ended()),
    ),
    "request": (
        REQUEST,
        (Began(), GRANTS[0], UpstreamBroke(1, Fault.RESET), GRANTS[1], connected(2)),
        (Began(), GRANTS[2], connected(), head(1, 400), ended()),
        (Began(), DownstreamBlocked(), GRANTS[0], connected(), head(), data(ROLE)),
    ),
    "request, whole": ((Began(), GRANTS[0], head(1, 200, JSON), data(WHOLE), ended()),),
    "exchange": (
        (asked(), BodyData(body()), BodyEnded(), *REQUEST[1:]),
        (asked(CLAUDE_PATH), DownstreamBlocked(), BodyData(body()), BodyEnded()),
        (asked(), BodyData(b"{"), BodyEnded()),
    ),
    "connection": (
        (BytesReceived(request()), *REQUEST[1:]),
        (BytesReceived(request() + HEALTH), *REQUEST[1:]),
        (BytesReceived(HEALTH), BytesReceived(HEALTH[:9]), BytesReceived(HEALTH[9:])),
        (BytesReceived(request(path=b"/nowhere")[:-3]), BytesReceived(b"}}}")),
        (BytesReceived(request()[:-3]), Retired(), BytesReceived(request()[-3:])),
        (BytesReceived(HEALTH), DownstreamBlocked(), BytesReceived(request())),
    ),
}


def now(mono: float) -> Now:
    return Now(Mono(mono), Wall(1_800_000_000.0 + mono))


class Stage:
    """A machine, and what must hold of whatever it does."""

    def __init__(self, name: str) -> None:
        self.machine = INPUTS[name][0]()
        self.time = 1000.0
        self.open: set[int] = set()
        self.asking: set[str] = set()
        self.request = "req_1"

    def hears(self, event: Any) -> None:
        """Feed it; its own name goes where an input says `?`."""
        if isinstance(event, Granted | Refused) and event.request == "?":
            event = type(event)(self.request, *self._rest(event))
        was_done = self.machine.done
        before = self.machine.deadline
        effects = self.machine.handle(event, now(self.time))
        assert not (was_done and effects), (event, effects)
        if isinstance(event, Tick) and before is not None and before <= self.time:
            assert self.machine.deadline != before, "a due tick changed nothing"
        for effect in effects:
            self.notes(effect)
        if self.machine.done:
            assert self.machine.deadline is None, event
            assert not self.asking, (event, "ended without withdrawing")

    def notes(self, effect: Any) -> None:
        match effect:
            case Open():
                assert self.open <= {effect.attempt}
                self.open = {effect.attempt}
            case Abort() | Release():
                assert effect.attempt in self.open, "stopped twice, or never begun"
                self.open.clear()
            case Acquire():
                self.open.clear()  # what was open has ended, or was aborted above
                self.asking.add(effect.request)
                self.request = effect.request
            case Withdraw():
                self.asking.discard(effect.request)
            case _:
                pass

    @staticmethod
    def _rest(event: Granted | Refused) -> tuple[Any, ...]:
        if isinstance(event, Granted):
            return event.credential, event.model
        return (event.failure,)


SWEEP = [
    (name, story, count)
    for name, stories in STORIES.items()
    for story in stories
    for count in range(int(story[0] == Began()), len(story) + 1)
]


@pytest.mark.parametrize(
    ("name", "story", "count"), SWEEP, ids=[f"{n}-{c}" for n, _, c in SWEEP]
)
def test_every_input_in_every_state(
    name: str, story: Sequence[Any], count: int
) -> None:
    for event in (*INPUTS[name][1], Tick()):
        stage = Stage(name)
        for past in story[:count]:
            stage.hears(past)
        stage.hears(event)
        stage.hears(Tick())
        while not stage.machine.done and stage.machine.deadline is not None:
            stage.time = max(stage.time, stage.machine.deadline)
            stage.hears(Tick())


@pytest.mark.parametrize(
    ("name", "story", "count"), SWEEP, ids=[f"{n}-{c}" for n, _, c in SWEEP]
)
def test_a_tick_that_comes_too_early_does_nothing(
    name: str, story: Sequence[Any], count: int
) -> None:
    stage = Stage(name)
    for past in story[:count]:
        stage.hears(past)
    before = stage.machine.deadline
    assert list(stage.machine.handle(Tick(), now(stage.time))) == []
    assert stage.machine.deadline == before


@pytest.mark.parametrize("name", [n for n in INPUTS if not n.startswith("attempt")])
def test_a_caller_who_leaves_ends_it(name: str) -> None:
    for story in STORIES[name]:
        for count in range(len(story) + 1):
            stage = Stage(name)
            for past in story[:count]:
                stage.hears(past)
            stage.hears(DownstreamGone())
            assert stage.machine.done


@settings(max_examples=60)
@given(st.data())
@pytest.mark.parametrize("name", INPUTS)
def test_any_inputs_in_any_order(name: str, data: st.DataObject) -> None:
    stage = Stage(name)
    if name.startswith(("attempt", "request")):
        stage.hears(Began())
    events = st.lists(st.sampled_from([*INPUTS[name][1], Tick()]), max_size=25)
    for event in data.draw(events):
        if data.draw(st.booleans()) and stage.machine.deadline is not None:
            stage.time = max(stage.time, stage.machine.deadline)
        stage.hears(event)
