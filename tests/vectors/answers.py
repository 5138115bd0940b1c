"""An answer on its way from an upstream to a caller, in few words.

The stream of a vector goes through the public interface twice, whole and byte by byte;
what a caller hears must be the same, and legal. Its payloads are told as short lines,
so that a test can show them all.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import attrs
import orjson

from cliproxy_core.base.jsonval import JsonObject, as_object, loads
from cliproxy_core.dialects import DIALECTS
from cliproxy_core.ir.failure import Failure
from cliproxy_core.ir.grammar import Checker
from cliproxy_core.translate import Plan, request
from cliproxy_core.wire.sse import Comment, SseDecoder, SseFrame
from tests.vectors.lines import Payload, lines

__all__ = [
    "ASKED",
    "CHAT",
    "CLAUDE",
    "GEMINI",
    "RESPONSES",
    "Heard",
    "hear",
    "planned",
    "whole",
]

CHAT, CLAUDE = "openai_chat", "claude_messages"
RESPONSES, GEMINI = "openai_responses", "gemini"

ASKED: dict[str, Payload] = {
    CHAT: {
        "model": "asked",
        "messages": [{"role": "user", "content": "hi"}],
        "stream_options": {"include_usage": True},
    },
    CLAUDE: {
        "model": "asked",
        "max_tokens": 9,
        "messages": [{"role": "user", "content": "hi"}],
    },
    RESPONSES: {"model": "asked", "input": "hi"},
    GEMINI: {"contents": [{"role": "user", "parts": [{"text": "hi"}]}]},
}


@attrs.frozen
class Heard:
    """A stream as the caller gets it."""

    lines: list[str]
    payloads: list[Payload]
    failure: Failure | None
    dropped: dict[str, str]
    repairs: dict[str, int]
    complete: bool

    @property
    def last(self) -> Payload:
        return self.payloads[-1]

    def kinds(self) -> list[str]:
        """The types of the events."""
        return [payload["type"] for payload in self.payloads]

    def of(self, kind: str) -> list[Payload]:
        """The events of a type."""
        return [payload for payload in self.payloads if payload.get("type") == kind]


def planned(caller: str, upstream: str, *, stream: bool, **asked: Any) -> Plan:
    """A caller's request with more fields than the smallest has."""
    body = {**ASKED[caller], **asked}
    if caller != GEMINI:
        body["stream"] = stream
    plain = as_object(loads(orjson.dumps(body)), "")
    return request(
        plain, source=caller, target=upstream, model="m", stream=stream, created=1
    )


def hear(caller: str, upstream: str, wire: bytes, **asked: Any) -> Heard:
    """A streamed answer, whole; byte by byte it says the same."""
    plan = planned(caller, upstream, stream=True, **asked)
    said, heard = _played(plan, [wire])
    plan = planned(caller, upstream, stream=True, **asked)
    again, _ = _played(plan, [wire[i : i + 1] for i in range(len(wire))])
    assert again == said, "a cut shows"
    return heard


def whole(caller: str, upstream: str, answer: bytes | Payload, **asked: Any) -> Payload:
    """A complete answer, of a document or a stream of the upstream's."""
    plan = planned(caller, upstream, stream=False, **asked)
    body = answer if isinstance(answer, bytes) else orjson.dumps(answer)
    told: Payload = orjson.loads(plan.response(body))
    return told


def _played(plan: Plan, pieces: Iterable[bytes]) -> tuple[bytes, Heard]:
    stream = plan.response_stream()
    said = b"".join(map(stream.feed, pieces)) + stream.finish()
    payloads, complete = _legal(plan.source.name, said, stream.failure)
    dropped = {item.path: item.reason for item in stream.dropped}
    told = lines(plan.source.name, payloads)
    return said, Heard(
        told, payloads, stream.failure, dropped, stream.repairs, complete
    )


def _legal(
    name: str, said: bytes, failure: Failure | None
) -> tuple[list[Payload], bool]:
    """The payloads of a stream that keeps to the grammar of its dialect."""
    dialect = DIALECTS[name]
    checker = Checker(dialect.grammar)
    payloads: list[Payload] = []
    for frame in SseDecoder().feed(said):
        if isinstance(frame, Comment):
            continue
        assert isinstance(frame, SseFrame)
        payload: JsonObject | None = None
        if frame.data != b"[DONE]":
            payload = as_object(loads(frame.data), "")
            payloads.append(orjson.loads(frame.data))
        if payload is None or dialect.error_in(payload) is None:
            assert checker.check(dialect.classify(payload)) is None, frame.data
    assert failure is not None or checker.complete, "an end that is none"
    return payloads, checker.complete
