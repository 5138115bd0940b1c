"""Streams of every dialect as upstreams send them, and a caller who listens."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from cliproxy_core.base.ids import Ids
from cliproxy_core.base.jsonval import as_object, dumps, loads
from cliproxy_core.dialects import DIALECTS
from cliproxy_core.ir.dialect import Dialect, StreamContext
from cliproxy_core.ir.failure import Failure
from cliproxy_core.ir.grammar import Checker
from cliproxy_core.testing.demo_chat import CHAT as CHAT_FORM
from cliproxy_core.testing.demo_claude import CLAUDE as CLAUDE_FORM
from cliproxy_core.testing.demo_gemini import GEMINI as GEMINI_FORM
from cliproxy_core.testing.demo_plan import Call, Plan
from cliproxy_core.testing.demo_responses import RESPONSES as RESPONSES_FORM
from cliproxy_core.translate.stream import Piece, Produced, StreamEnded, StreamFailed
from cliproxy_core.wire.sse import SseDecoder, SseFrame

CHAT, CLAUDE = DIALECTS["openai_chat"], DIALECTS["claude_messages"]
FORMS = {
    "openai_chat": CHAT_FORM,
    "openai_responses": RESPONSES_FORM,
    "claude_messages": CLAUDE_FORM,
    "gemini": GEMINI_FORM,
}
PAIRS = [(down, up) for down in DIALECTS for up in DIALECTS]

PLAN = Plan(
    model="m",
    thinking=("Hm", "."),
    text=("One", " two"),
    calls=(Call("f", {"a": "b" * 9}), Call("g", {})),
)


def context(*, usage: bool = True) -> StreamContext:
    return StreamContext(ids=Ids(b"seed"), created=1, model="m", usage=usage)


def frames(name: str, plan: Plan = PLAN) -> list[bytes]:
    return list(FORMS[name].frames(plan))


def document(name: str, plan: Plan = PLAN) -> bytes:
    return dumps(FORMS[name].whole(plan))


class Answering(Protocol):
    """What an attempt talks to."""

    def feed(self, chunk: bytes, /) -> list[Produced]: ...
    def finish(self) -> list[Produced]: ...


def hear(answer: Answering, pieces: Iterable[bytes]) -> tuple[bytes, Failure | None]:
    """All that a caller gets, and why it is not complete. There is one end."""
    said = b""
    for produced in (*map(answer.feed, pieces), None):
        for item in answer.finish() if produced is None else produced:
            match item:
                case Piece(data=data):
                    said += data
                case StreamEnded():
                    return said, None
                case StreamFailed(failure=failure):
                    return said, failure
    raise AssertionError("no end")


def is_legal(dialect: Dialect, data: bytes) -> bool:
    """Whether a stream is legal to its end, and has one."""
    checker = Checker(dialect.grammar)
    for frame in SseDecoder().feed(data):
        assert isinstance(frame, SseFrame)
        end = frame.data == b"[DONE]"
        payload = None if end else as_object(loads(frame.data), "")
        assert checker.check(dialect.classify(payload)) is None, frame.data
    return checker.complete
