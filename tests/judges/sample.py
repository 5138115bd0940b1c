"""Hand-written answers and requests, for judging the judges."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, TypeAlias

import attrs

from .reading import Reading

__all__ = ["Answer", "Broken", "Document", "Illegal", "bare", "named"]

Document: TypeAlias = dict[str, Any]

Broken: TypeAlias = Mapping[str, tuple[Document, str]]
"""Requests with something wrong, and how the complaint that is due begins."""

Illegal: TypeAlias = Mapping[str, tuple[bytes, type[Exception], str]]
"""Streams that an SDK refuses: as what, and in which words."""


@attrs.frozen
class Answer:
    """An answer on the wire, and what is to be read from it."""

    stream: bytes = attrs.field(repr=False)
    reading: Reading
    document: Document | None = attrs.field(default=None, repr=False)
    """The same answer sent whole; an answer that was cut has no such form."""

    @property
    def whole(self) -> bytes:
        return json.dumps(self.document).encode()


def bare(*payloads: Document) -> bytes:
    """Events without names, as Chat and Gemini have them."""
    return b"".join(b"data: %b\n\n" % json.dumps(p).encode() for p in payloads)


def named(*payloads: Document) -> bytes:
    """Events named after their types, as Claude and Responses have them."""
    return b"".join(b"event: %b\n%b" % (p["type"].encode(), bare(p)) for p in payloads)
