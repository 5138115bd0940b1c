"""Whatever an upstream answers, a caller gets a legal answer or a clean failure.

The first byte chooses both dialects, the second what the caller wants and whether the
rest is the upstream's body or the recipe for one (`fuzz.targets.<dialect>`), the third
how the body is cut. The caller's request is a small one with tools.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

import attrs

from cliproxy_core.base.jsonval import Json, JsonObject, as_array, as_object, loads
from cliproxy_core.ir.dialect import Dialect
from cliproxy_core.ir.failure import Failure
from cliproxy_core.ir.grammar import Checker
from cliproxy_core.translate import Plan, UpstreamError
from cliproxy_core.translate import request as translate
from cliproxy_core.wire.sse import SseDecoder, SseFrame
from fuzz.promises import ALL, MAX_RECIPE, Recipe, pieces
from fuzz.targets import claude_messages, gemini, openai_chat, openai_responses

__all__ = ["run"]

RECIPES: Final[Mapping[str, Recipe]] = {
    "openai_chat": openai_chat.recipe,
    "openai_responses": openai_responses.recipe,
    "claude_messages": claude_messages.recipe,
    "gemini": gemini.recipe,
}

SCHEMA: Final[JsonObject] = {"type": "object", "properties": {"a": {}}}
FUNCTION: Final[JsonObject] = {"name": "f", "parameters": SCHEMA}
# `f` is a function; `g` takes free text where the dialect knows such tools.
REQUESTS: Final[Mapping[str, JsonObject]] = {
    "openai_chat": {
        "messages": [{"role": "user", "content": "hi"}],
        "tools": [
            {"type": "function", "function": FUNCTION},
            {"type": "custom", "custom": {"name": "g"}},
        ],
    },
    "openai_responses": {
        "input": "hi",
        "tools": [
            {"type": "function", **FUNCTION},
            {"type": "custom", "name": "g"},
            {
                "type": "namespace",
                "name": "n",
                "tools": [{"type": "function", **FUNCTION}],
            },
        ],
    },
    "claude_messages": {
        "max_tokens": 9,
        "messages": [{"role": "user", "content": "hi"}],
        "tools": [
            {"name": "f", "input_schema": SCHEMA},
            {"name": "g", "input_schema": {}},
        ],
    },
    "gemini": {
        "contents": [{"role": "user", "parts": [{"text": "hi"}]}],
        "tools": [{"functionDeclarations": [FUNCTION, {"name": "g"}]}],
    },
}


def run(data: bytes) -> None:
    """Answer whole, bytewise and in even pieces; the caller must be able to read it."""
    choice, wish, stride, body = (*data[:3], *bytes(3 - len(data[:3])), data[3:])
    upstream, downstream = ALL[choice % 4], ALL[choice // 4 % 4]
    if wish & 8:
        body = RECIPES[upstream.name](body[:MAX_RECIPE])
    array = downstream.name == "gemini" and bool(wish & 4)
    case = Case(upstream, downstream, usage=bool(wish & 2), array=array)
    if wish & 1:
        _whole(case, body)
    else:
        _streams(case, [[body], pieces(body), _even(body, stride % 64 + 1)])


@attrs.frozen
class Case:
    """Who talks to whom, and what the caller wants."""

    upstream: Dialect
    downstream: Dialect
    usage: bool
    array: bool
    """Whether a stream is one JSON array (Gemini)."""

    def plan(self, *, stream: bool) -> Plan:
        names = {"model": "m"} if self.downstream.names_model else {}
        document: JsonObject = {**names, **REQUESTS[self.downstream.name]}
        if self.usage:
            document["stream_options"] = {"include_usage": True}
        return translate(
            document,
            source=self.downstream.name,
            target=self.upstream.name,
            model="other",
            stream=stream,
            seed=b"fuzz",
            created=1,
        )


def _even(body: bytes, size: int) -> Iterator[bytes]:
    return (body[i : i + size] for i in range(0, len(body), size))


# A stream for the caller.


def _streams(case: Case, cuts: Iterable[Iterable[bytes]]) -> None:
    whole, *others = [_hear(case, chunks) for chunks in cuts]
    assert all(other == whole for other in others)
    said, failure = whole
    assert failure is None or 400 <= failure.status <= 599
    checker = Checker(case.downstream.grammar)
    for payload in _elements(said) if case.array else _payloads(said):
        violation = checker.check(case.downstream.classify(payload))
        assert violation is None, violation
    assert checker.complete


def _hear(case: Case, chunks: Iterable[bytes]) -> tuple[bytes, Failure | None]:
    """What the caller gets, and why it is not complete."""
    stream = case.plan(stream=True).response_stream(array=case.array)
    said = b"".join(stream.feed(chunk) for chunk in chunks) + stream.finish()
    assert stream.done
    assert stream.feed(b"data: {}\n\n") + stream.finish() == b""
    assert all(item.path and item.reason for item in stream.dropped)
    return said, stream.failure


def _payloads(said: bytes) -> Iterator[JsonObject | None]:
    sse = SseDecoder()
    for frame in sse.feed(said):
        assert isinstance(frame, SseFrame)
        end = frame.data == b"[DONE]"
        yield None if end else as_object(loads(frame.data), "")
    assert sse.finish() == []


def _elements(said: bytes) -> Iterator[JsonObject]:
    payload: Json
    for payload in as_array(loads(said), ""):
        yield as_object(payload, "")


# One document for the caller.


def _whole(case: Case, body: bytes) -> None:
    plan = case.plan(stream=False)
    try:
        answer = plan.whole(body)
    except UpstreamError as error:
        _tells(case.downstream, error)
        return
    document = as_object(loads(answer.body), "")
    assert case.downstream.error_in(document) is None
    if case.upstream is not case.downstream:  # its own documents go on as they are
        case.downstream.parse_response(document, plan.context)


def _tells(downstream: Dialect, error: UpstreamError) -> None:
    assert 400 <= error.status <= 599
    told = as_object(loads(error.body), "")
    assert downstream.error_in(told) is not None
