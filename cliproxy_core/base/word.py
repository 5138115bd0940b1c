"""Enumerations that are keys on the hot path."""

from __future__ import annotations

import enum

__all__ = ["Word"]


class Word(enum.Enum):
    """An enumeration whose members hash by identity.

    `enum.Enum` hashes in Python, by name (0.15 microseconds each time on CPython 3.11),
    and the timers of one request are looked up a few dozen times.
    """

    __hash__ = object.__hash__
