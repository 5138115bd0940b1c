"""Streams for the tests of this dialect, in few words, and what comes of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any, cast

import attrs
import orjson

from cliproxy_core.base.ids import Ids
from cliproxy_core.dialects.openai_chat import DIALECT
from cliproxy_core.ir.dialect import Frame, Mended, Mender, StreamContext
from cliproxy_core.ir.failure import Failure
from cliproxy_core.ir.grammar import Checker
from cliproxy_core.ir.request import Reasoning, Redacted, Refusal, Text, ToolCall
from cliproxy_core.ir.response import Candidate, Response, collect
from cliproxy_core.ir.stream import Event
from cliproxy_core.ir.usage import Usage
from cliproxy_core.wire.sse import SseDecoder, SseFrame

__all__ = [
    "DONE",
    "NAMES",
    "Outcome",
    "call",
    "chunk",
    "context",
    "data",
    "finish",
    "frames",
    "one",
    "payloads",
    "said",
    "send",
]

NAMES = {"id": "c1", "object": "chat.completion.chunk", "created": 7, "model": "m"}
DONE = b"data: [DONE]\n\n"


def context(*, usage: bool = True) -> StreamContext:
    return StreamContext(ids=Ids(b"test"), created=1, model="asked", usage=usage)


def data(payload: object) -> bytes:
    return b"data: %b\n\n" % orjson.dumps(payload)


def chunk(delta: object = None, *, index: int = 0, **more: object) -> bytes:
    """A chunk of one candidate in good order, with `more` in the choice."""
    choice = {"index": index, "delta": delta, "finish_reason": None, **more}
    return data({**NAMES, "choices": [choice]})


def finish(word: str = "stop", *, index: int = 0, **more: object) -> bytes:
    choice = {"index": index, "delta": {}, "finish_reason": word}
    return data({**NAMES, "choices": [choice], **more})


def call(index: object = 0, arguments: object = "", **more: object) -> dict[str, Any]:
    """An entry of `tool_calls`; `name` goes where it belongs."""
    function = {"name": more.pop("name")} if "name" in more else {}
    entry = {"index": index, **more, "function": {**function, "arguments": arguments}}
    if index is None:
        del entry["index"]
    return entry


@attrs.define
class Outcome:
    """What a stream turned into on the native lane, and as events."""

    native: bytes
    events: list[Event]
    failure: Failure | None
    repairs: dict[str, int]
    usage: Usage | None
    complete: bool
    content: list[bool]

    @property
    def response(self) -> Response:
        found = collect(self.events)
        assert isinstance(found, Response)
        return found

    @property
    def deltas(self) -> list[dict[str, Any]]:
        """The deltas of all chunks, in order."""
        return [c["delta"] for p in payloads(self.native) for c in p["choices"]]

    @property
    def finishes(self) -> list[str]:
        words = [
            c.get("finish_reason") for p in payloads(self.native) for c in p["choices"]
        ]
        return [word for word in words if word is not None]


def send(
    *chunks: bytes, usage: bool = True, closed: bool = True, reads: int | None = None
) -> Outcome:
    """Mend and decode; everything on the way is held against the grammar."""
    mender, decoder = DIALECT.mender(context(usage=usage)), DIALECT.decoder(context())
    checker, sse = Checker(DIALECT.grammar), SseDecoder()
    native, failure, content = b"", None, []
    events: list[Event] = []
    whole = b"".join(chunks)
    size = reads or len(whole) or 1
    parts = [whole[i : i + size] for i in range(0, len(whole), size)]
    feeds: list[partial[list[Mended]]] = [
        partial(_feed, mender, sse, part) for part in parts
    ]
    if closed:
        feeds += [partial(_finish, mender, sse)]
    for mended in (mended for feed in feeds for mended in feed()):
        assert failure is None or not mended.legal
        failure = failure or mended.failure
        content.append(mended.content)
        for payload, raw in mended.legal:
            assert payload == one(raw)
            assert checker.check(DIALECT.classify(payload)) is None
            native += raw
        events += decoder.feed(mended.legal)
    assert checker.complete or not mender.complete
    repairs = dict(mender.repairs)
    return Outcome(
        native, events, failure, repairs, mender.usage, mender.complete, content
    )


def _feed(mender: Mender, sse: SseDecoder, part: bytes) -> list[Mended]:
    return [mender.feed(frames(sse.feed(part)))]


def _finish(mender: Mender, sse: SseDecoder) -> list[Mended]:
    return [mender.feed(frames(sse.finish())), mender.finish()]


def frames(items: Sequence[object]) -> list[Frame]:
    return cast("list[Frame]", items)


def one(raw: bytes) -> Any:
    if raw == DONE:
        return None
    (frame,) = SseDecoder().feed(raw)
    return orjson.loads(cast("SseFrame", frame).data)


def payloads(stream: bytes) -> list[dict[str, Any]]:
    """All payloads of a stream but the end mark."""
    found = [cast("SseFrame", frame).data for frame in SseDecoder().feed(stream)]
    return [orjson.loads(item) for item in found if item.strip() != b"[DONE]"]


def said(candidates: Iterable[Candidate]) -> list[list[str]]:
    """Candidates in short: words as they are, `name#id(arguments)` for calls."""
    return [[_short(part) for part in c.parts] + [c.reason.value] for c in candidates]


def _short(part: object) -> str:
    match part:
        case Text(text=text):
            return text
        case Refusal(text=text):
            return f"refused: {text}"
        case Reasoning(text=text, signature=None):
            return f"thought: {text}"
        case Reasoning(text=text):
            return f"signed: {text}"
        case Redacted():
            return "sealed"
        case ToolCall(call_id=call_id, name=name, arguments=arguments):
            return f"{name}#{call_id}({arguments})"
        case _:
            return type(part).__name__
