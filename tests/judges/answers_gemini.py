"""Answers of Gemini, by hand."""

from __future__ import annotations

from typing import Any, Final

from .reading import Candidate, Fault, Part, Reading, other
from .sample import Answer, Document, Illegal, bare

__all__ = ["ANSWERS", "ILLEGAL"]

FIRST: Final = {"promptTokenCount": 9, "totalTokenCount": 9}
USAGE: Final = {
    "promptTokenCount": 9,
    "candidatesTokenCount": 3,
    "thoughtsTokenCount": 2,
    "totalTokenCount": 14,
}


def chunk(
    *parts: Document, finish: str | None = None, index: int = 0, **more: Any
) -> Document:
    candidate: Document = {
        "content": {"role": "model", "parts": list(parts)},
        "index": index,
        **more,
    }
    if finish is not None:
        candidate["finishReason"] = finish
    usage = FIRST if finish is None else USAGE
    return {"candidates": [candidate], "usageMetadata": usage, "modelVersion": "m"}


def said(text: str) -> Document:
    return {"text": text}


def thought(text: str) -> Document:
    return {"text": text, "thought": True}


def made(name: str, args: Document, **more: str) -> Document:
    return {"functionCall": {"name": name, "args": args, **more}}


def reading(finish: str | None, *parts: Part, **more: Any) -> Reading:
    candidate = Candidate(parts, finish, role="model")
    return Reading(candidates=(candidate,), **{"usage": USAGE, **more})


# The standard alphabet and the URL-safe one; what is read is the same.
PROOF: Final = "+/+/"
SAFE_PROOF: Final = "-_-_"

BUSY: Final = {
    "error": {"code": 503, "message": "all are busy", "status": "UNAVAILABLE"}
}
BLOCKED: Final = {
    "promptFeedback": {"blockReason": "SAFETY", "blockReasonMessage": "no"},
    "usageMetadata": FIRST,
}

SOURCES: Final = {"webSearchQueries": ["q"]}

