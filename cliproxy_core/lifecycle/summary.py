"""The one line that tells what became of a request. No key, no header, no text."""

from __future__ import annotations

import attrs

from cliproxy_core.ir.failure import Failure, Kind
from cliproxy_core.observe.log import Field, Level, LogLine
from cliproxy_core.observe.timeline import Instant, Timeline

from .attempt import Attempt
from .job import Job

__all__ = ["Summary", "summary"]


@attrs.frozen
class Summary:
    """What is known at the end of a request."""

    job: Job
    attempt: Attempt | None
    attempts: int
    failure: Failure | None
    timeline: Timeline


def summary(known: Summary) -> LogLine:
    """`request` with its outcome, its times in seconds, and its tokens."""
    job, failure = known.job, known.failure
    span = known.timeline.span
    fields: list[tuple[str, Field]] = [
        ("request", job.request),
        ("dialect", job.dialect.name),
        ("model", job.model),
        ("stream", "yes" if job.streams else "no"),
        ("outcome", failure.kind.value if failure else "complete"),
        ("status", failure.status if failure else 200),
        ("attempts", known.attempts),
        ("first_content", span(Instant.BEGAN, Instant.COMMITTED)),
        ("seconds", span(Instant.BEGAN, Instant.ENDED)),
    ]
    if known.attempt is not None:
        fields += _about(known.attempt)
    return LogLine("request", _level(failure), tuple(fields))


def _about(attempt: Attempt) -> list[tuple[str, Field]]:
    fields: list[tuple[str, Field]] = [("credential", attempt.credential.id)]
    if attempt.prepared is not None:
        fields.append(("lane", attempt.prepared.lane.value))
        if attempt.prepared.dropped:
            paths = dict.fromkeys(item.path for item in attempt.prepared.dropped)
            fields.append(("dropped", ",".join(paths)))
    repairs = attempt.answer.repairs
    if repairs:
        fields.append(("repairs", ",".join(f"{k}:{n}" for k, n in repairs.items())))
    usage = attempt.answer.usage
    if usage is not None:
        fields += [
            ("input", usage.input_total),
            ("cached", usage.cache_read),
            ("output", usage.output_total),
        ]
    return fields


def _level(failure: Failure | None) -> Level:
    if failure is None or failure.kind is Kind.GONE:
        return Level.INFO
    return Level.ERROR if failure.kind is Kind.INTERNAL else Level.WARNING
