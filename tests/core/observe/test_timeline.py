"""Instants are kept when they happen."""

from __future__ import annotations

from cliproxy_core.base.clock import Mono
from cliproxy_core.observe.timeline import Instant, Timeline


def test_spans() -> None:
    line = Timeline()
    assert line.span(Instant.BEGAN, Instant.ENDED) is None
    line.mark(Instant.BEGAN, Mono(1.0))
    assert line.span(Instant.BEGAN, Instant.ENDED) is None
    line.mark(Instant.ENDED, Mono(3.25))
    assert line.span(Instant.BEGAN, Instant.ENDED) == 2.25


def test_the_last_mark_counts_and_the_first_once() -> None:
    line = Timeline()
    for moment in (1.0, 2.0):
        line.mark(Instant.ANSWERED, Mono(moment))
        line.mark_once(Instant.OPENED, Mono(moment))
    assert line.span(Instant.OPENED, Instant.ANSWERED) == 1.0
