"""The checker holds streams against a table: what is legal passes, no more."""

from __future__ import annotations

import enum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cliproxy_core.ir.grammar import (
    Checker,
    Grammar,
    Numbering,
    Step,
    Violation,
    diagram,
)


class Phase(enum.Enum):
    """A small stream: begun, blocks one after another, ended."""

    START = "before the start"
    IDLE = "between blocks"
    BLOCK = "inside a block"
    END = "after the end"


TABLE: dict[tuple[enum.Enum, str], enum.Enum] = {
    (Phase.START, "start"): Phase.IDLE,
    (Phase.IDLE, "open"): Phase.BLOCK,
    (Phase.BLOCK, "grow"): Phase.BLOCK,
    (Phase.BLOCK, "close"): Phase.IDLE,
    (Phase.IDLE, "stop"): Phase.END,
}


def grammar(
    numbering: Numbering = Numbering.SEQUENTIAL, shared: frozenset[str] = frozenset()
) -> Grammar:
    return Grammar(
        dialect="small",
        start=Phase.START,
        end=Phase.END,
        table=TABLE,
        anywhere=frozenset({"ping"}),
        shared=shared,
        opens=frozenset({"open"}),
        inside=frozenset({"grow", "close"}),
        numbering=numbering,
    )


def steps(text: str) -> list[Step]:
    """`open0 grow0 stop`: symbols with their numbers."""
    return [
        Step(word.rstrip("0123456789"), int(word[-1]) if word[-1].isdigit() else -1)
        for word in text.split()
    ]


# fmt: off
LEGAL = [
    "start stop",
    "start open0 close0 stop",
    "start open0 grow0 grow0 close0 open1 close1 stop",
    "ping start ping open0 ping grow0 close0 stop",
    "error",
    "start open0 error",
]
ILLEGAL = [
    # stream                          symbol    rule
    ("stop",                          "stop",   "not allowed before the start"),
    ("start start",                   "start",  "not allowed between blocks"),
    ("start grow0",                   "grow",   "not allowed between blocks"),
    ("start open0 stop",              "stop",   "not allowed inside a block"),
    ("start open0 open1",             "open",   "not allowed inside a block"),
    ("start stop ping",               "ping",   "after the end"),
    ("start stop start",              "start",  "after the end"),
    ("start stop error",              "error",  "after the end"),
    ("error ping",                    "ping",   "after the end"),
    ("error start",                   "start",  "after the end"),
    ("start what",                    "what",   "not allowed between blocks"),
    ("start open1",                   "open",   "index 1 where 0 is next"),
    ("start open0 close0 open0",      "open",   "index 0 where 1 is next"),
    ("start open0 grow1",             "grow",   "index 1 is not open"),
    ("start open0 close0 open1 grow0", "grow",  "index 0 is not open"),
]
# fmt: on


@pytest.mark.parametrize("stream", LEGAL)
def test_legal(stream: str) -> None:
    checker = Checker(grammar())
    assert checker.check(steps(stream)) is None
    assert checker.complete


@pytest.mark.parametrize(("stream", "symbol", "rule"), ILLEGAL)
def test_illegal(stream: str, symbol: str, rule: str) -> None:
    assert Checker(grammar()).check(steps(stream)) == Violation(symbol, rule)


@pytest.mark.parametrize("stream", ["", "ping", "start", "start open0 close0"])
def test_what_is_legal_need_not_be_complete(stream: str) -> None:
    checker = Checker(grammar())
    assert checker.check(steps(stream)) is None
    assert not checker.complete


def test_dense_blocks_may_go_on() -> None:
    stream = steps("start open0 close0 open1 grow0")
    assert Checker(grammar(Numbering.DENSE)).check(stream) is None
    beyond = steps("start open0 grow1")
    assert Checker(grammar(Numbering.DENSE)).check(beyond) is not None


def test_lanes_live_their_own_lives() -> None:
    checker = Checker(grammar())
    assert checker.check([Step("start"), Step("start", lane=1)]) is None
    assert (
        checker.check([Step("open", 0), Step("open", 0, 1), Step("close", 0)]) is None
    )
    assert checker.check([Step("stop")]) is None
    states = [checker.complete]
    assert checker.check([Step("close", 0, 1), Step("stop", lane=1)]) is None
    states.append(checker.complete)
    assert checker.check([Step("start", lane=2)]) is None
    assert [*states, checker.complete] == [False, True, False]


def test_a_shared_symbol_concerns_every_lane() -> None:
    checker = Checker(grammar(shared=frozenset({"stop"})))
    assert checker.check([Step("start"), Step("start", lane=1)]) is None
    assert checker.check([Step("stop")]) is None
    assert checker.complete


