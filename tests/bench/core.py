"""The core rows: streams and requests through the library, without any socket."""

from __future__ import annotations

from collections.abc import Callable
from itertools import chain, repeat
from operator import call
from typing import Final

import attrs
import orjson

from cliproxy_core.base.ids import Ids
from cliproxy_core.dialects import DIALECTS
from cliproxy_core.ir.dialect import StreamContext
from cliproxy_core.providers import PROFILES
from cliproxy_core.translate import Answer, Piece, StreamEnded, prepare
from tests.bench.memory import growth, idle_streams, import_time
from tests.bench.ratio import CALIBRATION, Job, Yardstick, measure
from tests.bench.samples import (
    CHAT,
    CLAUDE,
    GEMINI,
    RESPONSES,
    chunked,
    frames,
    request_body,
)
from tests.bench.table import Measured

__all__ = ["FULL", "QUICK", "Effort", "core_rows", "stream_runner", "translation"]

# One read of a socket that has much to give.
READ: Final = 64 * 1024

EVENTS: Final = 500

REQUESTS: Final = (
    ("request-2k", 2_000, 20),
    ("request-50k", 50_000, 4),
    ("request-1m", 1_000_000, 1),
)
"""Row, bytes, and how often in one round."""

PROFILE_OF: Final = {
    CHAT: PROFILES["openai_compat"],
    RESPONSES: PROFILES["codex"],
    CLAUDE: PROFILES["claude"],
    GEMINI: PROFILES["gemini"],
}

NATIVE: Final = (
    (CHAT, CHAT),
    (RESPONSES, RESPONSES),
    (CLAUDE, CLAUDE),
    (GEMINI, GEMINI),
)
# Both ways between the first two, and each of the others once on either side.
TRANSLATED: Final = (
    (CLAUDE, CHAT),
    (CHAT, CLAUDE),
    (RESPONSES, CHAT),
    (CLAUDE, RESPONSES),
    (GEMINI, CHAT),
    (CLAUDE, GEMINI),
)
"""Caller's dialect and upstream's."""


@attrs.frozen(kw_only=True)
class Effort:
    """How much is done for one measurement."""

    rounds: int
    streams: int
    imports: int
    opened: int = 200


FULL: Final = Effort(rounds=200, streams=100_000, imports=9)
QUICK: Final = Effort(rounds=40, streams=5_000, imports=5)


def core_rows(effort: Effort) -> list[Measured]:
    """Every core row of the budget file."""
    jobs = [*_stream_jobs(effort), *_request_jobs(effort), *_edit_jobs(effort)]
    return [
        *measure(jobs),
        *idle_streams(effort.opened),
        growth(effort.streams),
        import_time(effort.imports),
    ]


# Streams.


def _stream_jobs(effort: Effort) -> list[Job]:
    return [
        Job(
            row=f"{lane}-{pace}",
            variant=f"{caller} caller, {upstream} upstream",
            run=stream_runner(caller, upstream, burst=pace == "burst"),
            count=EVENTS,
            yardstick=CALIBRATION,
            rounds=effort.rounds,
        )
        for lane, pairs in (("native", NATIVE), ("translated", TRANSLATED))
        for pace in ("burst", "paced")
        for caller, upstream in pairs
    ]


def stream_runner(caller: str, upstream: str, *, burst: bool) -> Callable[[], None]:
    """A whole stream, from the upstream's first byte to the caller's last."""
    stream = frames(upstream, EVENTS)
    chunks = chunked(stream, READ) if burst else stream
    up, down = DIALECTS[upstream], DIALECTS[caller]

    def run() -> None:
        context = StreamContext(ids=Ids(b"bench"), created=1767225600, model="bench")
        answer = Answer(up, down, context, streams=True)
        size = 0
        # Some streams are over at their last frame, others when the upstream closes.
        for produced in chain(map(answer.feed, chunks), map(call, [answer.finish])):
            for out in produced:
                if out.__class__ is Piece:
                    size += len(out.data)
                else:
                    assert out == StreamEnded(), out
                    size = -size
        assert size < 0, "the stream did not end"
        assert not answer.repairs, answer.repairs

    return run


# Requests.


def _request_jobs(effort: Effort) -> list[Job]:
    jobs = []
    for row, size, count in REQUESTS:
        for caller, upstream in TRANSLATED:
            body = request_body(caller, size)
            large = size > 100_000
            job = Job(
                row=row,
                variant=f"{caller} caller, {upstream} upstream",
                run=_many(translation(body, caller, upstream), count),
                count=count,
                yardstick=_round_trip(body) if large else CALIBRATION,
                rounds=min(effort.rounds, 30) if large else effort.rounds,
            )
            jobs.append(job)
    return jobs


def _many(once: Callable[[], None], count: int) -> Callable[[], None]:
    """A short piece of work several times, so that its code is in the caches."""

    def run() -> None:
        for _ in repeat(None, count):
            once()

    return run


def translation(body: bytes, caller: str, upstream: str) -> Callable[[], None]:
    """From the caller's bytes to the upstream's, parsing and writing included."""

    def run() -> None:
        prepare(
            body,
            orjson.loads(body),
            source=DIALECTS[caller],
            target=DIALECTS[upstream],
            model="another-model",
            streams=True,
            finish=PROFILE_OF[upstream].finish,
        )

    return run


def _round_trip(body: bytes) -> Yardstick:
    return Yardstick(lambda: orjson.dumps(orjson.loads(body)))


def _edit_jobs(effort: Effort) -> list[Job]:
    """Clients write `model` before the messages or after them; both are common."""
    jobs = []
    for caller in (CHAT, CLAUDE):
        for last in (False, True):
            body = request_body(caller, 1_000_000, model_last=last)
            job = Job(
                row="edit-1m",
                variant=f"{caller}, model {'last' if last else 'first'}",
                run=translation(body, caller, caller),
                count=1,
                yardstick=_parse(body),
                rounds=min(effort.rounds, 30),
            )
            jobs.append(job)
    return jobs


def _parse(body: bytes) -> Yardstick:
    return Yardstick(lambda: orjson.loads(body))
