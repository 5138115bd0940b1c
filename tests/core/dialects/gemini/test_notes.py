"""Sources for words, and how likely they were, both ways."""

from __future__ import annotations

from typing import Any

import pytest

from cliproxy_core.dialects.gemini.notes import (
    Cited,
    emit_citations,
    emit_logprobs,
    parse_citations,
    parse_logprobs,
)
from cliproxy_core.ir.citation import Citation, TokenProb

WORDS = Cited("Wörld 😀 ends.", 0)
WEB = {"web": {"uri": "https://a.example", "title": "A"}}
MAPS = {"maps": {"uri": "https://m.example"}}


def support(start: int | None, end: int | None, *numbers: int, **more: Any) -> Any:
    places = {"startIndex": start, "endIndex": end, **more}
    segment = {key: place for key, place in places.items() if place is not None}
    return {"segment": segment, "groundingChunkIndices": list(numbers)}


def grounded(chunks: list[Any], *supports: Any) -> Any:
    metadata = {"groundingChunks": chunks, "groundingSupports": list(supports)}
    return {"groundingMetadata": metadata}


def shown(citations: list[Citation]) -> list[tuple[Any, ...]]:
    return [(c.url, c.title, c.start, c.end) for c in citations]


@pytest.mark.parametrize(
    ("candidate", "want"),
    [
        ({}, []),
        ({"groundingMetadata": 5, "citationMetadata": 5}, []),
        ({"groundingMetadata": {"webSearchQueries": ["x"]}}, []),
        (grounded([WEB]), [("https://a.example", "A", None, None)]),
        # Two bytes for the umlaut, four for the face.
        (grounded([WEB], support(0, 6, 0)), [("https://a.example", "A", 0, 5)]),
        (grounded([WEB], support(7, 11, 0)), [("https://a.example", "A", 6, 7)]),
        (grounded([WEB], support(None, 6, 0)), [("https://a.example", "A", 0, 5)]),
        (
            grounded([WEB, MAPS], support(0, 6, 0, 1, 5)),
            [("https://a.example", "A", 0, 5), ("https://m.example", None, 0, 5)],
        ),
        (grounded([WEB], support(0, 99, 0)), [("https://a.example", "A", 0, None)]),
        (
            grounded([WEB], support(0, 6, 0, partIndex=1)),
            [("https://a.example", "A", None, None)],
        ),
        (grounded([{"x": 1}]), [(None, None, None, None)]),
        (grounded([WEB], {"groundingChunkIndices": [True, "0"]}), []),
        (grounded([WEB], 5), [("https://a.example", "A", None, None)]),
        (
            {"citationMetadata": {"citationSources": [{"uri": "u", "endIndex": 6}]}},
            [("u", None, None, 5)],
        ),
        (
            {
                "citationMetadata": {
                    "citations": [{"uri": "u", "title": "T", "startIndex": 7}]
                }
            },
            [("u", "T", 6, None)],
        ),
    ],
)
def test_sources(candidate: Any, want: list[tuple[Any, ...]]) -> None:
    assert shown(parse_citations(candidate, WORDS)) == want


def test_places_are_counted_over_all_the_words() -> None:
    later = Cited("Wörld", 10)
    (found,) = parse_citations(grounded([WEB], support(11, 13, 0)), later)
    assert (found.start, found.end) == (1, 2)
    (outside,) = parse_citations(grounded([WEB], support(3, 6, 0)), later)
    assert (outside.start, outside.end) == (None, None)
    assert (later.byte(1), later.byte(2), later.byte(None)) == (11, 13, None)


def cite(**more: Any) -> Citation:
    return Citation(dialect="claude_messages", raw={"x": 1}, **more)


def test_sources_are_said() -> None:
    fields, lost = emit_citations(
        [
            (cite(url="https://a.example", title="A", start=0, end=5), WORDS),
            (cite(url="https://a.example", title="A", start=6, end=7), WORDS),
            (cite(url="https://b.example"), WORDS),
            (cite(title="only a name"), WORDS),
        ]
    )
    assert lost == 1
    assert fields == {
        "groundingMetadata": {
            "groundingChunks": [WEB, {"web": {"uri": "https://b.example"}}],
            "groundingSupports": [
                {
                    "segment": {"startIndex": 0, "endIndex": 6, "text": "Wörld"},
                    "groundingChunkIndices": [0],
                },
                {
                    "segment": {"startIndex": 7, "endIndex": 11, "text": "😀"},
                    "groundingChunkIndices": [0],
                },
            ],
        }
    }
    back = shown(parse_citations(fields, WORDS))
    assert back == [("https://a.example", "A", 0, 5), ("https://a.example", "A", 6, 7)]


def test_sources_of_its_own_keep_their_kind() -> None:
    came = parse_citations(grounded([MAPS]), WORDS)
    fields, lost = emit_citations([(citation, WORDS) for citation in came])
    assert (fields, lost) == ({"groundingMetadata": {"groundingChunks": [MAPS]}}, 0)


def test_no_sources() -> None:
    assert emit_citations([]) == ({}, 0)
    assert emit_citations([(cite(), WORDS)]) == ({}, 1)


TOKENS = (
    TokenProb("a", -0.5, top=(TokenProb("a", -0.5), TokenProb("b", -1))),
    TokenProb("c", 0),
)
RESULT: dict[str, Any] = {
    "logprobsResult": {
        "chosenCandidates": [
            {"token": "a", "logProbability": -0.5},
            {"token": "c", "logProbability": 0},
        ],
        "topCandidates": [
            {
                "candidates": [
                    {"token": "a", "logProbability": -0.5},
                    {"token": "b", "logProbability": -1},
                ]
            },
            {"candidates": []},
        ],
    }
}


def test_probabilities_both_ways() -> None:
    assert parse_logprobs(RESULT) == TOKENS
    assert emit_logprobs(TOKENS) == RESULT


def test_probabilities_without_alternatives() -> None:
    plain = TOKENS[1:]
    told = emit_logprobs(plain)
    assert told == {
        "logprobsResult": {"chosenCandidates": [{"token": "c", "logProbability": 0}]}
    }
    assert parse_logprobs(told) == plain


@pytest.mark.parametrize(
    "candidate", [{}, {"logprobsResult": 5}, {"logprobsResult": {}}]
)
def test_no_probabilities(candidate: Any) -> None:
    assert parse_logprobs(candidate) == ()
    assert emit_logprobs(()) == {}


def test_odd_probabilities() -> None:
    odd: Any = {
        "logprobsResult": {
            "chosenCandidates": [{"token": 5, "logProbability": True}, 5]
        }
    }
    assert parse_logprobs(odd) == (TokenProb("", 0),)