def test_a_shared_symbol_must_suit_every_lane() -> None:
    checker = Checker(grammar(shared=frozenset({"stop"})))
    assert checker.check([Step("start"), Step("start", lane=1)]) is None
    assert checker.check([Step("open", 0, 1)]) is None
    assert checker.check([Step("stop")]) == Violation(
        "stop", "not allowed inside a block"
    )


class Tree(enum.Enum):
    """A stream whose items live side by side."""

    START = "before the start"
    TRUNK = "in the stream"
    NEW = "before the item"
    ITEM = "in an item"
    DONE = "after the item"
    END = "after the end"


TREE: dict[tuple[enum.Enum, str], enum.Enum] = {
    (Tree.START, "start"): Tree.TRUNK,
    (Tree.NEW, "open"): Tree.ITEM,
    (Tree.ITEM, "close"): Tree.DONE,
    (Tree.TRUNK, "stop"): Tree.END,
    (Tree.DONE, "stop"): Tree.END,
}
BRANCHING = Grammar(
    dialect="branching",
    start=Tree.START,
    end=Tree.END,
    table=TREE,
    fatal=frozenset({"error", "failed"}),
    epilogue=frozenset({("error", "failed")}),
    shared=frozenset({"stop"}),
    branches={Tree.TRUNK: Tree.NEW},
)


def branching(text: str) -> Violation | None:
    """`start open1 close1 stop`: symbols with their lanes."""
    checker = Checker(BRANCHING)
    violation = checker.check(
        [Step(step.symbol, lane=max(step.number, 0)) for step in steps(text)]
    )
    assert violation is not None or checker.complete is text.endswith(
        ("stop", "error", "failed")
    )
    return violation


@pytest.mark.parametrize(
    "stream",
    [
        "start stop",
        "start open1 close1 open2 close2 stop",
        "start open1 open2 close2 close1 stop",
        "start open1 open2",
        "error",
        "start open1 error failed",
        "start open1 failed",
    ],
)
def test_branches_that_are_legal(stream: str) -> None:
    assert branching(stream) is None


@pytest.mark.parametrize(
    ("stream", "symbol", "rule"),
    [
        ("open1", "open", "not allowed before the start"),
        ("start open", "open", "not allowed in the stream"),
        ("start open2", "open", "index 1 where 0 is next"),
        ("start open1 close1 open3", "open", "index 2 where 1 is next"),
        ("start close1", "close", "not allowed before the item"),
        ("start open1 open2 close1 stop", "stop", "not allowed in an item"),
        ("start stop open1", "open", "after the end"),
        ("error open1", "open", "after the end"),
        ("error error", "error", "after the end"),
        ("error failed failed", "failed", "after the end"),
        ("failed error", "error", "after the end"),
    ],
)
def test_branches_that_are_not(stream: str, symbol: str, rule: str) -> None:
    assert branching(stream) == Violation(symbol, rule)


def test_the_diagram_shows_where_branches_begin() -> None:
    assert "  TRUNK --> NEW: (each item)" in diagram(BRANCHING).splitlines()


@given(
    st.lists(st.sampled_from(steps("start open0 open1 grow0 close0 stop ping error")))
)
def test_how_steps_are_grouped_does_not_show(stream: list[Step]) -> None:
    whole, single = Checker(grammar()), Checker(grammar())
    found = next((v for step in stream if (v := single.check([step]))), None)
    assert whole.check(stream) == found


def test_the_diagram_is_drawn_from_the_table() -> None:
    lines = diagram(grammar()).splitlines()
    assert lines[:2] == ["stateDiagram-v2", "  [*] --> START"]
    assert "  BLOCK --> BLOCK: grow" in lines
    assert len(lines) == len(TABLE) + 3


def test_only_steps_that_changed_nothing_are_settled() -> None:
    checker = Checker(grammar())
    grow = (Step("grow", 0),)
    for taken in (steps("start"), steps("open0"), grow, steps("close0")):
        assert checker.check(tuple(taken)) is None
        assert (checker.settled is grow) is (taken is grow)
    assert checker.check(grow) is not None
    assert checker.settled is None


@given(
    st.lists(st.sampled_from(steps("start open0 grow0 close0 stop error"))),
    st.lists(st.sampled_from(steps("start open0 open1 grow0 grow1 close0 stop"))),
)
def test_a_fork_goes_on_alone(stream: list[Step], rest: list[Step]) -> None:
    checker, other = Checker(grammar()), Checker(grammar())
    for each in (checker, other):
        each.check(stream)
    fork = checker.fork()
    found = fork.check(rest)
    assert found == other.check(rest)
    assert fork.complete == other.complete
    assert checker.check(rest) == found
