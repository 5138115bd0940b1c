"""The simulator does what an adapter and a network do, and nothing by itself."""

from __future__ import annotations

import pytest

from cliproxy_core.base.errors import LocalError
from cliproxy_core.lifecycle.effects import Open
from cliproxy_core.lifecycle.inputs import Fault
from cliproxy_core.testing import sim as module
from cliproxy_core.testing.demo_chat import CHAT
from cliproxy_core.testing.demo_plan import Plan
from cliproxy_core.testing.script import (
    Close,
    Pause,
    Say,
    ScriptStep,
    json_answer,
    sse_answer,
)
from cliproxy_core.testing.sim import HIGH_WATER, Client, Sim
from tests.core.gateway.parties import HEALTH, app, request
from tests.core.lifecycle.cast import TIMEOUTS

PLAN = Plan(model="m", text=("One", " two"))
WHOLE = json_answer(200, CHAT.whole(PLAN))
STREAM = sse_answer(tuple(CHAT.frames(PLAN)))


def proxy(*answers: tuple[ScriptStep, ...]) -> Sim:
    """Upstreams give these answers in turn, the last again and again."""
    left = list(answers or (WHOLE,))
    return Sim(app(), lambda _: left.pop(0) if len(left) > 1 else left[0])


def asking(sim: Sim, *, stream: bool = False) -> Client:
    client = sim.connect()
    client.send(request(stream=stream))
    return client


def opened(client: Client) -> list[bool]:
    return [order.fresh for order in client.orders if isinstance(order, Open)]


# Time.


def test_the_clock_jumps_to_what_is_due() -> None:
    sim = proxy()
    times: list[float] = []
    for delay in (3.0, 1.0, 2.0, 1.0):
        sim.at(sim.time + delay, lambda: times.append(sim.time))
    sim.run()
    assert times == [1001.0, 1001.0, 1002.0, 1003.0]


def test_a_run_ends_when_its_time_is_up() -> None:
    sim = proxy()
    times: list[float] = []
    sim.at(1005.0, lambda: times.append(sim.time))
    sim.run(4.0)
    assert (sim.time, times) == (1004.0, [])
    assert not sim.step(until=1004.5)
    assert sim.step()
    assert times == [1005.0]


def test_what_never_rests_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_STEPS", 100)
    sim = proxy()

    def again() -> None:
        sim.later(again)

    again()
    with pytest.raises(LocalError):
        sim.run()


# A caller.


def test_an_exchange_takes_its_latency() -> None:
    sim = proxy()
    client = asking(sim)
    assert bytes(client.received) == b""
    sim.run(sim.latency * 2.5)
    assert bytes(client.received) == b""
    sim.run(sim.latency)
    assert client.received.startswith(b"HTTP/1.1 200 OK")
    assert len(sim.lines) == 1


def test_an_idle_caller_is_closed_in_the_end() -> None:
    sim = proxy()
    client = sim.connect()
    client.send(HEALTH)
    sim.run()
    assert client.closed
    assert sim.time == 1000.0 + TIMEOUTS.idle


def test_who_does_not_read_fills_the_transport() -> None:
    sim = proxy()
    client = sim.connect()
    client.stop_reading()
    for _ in range(3 * HIGH_WATER // 100):
        client.send(HEALTH)
    assert HIGH_WATER < len(client.buffered) < HIGH_WATER + 200
    assert client.paused
    client.read_on()
    sim.run(1)
    assert client.received.count(b"HTTP/1.1 200 OK") == 3 * HIGH_WATER // 100


def test_bytes_that_wait_keep_their_order() -> None:
    sim = proxy()
    client = asking(sim)
    client.send(HEALTH)
    assert client.paused
    for piece in (HEALTH[:9], HEALTH[9:], HEALTH):
        client.send(piece)
    sim.run(1)
    assert client.received.count(b"HTTP/1.1 200 OK") == 4


def test_nobody_hears_after_he_left() -> None:
    sim = proxy()
    client = asking(sim)
    client.hang_up()
    client.send(HEALTH)
    sim.run()
    assert bytes(client.received) == b""
    assert client.machine.done


def test_a_killed_driver_reads_its_inbox_no_more() -> None:
    sim = proxy()
    sim.late_grants = True
    client = asking(sim)
    assert len(sim.app.pool.held) == 1
    assert opened(client) == []
    client.kill()
    assert sim.app.pool.held == {}
    client.kill()
    sim.run()
    assert opened(client) == []


def test_late_grants_come_late() -> None:
    sim = proxy()
    sim.late_grants = True
    client = asking(sim)
    sim.run(sim.latency)
    assert opened(client) == [False]


# Upstreams.


def test_a_dial_may_fail() -> None:
    sim = proxy()
    faults = [Fault.CONNECT]
    sim.refuse = lambda _: faults.pop() if faults else None
    client = asking(sim)
    sim.run(1)
    assert opened(client) == [False, False]
    assert sim.log.opened == 1


def test_a_connection_is_kept_and_used_again() -> None:
    sim = proxy()
    for _ in range(3):
        asking(sim)
        sim.run(1)
    assert (sim.log.opened, len(sim.log.requests)) == (1, 3)


def test_one_that_is_in_use_is_not_shared() -> None:
    sim = proxy()
    for _ in range(3):
        asking(sim)
    assert len(list(sim.at_work)) == 3
    sim.run(1)
    assert list(sim.at_work) == []
    assert sim.log.opened == 3


def test_one_that_was_closed_is_not_used() -> None:
    sim = proxy((*WHOLE, Pause(1.0), Close()), WHOLE)
    for _ in range(2):
        asking(sim)
        sim.run(2)
    assert sim.log.opened == 2


def test_one_that_closes_under_a_request_is_stale() -> None:
    sim = proxy((*WHOLE, Pause(1.0), Close()), WHOLE)
    asking(sim)
    sim.run(1.0)
    client = asking(sim)
    sim.run(1)
    assert opened(client) == [False, True]
    assert client.received.startswith(b"HTTP/1.1 200 OK")


def test_one_that_closes_before_it_is_taken_over_is_stale_too() -> None:
    sim = proxy((*WHOLE, Pause(1.0), Close()), WHOLE)
    asking(sim)
    sim.run(1.0)
    client = asking(sim)
    wire = next(iter(sim.at_work))
    wire._closed()
    sim.run(1)
    assert opened(client) == [False, True]


def test_surplus_bytes_spoil_a_connection() -> None:
    sim = proxy((*WHOLE, Say(b"more")))
    for _ in range(2):
        asking(sim)
        sim.run(1)
    assert sim.log.opened == 2


def test_what_comes_while_nobody_reads_is_kept_and_then_given() -> None:
    sim = proxy((*STREAM[:2], Pause(1.0), *STREAM[2:], Close()))
    client = asking(sim, stream=True)
    sim.run(0.5)
    (wire,) = sim.at_work
    wire.paused = True
    sim.run(2)
    assert list(sim.at_work) == [wire]
    wire.resume()
    sim.run(1)
    assert list(sim.at_work) == []
    assert b" two" in client.received
    assert client.received.endswith(b"0\r\n\r\n")


def test_a_server_that_stops_tells_everybody() -> None:
    sim = proxy()
    idle, busy = sim.connect(), asking(sim)
    sim.retire()
    assert [client.closed for client in sim.clients] == [True, False]
    sim.run(1)
    assert (idle.closed, busy.closed) == (True, True)
