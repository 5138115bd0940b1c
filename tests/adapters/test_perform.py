"""Orders that awaiting runtimes share: performed in full, or given up."""

from __future__ import annotations

import attrs
import pytest
from cliproxy_driver import Order, Performer, bug

from cliproxy_core.base.errors import LocalError
from cliproxy_core.gateway.app import App
from cliproxy_core.lifecycle.effects import (
    Abort,
    Acquire,
    Open,
    PauseUpstream,
    Release,
    Report,
    ResumeUpstream,
    Withdraw,
)
from cliproxy_core.lifecycle.inputs import Granted, Refused
from cliproxy_core.observe.log import Level, LogLine
from cliproxy_core.wire.http import RequestHead
from cliproxy_core.wire.url import Origin
from tests.adapters.servers import SEED, one_upstream

OPEN = Open(1, Origin("http", "up.invalid", 80), RequestHead(b"GET", b"/", ()), b"")


@attrs.define
class Recording:
    """Upstreams that only remember what was ordered."""

    orders: list[tuple[str, int]] = attrs.field(factory=list)

    def open(self, order: Open, /) -> None:
        self.orders.append(("open", order.attempt))

    def abort(self, attempt: int, /) -> None:
        self.orders.append(("abort", attempt))

    def release(self, attempt: int, /) -> None:
        self.orders.append(("release", attempt))

    def pause(self, attempt: int, /) -> None:
        self.orders.append(("pause", attempt))

    def resume(self, attempt: int, /) -> None:
        self.orders.append(("resume", attempt))


@attrs.define
class Bench:
    """A performer and everything that it can reach."""

    upstreams: Recording = attrs.field(factory=Recording)
    lines: list[LogLine] = attrs.field(factory=list)
    answers: list[Granted | Refused] = attrs.field(factory=list)
    app: App = attrs.field(init=False)
    performer: Performer = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self.app = App(one_upstream("http://up.invalid"), SEED)
        self.performer = Performer(
            self.app, self.lines.append, self.upstreams, self.answers.append
        )


# fmt: off
ORDERS = [
    # order               performed          abandoned
    (OPEN,              [("open", 1)],    []),
    (Abort(1),          [("abort", 1)],   [("abort", 1)]),
    (Release(1),        [("release", 1)], [("release", 1)]),
    (PauseUpstream(1),  [("pause", 1)],   [("pause", 1)]),
    (ResumeUpstream(1), [("resume", 1)],  [("resume", 1)]),
]
# fmt: on


@pytest.mark.parametrize(("order", "performed", "abandoned"), ORDERS)
def test_orders_for_upstreams(
    order: Order, performed: list[tuple[str, int]], abandoned: list[tuple[str, int]]
) -> None:
    bench, other = Bench(), Bench()
    bench.performer.perform(order)
    other.performer.abandon(order)
    assert bench.upstreams.orders == performed
    assert other.upstreams.orders == abandoned


def test_a_lease_is_granted_and_given_back() -> None:
    bench = Bench()
    bench.performer.perform(Acquire("r", "m"))
    assert [type(answer) for answer in bench.answers] == [Granted]
    assert list(bench.app.pool.held) == ["r"]
    bench.performer.abandon(Withdraw("r"))
    assert bench.app.pool.held == {}


def test_nobody_is_granted_anything_while_being_cancelled() -> None:
    bench = Bench()
    bench.performer.abandon(Acquire("r", "m"))
    assert (bench.answers, bench.app.pool.held) == ([], {})


def test_reports_are_made_in_any_case() -> None:
    bench, line = Bench(), LogLine("request")
    bench.performer.perform(Report(line))
    bench.performer.abandon(Report(line))
    assert bench.lines == [line, line]


def test_a_bug_is_told_by_its_place_and_not_by_its_words() -> None:
    with pytest.raises(LocalError) as caught:
        raise LocalError("sk-secret")
    line = bug(ExceptionGroup("several", [caught.value]))
    assert (line.event, line.level) == ("bug", Level.ERROR)
    fields = dict(line.fields)
    assert fields["error"] == "LocalError"
    assert str(fields["where"]).startswith("test_perform.py:")
    assert "sk-secret" not in repr(line)


def test_a_bug_that_was_never_raised_has_no_place() -> None:
    assert dict(bug(ValueError()).fields) == {"error": "ValueError", "where": ""}
