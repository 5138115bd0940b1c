"""Idle connections: the freshest first, none for ever."""

from __future__ import annotations

from cliproxy_core.base.clock import Mono, Now, Wall
from cliproxy_core.wire.connections import (
    MAX_IDLE_PER_ORIGIN,
    MAX_IDLE_SECONDS,
    IdleConnections,
)
from cliproxy_core.wire.url import Origin

HERE = Origin("http", "here", 80)
THERE = Origin("https", "there", 443)


def at(seconds: float) -> Now:
    return Now(Mono(seconds), Wall(0))


def test_the_one_used_last_is_taken_first() -> None:
    idle: IdleConnections[str] = IdleConnections()
    assert idle.put(HERE, "old", at(0)) == []
    assert idle.put(HERE, "new", at(1)) == []
    assert [idle.take(HERE), idle.take(HERE), idle.take(HERE)] == ["new", "old", None]


def test_a_connection_is_taken_only_to_where_it_leads() -> None:
    idle: IdleConnections[str] = IdleConnections()
    idle.put(HERE, "x", at(0))
    assert idle.take(THERE) is None
    assert idle.take(Origin("https", "here", 80)) is None


def test_it_is_due_when_the_oldest_is() -> None:
    idle: IdleConnections[str] = IdleConnections()
    due = [idle.deadline]
    idle.put(HERE, "a", at(0))
    idle.put(THERE, "b", at(5))
    due.append(idle.deadline)
    assert idle.expire(at(MAX_IDLE_SECONDS - 1)) == []
    assert idle.expire(at(MAX_IDLE_SECONDS)) == ["a"]
    due.append(idle.deadline)
    assert due == [None, MAX_IDLE_SECONDS, MAX_IDLE_SECONDS + 5]
    assert idle.take(HERE) is None


def test_surplus_is_given_back_to_be_closed() -> None:
    idle: IdleConnections[int] = IdleConnections()
    for number in range(MAX_IDLE_PER_ORIGIN):
        assert idle.put(HERE, number, at(number)) == []
    assert idle.put(HERE, -1, at(1000)) == [0]


def test_one_that_was_closed_is_forgotten() -> None:
    idle: IdleConnections[str] = IdleConnections()
    kept, lost = "kept", "lost"
    idle.put(HERE, kept, at(0))
    idle.put(HERE, lost, at(0))
    idle.drop(HERE, lost)
    idle.drop(THERE, lost)
    assert idle.clear() == [kept]
    assert idle.deadline is None