ANSWERS: Final = {
    "text": Answer(
        bare(chunk(said("Hello, ")), chunk(said("wörld."), finish="STOP")),
        reading("STOP", ("text", "Hello, wörld.")),
        chunk(said("Hello, wörld."), finish="STOP"),
    ),
    "reasoning with a signature": Answer(
        bare(
            chunk(thought("hmm, ")),
            chunk(thought("so")),
            chunk(said("Yes.")),
            chunk({"text": "", "thoughtSignature": SAFE_PROOF}, finish="STOP"),
        ),
        reading(
            "STOP", ("reasoning", "hmm, so"), ("text", "Yes."), ("signature", PROOF)
        ),
        chunk(
            thought("hmm, so"),
            {"text": "Yes.", "thoughtSignature": PROOF},
            finish="STOP",
        ),
    ),
    "two calls in two chunks": Answer(
        bare(
            chunk(said("A")),
            chunk({**made("f", {"n": 1.0, "b": True}), "thoughtSignature": PROOF}),
            chunk(made("g", {"x": 12345678901234567890}, id="i"), finish="STOP"),
        ),
        reading(
            "STOP",
            ("text", "A"),
            ("call", "", "f", '{"n":1.0,"b":true}'),
            ("signature", PROOF),
            ("call", "i", "g", '{"x":12345678901234567890}'),
        ),
        chunk(
            said("A"),
            {**made("f", {"n": 1.0, "b": True}), "thoughtSignature": PROOF},
            made("g", {"x": 12345678901234567890}, id="i"),
            finish="STOP",
        ),
    ),
    "a call without arguments": Answer(
        bare(chunk({"functionCall": {"name": "f"}}, finish="STOP")),
        reading("STOP", ("call", "", "f", "{}")),
        chunk(made("f", {}), finish="STOP"),
    ),
    "a refusal": Answer(
        bare(chunk(said("I won't.")), chunk(said(""), finish="SAFETY")),
        reading("SAFETY", ("text", "I won't.")),
        chunk(said("I won't."), finish="SAFETY"),
    ),
    "a prompt that was blocked": Answer(
        bare(BLOCKED),
        Reading(
            candidates=(),
            usage=FIRST,
            error=Fault("promptFeedback", "SAFETY", "no"),
            kept=False,
        ),
        BLOCKED,
    ),
    "an error": Answer(
        bare(chunk(said("Hel")), BUSY),
        reading(
            None,
            ("text", "Hel"),
            usage=FIRST,
            error=Fault("UNAVAILABLE", 503, "all are busy"),
            kept=False,
        ),
    ),
    "an error at once": Answer(
        bare(BUSY),
        Reading(
            candidates=(), error=Fault("UNAVAILABLE", 503, "all are busy"), kept=False
        ),
    ),
    "a cut text": Answer(
        bare(chunk(said("Hel"))),
        reading(None, ("text", "Hel"), usage=FIRST, kept=False),
    ),
    "two candidates": Answer(
        bare(
            chunk(said("A")),
            chunk(said("B"), index=1),
            chunk(said("b"), index=1, finish="MAX_TOKENS"),
            chunk(said("a"), finish="STOP"),
        ),
        Reading(
            candidates=(
                Candidate((("text", "Aa"),), "STOP", role="model"),
                Candidate((("text", "Bb"),), "MAX_TOKENS", role="model"),
            ),
            usage=USAGE,
        ),
        {
            "candidates": [
                *chunk(said("Aa"), finish="STOP")["candidates"],
                *chunk(said("Bb"), index=1, finish="MAX_TOKENS")["candidates"],
            ],
            "usageMetadata": USAGE,
        },
    ),
    "code and its outcome": Answer(
        bare(
            chunk({"executableCode": {"language": "PYTHON", "code": "1"}}),
            chunk(
                {"codeExecutionResult": {"outcome": "OUTCOME_OK", "output": "1"}},
                finish="STOP",
            ),
        ),
        reading(
            "STOP",
            other({"executableCode": {"language": "PYTHON", "code": "1"}}),
            other({"codeExecutionResult": {"outcome": "OUTCOME_OK", "output": "1"}}),
        ),
    ),
    "sources": Answer(
        bare(
            chunk(said("A"), groundingMetadata=SOURCES),
            chunk(said("b"), finish="STOP"),
        ),
        reading("STOP", ("text", "Ab"), other(SOURCES, "citations")),
        chunk(said("Ab"), finish="STOP", groundingMetadata=SOURCES),
    ),
    # Not refused, but chats forget the turn.
    "an end without parts": Answer(
        bare(chunk(said("A")), chunk(finish="STOP")),
        reading("STOP", ("text", "A"), kept=False),
    ),
    "an empty part": Answer(
        bare(chunk(said("A")), chunk({}, finish="STOP")),
        reading("STOP", ("text", "A"), kept=False),
    ),
    "an end without content": Answer(
        bare(
            chunk(said("A")),
            {"candidates": [{"finishReason": "STOP"}], "usageMetadata": USAGE},
        ),
        reading("STOP", ("text", "A"), kept=False),
    ),
    "usage alone": Answer(
        bare(chunk(said("A"), finish="STOP"), {"usageMetadata": USAGE}),
        reading("STOP", ("text", "A"), kept=False),
    ),
}

ILLEGAL: Final[Illegal] = {
    "a comment": (b": hi\n\n" + bare(chunk(said("A"))), ValueError, "JSON"),
    "an event name": (b"event: x\n" + bare(chunk(said("A"))), ValueError, "JSON"),
    "no space after data": (b'data:{"candidates":[]}\n\n', ValueError, "JSON"),
    "no JSON": (b"data: {nope\n\n", ValueError, "JSON"),
    "an end of ours": (bare(chunk(said("A"))) + b"data: [DONE]\n\n", ValueError, ""),
    "an error whose code is a word": (
        bare({"error": {"code": "busy", "message": "all are busy"}}),
        TypeError,
        "",
    ),
    "an unknown finish": (
        bare(chunk(said("A"), finish="end_turn")),
        UserWarning,
        "FinishReason",
    ),
    "a proof in no alphabet": (
        bare(chunk({"text": "A", "thoughtSignature": "$"})),
        ValueError,
        "base64",
    ),
    "arguments as text": (
        bare(chunk({"functionCall": {"name": "f", "args": "{}"}})),
        ValueError,
        "args",
    ),
}
