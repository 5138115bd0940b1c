"""Streams for the tests of this dialect, in few words, and what comes of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, cast

import attrs
import orjson

from cliproxy_core.base.ids import Ids
from cliproxy_core.base.jsonval import loads_exact
from cliproxy_core.dialects.gemini.decode import Decoder
from cliproxy_core.dialects.gemini.encode import Encoder
from cliproxy_core.dialects.gemini.grammar import GRAMMAR, classify
from cliproxy_core.dialects.gemini.mend import Mender
from cliproxy_core.ir.dialect import Frame, Mended, Sent, StreamContext
from cliproxy_core.ir.failure import Failure
from cliproxy_core.ir.grammar import Checker
from cliproxy_core.ir.request import (
    MediaPart,
    NativePart,
    Reasoning,
    Redacted,
    Refusal,
    Text,
    ToolCall,
)
from cliproxy_core.ir.response import Candidate, Response, collect
from cliproxy_core.ir.stream import Event
from cliproxy_core.ir.usage import Usage
from cliproxy_core.wire.sse import SseDecoder, SseFrame

__all__ = [
    "NAMES",
    "Outcome",
    "call",
    "chunk",
    "context",
    "data",
    "encode",
    "frames",
    "one",
    "payloads",
    "said",
    "send",
    "text",
    "thought",
]

NAMES = {"modelVersion": "m", "responseId": "r1"}


def context() -> StreamContext:
    return StreamContext(ids=Ids(b"test"), created=1, model="asked")


def data(payload: object) -> bytes:
    return b"data: %b\n\n" % orjson.dumps(payload)


def text(words: str, **more: object) -> dict[str, Any]:
    return {"text": words, **more}


def thought(words: str, **more: object) -> dict[str, Any]:
    return {"text": words, "thought": True, **more}


def call(name: str, args: object = None, **more: object) -> dict[str, Any]:
    """A part with a call; `proof` goes beside it."""
    proof = {"thoughtSignature": more.pop("proof")} if "proof" in more else {}
    given = {} if args is None else {"args": args}
    return {"functionCall": {"name": name, **given, **more}, **proof}


def chunk(
    *parts: object,
    finish: str | None = None,
    index: int = 0,
    usage: object = None,
    **more: object,
) -> bytes:
    """A chunk of one candidate in good order, with `more` in the candidate."""
    content = {"content": {"parts": list(parts), "role": "model"}} if parts else {}
    end = {} if finish is None else {"finishReason": finish}
    counts = {} if usage is None else {"usageMetadata": usage}
    candidate = {**content, **end, "index": index, **more}
    return data({"candidates": [candidate], **counts, **NAMES})


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
    def parts(self) -> list[dict[str, Any]]:
        """The parts of all chunks, in order."""
        return [
            part
            for payload in payloads(self.native)
            for candidate in payload.get("candidates", ())
            for part in candidate.get("content", {}).get("parts", ())
        ]

    @property
    def finishes(self) -> list[tuple[int, str]]:
        return [
            (candidate.get("index", 0), candidate["finishReason"])
            for payload in payloads(self.native)
            for candidate in payload.get("candidates", ())
            if "finishReason" in candidate
        ]


def send(*chunks: bytes, closed: bool = True, reads: int | None = None) -> Outcome:
    """Mend and decode; everything on the way is held against the grammar."""
    mender, decoder = Mender(context()), Decoder(context())
    checker, sse = Checker(GRAMMAR), SseDecoder()
    native, failure, content = b"", None, []
    events: list[Event] = []
    whole = b"".join(chunks)
    size = reads or len(whole) or 1
    mendeds: list[Mended] = []
    for start in range(0, len(whole), size):
        mendeds += [mender.feed(frames(sse.feed(whole[start : start + size])))]
    if closed:
        mendeds += [mender.feed(frames(sse.finish())), mender.finish()]
    for mended in mendeds:
        assert failure is None or not mended.legal
        failure = failure or mended.failure
        content.append(mended.content)
        for payload, raw in mended.legal:
            assert payload == one(raw)
            assert checker.check(classify(payload)) is None
            native += raw
        events += decoder.feed(mended.legal)
    assert checker.complete or not mender.complete
    repairs = dict(mender.repairs)
    return Outcome(
        native, events, failure, repairs, mender.usage, mender.complete, content
    )


def encode(events: Sequence[Event]) -> bytes:
    """The stream for a caller; every frame takes the steps that it claims."""
    sent: list[Sent] = Encoder(context()).feed(events)
    checker = Checker(GRAMMAR)
    for steps, frame in sent:
        assert classify(one(frame)) == steps
        assert checker.check(steps) is None
    assert checker.complete
    return b"".join(frame for _, frame in sent)


def frames(items: Sequence[object]) -> list[Frame]:
    return cast("list[Frame]", items)


def one(raw: bytes) -> Any:
    if not raw:
        return None
    (frame,) = SseDecoder().feed(raw)
    return loads_exact(cast("SseFrame", frame).data)


def payloads(stream: bytes) -> list[dict[str, Any]]:
    return [
        orjson.loads(cast("SseFrame", frame).data)
        for frame in SseDecoder().feed(stream)
    ]


def said(candidates: Iterable[Candidate]) -> list[list[str]]:
    """Candidates in short: words as they are, `name#id(arguments)` for calls."""
    return [[_short(part) for part in c.parts] + [c.reason.value] for c in candidates]


def _short(part: object) -> str:
    match part:
        case Text(text=words, signature=None):
            return words
        case Text(text=words):
            return f"signed: {words}"
        case Refusal(text=words):
            return f"refused: {words}"
        case Reasoning(text=words, signature=None):
            return f"thought: {words}"
        case Reasoning(text=words):
            return f"signed thought: {words}"
        case Redacted(sealed=sealed):
            return f"sealed: {sealed.text}"
        case ToolCall(call_id=call_id, name=name, arguments=arguments):
            return f"{name}#{call_id}({arguments})"
        case MediaPart(media=media):
            return f"{media.kind.value}: {media.data}"
        case NativePart(raw=raw):
            return f"native: {next(iter(raw))}"
        case _:
            return type(part).__name__
