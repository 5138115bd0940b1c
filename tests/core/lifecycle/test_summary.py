"""The line that tells what became of a request."""

from __future__ import annotations

from typing import Any

import pytest

from cliproxy_core.base.clock import Mono, Now, Wall
from cliproxy_core.ir.failure import Failure, Kind
from cliproxy_core.lifecycle.attempt import Attempt
from cliproxy_core.lifecycle.inputs import Began
from cliproxy_core.lifecycle.summary import Summary, summary
from cliproxy_core.observe.log import Level
from cliproxy_core.observe.timeline import Instant, Timeline
from tests.core.lifecycle.cast import HELLO, KEY, ROLE, A, data, head, job

NOW = Now(Mono(1.0), Wall(2.0))
USAGE = (
    b'data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,'
    b'"model":"m","choices":[],"usage":{"prompt_tokens":20,"completion_tokens":3,'
    b'"total_tokens":23,"prompt_tokens_details":{"cached_tokens":8}}}\n\n'
)


def timeline(**at: float) -> Timeline:
    out = Timeline()
    for name, moment in at.items():
        out.mark(Instant(name), Mono(moment))
    return out


def told(failure: Failure | None = None, *inputs: Any, **members: Any) -> Any:
    asked = job(**members)
    attempt = Attempt(1, asked, A, "m")
    for event in inputs:
        attempt.handle(event, NOW)
    when = timeline(began=1.0, committed=1.5, ended=3.0)
    return summary(Summary(asked, attempt if inputs else None, 2, failure, when))


def test_a_request_that_never_reached_anybody() -> None:
    line = told(Failure(kind=Kind.UNAVAILABLE, status=503, message="m"))
    assert line.event == "request"
    assert line.fields == (
        ("request", "req_1"),
        ("dialect", "openai_chat"),
        ("model", "m"),
        ("stream", "yes"),
        ("outcome", "unavailable"),
        ("status", 503),
        ("attempts", 2),
        ("first_content", 0.5),
        ("seconds", 2.0),
    )


def test_a_request_with_an_answer() -> None:
    fields = dict(told(None, Began(), head(), data(ROLE + HELLO + USAGE)).fields)
    assert (fields["credential"], fields["lane"]) == ("a", "native")
    assert (fields["input"], fields["cached"], fields["output"]) == (20, 8, 3)
    assert fields["outcome"] == "complete"


def test_repairs_and_dropped_paths_are_named() -> None:
    assert "repairs" in dict(told(None, Began(), head(), data(HELLO)).fields)
    line = told(None, Began(), dialect="claude_messages", top_k=5, metadata={"x": "y"})
    assert "top_k" in dict(line.fields)["dropped"]


@pytest.mark.parametrize(
    ("kind", "level"),
    [
        (None, Level.INFO),
        (Kind.GONE, Level.INFO),
        (Kind.RATE, Level.WARNING),
        (Kind.INTERNAL, Level.ERROR),
    ],
)
def test_how_much_somebody_should_care(kind: Kind | None, level: Level) -> None:
    failure = Failure(kind=kind, status=500, message="m") if kind else None
    assert told(failure).level is level


def test_nothing_secret_is_told() -> None:
    failure = Failure(kind=Kind.AUTH, status=401, message=f"bad {KEY}")
    assert KEY not in repr(told(failure, Began(), head()))
