"""Answers of Chat Completions, by hand."""

from __future__ import annotations

from typing import Any, Final

from .reading import Candidate, Fault, Part, Reading, other
from .sample import Answer, Document, Illegal, bare

__all__ = ["ANSWERS", "ILLEGAL"]

DONE: Final = b"data: [DONE]\n\n"
USAGE: Final = {
    "prompt_tokens": 9,
    "completion_tokens": 5,
    "total_tokens": 14,
    "completion_tokens_details": {"reasoning_tokens": 2},
}


def chunk(delta: Document, finish: str | None = None, index: int = 0) -> Document:
    choice = {"index": index, "delta": delta, "finish_reason": finish}
    return around("chat.completion.chunk", choice)


def around(kind: str, *choices: Document, **more: Any) -> Document:
    choices_ = list(choices)
    known = {"id": "c", "object": kind, "created": 1, "model": "m"}
    return {**known, "choices": choices_, **more}


def calls(*entries: tuple[int, str | None, str]) -> Document:
    """A delta of calls: index, name for the opening entry, arguments."""
    out: list[Document] = []
    for index, name, text in entries:
        entry: Document = {"index": index, "function": {"arguments": text}}
        if name is not None:
            entry |= {"id": f"call_{index}", "type": "function"}
            entry["function"]["name"] = name
        out.append(entry)
    return {"tool_calls": out}


def message(finish: str, **fields: Any) -> Document:
    """A complete answer."""
    said = {"role": "assistant", "content": None, "refusal": None, **fields}
    choice = {"index": 0, "message": said, "finish_reason": finish, "logprobs": None}
    return around("chat.completion", choice, usage=USAGE)


def made(ident: str, name: str, arguments: str) -> Document:
    function = {"name": name, "arguments": arguments}
    return {"id": ident, "type": "function", "function": function}


def reading(finish: str | None, *parts: Part, usage: Any = USAGE) -> Reading:
    return Reading(candidates=(Candidate(parts, finish),), usage=usage)


ROLE: Final = chunk({"role": "assistant", "content": ""})
COUNTED: Final = bare(around("chat.completion.chunk", usage=USAGE)) + DONE


def stream(finish: str, *deltas: Document) -> bytes:
    """A stream in good order."""
    return bare(ROLE, *map(chunk, deltas), chunk({}, finish)) + COUNTED


SIGNED: Final = {
    "type": "reasoning.text",
    "index": 0,
    "text": "hmm, so",
    "signature": "sig",
}
SEALED: Final = {"type": "reasoning.encrypted", "index": 1, "data": "c2VhbA=="}

CUSTOM: Final = {
    "id": "call_0",
    "type": "custom",
    "custom": {"name": "f", "input": "free {text"},
}

