"""Notes on words: this API's annotations and token probabilities, and the neutral ones.

Both are optional extras of a text, so what is malformed in one reads as not told.
"""

from __future__ import annotations

from cliproxy_core.base.jsonval import Json, JsonObject
from cliproxy_core.ir.citation import Citation, TokenProb

from .grammar import NAME

__all__ = ["emit_citation", "emit_probs", "parse_citation", "parse_probs"]


def parse_citation(raw: JsonObject) -> Citation:
    """An annotation of any kind, known or not."""
    return Citation(
        dialect=NAME,
        raw=raw,
        url=_text(raw, "url"),
        title=_text(raw, "title") or _text(raw, "filename"),
        start=_count(raw, "start_index"),
        end=_count(raw, "end_index"),
    )


def emit_citation(citation: Citation, length: int) -> JsonObject | None:
    """As this API writes it, for a text of a length; None where it has no way to.

    A source for nobody knows which words is one for all of them.
    """
    if citation.dialect == NAME:
        return citation.raw
    if citation.url is None:
        return None
    return {
        "type": "url_citation",
        "start_index": citation.start or 0,
        "end_index": length if citation.end is None else citation.end,
        "url": citation.url,
        "title": citation.title or "",
    }


def parse_probs(raw: Json) -> tuple[TokenProb, ...]:
    """The tokens of a `logprobs` list."""
    if not isinstance(raw, list):
        return ()
    found = (_prob(entry) for entry in raw if isinstance(entry, dict))
    return tuple(prob for prob in found if prob is not None)


def emit_probs(tokens: tuple[TokenProb, ...]) -> list[Json]:
    """A `logprobs` list."""
    return [
        {**_told(token), "top_logprobs": [_told(other) for other in token.top]}
        for token in tokens
    ]


def _prob(entry: JsonObject) -> TokenProb | None:
    token, logprob, told = entry.get("token"), entry.get("logprob"), entry.get("bytes")
    if not isinstance(token, str) or not isinstance(logprob, int | float):
        return None
    octets = told if isinstance(told, list) else []
    known = tuple(octet for octet in octets if isinstance(octet, int))
    top = parse_probs(entry.get("top_logprobs"))
    return TokenProb(token, logprob, known or None, top)


def _told(token: TokenProb) -> JsonObject:
    octets = token.token.encode() if token.bytes is None else token.bytes
    return {"token": token.token, "logprob": token.logprob, "bytes": list(octets)}


def _text(raw: JsonObject, key: str) -> str | None:
    value = raw.get(key)
    return value if isinstance(value, str) else None


def _count(raw: JsonObject, key: str) -> int | None:
    value = raw.get(key)
    return value if isinstance(value, int) and not isinstance(value, bool) else None
