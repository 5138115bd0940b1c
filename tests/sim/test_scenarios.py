"""Whole scenarios in virtual time: every dialect to every upstream, no socket."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import orjson
import pytest

from cliproxy_core.lifecycle.effects import Open
from cliproxy_core.lifecycle.inputs import Fault
from cliproxy_core.testing.demo import demo_answer
from cliproxy_core.testing.demo_chat import CHAT
from cliproxy_core.testing.demo_claude import CLAUDE
from cliproxy_core.testing.demo_plan import Plan
from cliproxy_core.testing.script import (
    Answer,
    Close,
    End,
    Pause,
    Reset,
    Say,
    ScriptStep,
    Stall,
    json_answer,
    sse_answer,
)
from cliproxy_core.testing.sim import HIGH_WATER, Client, Sim
from tests.core.gateway.parties import HEALTH
from tests.core.lifecycle.cast import KEY
from tests.sim.stage import (
    ALL_PAIRS,
    PAIRS,
    PREFIXES,
    TIMEOUTS,
    ask,
    assert_at_rest,
    last_answer,
    play,
    proxy,
    scripted,
)
from tests.sim.witness import answers, data_of

pairs = pytest.mark.parametrize(("dialect", "prefix"), PAIRS)
all_pairs = pytest.mark.parametrize(("dialect", "prefix"), ALL_PAIRS)
chat_upstreams = pytest.mark.parametrize("dialect", ["openai_chat", "claude_messages"])

PLAN = Plan(model="text", text=("One", " two", " three"))
STREAM = sse_answer(tuple(CHAT.frames(PLAN)))


def outcomes(sim: Sim) -> list[object]:
    return [dict(line.fields)["outcome"] for line in sim.lines]


@all_pairs
@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize("model", ["text", "tool", "tools", "thinking", "slow"])
def test_everything_well(dialect: str, prefix: str, stream: bool, model: str) -> None:
    sim = proxy()
    heard = last_answer(play(sim, dialect, prefix + model, stream=stream), dialect)
    assert (heard.status, heard.complete, heard.streams) == (200, True, stream)
    assert outcomes(sim) == ["complete"]
    assert_at_rest(sim)


@pairs
def test_usage_reaches_every_caller(dialect: str, prefix: str) -> None:
    """Of a stream as well, whatever the upstream's dialect thinks of asking for it."""
    sim = proxy()
    client = sim.connect()
    chat = dialect == "openai_chat"
    members: dict[str, Any] = {"stream_options": {"include_usage": True}}
    client.send(ask(dialect, prefix + "text", **(members if chat else {})))
    sim.run(30)
    text = last_answer(client, dialect).body
    key = b'"completion_tokens":6' if chat else b'"output_tokens":6'
    assert key in text


# Slow and silent upstreams.


@pairs
def test_a_slow_upstream_is_bridged_by_heartbeats(dialect: str, prefix: str) -> None:
    form = CLAUDE if prefix else CHAT
    frames = tuple(form.frames(PLAN))
    sim = proxy(scripted((Pause(40), *sse_answer(frames))))
    client = sim.connect()
    client.send(ask(dialect, prefix + "text"))
    sim.run(39)
    beats = last_answer(client, dialect)
    assert (beats.status, beats.complete) == (200, False)
    sign = b"event: ping" if dialect == "claude_messages" else b": keep-alive"
    assert beats.body.count(sign) == 2
    sim.run(10)
    assert last_answer(client, dialect).complete
    assert sim.log.opened == 1
    assert_at_rest(sim)


@pytest.mark.parametrize("prefix", PREFIXES)
def test_gemini_callers_are_left_in_silence(prefix: str) -> None:
    """Comments break their SDKs, and there is nothing else to say."""
    sim = proxy(delayed(40))
    client = sim.connect()
    client.send(ask("gemini", prefix + "text"))
    sim.run(39)
    assert client.received == b""
    sim.run(10)
    assert last_answer(client, "gemini").complete
    assert_at_rest(sim)


def delayed(seconds: float) -> Answer:
    return lambda request: (Pause(seconds), *demo_answer(request))


@all_pairs
@pytest.mark.parametrize("stream", [True, False])
def test_silence_costs_every_credential_and_then_the_request(
    dialect: str, prefix: str, stream: bool
) -> None:
    sim = proxy(scripted((Stall(),)))
    heard = last_answer(play(sim, dialect, prefix + "text", stream=stream), dialect)
    beating = stream and dialect != "gemini"  # which has nothing to show life with
    assert heard.status == (200 if beating else 504)
    assert b"timed out" in heard.body
    assert heard.complete
    assert len(sim.log.requests) == 2
    assert outcomes(sim) == ["timeout"]
    assert_at_rest(sim)


