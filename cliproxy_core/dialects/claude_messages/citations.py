"""Sources for words: this API's citation objects, and the neutral ones."""

from __future__ import annotations

from typing import Final

from cliproxy_core.base.jsonval import Json, JsonObject
from cliproxy_core.ir.citation import Citation

from .grammar import NAME

__all__ = ["emit_citation", "parse_citation"]

# The address of a source stands under a name of its own in each kind of citation.
_ADDRESSES: Final = ("url", "source")


def parse_citation(raw: JsonObject) -> Citation:
    """A citation of any kind, known or not."""
    address = next((raw[key] for key in _ADDRESSES if raw.get(key)), None)
    return Citation(
        dialect=NAME,
        raw=raw,
        url=_text(address),
        title=_text(raw.get("title") or raw.get("document_title")),
        quoted=_text(raw.get("cited_text")),
    )


def _text(value: Json) -> str | None:
    return value if isinstance(value, str) else None


def emit_citation(citation: Citation) -> JsonObject | None:
    """As this API writes it; None where it has no way to."""
    if citation.dialect == NAME:
        return citation.raw
    if citation.url is None:
        return None
    return {
        "type": "web_search_result_location",
        "url": citation.url,
        "title": citation.title,
        "cited_text": citation.quoted or "",
        # Only the vendor's own search can be asked for the passage again.
        "encrypted_index": "",
    }
