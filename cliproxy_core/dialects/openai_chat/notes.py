"""Notes on words: this API's annotations and token probabilities, and the neutral ones.

Both are optional extras of a message, so what is malformed in one reads as not told.
An annotation counts characters from the start of the message, a neutral citation from
that of its block.
"""

from __future__ import annotations

from collections.abc import Iterable

from cliproxy_core.base.jsonval import Json, JsonObject
from cliproxy_core.ir.citation import Citation, TokenProb

from .grammar import NAME

__all__ = ["emit_citation", "emit_probs", "parse_citations", "parse_probs"]

_KIND = "url_citation"


def parse_citations(raw: Json) -> list[Citation]:
    """The annotations of a message or a delta, of any kind, known or not."""
    entries = raw if isinstance(raw, list) else []
    return [_parse_citation(entry) for entry in entries if isinstance(entry, dict)]


def _parse_citation(entry: JsonObject) -> Citation:
    inner = entry.get(_KIND)
    told = inner if isinstance(inner, dict) else entry
    return Citation(
        dialect=NAME,
        # The place in the list of a delta is news of the stream, not of the source.
        raw={key: value for key, value in entry.items() if key != "index"},
        url=_text(told, "url"),
        title=_text(told, "title"),
        quoted=_text(told, "content"),
        start=_count(told, "start_index"),
        end=_count(told, "end_index"),
    )


def emit_citation(citation: Citation, before: int, length: int) -> JsonObject | None:
    """As this API writes it, for a text of a length with so much before it in the
    message; None where it has no way to.

    A source for nobody knows which words is one for all of them.
    """
    if citation.dialect == NAME:
        return citation.raw
    if citation.url is None:
        return None
    end = length if citation.end is None else citation.end
    return {
        "type": _KIND,
        _KIND: {
            "start_index": before + (citation.start or 0),
            "end_index": before + end,
            "title": citation.title or "",
            "url": citation.url,
        },
    }


def parse_probs(raw: Json) -> tuple[TokenProb, ...]:
    """The tokens of a `logprobs` object: those of words, then those of a refusal."""
    if not isinstance(raw, dict):
        return ()
    return (*_probs(raw.get("content")), *_probs(raw.get("refusal")))


def _probs(raw: Json) -> tuple[TokenProb, ...]:
    entries = raw if isinstance(raw, list) else []
    found = (_prob(entry) for entry in entries if isinstance(entry, dict))
    return tuple(prob for prob in found if prob is not None)


def _prob(entry: JsonObject) -> TokenProb | None:
    token, logprob, told = entry.get("token"), entry.get("logprob"), entry.get("bytes")
    if not isinstance(token, str) or not isinstance(logprob, int | float):
        return None
    octets: tuple[int, ...] | None = None
    if isinstance(told, list):
        octets = tuple(octet for octet in told if isinstance(octet, int))
    return TokenProb(token, logprob, octets, _probs(entry.get("top_logprobs")))


def emit_probs(tokens: Iterable[TokenProb], *, refusing: bool = False) -> JsonObject:
    """A `logprobs` object."""
    told: list[Json] = [
        {**_told(token), "top_logprobs": [_told(other) for other in token.top]}
        for token in tokens
    ]
    return {
        "content": None if refusing else told,
        "refusal": told if refusing else None,
    }


def _told(token: TokenProb) -> JsonObject:
    octets = None if token.bytes is None else list(token.bytes)
    return {"token": token.token, "logprob": token.logprob, "bytes": octets}


def _text(raw: JsonObject, key: str) -> str | None:
    value = raw.get(key)
    return value if isinstance(value, str) else None


def _count(raw: JsonObject, key: str) -> int | None:
    value = raw.get(key)
    return value if isinstance(value, int) and not isinstance(value, bool) else None