@pairs
def test_silence_in_the_middle_is_told_in_the_stream(dialect: str, prefix: str) -> None:
    form = CLAUDE if prefix else CHAT
    frames = tuple(form.frames(PLAN))[:4]
    sim = proxy(scripted(sse_answer(frames, end=End.STALLED)))
    heard = last_answer(play(sim, dialect, prefix + "text"), dialect)
    assert heard.complete
    assert b"timed out" in heard.body
    assert sim.log.hung_up
    assert_at_rest(sim)


# Accidents.


@all_pairs
def test_a_reset_after_three_tokens(dialect: str, prefix: str) -> None:
    sim = proxy()
    heard = last_answer(play(sim, dialect, prefix + "cut"), dialect)
    assert (heard.status, heard.complete) == (200, True)
    assert b'"error"' in data_of(heard.body)[-1]
    assert b" the" in heard.body
    assert len(sim.log.requests) == 1, "after content nobody else is asked"
    assert outcomes(sim) == ["reset"]
    assert_at_rest(sim)


@all_pairs
@pytest.mark.parametrize("stream", [True, False])
def test_all_credentials_fail(dialect: str, prefix: str, stream: bool) -> None:
    sim = proxy()
    heard = last_answer(play(sim, dialect, prefix + "429", stream=stream), dialect)
    assert (heard.status, heard.headers[b"retry-after"]) == (429, b"1")
    assert orjson.loads(heard.body)["error"]["message"] == "one at a time"
    assert len(sim.log.requests) == 2
    assert_at_rest(sim)


ACCIDENTS: dict[str, tuple[ScriptStep, ...]] = {
    "reset": (Reset(),),
    "closed": (Close(),),
    "half a head": (Say(b"HTTP/1.1 200"), Close()),
    "not HTTP": (Say(b"SSH-2.0-OpenSSH_9\r\n\r\n"),),
    "503": json_answer(503, {"error": {"message": "later"}}),
    "a page": (Say(b"HTTP/1.1 502 \r\ncontent-length: 6\r\n\r\n<html>"),),
    "empty": (Say(b"HTTP/1.1 200 \r\ncontent-length: 0\r\n\r\n"),),
    "gzip": json_answer(200, {}, ((b"content-encoding", b"gzip"),)),
    "garbage": sse_answer((b"data: {]\n\n",)),
    "an array": json_answer(200, [1, 2]),
    "half a body": (Say(b"HTTP/1.1 200 \r\ncontent-length: 9\r\n\r\n{"), Reset()),
    "an error": json_answer(200, {"error": {"message": "no", "code": 500}}),
}


@chat_upstreams
@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize("name", ACCIDENTS)
def test_an_accident_and_then_the_next_credential(
    dialect: str, stream: bool, name: str
) -> None:
    whole = json_answer(200, CHAT.whole(PLAN))
    sim = proxy(scripted(ACCIDENTS[name], STREAM if stream else whole))
    heard = last_answer(play(sim, dialect, "text", stream=stream), dialect)
    assert (heard.status, heard.complete) == (200, True)
    assert b"three" in heard.body
    keys = {dict(r.headers)[b"authorization"] for r in sim.log.requests}
    assert len(keys) == 2
    assert_at_rest(sim)


@chat_upstreams
@pytest.mark.parametrize("fault", [Fault.CONNECT, Fault.RESOLVE, Fault.TLS])
def test_a_refused_connection_and_then_the_next_credential(
    dialect: str, fault: Fault
) -> None:
    sim = proxy()
    refusals = [fault]
    sim.refuse = lambda _: refusals.pop() if refusals else None
    assert last_answer(play(sim, dialect, "text"), dialect).complete
    assert outcomes(sim) == ["complete"]
    assert dict(sim.lines[0].fields)["attempts"] == 2
    assert_at_rest(sim)


def test_the_wrong_shapes_are_folded_and_spelled_out() -> None:
    whole = json_answer(200, CHAT.whole(PLAN))
    for stream, script in ((True, whole), (False, STREAM)):
        sim = proxy(scripted(script))
        client = play(sim, "claude_messages", "text", stream=stream)
        heard = last_answer(client, "claude_messages")
        assert (heard.status, heard.complete, heard.streams) == (200, True, stream)
        assert b"three" in heard.body


# Kept connections.


def test_connections_to_upstreams_are_used_again() -> None:
    sim = proxy()
    client = sim.connect()
    for _ in range(5):
        client.send(ask("openai_chat", "text", stream=False))
        sim.run(1)
    assert [a.status for a in answers(bytes(client.received))] == [200] * 5
    assert sim.log.opened == 1


