"""Annotations and probabilities, both ways."""

from __future__ import annotations

from typing import Any

import pytest

from cliproxy_core.dialects.openai_responses.grammar import NAME
from cliproxy_core.dialects.openai_responses.notes import (
    emit_citation,
    emit_probs,
    parse_citation,
    parse_probs,
)
from cliproxy_core.ir.citation import Citation, TokenProb

URL: Any = {
    "type": "url_citation",
    "url": "http://x",
    "title": "X",
    "start_index": 2,
    "end_index": 5,
}
FILE: Any = {"type": "file_citation", "file_id": "f", "filename": "a.pdf", "index": 1}


@pytest.mark.parametrize(
    ("raw", "citation"),
    [
        (
            URL,
            Citation(dialect=NAME, raw=URL, url="http://x", title="X", start=2, end=5),
        ),
        (FILE, Citation(dialect=NAME, raw=FILE, title="a.pdf")),
        ({"url": 7}, Citation(dialect=NAME, raw={"url": 7})),
        (
            {"start_index": True},
            Citation(dialect=NAME, raw={"start_index": True}),
        ),
    ],
)
def test_a_citation_of_our_own(raw: Any, citation: Citation) -> None:
    assert parse_citation(raw) == citation
    assert emit_citation(citation, 9) is citation.raw


def foreign(**told: Any) -> Citation:
    return Citation(dialect="gemini", raw={"web": 1}, **told)


@pytest.mark.parametrize(
    ("citation", "raw"),
    [
        (foreign(url="http://x", title="X", start=2, end=5), URL),
        (
            foreign(url="http://x"),
            {**URL, "title": "", "start_index": 0, "end_index": 9},
        ),
        (foreign(title="a book"), None),
    ],
)
def test_a_citation_of_others(citation: Citation, raw: Any) -> None:
    assert emit_citation(citation, 9) == raw


def test_probabilities_both_ways() -> None:
    raw: list[Any] = [
        {
            "token": "é",
            "logprob": -0.5,
            "bytes": [195, 169],
            "top_logprobs": [{"token": "e", "logprob": -1, "bytes": [101]}],
        }
    ]
    tokens = (TokenProb("é", -0.5, (195, 169), (TokenProb("e", -1, (101,)),)),)
    assert parse_probs(raw) == tokens
    assert emit_probs(tokens) == raw


def test_clients_want_bytes_whether_they_were_told_or_not() -> None:
    (told,) = emit_probs((TokenProb("é", -0.5),))
    assert told == {
        "token": "é",
        "logprob": -0.5,
        "bytes": [195, 169],
        "top_logprobs": [],
    }


@pytest.mark.parametrize(
    "raw", [None, 7, {}, [], [7], [{"token": 7, "logprob": 1}], [{"token": "x"}]]
)
def test_what_is_malformed_is_not_told(raw: Any) -> None:
    assert parse_probs(raw) == ()


def test_odd_bytes_are_unknown() -> None:
    raw: list[Any] = [{"token": "x", "logprob": 0, "bytes": "no", "top_logprobs": None}]
    assert parse_probs(raw) == (TokenProb("x", 0),)
