"""How many tokens a request has: the question for an upstream, and its answer.

The same dialect on both sides asks and tells in the caller's own words. Between two
dialects that both count (`Dialect.counting`) the question is translated. An upstream
that cannot count is not asked, and nothing is estimated: a number that is wrong by a
quarter is worse than none to a client that fills its context by it.
"""

from __future__ import annotations

from collections import Counter
from typing import Final

import attrs

from cliproxy_core.base.errors import DecodeError
from cliproxy_core.base.jsonval import JsonObject, dumps, loads, write
from cliproxy_core.ir.dialect import Dialect
from cliproxy_core.ir.failure import Failure, Kind
from cliproxy_core.ir.usage import Usage
from cliproxy_core.providers import Profile
from cliproxy_core.translate import Lane, Piece, Prepared, StreamEnded, StreamFailed
from cliproxy_core.translate.lane import lane_of
from cliproxy_core.translate.native import splice
from cliproxy_core.translate.stream import Produced
from cliproxy_core.translate.tools import fit

from .job import Job

__all__ = ["CountAnswer", "prepare_count"]

# A number, and at most a breakdown of it by modality.
MAX_ANSWER_BYTES: Final = 1024 * 1024


def prepare_count(job: Job, profile: Profile, model: str) -> Prepared | Failure:
    """The upstream's question of the caller's. Raises `DecodeError`."""
    if profile.counting is None:
        return _cannot(profile.dialect)
    if lane_of(job.dialect.name, profile.dialect.name) is Lane.NATIVE:
        edits = profile.counting.edits(job.document, model)
        return Prepared(splice(job.body, job.document, edits), Lane.NATIVE)
    return _translated(job, profile.dialect, model)


def _translated(job: Job, target: Dialect, model: str) -> Prepared | Failure:
    asks, counts = job.dialect.counting, target.counting
    if asks is None or counts is None:
        return _cannot(target)
    parsed = attrs.evolve(asks.parse_request(job.document), model=model)
    for path in parsed.stored:
        raise DecodeError(path, "refers to what another kind of upstream keeps")
    fitted = fit(parsed, target.limits)
    emitted = counts.emit_request(fitted.request)
    payload = emitted.payload
    if target.names_model:
        payload["model"] = model
    dropped = fitted.dropped + emitted.dropped
    return Prepared(write(payload), Lane.TRANSLATED, dropped)


def _cannot(dialect: Dialect) -> Failure:
    """400 rather than 501: clients take 5xx for a fault that passes, and ask again."""
    return Failure(
        kind=Kind.REQUEST,
        status=400,
        message=f"this model's upstream ({dialect.name}) cannot count tokens",
        type="invalid_request_error",
        code="not_supported",
    )


@attrs.define
class CountAnswer:
    """Transducer from the upstream's number to the caller's."""

    upstream: Dialect
    downstream: Dialect
    usage: Usage | None = attrs.field(default=None, init=False)
    repairs: Counter[str] = attrs.field(factory=Counter, init=False)
    _body: bytes = attrs.field(default=b"", init=False, repr=False)

    def feed(self, chunk: bytes) -> list[Produced]:
        """Take a piece of the body."""
        self._body += chunk
        if len(self._body) > MAX_ANSWER_BYTES:
            return [_malformed("too large")]
        return []

    def finish(self) -> list[Produced]:
        """The upstream closed. Ends in `StreamEnded` or `StreamFailed`."""
        try:
            document = loads(self._body)
        except DecodeError as error:
            return [_malformed(error.reason)]
        if not isinstance(document, dict):
            return [_malformed("not a JSON object")]
        failure = self.upstream.error_in(document)
        if failure is not None:
            return [StreamFailed(failure)]
        try:
            return [Piece(self._told(document), content=True), StreamEnded()]
        except DecodeError as error:
            return [_malformed(str(error))]

    def fail(self, failure: Failure) -> bytes:
        return self.downstream.fail(failure)

    def _told(self, document: JsonObject) -> bytes:
        counts, tells = self.upstream.counting, self.downstream.counting
        if counts is None or tells is None:
            return self._body
        count = counts.parse_answer(document)
        if counts is tells:
            return self._body
        return dumps(tells.emit_answer(count))


def _malformed(why: str) -> StreamFailed:
    message = f"the upstream's answer is {why}"
    return StreamFailed(Failure(kind=Kind.MALFORMED, status=502, message=message))