def test_a_kept_connection_that_closes_under_a_request_is_replaced() -> None:
    """The second request is on its way when the first connection goes."""
    first = (*json_answer(200, CHAT.whole(PLAN)), Pause(1), Close())
    sim = proxy(scripted(first, json_answer(200, CHAT.whole(PLAN))))
    client = play(sim, "openai_chat", "text", stream=False, seconds=0.9)
    client.send(ask("openai_chat", "text", stream=False))
    sim.run(5)
    assert [a.status for a in answers(bytes(client.received))] == [200, 200]
    assert sim.log.opened == 2
    assert dict(sim.lines[1].fields)["attempts"] == 1
    assert_at_rest(sim)


# Callers who hang up.


def started(dialect: str, model: str, stream: bool, late: bool) -> tuple[Sim, Client]:
    sim = proxy()
    sim.late_grants = late
    client = sim.connect()
    text = ask(dialect, model, stream=stream)
    for part in (text[:40], text[40:-9], text[-9:]):
        sim.later(partial(client.send, part))
    return sim, client


def leave(client: Client, how: Callable[[Client], None]) -> None:
    sim = client.sim
    how(client)
    assert client.machine.done
    assert client.machine.deadline is None
    assert sim.app.pool.held == {}
    opened = [o.attempt for o in client.orders if isinstance(o, Open)]
    assert list(sim.at_work) == [], opened
    sim.run()
    assert_at_rest(sim)


@pairs
@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize("model", ["tools", "429", "cut"])
@pytest.mark.parametrize("late", [False, True])
def test_a_caller_hangs_up_at_any_point(
    dialect: str, prefix: str, stream: bool, model: str, late: bool
) -> None:
    how = Client.kill if late else Client.hang_up
    sim, alive, count = proxy(), True, 0
    while alive:
        sim, client = started(dialect, prefix + model, stream, late)
        alive = all(sim.step(until=1002.0) for _ in range(count))
        leave(client, how)
        count += 1
    assert outcomes(sim) != ["gone"], "at last it was over before he left"


# Callers who are slow.

LONG = Plan(model="text", text=("x" * 1000,) * 400)


@pairs
def test_a_slow_caller_costs_no_memory(dialect: str, prefix: str) -> None:
    form = CLAUDE if prefix else CHAT
    frames = tuple(form.frames(LONG))
    sim = proxy(scripted(sse_answer(frames)))
    client = sim.connect()
    client.stop_reading()
    client.send(ask(dialect, prefix + "text"))
    sim.run(20)
    assert HIGH_WATER < len(client.buffered) < HIGH_WATER + 4 * 1024
    while not last_complete(client, dialect):
        assert len(client.buffered) < HIGH_WATER + 4 * 1024
        client.read_on()
        client.stop_reading()
        sim.run(1)
    assert last_answer(client, dialect).body.count(b"x" * 1000) == 400
    assert_at_rest(sim)


def last_complete(client: Client, dialect: str) -> bool:
    return bool(client.received) and last_answer(client, dialect).complete


@pairs
def test_a_caller_who_never_reads_is_reset(dialect: str, prefix: str) -> None:
    form = CLAUDE if prefix else CHAT
    sim = proxy(scripted(sse_answer(tuple(form.frames(LONG)))))
    client = sim.connect()
    client.stop_reading()
    client.send(ask(dialect, prefix + "text"))
    sim.run(TIMEOUTS.stall + 1)
    assert client.closed
    assert outcomes(sim) == ["gone"]
    assert_at_rest(sim)


def test_a_caller_who_asks_and_never_reads_costs_no_memory() -> None:
    sim = proxy()
    client = sim.connect()
    client.stop_reading()
    for _ in range(1000):
        client.send(HEALTH * 100)
        sim.run(0.01)
    assert len(client.buffered) < HIGH_WATER + 100 * 200


# The end of the server.


@pairs
def test_a_shutdown_lets_answers_end(dialect: str, prefix: str) -> None:
    sim = proxy()
    idle, busy = sim.connect(), sim.connect()
    busy.send(ask(dialect, prefix + "slow"))
    sim.run(1)
    sim.retire()
    assert [client.closed for client in (idle, busy)] == [True, False]
    sim.run(10)
    assert last_answer(busy, dialect).complete
    assert [client.closed for client in (idle, busy)] == [True, True]
    assert_at_rest(sim)


# What must not get out.


@pairs
@pytest.mark.parametrize("stream", [True, False])
def test_keys_stay_inside(dialect: str, prefix: str, stream: bool) -> None:
    quoted = {"error": {"type": "t", "message": f"bad key {KEY}-1 {KEY}-3"}}
    sim = proxy(scripted(json_answer(401, quoted)))
    client = play(sim, dialect, prefix + "text", stream=stream)
    assert KEY.encode() not in bytes(client.received)
    assert KEY not in repr(sim.lines)


def test_the_same_seed_replays_to_the_byte() -> None:
    def run() -> bytes:
        sim = proxy()
        return bytes(play(sim, "claude_messages", "tools").received)

    assert run() == run()
