"""Answers of Claude Messages, by hand."""

from __future__ import annotations

from typing import Any, Final

from .reading import Candidate, Fault, Part, Reading, other
from .sample import Answer, Document, Illegal, named

__all__ = ["ANSWERS", "ILLEGAL"]

FIRST: Final = {"input_tokens": 9, "output_tokens": 1, "cache_read_input_tokens": 4}
LAST: Final = {"output_tokens": 5}
USAGE: Final = {**FIRST, **LAST}


def message(*content: Document, **more: Any) -> Document:
    return {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "m",
        "content": list(content),
        "stop_reason": "end_turn",
        "stop_sequence": None,
        "usage": USAGE,
        **more,
    }


START: Final = {
    "type": "message_start",
    "message": message(stop_reason=None, usage=FIRST),
}
PING: Final = {"type": "ping"}
STOP: Final = {"type": "message_stop"}


def start(index: int, **block: Any) -> Document:
    return {"type": "content_block_start", "index": index, "content_block": block}


def delta(index: int, kind: str, key: str, text: Any) -> Document:
    piece = {"type": f"{kind}_delta", key: text}
    return {"type": "content_block_delta", "index": index, "delta": piece}


def words(index: int, text: str) -> Document:
    return delta(index, "text", "text", text)


def pieces(index: int, text: str) -> Document:
    return delta(index, "input_json", "partial_json", text)


def stop(index: int) -> Document:
    return {"type": "content_block_stop", "index": index}


def end(reason: str, sequence: str | None = None) -> tuple[Document, Document]:
    ended = {"stop_reason": reason, "stop_sequence": sequence}
    return {"type": "message_delta", "delta": ended, "usage": LAST}, STOP


def text(index: int, *said: str) -> list[Document]:
    """A block of text."""
    opening = start(index, type="text", text="")
    return [opening, *(words(index, piece) for piece in said), stop(index)]


def use(index: int, name: str) -> Document:
    return start(index, type="tool_use", id=f"toolu_{index}", name=name, input={})


def used(index: int, name: str, given: Document) -> Document:
    return {"type": "tool_use", "id": f"toolu_{index}", "name": name, "input": given}


def reading(
    finish: str | None,
    *parts: Part,
    detail: str | None = None,
    usage: Any = USAGE,
    error: Fault | None = None,
) -> Reading:
    candidate = Candidate(parts, finish, detail)
    return Reading(candidates=(candidate,), usage=usage, error=error)


CITATION: Final = {
    "type": "char_location",
    "cited_text": "c",
    "document_index": 0,
    "document_title": "d",
    "start_char_index": 0,
    "end_char_index": 1,
}
SEARCH: Final = {
    "type": "server_tool_use",
    "id": "s",
    "name": "web_search",
    "input": {"query": "q"},
}
OVERLOADED: Final = {
    "type": "error",
    "error": {"type": "overloaded_error", "message": "all are busy"},
}

