"""What a caller's SDK made of an answer, beside what he should have made of it.

An expectation is written once, as the upstream meant it; each dialect has its own view
of it: Chat one slot for each kind of thing, Gemini neither ends of parts nor calls that
were cut, Claude no words of their own for declining.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

import attrs

from tests.interop.bends.bend import Means
from tests.interop.readings import (
    Asked,
    Cut,
    Declined,
    Part,
    Said,
    Stop,
    Thought,
    Tokens,
)
from tests.judges import reading as judged

__all__ = ["Heard", "due", "heard"]

CARRIER: Final = "cliproxy1"
"""What a proof of another issuer begins with, so that it comes back as what it is."""

BETWEEN: Final = "\n\n"
"""Between two summaries of the same thinking."""

# Words of each vendor for an end; without an entry it is a word that nobody knows.
STOPS: Final[Mapping[str, Mapping[tuple[str | None, str | None], Stop]]] = {
    "openai_chat": {
        ("stop", None): Stop.END,
        ("tool_calls", None): Stop.CALLS,
        ("length", None): Stop.LIMIT,
        ("content_filter", None): Stop.REFUSED,
    },
    "openai_responses": {
        ("completed", None): Stop.END,
        ("incomplete", "max_output_tokens"): Stop.LIMIT,
        ("incomplete", "content_filter"): Stop.REFUSED,
    },
    "claude_messages": {
        ("end_turn", None): Stop.END,
        ("tool_use", None): Stop.CALLS,
        ("max_tokens", None): Stop.LIMIT,
        ("model_context_window_exceeded", None): Stop.LIMIT,
        ("refusal", None): Stop.REFUSED,
        ("pause_turn", None): Stop.PAUSED,
    },
    "gemini": {
        ("STOP", None): Stop.END,
        ("MAX_TOKENS", None): Stop.LIMIT,
        ("SAFETY", None): Stop.REFUSED,
        ("RECITATION", None): Stop.REFUSED,
        ("PROHIBITED_CONTENT", None): Stop.REFUSED,
    },
}
# Whose word for an end with calls is that for one without.
CALLS_UNTOLD: Final = ("openai_responses", "gemini")
# What each says where it has no word for it.
NEAREST: Final[Mapping[tuple[str, Stop], Stop]] = {
    ("openai_chat", Stop.PAUSED): Stop.END,
    ("openai_responses", Stop.PAUSED): Stop.END,
    ("gemini", Stop.PAUSED): Stop.END,
    ("openai_chat", Stop.OTHER): Stop.END,
    ("openai_responses", Stop.OTHER): Stop.END,
    ("claude_messages", Stop.OTHER): Stop.END,
}


@attrs.frozen(kw_only=True)
class Heard:
    """An answer as far as it means the same to all."""

    parts: tuple[Part, ...] = ()
    """Without proofs."""
    proofs: tuple[str, ...] = ()
    stop: Stop
    tokens: Tokens | None
    sources: tuple[str, ...] = ()
    own: bool = False
    """Whether there was more that has no words here."""


# What was heard.


def heard(dialect: str, upstream: str, reading: judged.Reading) -> Heard:
    """A complete answer of one candidate, in words that all dialects share."""
    blocked = reading.error is not None and reading.error.kind == "promptFeedback"
    assert reading.error is None or blocked, reading.error
    if blocked and not reading.candidates:
        return Heard(stop=Stop.REFUSED, tokens=counted(dialect, reading.usage))
    (candidate,) = reading.candidates
    if candidate.parts:
        assert reading.kept, "the SDK's chat forgets the turn"
    assert candidate.role in ("assistant", "model", ""), candidate.role
    parts, proofs, own = list[Part](), list[str](), False
    told: list[str] = []
    last = ""
    for part in candidate.parts:
        match part:
            case ("text", text):
                parts.append(Said(text))
            case ("summary", text) if last == "summary":
                before = parts.pop()
                assert isinstance(before, Thought)
                parts.append(Thought(before.text + BETWEEN + text))
            case ("reasoning" | "summary", text):
                parts.append(Thought(text))
            case ("refusal", text):
                parts.append(Declined(text))
            case ("call", ident, name, arguments):
                parts.append(Asked(name, json.loads(arguments), ident))
            case ("cut call", _, name, text):
                parts.append(Cut(name, text))
            case ("signature" | "encrypted", proof):
                proofs.append(unwrapped(proof, dialect, upstream))
            case ("citations", document):
                told += addresses(json.loads(document))
            case ("other", document):
                google = json.loads(document).get("extra_content", {}).get("google")
                own = own or google is None
                if google is not None:  # the vendor's own place, on calls only
                    assert upstream == "gemini"
                    proofs.append(standard(google["thought_signature"]))
            case _:
                own = True
        last = part[0]
    check_ids(parts, told=dialect != "gemini" or dialect != upstream)
    stop = STOPS[dialect].get((candidate.finish, candidate.detail), Stop.OTHER)
    if dialect in CALLS_UNTOLD and stop is Stop.END:
        stop = Stop.CALLS if any(isinstance(p, Asked) for p in parts) else stop
    return Heard(
        parts=tidied(parts),
        proofs=tuple(proofs),
        stop=stop,
        tokens=counted(dialect, reading.usage),
        sources=tuple(dict.fromkeys(told)),
        own=own,
    )


def check_ids(parts: Iterable[Part], *, told: bool) -> None:
    """Answers find their calls by these."""
    ids = [part.id for part in parts if isinstance(part, Asked)]
    given = [ident for ident in ids if ident]
    assert len(set(given)) == len(given), "two calls of the same id"
    assert given == ids or not told, "a call without an id"


def unwrapped(proof: str, dialect: str, upstream: str) -> str:
    """A proof as its issuer wrote it; to others it comes in a carrier."""
    if dialect == upstream:
        return standard(proof)
    text = base64.b64decode(proof).decode() if dialect == "gemini" else proof
    mark, issuer, _, told = text.split(":", 3)
    assert (mark, issuer) == (CARRIER, upstream)
    return standard(told)


def standard(proof: str) -> str:
    """Base64 in the usual alphabet; Google's SDK reads either and forgets which."""
    return proof.replace("-", "+").replace("_", "/")


