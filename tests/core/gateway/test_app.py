"""What all connections share."""

from __future__ import annotations

from cliproxy_core.lifecycle.effects import Acquire, Return, Withdraw
from cliproxy_core.lifecycle.inputs import Granted, Refused
from tests.core.gateway.parties import app
from tests.core.lifecycle.cast import KEY


def test_names_differ_and_come_again_with_the_seed() -> None:
    first, again = app(), app()
    names = [first.new_request() for _ in range(100)]
    assert len(set(names)) == 100
    assert names == [again.new_request() for _ in range(100)]


def test_each_request_draws_its_own_names() -> None:
    shared = app()
    one, two = shared.new_ids("req_1"), shared.new_ids("req_2")
    assert one("x_") != two("x_")
    assert shared.new_ids("req_1")("x_") == app().new_ids("req_1")("x_")


def test_the_pool_answers_at_once() -> None:
    shared = app()
    (granted,) = shared.handle(Acquire("r", "m"))
    assert isinstance(granted, Granted)
    assert list(shared.pool.held) == ["r"]
    assert shared.handle(Return("r")) == []
    assert shared.pool.held == {}
    (refused,) = shared.handle(Acquire("r", "unheard-of"))
    assert isinstance(refused, Refused)
    assert shared.handle(Withdraw("r")) == []


def test_secrets_do_not_show() -> None:
    shared = app()
    shared.handle(Acquire("r", "m"))
    assert KEY not in repr(shared)
    assert "ssss" not in repr(shared)
