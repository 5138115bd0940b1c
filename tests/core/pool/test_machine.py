"""Who gets which credential, and that every one comes back."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from cliproxy_core.ir.failure import Kind
from cliproxy_core.pool.machine import (
    Acquire,
    Granted,
    Input,
    Pool,
    Refused,
    Return,
    Withdraw,
)
from tests.core.lifecycle.cast import credential

A, B, C = (credential(name) for name in "abc")
NAMED = credential("named", models={"m": "theirs"}, family=None)
CLAUDE = credential("claude", family="claude")


def grant(pool: Pool, model: str = "m", *tried: str, request: str = "r") -> str:
    """The credential that a request gets, and gives back."""
    (answer,) = pool.handle(Acquire(request, model, frozenset(tried)))
    pool.handle(Return(request))
    return answer.credential.id if isinstance(answer, Granted) else ""


def test_equals_take_turns() -> None:
    pool = Pool((A, B, C))
    assert [grant(pool) for _ in range(7)] == list("abcabca")


def test_what_was_tried_is_passed_over() -> None:
    pool = Pool((A, B, C))
    assert [grant(pool, "m", "a") for _ in range(4)] == list("bcbc")
    assert grant(pool, "m", "a", "b") == "c"


def test_when_all_were_tried_nobody_is_left() -> None:
    pool = Pool((A, B))
    (refused,) = pool.handle(Acquire("r", "m", frozenset("ab")))
    assert isinstance(refused, Refused)
    assert (refused.request, refused.failure.kind) == ("r", Kind.UNAVAILABLE)
    assert refused.failure.status == 503
    assert pool.held == {}


def test_an_unknown_model_is_the_callers_fault() -> None:
    (refused,) = Pool((NAMED,)).handle(Acquire("r", "other"))
    assert isinstance(refused, Refused)
    assert (refused.failure.kind, refused.failure.status) == (Kind.REQUEST, 400)
    assert refused.failure.code == "model_not_found"


def test_an_empty_pool_knows_no_model() -> None:
    assert isinstance(Pool(()).handle(Acquire("r", "m"))[0], Refused)


def test_whoever_serves_a_model_best_is_asked_alone() -> None:
    pool = Pool((A, CLAUDE, NAMED))
    assert [grant(pool) for _ in range(3)] == ["named"] * 3
    assert grant(pool, "m", "named") == ""
    assert [grant(pool, "claude-x") for _ in range(2)] == ["claude"] * 2
    assert grant(pool, "else") == "a"


def test_a_grant_has_the_upstreams_name_of_the_model() -> None:
    (answer,) = Pool((NAMED,)).handle(Acquire("r", "m"))
    assert answer == Granted("r", NAMED, "theirs")


def test_groups_take_turns_apart() -> None:
    other = credential("d", models={"m": "m"}, family=None)
    pool = Pool((A, B, NAMED, other))
    assert [grant(pool, m) for m in ("m", "x", "m", "x")] == ["named", "a", "d", "b"]


def test_a_lease_belongs_to_its_request() -> None:
    pool = Pool((A,))
    pool.handle(Acquire("one", "m"))
    pool.handle(Acquire("two", "m"))
    assert set(pool.held) == {"one", "two"}
    for _ in range(2):
        assert pool.handle(Withdraw("one")) == []
        assert set(pool.held) == {"two"}


def test_models() -> None:
    double = credential("d", models={"n": "x", "m": "y"}, family=None)
    assert Pool((A, NAMED, double)).models() == ["m", "n"]


requests = st.sampled_from(["q", "r", "s"])
words = st.one_of(
    st.builds(Acquire, requests, st.just("m"), st.frozensets(st.sampled_from("abc"))),
    st.builds(Return, requests),
    st.builds(Withdraw, requests),
)


@given(st.lists(words, max_size=40))
def test_nothing_is_lost_and_nothing_stays(events: list[Input]) -> None:
    pool = Pool((A, B, C))
    mine: set[str] = set()
    for event in events:
        answers = pool.handle(event)
        match event:
            case Acquire(request=request, tried=tried):
                (answer,) = answers
                assert answer.request == request
                if isinstance(answer, Granted):
                    assert answer.credential.id not in tried
                    assert pool.held[request] is answer.credential
                    mine.add(request)
            case _:
                assert answers == []
                mine.discard(event.request)
        assert set(pool.held) == mine


@given(st.integers(1, 60))
def test_turns_are_fair(count: int) -> None:
    pool = Pool((A, B, C))
    counts = Counter(grant(pool) for _ in range(count))
    assert max(counts.values()) - min(counts[c] for c in "abc") <= 1
