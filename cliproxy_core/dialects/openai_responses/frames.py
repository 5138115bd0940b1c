"""Frames of this API: every one has its type twice and a number.

Numbers count from 0 over all frames of a stream. A delta is a template that is filled
with its number and its text; every other frame is written from a document.
"""

from __future__ import annotations

from typing import Final

import attrs

from cliproxy_core.base.jsonval import JsonObject, dumps, write
from cliproxy_core.ir.dialect import Sent
from cliproxy_core.ir.grammar import Step

from .grammar import classify

__all__ = ["Growth", "Writer", "growth_of"]

_FRAME: Final = b"event: %b\ndata: %b\n\n"
_RESPONSE: Final = b'{"type":"%b","sequence_number":%d,"response":%b}'
_DELTA: Final = (
    b'event: %b\ndata: {"type":"%b","sequence_number":%%d,%b,"delta":%%b%b}\n\n'
)

# SDKs demand the field on every delta of a text, whether anybody asked for it or not.
_NO_PROBS: Final = b',"logprobs":[]'


@attrs.define
class Growth:
    """A block that grows: what a delta of it looks like, and the pieces so far."""

    template: bytes = attrs.field(repr=False)
    """To be filled with a number and a JSON string."""
    steps: tuple[Step, ...]
    pieces: list[str] = attrs.field(factory=list, init=False, repr=False)

    @property
    def text(self) -> str:
        return "".join(self.pieces)


def growth_of(kind: str, place: JsonObject) -> Growth:
    """A block whose deltas have a type and a place."""
    name = kind.encode()
    rest = _NO_PROBS if kind == "response.output_text.delta" else b""
    around = dumps(place)[1:-1].replace(b"%", b"%%")
    template = _DELTA % (name, name, around, rest)
    return Growth(template, classify({"type": kind, **place}))


@attrs.define
class Writer:
    """Numbers what is said."""

    number: int = attrs.field(default=0, init=False)
    """Of the next frame."""

    def say(self, kind: str, fields: JsonObject, out: list[Sent]) -> None:
        payload: JsonObject = {"type": kind, "sequence_number": self.number, **fields}
        self.number += 1
        frame = _FRAME % (kind.encode(), write(payload))
        out.append((classify(payload), frame))

    def say_response(self, kind: str, response: bytes, out: list[Sent]) -> None:
        """An event about the response as a whole, which is written already."""
        name = kind.encode()
        data = _RESPONSE % (name, self.number, response)
        self.number += 1
        out.append((classify({"type": kind}), _FRAME % (name, data)))

    def grow(self, growth: Growth, text: str, out: list[Sent]) -> None:
        growth.pieces.append(text)
        out.append((growth.steps, growth.template % (self.number, dumps(text))))
        self.number += 1
