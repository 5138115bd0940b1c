"""Bends of Gemini: calls, thoughts and what proves them, and parts of other kinds."""

from __future__ import annotations

from typing import Any, Final

from tests.interop.readings import Asked, Said, Thought

from .bend import Bend, Breaks, Means
from .gemini_frames import (
    ARGS_A,
    COUNTS,
    FIRST,
    GREETING,
    HELLO,
    PARIS,
    PROOF,
    ROME,
    SECOND,
    STOP,
    TWO,
    asks,
    bare,
    call,
    candidate,
    chunk,
    last,
    limited,
    text,
    thought,
)

__all__ = ["GEMINI_PARTS"]

NOTHING: Final = asks(Asked("get_weather", {}))
PROVED: Final = asks(Asked("get_weather", PARIS, proof=PROOF))
THOUGHT: Final = Means(parts=(Thought("Hmm.", PROOF), Said("Hello")))
# Bytes whose two alphabets differ.
URL_SAFE: Final = "--__-_8="

ADDRESS: Final = "https://example.com/a"
GROUNDED: Final = {
    "groundingChunks": [{"web": {"uri": ADDRESS, "title": "A"}}],
    "groundingSupports": [
        {
            "segment": {"startIndex": 0, "endIndex": 5, "text": "Hello"},
            "groundingChunkIndices": [0],
        }
    ],
}
CODE: Final = (
    {"executableCode": {"language": "PYTHON", "code": "print(1)"}},
    {"codeExecutionResult": {"outcome": "OUTCOME_OK", "output": "1\n"}},
)


def late(*parts: Any) -> bytes:
    """A chunk that comes after the finish reason."""
    return bare(candidates=[candidate(*parts)], usageMetadata=COUNTS)