def addresses(value: Any) -> Iterator[str]:
    """Everything in a document that is an address."""
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from addresses(item)
    elif isinstance(value, str) and value.startswith("https://"):
        yield value


def counted(dialect: str, usage: Any) -> Tokens | None:
    """Counts in each vendor's own arithmetic, checked against its own total."""
    if usage is None:
        return None
    match dialect:
        case "openai_chat" | "openai_responses":
            chat = dialect == "openai_chat"
            into, out = ("prompt", "completion") if chat else ("input", "output")
            prompt, output = usage[f"{into}_tokens"], usage[f"{out}_tokens"]
            assert usage["total_tokens"] == prompt + output
            details = usage.get(f"{into}_tokens_details", {})
            return Tokens(prompt, details.get("cached_tokens", 0), output)
        case "claude_messages":
            cached = usage.get("cache_read_input_tokens", 0)
            written = usage.get("cache_creation_input_tokens", 0)
            prompt = usage["input_tokens"] + cached + written
            return Tokens(prompt, cached, usage["output_tokens"])
        case _:
            prompt = usage.get("promptTokenCount", 0)
            prompt += usage.get("toolUsePromptTokenCount", 0)
            output = usage.get("candidatesTokenCount", 0)
            output += usage.get("thoughtsTokenCount", 0)
            assert usage.get("totalTokenCount", 0) in (0, prompt + output)
            return Tokens(prompt, usage.get("cachedContentTokenCount", 0), output)


# What was due.


def due(dialect: str, upstream: str, means: Means, *, whole: bool) -> Heard:
    """What a caller of a dialect should hear; `whole` in one document."""
    parts = tidied(VIEWS[dialect](means.parts))
    if dialect == "claude_messages":  # input is an object, unless there are pieces
        parts = tuple(
            Asked(p.name, {}) if isinstance(p, Cut) and (whole or not p.text) else p
            for p in parts
        )
    stop = means.stop
    declined = any(isinstance(part, Declined) for part in means.parts)
    if declined and dialect in ("claude_messages", "gemini") and stop is Stop.END:
        stop = Stop.REFUSED
    unknown = Tokens(0, 0, 0) if dialect == "claude_messages" else None
    return Heard(
        parts=parts,
        proofs=tuple(proofs_of(dialect, means.parts)),
        stop=stop if dialect == upstream else NEAREST.get((dialect, stop), stop),
        tokens=means.tokens or unknown,
        sources=means.sources,
        own=means.own and dialect == upstream,
    )


def proofs_of(dialect: str, parts: Iterable[Part]) -> Iterator[str]:
    """Chat has no place for those of words."""
    kinds = (Thought, Asked) if dialect == "openai_chat" else (Said, Thought, Asked)
    for part in parts:
        if isinstance(part, kinds) and part.proof:
            yield standard(part.proof)


def tidied(parts: Iterable[Part]) -> tuple[Part, ...]:
    """Without proofs and silence; summaries in a row are one thought."""
    out: list[Part] = []
    for part in parts:
        match part:
            case Said(text="") | Thought(text=""):
                continue
            case Thought(text=text):
                out.append(Thought(text))
            case _:
                out.append(part)
    return tuple(out)


def as_chat(parts: Iterable[Part]) -> tuple[Part, ...]:
    known = list(parts)
    words: list[Part] = []
    for kind in (Thought, Said, Declined):
        text = "".join(p.text for p in known if isinstance(p, kind))
        words += [kind(text)] if text else []
    return (*words, *(p for p in known if isinstance(p, Asked | Cut)))


def as_claude(parts: Iterable[Part]) -> tuple[Part, ...]:
    return tuple(Said(p.text) if isinstance(p, Declined) else p for p in parts)


def as_gemini(parts: Iterable[Part]) -> tuple[Part, ...]:
    """Words in a row are one part, unless a proof stands between them."""
    out: list[Part] = []
    for part in as_claude(parts):
        last = out[-1] if out else None
        match part:
            case Cut():
                continue
            case Said(text=text) if isinstance(last, Said):
                out[-1] = Said(last.text + text)
            case Thought(text=text) if isinstance(last, Thought) and not last.proof:
                out[-1] = Thought(last.text + text, part.proof)
            case _:
                out.append(part)
    return tuple(out)


VIEWS: Final[Mapping[str, Callable[[Iterable[Part]], tuple[Part, ...]]]] = {
    "openai_chat": as_chat,
    "openai_responses": tuple,
    "claude_messages": as_claude,
    "gemini": as_gemini,
}
