"""Many callers, one pool, upstreams of every temper: what must hold at all times.

A Hypothesis machine over the simulator. Callers connect, ask, cut their requests into
pieces, pipeline, read slowly, hang up; drivers are killed with full inboxes; upstreams
do what a rule told them to. After every step the invariants are checked, and at the
end everything has to come to rest.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

import attrs
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
)

from cliproxy_core.base.jsonval import loads
from cliproxy_core.gateway.connection import State as ConnectionState
from cliproxy_core.gateway.wirewords import CloseConnection, Retired
from cliproxy_core.lifecycle.effects import Open
from cliproxy_core.lifecycle.inputs import Fault
from cliproxy_core.lifecycle.request import State
from cliproxy_core.testing.demo_chat import CHAT
from cliproxy_core.testing.demo_claude import CLAUDE
from cliproxy_core.testing.demo_gemini import GEMINI
from cliproxy_core.testing.demo_plan import Call, Form, Plan
from cliproxy_core.testing.demo_responses import RESPONSES
from cliproxy_core.testing.script import (
    End,
    Pause,
    ReceivedRequest,
    Reset,
    Say,
    ScriptStep,
    Stall,
    json_answer,
    sse_answer,
)
from cliproxy_core.testing.sim import HIGH_WATER, Client, Sim
from tests.core.gateway.parties import HEALTH, request
from tests.sim.stage import DIALECTS, PREFIXES, ask, proxy
from tests.sim.witness import answers, check_stream

__all__ = ["World"]

# As many as get in one another's way; more may come in the course of a run.
CROWD = 6

PLANS = {
    "text": Plan(model="text", text=("One", " two", " three")),
    "tools": Plan(
        model="tools",
        thinking=("Hm",),
        text=("Let", " me"),
        calls=(Call("f", {"a": "b" * 20}), Call("g", {})),
    ),
    # Streamed it is more than a transport takes. A document of it is less, even five
    # times: so often a stream of Responses repeats the text.
    "long": Plan(model="long", text=("x" * 15,) * 700),
    "nothing": Plan(model="nothing"),
}

# What an upstream may do with the frames of an answer.
ENDS = {
    "cut": End.TRUNCATED,
    "reset": End.RESET,
    "stall": End.STALLED,
    "close": End.CLOSED,
}
TEMPERS = (
    *("ok", "slow", "crumbs", "other shape", "late", "garbage", "error event"),
    *ENDS,
    *("401", "429", "500", "refuses half", "silence", "hangs up", "not HTTP"),
)


# What is in the path of each dialect.
FORMS = (
    (b"/messages", CLAUDE),
    (b"/responses", RESPONSES),
    (b"/models/", GEMINI),
    (b"/chat/", CHAT),
)


@attrs.frozen
class Mood:
    """What an upstream will do with its next request."""

    temper: str = "ok"
    plan: str = "text"
    frames: int = 3
    """How many frames come before an accident."""

    def answer(self, asked: ReceivedRequest) -> Sequence[ScriptStep]:
        form = next(form for part, form in FORMS if part in asked.target)
        document = loads(asked.body)
        streams = isinstance(document, dict) and document.get("stream") is True
        streams = streams or b":streamGenerateContent" in asked.target
        if self.temper == "other shape":
            streams = not streams
        early = self._before_an_answer(form)
        if early is not None:
            return early
        if streams:
            return self._stream(form)
        whole = json_answer(200, form.whole(PLANS[self.plan]))
        if self.temper in ("cut", "reset", "refuses half"):
            (said,) = whole
            return (Say(said.data[:-7]), Reset()) if isinstance(said, Say) else ()
        return whole

    def _before_an_answer(self, form: Form) -> Sequence[ScriptStep] | None:
        match self.temper:
            case "429" | "500":
                status = int(self.temper)
                return json_answer(status, form.error(status, "no"))
            case "401":
                return json_answer(401, {"error": {"message": "who"}})
            case "refuses half":
                return (Say(b"HTTP/1.1 503 \r\ncontent-length: 9\r\n\r\n{"), Reset())
            case "silence":
                return (Stall(),)
            case "hangs up":
                return (Reset(),)
            case "not HTTP":
                return (Say(b"220 mail ready\r\n\r\n"),)
            case _:
                return None

    def _stream(self, form: Form) -> Sequence[ScriptStep]:
        frames = tuple(form.frames(PLANS[self.plan]))
        some = frames[: self.frames]
        match self.temper:
            case "slow":
                return sse_answer(frames[:20], pause=4.0)
            case "crumbs":
                return sse_answer(frames[:20], cut=7)
            case "late":
                return (Pause(17.0), *sse_answer(frames))
            case "garbage":
                return sse_answer((*some, b"data: {]\n\n", *frames))
            case "error event":
                return sse_answer((*some, form.error_frame("no more", len(some))))
            case "close":
                return sse_answer(frames, end=End.CLOSED)
            case "cut" | "reset" | "stall":
                return sse_answer(some, end=ENDS[self.temper])
            case _:
                return sse_answer(frames)


@attrs.define(eq=False)
class Caller:
    """A client, and what it asked for."""

    client: Client
    asked: list[str] = attrs.field(factory=list)
    """The dialect of each request, in order."""
    unsent: bytes = b""
    """The rest of a request that was begun."""
    checked: int = -1
    committed: dict[str, int] = attrs.field(factory=dict)
    """The attempt whose content a request has passed on."""

    def send(self, dialect: str, text: bytes, keep: int) -> None:
        text = self.unsent + text
        self.asked.append(dialect)
        cut = max(len(text) - keep, 0)
        self.unsent = text[cut:]
        self.client.send(text[:cut])


callers = st.integers(0, CROWD - 1)
dialects = st.sampled_from(DIALECTS)
moods = st.builds(
    Mood, st.sampled_from(TEMPERS), st.sampled_from(sorted(PLANS)), st.integers(0, 6)
)


class World(RuleBasedStateMachine):
    """One proxy and everybody around it."""

    def __init__(self) -> None:
        super().__init__()
        self.moods: deque[Mood] = deque()
        self.faults: deque[Fault] = deque()
        self.callers: list[Caller] = []
        self.sim: Sim = proxy(self.answer)
        self.sim.refuse = lambda _: self.faults.popleft() if self.faults else None

    def answer(self, asked: ReceivedRequest) -> Sequence[ScriptStep]:
        return (self.moods.popleft() if self.moods else Mood()).answer(asked)

    def caller(self, number: int) -> Caller:
        """One of those who are still there; if nobody is, somebody comes."""
        here = [c for c in self.callers if not c.client.gone and not c.client.closed]
        if not here:
            self.come()
            return self.callers[-1]
        return here[number % len(here)]

    def come(self) -> None:
        self.callers.append(Caller(self.sim.connect()))

    # What may happen.

    @initialize(late=st.booleans())
    def begin(self, late: bool) -> None:
        self.sim.late_grants = late
        self.come()

    @rule()
    def connects(self) -> None:
        self.come()

    @rule(
        who=callers,
        dialect=dialects,
        prefix=st.sampled_from(PREFIXES),
        stream=st.booleans(),
        keep=st.sampled_from([0, 0, 0, 1, 30, 150, 1000]),
    )
    def asks(
        self, who: int, dialect: str, prefix: str, stream: bool, keep: int
    ) -> None:
        text = ask(dialect, prefix + "m", stream=stream)
        self.caller(who).send(dialect, text, keep)

    @rule(who=callers, dialect=dialects, count=st.integers(2, 4))
    def pipelines(self, who: int, dialect: str, count: int) -> None:
        for _ in range(count - 1):
            self.caller(who).send(dialect, HEALTH, 10)
            self.caller(who).send(dialect, ask(dialect, "m"), 10)
        self.caller(who).send(dialect, HEALTH, 0)

    @rule(who=callers, what=st.sampled_from(["nowhere", "no JSON", "1.0", "a lie"]))
    def asks_badly(self, who: int, what: str) -> None:
        match what:
            case "nowhere":
                text = request(path=b"/nowhere")
            case "no JSON":
                text = request(b"{")
            case "1.0":
                text = request(version=b"1.0", stream=False)
            case _:
                text = request(messages="a lie")
        self.caller(who).send("openai_chat", text, 0)

    @rule(who=callers)
    def sends_the_rest(self, who: int) -> None:
        caller = self.caller(who)
        text, caller.unsent = caller.unsent, b""
        caller.client.send(text)

    @rule(mood=moods)
    def an_upstream_gets_into(self, mood: Mood) -> None:
        self.moods.append(mood)

    @rule(fault=st.sampled_from([Fault.CONNECT, Fault.TLS, Fault.STALE]))
    def a_dial_will_fail(self, fault: Fault) -> None:
        self.faults.append(fault)

    @rule(who=callers)
    def hangs_up(self, who: int) -> None:
        self.caller(who).client.hang_up()

    @rule(who=callers)
    def is_killed(self, who: int) -> None:
        self.caller(who).client.kill()

    @rule(who=callers)
    def stops_reading(self, who: int) -> None:
        self.caller(who).client.stop_reading()

    @rule(who=callers, dialect=dialects, seconds=st.sampled_from([0.1, 60.0]))
    def asks_for_much_and_reads_nothing(
        self, who: int, dialect: str, seconds: float
    ) -> None:
        self.moods.append(Mood(plan="long"))
        caller = self.caller(who)
        caller.client.stop_reading()
        caller.send(dialect, ask(dialect, "m"), 0)
        self.sim.run(seconds)

    @rule(who=callers)
    def reads_on(self, who: int) -> None:
        self.caller(who).client.read_on()

    @rule(steps=st.integers(1, 12))
    def things_happen(self, steps: int) -> None:
        for _ in range(steps):
            self.sim.step()

    @rule(seconds=st.sampled_from([0.001, 0.01, 0.3, 4.0, 16.0, 60.0]))
    def time_passes(self, seconds: float) -> None:
        self.sim.run(seconds)

    @rule(who=st.none() | callers)
    def retires(self, who: int | None) -> None:
        """One connection of a server that stops, or all of them."""
        if who is None:
            self.sim.retire()
        else:
            self.caller(who).client.hear(Retired())

    # What must hold.

    @invariant()
    def nothing_is_orphaned(self) -> None:
        alive = {
            c.client.machine.exchange.request
            for c in self.callers
            if c.client.machine.exchange is not None and not c.client.gone
        }
        assert set(self.sim.app.pool.held) <= alive
        for wire in self.sim.at_work:
            assert wire.owner is not None
            assert not wire.owner.gone
            assert wire.owner.machine.exchange is not None

    @invariant()
    def one_attempt_at_a_time(self) -> None:
        owners = [wire.owner for wire in self.sim.at_work]
        assert len(owners) == len(set(owners))

    @invariant()
    def nobody_is_asked_after_content(self) -> None:
        for caller in self.callers:
            exchange = caller.client.machine.exchange
            machine = exchange.machine if exchange is not None else None
            if machine is None or machine.state is not State.COMMITTED:
                continue
            first = caller.committed.setdefault(machine.job.request, machine.numbered)
            opens = [o for o in caller.client.orders if isinstance(o, Open)]
            assert machine.numbered == first
            assert opens[-1].attempt == first

    @invariant()
    def every_wait_has_a_deadline(self) -> None:
        for caller in self.callers:
            machine = caller.client.machine
            if machine.done:
                assert machine.deadline is None
            elif not caller.client.gone:
                assert machine.deadline is not None
                assert machine.deadline >= self.sim.time

    @invariant()
    def memory_is_bounded(self) -> None:
        for caller in self.callers:
            assert len(caller.client.buffered) < 2 * HIGH_WATER

    @invariant()
    def what_was_sent_is_legal(self) -> None:
        for caller in self.callers:
            if len(caller.client.received) != caller.checked:
                caller.checked = len(caller.client.received)
                legal(caller)

    def teardown(self) -> None:
        """Everybody reads what there is, and everything comes to rest."""
        for caller in self.callers:
            if not caller.client.gone:
                caller.client.read_on()
        self.sim.run()
        assert self.sim.app.pool.held == {}
        assert list(self.sim.at_work) == []
        for caller in self.callers:
            client = caller.client
            assert client.machine.state is ConnectionState.CLOSED
            assert client.machine.deadline is None
            legal(caller)
            if not client.gone:
                client.read_on()
                heard = answers(bytes(client.received))
                reset = CloseConnection(reset=True) in client.orders
                assert reset or all(answer.complete for answer in heard)


def legal(caller: Caller) -> None:
    heard = answers(bytes(caller.client.received))
    assert len(heard) <= len(caller.asked)
    for dialect, answer in zip(caller.asked, heard, strict=False):
        if answer.streams:
            check_stream(dialect, answer)
