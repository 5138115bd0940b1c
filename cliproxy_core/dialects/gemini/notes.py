"""What a candidate says about its words: sources for them, and how likely they were.

Places are counted in bytes of UTF-8 over all the words of a candidate on this wire, in
code points of a block in the neutral form.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import attrs

from cliproxy_core.base.jsonval import Json, JsonObject
from cliproxy_core.ir.citation import Citation, TokenProb

from .grammar import NAME

__all__ = [
    "NOTES",
    "Cited",
    "emit_citations",
    "emit_logprobs",
    "parse_citations",
    "parse_logprobs",
]

NOTES: Final = ("groundingMetadata", "citationMetadata", "logprobsResult")
"""The fields of a candidate that are read here."""

# Kinds of grounding chunks that have an address.
_SOURCES: Final = ("web", "maps", "retrievedContext", "image")


@attrs.define
class Cited:
    """The words of one block, to find places in."""

    text: str
    before: int
    """Bytes of the candidate's words before it."""

    def code_point(self, place: Json) -> int | None:
        """What the place is in the block; None for one outside of it."""
        if isinstance(place, bool) or not isinstance(place, int):
            return None
        data = self.text.encode()
        if not self.before <= place <= self.before + len(data):
            return None
        return len(data[: place - self.before].decode("utf-8", "ignore"))

    def byte(self, place: int | None) -> int | None:
        """The way back."""
        if place is None:
            return None
        return self.before + len(self.text[:place].encode())


def parse_citations(candidate: JsonObject, cited: Cited) -> list[Citation]:
    """The sources that a candidate names for the words of a block."""
    grounding = candidate.get("groundingMetadata")
    out = _grounded(grounding, cited) if isinstance(grounding, dict) else []
    quoted = candidate.get("citationMetadata")
    if isinstance(quoted, dict):
        for source in _list(quoted, "citationSources") + _list(quoted, "citations"):
            out.append(_citation(source, source, source, cited))
    return out


def _grounded(grounding: JsonObject, cited: Cited) -> list[Citation]:
    chunks = _list(grounding, "groundingChunks")
    supports = _list(grounding, "groundingSupports")
    out: list[Citation] = []
    for support in supports:
        segment = support.get("segment")
        segment = segment if isinstance(segment, dict) else {}
        # A segment of a later part is counted from that part's start.
        place = {} if segment.get("partIndex") else segment
        numbers = support.get("groundingChunkIndices")
        for number in numbers if isinstance(numbers, list) else ():
            if type(number) is int and 0 <= number < len(chunks):
                chunk = chunks[number]
                # What is left out is zero (protocol buffers).
                start: JsonObject = {"startIndex": 0} if "endIndex" in place else {}
                out.append(_citation(chunk, _source(chunk), {**start, **place}, cited))
    if not supports:
        out = [_citation(chunk, _source(chunk), {}, cited) for chunk in chunks]
    return out


def _source(chunk: JsonObject) -> JsonObject:
    found = (chunk.get(key) for key in _SOURCES)
    return next((source for source in found if isinstance(source, dict)), {})


def _citation(
    raw: JsonObject, source: JsonObject, place: JsonObject, cited: Cited
) -> Citation:
    return Citation(
        dialect=NAME,
        raw=raw,
        url=_text(source.get("uri")) or _text(source.get("sourceUri")),
        title=_text(source.get("title")),
        start=cited.code_point(place.get("startIndex")),
        end=cited.code_point(place.get("endIndex")),
    )


def emit_citations(
    citations: Sequence[tuple[Citation, Cited]],
) -> tuple[JsonObject, int]:
    """The fields for sources, and how many sources have no place in them."""
    chunks: list[Json] = []
    supports: list[Json] = []
    for citation, cited in citations:
        chunk = _chunk(citation)
        if chunk is None:
            continue
        if chunk not in chunks:
            chunks.append(chunk)
        start, end = cited.byte(citation.start), cited.byte(citation.end)
        if start is None or end is None:
            continue
        words = cited.text[citation.start : citation.end]
        segment: JsonObject = {"startIndex": start, "endIndex": end, "text": words}
        numbers: list[Json] = [chunks.index(chunk)]
        supports.append({"segment": segment, "groundingChunkIndices": numbers})
    lost = sum(_chunk(citation) is None for citation, _ in citations)
    if not chunks:
        return {}, lost
    grounding: JsonObject = {"groundingChunks": chunks}
    if supports:
        grounding["groundingSupports"] = supports
    return {"groundingMetadata": grounding}, lost


def _chunk(citation: Citation) -> JsonObject | None:
    if citation.dialect == NAME and any(key in citation.raw for key in _SOURCES):
        return citation.raw
    if citation.url is None:
        return None
    title: JsonObject = {} if citation.title is None else {"title": citation.title}
    return {"web": {"uri": citation.url, **title}}


def parse_logprobs(candidate: JsonObject) -> tuple[TokenProb, ...]:
    """The tokens that were drawn, and what else might have been."""
    result = candidate.get("logprobsResult")
    if not isinstance(result, dict):
        return ()
    tops = [_list(top, "candidates") for top in _list(result, "topCandidates")]
    drawn = _list(result, "chosenCandidates")
    tops += [[]] * (len(drawn) - len(tops))
    return tuple(
        _prob(token, tuple(_prob(other) for other in top))
        for token, top in zip(drawn, tops, strict=False)
    )


def _prob(token: JsonObject, top: tuple[TokenProb, ...] = ()) -> TokenProb:
    logprob = token.get("logProbability")
    told = isinstance(logprob, int | float) and not isinstance(logprob, bool)
    return TokenProb(
        _text(token.get("token")) or "",
        logprob if told and isinstance(logprob, int | float) else 0,
        top=top,
    )


def emit_logprobs(tokens: Sequence[TokenProb]) -> JsonObject:
    """The field for them; none for no tokens."""
    if not tokens:
        return {}
    result: JsonObject = {"chosenCandidates": [_emit_prob(token) for token in tokens]}
    if any(token.top for token in tokens):
        result["topCandidates"] = [
            {"candidates": [_emit_prob(other) for other in token.top]}
            for token in tokens
        ]
    return {"logprobsResult": result}


def _emit_prob(token: TokenProb) -> JsonObject:
    return {"token": token.token, "logProbability": token.logprob}


def _list(holder: JsonObject, key: str) -> list[JsonObject]:
    values = holder.get(key)
    found = values if isinstance(values, list) else []
    return [value for value in found if isinstance(value, dict)]


def _text(value: Json) -> str | None:
    return value if isinstance(value, str) and value else None