ANSWERS: Final = {
    "text": Answer(
        named(START, PING, *text(0, "Hello, ", "wörld."), *end("end_turn")),
        reading("end_turn", ("text", "Hello, wörld.")),
        message({"type": "text", "text": "Hello, wörld."}),
    ),
    "reasoning with a signature": Answer(
        named(
            START,
            start(0, type="thinking", thinking="", signature=""),
            delta(0, "thinking", "thinking", "hmm, "),
            delta(0, "thinking", "thinking", "so"),
            delta(0, "signature", "signature", "sig"),
            stop(0),
            start(1, type="redacted_thinking", data="c2VhbA=="),
            stop(1),
            *text(2, "Yes."),
            *end("end_turn"),
        ),
        reading(
            "end_turn",
            ("reasoning", "hmm, so"),
            ("signature", "sig"),
            ("encrypted", "c2VhbA=="),
            ("text", "Yes."),
        ),
        message(
            {"type": "thinking", "thinking": "hmm, so", "signature": "sig"},
            {"type": "redacted_thinking", "data": "c2VhbA=="},
            {"type": "text", "text": "Yes."},
        ),
    ),
    # The API has one block open at a time; its accumulator goes by the index.
    "two interleaved calls": Answer(
        named(
            START,
            use(0, "f"),
            use(1, "g"),
            pieces(1, '{"x":'),
            pieces(0, '{"n": 1.0, '),
            pieces(1, "12345678901234567890}"),
            pieces(0, '"b": true}'),
            stop(1),
            stop(0),
            *end("tool_use"),
        ),
        reading(
            "tool_use",
            ("call", "toolu_0", "f", '{"n":1.0,"b":true}'),
            ("call", "toolu_1", "g", '{"x":12345678901234567890}'),
        ),
        message(
            used(0, "f", {"n": 1.0, "b": True}),
            used(1, "g", {"x": 12345678901234567890}),
            stop_reason="tool_use",
        ),
    ),
    "a call without arguments": Answer(
        named(START, use(0, "f"), pieces(0, ""), stop(0), *end("tool_use")),
        reading("tool_use", ("call", "toolu_0", "f", "{}")),
        message(used(0, "f", {}), stop_reason="tool_use"),
    ),
    "a refusal": Answer(
        named(START, *text(0, "I won't."), *end("refusal")),
        reading("refusal", ("text", "I won't.")),
        message({"type": "text", "text": "I won't."}, stop_reason="refusal"),
    ),
    "an error": Answer(
        named(START, start(0, type="text", text=""), words(0, "Hel"), OVERLOADED),
        reading(
            None,
            ("text", "Hel"),
            usage=FIRST,
            error=Fault("overloaded_error", None, "all are busy"),
        ),
    ),
    "an error at once": Answer(
        named(OVERLOADED),
        Reading(candidates=(), error=Fault("overloaded_error", None, "all are busy")),
    ),
    "an error that is no JSON": Answer(
        named(START) + b"event: error\ndata: oops\n\n",
        reading(None, usage=FIRST, error=Fault(None, None, None)),
    ),
    "a cut text": Answer(
        named(START, start(0, type="text", text=""), words(0, "Hel")),
        reading(None, ("text", "Hel"), usage=FIRST),
    ),
    "a call at the limit": Answer(
        named(
            START,
            use(0, "f"),
            pieces(0, '{"x": 1, "y": "ab'),
            stop(0),
            *end("max_tokens"),
        ),
        reading("max_tokens", ("cut call", "toolu_0", "f", '{"x": 1, "y": "ab')),
        message(used(0, "f", {}), stop_reason="max_tokens"),
    ),
    "a stop sequence": Answer(
        named(START, *text(0, "A"), *end("stop_sequence", "B")),
        reading("stop_sequence", ("text", "A"), detail="B"),
        message(
            {"type": "text", "text": "A"},
            stop_reason="stop_sequence",
            stop_sequence="B",
        ),
    ),
    "citations": Answer(
        named(
            START,
            start(0, type="text", text=""),
            words(0, "A"),
            delta(0, "citations", "citation", CITATION),
            stop(0),
            *end("end_turn"),
        ),
        reading(
            "end_turn",
            ("text", "A"),
            other([CITATION], "citations"),
        ),
        message({"type": "text", "text": "A", "citations": [CITATION]}),
    ),
    "a tool of the server": Answer(
        named(
            START,
            start(0, **{**SEARCH, "input": {}}),
            pieces(0, '{"query":"q"}'),
            stop(0),
            *end("pause_turn"),
        ),
        reading("pause_turn", other(SEARCH)),
        message(SEARCH, stop_reason="pause_turn"),
    ),
}

ILLEGAL: Final[Illegal] = {
    "nothing": (b"", AssertionError, ""),
    "no message_start": (
        named(*text(0, "A"), *end("end_turn")),
        AssertionError,
        "",
    ),
    "no event names": (
        named(START, *text(0, "A"), *end("end_turn")).replace(b"event", b"x"),
        AssertionError,
        "",
    ),
    "no content_block_start": (named(START, words(0, "A")), IndexError, ""),
    "an index that was skipped": (
        named(START, use(1, "f"), pieces(1, "{}")),
        IndexError,
        "",
    ),
    "arguments that are no JSON": (
        named(START, use(0, "f"), pieces(0, "{nope")),
        ValueError,
        "parse tool parameter JSON",
    ),
    "no JSON": (b"event: message_start\ndata: {nope\n\n", ValueError, ""),
}
