"""Answers to the caller that the proxy makes itself."""

from __future__ import annotations

import math
from typing import Final

from cliproxy_core.base.jsonval import dumps
from cliproxy_core.ir.dialect import Dialect
from cliproxy_core.ir.failure import Failure
from cliproxy_core.wire.http import Headers

from .effects import Respond
from .job import Job

__all__ = [
    "JSON_TYPE",
    "error_answer",
    "error_response",
    "stream_headers",
    "whole_headers",
]

JSON_TYPE: Final = (b"content-type", b"application/json")

EVENTS_TYPE: Final = (b"content-type", b"text/event-stream; charset=utf-8")

# `x-accel-buffering` keeps an nginx in front of us from holding tokens back.
STREAM_HEADERS: Final[Headers] = (
    (b"cache-control", b"no-cache"),
    (b"x-accel-buffering", b"no"),
)


def stream_headers(job: Job) -> Headers:
    """The header fields of a streamed answer: events, or an array that grows."""
    kind = JSON_TYPE if job.context.array else EVENTS_TYPE
    return (kind, *STREAM_HEADERS, (b"x-request-id", job.request.encode()))


def whole_headers(job: Job) -> Headers:
    """The header fields of a complete answer."""
    return (JSON_TYPE, (b"x-request-id", job.request.encode()))


def error_answer(job: Job, failure: Failure) -> Respond:
    """The failure of a request as its caller's dialect says it."""
    return error_response(job.dialect, failure, job.request)


def error_response(dialect: Dialect, failure: Failure, request: str) -> Respond:
    """An HTTP error answer. A wait that the upstream asked for is passed on."""
    headers: Headers = (JSON_TYPE, (b"x-request-id", request.encode()))
    if failure.retry_after is not None:
        seconds = b"%d" % math.ceil(failure.retry_after)
        headers = (*headers, (b"retry-after", seconds))
    return Respond(failure.status, headers, dumps(dialect.emit_error(failure)))
