"""Numbers that remember how they were spelled.

orjson turns integers beyond 64 bits into floats and writes `1e5` as `100000.0`. Who
hands on somebody else's values may not do that: an identifier would become another
one. Here a number that orjson would not give back as it came is an `int` or a `float`
with its text beside it; every other number is a plain one.

Whether a document holds such a number is decided without reading it value by value:
strings are cut out first, which takes two runs of `memchr` and leaves little of a body
full of prose or base64, and one pattern looks through the rest.
"""

from __future__ import annotations

import json
import re
from typing import Final

import orjson

__all__ = ["ExactFloat", "ExactInt", "parse", "rewritten", "spelled"]

# A document without its strings, in which orjson (3.13) gives every number back just
# as it came. A number in doubt does not match: that only costs time. Possessive, as
# nothing else could be matched by going back.
_PLAIN: Final = re.compile(
    rb"""
    (?: [^-\d]++
      | -?+ [1-9]\d{0,17}+ (?![\d.eE])  # within 64 bits
      | [1-9]\d{18} (?![\d.eE])         # the same, without a sign
      | 0 (?![\d.eE])                   # -0 is written without its sign
      | -?+ (?!0\.0000)                 # nearer to zero orjson may write an exponent
        (?![\d.]{17})                   # a double holds up to 15 digits in any case
        (?: 0 | [1-9]\d*+ ) \. (?: 0(?!\d) | \d*[1-9] ) (?![\deE])
    )*+
    """,
    re.VERBOSE,
)


class ExactInt(int):
    """An integer that orjson would write differently."""

    text: str

    def __new__(cls, text: str) -> ExactInt:
        self = super().__new__(cls, text)
        self.text = text
        return self


class ExactFloat(float):
    """A number with a fraction or an exponent that orjson would write differently."""

    text: str

    def __new__(cls, text: str) -> ExactFloat:
        self = super().__new__(cls, text)
        self.text = text
        return self


def rewritten(document: bytes) -> bool:
    """Whether orjson might not give a number of this (valid) document back as it came.

    Backslashes occur in strings only, so that without escaped ones and escaped quotes
    every other piece between quotes is a string.
    """
    if b"\\" in document:
        document = document.replace(b"\\\\", b"").replace(b'\\"', b"")
    outside = b'"'.join(document.split(b'"')[::2])
    return _PLAIN.fullmatch(outside) is None


def parse(document: str) -> object:
    """The value of a document that orjson has accepted. May raise `RecursionError`."""
    value: object = _DECODER.decode(document)
    return value


def spelled(number: object) -> orjson.Fragment:
    """What orjson shall write for a value that it does not know itself."""
    if isinstance(number, ExactInt | ExactFloat):
        return orjson.Fragment(number.text)
    raise TypeError


def _int(text: str) -> int:
    number = ExactInt(text)
    fits = -(2**63) <= number < 2**64 and text != "-0"
    return int(number) if fits else number


def _float(text: str) -> float:
    number = float(text)
    return number if orjson.dumps(number) == text.encode() else ExactFloat(text)


_DECODER: Final = json.JSONDecoder(parse_int=_int, parse_float=_float)