GEMINI_PARTS: Final = (
    # Calls.
    Bend(
        "two calls in one chunk, without ids",
        (chunk(call(PARIS), call(ROME)), STOP),
        TWO,
    ),
    Bend(
        "two calls in two chunks, without ids",
        (chunk(call(PARIS)), chunk(call(ROME)), STOP),
        TWO,
    ),
    Bend(
        "two calls with ids",
        (chunk(call(PARIS, id="a"), call(ROME, id="b")), STOP),
        TWO,
    ),
    Bend(
        "one id for two calls",
        (chunk(call(PARIS, id="a")), chunk(call(ROME, id="a")), STOP),
        TWO,
    ),
    Bend(
        "the same call twice",
        (chunk(call(PARIS), call(PARIS)), STOP),
        asks(FIRST, FIRST),
    ),
    Bend(
        "empty and null ids",
        (chunk(call(PARIS, id=""), call(ROME, id=None)), STOP),
        TWO,
    ),
    Bend("calls with the finish", (last(call(PARIS), call(ROME)),), TWO),
    Bend("a call after the finish", (last(text("")), late(call(PARIS))), asks(FIRST)),
    Bend("finish missing after a call", (chunk(call(PARIS)),), Breaks()),
    Bend(
        "finish of another API after a call",
        (chunk(call(PARIS)), last(text(""), finish="tool_calls")),
        asks(FIRST),
    ),
    Bend("no arguments", (chunk(call(...)), STOP), NOTHING),
    Bend("null arguments", (chunk(call(None)), STOP), NOTHING),
    Bend("empty arguments", (chunk(call({})), STOP), NOTHING),
    Bend(
        "no arguments, then a call with some",
        (chunk(call(...), call(ROME)), STOP),
        asks(Asked("get_weather", {}), SECOND),
    ),
    Bend("arguments as text", (chunk(call(ARGS_A)), STOP), asks(FIRST)),
    Bend("arguments as empty text", (chunk(call("")), STOP), NOTHING),
    Bend(
        "arguments as text, cut",
        (GREETING[0], chunk(call('{"city":"Pa')), STOP),
        Breaks(said="Hel"),
    ),
    Bend(
        "arguments as a list", (GREETING[0], chunk(call([1])), STOP), Breaks(said="Hel")
    ),
    Bend(
        "call without a name",
        (GREETING[0], chunk(call(PARIS, name=...)), STOP),
        Breaks(said="Hel"),
    ),
    Bend(
        "snake case calls",
        (
            chunk(
                {
                    "function_call": {"name": "get_weather", "args": PARIS},
                    "thought_signature": PROOF,
                }
            ),
            STOP,
        ),
        PROVED,
    ),
    Bend(
        "arguments in snake case stay",
        (chunk(call({"my_city": {"zip_code": 1}})), STOP),
        asks(Asked("get_weather", {"my_city": {"zip_code": 1}})),
    ),
    Bend(
        "words before, between and after",
        (
            chunk(text("Before.")),
            chunk(call(PARIS), text("Between.")),
            chunk(call(ROME)),
            last(text("After.")),
        ),
        asks(Said("Before."), FIRST, Said("Between."), SECOND, Said("After.")),
    ),
    Bend(
        "a call, and the limit",
        (chunk(call(PARIS)), last(text(""), finish="MAX_TOKENS")),
        limited(FIRST),
    ),
    # Proofs.
    Bend("a call that is signed", (chunk(call(PARIS, proof=PROOF)), STOP), PROVED),
    Bend(
        "the first of two calls is signed",
        (chunk(call(PARIS, proof=PROOF), call(ROME)), STOP),
        asks(Asked("get_weather", PARIS, proof=PROOF), SECOND),
    ),
    Bend(
        "a proof in the other alphabet",
        (chunk(call(PARIS, proof=URL_SAFE)), STOP),
        asks(Asked("get_weather", PARIS, proof=URL_SAFE)),
    ),
    Bend(
        "a proof that is none",
        (chunk(call(PARIS, proof="not base64!")), STOP),
        asks(FIRST),
    ),
    Bend(
        "thought",
        (chunk(thought("Hm")), chunk(thought("m.")), *GREETING, STOP),
        Means(parts=(Thought("Hmm."), Said("Hello"))),
    ),
    Bend(
        "thought that is signed",
        (chunk(thought("Hmm.", thoughtSignature=PROOF)), *GREETING, STOP),
        THOUGHT,
    ),
    Bend(
        "thought that is signed later",
        (
            chunk(thought("Hmm.")),
            chunk(thought("", thoughtSignature=PROOF)),
            *GREETING,
            STOP,
        ),
        THOUGHT,
    ),
    Bend(
        "thought between",
        (
            chunk(thought("One.")),
            chunk(text("Hel")),
            chunk(thought("Two.")),
            chunk(text("lo")),
            STOP,
        ),
        Means(parts=(Thought("One."), Said("Hel"), Thought("Two."), Said("lo"))),
    ),
    Bend(
        "thought and words in one chunk",
        (chunk(thought("Hmm."), text("Hello")), STOP),
        Means(parts=(Thought("Hmm."), Said("Hello"))),
    ),
    Bend(
        "thought and a call",
        (chunk(thought("Hmm."), call(PARIS, proof=PROOF)), STOP),
        asks(Thought("Hmm."), Asked("get_weather", PARIS, proof=PROOF)),
    ),
    Bend(
        "a thought that is no truth value",
        (chunk({"text": "Hmm.", "thought": "true"}), *GREETING, STOP),
        Means(parts=(Thought("Hmm."), Said("Hello"))),
    ),
    Bend(
        "a proof after the words",
        (*GREETING, chunk(text("", thoughtSignature=PROOF)), STOP),
        Means(parts=(Said("Hello", PROOF),)),
    ),
    Bend(
        "a proof with the finish",
        (*GREETING, last(text("", thoughtSignature=PROOF))),
        Means(parts=(Said("Hello", PROOF),)),
    ),
    Bend(
        "a proof after the finish",
        (*GREETING, STOP, late(text("", thoughtSignature=PROOF))),
        Means(parts=(Said("Hello", PROOF),)),
    ),
    Bend(
        "a proof of nothing",
        (chunk({"thoughtSignature": PROOF}), *GREETING, STOP),
        Means(parts=(Thought("", PROOF), Said("Hello"))),
    ),
    # Parts of other kinds.
    Bend(
        "sources",
        (
            *GREETING,
            bare(
                candidates=[
                    candidate(text(""), finishReason="STOP", groundingMetadata=GROUNDED)
                ],
                usageMetadata=COUNTS,
            ),
        ),
        Means(parts=(Said("Hello"),), sources=(ADDRESS,)),
    ),
    Bend(
        "code that was run",
        (chunk(*CODE), *GREETING, STOP),
        Means(parts=(Said("Hello"),), own=True),
    ),
    Bend("a part of nothing", (chunk({}), *GREETING, STOP), HELLO),
)
