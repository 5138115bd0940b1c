"""Sources and probabilities, both ways; what is malformed is not told."""

from __future__ import annotations

from typing import Any

import pytest

from cliproxy_core.dialects.openai_chat.notes import (
    emit_citation,
    emit_probs,
    parse_citations,
    parse_probs,
)
from cliproxy_core.ir.citation import Citation, TokenProb


def annotation(start: int, end: int, **more: Any) -> dict[str, Any]:
    inner = {"start_index": start, "end_index": end, "title": "t", "url": "u", **more}
    return {"type": "url_citation", "url_citation": inner}


def test_an_own_source_both_ways() -> None:
    raw = annotation(1, 3, content="c")
    (source,) = parse_citations([{**raw, "index": 7}])
    assert source == Citation(
        dialect="openai_chat", raw=raw, url="u", title="t", quoted="c", start=1, end=3
    )
    assert emit_citation(source, 5, 10) == raw


@pytest.mark.parametrize("raw", [None, 5, {}, [], [5]])
def test_what_is_no_source(raw: Any) -> None:
    assert parse_citations(raw) == []


def test_a_source_of_an_unknown_kind() -> None:
    (source,) = parse_citations([{"type": "new", "url": 5, "start_index": True}])
    assert (source.url, source.start) == (None, None)


@pytest.mark.parametrize(
    ("fields", "want"),
    [
        ({"start": 1, "end": 3, "url": "u", "title": "t"}, annotation(6, 8)),
        ({"url": "u", "title": "t"}, annotation(5, 15)),
        ({"url": "u"}, annotation(5, 15, title="")),
        ({"title": "t"}, None),
    ],
)
def test_a_source_of_another_dialect(fields: Any, want: Any) -> None:
    source = Citation(dialect="other", raw={}, **fields)
    assert emit_citation(source, 5, 10) == want


def told(token: str, octets: Any, *top: Any) -> dict[str, Any]:
    return {"token": token, "logprob": -0.5, "bytes": octets, "top_logprobs": list(top)}


ALIKE = {"token": "b", "logprob": -1, "bytes": None}


def test_probabilities_both_ways() -> None:
    raw: Any = {"content": [told("a", [97], ALIKE), told("", [])], "refusal": None}
    tokens = (
        TokenProb("a", -0.5, (97,), (TokenProb("b", -1),)),
        TokenProb("", -0.5, ()),
    )
    assert parse_probs(raw) == tokens
    assert emit_probs(tokens) == raw
    other = {"content": None, "refusal": raw["content"]}
    assert parse_probs(other) == tokens
    assert emit_probs(tokens, refusing=True) == other


@pytest.mark.parametrize(
    "raw",
    [
        None,
        [],
        {},
        {"content": 5},
        {"content": [5, {}, {"token": "a"}, {"logprob": 1}]},
    ],
)
def test_what_is_no_probability(raw: Any) -> None:
    assert parse_probs(raw) == ()
