"""Ways to cut bytes into pieces, to show that cutting does not show."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator

__all__ = ["bytewise", "cut", "every_cut"]


def cut(data: bytes, at: Iterable[int]) -> list[bytes]:
    """`data` in pieces, cut at the given places (taken modulo its length)."""
    size = len(data) or 1
    marks = [0, *sorted({place % size for place in at}), len(data)]
    return [data[a:b] for a, b in itertools.pairwise(marks) if a < b]


def every_cut(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """All ways of cutting `data` in two, the empty pieces included."""
    return ((data[:i], data[i:]) for i in range(len(data) + 1))


def bytewise(data: bytes) -> list[bytes]:
    """One byte at a time."""
    return [data[i : i + 1] for i in range(len(data))]
