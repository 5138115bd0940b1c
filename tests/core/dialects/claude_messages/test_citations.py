"""Citations of this API and of others."""

from __future__ import annotations

from typing import Any

import pytest

from cliproxy_core.dialects.claude_messages.citations import (
    emit_citation,
    parse_citation,
)
from cliproxy_core.ir.citation import Citation

NAME = "claude_messages"

WEB = {
    "type": "web_search_result_location",
    "url": "http://x",
    "title": "X",
    "cited_text": "words",
    "encrypted_index": "e",
}
PAGES = {"type": "page_location", "document_title": "D", "cited_text": "w"}
RESULT = {"type": "search_result_location", "source": "http://y", "title": None}


@pytest.mark.parametrize(
    ("raw", "known"),
    [
        (WEB, {"url": "http://x", "title": "X", "quoted": "words"}),
        (PAGES, {"title": "D", "quoted": "w"}),
        (RESULT, {"url": "http://y"}),
        ({"type": "new", "url": 3}, {}),
    ],
)
def test_every_kind_is_read_and_goes_back_as_it_came(raw: Any, known: Any) -> None:
    citation = parse_citation(raw)
    assert citation == Citation(dialect=NAME, raw=raw, **known)
    assert emit_citation(citation) is raw


def test_a_foreign_source_needs_an_address() -> None:
    foreign = Citation(dialect="gemini", raw={}, url="http://x", title="X")
    assert emit_citation(foreign) == WEB | {"cited_text": "", "encrypted_index": ""}
    assert emit_citation(Citation(dialect="gemini", raw={}, title="X")) is None
