"""What upstreams say in the matrix: the words, the calls, the counts.

Every `upstream_*.py` writes the same scenes by hand, as its vendor would; what callers
must make of them is in `test_answers.py`.
"""

from __future__ import annotations

import json
from typing import Final

import attrs

from tests.judges.sample import Document

__all__ = [
    "ARGUMENTS",
    "BIG",
    "BIG_MARKS",
    "BIG_PIECES",
    "BUSY",
    "CUT_ARGUMENTS",
    "LETTERS",
    "PROOF",
    "REFUSAL",
    "THOUGHT",
    "TWO",
    "Spoken",
    "events",
    "whole",
]

# Letters of one to four bytes, what JSON must escape, what ends lines elsewhere.
LETTERS: Final = 'aé日本😀𝄞\u2028\u2029\x7f"\\/\n\t end'
THOUGHT: Final = ("hmm, ", "so")
# Base64, as Gemini demands; opaque to all others.
PROOF: Final = "c2lnbmVk"
REFUSAL: Final = ("I ", "won't.")
BUSY: Final = "all are busy 😀"

ARGUMENTS: Final = '{"city": "Zürich", "n": 1.0}'
TWO: Final = (
    ("f", '{"n": 1.0, "b": true}'),
    ("g", '{"x": 12345678901234567890}'),
)
CUT_ARGUMENTS: Final = '{"x": 1, "y": "ab'

# Spellings that a parser of numbers would lose, in an order that none would choose.
BIG_MARKS: Final = ("12345678901234567890123", "1E+2", "-0.0", "2.50", "1e-7")
BIG_PIECES: Final = (
    '{{"z": {}, "a": [{}, {}, {}, {}], "t": "'.format(*BIG_MARKS),
    *("x" * 20_000 for _ in range(5)),
    '", "é": {"": null}}',
)
BIG: Final = "".join(BIG_PIECES)


@attrs.frozen
class Spoken:
    """One scene as an upstream puts it on the wire."""

    stream: bytes = attrs.field(repr=False)
    whole: bytes | None = attrs.field(default=None, repr=False)
    """The same answer as one document; what broke off has no such form."""


def whole(document: Document, raw: str | None = None) -> bytes:
    """A document; `raw` is JSON that stands where it says `@raw`."""
    text = json.dumps(document, ensure_ascii=False)
    return (text if raw is None else text.replace('"@raw"', raw)).encode()


def events(*payloads: Document, named: bool = False, raw: str | None = None) -> bytes:
    """Events of a stream, with letters as they are and not as escapes."""
    out = []
    for payload in payloads:
        name = b"event: %b\n" % payload["type"].encode() if named else b""
        out.append(b"%bdata: %b\n\n" % (name, whole(payload, raw)))
    return b"".join(out)