ANSWERS: Final = {
    "text": Answer(
        stream("stop", {"content": "Hello, "}, {"content": "wörld."}),
        reading("stop", ("text", "Hello, wörld.")),
        message("stop", content="Hello, wörld."),
    ),
    "reasoning with a signature": Answer(
        stream(
            "stop",
            {"reasoning_content": "hmm, "},
            {"reasoning_content": "so"},
            {"reasoning_details": [SIGNED]},
            {"reasoning_details": [SEALED]},
            {"content": "Yes."},
        ),
        reading(
            "stop",
            ("reasoning", "hmm, so"),
            ("signature", "sig"),
            ("encrypted", "c2VhbA=="),
            ("text", "Yes."),
        ),
        message(
            "stop",
            content="Yes.",
            reasoning_content="hmm, so",
            reasoning_details=[SIGNED, SEALED],
        ),
    ),
    "two interleaved calls": Answer(
        stream(
            "tool_calls",
            calls((0, "f", "")),
            calls((1, "g", '{"x":')),
            calls((0, None, '{"n": 1.0, '), (1, None, "12345678901234567890")),
            calls((1, None, "}")),
            calls((0, None, '"b": true}')),
        ),
        reading(
            "tool_calls",
            ("call", "call_0", "f", '{"n":1.0,"b":true}'),
            ("call", "call_1", "g", '{"x":12345678901234567890}'),
        ),
        message(
            "tool_calls",
            tool_calls=[
                made("call_0", "f", '{"n":1.0,"b":true}'),
                made("call_1", "g", '{"x": 12345678901234567890}'),
            ],
        ),
    ),
    "a call without arguments": Answer(
        stream("tool_calls", calls((0, "f", "")), calls((0, None, "{}"))),
        reading("tool_calls", ("call", "call_0", "f", "{}")),
        message("tool_calls", tool_calls=[made("call_0", "f", "{}")]),
    ),
    "a custom call": Answer(
        stream("tool_calls", {"tool_calls": [{"index": 0, **CUSTOM}]}),
        reading("tool_calls", ("custom", "call_0", "f", "free {text")),
        message("tool_calls", tool_calls=[CUSTOM]),
    ),
    "a refusal": Answer(
        stream("stop", {"refusal": "I "}, {"refusal": "won't."}),
        reading("stop", ("refusal", "I won't.")),
        message("stop", refusal="I won't."),
    ),
    "an error": Answer(
        bare(
            ROLE,
            chunk({"content": "Hel"}),
            {"error": {"message": "all are busy", "type": "server_error", "code": 529}},
        ),
        Reading(
            candidates=(Candidate((("text", "Hel"),), None),),
            error=Fault("server_error", "529", "all are busy"),
        ),
    ),
    "an error at once": Answer(
        bare({"error": {"message": "no", "type": "invalid_request_error"}}),
        Reading(candidates=(), error=Fault("invalid_request_error", None, "no")),
    ),
    "a cut text": Answer(
        bare(ROLE, chunk({"content": "Hel"})),
        reading(None, ("text", "Hel"), usage=None),
    ),
    "a call at the limit": Answer(
        stream("length", calls((0, "f", '{"x": "ab'))),
        reading("length", ("cut call", "call_0", "f", '{"x": "ab')),
        message("length", tool_calls=[made("call_0", "f", '{"x": "ab')]),
    ),
    "two candidates": Answer(
        bare(
            ROLE,
            chunk({"role": "assistant", "content": "B"}, index=1),
            chunk({"content": "A"}),
            chunk({}, "stop"),
            chunk({"content": "b"}, "length", index=1),
        )
        + COUNTED,
        Reading(
            candidates=(
                Candidate((("text", "A"),), "stop"),
                Candidate((("text", "Bb"),), "length"),
            ),
            usage=USAGE,
        ),
        around(
            "chat.completion",
            message("stop", content="A")["choices"][0],
            {**message("length", content="Bb")["choices"][0], "index": 1},
            usage=USAGE,
        ),
    ),
    # Not refused, but not mistaken for good order either.
    "a call's id and name twice": Answer(
        stream("tool_calls", calls((0, "f", "{")), calls((0, "f", "}"))),
        reading("tool_calls", ("call", "call_0call_0", "ff", "{}")),
    ),
    "a role twice": Answer(
        stream("stop", {"role": "assistant", "content": "A"}),
        Reading(
            candidates=(
                Candidate((("text", "A"),), "stop", None, "assistantassistant"),
            ),
            usage=USAGE,
        ),
    ),
    "an extra": Answer(
        stream("stop", {"content": "A"}, {"images": [{"index": 0, "url": "u"}]}),
        reading("stop", ("text", "A"), other({"images": [{"index": 0, "url": "u"}]})),
        message("stop", content="A", images=[{"index": 0, "url": "u"}]),
    ),
}

ILLEGAL: Final[Illegal] = {
    "nothing": (b"", AssertionError, ""),
    "only an end": (DONE, AssertionError, ""),
    "no JSON": (bare(ROLE) + b"data: {nope\n\n", ValueError, ""),
    "a call without index": (
        bare(ROLE, chunk({"tool_calls": [{"id": "a", "function": {"name": "f"}}]})),
        TypeError,
        "indices must be integers",
    ),
    "calls that skip an index": (
        bare(ROLE, chunk(calls((1, "f", "{}")))),
        IndexError,
        "",
    ),
    "candidates out of order": (bare(chunk({"content": "B"}, index=1)), IndexError, ""),
    "no object": (bare(ROLE) + b"data: 5\n\n", AttributeError, ""),
}
